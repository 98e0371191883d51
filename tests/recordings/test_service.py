"""From the chair's decision to the film that is kept."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId, RecordingId
from ecabinet.meetings.model import Phase as MeetingPhase
from ecabinet.recordings.model import Cause, Fault, Phase, RecordingNotRunning, RecordingStopped
from ecabinet.recordings.service import Recordings
from tests.fakes.gathering import AN, BINH, CHAIR, GUEST, MEETING, SECRETARY, MeetingsHere, a_meeting
from tests.fakes.kernel import NOON, CountingIds, RecordingTransaction, SetClock
from tests.fakes.recordings import AnyTake, MemoryRecordings

from .films import KEPT

TAKE = AnyTake("EG_1", "film1")


@dataclass
class Stage:
    meetings: MeetingsHere = field(default_factory=MeetingsHere)
    store: MemoryRecordings = field(default_factory=MemoryRecordings)
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        self.recordings = Recordings(self.tx, self.store, self.meetings, CountingIds(), self.clock)

    async def start(self) -> RecordingId:
        made = await self.recordings.start(MEETING, CHAIR, no_secrets=True)
        self.clock.pass_time(timedelta(minutes=1))
        return made

    async def silent(self) -> frozenset[PersonId]:
        return await self.recordings.silent(await self.meetings.get(MEETING))

    @property
    def told(self) -> list[str]:
        return [event.type for event in self.tx.events]


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_who_decides_to_record_knows_and_everybody_else_is_silent_until_he_says_so(stage: Stage) -> None:
    assert await stage.silent() == frozenset()
    made = await stage.start()
    assert await stage.silent() == {SECRETARY, AN, BINH, GUEST}
    await stage.recordings.acknowledge(MEETING, made, AN)
    await stage.recordings.acknowledge(MEETING, made, AN)
    assert await stage.silent() == {SECRETARY, BINH, GUEST}
    assert stage.told == ["recording.started", "recording.acknowledged"]
    known = await stage.recordings.acknowledgements(MEETING)
    assert [(each.person, each.at) for each in known] == [(CHAIR, NOON), (AN, NOON + timedelta(minutes=1))]


async def test_nobody_is_silent_when_nothing_is_recorded_any_more(stage: Stage) -> None:
    made = await stage.start()
    await stage.recordings.stop(MEETING, made, CHAIR)
    assert await stage.silent() == frozenset()


async def test_who_does_not_take_part_acknowledges_nothing(stage: Stage) -> None:
    made = await stage.start()
    with pytest.raises(NotFound):
        await stage.recordings.acknowledge(MEETING, made, PersonId("stranger"))
    with pytest.raises(NotFound):
        await stage.recordings.acknowledge(MeetingId("another"), made, AN)


@pytest.mark.parametrize(("is_over", "cause"), [(False, Cause.BREAK), (True, Cause.END)])
async def test_a_break_and_the_end_stop_what_runs(stage: Stage, is_over: bool, cause: Cause) -> None:
    await stage.recordings.end_all(MEETING, CHAIR, is_over=is_over)
    assert stage.told == []
    made = await stage.start()
    await stage.recordings.end_all(MEETING, CHAIR, is_over=is_over)
    await stage.recordings.end_all(MEETING, CHAIR, is_over=is_over)
    found = await stage.recordings.get(MEETING, made)
    assert (found.phase, found.cause, found.stopped_at) == (Phase.COMPOSING, cause, NOON + timedelta(minutes=1))
    assert [event.cause for event in stage.tx.events if isinstance(event, RecordingStopped)] == [cause]


async def test_after_a_break_the_chair_decides_anew_and_everybody_is_asked_anew(stage: Stage) -> None:
    first = await stage.start()
    await stage.recordings.acknowledge(MEETING, first, AN)
    await stage.recordings.end_all(MEETING, CHAIR, is_over=False)
    second = await stage.start()
    assert (await stage.recordings.get(MEETING, second)).number == 2
    assert AN in await stage.silent()


async def test_parts_settle_one_after_the_other_and_the_last_ends_it(stage: Stage) -> None:
    made = await stage.start()
    await stage.recordings.part_begun(MEETING, made, TAKE)
    await stage.recordings.part_begun(MEETING, made, AnyTake("EG_2", "film2"))
    # Two of us may have seen it begin.
    await stage.recordings.part_begun(MEETING, made, TAKE)
    await stage.recordings.part_settled(MEETING, made, 1, Fault.LOST)
    await stage.recordings.stop(MEETING, made, CHAIR)
    assert (await stage.recordings.get(MEETING, made)).phase is Phase.COMPOSING
    await stage.recordings.part_settled(MEETING, made, 2, KEPT)
    assert (await stage.recordings.get(MEETING, made)).phase is Phase.FINISHED
    assert stage.told == [
        "recording.started",
        "recording.part_begun",
        "recording.part_begun",
        "recording.stopped",
        "recording.finished",
    ]
    _, kept = await stage.recordings.kept(MEETING, made, 2)
    assert kept == KEPT
    for part in (1, 3):
        with pytest.raises(NotFound):
            await stage.recordings.kept(MEETING, made, part)


async def test_what_failed_is_tried_again(stage: Stage) -> None:
    made = await stage.start()
    await stage.recordings.part_begun(MEETING, made, TAKE)
    await stage.recordings.stop(MEETING, made, CHAIR)
    await stage.recordings.part_settled(MEETING, made, 1, Fault.NOT_COMPOSED)
    assert (await stage.recordings.get(MEETING, made)).phase is Phase.FAILED
    assert await stage.recordings.unfinished() == []
    await stage.recordings.retry(MEETING, made, SECRETARY)
    assert await stage.recordings.unfinished() == [MEETING]
    await stage.recordings.part_settled(MEETING, made, 1, KEPT)
    assert stage.told[-3:] == ["recording.failed", "recording.retried", "recording.finished"]


async def test_a_recording_that_never_began_ends_as_one_of_nothing(stage: Stage) -> None:
    made = await stage.start()
    await stage.recordings.end_if_settled(MEETING, made)
    assert stage.told == ["recording.started"]
    await stage.recordings.stop(MEETING, made, CHAIR)
    await stage.recordings.end_if_settled(MEETING, made)
    assert (await stage.recordings.get(MEETING, made)).fault is Fault.NOTHING_RECORDED
    with pytest.raises(RecordingNotRunning):
        await stage.recordings.part_begun(MEETING, made, TAKE)


async def test_before_the_session_nothing_is_recorded(stage: Stage) -> None:
    stage.meetings.hold(a_meeting(MeetingPhase.CONVENED))
    with pytest.raises(Exception, match="wrong_phase"):
        await stage.recordings.require_startable(MEETING, no_secrets=True)
