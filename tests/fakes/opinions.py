"""Slips in memory. They pass the contract suite of the real ones."""

from dataclasses import dataclass, field, replace

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import BodyId, OpinionId, PersonId, SlipId
from ecabinet.opinions.model import Answer, KeptSheet, Opinion, Phase, Slip
from ecabinet.voting.model import Equivocation


@dataclass
class MemorySlips:
    """See the SlipStore port."""

    bodies: frozenset[BodyId]
    """The bodies there are."""
    kept: dict[SlipId, Slip] = field(default_factory=dict)
    kept_sheets: list[KeptSheet] = field(default_factory=list)
    drafts: dict[tuple[SlipId, PersonId], tuple[Answer, ...]] = field(default_factory=dict)
    said: dict[tuple[SlipId, PersonId], str] = field(default_factory=dict)
    texts: dict[OpinionId, Opinion] = field(default_factory=dict)

    async def next_number(self, body: BodyId) -> int:
        if body not in self.bodies:
            raise NotFound()
        return max((each.number for each in await self.of(body)), default=0) + 1

    async def add(self, slip: Slip) -> None:
        self.kept[slip.id] = slip

    async def get(self, body: BodyId, slip: SlipId) -> Slip | None:
        found = self.kept.get(slip)
        return found if found and found.body == body else None

    async def lock(self, body: BodyId, slip: SlipId) -> Slip | None:
        return await self.get(body, slip)

    async def save(self, slip: Slip) -> None:
        self.kept[slip.id] = slip

    async def of(self, body: BodyId) -> list[Slip]:
        return sorted((each for each in self.kept.values() if each.body == body), key=lambda each: each.number)

    async def in_phases(self, phases: frozenset[Phase], bodies: frozenset[BodyId] | None = None) -> list[Slip]:
        found = [each for each in self.kept.values() if each.phase in phases]
        there = [each for each in found if bodies is None or each.body in bodies]
        return sorted(there, key=lambda each: (each.body, each.number))

    async def add_sheet(self, kept: KeptSheet) -> None:
        if any(each.sheet.n == kept.sheet.n for each in await self.versions(kept.sheet.slip, kept.sheet.voter)):
            raise Equivocation(n=kept.sheet.n)
        self.kept_sheets.append(kept)

    async def sheets(self, slip: SlipId) -> list[KeptSheet]:
        mine = [each for each in self.kept_sheets if each.sheet.slip == slip]
        return sorted(mine, key=lambda each: each.number)

    async def versions(self, slip: SlipId, voter: PersonId) -> list[KeptSheet]:
        mine = [each for each in await self.sheets(slip) if each.sheet.voter == voter]
        return sorted(mine, key=lambda each: each.sheet.n)

    async def answered(self, slips: frozenset[SlipId]) -> dict[SlipId, frozenset[PersonId]]:
        found = {slip: frozenset(each.sheet.voter for each in await self.sheets(slip)) for slip in slips}
        return {slip: voters for slip, voters in found.items() if voters}

    async def put_draft(self, slip: SlipId, voter: PersonId, answers: tuple[Answer, ...]) -> None:
        self.drafts[slip, voter] = answers

    async def draft(self, slip: SlipId, voter: PersonId) -> tuple[Answer, ...] | None:
        return self.drafts.get((slip, voter))

    async def drop_draft(self, slip: SlipId, voter: PersonId) -> None:
        self.drafts.pop((slip, voter), None)

    async def put_comment(self, slip: SlipId, person: PersonId, text: str) -> None:
        self.said.pop((slip, person), None)
        if text:
            self.said[slip, person] = text

    async def comments(self, slip: SlipId) -> dict[PersonId, str]:
        return {person: text for (on, person), text in self.said.items() if on == slip}

    async def add_opinions(self, opinions: tuple[Opinion, ...]) -> None:
        self.texts.update({each.id: each for each in opinions})

    async def opinions(self, slip: SlipId) -> list[Opinion]:
        return sorted((each for each in self.texts.values() if each.slip == slip), key=lambda each: each.position)

    async def reply(self, opinion: OpinionId, text: str) -> None:
        self.texts[opinion] = replace(self.texts[opinion], reply=text)
