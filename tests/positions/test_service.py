"""Declaring positions, with everything around them in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from ecabinet.attendance.model import Recusal
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId, TurnId
from ecabinet.meetings.model import Meeting, Participant, QuestionOpen
from ecabinet.positions.model import Stance
from ecabinet.positions.ports import Room
from ecabinet.positions.service import Positions
from ecabinet.speaking.model import AlreadyWaiting
from tests.fakes.attendance import MemoryRecusals
from tests.fakes.kernel import RecordingTransaction, SetClock
from tests.fakes.meetings import MEMBERS, MemoryMeetings
from tests.fakes.positions import MemoryPositions
from tests.meetings.stages import ITEMS, MEETING, convened

AN, BINH, CUONG, DUNG = MEMBERS[:4]


@dataclass
class Line:
    """Who stands in line, and who is there: everybody but those away."""

    hall: "Hall"
    waiting: list[PersonId] = field(default_factory=list)
    away: set[PersonId] = field(default_factory=set)

    async def ask(self, meeting: MeetingId, by: PersonId) -> TurnId:
        if by in self.waiting:
            raise AlreadyWaiting()
        self.waiting.append(by)
        return TurnId("turn")

    async def present_voters(self, meeting: Meeting) -> tuple[Participant, ...]:
        return tuple(each for each in meeting.voters if each.person not in self.away)


@dataclass
class Votes:
    """What is voted on, as the test says."""

    running: dict[ItemId, QuestionId] = field(default_factory=dict)

    async def voted_on(self, meeting: MeetingId) -> Mapping[ItemId, QuestionId]:
        return self.running


@dataclass
class Hall:
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    store: MemoryMeetings = field(default_factory=MemoryMeetings)
    clock: SetClock = field(default_factory=SetClock)
    votes: Votes = field(default_factory=Votes)

    def __post_init__(self) -> None:
        self.store.kept[MEETING] = convened()
        self.recusals = MemoryRecusals(self.store)
        self.line = Line(self)
        kept, room = MemoryPositions(self.store), Room(self.line, self.line)
        self.positions = Positions(self.tx, kept, self.store, self.recusals, self.clock, room, self.votes)


@pytest.fixture
def hall() -> Hall:
    return Hall()


async def test_the_last_word_stands(hall: Hall) -> None:
    await hall.positions.declare(MEETING, ITEMS[0], (Stance.NO_OBJECTION, ""), AN)
    await hall.positions.declare(MEETING, ITEMS[0], (Stance.OPINION, "Làm rõ nguồn vốn"), AN)
    await hall.positions.declare(MEETING, ITEMS[0], (Stance.OPINION, "Làm rõ nguồn vốn"), AN)
    assert [(each.person, each.stance) for each in await hall.positions.of(MEETING)] == [(AN, Stance.OPINION)]
    assert [event.type for event in hall.tx.events] == ["position.declared"] * 2


async def test_a_position_is_taken_back_once(hall: Hall) -> None:
    await hall.positions.declare(MEETING, ITEMS[0], (Stance.FLOOR, ""), AN)
    await hall.positions.withdraw(MEETING, ITEMS[0], AN)
    for item, person in ((ITEMS[0], AN), (ITEMS[0], BINH), (ItemId("nowhere"), AN)):
        with pytest.raises(NotFound):
            await hall.positions.withdraw(MEETING, item, person)
    assert await hall.positions.of(MEETING) == []
    assert [event.type for event in hall.tx.events] == ["position.declared", "position.withdrawn"]


async def test_what_nobody_objects_to_is_found_without_those_who_have_withdrawn(hall: Hall) -> None:
    meeting = hall.store.kept[MEETING]
    for item in ITEMS[:2]:
        await hall.positions.declare(MEETING, item, (Stance.FLOOR, ""), AN)
    assert await hall.positions.objections(meeting, ITEMS) == {ITEMS[0]: {AN}, ITEMS[1]: {AN}, ITEMS[2]: set()}
    await hall.recusals.put(Recusal(MEETING, ITEMS[1], AN, "Cổ đông", hall.clock.now(), AN))
    assert await hall.positions.objections(meeting, ITEMS[:2]) == {ITEMS[0]: {AN}, ITEMS[1]: set()}


async def test_who_asked_for_the_floor_beforehand_stands_in_line_when_the_item_begins(hall: Hall) -> None:
    for person in (CUONG, AN, BINH, DUNG):
        hall.clock.pass_time(timedelta(minutes=1))
        await hall.positions.declare(MEETING, ITEMS[0], (Stance.FLOOR, ""), person)
    await hall.positions.declare(MEETING, ITEMS[0], (Stance.OPINION, "Làm rõ"), MEMBERS[4])
    await hall.positions.declare(MEETING, ITEMS[1], (Stance.FLOOR, ""), MEMBERS[5])
    await hall.recusals.put(Recusal(MEETING, ITEMS[0], BINH, "Cổ đông", hall.clock.now(), BINH))
    hall.line.away.add(DUNG)
    await hall.positions.begun(hall.store.kept[MEETING], ITEMS[0])
    assert hall.line.waiting == [CUONG, AN]
    await hall.positions.begun(hall.store.kept[MEETING], ITEMS[0])
    assert hall.line.waiting == [CUONG, AN]


async def test_nobody_objects_to_an_item_while_it_is_voted_on(hall: Hall) -> None:
    first, second = ITEMS[:2]
    await hall.positions.declare(MEETING, first, (Stance.NO_OBJECTION, ""), AN)
    hall.votes.running = {first: QuestionId("block")}
    recorded = len(hall.tx.events)
    with pytest.raises(QuestionOpen) as refused:
        await hall.positions.declare(MEETING, first, (Stance.OPINION, "Chưa rõ nguồn vốn"), AN)
    assert refused.value.detail == {"question": "block"}
    assert len(hall.tx.events) == recorded
    await hall.positions.declare(MEETING, first, (Stance.NO_OBJECTION, ""), AN)
    await hall.positions.declare(MEETING, second, (Stance.OPINION, "Chưa rõ nguồn vốn"), AN)
    hall.votes.running = {}
    await hall.positions.declare(MEETING, first, (Stance.OPINION, "Chưa rõ nguồn vốn"), AN)
