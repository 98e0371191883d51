"""Presence from live connections and the roll call, and the quorum that follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.kernel.ports import Transaction
from ecabinet.meetings.model import Act, Meeting, Participant
from ecabinet.register.model import Quorum

from . import rules
from .model import Change, Mark, Presence, Recusal
from .ports import Above, MeetingsOf, Presences, Recusals, RegisterOf


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who is to take no part in an item, or to take part again."""

    person: PersonId
    calls_roll: bool
    """Whether the one who asks for it may ask for others too."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    kept: Presences
    recusals: Recusals
    register: RegisterOf
    meetings: MeetingsOf
    clock: Clock
    above: Above | None = None
    """The slices above; None for whoever records no recusals, as those slices themselves."""

    # --- reading ---

    async def presences(self, meeting: Meeting) -> dict[PersonId, Presence]:
        """Person → presence, of those of whom anything is known."""
        return await self.kept.of(meeting.id)

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        """Participants with a vote who are there, in order of protocol."""
        return rules.present_voters(meeting, await self.presences(meeting))

    async def recused(self, meeting: Meeting, items: Iterable[ItemId]) -> frozenset[PersonId]:
        """Participants with a vote, there or not, who have withdrawn from any of these items."""
        return rules.recused(meeting, await self.recusals.of(meeting.id), items)

    async def withdrawn(self, meeting: Meeting) -> frozenset[PersonId]:
        """Everybody who has withdrawn from what is before the meeting, with a vote or without."""
        current = meeting.current_item
        return rules.withdrawn(await self.recusals.of(meeting.id), [current.id] if current else [])

    async def withdrawn_from(self, meeting: MeetingId) -> dict[PersonId, frozenset[ItemId]]:
        """The items from which people have withdrawn, by person."""
        found: dict[PersonId, set[ItemId]] = {}
        for each in await self.recusals.of(meeting):
            found.setdefault(each.person, set()).add(each.item)
        return {person: frozenset(items) for person, items in found.items()}

    async def quorum(self, meeting: Meeting) -> Quorum:
        """Whether enough are there, at this moment, by the rules of the meeting's day. Who has withdrawn from the
        item that is before the meeting is not counted among them."""
        body = await self.register.body(meeting.body)
        profile = await self.register.profile(body.profile, meeting.starts_at)
        members = await self.register.members(meeting.body, meeting.starts_at)
        voting = {each.person for each in members if each.votes}
        term = await self.register.term(meeting.body, meeting.starts_at)
        current = meeting.current_item
        recused = await self.recused(meeting, [current.id] if current else [])
        present = [each for each in await self.present_voters(meeting) if each.person not in recused]
        return rules.quorum(profile, len(voting), term.seats if term else None, len(present), len(recused))

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

    async def recuse(self, meeting: MeetingId, item: ItemId, wanted: Withdrawal, by: PersonId) -> None:
        """Withdraw someone from an item; whoever has the floor or waits for it at that moment does so no longer.
        Raises NotAllowed, NotFound, and as rules.recuse does."""
        rules.require_entitled(wanted.person, by, calls_roll=wanted.calls_roll)
        found, held = await self._recusal(meeting, item, wanted.person)
        recusal = Recusal(meeting, item, wanted.person, wanted.reason, self.clock.now(), by)
        event = rules.recuse(found, held, recusal, await self._open_question(meeting))
        if event is None:
            return
        await self.recusals.put(recusal)
        if found.current_item is not None and found.current_item.id == item:
            await self._above.floor.end_all(found, by, frozenset({wanted.person}))
        await self.tx.record(event)

    async def take_part(self, meeting: MeetingId, item: ItemId, wanted: Withdrawal, by: PersonId) -> None:
        """Lift a recusal. Raises as rules.lift does."""
        found, held = await self._recusal(meeting, item, wanted.person)
        act = Act(by, self.clock.now())
        event = rules.lift(found, held, await self._open_question(meeting), act, calls_roll=wanted.calls_roll)
        await self.recusals.remove(item, wanted.person)
        await self.tx.record(event)

    async def _recusal(self, meeting: MeetingId, item: ItemId, person: PersonId) -> tuple[Meeting, Recusal | None]:
        await self.meetings.lock(meeting)
        found = await self.meetings.get(meeting)
        kept = await self.recusals.of(meeting)
        return found, next((each for each in kept if (each.item, each.person) == (item, person)), None)

    async def _open_question(self, meeting: MeetingId) -> QuestionId | None:
        return await self._above.questions.open_question(meeting)

    @property
    def _above(self) -> Above:
        assert self.above is not None, "built for reading presence"
        return self.above

    async def _counting(self, meeting: MeetingId) -> Meeting | None:
        """The meeting, locked; None when presence does not change any more, or not yet."""
        await self.meetings.lock(meeting)
        found = await self.meetings.get(meeting)
        return found if found.phase in rules.COUNTED_IN else None

    async def _keep(self, change: Change) -> None:
        await self.kept.put(change.presence)
        if change.event is not None:
            await self.tx.record(change.event)
