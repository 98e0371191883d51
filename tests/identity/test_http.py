"""Signing in over HTTP: what a crowd at the door may not take from those who are inside."""

from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp.test_utils import TestClient, TestServer

from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.headers import Origins
from ecabinet.edge.routes import SignedIn
from ecabinet.edge.web import Attempt, Door, application
from ecabinet.identity.http import IdentityHttp, Recognition
from ecabinet.identity.rules import SessionLimits
from ecabinet.identity.service import Identity, Throttle
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import BodyId, MeetingId
from tests.fakes.door import HEADERS, CountingRecorder
from tests.fakes.identity import PlainPasswords
from tests.fakes.kernel import CountingBytes, CountingIds, SetClock
from tests.fakes.lanes import at_work

LIMITS = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=8))


@dataclass
class WatchingPasswords(PlainPasswords):
    """Sees how many connections are held while a password is checked."""

    database: Database
    held: list[int] = field(default_factory=list)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        # The pool of both kinds counts; SQLAlchemy's base class does not say so.
        self.held.append(self.database.engine.pool.checkedout())  # type: ignore[attr-defined]
        return await super().matches(password_hash, password)


async def standing_of(signed_in: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
    return Standing(signed_in.person, frozenset({Role.ACCOUNT}), body, meeting)


async def on_refusal(attempt: Attempt) -> None:
    """Kept elsewhere."""


async def test_whose_password_is_being_checked_holds_no_connection(database: Database) -> None:
    passwords, clock, ids = WatchingPasswords(database), SetClock(), CountingIds()

    def identity(act: Act) -> Identity:
        return Identity(act, SqlAccounts(act.connection), passwords, CountingBytes(), ids, clock, LIMITS)

    uow = UnitOfWork(database, CountingRecorder(), {}, Bus())
    await uow.run(lambda act: identity(act).add_account("thu-ky-1", "Thư ký 1", "mật khẩu"))
    recognition = Recognition(uow, identity)
    routes = IdentityHttp(uow, identity, Throttle(), recognition, trust_forwarded=False).routes()
    door = Door(Origins("http://page", ("ws://page",)), recognition.who_is, standing_of, on_refusal, 3600)
    async with at_work(recognition.lane), TestClient(TestServer(application(door, routes))) as client:
        for password, status in (("mật khẩu", 204), ("sai", 401)):
            given = {"username": "thu-ky-1", "password": password}
            answer = await client.post("/api/sign-in", json=given, headers=HEADERS)
            assert (answer.status, passwords.held.pop()) == (status, 0)
