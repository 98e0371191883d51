"""Drafting, in three steps, and reading what was drafted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest

from ecabinet.attendance.model import Mark, Presence
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, MinutesId, PersonId, QuestionId
from ecabinet.ledger.model import Checkpoint, Entry
from ecabinet.meetings.model import Meeting, PapersDue, Phase
from ecabinet.meetings.views import Setting
from ecabinet.minutes.model import MeetingNotClosed, MinutesDrafted, Seal
from ecabinet.minutes.service import Minutes, Neighbours, Press, form
from ecabinet.speaking.model import Turn
from ecabinet.voting.model import KeptBallot, Question
from tests.fakes.gathering import GUEST, MEETING, SECRETARY
from tests.fakes.kernel import NOON, CountingIds, RecordingTransaction, SetClock
from tests.fakes.minutes import MemoryMinutes, WaxTablet
from tests.minutes.facts import ZONE
from tests.minutes.past import BODY, PROFILE, whole_past

PAST, HELD, TURNS, ASKED, KEPT = whole_past()


@dataclass
class Shelf:
    """Bytes by their digest, in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int, check: object = None) -> tuple[str, int]:
        content = b"".join([chunk async for chunk in chunks])
        digest = sha256(content).hexdigest()
        self.kept[digest] = content
        return digest, len(content)

    async def get(self, digest: str) -> bytes:
        return self.kept[digest]

    async def stream(
        self, digest: str, chunk_bytes: int = 65536, *, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        yield self.kept[digest]


@dataclass
class Everything:
    """The slices minutes are drawn from, as far as this one meeting goes."""

    meeting: Meeting = HELD

    async def get(self, meeting: MeetingId) -> Meeting:
        if meeting != MEETING:
            raise NotFound()
        return self.meeting

    async def setting(self, meeting: Meeting) -> Setting:
        due: PapersDue | None = None
        return Setting(BODY, PROFILE, due)

    async def presences(self, meeting: Meeting) -> dict[PersonId, Presence]:
        return {GUEST: Presence(MEETING, GUEST, mark=Mark.EXCUSED, reason="ốm")}

    async def turns(self, meeting: MeetingId) -> list[Turn]:
        return TURNS

    async def of(self, meeting: MeetingId) -> list[Question]:
        return [ASKED]

    async def ballots(self, question: QuestionId) -> list[KeptBallot]:
        return KEPT

    async def entries(self, meeting: MeetingId) -> list[Entry]:
        return [each for each in PAST.records.kept if each.meeting == meeting]

    async def checkpoint(self) -> Checkpoint:
        return Checkpoint(30, b"\xab" * 32, NOON, "note")


@dataclass
class Desk:
    """A minutes service with everything around it."""

    all: Everything = field(default_factory=Everything)
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    store: MemoryMinutes = field(default_factory=MemoryMinutes)
    shelf: Shelf = field(default_factory=Shelf)
    tablet: WaxTablet = field(default_factory=WaxTablet)

    @property
    def minutes(self) -> Minutes:
        near = Neighbours(self.all, self.all, self.all, self.all, self.all)
        return Minutes(self.tx, self.store, near, CountingIds(len(self.store.kept)), SetClock(), ZONE)

    async def draft(self) -> MinutesId:
        facts = await self.minutes.facts(MEETING, await self.minutes.seal(MEETING))
        printed = await Press(self.tablet, self.shelf, SetClock()).set(facts)
        return await self.minutes.keep(MEETING, printed, SECRETARY)


async def test_a_draft_is_kept_with_its_pages_and_told() -> None:
    desk = Desk()
    version = await desk.minutes.get(MEETING, await desk.draft())
    assert (version.version, version.drafted_by, version.drafted_at) == (1, SECRETARY, NOON)
    assert len(desk.shelf.kept[version.digest]) == version.size_bytes
    (event,) = desk.tx.events
    assert isinstance(event, MinutesDrafted)
    assert (event.minutes, event.digest, event.figures) == (version.id, version.digest, version.text.figures)
    assert (event.actor, event.meeting, event.at) == (SECRETARY, MEETING, NOON)


async def test_drafting_again_makes_another_version() -> None:
    desk = Desk()
    first, second = await desk.draft(), await desk.draft()
    assert [(each.id, each.version) for each in await desk.minutes.of(MEETING)] == [(first, 1), (second, 2)]
    assert await desk.minutes.drafted(frozenset({MEETING})) == {MEETING}


async def test_the_pages_carry_the_root_of_the_record() -> None:
    desk = Desk()
    await desk.draft()
    assert desk.tablet.asked[0]["annex_lines"][-1] == "ab" * 32


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.PAUSED, Phase.CONVENED, Phase.CANCELLED])
async def test_nothing_is_drafted_before_the_end(phase: Phase) -> None:
    desk = Desk(Everything(replace(HELD, phase=phase)))
    printed = await Press(desk.tablet, desk.shelf, SetClock()).set(await Desk().minutes.facts(MEETING, Seal(1, "")))
    for step in (
        desk.minutes.seal(MEETING),
        desk.minutes.facts(MEETING, Seal(1, "")),
        desk.minutes.keep(MEETING, printed, SECRETARY),
    ):
        with pytest.raises(MeetingNotClosed):
            await step
    assert (desk.store.kept, desk.tx.events) == ([], [])


async def test_minutes_of_another_meeting_are_not_found() -> None:
    desk = Desk()
    version = await desk.draft()
    for meeting, wanted in ((MeetingId("another"), version), (MEETING, MinutesId("none"))):
        with pytest.raises(NotFound):
            await desk.minutes.get(meeting, wanted)
    with pytest.raises(NotFound):
        await desk.minutes.seal(MeetingId("another"))


def test_the_form_comes_with_the_program() -> None:
    assert "Mẫu 1.9" in form()
