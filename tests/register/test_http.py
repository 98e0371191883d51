"""Bodies, and who I am, over HTTP."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.headers import Origins
from ecabinet.edge.routes import SignedIn
from ecabinet.edge.web import Attempt, Door, application
from ecabinet.identity.rules import SessionLimits
from ecabinet.identity.service import Identity
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import BodyId, MeetingId, PersonId, ProfileId, SessionId
from ecabinet.register.http import RegisterHttp
from ecabinet.register.model import Body, Words
from ecabinet.register.service import Register
from ecabinet.register.sql import SqlBodies
from tests.fakes.door import CountingRecorder, People
from tests.fakes.identity import PlainPasswords
from tests.fakes.kernel import CountingBytes, CountingIds, SetClock

BOARD = BodyId("board")


async def unheard(attempt: Attempt) -> None:
    """Refusals are kept elsewhere."""


class Town:
    """One body with a head, a secretary, and somebody who has nothing to do with it."""

    def __init__(self, database: Database) -> None:
        self.uow = UnitOfWork(database, CountingRecorder(), {}, Bus())
        self.ids, self.clock = CountingIds(), SetClock()
        self.people: dict[str, PersonId] = {}

    def register(self, act: Act) -> Register:
        return Register(act, SqlBodies(act.connection), self.ids, self.clock)

    def identity(self, act: Act) -> Identity:
        limits = SessionLimits(timedelta(hours=1), timedelta(hours=1))
        accounts = SqlAccounts(act.connection)
        return Identity(act, accounts, PlainPasswords(), CountingBytes(), self.ids, self.clock, limits)

    async def found(self, act: Act) -> None:
        """Accounts, the body, its head and its secretary."""
        for name in ("head", "secretary", "stranger"):
            self.people[name] = await self.identity(act).add_account(name, f"Đồng chí {name}", "mật khẩu")
        register = self.register(act)
        await register.add_body(
            Body(BOARD, "Tập thể Lãnh đạo Bộ", "Leadership", "Bộ Hạ tầng số", ProfileId("lanh-dao-bo"))
        )
        post = await register.add_post(BOARD, Words("Bộ trưởng", "Minister"), 1, votes=True, is_head=True)
        await register.add_member(post, self.people["head"], "Bộ trưởng (TV01)", date(2026, 1, 1))
        await register.add_secretary(BOARD, self.people["secretary"])

    async def who_is(self, cookie: str) -> SignedIn:
        return SignedIn(PersonId(cookie), SessionId("session"), is_admin=False)

    async def standing(self, signed_in: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
        roles = {Role.ACCOUNT}
        if body is not None:
            async with self.uow.reading() as act:
                roles |= await self.register(act).roles(signed_in.person, body)
        return Standing(signed_in.person, frozenset(roles), body, meeting)


@pytest.fixture
async def town(database: Database) -> AsyncIterator[tuple[Town, People]]:
    made = Town(database)
    await made.uow.run(made.found)
    door = Door(Origins("http://localhost:1", ("ws://localhost:2",)), made.who_is, made.standing, unheard, 60)
    routes = RegisterHttp(made.uow, made.register, made.identity).routes()
    async with TestClient(TestServer(application(door, routes))) as client:
        yield made, People(client)


async def test_i_am_told_who_i_am_and_where_i_sit(town: tuple[Town, People]) -> None:
    made, people = town
    expected = {"head": ["body_member"], "secretary": ["body_secretary"], "stranger": None}
    for name, roles in expected.items():
        status, me, _ = await people.ask(made.people[name], "GET", "/api/me")
        assert status == 200
        assert (me["username"], me["name"], me["is_admin"]) == (name, f"Đồng chí {name}", False)
        assert [body["roles"] for body in me["bodies"]] == ([roles] if roles else [])
    assert (await people.ask(None, "GET", "/api/me"))[0] == 401


async def test_a_body_is_shown_to_its_own_in_their_language(town: tuple[Town, People]) -> None:
    made, people = town
    status, body, _ = await people.ask(made.people["head"], "GET", f"/api/bodies/{BOARD}", Accept_Language="en")
    assert status == 200
    assert body["members"] == [
        {"person": made.people["head"], "name": "Bộ trưởng (TV01)", "post": "Minister", "order": 1}
    ]
    assert body["profile"]["id"] == "lanh-dao-bo"
    assert "advises" in body["profile"]["words"][0]["sentence"]
    _, vietnamese, _ = await people.ask(made.people["secretary"], "GET", f"/api/bodies/{BOARD}")
    assert vietnamese["members"][0]["post"] == "Bộ trưởng"


async def test_another_body_is_as_good_as_none(town: tuple[Town, People]) -> None:
    made, people = town
    answers = []
    for path in (f"/api/bodies/{BOARD}", "/api/bodies/none", f"/api/bodies/{BOARD}/people"):
        status, answer, _ = await people.ask(made.people["stranger"], "GET", path)
        answers.append((status, answer["error"]["code"], answer["error"]["detail"]))
    assert answers == [(404, "not_found", {})] * 3


async def test_only_people_of_the_body_learn_who_can_be_asked(town: tuple[Town, People]) -> None:
    made, people = town
    path = f"/api/bodies/{BOARD}/people"
    assert (await people.ask(made.people["stranger"], "GET", path))[0] == 404
    # A member who cannot come looks for somebody to send.
    assert (await people.ask(made.people["head"], "GET", path))[0] == 200
    status, answer, _ = await people.ask(made.people["secretary"], "GET", path)
    assert status == 200
    assert [each["name"] for each in answer["people"]] == [
        "Bộ trưởng (TV01)",
        "Đồng chí secretary",
        "Đồng chí stranger",
    ]
