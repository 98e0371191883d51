"""The law as values: what a rule of decision is made of. What other slices may name is told again by `model`.

Every rule carries the citation it rests on, so that what is decided by it can say why.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor


class Lang(StrEnum):
    """The languages the product speaks. Vietnamese is the one that counts when the two differ."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said in both languages."""

    vi: str
    en: str

    def of(self, lang: Lang) -> str:
        """The text in one language."""
        return self.vi if lang is Lang.VI else self.en


@dataclass(frozen=True, slots=True)
class Citation:
    """What a rule rests on."""

    article: Words
    """The place in the text: "Điều 46 khoản 3"."""
    text: Words
    """What the place says, in our words; not a quotation."""
    source: Words
    """The text's own title and number."""
    source_date: date
    """When the text was passed or signed."""
    note: Words | None = None
    """What a lawyer still has to check, said openly; None when nothing is known to be open."""

    def label(self) -> Words:
        """Article and source in one line, for screens and minutes."""
        return Words(f"{self.article.vi}, {self.source.vi}", f"{self.article.en}, {self.source.en}")


class Electorate(StrEnum):
    """Who makes up "all members" (N)."""

    MEMBERS_IN_OFFICE = "members_in_office"
    """Those in office on the day; a vacant seat does not count."""
    STATUTORY_SEATS = "statutory_seats"
    """All seats, vacant ones included."""


class Base(StrEnum):
    """The number a share is taken of."""

    ALL = "all"
    """All members (N)."""
    REMAINING = "remaining"
    """Members left in office when the body has shrunk (R)."""
    PRESENT = "present"
    """Members entitled to vote and present when the question opened (P)."""
    CAST = "cast"
    """Ballots cast, abstentions included."""
    EXPRESSED = "expressed"
    """Ballots for and against only: a simple majority is more than half of them."""
    BALLOTS = "ballots"
    """Ballot papers returned, invalid ones included."""


class Comparison(StrEnum):
    """How the number must stand to its share of the base."""

    MORE_THAN = "more_than"
    AT_LEAST = "at_least"


_BASES = {
    Base.ALL: Words("tổng số {vi}", "all {en}"),
    Base.REMAINING: Words("tổng số {vi} còn lại", "all remaining {en}"),
    Base.PRESENT: Words("số {vi} có mặt", "the {en} present"),
    Base.CAST: Words("tổng số phiếu biểu quyết", "the ballots cast"),
    Base.EXPRESSED: Words("tổng số phiếu tán thành và không tán thành", "the ballots for and against"),
    Base.BALLOTS: Words("tổng số phiếu thu về", "the ballots returned"),
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share of a base that must be passed or reached."""

    comparison: Comparison
    fraction: Fraction
    """In (0, 1]."""

    def needed(self, base_number: int) -> int:
        """The smallest number of votes that satisfies it. Never 0: what nobody supports is not adopted."""
        share = self.fraction * base_number
        smallest = floor(share) + 1 if self.comparison is Comparison.MORE_THAN else ceil(share)
        return max(1, smallest)

    def in_words(self, base: Base, member: Words) -> Words:
        """ "quá nửa tổng số thành viên" / "more than half of all members"."""
        above = self.comparison is Comparison.MORE_THAN
        part = f"{self.fraction.numerator}/{self.fraction.denominator}"
        half = part == "1/2"
        share = Words(
            f"{'quá' if above else 'ít nhất'} {('nửa' if above else 'một nửa') if half else part}",
            f"{'more than' if above else 'at least'} {'half' if half else part} of",
        )
        of = _BASES[base]
        return Words(f"{share.vi} {of.vi.format(vi=member.vi)}", f"{share.en} {of.en.format(en=member.en)}")


class TieMethod(StrEnum):
    """What happens when as many are for as against."""

    CHAIR_SIDE = "chair_side"
    """The side on which the tie-breaking person voted prevails."""
    CASTING_VOTE = "casting_vote"
    """The tie-breaking person gives a further, deciding vote."""
    NOT_PASSED = "not_passed"
    """No rule for ties: the threshold was not met."""


class TieBreaker(StrEnum):
    """Whose voice settles a tie."""

    HEAD = "head"
    """The head of the body (Prime Minister, Chairman, Minister), whoever presides that day."""
    PRESIDING = "presiding"
    """Whoever presides over the item."""


class TieScope(StrEnum):
    """When votes are "equal"."""

    LITERAL = "literal"
    """As many for as against, whatever the others did."""
    STRICT_ALL_VOTED = "strict_all_voted"
    """As many for as against, and nobody in the base did anything else: no abstention, no absence."""


@dataclass(frozen=True, slots=True)
class TieRule:
    """What an equal number of votes leads to."""

    method: TieMethod
    breaker: TieBreaker
    who: Words | None
    """The tie-breaking person's title in the law's words; None when the method knows none."""
    scope: TieScope
    citation: Citation


class Matter(StrEnum):
    """Kinds of decision that a body's law treats apart."""

    RESOLUTION = "resolution"
    """The ordinary one: a decision, a resolution, a decree."""
    REMOVAL = "removal"
    """Removing one of the body's own members."""
    REDUCED = "reduced"
    """What a body may still decide when too few of its members are left."""
    CHOICE = "choice"
    """One among alternatives."""
    CONFIDENCE = "confidence"
    """Confidence in somebody the body has elected or confirmed (bỏ phiếu tín nhiệm)."""


class Meaning(StrEnum):
    """What an answer counts as."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    """Expressly not voting (không biểu quyết): an answer, not silence."""
    OTHER = "other"
    """Another opinion (ý kiến khác): neither for nor against."""
    ALTERNATIVE = "alternative"
    """One of several proposals."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A word a member may answer with, and what it counts as."""

    meaning: Meaning
    words: Words


class Secrecy(StrEnum):
    """Whether votes are taken by name."""

    OPEN = "open"
    SECRET = "secret"  # noqa: S105 (a way of voting)


class VotingForm(StrEnum):
    """How a vote on one matter has to be taken."""

    OPEN = "open"
    SECRET = "secret"  # noqa: S105 (a way of voting)
    CHOSEN = "chosen"
    """As the body decides; by the profile's default where it decides nothing."""


@dataclass(frozen=True, slots=True)
class FormRule:
    """What the law says about the form of one vote."""

    form: VotingForm
    citation: Citation


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """What a decision on one matter needs."""

    matter: Matter
    name: Words
    base: Base
    threshold: Threshold
    tie: TieRule
    citation: Citation
    measures: Meaning = Meaning.FOR
    """Which votes the threshold counts. FOR: adopted when they reach it. AGAINST: lost when they reach it."""
    answers: tuple[Answer, ...] | None = None
    """The matter's own answer words; None: those of every vote in session."""
    form: FormRule | None = None
    """How the vote has to be taken; None: the law leaves it to the body."""


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether enough members are there."""

    members: int
    """The base: all members, or those remaining, as the rule says."""
    present: int
    """Members entitled to vote who are there and not recused. Stand-ins and guests never count."""
    needed: int
    """The smallest number present that satisfies the rule."""
    is_quorate: bool
    article: Words


@dataclass(frozen=True, slots=True)
class QuorumRule:
    """How many must be there before anything may be decided."""

    base: Base
    """ALL or REMAINING."""
    threshold: Threshold
    citation: Citation

    def of(self, members: int, present: int) -> Quorum:
        """The quorum of so many members, as many of them present."""
        needed = self.threshold.needed(members)
        return Quorum(members, present, needed, present >= needed, self.citation.label())


@dataclass(frozen=True, slots=True)
class ElectorateRule:
    counts: Electorate
    member: Words
    """What a member is called: "thành viên" / "members", "đại biểu" / "deputies"."""
    citation: Citation


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """The answers a body knows, in the order in which they are offered."""

    session: tuple[Answer, ...]
    """At a vote in session."""
    slip: tuple[Answer, ...]
    """On a written-opinion slip; empty where the body asks for none."""
    citation: Citation


@dataclass(frozen=True, slots=True)
class StandInRule:
    """What someone sent in a member's place may do."""

    attends: bool
    speaks: bool
    votes: bool
    citation: Citation


class RecusalEffect(StrEnum):
    """What withdrawing for a conflict of interest does to the base. The person is never among those there."""

    STAYS_IN_BASE = "stays_in_base"
    LEAVES_BASE = "leaves_base"


@dataclass(frozen=True, slots=True)
class RecusalRule:
    effect: RecusalEffect
    citation: Citation


@dataclass(frozen=True, slots=True)
class SecrecyRule:
    default: Secrecy
    secret_from_afar: bool
    """Whether a secret ballot may be cast from outside the hall."""
    citation: Citation
