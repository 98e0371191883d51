"""The slow twin of elections and ratings: rules §3.4 and 3.11 as a tellers' board would apply them, by hand.

Written from the rule text with fractions and repeated passes over the names. It knows no profile and none of the
product's code on purpose.
"""

from collections.abc import Mapping
from fractions import Fraction

COUNCILS = {"hdnd-tinh", "hdnd-xa"}


def elected(body: str, members: int, returned: int, votes: Mapping[str, int], seats: int) -> tuple[set[str], set[str]]:
    """Who is elected, and who stands again for the seats that are left.

    More than half of all deputies in a Council, of the papers in the box in an association. One seat after the other
    goes to whoever has most; where several have most and are more than the seats left, none of them has one.
    """
    assert body in COUNCILS | {"hoi"}
    whole = members if body in COUNCILS else returned
    able = {name for name, count in votes.items() if count > 0 and Fraction(count) > Fraction(whole, 2)}
    seated: set[str] = set()
    while able - seated and len(seated) < seats:
        most = max(votes[name] for name in able - seated)
        equals = {name for name in able - seated if votes[name] == most}
        if len(equals) > seats - len(seated):
            return seated, equals
        seated |= equals
    return seated, set(votes) - seated if len(seated) < seats else set()


def rated(returned: int, low: int) -> str:
    """What so many low ratings lead to, of so many papers in the box (Resolution 96/2023/QH15)."""
    if low == 0:
        return "none"
    if Fraction(low, returned) >= Fraction(2, 3):
        return "relieve"
    if Fraction(low, returned) > Fraction(1, 2):
        return "may_resign"
    return "none"


def in_order(pending: list[str], wanted: str) -> bool:
    """Robert's order, read off the list from the top."""
    ladder = [
        *("fix_time_to_adjourn", "adjourn", "recess", "question_of_privilege", "orders_of_the_day"),
        *("lay_on_the_table", "previous_question", "limit_debate", "postpone_to_a_time", "refer", "amend"),
        *("postpone_indefinitely", "main"),
    ]
    if wanted not in ladder:
        return True
    waiting = [motion for motion in pending if motion in ladder]
    if not waiting:
        # With nothing before the meeting there is nothing to lay aside, to refer or to amend.
        return wanted == "main" or ladder.index(wanted) < ladder.index("lay_on_the_table")
    if (
        wanted == "amend"
        and waiting.count("amend") == 1
        and all(ladder.index(motion) >= ladder.index("amend") for motion in waiting)
    ):
        return True
    return all(ladder.index(wanted) < ladder.index(motion) for motion in waiting)
