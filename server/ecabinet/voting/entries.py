"""What voting shows on the wire, field by field: docs/protocol.md. Made by `views`."""

from typing_extensions import TypedDict


class BothEntry(TypedDict):
    """The same in both languages."""

    vi: str
    en: str


class CandidateEntry(TypedDict):
    """A name on the ballot."""

    id: str
    name: str
    person: str | None


class BoardEntry(TypedDict):
    """The tellers' board that a question elects."""

    head: str
    members: list[str]


class PapersEntry(TypedDict):
    """What became of the papers of a secret ballot."""

    issued: int
    returned: int
    valid: int
    invalid: int


class SettledEntry(TypedDict):
    """How the one who settles ties declared himself after the vote."""

    by: str
    side: str
    at: str


class OptionEntry(TypedDict):
    """An answer on the ballot."""

    id: str
    label: str


class RuleEntry(TypedDict):
    """What the decision needs, and where that stands."""

    sentence: BothEntry
    article: BothEntry


class AttachmentEntry(TypedDict):
    """A PDF that goes with an opinion."""

    id: str
    filename: str
    size_bytes: int


class BallotEntry(TypedDict):
    """How someone voted."""

    person: str
    name: str
    choice: str
    at: str
    number: int
    opinion: str | None
    attachment: AttachmentEntry | None
    cast_by: str | None
    """Who voted for this member, as proxy; None: the member."""
    is_by_hands: bool


class TieEntry(TypedDict):
    """How equal votes were settled."""

    rule: str
    sentence: BothEntry


class VerdictEntry(TypedDict):
    """What was decided, with its arithmetic."""

    outcome: str
    option: str | None
    counts: dict[str, int]
    not_voted: int
    absent: int
    base: int
    base_name: str
    needed: int
    shares: dict[str, str]
    shares_of_all: dict[str, str]
    """took_part, not_voted, absent and invalid, as these bodies print them."""
    invalid: int
    tie: TieEntry | None
    is_binding: bool
    sentence: BothEntry
    article: BothEntry


class ElectedRow(TypedDict):
    """How a candidate did."""

    id: str
    votes: int
    share: str
    reached: bool


class ElectionEntry(TypedDict):
    """Who was elected, and what is left to do."""

    outcome: str
    elected: list[str]
    run_off: list[str]
    tied: list[str]
    seats_left: int
    needed: int
    base: int
    base_name: str
    rows: list[ElectedRow]
    is_binding: bool
    sentence: BothEntry
    article: BothEntry


class RatingEntry(TypedDict):
    """How one person was rated, and what follows."""

    id: str
    high: int
    mid: int
    low: int
    unmarked: int
    base: int
    base_name: str
    shares: dict[str, str]
    shares_of_all: dict[str, str]
    outcome: str
    sentence: BothEntry
    article: BothEntry


class QuestionEntry(TypedDict):
    """A question as a meeting sees it."""

    id: str
    item: str
    items: list[str]
    number: int
    text: str
    matter: str
    motion: str | None
    method: str
    way: str
    secrecy: str
    kind: str
    plan: str | None
    options: list[OptionEntry]
    candidates: list[CandidateEntry] | None
    seats: int | None
    board: BoardEntry | None
    status: str
    opened_at: str
    until: str | None
    closed_at: str | None
    roll: list[str]
    proxies: dict[str, str]
    """Who is on the roll through somebody else: member → who votes for him."""
    members: int
    present: int
    recused: int
    remaining: int | None
    rule: RuleEntry
    ballots: list[BallotEntry] | None
    papers: PapersEntry | None
    verdict: VerdictEntry | None
    election: ElectionEntry | None
    ratings: list[RatingEntry] | None
    settler: str | None
    """Whom an undecided verdict waits for."""
    settled: SettledEntry | None
    repeats: str | None
    repeated_by: str | None
    cancel_reason: str | None
    annul_reason: str | None


class IncidentEntry(TypedDict):
    """Somebody lost the line during a vote."""

    id: str
    item: str
    items: list[str]
    question: str
    person: str
    at: str


class PlanEntry(TypedDict):
    """A question the chair means to put."""

    id: str
    item: str
    position: int
    kind: str
    text: str
    method: str
    matter: str
    options: list[str]
    question: str | None


class ProxyEntry(TypedDict):
    """Who votes for an absent member."""

    id: str
    giver: str
    holder: str


class TurnoutEntry(TypedDict):
    """How many have answered a question."""

    id: str
    item: str
    items: list[str]
    received: int


class ReceiptEntry(TypedDict):
    """That a ballot was kept."""

    question: str
    voter: str
    choice: str
    n: int
    number: int
    hash: str
    at: str
    is_current: bool


class MyBallotEntry(TypedDict):
    """My ballot that counts, or one that I cast for another."""

    choice: str
    n: int
    opinion: str | None
    attachment: AttachmentEntry | None
    receipt: ReceiptEntry


class MyBallots(TypedDict):
    """What I have cast in a meeting."""

    ballots: dict[str, MyBallotEntry]
    """My own, by question."""
    mandates: dict[str, dict[str, MyBallotEntry]]
    """Those cast for others, by question and voter."""
