"""Recordings over HTTP: who may decide, who says that he knows, who sees the film, and how a player asks for it."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ecabinet.adapters.blobs import FileBlobs
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import MeetingId, PersonId, RecordingId
from ecabinet.meetings.model import Phase
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.recordings.films import Films, Outside
from ecabinet.recordings.http import RecordingsHttp
from ecabinet.recordings.jobs import RecordingJobs
from ecabinet.recordings.model import Filed, TakePhase
from ecabinet.recordings.realtime import RecordingsRealtime
from ecabinet.recordings.service import Recordings
from ecabinet.recordings.sql import SqlRecordings
from tests.fakes.door import Here, People, a_house
from tests.fakes.gathering import AN, CHAIR, FIRST, GUEST, MEETING, SECRETARY, a_meeting
from tests.fakes.kernel import CountingIds, SetClock
from tests.fakes.recordings import MemoryRecorder, MemoryTakes, manifest_of

ALL = f"/api/meetings/{MEETING}/recordings"
FILM = bytes(range(256)) * 1000
STRANGER = PersonId("stranger")


@dataclass
class Studio:
    here: Here
    people: People
    recorder: MemoryRecorder
    takes: MemoryTakes
    jobs: RecordingJobs
    blobs: FileBlobs
    recordings: Callable[[Act], Recordings]

    async def ask(self, person: PersonId, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status, and the answer or the refusal's code."""
        status, answer, _ = await self.people.ask(person, method, path, body)
        return status, answer["error"]["code"] if status >= 400 else answer

    async def start(self, person: PersonId = CHAIR, *, no_secrets: bool = True) -> tuple[int, Any]:
        return await self.ask(person, "POST", ALL, {"no_secrets": no_secrets})

    async def finished(self) -> str:
        """A recording with its film."""
        made: str = (await self.start())[1]["id"]
        await self.jobs.agree(MEETING)
        assert (await self.ask(CHAIR, "POST", f"{ALL}/{made}/stop"))[0] == 204
        [(_, take)] = self.recorder.recorded.values()
        self.takes.put(take.name, FILM)
        self.recorder.turn(take.id, TakePhase.COMPLETE)
        await self.jobs.take_in()
        return made

    @property
    def recorded(self) -> list[str]:
        return [event.type for event in self.here.recorder.events]


async def hushed(meeting: MeetingId, *, anew: bool = False) -> bool:
    """Nobody is in the call who does not know."""
    return True


@asynccontextmanager
async def a_studio(
    database: Database, folder: Path, phase: Phase = Phase.OPEN, *, is_ours: bool = True
) -> AsyncIterator[Studio]:
    ids, clock, recorder, takes = CountingIds(), SetClock(), MemoryRecorder({MEETING}), MemoryTakes()

    def recordings(act: Act) -> Recordings:
        return Recordings(act, SqlRecordings(act.connection), SqlMeetings(act.connection), ids, clock)

    async with a_house(database, a_meeting(phase), RecordingsRealtime().projectors()) as here:
        blobs = FileBlobs(folder)
        outside = Outside(recorder, takes, Films(blobs), 1000)
        jobs = RecordingJobs(here.uow, recordings, outside, hushed, ids, clock)
        routes = RecordingsHttp(here.uow, recordings, outside, jobs, is_ours=is_ours).routes()
        async with here.serving(routes) as people:
            yield Studio(here, people, recorder, takes, jobs, blobs, recordings)


@pytest.fixture
async def studio(database: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    async with a_studio(database, tmp_path / "blobs") as made:
        yield made


async def test_the_chair_decides_and_nobody_else(studio: Studio) -> None:
    for person in (SECRETARY, AN, GUEST):
        assert await studio.start(person) == (403, "not_allowed")
    assert await studio.start(STRANGER) == (404, "not_found")
    assert studio.recorded == []
    status, answer = await studio.start()
    assert (status, len(answer["id"])) == (201, 26)
    assert await studio.start() == (409, "already_recording")
    for person in (SECRETARY, AN):
        assert await studio.ask(person, "POST", f"{ALL}/{answer['id']}/stop") == (403, "not_allowed")
    assert await studio.ask(CHAIR, "POST", f"{ALL}/{answer['id']}/stop") == (204, b"")
    assert await studio.ask(CHAIR, "POST", f"{ALL}/{answer['id']}/stop") == (409, "recording_not_running")
    assert studio.recorded == ["recording.started", "recording.stopped"]


async def test_nothing_is_recorded_that_may_hold_secrets(studio: Studio) -> None:
    assert await studio.start(no_secrets=False) == (400, "secrets_not_excluded")
    assert await studio.ask(CHAIR, "POST", ALL, {}) == (400, "invalid")
    assert studio.recorded == []


async def test_nothing_is_decided_that_cannot_be_done(studio: Studio) -> None:
    studio.takes.free = 999
    assert await studio.start() == (409, "no_room_for_recording")
    studio.takes.free = 1000
    studio.recorder.is_down = True
    assert await studio.start() == (503, "media_unavailable")
    assert studio.recorded == []


async def test_a_media_server_that_is_not_ours_leaves_us_no_films(database: Database, tmp_path: Path) -> None:
    async with a_studio(database, tmp_path, is_ours=False) as studio:
        assert await studio.start() == (409, "recording_not_possible")


@pytest.mark.parametrize("phase", [Phase.CONVENED, Phase.PAUSED, Phase.CLOSED])
async def test_only_the_session_is_recorded(database: Database, tmp_path: Path, phase: Phase) -> None:
    async with a_studio(database, tmp_path, phase) as studio:
        assert await studio.start() == (409, "wrong_phase")


async def test_everybody_says_for_himself_that_he_knows(studio: Studio) -> None:
    made = (await studio.start())[1]["id"]
    for person in (AN, GUEST, AN):
        assert await studio.ask(person, "POST", f"{ALL}/{made}/acknowledge") == (204, b"")
    assert await studio.ask(STRANGER, "POST", f"{ALL}/{made}/acknowledge") == (404, "not_found")
    assert studio.recorded == ["recording.started", "recording.acknowledged", "recording.acknowledged"]
    bodies = [told.body["acknowledgements"] for told in await studio.here.told()]
    assert [sorted(body) for body in bodies] == [[f"{made}:{person}"] for person in (CHAIR, AN, GUEST)]


async def test_progress_is_for_those_who_keep_it(studio: Studio) -> None:
    made = (await studio.start())[1]["id"]
    await studio.jobs.agree(MEETING)
    running = {"phase": "running", "is_recorded": True, "percent": None}
    for person in (CHAIR, SECRETARY):
        assert await studio.ask(person, "GET", f"{ALL}/{made}") == (200, running)
    assert await studio.ask(AN, "GET", f"{ALL}/{made}") == (403, "not_allowed")
    await studio.ask(CHAIR, "POST", f"{ALL}/{made}/stop")
    await studio.jobs.agree(MEETING)
    studio.recorder.turn("EG_1", TakePhase.COMPOSING, 40)
    await studio.jobs.catch_up()
    composing = {"phase": "composing", "is_recorded": False, "percent": 40}
    assert await studio.ask(SECRETARY, "GET", f"{ALL}/{made}") == (200, composing)


async def test_a_film_is_seen_by_those_who_keep_it_and_saved_never_shown_as_a_page(studio: Studio) -> None:
    film = f"{ALL}/{await studio.finished()}/parts/1/film"
    for person in (CHAIR, SECRETARY):
        status, answer, headers = await studio.people.ask(person, "GET", film)
        assert (status, answer == FILM, headers["Content-Type"]) == (200, True, "video/webm")
        assert headers["Content-Disposition"].startswith("attachment; filename=")
        assert (headers["Accept-Ranges"], headers["Cache-Control"]) == ("bytes", "no-store")
    for person in (AN, GUEST):
        assert await studio.ask(person, "GET", film) == (403, "not_allowed")
    status, answer, headers = await studio.people.ask(SECRETARY, "GET", film.replace("film", "manifest"))
    assert (status, answer, headers["Content-Type"]) == (200, json.loads(manifest_of(FILM)), "application/json")


async def test_who_has_withdrawn_from_an_item_sees_no_film_of_the_whole_session(studio: Studio) -> None:
    part = f"{ALL}/{await studio.finished()}/parts/1"
    studio.here.withdrawn[SECRETARY] = frozenset({FIRST})
    for file in ("film", "manifest"):
        assert await studio.ask(SECRETARY, "GET", f"{part}/{file}") == (403, "recused_in_part")
        assert (await studio.people.ask(CHAIR, "GET", f"{part}/{file}"))[0] == 200


RANGES: list[tuple[str, int, str, bytes]] = [
    ("bytes=0-", 206, "bytes 0-255999/256000", FILM),
    ("bytes=100-199", 206, "bytes 100-199/256000", FILM[100:200]),
    ("bytes=255990-", 206, "bytes 255990-255999/256000", FILM[-10:]),
    ("bytes=-10", 206, "bytes 255990-255999/256000", FILM[-10:]),
    ("bytes=0-999999", 206, "bytes 0-255999/256000", FILM),
    ("bytes=256000-", 416, "bytes */256000", b""),
    ("bytes=-0", 416, "bytes */256000", b""),
    ("bytes=5-4", 200, "", FILM),
    ("bytes=0-1,5-6", 200, "", FILM),
    ("lines=0-1", 200, "", FILM),
]


async def test_a_player_goes_to_any_moment(studio: Studio) -> None:
    film = f"{ALL}/{await studio.finished()}/parts/1/film"
    for asked, status, where, expected in RANGES:
        found = await studio.people.ask(CHAIR, "GET", film, Range=asked)
        assert (asked, found[0], found[2].get("Content-Range", "")) == (asked, status, where)
        assert found[1] == expected
        assert found[2]["Content-Length"] == str(len(expected))


async def test_a_stretch_is_of_the_film_the_player_has(studio: Studio) -> None:
    film = f"{ALL}/{await studio.finished()}/parts/1/film"
    tag = (await studio.people.ask(CHAIR, "GET", film))[2]["ETag"]
    for known, status in ((tag, 206), ('"another"', 200)):
        found = await studio.people.ask(CHAIR, "GET", film, Range="bytes=0-9", If_Range=known)
        assert (found[0], len(found[1])) == (status, 10 if status == 206 else len(FILM))


async def test_a_film_that_was_changed_on_the_disk_is_refused_and_not_shown(studio: Studio, tmp_path: Path) -> None:
    made = await studio.finished()
    film, manifest = (f"{ALL}/{made}/parts/1/{file}" for file in ("film", "manifest"))
    digest = hashlib.sha256(FILM).hexdigest()
    path = tmp_path / "blobs" / digest[:2] / digest
    assert (await studio.people.ask(CHAIR, "GET", film))[0] == 200
    path.write_bytes(FILM[:-1] + b"?")
    assert await studio.ask(SECRETARY, "GET", film) == (409, "recording_altered")
    # What is whole is still there to be compared with.
    assert (await studio.people.ask(CHAIR, "GET", manifest))[0] == 200
    path.write_bytes(FILM)
    assert (await studio.people.ask(CHAIR, "GET", film, Range="bytes=0-9"))[0] == 206
    digest = hashlib.sha256(manifest_of(FILM)).hexdigest()
    (tmp_path / "blobs" / digest[:2] / digest).write_bytes(b"{}")
    for asked in (film, manifest):
        assert await studio.ask(SECRETARY, "GET", asked) == (409, "recording_altered")


async def test_a_film_that_another_manifest_speaks_of_is_refused(studio: Studio) -> None:
    made = RecordingId(await studio.finished())
    other, size_bytes = await studio.blobs.put(once(manifest_of(b"another film")), 1000)
    async with studio.here.uow.reading() as act:
        [part] = (await studio.recordings(act).get(MEETING, made)).parts
    assert part.kept is not None
    forged = replace(part, kept=replace(part.kept, manifest=Filed(digest=other, size_bytes=size_bytes)))

    async def forge(act: Act) -> None:
        store = SqlRecordings(act.connection)
        await store.save(replace(await store.get(MEETING, made), parts=(forged,)))

    await studio.here.uow.run(forge)
    assert await studio.ask(CHAIR, "GET", f"{ALL}/{made}/parts/1/film") == (409, "recording_altered")


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_parts_that_are_not_there_are_not_found(studio: Studio) -> None:
    made = await studio.finished()
    another = RecordingId("another".ljust(26, "0"))
    for rest in (f"{made}/parts/2", f"{made}/parts/x", f"{made}/parts/0", f"{another}/parts/1"):
        assert await studio.ask(CHAIR, "GET", f"{ALL}/{rest}/film") == (404, "not_found")


async def test_what_failed_is_composed_again_by_the_media_server(studio: Studio) -> None:
    made = (await studio.start())[1]["id"]
    await studio.jobs.agree(MEETING)
    await studio.ask(CHAIR, "POST", f"{ALL}/{made}/stop")
    assert await studio.ask(SECRETARY, "POST", f"{ALL}/{made}/retry") == (409, "recording_not_failed")
    studio.recorder.turn("EG_1", TakePhase.FAILED)
    await studio.jobs.take_in()
    assert await studio.ask(AN, "POST", f"{ALL}/{made}/retry") == (403, "not_allowed")
    studio.recorder.calls.clear()
    studio.recorder.is_down = True
    assert await studio.ask(SECRETARY, "POST", f"{ALL}/{made}/retry") == (503, "media_unavailable")
    studio.recorder.is_down = False
    assert await studio.ask(SECRETARY, "POST", f"{ALL}/{made}/retry") == (204, b"")
    assert studio.recorder.calls == ["stop", "stop"]
