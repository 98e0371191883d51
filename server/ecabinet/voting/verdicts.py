"""What counting needs and what comes of it. All numbers are integers; shares are exact. Told again by `model`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ecabinet.kernel.errors import Invalid
from ecabinet.register.model import Base, Matter, Meaning, Threshold, Words


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
    represented: int = 0
    """Absent members for whom somebody present votes as their proxy; 0 where the body knows no proxies."""

    @property
    def voting(self) -> int:
        """How many ballots there may be: those there, and those they vote for."""
        return self.present + self.represented


@dataclass(frozen=True, slots=True)
class Counts:
    """How a vote went. All together they are all members (N) unless recused members left the base."""

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
    invalid: int = 0
    """Ballot papers that came in and say nothing that counts (phiếu không hợp lệ). Their voters took part."""

    @property
    def cast(self) -> int:
        """Ballots that came in, invalid ones included."""
        answered = self.votes_for + self.votes_against + self.abstained + self.other + self.invalid
        return answered + sum((self.alternatives or {}).values())


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
    invalid: int = 0
    """Invalid ballot papers."""


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
    measures: Meaning = Meaning.FOR
    """Whose number stands against ``needed``: those for, or those against."""
    represented: int = 0


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


# --- ballot papers ---


@dataclass(frozen=True, slots=True)
class BallotPapers:
    """What the tellers found (phiếu phát ra, thu về, hợp lệ, không hợp lệ)."""

    issued: int
    """A spoiled paper handed back for a new one does not count."""
    returned: int
    valid: int
    invalid: int


@dataclass(frozen=True, slots=True)
class Levels:
    """How many rated one name at each level (tín nhiệm cao, tín nhiệm, tín nhiệm thấp)."""

    high: int
    mid: int
    low: int


class ElectionOutcome(StrEnum):
    """What became of the seats."""

    FILLED = "filled"
    RUN_OFF = "run_off"
    """Seats are left, and there is somebody to stand for them again."""
    SHORT = "short"
    """Seats are left and nobody to stand for them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a candidate did."""

    candidate: str
    votes: int
    share: str
    """Per cent of all members, rounded half up to two decimals: "54.67"."""
    has_reached: bool
    """Whether the votes reach the floor; true where there is none."""
    is_elected: bool
    is_tied: bool
    """Whether the candidate shares the last seat with others, and nobody has it."""


@dataclass(frozen=True, slots=True)
class ElectionVerdict:
    """Who was elected, why, and what is left to do."""

    outcome: ElectionOutcome
    seats: int
    elected: tuple[str, ...]
    """The highest number first."""
    tied: tuple[str, ...]
    """Those who share the last seat."""
    run_off: tuple[str, ...]
    """Who stands in the next round for ``seats_left``; empty when nothing is left or nobody is."""
    seats_left: int
    standings: tuple[Standing, ...]
    """The highest number first; among equals in the order of the paper."""
    papers: BallotPapers
    members: int
    """The number the shares are taken of."""
    base: Base
    base_number: int
    needed: int
    """The smallest number of votes that reaches the floor; 1 where there is none."""
    binding: bool
    words: Words
    article: Words


class RatingOutcome(StrEnum):
    """What a rating of confidence leads to."""

    NONE = "none"
    MAY_RESIGN = "may_resign"
    RELIEVE = "relieve"


@dataclass(frozen=True, slots=True)
class RatingVerdict:
    """How one person was rated, and what follows."""

    name: str
    outcome: RatingOutcome
    levels: Levels
    unmarked: int
    """Valid papers on which this name is left without a mark."""
    base: Base
    base_number: int
    resign_needed: int
    """So many low ratings, and the person may resign."""
    relieve_needed: int
    shares: Mapping[str, str]
    """{"high": …, "mid": …, "low": …, "unmarked": …} as percentages of ``base_number``."""
    shares_of_all: Mapping[str, str]
    """The same of all members, as these bodies report it."""
    words: Words
    article: Words


# --- refusals ---


class CountsInconsistent(Invalid):
    """The numbers cannot all be true. Detail: reason."""

    code = "counts_inconsistent"


class MatterUnknown(Invalid):
    """The body's profile has no rule for this kind of decision. Detail: matter, known."""

    code = "matter_unknown"
