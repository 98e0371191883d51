"""Questions as a meeting's participants see them. Plans and proxies: plans_realtime.py."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, QuestionId

from .ballots import counted
from .events import (
    BallotCast,
    IncidentReported,
    QuestionAnnulled,
    QuestionCancelled,
    QuestionClosed,
    QuestionExtended,
    QuestionPaused,
    QuestionPut,
    QuestionResumed,
    QuestionSettled,
)
from .model import Question
from .ports import Stores
from .views import incident_entry, question_entry, turnout_entry, was_closed

_OF_A_QUESTION = (
    QuestionPaused,
    QuestionResumed,
    QuestionExtended,
    QuestionClosed,
    QuestionCancelled,
    QuestionAnnulled,
    QuestionSettled,
)


def incident_of(entry_id: str, entry: Entry, standing: Standing) -> bool:
    """The chair, the secretaries, and the person alone."""
    prepares = standing.may(Action.NOTE_ITEM) or entry["person"] == standing.person
    return prepares and by_item(entry_id, entry, standing)


@dataclass(frozen=True, slots=True)
class VotingRealtime:
    """The slice's collections and projectors."""

    stores: Callable[[AsyncConnection], Stores]

    def collections(self) -> list[Collection]:
        """Whoever may know of the item may know of its questions."""
        return [
            Collection("questions", self.load, by_item),
            Collection("turnouts", self.turnouts, by_item),
            Collection("incidents", self.incidents, incident_of),
        ]

    def projectors(self) -> dict[type[Event], Projector]:
        """Each of them changes one question, or how many have answered it, or who lost the line."""
        return {
            QuestionPut: self.put,
            BallotCast: self.answered,
            IncidentReported: self.reported,
            **dict.fromkeys(_OF_A_QUESTION, self.changed),
        }

    async def load(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All questions of the meeting."""
        stores = self.stores(connection)
        return {each.id: await _entry(each, stores) for each in await stores.questions.of(meeting)}

    async def turnouts(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """How many have answered each of them."""
        stores = self.stores(connection)
        received = await stores.ballots.received(meeting)
        return {
            each.id: {**turnout_entry(each.id, each.subjects, received.get(each.id, 0))}
            for each in await stores.questions.of(meeting)
        }

    async def incidents(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """All lost lines of the meeting."""
        stores = self.stores(connection)
        lost = await stores.incidents.of(meeting)
        about = {each.id: each.subjects for each in await stores.questions.of(meeting)} if lost else {}
        return {each.id: {**incident_entry(each, about[each.question])} for each in lost}

    async def changed(self, event: Event, connection: AsyncConnection) -> Changes:
        """The question the event is about, as it now stands."""
        stores = self.stores(connection)
        question = await _question(event, stores)
        return {"questions": {question.id: await _entry(question, stores)}}

    async def put(self, event: Event, connection: AsyncConnection) -> Changes:
        """The same, and that nobody has answered yet."""
        stores = self.stores(connection)
        question = await _question(event, stores)
        return {
            "questions": {question.id: await _entry(question, stores)},
            "turnouts": {question.id: {**turnout_entry(question.id, question.subjects, 0)}},
        }

    async def answered(self, event: Event, connection: AsyncConnection) -> Changes:
        """Some more have answered, or answered anew."""
        question = _about(event)
        items, received = await self.stores(connection).ballots.turnout(question)
        return {"turnouts": {question: {**turnout_entry(question, items, received)}}}

    async def reported(self, event: Event, connection: AsyncConnection) -> Changes:
        """Somebody lost the line."""
        assert isinstance(event, IncidentReported)
        assert event.actor is not None, "somebody lost the line"
        stores = self.stores(connection)
        incident = await stores.incidents.find(event.question, event.actor)
        assert incident is not None, "the event was recorded with it"
        question = await stores.questions.get(incident.meeting, incident.question)
        assert question is not None, "its line was lost during a question"
        return {"incidents": {incident.id: {**incident_entry(incident, question.subjects)}}}


async def _question(event: Event, stores: Stores) -> Question:
    assert event.meeting is not None, "questions belong to meetings"
    question = await stores.questions.get(event.meeting, _about(event))
    assert question is not None, "the event was recorded with its question"
    return question


async def _entry(question: Question, stores: Stores) -> Entry:
    # The ballots of an open question are not even loaded.
    ballots = await stores.ballots.of(question.id) if was_closed(question) else []
    return {**question_entry(question, counted(ballots))}


def _about(event: Event) -> QuestionId:
    if isinstance(event, QuestionPut):
        return event.question.id
    if isinstance(event, BallotCast):
        return QuestionId(event.ballot["question"])
    assert isinstance(event, _OF_A_QUESTION), f"no question in {event.type}"
    return event.question
