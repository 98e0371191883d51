"""Minutes: their text with the proof of each figure, their versions, and the facts they are composed of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, MinutesId, PersonId

# --- the text ---


class Layout(StrEnum):
    """How the form prints a section."""

    INLINE = "inline"
    """The heading, a colon, and the one line after it."""
    BLOCK = "block"
    """The heading on a line of its own."""
    PLAIN = "plain"
    """The lines without their heading."""


class Table(StrEnum):
    """Which columns a line that is a row has."""

    BALLOTS = "ballots"
    RESULT = "result"
    PAPERS = "papers"
    ELECTION = "election"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of the minutes."""

    text: str
    entries: tuple[int, ...] = ()
    """Numbers of the ledger entries that prove it; empty for what only a person vouches for."""
    cells: tuple[str, ...] = ()
    """The same statement as cells, where it is one row of a table."""
    table: Table = Table.BALLOTS
    """Of which; looked at only where there are cells, and by the page alone."""


@dataclass(frozen=True, slots=True)
class Section:
    """One prescribed part, or one item of the agenda."""

    heading: str
    lines: tuple[Line, ...]
    layout: Layout = Layout.BLOCK


@dataclass(frozen=True, slots=True)
class Figure:
    """A number or a moment the minutes state, and what proves it."""

    name: str
    value: str
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MinutesText:
    """What the minutes say, in Vietnamese. Figures come from the record and are never typed."""

    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class MinutesVersion:
    """One version of a meeting's minutes. It never changes; a correction makes another."""

    id: MinutesId
    meeting: MeetingId
    version: int
    """1, 2, 3 … in each meeting."""
    drafted_at: datetime
    drafted_by: PersonId
    digest: str
    """SHA-256 of the PDF, lower-case hex."""
    size_bytes: int
    text: MinutesText


# --- the facts, as the record has them ---


@dataclass(frozen=True, slots=True)
class Fact:
    """A moment, or words, with the entries that prove them."""

    at: datetime
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Words that were written down under someone's responsibility."""

    text: str
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stay:
    """A span in which someone was there, [since, until)."""

    since: datetime
    until: datetime | None
    """None when they were still there at the end of the record."""
    since_entry: int
    until_entry: int | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the moment lies in the span."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Attendee:
    """Someone asked to the meeting, and when they were there."""

    person: PersonId
    name: str
    post: str
    role: Role
    votes: bool
    order: int
    """Order of protocol: 1 comes first."""
    positions: tuple[int, ...] | None = None
    """The agenda items a guest was asked to; None means all."""
    stands_in_for: str | None = None
    """The name of the member in whose place they came."""
    reason: str | None = None
    """Why they are away: from the roll call, or else from their answer."""
    reason_entries: tuple[int, ...] = ()
    stays: tuple[Stay, ...] = ()
    """In order, without overlap."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Someone had the floor."""

    name: str
    since: datetime
    until: datetime | None
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many answered in one way."""

    label: str
    count: int
    share: str
    """Per cent of all members with two decimals and a point, as the verdict states it: "85.71"."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How one member answered."""

    name: str
    label: str | None
    """None for a member on the roll who did not answer."""
    at: datetime | None = None
    entry: int | None = None
    opinion: str | None = None
    """What the member thinks instead, in the member's words."""
    attachment: str | None = None
    """The name of the file that goes with it."""
    cast_by: str | None = None
    """Who answered for the member, by proxy."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the body's rule made of a vote."""

    outcome: str
    """In words: "thông qua"."""
    counts: tuple[Count, ...]
    members: int
    present: int
    sentence: str
    """The verdict's own arithmetic."""
    article: str
    took_part: Count | None = None
    """Ballots that came in, invalid ones included."""
    recused: int = 0
    """How many of the absent take no part for a conflict of interest."""
    invalid: Count | None = None
    """Invalid papers, where papers were counted."""


@dataclass(frozen=True, slots=True)
class Stated:
    """Something that was said or done about a vote, by whom and when."""

    name: str
    text: str
    at: datetime
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tallied:
    """A candidate of an election, or a name that was rated: one row, and what proves it."""

    table: Table
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """A question that was put."""

    text: str
    opened: Fact
    ended: Fact
    """Closed, or cancelled."""
    result: Result | None
    """None when it was cancelled or annulled, and for elections and ratings, which have `rows`."""
    cancel_reason: str | None = None
    choices: tuple[Choice, ...] = ()
    """By order of protocol; empty where the ballot was secret."""
    number: int = 0
    """1, 2, 3 … in the meeting."""
    title: str = "Biểu quyết"
    """What kind of vote: of a part, of an amendment, of several items together, again."""
    how: str = "công khai bằng phương tiện điện tử"
    annulled: Stated | None = None
    """Why it counts for nothing, and with it how often the same was put again."""
    replaced_by: int | None = None
    """The number of the vote by which the same was put again."""
    settled: Stated | None = None
    """How the one who settles ties declared himself afterwards."""
    incidents: tuple[Stated, ...] = ()
    """Who lost the line during the vote."""
    entered_by: tuple[str, ...] = ()
    """Who wrote a show of hands or a count of papers down, and who confirmed it."""
    papers: tuple[Count, ...] = ()
    """Issued, returned, valid, invalid."""
    rows: tuple[Tallied, ...] = ()
    """Of an election or a rating."""
    conclusions: tuple[str, ...] = ()
    """What follows from the rows, in sentences with their articles."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to one item of the agenda."""

    position: int
    title: str
    presenter: str
    started: Fact | None
    """None when the meeting did not come to it."""
    ended: Fact | None
    speeches: tuple[Speech, ...] = ()
    votes: tuple[Vote, ...] = ()
    recused: tuple[Stated, ...] = ()
    """Who took no part in it for a conflict of interest."""
    note: Said | None = None
    conclusion: Said | None = None


@dataclass(frozen=True, slots=True)
class OpeningQuorum:
    """Whether enough members were there when the meeting opened."""

    members: int
    present: int
    needed: int
    article: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The state of the whole record when the minutes were composed."""

    size: int
    """Entries in the ledger."""
    root: str
    """Root of the tree over them, lower-case hex."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything minutes are composed of."""

    meeting: MeetingId
    unit: str
    """The organ in whose name the minutes are written."""
    title: str
    place: str
    mode: str
    """In words: "trực tiếp", "trực tuyến", "trực tiếp kết hợp trực tuyến"."""
    member: str
    """What a member is called: "thành viên", "đại biểu"."""
    zone: ZoneInfo
    opened: Fact
    closed: Fact
    quorum: OpeningQuorum
    pauses: tuple[tuple[Fact, Fact | None], ...] = ()
    attendees: tuple[Attendee, ...] = ()
    courses: tuple[Course, ...] = ()
    proxies: tuple[Stated, ...] = ()
    """Who gave the vote to whom."""
    recordings: tuple[tuple[Fact, Fact], ...] = ()
    """From when to when the session was recorded, as the chair decided."""
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the sheet of one vote's result (phiếu kết quả biểu quyết) is made of."""

    unit: str
    """Whose vote it is, as the letterhead prints it."""
    meeting: str
    """The meeting's title."""
    items: tuple[str, ...]
    """ "2. Dự thảo Nghị định …", each item it is about."""
    member: str
    zone: ZoneInfo
    members: int
    """All members of the body."""
    vote: Vote


# --- events and refusals ---


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesDrafted(Event):
    """A version was composed from the record and kept."""

    type: ClassVar[str] = "minutes.drafted"
    minutes: MinutesId
    version: int
    digest: str
    size_bytes: int
    figures: tuple[Figure, ...]


class MeetingNotClosed(WrongPhase):
    """Minutes are drafted after the meeting has closed. Detail: phase."""


class VoteNotClosed(WrongPhase):
    """A result sheet is made of a vote that has ended and stands. Detail: phase, the question's."""
