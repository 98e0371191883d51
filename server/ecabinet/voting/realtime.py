"""Questions as a meeting's participants see them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, QuestionId

from .ballots import counted
from .events import BallotCast, QuestionCancelled, QuestionClosed, QuestionPut
from .model import Phase, Question
from .ports import Ballots, Questions
from .views import question_entry, turnout_entry


@dataclass(frozen=True, slots=True)
class VotingRealtime:
    """The slice's collections and projectors."""

    questions: Callable[[AsyncConnection], Questions]
    kept: Callable[[AsyncConnection], Ballots]

    def collections(self) -> list[Collection]:
        """Whoever may know of the item may know of its questions."""
        return [Collection("questions", self.load, by_item), Collection("turnouts", self.turnouts, by_item)]

    def projectors(self) -> dict[type[Event], Projector]:
        """Each of them changes one question, or how many have answered it."""
        return {
            QuestionPut: self.changed,
            BallotCast: self.answered,
            QuestionClosed: self.changed,
            QuestionCancelled: self.changed,
        }

    async def load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All questions of the meeting."""
        store = self.questions(connection)
        return {question.id: await self._entry(question, connection) for question in await store.of(meeting)}

    async def turnouts(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """How many have answered each of them."""
        store = self.questions(connection)
        received = await self.kept(connection).received(meeting)
        return {each.id: {**turnout_entry(each, received.get(each.id, 0))} for each in await store.of(meeting)}

    async def changed(self, event: Event, connection: AsyncConnection) -> Changes:
        """The question the event is about, as it now stands."""
        store = self.questions(connection)
        question = await self._question(event, store)
        changes: Changes = {"questions": {question.id: await self._entry(question, connection)}}
        if isinstance(event, QuestionPut):
            changes["turnouts"] = {question.id: {**turnout_entry(question, 0)}}
        return changes

    async def answered(self, event: Event, connection: AsyncConnection) -> Changes:
        """One more has answered, or answered anew."""
        store = self.questions(connection)
        question = await self._question(event, store)
        # Of this question alone: every ballot waits for this count, and a long meeting has many before it.
        received = (await self.kept(connection).received(question.meeting, question.id)).get(question.id, 0)
        return {"turnouts": {question.id: {**turnout_entry(question, received)}}}

    async def _question(self, event: Event, store: Questions) -> Question:
        assert event.meeting is not None, "questions belong to meetings"
        question = await store.get(event.meeting, _about(event))
        assert question is not None, "the event was recorded with its question"
        return question

    async def _entry(self, question: Question, connection: AsyncConnection) -> Entry:
        # The ballots of an open question are not even loaded.
        ballots = await self.kept(connection).of(question.id) if question.phase is Phase.CLOSED else []
        return {**question_entry(question, counted(ballots))}


def _about(event: Event) -> QuestionId:
    match event:
        case QuestionPut():
            return event.question.id
        case BallotCast():
            return QuestionId(event.ballot["question"])
        case QuestionClosed() | QuestionCancelled():
            return event.question
    raise AssertionError(f"no question in {event.type}")
