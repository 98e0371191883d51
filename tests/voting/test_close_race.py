"""Forty voters against a close, over HTTP on real databases: what was acknowledged counts, what came after does not."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecabinet.app import audit
from ecabinet.house import House
from ecabinet.kernel.ids import PersonId
from tests.voting.assembly import (
    CHOICES,
    Answer,
    Council,
    Device,
    Sitting,
    cast,
    convened,
    counts_of,
    devices,
    founded,
    put,
    rows_of,
    serving,
)

VOTERS = 40
SPREAD_S = 0.05
"""Within so long all of them set out: at the very same moment they would go through the lane as one."""
GATE = range(100)
"""Rounds in the gate."""
ALL = [range(start, start + 100) for start in range(0, 1_000, 100)]
"""The thousand rounds of the slow suite, each hundred on a database of its own: to put a question the service reads
those before it, and nobody is told of a test that hangs when it only takes long."""


@dataclass
class Hall:
    """A council in session, and one device each."""

    house: House
    council: Council
    sitting: Sitting
    devices: list[Device]
    chair: Device
    """Another one of whoever presides: a vote of hers must not stand in line with the close."""


@pytest.fixture
async def hall(database_url: str, tmp_path: Path) -> AsyncIterator[Hall]:
    council = await founded(tmp_path, database_url, VOTERS)
    house = House(council.settings)
    chair = council.device(council.chair)
    async with serving(house), devices(council, council.members) as voters:
        yield Hall(house, council, await convened(house, council), voters, chair)
        chair.close()


@pytest.fixture
async def at_full_speed(asyncio_debug: None) -> None:
    """asyncio's debug mode would make half of this suite's time, and other orders than a server's."""
    asyncio.get_running_loop().set_debug(False)


@dataclass
class Race:
    """One question, its voters and its close, all at once."""

    hall: Hall
    question: str
    number: int
    acknowledged: dict[tuple[PersonId, int], Answer] = field(default_factory=dict)
    refused: set[tuple[PersonId, int]] = field(default_factory=set)
    close_at: int | None = None
    """After how many acknowledged ballots the close is due."""
    due: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """In every second round the close has a moment of its own, in the others it sets out with a receipt: beside
        the first ballots, or beside the second versions."""
        chance = random.Random(f"race {self.number}")
        async with asyncio.TaskGroup() as group:
            for place in range(VOTERS):
                group.create_task(self.voter(place, chance.uniform(0, SPREAD_S)))
            if self.number % 2:
                group.create_task(self.close_after(chance.uniform(0, SPREAD_S)))
            else:
                self.close_at = chance.randint(1, VOTERS)
                group.create_task(self.close_when_due())

    async def close_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.close()

    async def close_when_due(self) -> None:
        await self.due.wait()
        await self.close()

    async def close(self) -> None:
        answer = await self.hall.chair.ask("POST", self.hall.sitting.at(f"/questions/{self.question}/close"))
        assert answer.status == 204, answer

    async def voter(self, place: int, after_s: float) -> None:
        """Every eighth changes the vote, every eighth sends the older version last."""
        await asyncio.sleep(after_s)
        for n in {0: (2, 1), 4: (1, 2)}.get(place % 8, (1,)):
            await self.vote(place, n)

    async def vote(self, place: int, n: int) -> None:
        answer, key = await self.send(place, n), (self.hall.council.members[place], n)
        if answer.status == 201:
            self.acknowledged[key] = answer
            if len(self.acknowledged) == self.close_at:
                self.due.set()
        else:
            assert answer == Answer(409, "question_not_open")
            self.refused.add(key)

    async def send(self, place: int, n: int) -> Answer:
        choice = CHOICES[(place + n) % 3]
        return await cast(self.hall.devices[place], self.hall.sitting, self.question, choice, n)

    async def check(self) -> None:
        """No acknowledged ballot is missing from the tally, and none was counted or kept after the close."""
        database = self.hall.house.database
        kept = await rows_of(database, self.question)
        found = {(each.voter, each.n): (each.number, each.hash) for each in kept}
        assert found == {key: _place(receipt) for key, receipt in self.acknowledged.items()}
        assert len({number for number, _ in found.values()}) == len(found)
        assert not found.keys() & self.refused
        newest = {voter: self.acknowledged[voter, n].value["choice"] for voter, n in sorted(self.acknowledged)}
        by_hand = Counter(newest.values())
        counts = await counts_of(database, self.question)
        assert (counts["votes_for"], counts["votes_against"], counts["abstained"]) == tuple(
            by_hand[each] for each in CHOICES
        )
        assert (counts["not_voted"], counts["absent"]) == (VOTERS - len(newest), 0)

    async def check_again(self) -> None:
        """Afterwards a retry finds its receipt, and what was refused stays refused."""
        members = self.hall.council.members
        for voter, n in [*self.acknowledged][:1]:
            assert _place(await self.send(members.index(voter), n)) == _place(self.acknowledged[voter, n])
        for voter, n in [*self.refused][:1]:
            assert await self.send(members.index(voter), n) == Answer(409, "question_not_open")


def _place(receipt: Answer) -> tuple[int, str]:
    """Where a receipt says that the ballot is."""
    return receipt.value["number"], receipt.value["hash"]


@pytest.mark.usefixtures("at_full_speed")
@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(GATE, id="gate"),
        *(pytest.param(each, marks=pytest.mark.slow, id=f"{each.start}-{each.stop}") for each in ALL),
    ],
)
async def test_no_acknowledged_ballot_is_lost_and_none_slips_in_after_the_close(hall: Hall, rounds: range) -> None:
    met = Counter[str]()
    for number in rounds:
        race = Race(hall, await put(hall.chair, hall.sitting), number)
        await race.run()
        await race.check()
        await race.check_again()
        met.update(acknowledged=len(race.acknowledged), refused=len(race.refused))
        met["torn"] += bool(race.acknowledged and race.refused)
        met["changed"] += any((voter, 2) in race.acknowledged and n == 1 for voter, n in race.acknowledged)
    print(dict(met))
    # A close that always came first or last would have raced nobody; nor would versions that never met.
    assert met["torn"] > len(rounds) // 2, met
    assert met["changed"] > len(rounds) // 4, met
    assert await audit(hall.council.settings) >= met["acknowledged"]
