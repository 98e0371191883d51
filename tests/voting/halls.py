"""Votes as they happen, for tests: a body, who is there, what each of them answers, through the rules' own door."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Act, Item, ItemPhase, ItemType, Kind, Meeting, Mode, Phase
from ecabinet.register.model import Matter, Meaning, RuleProfile
from ecabinet.register.profiles import shipped
from ecabinet.voting import ballots, closing, methods, rules
from ecabinet.voting.events import QuestionClosed
from ecabinet.voting.model import Ballot, Method, Question, Roll, Side, Strength, Verdict, Voter
from ecabinet.voting.proposals import Proposal, Situation

AT = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
ITEM = ItemId("item-2")
AGENDA = tuple(
    Item(ItemId(f"item-{place}"), place, f"Nội dung {place}", ItemType.DECISION, "", 10, phase)
    for place, phase in ((1, ItemPhase.DONE), (2, ItemPhase.CURRENT), (3, ItemPhase.PENDING))
)
MEETING = Meeting(
    MeetingId("meeting"),
    BodyId("body"),
    "Phiên họp",
    Kind.REGULAR,
    Mode.HYBRID,
    "Phòng 1",
    AT,
    AT + timedelta(hours=3),
    True,
    Phase.OPEN,
    items=AGENDA,
)
PROFILES: dict[str, RuleProfile] = {profile.id: profile for profile in shipped()}
CHAIR = PersonId("p0")
BY = Act(CHAIR, AT)


def person(place: int) -> PersonId:
    """Member number so-and-so of the hall; the first is the head of the body."""
    return PersonId(f"p{place}")


def roll(present: Sequence[int]) -> Roll:
    return Roll(tuple(Voter(person(place), f"Thành viên {place:02d}") for place in present))


def proposal(
    matter: Matter = Matter.RESOLUTION, alternatives: tuple[str, ...] = (), text: str = "Thông qua?"
) -> Proposal:
    method = Method.CHOICE if matter is Matter.CHOICE else Method.APPROVAL
    return Proposal(QuestionId("question"), ITEM, 1, text, matter, alternatives, method)


def situation(members: int, present: Sequence[int], recused: int = 0, remaining: int | None = None) -> Situation:
    return Situation(
        meeting=MEETING,
        open_question=None,
        roll=roll(present),
        strength=Strength(members, len(present), remaining, recused),
        seats=members,
    )


def put(
    body: str,
    members: int,
    present: Sequence[int],
    matter: Matter = Matter.RESOLUTION,
    alternatives: tuple[str, ...] = (),
) -> Question:
    """An open question. A body that decides as a reduced one has twice as many seats as members."""
    asked = situation(members, present)
    if matter is Matter.REDUCED:
        asked = replace(asked, seats=2 * members)
    return rules.put_question(proposal(matter, alternatives), asked, PROFILES[body], BY).question


def ballot(voter: PersonId, choice: str, n: int = 1) -> Ballot:
    return Ballot(QuestionId("question"), voter, choice, n, AT)


def close(body: str, question: Question, ballots: Sequence[Ballot]) -> QuestionClosed:
    """Closed, with the head of the body settling ties."""
    return closing.close(question, ballots, PROFILES[body], CHAIR, BY)


def vote(body: str, hall: Sequence[str], matter: Matter = Matter.RESOLUTION) -> Verdict:
    """Everyone in the hall answers as the word says; see tests.reference.verdicts. Raises QuorumNotMet."""
    present = [place for place, word in enumerate(hall) if word != "absent"]
    alternatives = ("Phương án 1", "Phương án 2", "Phương án 3") if matter is Matter.CHOICE else ()
    question = put(body, len(hall), present, matter, alternatives)
    answered = [ballot(person(place), word) for place, word in enumerate(hall) if word not in {"silent", "absent"}]
    for each in answered:
        assert ballots.cast(question, each, {}) is not None
    return close(body, question, answered).decided


def judged(body: str, numbers: tuple[int, int, int, int, int], chair: Side = Side.NONE, **more: object) -> Verdict:
    """The verdict on bare numbers: members, present, for, against, abstained."""
    members, present, votes_for, against, abstained = numbers
    remaining = more.get("remaining")
    assert remaining is None or isinstance(remaining, int)
    matter = Matter(str(more.get("matter", "resolution")))
    strength = Strength(members, present, remaining)
    answers = {Meaning.FOR: votes_for, Meaning.AGAINST: against, Meaning.ABSTAIN: abstained}
    profile = PROFILES[body]
    counts = methods.counts_of(answers, None, strength, profile.recusal.effect)
    return methods.verdict(profile, matter, counts, strength, chair)
