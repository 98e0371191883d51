"""The call as the meeting sees it. What is done to the media server is done outside the transaction, by the edges."""

from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.kernel.ports import Transaction
from ecabinet.meetings.model import Act

from . import rules
from .model import Place
from .ports import AttendanceOf, Floor, KnowingOf, Meetings


@dataclass(frozen=True, slots=True)
class Media:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    meetings: Meetings
    speaking: Floor
    attendance: AttendanceOf
    recordings: KnowingOf
    clock: Clock

    async def admit(self, meeting: MeetingId, person: PersonId) -> Place:
        """Raises as rules.admit does."""
        found = await self.meetings.get(meeting)
        withdrawn = await self.attendance.withdrawn(found)
        place = rules.admit(found, person, await self.speaking.floor(meeting), withdrawn)
        return rules.quieted(place, await self.recordings.silent(found))

    async def places(self, meeting: MeetingId) -> dict[PersonId, Place] | None:
        """Everyone who may be in the call now; None when there is no call."""
        found = await self.meetings.get(meeting)
        if not rules.has_call(found):
            return None
        places = rules.places(found, await self.speaking.floor(meeting), await self.attendance.withdrawn(found))
        silent = await self.recordings.silent(found)
        return {person: rules.quieted(place, silent) for person, place in places.items()}

    async def require_moderable(self, meeting: MeetingId, person: PersonId) -> None:
        """Asked before the media server is. Raises WrongPhase, NotFound."""
        found = await self.meetings.get(meeting)
        rules.require_calling(found)
        found.participant(person)

    async def muted(self, meeting: MeetingId, person: PersonId, by: PersonId) -> None:
        """Record that the person's microphone was closed."""
        await self.tx.record(rules.muted(await self.meetings.get(meeting), person, self._act(by)))

    async def removed(self, meeting: MeetingId, person: PersonId, by: PersonId) -> None:
        """Record that the person was put out of the call."""
        await self.tx.record(rules.removed(await self.meetings.get(meeting), person, self._act(by)))

    def _act(self, by: PersonId) -> Act:
        return Act(by, self.clock.now())
