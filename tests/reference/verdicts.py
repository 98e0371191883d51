"""The slow twin of tallying and verdicts: the rules of §3.1, 3.3–3.5, 3.11 and 6.1 as a clerk would apply them.
Elections and ratings: `elections`.

Written from the rule text, one body after another, by counting heads. It knows no profile, no fraction and none of
the product's code on purpose; it is the judge of both.
"""

from collections.abc import Sequence

HEAD = 0
"""Place of the body's head in the hall."""
COUNCILS = {"hdnd-tinh", "hdnd-xa"}


def outcome(body: str, hall: Sequence[str], matter: str = "resolution", *, secret: bool = False) -> str:
    """What became of it.

    hall  one word for each member in office: for, against, abstain, invalid (a spoiled paper), silent (there, no
    ballot), absent. The first is the head of the body, and presides.
    secret  nobody knows who answered what, nor how the head did
    """
    if not enough_there(body, hall):
        return "no_quorum"
    votes_for = sum(word == "for" for word in hall)
    votes_against = sum(word == "against" for word in hall)
    everybody = len(hall)
    if matter in {"removal", "reduced", "confidence"}:
        assert body in COUNCILS
        return "passed" if councils_own(hall, matter) else "not_passed"
    if body == "hoi":
        # more for than against; who abstains or is silent does not count; equal: the chair's casting vote, given later
        if votes_for > votes_against:
            return "passed"
        return "undecided" if votes_for == votes_against > 0 else "not_passed"
    if body == "hop-hanh-chinh":
        # more than half of those there; no rule for ties
        there = sum(word != "absent" for word in hall)
        return "passed" if votes_for > there - votes_for else "not_passed"
    if votes_for > everybody - votes_for:
        return "passed"
    if body in COUNCILS:
        return "not_passed"
    return settled_by_the_head("silent" if secret else hall[HEAD], votes_for, votes_against)


def councils_own(hall: Sequence[str], matter: str) -> bool:
    """Whether a Council removes a deputy, decides what it still may, or keeps its confidence."""
    votes_for = sum(word == "for" for word in hall)
    if matter == "removal":
        # at least two thirds of all deputies
        return 3 * votes_for >= 2 * len(hall)
    if matter == "reduced":
        # more than two thirds of those remaining
        return 3 * votes_for > 2 * len(hall)
    # lost when more than half of the papers in the box say so, whatever the other papers say
    papers = sum(word not in {"silent", "absent"} for word in hall)
    votes_against = sum(word == "against" for word in hall)
    return not votes_against > papers - votes_against


def settled_by_the_head(head: str, votes_for: int, votes_against: int) -> str:
    """Votes are equal: the side on which the Prime Minister, the Chairman, the Minister voted."""
    if votes_for != votes_against or votes_for == 0:
        return "not_passed"
    if head == "for":
        return "passed"
    if head in {"silent", "absent"}:
        return "undecided"
    return "not_passed"


def enough_there(body: str, hall: Sequence[str]) -> bool:
    """At least two thirds of all members; more than half in an association and at an administrative meeting."""
    assert body in {"chinh-phu", "ubnd-tinh", "ubnd-xa", "lanh-dao-bo", "hoi", "hop-hanh-chinh"} | COUNCILS
    there = [word for word in hall if word != "absent"]
    if body in {"hoi", "hop-hanh-chinh"}:
        return len(there) > len(hall) - len(there)
    return len(there) * 3 >= len(hall) * 2


def choice(body: str, hall: Sequence[str]) -> str | None:
    """Which alternative more than half took: the hall says option-1, option-2, other, abstain …

    Half of all members; of those there at an administrative meeting; of the ballots cast in an association.
    """
    if body == "hop-hanh-chinh":
        hall = [word for word in hall if word != "absent"]
    if body == "hoi":
        hall = [word for word in hall if word not in {"absent", "silent"}]
    for option in sorted({word for word in hall if word.startswith("option-")}):
        takers = [word for word in hall if word == option]
        if len(takers) > len(hall) - len(takers):
            return option
    return None


def smallest_enough(more_than: bool, above: int, below: int, base: int) -> int:
    """By trying: the first number of votes, from one, that is more than (or at least) above/below of the base."""
    votes = 1
    while not (votes * below > above * base if more_than else votes * below >= above * base):
        votes += 1
    return votes


def percent(count: int, whole: int) -> str:
    """By long division to the third decimal, then rounded half up."""
    digits = []
    rest = count * 100
    units, rest = divmod(rest, whole)
    for _ in range(2):
        rest *= 10
        digit, rest = divmod(rest, whole)
        digits.append(digit)
    hundredths = units * 100 + digits[0] * 10 + digits[1] + (1 if rest * 2 >= whole else 0)
    return f"{hundredths // 100}.{hundredths % 100:02d}"
