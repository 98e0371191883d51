"""The power is cut while a council votes, under SQLite: every receipt that was given stands for a ballot that is kept.

What a cut does to files: tests/adapters/platter.py. The ballots come in by HTTP; a cut may fall between any two writes.
"""

import asyncio
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ecabinet.adapters.database import NotDurable
from ecabinet.app import audit
from ecabinet.house import House
from ecabinet.ledger.model import RecordBroken
from tests.adapters.platter import Disk, Log, Written
from tests.voting.assembly import (
    CHOICES,
    Answer,
    Council,
    Device,
    Sitting,
    cast,
    convened,
    devices,
    founded,
    put,
    serving,
)

VOTERS = 8
VERSIONS = 8
CUTS = 25
"""In one voting; so many moments of it are tried."""
CHECKPOINT_PAGES = (1_000, 60)
"""How far the WAL may grow before it is written back: SQLite's own measure, and one that makes it often."""
FILE = "ecabinet.sqlite"


@dataclass(frozen=True, slots=True)
class Sound:
    """An installation and a question that is open, at rest: each voting begins from a copy of it."""

    council: Council
    sitting: Sitting
    question: str

    def copied(self, folder: Path) -> Path:
        """The database in a folder of its own."""
        folder.mkdir()
        return Path(shutil.copy(self.council.settings.data / FILE, folder / FILE))


@pytest.fixture(scope="module")
async def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    folder = tmp_path_factory.mktemp("sound")
    council = await founded(folder, f"sqlite+aiosqlite:///{folder / FILE}", VOTERS)
    house = House(council.settings)
    async with serving(house), devices(council, [council.chair]) as [chair]:
        sitting = await convened(house, council)
        question = await put(chair, sitting)
    return Sound(council, sitting, question)


@pytest.fixture
def disk() -> Iterator[Disk]:
    with Disk().registered() as disk:
        yield disk


@pytest.fixture
async def at_full_speed(asyncio_debug: None) -> None:
    """asyncio's debug mode would make half of this suite's time."""
    asyncio.get_running_loop().set_debug(False)


@dataclass
class Voting:
    """Everybody changes the vote again and again, on a disk whose power can be cut."""

    sound: Sound
    disk: Disk
    path: Path
    checkpoint_pages: int = 1_000
    synchronous: str = "FULL"
    is_open: bool = False
    """The application looks at the setting when it starts: whoever weakens it does so behind its back."""

    async def log(self) -> Log:
        """What happened on the disk, and when each receipt was in its voter's hands."""
        council = self.sound.council
        settings = replace(council.settings, database_url=self.disk.url(self.path))
        house = House(settings)
        event.listen(house.database.engine.sync_engine, "checkout", self._prepare)
        with self.disk.recording(self.path) as log:
            async with serving(house), devices(council, council.members) as made:
                self.is_open = True
                async with asyncio.TaskGroup() as tasks:
                    for voter in made:
                        tasks.create_task(self._vote(voter, log))
        return log

    def _prepare(self, connection: Any, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA wal_autocheckpoint={self.checkpoint_pages}")
        if self.is_open:
            cursor.execute(f"PRAGMA synchronous={self.synchronous}")
        cursor.close()

    async def _vote(self, voter: Device, log: Log) -> None:
        for n in range(1, VERSIONS + 1):
            answer = await cast(voter, self.sound.sitting, self.sound.question, CHOICES[n % 3], n)
            assert answer.status == 201, answer
            log.note(answer)


@dataclass(frozen=True, slots=True)
class Found:
    """A database after a cut."""

    acknowledged: int
    kept: int
    wrong: str | None


async def found_after(cut: int, log: Log, sound: Sound, folder: Path, chance: random.Random) -> Found:
    """Open what is left as anybody would, and look for every receipt."""
    folder.mkdir()
    for name, content in log.after_cut(cut, chance).items():
        (folder / name).write_bytes(content)
    receipts: list[Answer] = log.noted(cut)
    try:
        kept = _ballots(folder / FILE, sound.question)
        wrong = _missing(receipts, kept) or await _broken(folder, sound)
    except (sqlite3.DatabaseError, RecordBroken) as error:
        return Found(len(receipts), 0, repr(error))
    finally:
        shutil.rmtree(folder)
    return Found(len(receipts), len(kept), wrong)


def _ballots(path: Path, question: str) -> dict[int, str]:
    """Number in the record to hash. Raises DatabaseError when the file is not whole."""
    connection = sqlite3.connect(path)
    try:
        faults = [fault for (fault,) in connection.execute("PRAGMA integrity_check") if fault != "ok"]
        if faults:
            raise sqlite3.DatabaseError(faults[0])
        rows = connection.execute("SELECT number, hash FROM ballot WHERE question = ?", [question]).fetchall()
        [[recorded]] = connection.execute("SELECT count(*) FROM ledger_entry WHERE type = 'ballot.cast'")
        [[told]] = connection.execute("SELECT count(*) FROM ballot")
    finally:
        connection.close()
    if recorded != told:
        raise sqlite3.DatabaseError(f"{recorded} ballots recorded, {told} kept")
    return dict(rows)


def _missing(receipts: list[Answer], kept: dict[int, str]) -> str | None:
    lost = [each for each in receipts if kept.get(each.value["number"]) != each.value["hash"]]
    return f"{len(lost)} of {len(receipts)} acknowledged ballots are lost" if lost else None


async def _broken(folder: Path, sound: Sound) -> str | None:
    shutil.copy(sound.council.settings.data / "ledger.key", folder)
    await audit(replace(sound.council.settings, data=folder, database_url=f"sqlite+aiosqlite:///{folder / FILE}"))
    return None


async def tried(voting: Voting, log: Log, seed: str) -> list[Found]:
    """So many cuts of one voting, at moments drawn by lot."""
    chance = random.Random(seed)
    moments = [chance.randint(0, len(log.events)) for _ in range(CUTS)]
    folders = (voting.path.parent / f"after-{number}" for number in count())
    return [await found_after(cut, log, voting.sound, next(folders), chance) for cut in moments]


@pytest.fixture
def votings(sound: Sound, disk: Disk, tmp_path: Path) -> Iterator[Voting]:
    """As many as one wants, each on a fresh copy, by turns with many checkpoints and with few."""
    return (
        Voting(sound, disk, sound.copied(tmp_path / f"voting-{number}"), CHECKPOINT_PAGES[number % 2])
        for number in count()
    )


@pytest.mark.usefixtures("at_full_speed")
@pytest.mark.parametrize("rounds", [pytest.param(2, id="gate"), pytest.param(80, marks=pytest.mark.slow, id="2000")])
async def test_no_acknowledged_ballot_is_lost_when_the_power_goes(votings: Iterator[Voting], rounds: int) -> None:
    met = Counter[str]()
    for number in range(rounds):
        voting = next(votings)
        log = await voting.log()
        met["written back"] += any(isinstance(each, Written) and each.path == FILE for each in log.events)
        for found in await tried(voting, log, f"round {number}"):
            assert found.wrong is None, found
            met.update(cuts=1, acknowledged=found.acknowledged, kept=found.kept)
            met["in between"] += 0 < found.acknowledged < VOTERS * VERSIONS
        shutil.rmtree(voting.path.parent)
    print(dict(met))
    # Cuts before the first receipt or after the last would prove little; so would a WAL that only grows.
    assert met["in between"] > met["cuts"] // 2, met
    assert met["written back"] >= rounds // 2, met


@pytest.mark.usefixtures("at_full_speed")
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
async def test_with_weaker_syncs_ballots_are_lost_and_it_shows(votings: Iterator[Voting], synchronous: str) -> None:
    """Without it, all of the above could be true of a disk that never loses anything."""
    weakened = replace(next(votings), synchronous=synchronous)
    wrong = [found.wrong for found in await tried(weakened, await weakened.log(), synchronous) if found.wrong]
    print(len(wrong), "of", CUTS, Counter(wrong).most_common(3))
    assert len(wrong) > CUTS // 2, wrong


async def test_an_application_does_not_start_with_weaker_syncs(sound: Sound, disk: Disk, tmp_path: Path) -> None:
    house = House(replace(sound.council.settings, database_url=disk.url(sound.copied(tmp_path / "weakened"))))
    event.listen(
        house.database.engine.sync_engine, "checkout", lambda each, *_: each.cursor().execute("PRAGMA synchronous=OFF")
    )
    with pytest.raises(NotDurable):
        async with serving(house):
            pass
