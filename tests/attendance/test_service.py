"""Presence and quorum, with everything around them in memory."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from ecabinet.attendance.model import Mark
from ecabinet.attendance.ports import Above
from ecabinet.attendance.service import Attendance, Withdrawal
from ecabinet.kernel.errors import NotAllowed, NotFound
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Meeting, MeetingWrongPhase, Phase, QuestionOpen
from tests.fakes.attendance import MemoryPresences, MemoryRecusals
from tests.fakes.kernel import RecordingTransaction, SetClock
from tests.fakes.meetings import COMMITTEE, DEPUTY, HEAD, MEMBERS, SECRETARY, STRANGER, MemoryMeetings, OneBody
from tests.meetings.stages import ITEMS, MEETING, STAGES, at_item, convened
from tests.meetings.test_seating import with_deputy

AN, BINH = MEMBERS[:2]


@dataclass
class Ending:
    """The vote that is under way, and whose speeches were ended after how many events."""

    tx: RecordingTransaction
    vote: QuestionId | None = None
    ended: list[tuple[frozenset[PersonId] | None, int]] = field(default_factory=list)

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        return self.vote

    async def end_all(
        self, meeting: Meeting, by: PersonId | None = None, of: frozenset[PersonId] | None = None
    ) -> None:
        self.ended.append((of, len(self.tx.events)))


@dataclass
class Hall:
    """The service and all it stands on, with one convened meeting in which DEPUTY comes for AN."""

    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    store: MemoryMeetings = field(default_factory=MemoryMeetings)
    register: OneBody = field(default_factory=OneBody)
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        self.presences = MemoryPresences(self.store)
        self.recusals = MemoryRecusals(self.store)
        self.floor = Ending(self.tx)
        self.attendance = Attendance(
            self.tx,
            self.presences,
            self.recusals,
            self.register,
            self.store,
            self.clock,
            Above(self.floor, self.floor),
        )
        self.stand(with_deputy(convened()))

    def stand(self, meeting: Meeting) -> None:
        """From now on the meeting stands like this."""
        self.store.kept[meeting.id] = meeting

    @property
    def meeting(self) -> Meeting:
        return self.store.kept[MEETING]

    def told(self) -> list[str]:
        return [event.type for event in self.tx.events]

    async def present(self) -> int:
        return (await self.attendance.of(self.meeting)).present


@dataclass
class Locks:
    """The meetings, with somebody who hears of each lock."""

    store: MemoryMeetings
    locking: Callable[[MeetingId], Awaitable[None]]

    async def lock(self, meeting: MeetingId) -> None:
        await self.locking(meeting)

    async def get(self, meeting: MeetingId) -> Meeting:
        return await self.store.get(meeting)


@pytest.fixture
def hall() -> Hall:
    return Hall()


async def test_the_quorum_follows_who_comes_and_goes(hall: Hall) -> None:
    for person in (HEAD, *MEMBERS[1:5], DEPUTY, SECRETARY):
        await hall.attendance.connected(MEETING, person)
    quorum = await hall.attendance.quorum(hall.meeting)
    assert (quorum.members, quorum.present, quorum.needed, quorum.is_quorate) == (7, 5, 5, True)
    await hall.attendance.disconnected(MEETING, BINH)
    assert not (await hall.attendance.quorum(hall.meeting)).is_quorate
    await hall.attendance.connected(MEETING, AN)
    assert (await hall.attendance.quorum(hall.meeting)).is_quorate
    assert [each.person for each in await hall.attendance.present_voters(hall.meeting)][:2] == [HEAD, AN]


async def test_leaving_someone_off_the_list_makes_the_body_no_smaller(hall: Hall) -> None:
    few = tuple(each for each in hall.meeting.participants if each.person in {HEAD, AN, BINH, SECRETARY})
    hall.stand(replace(hall.meeting, participants=few))
    assert (await hall.attendance.quorum(hall.meeting)).members == 7
    hall.register.sitting = COMMITTEE[:5]
    assert (await hall.attendance.quorum(hall.meeting)).members == 5


async def test_connections_are_counted_once_however_often_they_are_told(hall: Hall) -> None:
    for _ in range(2):
        await hall.attendance.connected(MEETING, HEAD)
    for _ in range(2):
        await hall.attendance.disconnected(MEETING, HEAD)
    assert hall.told() == ["presence.connected", "presence.disconnected"]


async def test_only_participants_are_there(hall: Hall) -> None:
    with pytest.raises(NotFound):
        await hall.attendance.connected(MEETING, STRANGER)
    with pytest.raises(NotFound):
        await hall.attendance.connected(MeetingId("none"), HEAD)
    with pytest.raises(NotFound):
        await hall.attendance.mark(hall.meeting, STRANGER, Mark.PRESENT, None, SECRETARY)
    await hall.attendance.disconnected(MEETING, STRANGER)
    assert hall.told() == []
    assert await hall.attendance.presences(hall.meeting) == {}


@pytest.mark.parametrize("phase", Phase)
async def test_presence_changes_between_invitation_and_end_only(hall: Hall, phase: Phase) -> None:
    counts = phase in {Phase.CONVENED, Phase.OPEN, Phase.PAUSED}
    await hall.attendance.connected(MEETING, AN)
    hall.stand(STAGES[phase]())
    before = hall.told()
    await hall.attendance.connected(MEETING, HEAD)
    await hall.attendance.disconnected(MEETING, AN)
    if counts:
        await hall.attendance.mark(hall.meeting, BINH, Mark.PRESENT, None, SECRETARY)
        assert await hall.present() == 2
        return
    with pytest.raises(MeetingWrongPhase):
        await hall.attendance.mark(hall.meeting, BINH, Mark.PRESENT, None, SECRETARY)
    assert hall.told() == before
    assert await hall.present() == 1


async def test_the_secretarys_mark_is_recorded_and_its_reason_kept_beside_it(hall: Hall) -> None:
    await hall.attendance.mark(hall.meeting, AN, Mark.EXCUSED, "Đi công tác", SECRETARY)
    await hall.attendance.mark(hall.meeting, AN, Mark.EXCUSED, "Đi công tác", SECRETARY)
    assert (await hall.attendance.presences(hall.meeting))[AN].reason == "Đi công tác"
    await hall.attendance.mark(hall.meeting, AN, None, None, SECRETARY)
    assert [event.payload() for event in hall.tx.events] == [
        {"person": AN, "mark": "excused"},
        {"person": AN, "mark": None},
    ]


async def test_after_a_crash_those_who_do_not_come_back_are_gone(hall: Hall) -> None:
    for person in (HEAD, AN, BINH):
        await hall.attendance.connected(MEETING, person)
    hall.clock.pass_time(timedelta(minutes=1))
    started_at = hall.clock.now()
    await hall.attendance.connected(MEETING, AN)
    hall.clock.pass_time(timedelta(seconds=20))
    assert await hall.attendance.disconnect_all(started_at) == 2
    assert await hall.attendance.disconnect_all(started_at) == 0
    there = [person for person, each in (await hall.attendance.presences(hall.meeting)).items() if each.is_present]
    assert there == [AN]
    assert hall.told() == ["presence.connected"] * 3 + ["presence.disconnected"] * 2


async def test_all_meetings_are_locked_before_anything_is_recorded_after_a_crash(hall: Hall) -> None:
    other = replace(convened(), id=MeetingId("other".ljust(26, "0")))
    hall.stand(other)
    for meeting in (MEETING, other.id):
        await hall.attendance.connected(meeting, HEAD)
    hall.clock.pass_time(timedelta(minutes=1))
    recorded_at_lock: list[int] = []

    async def locking(meeting: MeetingId) -> None:
        recorded_at_lock.append(len(hall.tx.events))

    watched = replace(hall.attendance, meetings=Locks(hall.store, locking))
    assert await watched.disconnect_all(hall.clock.now()) == 2
    assert recorded_at_lock == [2, 2]
    assert len(hall.tx.events) == 4


async def test_a_crash_does_not_change_who_was_there_at_the_end(hall: Hall) -> None:
    await hall.attendance.connected(MEETING, AN)
    hall.stand(STAGES[Phase.CLOSED]())
    hall.clock.pass_time(timedelta(minutes=1))
    assert await hall.attendance.disconnect_all(hall.clock.now()) == 0
    assert await hall.present() == 1


# --- recusals ---

FOR_AN = Withdrawal(AN, calls_roll=True, reason="Con gái là giám đốc đơn vị")
HIMSELF = Withdrawal(AN, calls_roll=False, reason="Cổ đông")


async def test_who_has_withdrawn_counts_for_nothing_while_the_item_is_before_the_meeting(hall: Hall) -> None:
    for person in (HEAD, *MEMBERS[:5]):
        await hall.attendance.connected(MEETING, person)
    await hall.attendance.recuse(MEETING, ITEMS[0], FOR_AN, SECRETARY)
    assert (await hall.present(), await hall.attendance.withdrawn(hall.meeting)) == (6, frozenset())
    hall.stand(at_item(1))
    assert (await hall.present(), await hall.attendance.withdrawn(hall.meeting)) == (5, frozenset({AN}))
    assert await hall.attendance.recused(hall.meeting, [ITEMS[0]]) == {AN}
    assert await hall.attendance.withdrawn_from(MEETING) == {AN: {ITEMS[0]}}
    hall.stand(at_item(2))
    assert (await hall.present(), await hall.attendance.withdrawn(hall.meeting)) == (6, frozenset())


async def test_the_speech_ends_before_the_recusal_is_recorded_and_only_on_that_item(hall: Hall) -> None:
    hall.stand(at_item(1))
    await hall.attendance.recuse(MEETING, ITEMS[1], HIMSELF, AN)
    assert hall.floor.ended == []
    await hall.attendance.recuse(MEETING, ITEMS[0], HIMSELF, AN)
    await hall.attendance.recuse(MEETING, ITEMS[0], HIMSELF, AN)
    assert hall.floor.ended == [(frozenset({AN}), 1)]
    assert hall.told() == ["recusal.recorded", "recusal.recorded"]


async def test_a_recusal_is_lifted_by_who_may(hall: Hall) -> None:
    await hall.attendance.recuse(MEETING, ITEMS[0], FOR_AN, SECRETARY)
    with pytest.raises(NotAllowed):
        await hall.attendance.take_part(MEETING, ITEMS[0], HIMSELF, AN)
    await hall.attendance.take_part(MEETING, ITEMS[0], FOR_AN, SECRETARY)
    with pytest.raises(NotFound):
        await hall.attendance.take_part(MEETING, ITEMS[0], FOR_AN, SECRETARY)
    assert await hall.attendance.withdrawn_from(MEETING) == {}
    assert hall.told() == ["recusal.recorded", "recusal.lifted"]


async def test_who_withdrew_himself_cannot_undo_what_the_secretary_then_recorded(hall: Hall) -> None:
    await hall.attendance.recuse(MEETING, ITEMS[0], HIMSELF, AN)
    await hall.attendance.recuse(MEETING, ITEMS[0], FOR_AN, SECRETARY)
    await hall.attendance.recuse(MEETING, ITEMS[0], FOR_AN, SECRETARY)
    with pytest.raises(NotAllowed):
        await hall.attendance.take_part(MEETING, ITEMS[0], HIMSELF, AN)
    [kept] = await hall.recusals.of(MEETING)
    assert (kept.by, kept.reason) == (SECRETARY, FOR_AN.reason)
    assert hall.told() == ["recusal.recorded", "recusal.recorded"]


async def test_nobody_withdraws_another_or_during_a_vote(hall: Hall) -> None:
    with pytest.raises(NotAllowed):
        await hall.attendance.recuse(MEETING, ITEMS[0], HIMSELF, BINH)
    hall.floor.vote = QuestionId("question")
    with pytest.raises(QuestionOpen):
        await hall.attendance.recuse(MEETING, ITEMS[0], HIMSELF, AN)
    assert hall.told() == []
    assert await hall.recusals.of(MEETING) == []
