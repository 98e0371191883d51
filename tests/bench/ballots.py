"""Ballots a second: recorded in the ledger, durable, over HTTP, when a whole assembly votes.

    python -m tests.bench.ballots [--json] [--voters N] [--seconds N]

One application process, as an installation runs it, on SQLite and on a PostgreSQL of our own with fsync on. The voters
are connections of another process. First all vote at once: that is the wait for the receipt. Then all change their vote
again and again: that is the rate. Nobody looks on over socket.io, so pushing what happens is not in the figures.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

from ecabinet.adapters.unit_of_work import Act  # noqa: E402
from ecabinet.attendance.model import Mark, Presence  # noqa: E402
from ecabinet.founding import Plan as FoundingPlan  # noqa: E402
from ecabinet.founding import found_in  # noqa: E402
from ecabinet.house import House  # noqa: E402
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId  # noqa: E402
from ecabinet.meetings.model import ItemPlan, ItemType, Kind, Mode, Plan  # noqa: E402
from ecabinet.register.model import Matter  # noqa: E402
from ecabinet.settings import Settings  # noqa: E402
from ecabinet.voting.service import Wanted  # noqa: E402
from tests.fakes.identity import PlainPasswords  # noqa: E402
from tests.journeys.house import House as Installation  # noqa: E402
from tests.postgresql import Cluster  # noqa: E402

SECRETARY: Final = "thu-ky"
CONNECTED_AT_ONCE: Final = 50
"""More would overrun the listening queue and wait for TCP to try again."""
PATIENCE_S: Final = 300
CHOICES: Final = (b"against", b"for")

FOUNDING: Final = """
[[body]]
name = "Hội đồng nhân dân tỉnh"
name_en = "Provincial People's Council"
unit = "Tỉnh"
profile = "hdnd-tinh"
secretaries = ["thu-ky"]
term = { name = "2026-2031", since = 2026-04-01 }
"""


@dataclass(frozen=True)
class Vote:
    """A question before an assembly, and everybody signed in."""

    meeting: MeetingId
    question: QuestionId
    secrets: list[str]
    """The voters' cookies."""


# --- the assembly, made through the services ---


def plan(voters: int) -> FoundingPlan:
    """A council of so many, and its secretary."""
    found = tomllib.loads(FOUNDING)
    usernames = [f"dai-bieu-{number}" for number in range(1, voters + 1)]
    accounts = [{"username": name, "name": name, "password": "không ai dùng"} for name in [SECRETARY, *usernames]]
    since = datetime(2026, 4, 1, tzinfo=UTC).date()
    members = [{"username": name, "post": "Đại biểu", "post_en": "Delegate", "since": since} for name in usernames]
    members[0]["head"] = True
    found["body"][0]["member"] = members
    return FoundingPlan.model_validate({"account": accounts, **found})


async def assembled(folder: Path, database_url: str, voters: int) -> Vote:
    """Found it, convene it, count everyone present, put a question."""
    house = House(Settings(data=folder, database_url=database_url))
    house.passwords = PlainPasswords()  # type: ignore[assignment]  # nobody signs in with one
    founded = await found_in(house, plan(voters))
    [body] = founded.bodies.values()
    secretary = founded.people[SECRETARY]
    delegates = [person for name, person in founded.people.items() if name != SECRETARY]
    chair = delegates[0]
    starts = datetime.now(UTC) + timedelta(days=10)
    wanted = Plan("Kỳ họp", Kind.REGULAR, Mode.REMOTE, "", starts, starts + timedelta(hours=3), True)
    run = house.uow.run
    meeting = await run(lambda act: house.meetings(act).create(body, wanted, chair, secretary))
    decision = ItemPlan("Nghị quyết", ItemType.DECISION, "", 30)
    item = await run(lambda act: house.meetings(act).add_item(meeting, decision, secretary))
    await run(lambda act: house.meetings(act).convene(meeting, secretary))
    await run(partial(_count_present, house, meeting, delegates))
    await run(lambda act: house.meetings(act).open(meeting, chair))
    await run(lambda act: house.meetings(act).start_item(meeting, item, chair))
    asked = Wanted(item, "Thông qua Nghị quyết", Matter.RESOLUTION)
    question = await run(lambda act: house.voting(act).put(meeting, asked, chair))
    secrets = await run(partial(_signed_in, house, delegates))
    await house.database.close()
    return Vote(meeting, question, secrets)


async def _count_present(house: House, meeting: MeetingId, people: list[PersonId], act: Act) -> None:
    # Past the roll call, which reads the whole list for each of them: it is not what is measured.
    for person in people:
        await house.attendance(act).kept.put(Presence(meeting, person, mark=Mark.PRESENT))


async def _signed_in(house: House, people: list[PersonId], act: Act) -> list[str]:
    identity = house.identity(act)
    return [await identity.begin(await identity.account(person)) for person in people]


# --- the voters, in a process of their own ---


class Voter(asyncio.Protocol):
    """One connection that is kept open. It shares the cores with what is measured, so it does no more than it must."""

    def __init__(self, poll: "Poll", head: bytes) -> None:
        """``head``: the request's, but for the body's length."""
        self._poll, self._head = poll, head
        self._arrived = b""
        self._sent_at = 0.0
        self._n = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to vote."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def cast(self) -> None:
        """Send the next version of this voter's ballot."""
        self._n += 1
        body = b'{"choice":"%b","n":%d}' % (CHOICES[self._n % 2], self._n)
        self._sent_at = perf_counter()
        self.transport.write(self._head % len(body) + body)

    def data_received(self, data: bytes) -> None:
        """The receipt, or a part of it."""
        self._arrived += data
        head, end, answer = self._arrived.partition(b"\r\n\r\n")
        if not end or len(answer) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            return
        took_s = perf_counter() - self._sent_at
        self._arrived = b""
        if head.startswith(b"HTTP/1.1 201"):
            self._poll.acknowledged(self, took_s, json.loads(answer), self._n)
        else:
            self._poll.fail(AssertionError(head, answer))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody hangs up on a voter."""
        self._poll.fail(exc or ConnectionResetError())


class Poll:
    """All voters of this process: what each was told, and when they are done."""

    def __init__(self) -> None:
        """Nobody has voted."""
        self.waits_s: list[float] = []
        self.numbers: list[int] = []
        self.until = 0.0
        self._under_way = 0
        self._is_done = asyncio.get_running_loop().create_future()

    async def run(self, voters: list[Voter], until: float) -> None:
        """All at once, and each again and again until then; returns when the last receipt is there."""
        self.until, self._under_way = until, len(voters)
        self._is_done = asyncio.get_running_loop().create_future()
        for voter in voters:
            voter.cast()
        await self._is_done

    def acknowledged(self, voter: Voter, took_s: float, receipt: dict[str, Any], n: int) -> None:
        """A voter has a receipt."""
        assert receipt["n"] == n, (receipt, n)
        self.waits_s.append(took_s)
        self.numbers.append(receipt["number"])
        if perf_counter() < self.until:
            voter.cast()
            return
        self._under_way -= 1
        if not self._under_way:
            self._is_done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Something else than a receipt."""
        if not self._is_done.done():
            self._is_done.set_exception(error)


async def connected(poll: Poll, port: int, path: str, secrets: list[str]) -> list[Voter]:
    """Everybody, with a connection."""
    loop = asyncio.get_running_loop()

    async def connect(secret: str) -> Voter:
        lines = [f"POST {path} HTTP/1.1", f"Host: localhost:{port}", f"Cookie: sid={secret}", "X-Req: 1"]
        head = "\r\n".join([*lines, "Content-Type: application/json", "Content-Length: "]).encode() + b"%d\r\n\r\n"
        _, voter = await loop.create_connection(lambda: Voter(poll, head), "127.0.0.1", port)
        return voter

    voters: list[Voter] = []
    for start in range(0, len(secrets), CONNECTED_AT_ONCE):
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(connect(secret)) for secret in secrets[start : start + CONNECTED_AT_ONCE]]
        voters += [task.result() for task in made]
    return voters


async def vote(port: int, path: str, secrets: list[str], seconds: float) -> dict[str, Any]:
    """All at once, then all again and again."""
    poll = Poll()
    voters = await connected(poll, port, path, secrets)
    await poll.run(voters, 0.0)
    waits_s = list(poll.waits_s)
    began = perf_counter()
    await poll.run(voters, began + seconds)
    took_s = perf_counter() - began
    assert len(set(poll.numbers)) == len(poll.numbers), "two ballots with one number"
    again = len(poll.numbers) - len(voters)
    for voter in voters:
        voter.transport.close()
    return {"waits_s": waits_s, "again": again, "took_s": took_s}


# --- one database ---


def cpu_s(pid: int) -> float:
    """User and system time of a process, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(database_url: str, folder: Path, voters: int, seconds: float) -> dict[str, Any]:
    """The figures of one kind of database."""
    cast = await assembled(folder, database_url, voters)
    installation = Installation(folder, database_url, {"ECABINET_LOG_JSON": "true"})  # as deploy/environment has it
    await installation.start()
    assert installation.process is not None
    try:
        path = f"/api/meetings/{cast.meeting}/questions/{cast.question}/ballots"
        order = {"port": installation.ports[0], "path": path, "secrets": cast.secrets, "seconds": seconds}
        began, cpu_before = perf_counter(), cpu_s(installation.process.pid)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __spec__.name, "--as-voters"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE_S + seconds):
            said, _ = await child.communicate(json.dumps(order).encode())
        used_s = cpu_s(installation.process.pid) - cpu_before
        core = used_s / (perf_counter() - began)
    finally:
        await installation.stop()
    found = json.loads(said)
    cuts = statistics.quantiles(found["waits_s"], n=100, method="inclusive")
    return {
        "per_s": round(found["again"] / found["took_s"], 1),
        "ack_ms": {"p50": round(cuts[49] * 1000, 1), "p99": round(cuts[98] * 1000, 1)},
        "app_core": round(core, 2),
        "app_cpu_ms": round(used_s * 1000 / (found["again"] + voters), 3),
    }


async def bench(voters: int, seconds: float) -> dict[str, Any]:
    """Both kinds, one after the other."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="ecabinet-ballots-") as name:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'ecabinet.db'}"
        found["sqlite"] = await measured(url, folder, voters, seconds)
    cluster = Cluster.start(fsync=True)
    try:
        with tempfile.TemporaryDirectory(prefix="ecabinet-ballots-") as name:
            found["postgresql"] = await measured(await cluster.new_database(), Path(name), voters, seconds)
    finally:
        cluster.stop()
    return found


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--voters", type=int, default=500, help="how many vote")
    parser.add_argument("--seconds", type=float, default=10.0, help="for how long they change their vote")
    parser.add_argument("--as-voters", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_voters:
        print(json.dumps(asyncio.run(vote(**json.load(sys.stdin)))))
        return
    found = asyncio.run(bench(options.voters, options.seconds))
    if options.json:
        print(json.dumps(found))
        return
    print(f"{options.voters} voters{'ballots/s':>14}{'p50 ms':>10}{'p99 ms':>10}{'app, of a core':>16}")
    for name, figures in found.items():
        ack = figures["ack_ms"]
        print(f"{name:<12}{figures['per_s']:>12}{ack['p50']:>10}{ack['p99']:>10}{figures['app_core']:>16.0%}")


if __name__ == "__main__":
    main()
