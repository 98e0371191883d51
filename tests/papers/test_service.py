"""Papers coming and going, with memory in place of a database."""

from dataclasses import dataclass, field, replace

import pytest

from ecabinet.kernel.errors import NotFound, WrongPhase
from ecabinet.kernel.ids import ItemId, MeetingId, PaperId
from ecabinet.meetings.model import Phase
from ecabinet.papers.model import Names, PaperAdded, PaperIsThere, PaperRemoved, Upload
from ecabinet.papers.service import Papers
from tests.fakes.gathering import FIRST, MEETING, SECOND, SECRETARY, MeetingsHere, a_meeting
from tests.fakes.kernel import CountingIds, RecordingTransaction, SetClock
from tests.fakes.papers import MemoryPapers

UPLOAD = Upload(Names("Tờ trình", "to-trinh.pdf"), "d" * 64, 1000, 12)


@dataclass
class House:
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    meetings: MeetingsHere = field(default_factory=MeetingsHere)
    store: MemoryPapers = field(default_factory=lambda: MemoryPapers(frozenset({MEETING})))

    @property
    def papers(self) -> Papers:
        return Papers(self.tx, self.store, self.meetings, CountingIds(len(self.tx.events)), SetClock())


@pytest.fixture
def house() -> House:
    return House()


async def test_a_paper_is_kept_and_recorded(house: House) -> None:
    paper = await house.papers.add(MEETING, FIRST, UPLOAD, SECRETARY)
    assert (await house.papers.get(MEETING, paper)).digest == UPLOAD.digest
    assert [type(event) for event in house.tx.events] == [PaperAdded]
    assert await house.papers.has_papers(MEETING, FIRST)
    assert not await house.papers.has_papers(MEETING, SECOND)
    assert await house.papers.late_papers(frozenset({MEETING})) == {MEETING: 1}


async def test_a_paper_taken_back_is_gone_and_its_going_recorded(house: House) -> None:
    house.meetings.hold(a_meeting(Phase.CONVENED))
    paper = await house.papers.add(MEETING, FIRST, UPLOAD, SECRETARY)
    await house.papers.remove(MEETING, paper, SECRETARY)
    assert await house.papers.of(MEETING) == []
    assert isinstance(house.tx.events[-1], PaperRemoved)


async def test_a_refused_paper_changes_nothing(house: House) -> None:
    await house.papers.add(MEETING, FIRST, UPLOAD, SECRETARY)
    with pytest.raises(PaperIsThere):
        await house.papers.add(MEETING, FIRST, UPLOAD, SECRETARY)
    with pytest.raises(NotFound):
        await house.papers.add(MEETING, ItemId("elsewhere"), UPLOAD, SECRETARY)
    with pytest.raises(NotFound):
        await house.papers.add(MeetingId("elsewhere"), FIRST, UPLOAD, SECRETARY)
    house.meetings.change(phase=Phase.CLOSED)
    with pytest.raises(WrongPhase):
        await house.papers.add(MEETING, FIRST, replace(UPLOAD, digest="e" * 64), SECRETARY)
    assert len(house.tx.events) == 1
    assert len(await house.papers.of(MEETING)) == 1


async def test_what_hangs_elsewhere_is_not_found(house: House) -> None:
    paper = await house.papers.add(MEETING, FIRST, UPLOAD, SECRETARY)
    with pytest.raises(NotFound):
        await house.papers.get(MeetingId("another"), paper)
    with pytest.raises(NotFound):
        await house.papers.remove(MEETING, PaperId("none"), SECRETARY)
