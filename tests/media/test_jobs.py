"""The media server is brought in line with the meeting, whatever happened before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.media.jobs import MediaJobs
from ecabinet.media.service import Media
from ecabinet.meetings.model import Phase
from tests.fakes.attendance import SetWithdrawn
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, MeetingsHere
from tests.fakes.kernel import RecordingTransaction, SetClock
from tests.fakes.media import MemoryRooms
from tests.fakes.recordings import SilentPeople

CAMERA = frozenset({"camera"})
VOICE = frozenset({"camera", "microphone", "screen_share", "screen_share_audio"})
SPOKEN_TO = PersonId("somebody the list no longer has")


class Reading:
    """A unit of work that is only read in."""

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[RecordingTransaction]:
        yield RecordingTransaction()


@dataclass
class House:
    meetings: MeetingsHere = field(default_factory=MeetingsHere)
    rooms: MemoryRooms = field(default_factory=MemoryRooms)
    attendance: SetWithdrawn = field(default_factory=SetWithdrawn)
    recordings: SilentPeople = field(default_factory=SilentPeople)
    speaker: PersonId | None = None
    before_floor: Any = None

    def __post_init__(self) -> None:
        self.jobs = MediaJobs(cast(UnitOfWork, Reading()), self.media, self.rooms)
        self.rooms.rooms[MEETING] = {CHAIR: VOICE, AN: CAMERA, BINH: CAMERA}

    def media(self, act: Act) -> Media:
        return Media(act, self.meetings, self, self.attendance, self.recordings, SetClock())

    async def floor(self, meeting: MeetingId) -> PersonId | None:
        return self.speaker

    @property
    def room(self) -> dict[PersonId, frozenset[str]]:
        return self.rooms.rooms.get(MEETING, {})


@pytest.fixture
def house() -> House:
    return House()


async def test_a_room_that_agrees_is_left_alone(house: House) -> None:
    assert await house.jobs.reconcile(MEETING)
    assert house.rooms.calls == ["participants"]


async def test_the_floor_takes_the_microphone_with_it(house: House) -> None:
    house.speaker = AN
    assert await house.jobs.reconcile(MEETING)
    assert house.room == {CHAIR: VOICE, AN: VOICE, BINH: CAMERA}
    house.speaker = BINH
    assert await house.jobs.reconcile(MEETING)
    assert house.room == {CHAIR: VOICE, AN: CAMERA, BINH: VOICE}


async def test_running_twice_does_nothing_more(house: House) -> None:
    house.speaker = AN
    await house.jobs.reconcile(MEETING)
    house.rooms.calls.clear()
    await house.jobs.reconcile(MEETING)
    assert house.rooms.calls == ["participants"]


async def test_who_is_no_participant_is_cut_off(house: House) -> None:
    house.room[SPOKEN_TO] = VOICE
    await house.jobs.reconcile(MEETING)
    assert SPOKEN_TO not in house.room


async def test_a_guest_leaves_with_the_item(house: House) -> None:
    house.meetings.change(current=SECOND)
    house.room[GUEST] = CAMERA
    await house.jobs.reconcile(MEETING)
    assert GUEST in house.room
    house.meetings.change(current=FIRST)
    await house.jobs.reconcile(MEETING)
    assert GUEST not in house.room


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.CANCELLED, Phase.DRAFT])
async def test_without_a_call_the_room_goes_once(house: House, phase: Phase) -> None:
    house.meetings.change(phase=phase)
    await house.jobs.reconcile(MEETING)
    assert MEETING not in house.rooms.rooms
    await house.jobs.reconcile(MEETING)
    assert house.rooms.calls == ["participants", "delete_room", "participants"]


async def test_a_room_of_no_meeting_is_not_ours_to_touch(house: House) -> None:
    assert await house.jobs.reconcile(MeetingId("another"))
    assert house.rooms.calls == []


async def test_a_media_server_that_is_down_is_told_of_and_harms_nothing(house: House) -> None:
    house.rooms.is_down = True
    assert not await house.jobs.reconcile(MEETING)
    house.rooms.is_down = False
    house.speaker = AN
    assert await house.jobs.reconcile(MEETING)
    assert house.room[AN] == VOICE


async def test_who_was_to_be_cut_off_while_the_media_server_was_away_is_cut_off_when_it_is_back(house: House) -> None:
    house.room[SPOKEN_TO] = VOICE
    house.rooms.is_down = True
    await house.jobs.reconcile(MEETING)
    await house.jobs.catch_up()
    assert SPOKEN_TO in house.room
    house.rooms.is_down = False
    await house.jobs.catch_up()
    assert SPOKEN_TO not in house.room
    house.rooms.calls.clear()
    await house.jobs.catch_up()
    assert house.rooms.calls == []


async def test_who_leaves_in_the_middle_does_not_stop_the_rest(house: House) -> None:
    class Leaving(MemoryRooms):
        async def participants(self, room: MeetingId) -> dict[PersonId, frozenset[str]]:
            found = await super().participants(room)
            self.rooms[room].pop(AN, None)
            return found

    rooms = Leaving(house.rooms.rooms)
    rooms.rooms[MEETING][AN] = rooms.rooms[MEETING][BINH] = VOICE
    assert await MediaJobs(house.jobs.uow, house.media, rooms).reconcile(MEETING)
    assert house.room == {CHAIR: VOICE, BINH: CAMERA}


async def test_cameras_and_microphones_close_until_their_owners_know_of_the_recording(house: House) -> None:
    house.recordings.people = frozenset({AN, BINH})
    assert await house.jobs.reconcile(MEETING)
    assert house.room == {CHAIR: VOICE, AN: frozenset(), BINH: frozenset()}
    house.recordings.people = frozenset({BINH})
    house.speaker = AN
    assert await house.jobs.reconcile(MEETING)
    assert house.room == {CHAIR: VOICE, AN: VOICE, BINH: frozenset()}


async def test_asked_to_say_it_anew_the_media_server_is_told_of_everybody(house: House) -> None:
    house.recordings.people = frozenset({AN})
    house.room[AN] = frozenset()
    assert await house.jobs.reconcile(MEETING, anew=True)
    assert house.rooms.calls == ["participants", "permit", "permit", "permit"]
    assert house.room == {CHAIR: VOICE, AN: frozenset(), BINH: CAMERA}


async def test_an_older_reading_never_overwrites_a_newer(house: House) -> None:
    slow, entered = asyncio.Event(), asyncio.Event()

    class Slow(MemoryRooms):
        async def permit(self, room: MeetingId, person: PersonId, sources: frozenset[str]) -> None:
            if not entered.is_set():
                entered.set()
                await slow.wait()
            await super().permit(room, person, sources)

    rooms = Slow(house.rooms.rooms)
    jobs = MediaJobs(house.jobs.uow, house.media, rooms)
    house.speaker = AN
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(jobs.reconcile(MEETING))
        await entered.wait()
        house.speaker = BINH
        tasks.create_task(jobs.reconcile(MEETING))
        await asyncio.sleep(0)
        slow.set()
    assert house.room == {CHAIR: VOICE, AN: CAMERA, BINH: VOICE}


async def test_who_has_withdrawn_from_the_item_is_put_out_and_may_come_back(house: House) -> None:
    house.attendance.people = frozenset({AN})
    assert await house.jobs.reconcile(MEETING)
    assert set(house.room) == {CHAIR, BINH}
    house.attendance.people = frozenset()
    house.rooms.rooms[MEETING][AN] = CAMERA
    assert await house.jobs.reconcile(MEETING)
    assert set(house.room) == {CHAIR, AN, BINH}
