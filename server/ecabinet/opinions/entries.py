"""The shapes in which slips go over the wire, as docs/protocol.md lists them."""

from typing_extensions import TypedDict

from ecabinet.voting.entries import BothEntry, RuleEntry, VerdictEntry


class NamedEntry(TypedDict):
    """A person."""

    person: str
    name: str


class SlipAnswerEntry(TypedDict):
    """What I say to a question."""

    question: str
    choice: str
    text: str


class SheetReceiptEntry(TypedDict):
    """That a sheet was kept."""

    slip: str
    n: int
    number: int
    hash: str
    at: str
    is_current: bool


class SlipSheetEntry(TypedDict):
    """My sheet that counts."""

    n: int
    answers: list[SlipAnswerEntry]
    receipt: SheetReceiptEntry


class MineEntry(TypedDict):
    """What is mine alone."""

    draft: list[SlipAnswerEntry] | None
    sheet: SlipSheetEntry | None
    comment: str


class SlipOptionEntry(TypedDict):
    """What may be answered."""

    id: str
    label: BothEntry
    needs_text: bool


class GivenEntry(TypedDict):
    """How someone answered."""

    person: str
    name: str
    choice: str
    text: str
    at: str
    number: int


class ResultEntry(TypedDict):
    """What came of a question, on both bases."""

    sent: int
    answered: int
    silent: int
    counts: dict[str, int]
    of_sent: dict[str, str]
    of_answered: dict[str, str]
    answers: list[GivenEntry] | None
    verdict: VerdictEntry


class SlipQuestionEntry(TypedDict):
    """One content of a slip."""

    id: str
    number: int
    text: str
    method: str
    options: list[SlipOptionEntry]
    rule: RuleEntry
    result: ResultEntry | None


class SlipPaperEntry(TypedDict):
    """A PDF given with the slip."""

    id: str
    title: str
    filename: str
    size_bytes: int
    pages: int
    digest: str
    position: int


class AskedEntry(TypedDict):
    """Who is asked."""

    person: str
    name: str
    post: str
    order: int
    has_answered: bool | None


class ExtensionEntry(TypedDict("_Ends", {"from": str, "to": str})):  # "from" is no name in Python
    """The deadline was put off."""

    at: str
    reason: str


class ReminderEntry(TypedDict):
    """Those who had not answered were reminded."""

    at: str
    hours: int
    deadline: str


class CommentEntry(TypedDict):
    """The staff's word to one member."""

    person: str
    text: str


class OpinionEntry(TypedDict):
    """A text that was given, and what became of it."""

    id: str
    question: str
    person: str | None
    name: str | None
    choice: str
    text: str
    reply: str


class ReportEntry(TypedDict):
    """A meeting before which the slip came."""

    meeting: str
    item: str
    kind: str
    at: str


class SlipCard(TypedDict):
    """A slip in a list."""

    id: str
    body: str
    number: int
    title: str
    secrecy: str
    phase: str
    version: int
    deadline: str
    is_overdue: bool
    sent_at: str | None
    ended_at: str | None
    questions: int
    asked: int
    answered: int
    mine: str | None
    outcomes: list[str] | None


class Slips(TypedDict):
    """A body's slips, newest first."""

    version: int
    now: str
    slips: list[SlipCard]


class SlipEntry(TypedDict):
    """A slip as one person may see it."""

    id: str
    body: str
    body_name: str
    unit_name: str
    number: int
    title: str
    text: str
    secrecy: str
    phase: str
    version: int
    now: str
    drafted_by: NamedEntry
    drafted_at: str
    submitted_at: str | None
    return_reason: str | None
    deadline: str
    reminders_h: list[int]
    ends_when_all_answered: bool
    is_overdue: bool
    decided_by: NamedEntry | None
    sent_at: str | None
    extensions: list[ExtensionEntry]
    reminders: list[ReminderEntry]
    ended_at: str | None
    end_cause: str | None
    recalled_at: str | None
    recall_reason: str | None
    questions: list[SlipQuestionEntry]
    papers: list[SlipPaperEntry]
    roll: list[AskedEntry]
    asked: int
    answered: int
    silence: BothEntry | None
    mine: MineEntry | None
    comments: list[CommentEntry] | None
    opinions: list[OpinionEntry] | None
    reports: list[ReportEntry]
    actions: list[str]
