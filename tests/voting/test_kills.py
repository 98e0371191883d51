"""The application is killed while a council votes, again and again; and so is the database.

After each start every receipt that was given stands for a ballot that is kept, once, and the record verifies.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from ecabinet.app import audit
from ecabinet.house import House
from ecabinet.kernel.ids import PersonId
from tests.postgresql import Cluster
from tests.voting.application import Application
from tests.voting.assembly import (
    CHOICES,
    Answer,
    Council,
    Device,
    Lost,
    Sitting,
    cast,
    convened,
    counts_of,
    devices,
    founded,
    put,
    rows_of,
)

VOTERS = 12
RECEIPTS = 30
"""The kill comes after so many of them at most,"""
LONGEST_S = 0.04
"""and so long after that, or earlier."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """With fsync, as an installation has it."""
    cluster = Cluster.start(fsync=True)
    yield cluster
    cluster.stop()


@pytest.fixture
async def at_full_speed(asyncio_debug: None) -> None:
    """asyncio's debug mode would slow down the voters, not the application."""
    asyncio.get_running_loop().set_debug(False)


@dataclass
class Hall:
    """A council in session, and the application it votes with."""

    house: House
    """To look at the database with."""
    council: Council
    sitting: Sitting
    application: Application
    voters: list[Device]
    chair: Device

    async def start_again(self) -> None:
        """Connections to the one that was killed are dead as well."""
        await self.application.start()
        for device in (*self.voters, self.chair):
            device.close()


async def hall_on(url: str, folder: Path) -> AsyncIterator[Hall]:
    council = await founded(folder, url, VOTERS)
    house, application = House(council.settings), Application(council.settings)
    sitting = await convened(house, council)
    async with devices(council, [*council.members, council.chair]) as made:
        await application.start()
        try:
            yield Hall(house, council, sitting, application, made[:-1], made[-1])
        finally:
            application.end()
            await house.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def hall(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hall]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'ecabinet.sqlite'}"
    if request.param == "postgresql":
        url = await request.getfixturevalue("cluster").new_database()
    async for hall in hall_on(url, tmp_path):
        yield hall


@pytest.fixture
async def hall_on_postgresql(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Hall]:
    async for hall in hall_on(await cluster.new_database(), tmp_path):
        yield hall


@dataclass
class Voting:
    """One question, until something dies."""

    hall: Hall
    question: str
    receipts: dict[tuple[PersonId, int], Answer] = field(default_factory=dict)
    unanswered: dict[PersonId, int] = field(default_factory=dict)
    """The version each voter has sent and has no receipt for."""
    dead: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def vote(self, place: int) -> None:
        """Change the vote until there is no answer, or none that is a receipt."""
        voter, n = self.hall.council.members[place], 0
        while not self.dead:
            n += 1
            self.unanswered[voter] = n
            if not await self.is_kept(place, n):
                return

    async def is_kept(self, place: int, n: int) -> bool:
        """Send a version; whether a receipt came back."""
        voter = self.hall.council.members[place]
        try:
            answer = await cast(self.hall.voters[place], self.hall.sitting, self.question, CHOICES[(place + n) % 3], n)
        except Lost:
            return False
        if answer.status != 201:
            # The application lives and its database does not.
            assert answer == Answer(503, "unavailable")
            return False
        self.receipts[voter, n] = answer
        self.unanswered.pop(voter, None)
        self.news.set()
        return True

    async def until(self, receipts: int) -> None:
        """Wait for so many."""
        while len(self.receipts) < receipts:
            self.news.clear()
            await self.news.wait()

    async def check(self) -> int:
        """What was acknowledged is there, once, with its receipt; of the rest nothing but what was on its way.
        How many of those were kept."""
        rows = await rows_of(self.hall.house.database, self.question)
        kept = {(row.voter, row.n): (row.number, row.hash, row.choice) for row in rows}
        assert len(kept) == len(rows) == len({row.number for row in rows})
        for key, receipt in self.receipts.items():
            assert kept[key] == _said(receipt)
        beyond = kept.keys() - self.receipts.keys()
        assert beyond <= set(self.unanswered.items())
        async with self.hall.house.database.reading() as connection:
            found = await connection.execute(
                text(
                    "SELECT (SELECT count(*) FROM ballot), (SELECT count(*) FROM ledger_entry "
                    "WHERE type = 'ballot.cast')"
                )
            )
            told, recorded = found.one()
        assert told == recorded
        assert await audit(self.hall.council.settings) > recorded
        return len(beyond)

    async def finish(self) -> None:
        """Every device sends again what it has no receipt for, and one thing it has; then the vote ends."""
        members = self.hall.council.members
        for voter, n in [*self.unanswered.items()]:
            assert await self.is_kept(members.index(voter), n)
        for voter, n in [*self.receipts][:1]:
            before = self.receipts[voter, n]
            assert await self.is_kept(members.index(voter), n)
            assert _said(self.receipts[voter, n]) == _said(before)
        assert await self.check() == 0
        answer = await self.hall.chair.ask("POST", self.hall.sitting.at(f"/questions/{self.question}/close"))
        assert answer.status == 204, answer
        newest = {voter: self.receipts[voter, n].value["choice"] for voter, n in sorted(self.receipts)}
        by_hand, counts = Counter(newest.values()), await counts_of(self.hall.house.database, self.question)
        assert {"for": counts["votes_for"], "against": counts["votes_against"], "abstain": counts["abstained"]} == {
            choice: by_hand[choice] for choice in CHOICES
        }


def _said(receipt: Answer) -> tuple[int, str, str]:
    return receipt.value["number"], receipt.value["hash"], receipt.value["choice"]


async def interrupted(hall: Hall, seed: str, strike: "Strike") -> Voting:
    """Everybody votes; at a moment drawn by lot it strikes."""
    chance = random.Random(seed)
    voting = Voting(hall, await put(hall.chair, hall.sitting))
    async with asyncio.TaskGroup() as tasks:
        for place in range(VOTERS):
            tasks.create_task(voting.vote(place))
        await voting.until(chance.randint(0, RECEIPTS))
        await asyncio.sleep(chance.uniform(0, LONGEST_S))
        strike()
        voting.dead = True
    return voting


class Strike:
    """What dies."""

    def __init__(self, *victims: object) -> None:
        self.victims = victims

    def __call__(self) -> None:
        for victim in self.victims:
            if isinstance(victim, Cluster):
                victim.crash()
            elif isinstance(victim, Application):
                victim.kill()


def note(met: Counter[str], voting: Voting, beyond: int) -> None:
    """How hard it was."""
    met.update(kills=1, acknowledged=len(voting.receipts), unanswered=len(voting.unanswered), kept_unanswered=beyond)
    met["in the middle"] += bool(voting.receipts and voting.unanswered)


def was_hard(met: Counter[str]) -> bool:
    """Whether enough was struck in the middle of a vote for the rest to mean anything. A few come before the first
    receipt, by lot and by how busy the machine is."""
    return met["in the middle"] >= max(1, met["kills"] // 3)


@pytest.mark.usefixtures("at_full_speed")
@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(range(5), id="gate"),
        *(pytest.param(range(at, at + 50), marks=pytest.mark.slow, id=f"{at}-{at + 50}") for at in range(0, 200, 50)),
    ],
)
async def test_a_killed_application_has_lost_nothing_it_acknowledged(hall: Hall, rounds: range) -> None:
    met = Counter[str]()
    for number in rounds:
        voting = await interrupted(hall, f"kill {number}", Strike(hall.application))
        await hall.start_again()
        note(met, voting, await voting.check())
        await voting.finish()
    print(dict(met))
    assert was_hard(met), met


@pytest.mark.usefixtures("at_full_speed")
@pytest.mark.parametrize("rounds", [pytest.param(2, id="gate"), pytest.param(30, marks=pytest.mark.slow, id="30")])
async def test_a_database_that_crashes_has_lost_nothing_and_the_application_finds_it_again(
    hall_on_postgresql: Hall, cluster: Cluster, rounds: int
) -> None:
    """Every second time the application dies with it."""
    hall, met = hall_on_postgresql, Counter[str]()
    for number in range(rounds):
        both = number % 2 == 1
        voting = await interrupted(hall, f"crash {number}", Strike(cluster, *([hall.application] if both else [])))
        cluster.restart()
        # Connections from before the crash are dead, and those who look with them would be told so once.
        await hall.house.database.close()
        if both:
            await hall.start_again()
        note(met, voting, await voting.check())
        await voting.finish()
    print(dict(met))
    assert was_hard(met), met
