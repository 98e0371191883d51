"""Asking for the floor, giving it, ending it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import MeetingId, PersonId, TurnId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings.model import Act, Meeting

from . import rules
from .model import Status, Step, Turn
from .ports import AttendanceOf, Meetings, TurnStore


@dataclass(frozen=True, slots=True)
class Speaking:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    store: TurnStore
    meetings: Meetings
    attendance: AttendanceOf
    ids: Ids
    clock: Clock

    async def ask(self, meeting: MeetingId, by: PersonId) -> TurnId:
        """Stand in line. Raises RecusedHere, and as rules.ask does."""
        found = await self._locked(meeting)
        await self._require_taking_part(found, by)
        step = rules.ask(found, await self.store.of(meeting), TurnId(self.ids.new()), self._act(by))
        await self._take([step])
        return step.turn.id

    async def withdraw(self, meeting: MeetingId, turn: TurnId, by: PersonId) -> None:
        """Leave the line. Raises as rules.withdraw does."""
        await self._locked(meeting)
        await self._take([rules.withdraw(await self.store.get(meeting, turn), self._act(by))])

    async def give(self, meeting: MeetingId, turn: TurnId, allotted_s: int, by: PersonId) -> None:
        """Give the floor to someone in line. Raises RecusedHere for either of the two, and as rules.give does."""
        found = await self._locked(meeting)
        turns = await self.store.of(meeting)
        given = rules.named(turns, turn)
        await self._require_taking_part(found, by, given.person)
        await self._take(rules.give(found, turns, given, allotted_s, self._act(by)))

    async def give_to(self, meeting: MeetingId, person: PersonId, allotted_s: int, by: PersonId) -> TurnId:
        """Give the floor to a person, asked or not. Raises RecusedHere for either of the two, and as rules.give_to
        does."""
        found = await self._locked(meeting)
        await self._require_taking_part(found, by, person)
        turns, act = await self.store.of(meeting), self._act(by)
        turn = rules.of_person(turns, person, Status.WAITING)
        turn = turn or rules.called(found, person, TurnId(self.ids.new()), act.at)
        await self._take(rules.give_to(found, turns, turn, allotted_s, act))
        return turn.id

    async def end(self, meeting: MeetingId, turn: TurnId, by: PersonId, *, may_give: bool) -> None:
        """End a speech. Raises RecusedHere, and as rules.end does."""
        await self._require_taking_part(await self._locked(meeting), by)
        await self._take([rules.end(await self.store.get(meeting, turn), may_give=may_give, act=self._act(by))])

    async def end_all(
        self, meeting: Meeting, by: PersonId | None = None, of: frozenset[PersonId] | None = None
    ) -> None:
        """Speeches end and waiting turns are withdrawn: everybody's when the meeting is over, or those of people who
        leave it. Twice is harmless."""
        turns = [turn for turn in await self.store.of(meeting.id) if of is None or turn.person in of]
        await self._take(rules.end_all(turns, by, self.clock.now()))

    async def floor(self, meeting: MeetingId) -> PersonId | None:
        """Who has the floor; nobody unless the meeting is open."""
        return rules.floor(await self.meetings.get(meeting), await self.store.of(meeting))

    async def turns(self, meeting: MeetingId) -> list[Turn]:
        """All turns, in the order they were asked for."""
        return await self.store.of(meeting)

    async def _require_taking_part(self, meeting: Meeting, *people: PersonId) -> None:
        rules.require_taking_part(meeting, await self.attendance.withdrawn(meeting), people)

    async def _locked(self, meeting: MeetingId) -> Meeting:
        await self.store.lock(meeting)
        return await self.meetings.get(meeting)

    async def _take(self, steps: Sequence[Step]) -> None:
        for step in steps:
            await self.store.keep(step.turn)
        for step in steps:
            await self.tx.record(step.event)

    def _act(self, by: PersonId) -> Act:
        return Act(by, self.clock.now())
