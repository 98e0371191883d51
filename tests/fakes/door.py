"""A running HTTP edge with a few routes on a database of its own: who signs in is who the cookie says."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDictProxy
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.adapters.outbox import Message, since
from ecabinet.adapters.unit_of_work import Projector, UnitOfWork
from ecabinet.edge.headers import Origins
from ecabinet.edge.routes import Route, SignedIn
from ecabinet.edge.web import Attempt, Door, application
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, SessionId
from ecabinet.meetings.model import Meeting
from tests.fakes.gathering import MEETING
from tests.fakes.standing import put_meeting

HEADERS = {"X-Req": "1"}


async def _unheard(attempt: Attempt) -> None:
    """Refusals are kept elsewhere."""


@dataclass
class CountingRecorder:
    """A ledger that only counts."""

    events: list[Event] = field(default_factory=list)

    async def append(self, connection: AsyncConnection, events: Sequence[Event]) -> list[int]:
        first = len(self.events) + 1
        self.events += events
        return list(range(first, len(self.events) + 1))


@dataclass
class Here:
    """A database with one meeting in it, and who stands how to that meeting."""

    uow: UnitOfWork
    meeting: Meeting
    recorder: CountingRecorder
    withdrawn: dict[PersonId, frozenset[ItemId]] = field(default_factory=dict)
    """Who has withdrawn from what."""

    async def standing(self, signed_in: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
        if meeting != MEETING or not self.meeting.takes_part(signed_in.person):
            return Standing(signed_in.person, frozenset({Role.ACCOUNT}), body, meeting)
        seat = self.meeting.participant(signed_in.person)
        roles, withdrawn = frozenset({Role.ACCOUNT, seat.role}), self.withdrawn.get(seat.person, frozenset())
        return Standing(signed_in.person, roles, body, meeting, seat.items, withdrawn)

    async def standing_of(self, person: PersonId) -> Standing:
        """How a person stands to the meeting."""
        return await self.standing(SignedIn(person, SessionId("session"), is_admin=False), MEETING, None)

    async def who_is(self, cookie: str) -> SignedIn:
        return SignedIn(PersonId(cookie), SessionId("session"), is_admin=False)

    async def told(self) -> list[Message]:
        """Everything the meeting was told."""
        async with self.uow.reading() as act:
            return await since(act.connection, MEETING, 0, 100)

    @asynccontextmanager
    async def serving(self, routes: Sequence[Route]) -> AsyncIterator["People"]:
        """The edge with these routes."""
        origins = Origins("http://localhost:1", ("ws://localhost:2",))
        app = application(Door(origins, self.who_is, self.standing, _unheard, session_absolute_s=60), routes)
        async with TestClient(TestServer(app)) as client:
            yield People(client)


@dataclass
class People:
    """Requests in somebody's name."""

    client: TestClient[web.Request, web.Application]

    async def ask(
        self, person: PersonId | None, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, CIMultiDictProxy[str]]:
        """Status, answer, headers. ``body``: bytes (or what yields them) go as they are, anything else as JSON."""
        cookie = {"Cookie": f"sid={person}"} if person else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        is_raw = isinstance(body, bytes | AsyncIterator)
        async with self.client.request(
            method,
            path,
            data=body if is_raw else None,
            json=None if is_raw else body,
            headers={**HEADERS, **cookie, **named},
        ) as response:
            is_json = response.content_type == "application/json"
            answer = await response.json() if is_json else await response.read()
            return response.status, answer, response.headers


@asynccontextmanager
async def a_house(
    database: Database, meeting: Meeting, projectors: dict[type[Event], Projector]
) -> AsyncIterator[Here]:
    """A database in which this one meeting stands."""
    recorder = CountingRecorder()
    async with database.writing() as connection:
        await put_meeting(connection, meeting)
    yield Here(UnitOfWork(database, recorder, projectors, Bus()), meeting, recorder)
