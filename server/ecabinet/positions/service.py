"""Declaring positions, and asking who objects to what."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId
from ecabinet.kernel.ports import Transaction
from ecabinet.meetings.model import Act, Meeting, QuestionOpen
from ecabinet.speaking.model import AlreadyWaiting

from . import rules
from .model import Position, Stance
from .ports import MeetingsOf, PositionStore, QuestionsOf, RecusalsOf, Room


@dataclass(frozen=True, slots=True)
class Positions:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    kept: PositionStore
    meetings: MeetingsOf
    recusals: RecusalsOf
    clock: Clock
    room: Room
    questions: QuestionsOf | None = None
    """The slice above; None for whoever only asks what was declared, as that slice does itself."""

    async def declare(self, meeting: MeetingId, item: ItemId, said: tuple[Stance, str], by: PersonId) -> None:
        """One's own stance with its text, instead of what one declared before. Raises as rules.declare does;
        QuestionOpen while the item is voted on, alone or with others: it was put as one nobody objects to."""
        found = await self._locked(meeting)
        stance, text = said
        position = Position(meeting, item, by, stance, text, self.clock.now())
        event = rules.declare(found, await self.kept.get(item, by), position)
        if event is not None:
            await self._require_no_vote(meeting, item)
            await self.kept.put(position)
            await self.tx.record(event)

    async def withdraw(self, meeting: MeetingId, item: ItemId, by: PersonId) -> None:
        """Take one's own position back. Raises as rules.withdraw does."""
        found = await self._locked(meeting)
        held = await self.kept.get(item, by) if any(each.id == item for each in found.items) else None
        event = rules.withdraw(found, held, Act(by, self.clock.now()))
        await self.kept.remove(item, by)
        await self.tx.record(event)

    async def of(self, meeting: MeetingId) -> list[Position]:
        """All of a meeting, the earliest first."""
        return await self.kept.of(meeting)

    async def objections(self, meeting: Meeting, items: Iterable[ItemId]) -> dict[ItemId, set[PersonId]]:
        """Item → who has an opinion on it or wants the floor: an item with nobody may be adopted with others."""
        recused = [(each.item, each.person) for each in await self.recusals.of(meeting.id)]
        return rules.objections(await self.kept.of(meeting.id), items, recused)

    async def begun(self, meeting: Meeting, item: ItemId) -> None:
        """An item came before the meeting: whoever asked beforehand for the floor on it, and is there, stands in line,
        the earliest first. Who waits already keeps the place; who has withdrawn gets none."""
        there = {each.person for each in await self.room.presence.present_voters(meeting)}
        away = {each.person for each in await self.recusals.of(meeting.id) if each.item == item}
        for person in rules.asking(await self.kept.of(meeting.id), item):
            if person in there - away:
                with suppress(AlreadyWaiting):
                    await self.room.floor.ask(meeting.id, person)

    async def _require_no_vote(self, meeting: MeetingId, item: ItemId) -> None:
        assert self.questions is not None, "built for asking what was declared"
        voted = await self.questions.voted_on(meeting)
        if item in voted:
            raise QuestionOpen(question=voted[item])

    async def _locked(self, meeting: MeetingId) -> Meeting:
        await self.meetings.lock(meeting)
        return await self.meetings.get(meeting)
