"""Questions, ballots and verdicts: what other slices may name. All numbers are integers; shares are exact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from ecabinet.kernel.ids import AttachmentId, IncidentId, ItemId, MeetingId, PersonId, PlanId, ProfileId, QuestionId
from ecabinet.register.model import Matter, Meaning, Secrecy, Words

from .refusals import (
    BallotVersionInvalid,
    BlockNotPossible,
    BoardInvalid,
    CountFirst,
    Equivocation,
    ItemNotCurrent,
    NoSuchChoice,
    NotAsPlanned,
    NotElectronic,
    NoTellers,
    NotEntitled,
    NotTieBreaker,
    NotUndecided,
    OpinionWithoutOther,
    OpinionWithoutText,
    PartsFirst,
    PlanIsPut,
    ProxyNotPossible,
    QuestionInvalid,
    QuestionNotOpen,
    StandInNeverVotes,
    TellerIsCandidate,
    TooLateToReport,
    VoteIsPaused,
    WayNotAllowed,
    WholeIsDecided,
)
from .verdicts import (
    Arithmetic,
    BallotPapers,
    Counts,
    CountsInconsistent,
    ElectionOutcome,
    ElectionVerdict,
    Levels,
    MatterUnknown,
    Numbers,
    Outcome,
    RatingOutcome,
    RatingVerdict,
    Side,
    Standing,
    Strength,
    Verdict,
)

__all__ = [  # told again for the other slices
    "Arithmetic",
    "BallotPapers",
    "BallotVersionInvalid",
    "BlockNotPossible",
    "BoardInvalid",
    "CountFirst",
    "Counts",
    "CountsInconsistent",
    "ElectionOutcome",
    "ElectionVerdict",
    "Equivocation",
    "ItemNotCurrent",
    "Levels",
    "MatterUnknown",
    "NoSuchChoice",
    "NoTellers",
    "NotAsPlanned",
    "NotElectronic",
    "NotEntitled",
    "NotTieBreaker",
    "NotUndecided",
    "Numbers",
    "OpinionWithoutOther",
    "OpinionWithoutText",
    "Outcome",
    "PartsFirst",
    "PlanIsPut",
    "ProxyNotPossible",
    "QuestionInvalid",
    "QuestionNotOpen",
    "RatingOutcome",
    "RatingVerdict",
    "Side",
    "StandInNeverVotes",
    "Standing",
    "Strength",
    "TellerIsCandidate",
    "TooLateToReport",
    "Verdict",
    "VoteIsPaused",
    "WayNotAllowed",
    "WholeIsDecided",
]


class Phase(StrEnum):
    """Where a question stands. `conduct.NEXT` says what leads where."""

    OPEN = "open"
    PAUSED = "paused"
    """No ballot comes in until the chair resumes."""
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ANNULLED = "annulled"
    """Counts for nothing: the same was put again."""


RUNNING = frozenset({Phase.OPEN, Phase.PAUSED})
"""While a vote is under way."""


class Method(StrEnum):
    """What a ballot answers."""

    APPROVAL = "approval"
    """For, against, abstain, and another opinion where the body knows it."""
    CHOICE = "choice"
    """One of several alternatives."""
    ELECTION = "election"
    """As many of the candidates as there are seats."""
    RATING = "rating"
    """Each name at one of three levels of confidence."""


class Way(StrEnum):
    """How the answers are given."""

    ELECTRONIC = "electronic"
    HANDS = "hands"
    """A show of hands by name, written down by one secretary and confirmed by a second."""
    PAPER = "paper"
    """The secret ballot in the hall under a tellers' board."""


class Kind(StrEnum):
    """How a question stands to its item."""

    WHOLE = "whole"
    PART = "part"
    AMENDMENT = "amendment"
    BLOCK = "block"
    """Several items that nobody objects to, adopted together."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name on the ballot of an election or a rating."""

    id: str
    """"candidate-1", "candidate-2" … in the order proposed."""
    name: str
    person: PersonId | None = None
    """None for somebody without an account."""


@dataclass(frozen=True, slots=True)
class Board:
    """A tellers' board (Ban kiểm phiếu)."""

    head: PersonId
    members: tuple[PersonId, ...]
    """The head among them."""


@dataclass(frozen=True, slots=True)
class PaperCount:
    """What the tellers found in the box. One of the two is empty."""

    papers: BallotPapers
    votes: Mapping[str, int] = field(default_factory=dict)
    """Votes by option or by candidate, each of them named, zero included."""
    ratings: Mapping[str, Levels] = field(default_factory=dict)
    """Levels of confidence by candidate, each of them named."""


@dataclass(frozen=True, slots=True)
class Option:
    """An answer on the ballot."""

    key: str
    """What a ballot names: "for", "against", "abstain", or "a", "b" … among alternatives."""
    meaning: Meaning
    words: Words


@dataclass(frozen=True, slots=True)
class Voter:
    """One name on the roll."""

    person: PersonId
    name: str
    proxy: PersonId | None = None
    """Who answers for this member, who is not there; None: the member."""


@dataclass(frozen=True)
class Roll:
    """Who may answer a question: frozen when it opens, in order of protocol."""

    # Without slots, so that the names need be put in a table only once: a roll of five hundred is asked as often.

    voters: tuple[Voter, ...]

    @cached_property
    def by_person(self) -> Mapping[PersonId, Voter]:
        """Each name's place on the roll."""
        return {voter.person: voter for voter in self.voters}

    def __contains__(self, person: PersonId) -> bool:
        return person in self.by_person


@dataclass(frozen=True, slots=True)
class Planned:
    """A question the chair means to put on an item, in its place."""

    id: PlanId
    meeting: MeetingId
    item: ItemId
    position: int
    """1, 2, 3 … without gaps."""
    kind: Kind
    text: str
    method: Method
    matter: Matter
    options: tuple[str, ...] = ()
    question: QuestionId | None = None
    """The question by which it was put; None while it waits."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Somebody lost the line during a vote, and said so."""

    id: IncidentId
    meeting: MeetingId
    question: QuestionId
    item: ItemId
    person: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """How the one who settles ties declared himself after the vote."""

    by: PersonId
    side: Side
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What is put to the vote."""

    id: QuestionId
    meeting: MeetingId
    item: ItemId
    number: int
    text: str
    matter: Matter
    profile: ProfileId
    profile_version: str
    """The rules it is decided by, as they stood when it was put."""
    rule: Words
    """What the decision needs, in one sentence."""
    article: Words
    """The place that says so."""
    options: tuple[Option, ...]
    secrecy: Secrecy
    roll: Roll
    strength: Strength
    opened_at: datetime
    opened_by: PersonId
    digest: str
    """SHA-256 of the canonical text and options: what a ballot answers, fixed at opening. Lower-case hex."""
    method: Method = Method.APPROVAL
    way: Way = Way.ELECTRONIC
    kind: Kind = Kind.WHOLE
    items: tuple[ItemId, ...] = ()
    """All items of a block; empty for a question on one item."""
    motion: str | None = None
    candidates: tuple[Candidate, ...] = ()
    seats: int | None = None
    board: Board | None = None
    """The tellers' board that sits once this question has passed."""
    plan: PlanId | None = None
    until: datetime | None = None
    repeats: QuestionId | None = None
    repeated_by: QuestionId | None = None
    phase: Phase = Phase.OPEN
    closed_at: datetime | None = None
    verdict: Verdict | None = None
    count: PaperCount | None = None
    """What the tellers found, after a secret ballot in the hall."""
    election: ElectionVerdict | None = None
    ratings: tuple[RatingVerdict, ...] = ()
    """In the order of the candidates."""
    settler: PersonId | None = None
    """Whom an undecided verdict waits for; None where nobody settles ties, or none arose."""
    settled: Settled | None = None
    cancel_reason: str | None = None
    annul_reason: str | None = None

    @property
    def subjects(self) -> tuple[ItemId, ...]:
        """Every item it is about."""
        return self.items or (self.item,)

    @property
    def is_passed(self) -> bool:
        """Whether it was closed, stands, and was adopted."""
        return self.phase is Phase.CLOSED and self.verdict is not None and self.verdict.outcome is Outcome.PASSED

    @property
    def waits_for_settler(self) -> bool:
        """Whether it was closed, stands, and its tie waits for somebody to settle it."""
        is_tied = self.verdict is not None and self.verdict.outcome is Outcome.UNDECIDED
        return self.phase is Phase.CLOSED and is_tied and self.settler is not None

    def option(self, key: str) -> Option:
        """Raises KeyError when there is no such answer."""
        return {option.key: option for option in self.options}[key]


@dataclass(frozen=True, slots=True)
class Ballot:
    """One version of one voter's answer."""

    question: QuestionId
    voter: PersonId
    choice: str
    n: int
    """1, 2, 3 …, chosen by the voter's own device: the highest one counts, however late it arrives."""
    cast_at: datetime
    """When the server received it, UTC."""
    opinion: str | None = None
    """What the voter thinks instead, in words."""
    attachment: str | None = None
    """SHA-256 of the PDF that goes with the opinion, lower-case hex."""
    cast_by: PersonId | None = None
    """Who cast it for the voter; None: the voter."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF that somebody uploaded to go with an opinion."""

    id: AttachmentId
    question: QuestionId
    person: PersonId
    """Who uploaded it."""
    digest: str
    """SHA-256 of its bytes, lower-case hex."""
    filename: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class KeptBallot:
    """A ballot as it stands in the record."""

    ballot: Ballot
    number: int
    """Its entry in the ledger."""
    hash: str
    """SHA-256 of the canonical ballot, lower-case hex."""
    file: Attachment | None = None
    """What the ballot's attachment is read by."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter is given, after the commit and never before."""

    ballot: Ballot
    number: int
    """Its entry in the ledger."""
    hash: str
    """SHA-256 of the canonical ballot, lower-case hex."""
    file: Attachment | None
    is_current: bool
    """Whether no higher version is stored."""


CanonicalBallot = dict[str, Any]
"""{v, question, question_hash, voter, choice, n}, and of {opinion, attachment, cast_by} those there are: what is
hashed into the record."""
