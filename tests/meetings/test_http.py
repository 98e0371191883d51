"""Meetings and the roll call over HTTP: the routes that docs/protocol.md lists, their grants and their refusals."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ecabinet.adapters.database import Database
from ecabinet.attendance.http import AttendanceHttp
from ecabinet.edge.routes import Route
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings.http import MeetingsHttp
from ecabinet.meetings.model import Phase
from tests.fakes.door import Here, People, a_house
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, SECRETARY, a_meeting
from tests.meetings.test_live import Stage
from tests.meetings.test_views import PROTOCOL

STRANGER = PersonId("stranger")
OF = f"/api/meetings/{MEETING}"
OTHERS = {"papers", "plan", "position"}
"""Of other slices, though they hang on an item."""
OURS = re.compile(r"^/api/(desk|meetings$|bodies/\{b\}/meetings|meetings/\{m\}(/(agenda|answer|convene|cancel|roll|open"
                  r"|pause|resume|close|items|participants)\b.*)?$)")  # fmt: skip


def documented() -> dict[tuple[str, str], str]:
    """(method, path) → act, of the rows of the protocol's table that are ours."""
    found = {}
    for row in re.finditer(r"^\| (`[A-Z]+ /api.*?) \| ([\w. ]+) \|", PROTOCOL, re.MULTILINE):
        method, path = re.findall(r"`([A-Z]+) (/[^`?]*)", row[1])[0]
        paths = [path, *(path.rpartition("/")[0] + other for other in re.findall(r" `(/\w+)`", row[1]))]
        for each in paths:
            if OURS.match(each) and OTHERS.isdisjoint(each.split("/")):
                found[method, each] = row[2]
    # The whole meeting is composed by the edge, from every slice's entries.
    del found["GET", "/api/meetings/{m}"]
    return found


def named(route: Route) -> tuple[str, str]:
    return route.method, route.path


@asynccontextmanager
async def an_office(database: Database, phase: Phase) -> AsyncIterator[tuple[Here, People, list[Route]]]:
    """The routes of both slices over the one meeting of `gathering`."""
    stage = Stage(database)
    async with a_house(database, a_meeting(phase), stage.projectors) as here:
        routes = [
            *MeetingsHttp(here.uow, lambda act: stage.session(act).meetings).routes(),
            *AttendanceHttp(here.uow, lambda act: stage.session(act).attendance).routes(),
        ]
        async with here.serving(routes) as people:
            yield here, people, routes


async def test_the_routes_are_those_of_the_protocol_with_their_acts(database: Database) -> None:
    async with an_office(database, Phase.OPEN) as (_, _, routes):
        called = {"account.be_signed_in": "signed in"}
        assert {named(route): called.get(route.needs.value, route.needs.value) for route in routes} == documented()


ITEM = {"title": "Việc khác", "type": "information", "presenter": "", "minutes": 5}
WRONG: list[tuple[str, str, object, str]] = [
    ("PATCH", "", {"phase": "open"}, "phase"),
    ("PATCH", "", {"title": ""}, "title"),
    ("PATCH", "", {"starts_at": "2026-11-25T05:00:00"}, "starts_at"),
    ("POST", "/items", {**ITEM, "minutes": 0}, "minutes"),
    ("POST", "/items", {**ITEM, "minutes": "5"}, "minutes"),
    ("POST", "/items", {**ITEM, "type": "vote"}, "type"),
    ("POST", "/items", {**ITEM, "title": "x" * 301}, "title"),
    ("PUT", "/participants/an", {"role": "admin"}, "role"),
    ("PUT", "/agenda", {"order": "item1"}, "order"),
    ("POST", "/cancel", {}, "reason"),
    ("POST", "/answer", {"answer": "pending"}, "answer"),
    ("PUT", "/roll/an", {"mark": "late"}, "mark"),
    ("PUT", "/roll/an", {}, "mark"),
]


async def test_what_cannot_be_is_refused_with_the_field_that_is_wrong(database: Database) -> None:
    async with an_office(database, Phase.CONVENED) as (here, people, _):
        for method, path, body, field in WRONG:
            status, answer, _ = await people.ask(SECRETARY, method, OF + path, body)
            assert (status, answer["error"]["code"], list(answer["error"]["detail"]["fields"])) == (
                400,
                "invalid",
                [field],
            ), (path, body)
        assert (await people.ask(SECRETARY, "GET", "/api/meetings?since=yesterday"))[0] == 400
        assert here.recorder.events == []


async def test_who_may_not_is_refused_and_strangers_learn_nothing(database: Database) -> None:
    async with an_office(database, Phase.CONVENED) as (here, people, _):
        for person, method, path, body in (
            (AN, "POST", "/items", ITEM),
            (AN, "POST", "/open", None),
            (SECRETARY, "POST", "/open", None),
            (CHAIR, "PATCH", "", {"title": "Khác"}),
            (GUEST, "PUT", "/roll/an", {"mark": "present"}),
            (BINH, "PUT", f"/items/{FIRST}/notes", {"text": ""}),
        ):
            assert (await people.ask(person, method, OF + path, body))[0] == 403, (person, path)
            assert (await people.ask(STRANGER, method, OF + path, body))[0] == 404, path
            assert (await people.ask(None, method, OF + path, body))[0] == 401, path
        assert here.recorder.events == []


async def test_a_meeting_is_prepared_answered_and_led_over_http(database: Database) -> None:
    async with an_office(database, Phase.CONVENED) as (here, people, _):
        status, made, _ = await people.ask(SECRETARY, "POST", f"{OF}/items", ITEM)
        assert status == 201
        third = made["id"]
        for person, method, path, body in (
            (SECRETARY, "PATCH", "", {"title": "Phiên họp khác", "place": "Phòng 2"}),
            (SECRETARY, "PATCH", f"/items/{third}", {"minutes": 10}),
            (SECRETARY, "PUT", "/agenda", {"order": [third, FIRST, SECOND]}),
            (SECRETARY, "PUT", f"/participants/{GUEST}", {"role": "guest", "items": [third]}),
            (SECRETARY, "DELETE", f"/items/{SECOND}", None),
            (AN, "POST", "/answer", {"answer": "absent", "reason": "Ốm"}),
            (CHAIR, "POST", "/answer", {"answer": "in_person"}),
            (SECRETARY, "PUT", f"/roll/{AN}", {"mark": "excused", "reason": "Ốm"}),
        ):
            status, answer, _ = await people.ask(person, method, OF + path, body)
            assert status == 204, (path, answer)
        status, refused, _ = await people.ask(CHAIR, "POST", f"{OF}/open")
        assert (status, refused["error"]["code"]) == (409, "quorum_not_met")
        assert refused["error"]["detail"] == {"members": 7, "present": 0, "needed": 5}
        assert [event.type for event in here.recorder.events] == [
            "item.added", "meeting.changed", "item.changed", "agenda.ordered", "participant.set", "item.removed",
            "invitation.answered", "invitation.answered", "roll.marked",
        ]  # fmt: skip
        _, listed, _ = await people.ask(SECRETARY, "GET", "/api/meetings?since=2026-11-25T05:00:00Z")
        assert [(card["title"], card["items"], card["beads"]) for card in listed["meetings"]] == [
            ("Phiên họp khác", 2, [10, 30])
        ]
        _, desk, _ = await people.ask(SECRETARY, "GET", "/api/desk")
        assert [card["id"] for card in desk["meetings"]] == [MEETING]


async def test_an_open_meeting_goes_through_its_items(database: Database) -> None:
    async with an_office(database, Phase.OPEN) as (here, people, _):
        for person, method, path, body in (
            (SECRETARY, "PUT", f"/items/{FIRST}/notes", {"text": "Ý kiến"}),
            (CHAIR, "POST", f"/items/{SECOND}/start", None),
            (CHAIR, "POST", "/pause", None),
            (CHAIR, "POST", "/resume", None),
            (CHAIR, "POST", f"/items/{SECOND}/finish", None),
            (CHAIR, "PUT", f"/items/{SECOND}/conclusion", {"text": "Thống nhất"}),
            (CHAIR, "POST", "/close", None),
        ):
            status, answer, _ = await people.ask(person, method, OF + path, body)
            assert status == 204, (path, answer)
        status, refused, _ = await people.ask(CHAIR, "POST", f"{OF}/resume")
        assert (status, refused["error"]["code"], refused["error"]["detail"]) == (
            409,
            "wrong_phase",
            {"phase": "closed"},
        )
        status, _, _ = await people.ask(CHAIR, "POST", f"{OF}/items/elsewhere/start")
        assert status == 409
        assert len(here.recorder.events) == 7
