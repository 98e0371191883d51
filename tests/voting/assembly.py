"""A council in a house of its own and its members' devices: what the proofs of casting drive, over HTTP.

Everything here goes in by the doors: whatever happens between a ballot's arrival and its receipt may be built anew
without touching a proof.
"""

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import JSON, text

from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act
from ecabinet.app import running
from ecabinet.attendance.model import Mark, Presence
from ecabinet.founding import Plan as FoundingPlan
from ecabinet.founding import found_in
from ecabinet.house import House
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId
from ecabinet.meetings.model import ItemPlan, ItemType, Kind, Mode, Plan
from ecabinet.settings import Settings
from tests.fakes.identity import PlainPasswords
from tests.postgresql import free_port

SECRETARY = "thu-ky"
FOUNDING = f"""
[[body]]
name = "Hội đồng nhân dân tỉnh"
name_en = "Provincial People's Council"
unit = "Tỉnh"
profile = "hdnd-tinh"
secretaries = ["{SECRETARY}"]
term = {{ name = "2026-2031", since = 2026-04-01 }}
"""
CHOICES = ("for", "against", "abstain")


class Lost(Exception):
    """No answer came: what was asked may have been done or not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    value: Any
    """The JSON answer; of a refusal its code; of anything else its text."""


@dataclass(slots=True)
class Device:
    """One connection in somebody's name, kept open as a browser keeps it. It asks one thing at a time."""

    port: int
    cookie: str
    _line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Raises Lost."""
        sent = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nCookie: sid={self.cookie}\r\nX-Req: 1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        try:
            reader, writer = self._line or await asyncio.open_connection("127.0.0.1", self.port)
            self._line = reader, writer
            writer.write(head.encode() + sent)
            return await _answer(reader)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise Lost() from error
        except asyncio.CancelledError:
            # An answer under way would be taken for that of the next request.
            self.close()
            raise

    def close(self) -> None:
        """Hang up; the next request dials again."""
        if self._line is not None:
            self._line[1].close()
            self._line = None


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(maxsplit=2)[1])
    if status == 204:
        return Answer(status, None)
    content = await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
    if b"content-type: application/json" not in head:
        return Answer(status, content.decode())
    value = json.loads(content)
    return Answer(status, value["error"]["code"] if status >= 400 else value)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting in session, everybody present, at the item to be decided."""

    meeting: MeetingId
    item: ItemId

    def at(self, rest: str = "") -> str:
        return f"/api/meetings/{self.meeting}{rest}"

    def ballots(self, question: str) -> str:
        return self.at(f"/questions/{question}/ballots")


@dataclass(frozen=True, slots=True)
class Council:
    """An installation with one body in it, and everybody signed in. The first member is its head and presides."""

    settings: Settings
    body: BodyId
    secretary: PersonId
    members: tuple[PersonId, ...]
    cookies: Mapping[PersonId, str] = field(default_factory=dict)

    @property
    def chair(self) -> PersonId:
        return self.members[0]

    def device(self, person: PersonId) -> Device:
        """One more in somebody's name."""
        return Device(self.settings.port, self.cookies[person])


@asynccontextmanager
async def devices(council: Council, people: Sequence[PersonId]) -> AsyncIterator[list[Device]]:
    """One each."""
    made = [council.device(person) for person in people]
    try:
        yield made
    finally:
        for device in made:
            device.close()


async def founded(folder: Path, database_url: str, members: int) -> Council:
    """A council of so many. No relay: nobody calls, and the media server named here is not there."""
    settings = Settings(
        data=folder,
        database_url=database_url,
        port=free_port(),
        web=folder / "web",
        livekit_url="http://127.0.0.1:9",
        livekit_key="key",
        livekit_secret="a secret of thirty-two characters",
    )
    house = House(settings)
    house.passwords = PlainPasswords()  # type: ignore[assignment]  # nobody signs in with one
    try:
        made = await found_in(house, _plan(members))
        [body] = made.bodies.values()
        people = tuple(person for name, person in made.people.items() if name != SECRETARY)
        secretary = made.people[SECRETARY]
        everybody = (*people, secretary)
        secrets = await house.uow.run(partial(_signed_in, house, everybody))
    finally:
        await house.database.close()
    return Council(settings, body, secretary, people, dict(zip(everybody, secrets, strict=True)))


def _plan(members: int) -> FoundingPlan:
    found = tomllib.loads(FOUNDING)
    usernames = [f"dai-bieu-{number}" for number in range(1, members + 1)]
    accounts = [{"username": name, "name": name, "password": "không ai dùng"} for name in [*usernames, SECRETARY]]
    since = datetime(2026, 4, 1, tzinfo=UTC).date()
    seats = [{"username": name, "post": "Đại biểu", "post_en": "Delegate", "since": since} for name in usernames]
    seats[0]["head"] = True
    found["body"][0]["member"] = seats
    return FoundingPlan.model_validate({"account": accounts, **found})


async def _signed_in(house: House, people: Sequence[PersonId], act: Act) -> list[str]:
    identity = house.identity(act)
    return [await identity.begin(await identity.account(person)) for person in people]


async def convened(house: House, council: Council) -> Sitting:
    """A meeting of the council, open, with everybody in it."""
    starts = datetime.now(UTC) + timedelta(days=10)
    wanted = Plan("Kỳ họp", Kind.REGULAR, Mode.REMOTE, "", starts, starts + timedelta(hours=3), True)
    run, chair, secretary = house.uow.run, council.chair, council.secretary
    meeting = await run(lambda act: house.meetings(act).create(council.body, wanted, chair, secretary))
    decision = ItemPlan("Nghị quyết", ItemType.DECISION, "", 30)
    item = await run(lambda act: house.meetings(act).add_item(meeting, decision, secretary))
    await run(lambda act: house.meetings(act).convene(meeting, secretary))
    await run(partial(_count_present, house, meeting, council.members))
    await run(lambda act: house.meetings(act).open(meeting, chair))
    await run(lambda act: house.meetings(act).start_item(meeting, item, chair))
    return Sitting(meeting, item)


async def _count_present(house: House, meeting: MeetingId, people: Sequence[PersonId], act: Act) -> None:
    # Past the roll call, which reads the whole list for each of them.
    for person in people:
        await house.attendance(act).kept.put(Presence(meeting, person, mark=Mark.PRESENT))


@asynccontextmanager
async def serving(house: House) -> AsyncIterator[None]:
    """The whole application in this process, as `ecabinet serve` runs it. It ends without patience: whoever waits for
    an answer then gets none."""
    async with running(house) as site:
        runner = web.AppRunner(site, access_log=None, shutdown_timeout=0, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", house.settings.port).start()
            yield
        finally:
            await runner.cleanup()


async def put(chair: Device, sitting: Sitting, text: str = "Thông qua?") -> str:
    """A question before everybody, by the chair's device."""
    wanted = {"item": sitting.item, "text": text, "method": "approval"}
    answer = await chair.ask("POST", sitting.at("/questions"), wanted)
    assert answer.status == 201, answer
    return str(answer.value["id"])


async def cast(device: Device, sitting: Sitting, question: str, choice: str, n: int) -> Answer:
    """Send one version of an answer. Raises Lost."""
    return await device.ask("POST", sitting.ballots(question), {"choice": choice, "n": n})


@dataclass(frozen=True, slots=True)
class Row:
    """A ballot as the database keeps it, read past everything that was built on top."""

    voter: PersonId
    n: int
    choice: str
    number: int
    hash: str


async def rows_of(database: Database, question: str) -> list[Row]:
    """Every version of everybody, in the order of the record."""
    async with database.reading() as connection:
        statement = text("SELECT voter, n, choice, number, hash FROM ballot WHERE question = :question ORDER BY number")
        return [Row(**row._mapping) for row in await connection.execute(statement, {"question": question})]


async def counts_of(database: Database, question: str) -> dict[str, int]:
    """What the verdict of a closed question counted."""
    async with database.reading() as connection:
        statement = text("SELECT phase, verdict FROM question WHERE id = :question").columns(verdict=JSON)
        row = (await connection.execute(statement, {"question": question})).one()
    assert row.phase == "closed"
    counts: dict[str, int] = row.verdict["arithmetic"]["counts"]
    return counts
