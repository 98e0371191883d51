"""Presence from live connections and the roll call, and the quorum that follows."""

from dataclasses import dataclass
from datetime import datetime

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.kernel.ports import Transaction
from ecabinet.meetings.model import Meeting, Participant
from ecabinet.register.model import Quorum

from . import rules
from .model import Change, Mark, Presence
from .ports import MeetingsOf, Presences, RegisterOf


@dataclass(frozen=True, slots=True)
class Attendance:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    kept: Presences
    register: RegisterOf
    meetings: MeetingsOf
    clock: Clock

    # --- reading ---

    async def presences(self, meeting: Meeting) -> dict[PersonId, Presence]:
        """Person → presence, of those of whom anything is known."""
        return await self.kept.of(meeting.id)

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        """Participants with a vote who are there, in order of protocol."""
        return rules.present_voters(meeting, await self.presences(meeting))

    async def quorum(self, meeting: Meeting) -> Quorum:
        """Whether enough are there, at this moment, by the rules of the meeting's day."""
        body = await self.register.body(meeting.body)
        profile = await self.register.profile(body.profile, meeting.starts_at)
        members = await self.register.members(meeting.body, meeting.starts_at)
        voting = {each.person for each in members if each.votes}
        term = await self.register.term(meeting.body, meeting.starts_at)
        present = await self.present_voters(meeting)
        return rules.quorum(profile, len(voting), term.seats if term else None, len(present))

    async def of(self, meeting: Meeting) -> Quorum:
        """`quorum`, under the name of the port that meetings ask."""
        return await self.quorum(meeting)

    # --- writing ---

    async def connected(self, meeting: MeetingId, person: PersonId) -> None:
        """A live connection of a participant. Harmless when repeated; nothing outside a meeting's time.

        Raises NotFound when the person does not take part.
        """
        if (await self._counting(meeting)) is not None:
            await self._keep(rules.connect(await self.kept.get(meeting, person), self.clock.now()))

    async def disconnected(self, meeting: MeetingId, person: PersonId) -> None:
        """A participant's last live connection ended. Harmless when repeated, and when the person has left the list."""
        found = await self._counting(meeting)
        if found is not None and found.takes_part(person):
            await self._keep(rules.disconnect(await self.kept.get(meeting, person), self.clock.now()))

    async def disconnect_all(self, at: datetime) -> int:
        """End the connections that a stopped program has left behind: of all who have not connected since ``at``,
        its new start. Call it once the clients have had time to come back. Returns how many there were."""
        left = await self.kept.left_connected(at)
        # Every meeting is locked before the first event is recorded: whoever records makes all others wait.
        counting = {each: await self._counting(each) for each in sorted({each.meeting for each in left})}
        changes = []
        for each in left:
            if counting[each.meeting] is not None:
                # Read again under the lock: a client may have come back meanwhile.
                presence = await self.kept.get(each.meeting, each.person)
                if presence.seen_at is not None and presence.seen_at < at:
                    changes.append(rules.disconnect(presence, self.clock.now()))
        for change in changes:
            await self._keep(change)
        return len(changes)

    async def mark(
        self, meeting: Meeting, person: PersonId, mark: Mark | None, reason: str | None, by: PersonId
    ) -> None:
        """The roll call; None takes back what was said. Raises MeetingWrongPhase, NotFound."""
        await self.meetings.lock(meeting.id)
        locked = await self.meetings.get(meeting.id)
        locked.require(rules.COUNTED_IN)
        locked.participant(person)
        presence = await self.kept.get(meeting.id, person)
        await self._keep(rules.mark(presence, (mark, reason), self.clock.now(), by))

    async def _counting(self, meeting: MeetingId) -> Meeting | None:
        """The meeting, locked; None when presence does not change any more, or not yet."""
        await self.meetings.lock(meeting)
        found = await self.meetings.get(meeting)
        return found if found.phase in rules.COUNTED_IN else None

    async def _keep(self, change: Change) -> None:
        await self.kept.put(change.presence)
        if change.event is not None:
            await self.tx.record(change.event)
