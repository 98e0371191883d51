"""Tickets, moderation and webhooks over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.media.http import MediaHttp
from ecabinet.media.model import MediaMuted, MediaRemoved
from ecabinet.media.realtime import MediaRealtime
from ecabinet.media.service import Media
from ecabinet.meetings.model import Phase
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.speaking.http import SpeakingHttp
from ecabinet.speaking.realtime import SpeakingRealtime
from ecabinet.speaking.service import Speaking
from ecabinet.speaking.sql import SqlTurns
from tests.fakes.attendance import SetWithdrawn
from tests.fakes.door import Here, People, a_house
from tests.fakes.gathering import AN, BINH, CHAIR, GUEST, MEETING, SECRETARY, a_meeting
from tests.fakes.kernel import CountingIds, SetClock
from tests.fakes.media import MemoryRooms
from tests.fakes.recordings import SilentPeople

CALL = f"/api/meetings/{MEETING}/media"
STRANGER = PersonId("stranger")


@dataclass
class Studio:
    here: Here
    people: People
    rooms: MemoryRooms
    news: list[MeetingId]
    silent: SilentPeople

    async def ask(self, person: PersonId | None, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status, and the answer or the refusal's code."""
        status, answer, _ = await self.people.ask(person, "POST", path, body, **headers)
        return status, answer["error"]["code"] if status >= 400 else answer


@asynccontextmanager
async def a_studio(database: Database, phase: Phase = Phase.OPEN) -> AsyncIterator[Studio]:
    ids, clock, rooms, news = CountingIds(), SetClock(), MemoryRooms(), list[MeetingId]()
    withdrawn, silent = SetWithdrawn(), SilentPeople()

    def speaking(act: Act) -> Speaking:
        return Speaking(act, SqlTurns(act.connection), SqlMeetings(act.connection), withdrawn, ids, clock)

    def media(act: Act) -> Media:
        return Media(act, SqlMeetings(act.connection), speaking(act), withdrawn, silent, clock)

    async def heard(meeting: MeetingId) -> None:
        news.append(meeting)

    projectors = MediaRealtime().projectors() | SpeakingRealtime().projectors()
    async with a_house(database, a_meeting(phase), projectors) as here:
        http = MediaHttp(here.uow, media, rooms, heard)
        routes = [*http.routes(), *SpeakingHttp(here.uow, speaking).routes()]
        async with here.serving(routes) as people:
            yield Studio(here, people, rooms, news, silent)


@pytest.fixture
async def studio(database: Database) -> AsyncIterator[Studio]:
    async with a_studio(database) as made:
        yield made


async def test_a_ticket_is_for_this_room_under_this_name(studio: Studio) -> None:
    status, ticket = await studio.ask(AN, f"{CALL}/ticket")
    assert status == 200
    assert ticket == {
        "url": "ws://relay",
        "token": f"{MEETING}/an/An/camera",
        "room": MEETING,
        "sources": ["camera"],
    }


async def test_who_has_not_said_that_he_knows_of_a_recording_sees_and_hears_and_no_more(studio: Studio) -> None:
    studio.silent.people = frozenset({AN})
    assert (await studio.ask(AN, f"{CALL}/ticket"))[1]["sources"] == []
    assert (await studio.ask(CHAIR, f"{CALL}/ticket"))[1]["sources"] != []
    studio.silent.people = frozenset()
    assert (await studio.ask(AN, f"{CALL}/ticket"))[1]["sources"] == ["camera"]


async def test_the_floor_opens_the_microphone_and_closes_it(studio: Studio) -> None:
    floor = f"/api/meetings/{MEETING}/floor"
    assert (await studio.ask(AN, floor, {"person": AN, "allotted_s": 60}))[0] == 403
    _, turn = await studio.ask(CHAIR, floor, {"person": AN, "allotted_s": 60})
    _, ticket = await studio.ask(AN, f"{CALL}/ticket")
    assert ticket["sources"][:2] == ["microphone", "camera"]
    assert (await studio.ask(BINH, f"/api/meetings/{MEETING}/turns/{turn['id']}/end"))[0] == 403
    assert (await studio.ask(CHAIR, f"/api/meetings/{MEETING}/turns/{turn['id']}/end"))[0] == 204
    _, ticket = await studio.ask(AN, f"{CALL}/ticket")
    assert ticket["sources"] == ["camera"]


async def test_who_may_not_be_in_the_call_gets_no_ticket(studio: Studio) -> None:
    assert await studio.ask(STRANGER, f"{CALL}/ticket") == (404, "not_found")
    assert await studio.ask(GUEST, f"{CALL}/ticket") == (409, "not_your_item")
    assert await studio.ask(None, f"{CALL}/ticket") == (401, "not_signed_in")


async def test_no_ticket_when_the_meeting_is_over(database: Database) -> None:
    async with a_studio(database, Phase.CLOSED) as studio:
        assert await studio.ask(CHAIR, f"{CALL}/ticket") == (409, "wrong_phase")


async def test_media_that_is_down_says_so_and_nothing_is_recorded(studio: Studio) -> None:
    studio.rooms.join(studio.rooms.token(MEETING, AN, "An", frozenset({"camera"})))
    studio.rooms.is_down = True
    assert await studio.ask(AN, f"{CALL}/ticket") == (503, "media_unavailable")
    assert await studio.ask(CHAIR, f"{CALL}/mute", {"person": AN}) == (503, "media_unavailable")
    assert await studio.ask(CHAIR, f"{CALL}/remove", {"person": AN}) == (503, "media_unavailable")
    assert studio.here.recorder.events == []


@pytest.mark.parametrize("by", [CHAIR, SECRETARY])
async def test_chair_and_secretary_mute_and_remove_and_the_record_says_who_did(studio: Studio, by: PersonId) -> None:
    _, ticket = await studio.ask(AN, f"{CALL}/ticket")
    studio.rooms.join(ticket["token"])
    assert (await studio.ask(by, f"{CALL}/mute", {"person": AN}))[0] == 204
    assert studio.rooms.muted == [AN]
    assert (await studio.ask(by, f"{CALL}/remove", {"person": AN}))[0] == 204
    assert AN not in studio.rooms.rooms[MEETING]
    assert [(type(event), event.actor) for event in studio.here.recorder.events] == [
        (MediaMuted, by),
        (MediaRemoved, by),
    ]
    assert [(told.type, told.body) for told in await studio.here.told()] == [
        ("media.muted", {}),
        ("media.removed", {}),
    ]


REFUSED: list[tuple[PersonId, dict[str, Any], tuple[int, str]]] = [
    (AN, {"person": BINH}, (403, "not_allowed")),
    (GUEST, {"person": BINH}, (403, "not_allowed")),
    (STRANGER, {"person": BINH}, (404, "not_found")),
    (CHAIR, {"person": "nobody"}, (404, "not_found")),
    (CHAIR, {"person": BINH}, (409, "not_in_call")),
    (CHAIR, {}, (400, "invalid")),
    (CHAIR, {"person": BINH, "more": 1}, (400, "invalid")),
]


@pytest.mark.parametrize("act", ["mute", "remove"])
async def test_moderation_refused(studio: Studio, act: str) -> None:
    answers = [await studio.ask(by, f"{CALL}/{act}", body) for by, body, _ in REFUSED]
    assert answers == [expected for *_, expected in REFUSED]
    assert studio.here.recorder.events == []


async def test_a_signed_webhook_has_its_room_looked_at(studio: Studio) -> None:
    status, _ = await studio.ask(None, "/api/media/events", MEETING.encode(), Authorization="signed")
    assert (status, studio.news) == (204, [MEETING])


async def test_a_webhook_about_nothing_of_ours_is_taken_quietly(studio: Studio) -> None:
    status, _ = await studio.ask(None, "/api/media/events", b"", Authorization="signed")
    assert (status, studio.news) == (204, [])


async def test_a_forged_or_oversized_webhook_is_refused(studio: Studio) -> None:
    for headers in ({}, {"Authorization": "forged"}):
        assert await studio.ask(None, "/api/media/events", b"x", **headers) == (403, "not_allowed")
    status, _ = await studio.ask(None, "/api/media/events", b"x" * 70_000, Authorization="signed")
    assert status == 413
    assert studio.news == []


async def test_a_time_to_speak_is_from_half_a_minute_to_an_hour(studio: Studio) -> None:
    for allotted in (29, 3601, "60", 60.5, None):
        body = {"person": AN, "allotted_s": allotted}
        assert await studio.ask(CHAIR, f"/api/meetings/{MEETING}/floor", body) == (400, "invalid")
