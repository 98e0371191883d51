"""Questions, ballots and verdicts: what other slices may name. All numbers are integers; shares are exact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from ecabinet.kernel.errors import Conflict, Invalid, NotAllowed, WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, ProfileId, QuestionId
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Base, Matter, Meaning, Quorum, Secrecy, Threshold, Words


class Phase(StrEnum):
    """Where a question stands. OPEN leads to CLOSED or CANCELLED; nothing leads back."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


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


@dataclass(frozen=True, slots=True)
class Roll:
    """Who may answer a question: frozen when it opens, in order of protocol."""

    voters: tuple[Voter, ...]

    def __contains__(self, person: PersonId) -> bool:
        return any(voter.person == person for voter in self.voters)


@dataclass(frozen=True, slots=True)
class Strength:
    """How large the body is at the moment a question opens."""

    members: int
    """N, as the profile counts all members."""
    present: int
    """P: members entitled to vote, there, and not recused."""
    remaining: int | None = None
    """R, members left in office; None means the same as N."""
    recused: int = 0
    """Members withdrawn from this item for a conflict of interest."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the chair wants to put to the vote."""

    id: QuestionId
    item: ItemId
    number: int
    """1, 2, 3 … in the meeting."""
    text: str
    matter: Matter = Matter.RESOLUTION
    alternatives: tuple[str, ...] = ()
    """The proposals to choose from; empty unless the matter is CHOICE."""
    secrecy: Secrecy = Secrecy.OPEN


@dataclass(frozen=True, slots=True)
class Situation:
    """How the meeting stands when a question is put."""

    meeting: Meeting
    open_question: QuestionId | None
    roll: Roll
    """Those who would answer: members with a vote, present, not recused, in order of protocol."""
    strength: Strength


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
    phase: Phase = Phase.OPEN
    closed_at: datetime | None = None
    verdict: "Verdict | None" = None
    cancel_reason: str | None = None

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


@dataclass(frozen=True, slots=True)
class KeptBallot:
    """A ballot as it stands in the record."""

    ballot: Ballot
    number: int
    """Its entry in the ledger."""
    hash: str
    """SHA-256 of the canonical ballot, lower-case hex."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter is given, after the commit and never before."""

    question: QuestionId
    choice: str
    n: int
    number: int
    hash: str
    at: datetime
    is_current: bool
    """Whether no higher version is stored."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How a vote went. The six add up to all members (N) unless recused members left the base."""

    votes_for: int
    votes_against: int
    abstained: int
    """Answered "không biểu quyết"."""
    not_voted: int
    """On the roll, no ballot: không tham gia biểu quyết."""
    absent: int
    """In the base and not on the roll: absent, recused, or a vacant seat where seats are the base."""
    other: int = 0
    """Answered "ý kiến khác"."""
    alternatives: Mapping[str, int] | None = None
    """Ballots by option where one of several proposals is chosen; None otherwise."""

    @property
    def cast(self) -> int:
        """Ballots that came in."""
        return (
            self.votes_for + self.votes_against + self.abstained + self.other + sum((self.alternatives or {}).values())
        )


class Outcome(StrEnum):
    """What the rule makes of the counts."""

    PASSED = "passed"
    """Among alternatives: one was chosen."""
    NOT_PASSED = "not_passed"
    NO_QUORUM = "no_quorum"
    UNDECIDED = "undecided"
    """The rule waits for the voice that settles a tie."""
    NO_MAJORITY = "no_majority"
    """None of the alternatives reached the threshold."""


class Side(StrEnum):
    """Where the person who settles ties stands."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    NONE = "none"
    """No ballot, absent, or not known."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A vote as a report tells it, without names: what somebody who checks a verdict by hand has before them."""

    strength: Strength
    matter: Matter | None = None
    """None: the ordinary decision, or the reduced body's where `remaining` is told and the profile knows one."""
    answers: Mapping[Meaning, int] = field(default_factory=dict)
    alternatives: tuple[int, ...] = ()
    """Votes for each alternative in the order proposed; empty unless one is chosen among several."""
    chair: Side = Side.NONE
    """How the person who settles ties voted."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Everything needed to compute the outcome again by hand."""

    counts: Counts
    members: int
    """N after recusals, as the profile counts them: the number the shares are taken of."""
    present: int
    quorum_base: int
    """The number the quorum is taken of."""
    quorum_needed: int
    base: Base
    base_number: int
    threshold: Threshold
    needed: int
    """The smallest number of votes that satisfies the threshold."""
    shares: Mapping[str, str]
    """Each count as a percentage of N, rounded half up to two decimals: {"votes_for": "90.67", …}."""
    tie_applied: bool
    """Whether the tie rule decided or has to decide."""
    chair: Side


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided, why, and by which rule."""

    outcome: Outcome
    chosen: str | None
    """The key of the alternative that won; None unless one was chosen."""
    binding: bool
    """Whether the vote decides or advises."""
    arithmetic: Arithmetic
    words: Words
    """The arithmetic in one sentence."""
    article: Words
    """The rule it rests on."""


CanonicalBallot = dict[str, Any]
"""{v, question, question_hash, voter, choice, n}: what is hashed into the record."""


# --- events ---


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPut(Event):
    """A question was put, and who may answer it was frozen."""

    type: ClassVar[str] = "question.put"
    question: Question
    quorum: Quorum


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotCast(Event):
    """A version of a ballot came in."""

    type: ClassVar[str] = "ballot.cast"
    ballot: CanonicalBallot


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionClosed(Event):
    """The vote ended with a verdict."""

    type: ClassVar[str] = "question.closed"
    question: QuestionId
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCancelled(Event):
    """The vote was called off."""

    type: ClassVar[str] = "question.cancelled"
    question: QuestionId
    reason: str


# --- refusals ---


class ItemNotCurrent(Conflict):
    """Only the item before the meeting can be voted on."""

    code = "item_not_current"


class QuestionInvalid(Invalid):
    """The question itself cannot be put. Detail: reason."""

    code = "question_invalid"


class QuestionNotOpen(WrongPhase):
    """Closed or cancelled: no ballot counts any more."""

    code = "question_not_open"


class NotEntitled(NotAllowed):
    """Not on the roll that was frozen when the question opened."""

    code = "not_entitled"


class StandInNeverVotes(NotAllowed):
    """A stand-in speaks for the absent member and never votes."""

    code = "stand_in_never_votes"


class NoSuchChoice(Invalid):
    """Detail: allowed."""

    code = "no_such_choice"


class BallotVersionInvalid(Invalid):
    """Versions are 1, 2, 3 … up to a limit."""

    code = "ballot_version_invalid"


class CountsInconsistent(Invalid):
    """The numbers cannot all be true. Detail: reason."""

    code = "counts_inconsistent"


class MatterUnknown(Invalid):
    """The body's profile has no rule for this kind of decision. Detail: matter, known."""

    code = "matter_unknown"


class Equivocation(Conflict):
    """The same version was already received with another answer."""

    code = "equivocation"
