"""Bodies and who sits in them, and the rules a body works under: what every other slice may name.

A rule profile is law as values, made of those of `law` and `procedures`. `reading` reads profiles; `voting.methods` and
`voting.elections` apply them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from ecabinet.kernel.errors import Conflict, Invalid
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId, TermId

from .law import (
    Answer,
    AnswerRule,
    Base,
    Citation,
    Comparison,
    DecisionRule,
    Electorate,
    ElectorateRule,
    FormRule,
    Lang,
    Matter,
    Meaning,
    Quorum,
    QuorumRule,
    RecusalEffect,
    RecusalRule,
    Secrecy,
    SecrecyRule,
    StandInRule,
    Threshold,
    TieBreaker,
    TieMethod,
    TieRule,
    TieScope,
    VotingForm,
    Words,
)
from .procedures import (
    DayUnit,
    ElectionRule,
    LeadSubject,
    LeadTime,
    MeetingKind,
    MotionKind,
    MotionRule,
    ProxyRule,
    RatingRule,
    ReducedRule,
    Silence,
    SlipRule,
    TellersRule,
)

__all__ = [
    "AlreadyMember",
    "Answer",
    "AnswerRule",
    "Base",
    "Body",
    "BodyAdded",
    "Citation",
    "Comparison",
    "DayUnit",
    "DecisionRule",
    "ElectionRule",
    "Electorate",
    "ElectorateRule",
    "FormRule",
    "HeadPostTaken",
    "Lang",
    "LeadSubject",
    "LeadTime",
    "Matter",
    "Meaning",
    "MeetingKind",
    "MemberAdded",
    "MemberLeft",
    "Membership",
    "MotionKind",
    "MotionOutOfOrder",
    "MotionRule",
    "MotionUnknown",
    "Paragraph",
    "Post",
    "PostAdded",
    "ProxyNotAllowed",
    "ProxyRule",
    "Quorum",
    "QuorumRule",
    "RatingRule",
    "RecusalEffect",
    "RecusalRule",
    "ReducedNotApplicable",
    "ReducedRequired",
    "ReducedRule",
    "RuleProfile",
    "Secrecy",
    "SecrecyRule",
    "SecretaryAppointed",
    "Silence",
    "SlipRule",
    "SpanInvalid",
    "StandInRule",
    "TellersRule",
    "Term",
    "TermBegun",
    "Threshold",
    "TieBreaker",
    "TieMethod",
    "TieRule",
    "TieScope",
    "VotingForm",
    "Words",
]

# --- who sits where ---


@dataclass(frozen=True, slots=True)
class Body:
    """An organ that meets and decides together."""

    id: BodyId
    name: str
    name_en: str
    unit: str
    """The organisation it belongs to, as the letterhead prints it: "Bộ Hạ tầng số và Dịch vụ công"."""
    profile: ProfileId
    """Which rules it works under; the version is chosen by the meeting's date."""
    salutation: str = "đồng chí"
    """How messages address a member: "đồng chí", "quý đại biểu"."""


@dataclass(frozen=True, slots=True)
class Term:
    """The span for which a body is composed (nhiệm kỳ, khóa), [since, until)."""

    id: TermId
    body: BodyId
    name: str
    since: date
    until: date | None = None
    """None while it runs without a set end."""
    seats: int | None = None
    """The number of seats by law or election; None when the body has no fixed number."""


@dataclass(frozen=True, slots=True)
class Post:
    """A place in a body."""

    id: PostId
    body: BodyId
    title: Words
    order: int
    """Order of protocol: 1 comes first."""
    votes: bool
    """Whether whoever holds it votes. A chief of office attends and does not."""
    is_head: bool = False
    """The head of the body: whose side settles a tie where the rule says so."""


@dataclass(frozen=True, slots=True)
class Membership:
    """Who holds which post, [since, until)."""

    id: MembershipId
    body: BodyId
    post: PostId
    person: PersonId
    name: str
    """The person's name as the body writes it."""
    title: Words
    """The post's title."""
    order: int
    """The post's order of protocol."""
    votes: bool
    since: date
    until: date | None = None
    is_head: bool = False


# --- the rules a body works under ---


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """The rules one kind of body works under, in one version, [effective, until)."""

    id: ProfileId
    version: str
    effective: date
    until: date | None
    name: Words
    binding: bool
    """Whether a vote decides. Where it does not, the verdict is advice and says so."""
    binding_note: Words | None
    """Why a vote does not bind; always there when ``binding`` is false."""
    electorate: ElectorateRule
    quorum: QuorumRule
    decisions: Mapping[Matter, DecisionRule]
    answers: AnswerRule
    stand_in: StandInRule
    recusal: RecusalRule
    secrecy: SecrecyRule
    lead_times: tuple[LeadTime, ...]
    # The defaults are for records made before there was such a rule; a file has to say each of them or not to know it.
    public_body: bool = True
    """Whether it is an organ of the State: its members' votes are never transferred, and its chair proposes."""
    reduced: ReducedRule | None = None
    elections: ElectionRule | None = None
    ratings: RatingRule | None = None
    tellers: TellersRule | None = None
    slips: SlipRule | None = None
    """None: the body decides in session only."""
    proxies: ProxyRule | None = None
    """None: nobody votes for another."""
    recording: Citation | None = None
    """Where it is written who decides that a session is recorded; None: nothing of the kind is known."""
    motions: tuple[MotionRule, ...] = ()
    """From the highest rank down, then the incidental ones. Empty: the chair proposes and the body votes."""

    def in_force(self, at: datetime | date) -> bool:
        """Whether this version holds on the day."""
        day = at.date() if isinstance(at, datetime) else at
        return self.effective <= day and (self.until is None or day < self.until)

    def answers_to(self, matter: Matter) -> tuple[Answer, ...]:
        """What a vote in session on the matter may be answered with: its own words, or the body's usual ones."""
        rule = self.decisions.get(matter)
        return self.answers.session if rule is None or rule.answers is None else rule.answers

    def form_of(self, matter: Matter) -> VotingForm:
        """How a vote on the matter has to be taken."""
        rule = self.decisions.get(matter)
        return VotingForm.CHOSEN if rule is None or rule.form is None else rule.form.form

    @property
    def secret_matters(self) -> frozenset[Matter]:
        """Those decided by secret ballot only."""
        return frozenset(matter for matter in self.decisions if self.form_of(matter) is VotingForm.SECRET)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One rule said in words, for people preparing a meeting."""

    heading: str
    sentence: str
    article: str
    note: str | None = None
    """What is still to be checked about the source."""


# --- events and refusals ---


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyAdded(Event):
    """A body came to be."""

    type: ClassVar[str] = "body.added"
    body: BodyId
    name: str
    unit: str
    profile: ProfileId


@dataclass(frozen=True, slots=True, kw_only=True)
class TermBegun(Event):
    """A body is composed for a term."""

    type: ClassVar[str] = "term.begun"
    term: TermId
    body: BodyId
    name: str
    seats: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAdded(Event):
    """A body has a place more."""

    type: ClassVar[str] = "post.added"
    post: PostId
    body: BodyId
    title: Words
    votes: bool
    is_head: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(Event):
    """Someone holds a post from a day on."""

    type: ClassVar[str] = "member.added"
    membership: MembershipId
    body: BodyId
    post: PostId
    person: PersonId
    name: str
    since: str
    """ISO date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """Someone no longer holds a post."""

    type: ClassVar[str] = "member.left"
    membership: MembershipId
    body: BodyId
    person: PersonId
    until: str
    """ISO date, the first day without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretaryAppointed(Event):
    """Someone prepares a body's meetings."""

    type: ClassVar[str] = "secretary.appointed"
    body: BodyId
    person: PersonId


class AlreadyMember(Conflict):
    """One person, one seat: the spans of two memberships in a body do not overlap."""

    code = "already_member"


class HeadPostTaken(Conflict):
    """Two heads at a time could not settle a tie."""

    code = "head_post_taken"


class SpanInvalid(Invalid):
    """A span ends after it begins."""

    code = "span_invalid"


class ReducedNotApplicable(Conflict):
    """Enough members are left for the ordinary rules. Detail: seats, remaining, needed."""

    code = "reduced_not_applicable"


class ReducedRequired(Conflict):
    """Too few members are left: only the listed matters, by the rule for them. Detail: seats, remaining, needed."""

    code = "reduced_required"


class ProxyNotAllowed(Conflict):
    """Nobody votes for another here, or not for so many. Detail: most (0 where the body knows no proxies)."""

    code = "proxy_not_allowed"


class MotionUnknown(Invalid):
    """The body's rules know no such motion. Detail: motion, known."""

    code = "motion_unknown"


class MotionOutOfOrder(Conflict):
    """What is pending comes first. Detail: motion, pending."""

    code = "motion_out_of_order"
