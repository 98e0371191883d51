"""The HTTP edge with routes of a test's own: what gets in, what is answered, what is told."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientSession
from aiohttp.test_utils import TestClient, TestServer
from typing_extensions import TypedDict

from ecabinet.edge.headers import Origins
from ecabinet.edge.openapi import document
from ecabinet.edge.routes import Call, Cookie, FileReply, Reply, Route, Shape, SignedIn
from ecabinet.edge.web import Attempt, Door, Undeclared, application
from ecabinet.kernel.access import Action, Role, Standing
from ecabinet.kernel.errors import Conflict, NotFound, Refusal
from ecabinet.kernel.ids import BodyId, MeetingId, PersonId, SessionId

ANH = SignedIn(PersonId("anh"), SessionId("s"), is_admin=False)
MARK = {"X-Req": "1"}


class Note(Shape):
    text: str


class Kept(TypedDict):
    note: "Text"


class Text(TypedDict):
    text: str


class AlreadyNoted(Conflict):
    code = "already_noted"


async def who_is(cookie: str) -> SignedIn | None:
    return ANH if cookie == "anh's secret" else None


async def standing_of(signed_in: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
    roles = {Role.ACCOUNT}
    if meeting == "mine":
        roles.add(Role.MEMBER)
    return Standing(signed_in.person, frozenset(roles), body, meeting)


ATTEMPTS: list[Attempt] = []


async def on_refusal(attempt: Attempt) -> None:
    ATTEMPTS.append(attempt)


async def whoami(call: Call) -> Reply:
    return Reply({"person": call.person})


async def note(call: Call) -> Reply:
    if call.body.text == "again":
        raise AlreadyNoted(text=call.body.text)
    if call.body.text == "broken":
        raise Broken()
    if call.body.text == "break":
        raise ZeroDivisionError("secret detail")
    return Reply({"text": call.body.text}, 201)


async def give_cookie(call: Call) -> Reply:
    return Reply(cookie=Cookie("anh's secret"))


async def paper(call: Call) -> FileReply:
    return FileReply(pieces(int(call.asked("whole") or 0)), 10, "application/pdf", "to-trinh.pdf", "00" * 32)


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"12345"
    if count < 2:
        raise NotFound()


ROUTES = [
    Route("GET", "/api/meetings/{m}/paper", Action.READ_PAPER, paper, "A file of two pieces", gives=bytes),
    Route("GET", "/api/me", Action.BE_SIGNED_IN, whoami, "Me", gives=dict[str, str]),
    Route("POST", "/api/sign-in", Action.PUBLIC, give_cookie, "Sign in"),
    Route("POST", "/api/meetings/{m}/notes", Action.ASK_FLOOR, note, "Note", takes=Note, gives=Kept, status=201),
    Route("POST", "/api/meetings/{m}/lead", Action.LEAD_MEETING, note, "Lead", takes=Note),
    Route("GET", "/metrics", Action.READ_METRICS, whoami, "Figures"),
]


@pytest.fixture
async def client() -> AsyncIterator["TestClient[Any, Any]"]:
    door = Door(Origins("http://page", ("ws://page:7880",)), who_is, standing_of, on_refusal, 3600)
    async with TestClient(TestServer(application(door, ROUTES))) as client:
        yield client


def signed_in(client: "TestClient[Any, Any]") -> ClientSession:
    client.session.cookie_jar.update_cookies({"sid": "anh's secret"}, client.make_url("/"))
    return client.session


async def code(response: Any) -> tuple[int, str]:
    return response.status, (await response.json())["error"]["code"]


async def test_identity_comes_from_the_cookie(client: "TestClient[Any, Any]") -> None:
    assert await code(await client.get("/api/me")) == (401, "not_signed_in")
    signed_in(client)
    assert await (await client.get("/api/me")).json() == {"person": "anh"}


async def test_a_made_up_cookie_is_nobody(client: "TestClient[Any, Any]") -> None:
    client.session.cookie_jar.update_cookies({"sid": "guess"}, client.make_url("/"))
    assert await code(await client.get("/api/me")) == (401, "not_signed_in")


async def test_what_is_forbidden_and_what_does_not_exist_look_the_same(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    answers = [
        await client.post(f"/api/meetings/{meeting}/notes", json={"text": "x"}, headers=MARK)
        for meeting in ("somebody-elses", "no-such")
    ]
    bodies = [(await answer.json())["error"] for answer in answers]
    assert [answer.status for answer in answers] == [404, 404]
    assert [(body["code"], body["detail"]) for body in bodies] == [("not_found", {})] * 2


async def test_a_part_that_does_not_carry_the_act_is_refused_with_its_name(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    answer = await client.post("/api/meetings/mine/lead", json={"text": "x"}, headers=MARK)
    assert await code(answer) == (403, "not_allowed")
    attempt = ATTEMPTS[-1]
    assert (attempt.signed_in, attempt.meeting, attempt.refusal.code) == (ANH, "mine", "not_allowed")
    assert (attempt.needs, attempt.path) == ("meeting.lead", "/api/meetings/{m}/lead")


async def test_the_grant_is_asked_before_the_body_is_read(client: "TestClient[Any, Any]") -> None:
    answer = await client.post("/api/meetings/mine/notes", data=b"{", headers=MARK)
    assert await code(answer) == (401, "not_signed_in")


async def test_a_refusal_of_a_slice_becomes_its_status(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    answer = await client.post("/api/meetings/mine/notes", json={"text": "again"}, headers=MARK)
    assert answer.status == 409
    error = (await answer.json())["error"]
    assert (error["code"], error["detail"]) == ("already_noted", {"text": "again"})
    assert error["request"] == answer.headers["X-Request-Id"]


class Broken(Refusal):
    code = "broken"


async def test_a_refusal_of_no_known_kind_is_a_fault_of_ours(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    answer = await client.post("/api/meetings/mine/notes", json={"text": "broken"}, headers=MARK)
    assert await code(answer) == (500, "broken")
    assert "X-Request-Id" in answer.headers


async def test_a_fault_of_ours_tells_nothing(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    answer = await client.post("/api/meetings/mine/notes", json={"text": "break"}, headers=MARK)
    assert await code(answer) == (500, "internal")
    assert "secret detail" not in await answer.text()


async def test_a_file_that_is_not_there_is_not_found(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    assert await code(await client.get("/api/meetings/mine/paper")) == (404, "not_found")


async def test_a_file_that_breaks_off_is_never_mended_with_another_answer(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    whole = await client.get("/api/meetings/mine/paper?whole=2")
    assert await whole.read() == b"1234512345"
    broken = await client.get("/api/meetings/mine/paper?whole=1")
    with pytest.raises(ClientPayloadError):
        await broken.read()


async def test_a_path_with_a_character_that_is_none_leads_nowhere(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    assert await code(await client.get("/api/meetings/%00/paper")) == (404, "not_found")


async def test_a_page_elsewhere_cannot_write(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    answer = await client.post("/api/meetings/mine/notes", json={"text": "x"})
    assert await code(answer) == (400, "same_origin_only")
    answer = await client.post("/api/sign-in", headers=MARK | {"Origin": "http://elsewhere"})
    assert await code(answer) == (400, "same_origin_only")


async def test_a_body_may_not_be_too_large_nor_compressed(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    answer = await client.post("/api/meetings/mine/notes", data=b" " * 70000, headers=MARK)
    assert await code(answer) == (413, "too_large")
    answer = await client.post("/api/meetings/mine/notes", data=b"{}", headers=MARK | {"Content-Encoding": "br"})
    assert answer.status == 400


@pytest.mark.parametrize("path", ["/api/me", "/nowhere", "/api/meetings/mine/notes"])
async def test_every_answer_carries_the_headers(client: "TestClient[Any, Any]", path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: "TestClient[Any, Any]") -> None:
    answer = await client.post("/api/sign-in", headers=MARK)
    assert answer.status == 204
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}


async def test_figures_are_for_this_machine_or_an_administrator(client: "TestClient[Any, Any]") -> None:
    signed_in(client)
    assert await code(await client.get("/metrics")) == (403, "not_allowed")
    client.session.cookie_jar.clear()
    forwarded = await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert await code(forwarded) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "route",
    [
        Route("GET", "/api/thing", None, whoami, "No act"),  # type: ignore[arg-type]
        Route("GET", "/api/papers/{p}", Action.READ_PAPER, whoami, "A grant without a scope"),
    ],
)
def test_a_route_without_a_declared_act_stops_the_start(route: Route) -> None:
    door = Door(Origins("http://page", ("ws://page",)), who_is, standing_of, on_refusal, 3600)
    with pytest.raises(Undeclared):
        application(door, [route])


def test_every_route_is_in_the_description() -> None:
    described = document(ROUTES, "1")
    found = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert found == {(route.method, route.path) for route in ROUTES}
    assert described["components"]["schemas"]["Note"]["additionalProperties"] is False
    assert set(re.findall(r"#/components/schemas/(\w+)", str(described))) <= set(described["components"]["schemas"])
    assert "Text" in described["components"]["schemas"]
    assert described["paths"]["/api/meetings/{m}/notes"]["post"]["x-needs"] == "floor.ask"
