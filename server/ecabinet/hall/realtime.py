"""Sheets and tellers' boards as a meeting's participants see them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Projector
from ecabinet.edge.live import Collection, Entry, by_item
from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId
from ecabinet.voting.events import QuestionAnnulled, QuestionClosed, QuestionSettled

from .model import CountDiffered, CountEntered, HandsDiffered, HandsEntered, Kind, Sheet
from .service import Hall
from .views import board_entry, sheet_entry

_ENDS = (QuestionClosed, QuestionSettled, QuestionAnnulled)
_COLLECTIONS = {Kind.HANDS: "hands", Kind.COUNT: "counts"}


@dataclass(frozen=True, slots=True)
class HallRealtime:
    """The slice's part of the view."""

    hall: Callable[[AsyncConnection], Hall]
    """For reading."""

    def collections(self) -> list[Collection]:
        """Sheets for those who write or lead, without what is on them; the boards for everybody."""
        return [
            Collection("hands", self.hands, _who_writes_hands),
            Collection("counts", self.counts, _who_counts_or_leads),
            Collection("boards", self.boards),
        ]

    def projectors(self) -> dict[type[Event], Projector]:
        """Our own change one sheet. The end of a question, or of its standing, may seat a board and settles a sheet."""
        own = dict.fromkeys((HandsEntered, HandsDiffered, CountEntered, CountDiffered), self.changed)
        return {**own, **dict.fromkeys(_ENDS, self.ended)}

    async def hands(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Shows of hands."""
        return await self._sheets(Kind.HANDS, meeting, connection)

    async def counts(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Counts of papers."""
        return await self._sheets(Kind.COUNT, meeting, connection)

    async def boards(self, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        """Every board the meeting has elected."""
        elected = await self.hall(connection).boards(meeting)
        return {seated.question: {**board_entry(seated)} for seated in elected}

    async def changed(self, event: Event, connection: AsyncConnection) -> Changes:
        """The sheet the event is about, as it now stands."""
        assert isinstance(event, HandsEntered | HandsDiffered | CountEntered | CountDiffered)
        assert event.meeting is not None
        hall = self.hall(connection)
        sheet = await hall.sheets.get(event.meeting, event.question)
        assert sheet is not None, "the event was recorded with its sheet"
        return {_COLLECTIONS[sheet.kind]: {sheet.question: await _entry(sheet, hall)}}

    async def ended(self, event: Event, connection: AsyncConnection) -> Changes:
        """What the end of a question changes here, an annulment after it too: two have agreed on its sheet, and the
        board it elected sits, or does not any more."""
        assert event.meeting is not None
        assert isinstance(event, _ENDS)
        hall, question = self.hall(connection), event.question
        changes: Changes = {}
        sheet = await hall.sheets.get(event.meeting, question)
        if sheet is not None:
            changes[_COLLECTIONS[sheet.kind]] = {question: await _entry(sheet, hall)}
        if await hall.elects(event.meeting, question):
            changes["boards"] = {question: (await self.boards(event.meeting, connection)).get(question)}
        return changes

    async def _sheets(self, kind: Kind, meeting: MeetingId, connection: AsyncConnection) -> dict[str, Entry]:
        hall = self.hall(connection)
        found = [sheet for sheet in await hall.of(meeting) if sheet.kind is kind]
        return {sheet.question: await _entry(sheet, hall) for sheet in found}


async def _entry(sheet: Sheet, hall: Hall) -> Entry:
    return {**sheet_entry(sheet, await hall.subjects(sheet.meeting, sheet.question))}


def _who_writes_hands(entry_id: str, entry: Entry, standing: Standing) -> bool:
    return standing.may(Action.CONFIRM_HANDS) and by_item(entry_id, entry, standing)


def _who_counts_or_leads(entry_id: str, entry: Entry, standing: Standing) -> bool:
    may = standing.may(Action.COUNT_PAPERS) or standing.may(Action.CONFIRM_HANDS)
    return may and by_item(entry_id, entry, standing)
