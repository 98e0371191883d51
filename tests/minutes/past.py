"""A meeting that has closed, and the record it left: every entry made of the event that would have made it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ecabinet.attendance.model import Mark, PresenceConnected, PresenceDisconnected, RollMarked
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, ProfileId, QuestionId, RecordingId, TurnId
from ecabinet.meetings.events import (
    InvitationAnswered,
    ItemConcluded,
    ItemFinished,
    ItemNoted,
    ItemStarted,
    MeetingClosed,
    MeetingOpened,
    MeetingPaused,
    MeetingResumed,
)
from ecabinet.meetings.model import Act, Answer, Item, ItemPhase, Meeting, Phase
from ecabinet.recordings.model import Cause, RecordingStarted, RecordingStopped
from ecabinet.register.model import Body
from ecabinet.register.profiles import shipped
from ecabinet.speaking.model import FloorEnded, FloorGiven, Status, Turn
from ecabinet.voting import rules as voting
from ecabinet.voting.ballots import cast as cast_ballot
from ecabinet.voting.closing import close
from ecabinet.voting.model import Ballot, KeptBallot, Question, Roll, Strength, Voter
from ecabinet.voting.model import Phase as QuestionPhase
from ecabinet.voting.proposals import Proposal, Situation
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, SECRETARY, a_meeting
from tests.fakes.kernel import NOON
from tests.fakes.ledger import MemoryRecords

PROFILE = next(each for each in shipped() if each.id == "lanh-dao-bo")
BODY = Body(a_meeting().body, "Tập thể Lãnh đạo Bộ", "Leadership", "Bộ Hạ tầng số", ProfileId("lanh-dao-bo"))
QUESTION = QuestionId("question")
TURN = TurnId("turn")


def minute(number: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=number)


@dataclass
class Past:
    """What happened, and where it stands in the record."""

    records: MemoryRecords = field(default_factory=MemoryRecords)
    numbers: dict[str, int] = field(default_factory=dict)
    """What a test calls it → the entry's number."""

    def happened(self, called: str, event: Event) -> None:
        self.numbers[called] = self.records.append(event)


def whole_past() -> tuple[Past, Meeting, list[Turn], Question, list[KeptBallot]]:
    """Two items, one vote with a changed ballot, one speech, a break, a latecomer, one excused."""
    past = Past()
    # Something of the house before it, so that numbers do not begin with the meeting.
    past.happened("before", MeetingPaused(at=NOON, meeting=MeetingId("another")))
    for called, event in _course():
        past.happened(called, event)
    question, kept = _vote(past)
    for called, event in _end():
        past.happened(called, event)
    turn = Turn(TURN, MEETING, AN, FIRST, Status.DONE, minute(6), minute(7), minute(9), 300)
    waiting = replace(turn, id=TurnId("waiting"), status=Status.WITHDRAWN, started_at=None)
    return past, _meeting(), [turn, waiting], question, kept


def _course() -> Iterator[tuple[str, Event]]:
    yield (
        "excuse",
        InvitationAnswered(
            at=minute(-60),
            actor=BINH,
            meeting=MEETING,
            person=BINH,
            answer=Answer.ABSENT,
            stand_in=None,
            former_stand_in=None,
        ),
    )
    for person in (CHAIR, SECRETARY):
        yield f"{person} comes", PresenceConnected(at=minute(-5), actor=person, meeting=MEETING, person=person)
    yield "opened", MeetingOpened(at=minute(1), actor=CHAIR, meeting=MEETING, members=3, present=2, needed=2)
    yield "first started", ItemStarted(at=minute(2), actor=CHAIR, meeting=MEETING, item=FIRST, finished=None)
    yield "an comes", PresenceConnected(at=minute(4), actor=AN, meeting=MEETING, person=AN)
    yield (
        "an speaks",
        FloorGiven(at=minute(7), actor=CHAIR, meeting=MEETING, turn=TURN, person=AN, item=FIRST, allotted_s=300),
    )
    yield "an has spoken", FloorEnded(at=minute(9), actor=CHAIR, meeting=MEETING, turn=TURN, person=AN, spoken_s=120)
    yield "noted", ItemNoted(at=minute(9), actor=SECRETARY, meeting=MEETING, item=FIRST, digest="d" * 64)
    yield (
        "guest excused",
        RollMarked(at=minute(10), actor=SECRETARY, meeting=MEETING, person=GUEST, mark=Mark.EXCUSED),
    )


def _vote(past: Past) -> tuple[Question, list[KeptBallot]]:
    names = {each.person: each.name for each in a_meeting().participants}
    roll = Roll(tuple(Voter(person, names[person]) for person in (CHAIR, AN)))
    situation = Situation(a_meeting(), None, roll, Strength(3, 2), 3)
    put = voting.put_question(Proposal(QUESTION, FIRST, 1, "Thông qua?"), situation, PROFILE, Act(CHAIR, minute(11)))
    past.happened("put", put)
    kept = []
    for at, (voter, choice, n) in enumerate([(AN, "against", 1), (CHAIR, "for", 1), (AN, "for", 2)], start=12):
        ballot = Ballot(QUESTION, voter, choice, n, minute(at))
        cast = cast_ballot(put.question, ballot, {1: "0" * 64} if n == 2 else {})
        assert cast is not None
        past.happened(f"{voter} votes {n}", cast)
        kept.append(KeptBallot(ballot, past.numbers[f"{voter} votes {n}"], "h" * 64))
    closed = close(put.question, [each.ballot for each in kept], PROFILE, CHAIR, Act(CHAIR, minute(16)))
    past.happened("vote closed", closed)
    ended = replace(put.question, phase=QuestionPhase.CLOSED, closed_at=minute(16), verdict=closed.verdict)
    return ended, kept


def _end() -> Iterator[tuple[str, Event]]:
    yield "concluded", ItemConcluded(at=minute(17), actor=CHAIR, meeting=MEETING, item=FIRST, text="Đồng ý.")
    yield "second started", ItemStarted(at=minute(18), actor=CHAIR, meeting=MEETING, item=SECOND, finished=FIRST)
    film = RecordingId("film")
    yield (
        "film",
        RecordingStarted(at=minute(12), actor=CHAIR, meeting=MEETING, recording=film, number=1, no_secrets=True),
    )
    yield "film_end", RecordingStopped(at=minute(20), actor=CHAIR, meeting=MEETING, recording=film, cause=Cause.BREAK)
    yield "paused", MeetingPaused(at=minute(20), actor=CHAIR, meeting=MEETING)
    yield "resumed", MeetingResumed(at=minute(30), actor=CHAIR, meeting=MEETING)
    yield "an goes", PresenceDisconnected(at=minute(32), actor=AN, meeting=MEETING, person=AN)
    yield "second finished", ItemFinished(at=minute(40), actor=CHAIR, meeting=MEETING, item=SECOND)
    yield "closed", MeetingClosed(at=minute(41), actor=CHAIR, meeting=MEETING, finished=None)


def _meeting() -> Meeting:
    found = a_meeting(Phase.CLOSED, None)
    first = _done(found, FIRST, (2, 18), "Đồng ý.", "An: ủng hộ.")
    second = _done(found, SECOND, (18, 40), "", "")
    people = tuple(
        replace(each, reason="họp ở Trung ương") if each.person == BINH else each for each in found.participants
    )
    return replace(
        found, items=(first, second), participants=people, opened_at=minute(1), closed_at=minute(41), phase=Phase.CLOSED
    )


def _done(meeting: Meeting, item: ItemId, span: tuple[int, int], conclusion: str, notes: str) -> Item:
    return replace(
        meeting.item(item),
        phase=ItemPhase.DONE,
        started_at=minute(span[0]),
        ended_at=minute(span[1]),
        conclusion=conclusion,
        notes=notes,
    )
