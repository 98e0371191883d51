"""Drafting minutes from the record, and handing them out.

Drafting has three steps, so that setting the pages never holds a transaction: `facts` reads, `Press.set` makes the
PDF and keeps its bytes, `keep` writes.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, MinutesId, PersonId, QuestionId
from ecabinet.kernel.ports import Blobs, Ids, Transaction

from . import rules
from .compose import compose
from .gather import Sources, gather, sheet_of
from .model import Facts, MinutesText, MinutesVersion, Seal, SheetFacts
from .page import page
from .ports import AttendanceOf, MeetingsOf, MinutesStore, RecordOf, SpeakingOf, Typesetter, VotingOf
from .sheets import sheet_page

_LIMIT_BYTES = 50_000_000
"""Far more than any minutes; the blobs port wants a limit."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A text, and where its PDF lies."""

    text: MinutesText
    digest: str
    """SHA-256 of the PDF, lower-case hex."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Press:
    """Makes pages of facts. Outside any transaction; the same bytes twice are kept once."""

    typesetter: Typesetter
    blobs: Blobs
    clock: Clock

    async def set(self, facts: Facts) -> Printed:
        """Compose the text, set it, keep the PDF."""
        text = compose(facts)
        pdf = await self.typesetter.pdf(form(), page(facts, text), self.clock.now())
        digest, size_bytes = await self.blobs.put(_once(pdf), _LIMIT_BYTES)
        return Printed(text, digest, size_bytes)

    async def sheet(self, facts: SheetFacts) -> bytes:
        """The result sheet of a vote, as of its end. The same facts give the same bytes, so none are kept."""
        return await self.typesetter.pdf(sheet_form(), sheet_page(facts), facts.vote.ended.at)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The slices minutes are drawn from."""

    meetings: MeetingsOf
    attendance: AttendanceOf
    speaking: SpeakingOf
    voting: VotingOf
    record: RecordOf


@dataclass(frozen=True, slots=True)
class Minutes:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    store: MinutesStore
    neighbours: Neighbours
    ids: Ids
    clock: Clock
    zone: ZoneInfo
    """In which the minutes tell the time."""

    async def seal(self, meeting: MeetingId) -> Seal:
        """The state of the record, signed now. Raises NotFound, MeetingNotClosed."""
        rules.require_closed(await self.neighbours.meetings.get(meeting))
        checkpoint = await self.neighbours.record.checkpoint()
        return Seal(checkpoint.size, checkpoint.root.hex())

    async def facts(self, meeting: MeetingId, seal: Seal) -> Facts:
        """What the minutes of the meeting are composed of. Raises NotFound, MeetingNotClosed."""
        near = self.neighbours
        found = await near.meetings.get(meeting)
        rules.require_closed(found)
        setting = await near.meetings.setting(found)
        presences = await near.attendance.presences(found)
        questions = await near.voting.of(meeting)
        sources = Sources(
            meeting=found,
            body=setting.body,
            profile=setting.profile,
            entries=await near.record.entries(meeting),
            reasons={person: each.reason for person, each in presences.items() if each.reason},
            turns=await near.speaking.turns(meeting),
            questions=questions,
            ballots={each.id: await near.voting.ballots(each.id) for each in questions},
            zone=self.zone,
            seal=seal,
        )
        return gather(sources)

    async def sheet(self, meeting: MeetingId, question: QuestionId) -> SheetFacts:
        """What the result sheet of a vote is made of. Raises NotFound, VoteNotClosed."""
        near = self.neighbours
        found = await near.meetings.get(meeting)
        questions = await near.voting.of(meeting)
        asked = rules.require_result(next((each for each in questions if each.id == question), None))
        setting = await near.meetings.setting(found)
        sources = Sources(
            meeting=found,
            body=setting.body,
            profile=setting.profile,
            entries=await near.record.entries(meeting),
            reasons={},
            turns=(),
            questions=questions,
            ballots={question: await near.voting.ballots(question)},
            zone=self.zone,
            seal=None,
        )
        return sheet_of(sources, asked)

    async def subjects(self, meeting: MeetingId, question: QuestionId) -> tuple[ItemId, ...]:
        """The items a question is about. Raises NotFound."""
        for each in await self.neighbours.voting.of(meeting):
            if each.id == question:
                return each.subjects
        raise NotFound()

    async def keep(self, meeting: MeetingId, printed: Printed, by: PersonId) -> MinutesId:
        """A new version. Raises NotFound, MeetingNotClosed; Conflict when two are drafted at once."""
        rules.require_closed(await self.neighbours.meetings.get(meeting))
        version = MinutesVersion(
            id=MinutesId(self.ids.new()),
            meeting=meeting,
            version=await self.store.next_version(meeting),
            drafted_at=self.clock.now(),
            drafted_by=by,
            digest=printed.digest,
            size_bytes=printed.size_bytes,
            text=printed.text,
        )
        await self.store.add(version)
        await self.tx.record(rules.drafted(version))
        return version.id

    async def get(self, meeting: MeetingId, version: MinutesId) -> MinutesVersion:
        """Raises NotFound."""
        found = await self.store.get(meeting, version)
        if found is None:
            raise NotFound()
        return found

    async def of(self, meeting: MeetingId) -> list[MinutesVersion]:
        """All versions of a meeting's minutes, oldest first."""
        return await self.store.of(meeting)

    async def drafted(self, meetings: frozenset[MeetingId]) -> frozenset[MeetingId]:
        """Those of these meetings that have minutes."""
        return await self.store.drafted(meetings)


@cache
def form() -> str:
    """The prescribed form, as typst source."""
    return resources.files(__package__).joinpath("form.typ").read_text(encoding="utf-8")


@cache
def sheet_form() -> str:
    """The form of a vote's result sheet, as typst source."""
    return resources.files(__package__).joinpath("sheet.typ").read_text(encoding="utf-8")


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
