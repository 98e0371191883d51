"""The queue at work, with memory in place of a database."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from ecabinet.kernel.access import RecusedHere
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, TurnId
from ecabinet.meetings.model import Phase
from ecabinet.speaking.model import AlreadyWaiting, FloorAsked, FloorEnded, FloorGiven, FloorWithdrawn, Status
from ecabinet.speaking.service import Speaking
from tests.fakes.attendance import SetWithdrawn
from tests.fakes.gathering import AN, BINH, CHAIR, MEETING, MeetingsHere
from tests.fakes.kernel import CountingIds, RecordingTransaction, SetClock
from tests.fakes.speaking import MemoryTurns


@dataclass
class House:
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    meetings: MeetingsHere = field(default_factory=MeetingsHere)
    store: MemoryTurns = field(default_factory=lambda: MemoryTurns(frozenset({MEETING})))
    attendance: SetWithdrawn = field(default_factory=SetWithdrawn)
    clock: SetClock = field(default_factory=SetClock)
    ids: CountingIds = field(default_factory=CountingIds)

    @property
    def speaking(self) -> Speaking:
        return Speaking(self.tx, self.store, self.meetings, self.attendance, self.ids, self.clock)

    def heard(self) -> list[type]:
        return [type(event) for event in self.tx.events]


@pytest.fixture
def house() -> House:
    return House()


async def test_ask_give_end(house: House) -> None:
    turn = await house.speaking.ask(MEETING, AN)
    assert await house.speaking.floor(MEETING) is None
    await house.speaking.give(MEETING, turn, 120, CHAIR)
    assert await house.speaking.floor(MEETING) == AN
    house.clock.pass_time(timedelta(seconds=50))
    await house.speaking.end(MEETING, turn, AN, may_give=False)
    assert await house.speaking.floor(MEETING) is None
    assert house.heard() == [FloorAsked, FloorGiven, FloorEnded]


async def test_giving_to_someone_in_line_uses_the_place_in_line(house: House) -> None:
    asked = await house.speaking.ask(MEETING, AN)
    assert await house.speaking.give_to(MEETING, AN, 60, CHAIR) == asked
    assert len(await house.speaking.turns(MEETING)) == 1


async def test_calling_on_someone_ends_the_speech_before_and_says_so_first(house: House) -> None:
    await house.speaking.give_to(MEETING, AN, 60, CHAIR)
    await house.speaking.give_to(MEETING, BINH, 60, CHAIR)
    assert house.heard() == [FloorGiven, FloorEnded, FloorGiven]
    assert [turn.status for turn in await house.speaking.turns(MEETING)] == [Status.DONE, Status.SPEAKING]


async def test_the_end_of_the_meeting_ends_everything_once(house: House) -> None:
    await house.speaking.give_to(MEETING, AN, 60, CHAIR)
    await house.speaking.ask(MEETING, BINH)
    meeting = await house.meetings.get(MEETING)
    await house.speaking.end_all(meeting)
    await house.speaking.end_all(meeting)
    assert house.heard() == [FloorGiven, FloorAsked, FloorEnded, FloorWithdrawn]


async def test_who_leaves_the_meeting_leaves_the_floor_and_the_queue_to_the_others(house: House) -> None:
    await house.speaking.give_to(MEETING, AN, 60, CHAIR)
    await house.speaking.ask(MEETING, BINH)
    await house.speaking.end_all(await house.meetings.get(MEETING), CHAIR, frozenset({AN}))
    assert house.heard() == [FloorGiven, FloorAsked, FloorEnded]
    assert await house.speaking.floor(MEETING) is None


async def test_a_break_takes_the_floor_and_gives_it_back(house: House) -> None:
    await house.speaking.give_to(MEETING, AN, 60, CHAIR)
    house.meetings.change(phase=Phase.PAUSED)
    assert await house.speaking.floor(MEETING) is None
    house.meetings.change(phase=Phase.OPEN)
    assert await house.speaking.floor(MEETING) == AN


async def test_a_refusal_changes_nothing(house: House) -> None:
    await house.speaking.ask(MEETING, AN)
    with pytest.raises(AlreadyWaiting):
        await house.speaking.ask(MEETING, AN)
    for meeting, turn in ((MeetingId("another"), TurnId("t")), (MEETING, TurnId("t"))):
        with pytest.raises(NotFound):
            await house.speaking.give(meeting, turn, 60, CHAIR)
    assert house.heard() == [FloorAsked]
    assert len(house.store.kept) == 1


async def test_who_has_withdrawn_neither_gets_the_floor_nor_gives_it(house: House) -> None:
    turn = await house.speaking.ask(MEETING, BINH)
    house.attendance.people = frozenset({AN})
    for work in (house.speaking.ask(MEETING, AN), house.speaking.give_to(MEETING, AN, 60, CHAIR)):
        with pytest.raises(RecusedHere):
            await work
    house.attendance.people = frozenset({CHAIR})
    for act in (
        house.speaking.give(MEETING, turn, 60, CHAIR),
        house.speaking.give_to(MEETING, BINH, 60, CHAIR),
        house.speaking.end(MEETING, turn, CHAIR, may_give=True),
    ):
        with pytest.raises(RecusedHere):
            await act
    house.attendance.people = frozenset({BINH})
    with pytest.raises(RecusedHere):
        await house.speaking.give(MEETING, turn, 60, CHAIR)
    assert house.heard() == [FloorAsked]
