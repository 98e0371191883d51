"""Planning what is put on an item, and letting another vote: what is settled before a question is put."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotAllowed, NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, PlanId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings.model import Act

from . import plans, proxies
from .events import PlanChanged
from .model import Planned
from .ports import Neighbours, Stores


@dataclass(frozen=True, slots=True)
class Planning:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    kept: Stores
    around: Neighbours
    ids: Ids
    clock: Clock

    async def of(self, meeting: MeetingId) -> list[Planned]:
        """All that is planned, by item and position."""
        return await self.kept.plans.of(meeting)

    async def change(self, meeting: MeetingId, item: ItemId, drafts: Sequence[plans.Draft], by: PersonId) -> None:
        """Another plan for the item. Refuses as plans.change_plan does."""
        place = await self._place(meeting, item)
        new = [PlanId(self.ids.new()) for each in drafts if each.id is None]
        await self._keep(plans.change_plan(place, drafts, new, Act(by, self.clock.now())))

    async def drop(self, meeting: MeetingId, item: ItemId, plan: PlanId, by: PersonId) -> None:
        """Leave one line out. Refuses as plans.drop does."""
        place = await self._place(meeting, item)
        await self._keep(plans.drop(place, plan, Act(by, self.clock.now())))

    async def give(self, meeting: MeetingId, pair: tuple[PersonId, PersonId], by: PersonId, *, prepares: bool) -> None:
        """Let another member vote for one who is not there. pair: (giver, holder). The giver himself, or whoever
        prepares the meeting.

        Raises NotAllowed, and as proxies.give does.
        """
        _require_own(pair[0], by, prepares=prepares)
        await self.kept.questions.lock_meeting(meeting)
        found = await self.around.meetings.get(meeting)
        profile = await self.around.profile(found)
        held = await self.kept.proxies.of(meeting)
        if held.get(pair[0]) == pair[1]:
            return
        now = self.clock.now()
        given = proxies.give(found, profile, held, pair, Act(by, now))
        await self.kept.proxies.put(meeting, pair, now)
        await self.tx.record(given)

    async def take_back(self, meeting: MeetingId, giver: PersonId, by: PersonId, *, prepares: bool) -> None:
        """Raises NotAllowed, NotFound, MeetingWrongPhase."""
        _require_own(giver, by, prepares=prepares)
        await self.kept.questions.lock_meeting(meeting)
        if giver not in await self.kept.proxies.of(meeting):
            raise NotFound()
        withdrawn = proxies.withdraw(await self.around.meetings.get(meeting), giver, Act(by, self.clock.now()))
        await self.kept.proxies.remove(meeting, giver)
        await self.tx.record(withdrawn)

    async def _place(self, meeting: MeetingId, item: ItemId) -> plans.Place:
        await self.kept.questions.lock_meeting(meeting)
        found = await self.around.meetings.get(meeting)
        found.item(item)
        held = await self.kept.plans.of(meeting)
        return plans.Place(found, item, tuple(each for each in held if each.item == item))

    async def _keep(self, changed: PlanChanged) -> None:
        assert changed.meeting is not None, "items belong to meetings"
        await self.kept.plans.replace(changed.meeting, changed.item, changed.plans)
        await self.tx.record(changed)


def _require_own(giver: PersonId, by: PersonId, *, prepares: bool) -> None:
    if giver != by and not prepares:
        raise NotAllowed()
