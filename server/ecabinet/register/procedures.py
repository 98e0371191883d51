"""The law as values: elections, ratings, written opinions, proxies, motions, lead times. Told again by `model`."""

from dataclasses import dataclass
from enum import StrEnum

from .law import Base, Citation, Meaning, Threshold, Words

# --- a body that has shrunk ---


@dataclass(frozen=True, slots=True)
class ReducedRule:
    """When too few are left for anything but what the law lists."""

    complete: Threshold
    """The share of all seats that must be filled; with fewer members the body is a reduced one."""
    may: Words
    """What it may still decide, in the law's words."""
    citation: Citation

    def applies(self, seats: int, remaining: int) -> bool:
        """Whether so few members of so many seats are left that the body is a reduced one."""
        return remaining < self.complete.needed(seats)


# --- ballot papers ---


@dataclass(frozen=True, slots=True)
class ElectionRule:
    """How posts are filled."""

    base: Base
    """What the floor is taken of: ALL, PRESENT or BALLOTS."""
    floor: Threshold | None
    """What a candidate must reach to be elected at all; None: the highest numbers alone decide."""
    run_off: Words
    """Who stands in the next round when seats are left."""
    tie: Words
    """What follows when several share the last seat: none of them has it, and they stand against each other."""
    more_candidates: bool
    """Whether there may be more candidates than seats (số dư)."""
    is_secret: bool
    """Whether papers have to be secret; otherwise as the body decides."""
    citation: Citation


@dataclass(frozen=True, slots=True)
class RatingRule:
    """Confidence rated in three levels (lấy phiếu tín nhiệm), and what too low a rating leads to."""

    high: Words
    medium: Words
    low: Words
    base: Base
    """What the shares are taken of: ALL, PRESENT or BALLOTS."""
    may_resign: Threshold
    """Of those who rated low: whoever reaches it may resign, and is otherwise put to a vote of confidence."""
    relieve: Threshold
    """Of those who rated low: whoever reaches it is proposed to be relieved."""
    is_secret: bool
    """As in `ElectionRule`."""
    citation: Citation


@dataclass(frozen=True, slots=True)
class TellersRule:
    """Who counts ballot papers (Ban kiểm phiếu)."""

    least: int
    """The smallest number of tellers."""
    elected_openly: bool
    """Whether the body elects them in session by open vote; otherwise the chair names them."""
    candidates_barred: bool
    """Whether those voted on may not count."""
    citation: Citation


# --- away from the hall ---


class Silence(StrEnum):
    """What an unanswered slip counts as when its time is over."""

    NO_ANSWER = "no_answer"
    DEEMED_CONSENT = "deemed_consent"


@dataclass(frozen=True, slots=True)
class SlipRule:
    """Opinions asked for in writing between meetings (phiếu lấy ý kiến). Majority and tie are those of a session."""

    asks: Words
    """Who decides to ask: "Thủ tướng Chính phủ"."""
    silence: Silence
    silence_citation: Citation | None
    """What consent by silence rests on; always there with DEEMED_CONSENT and only then."""
    reported: bool
    """Whether the result is announced at the next session."""
    citation: Citation


@dataclass(frozen=True, slots=True)
class ProxyRule:
    """Members vote for absent ones who asked them to. Unknown to public bodies."""

    most: int
    """How many absent members one member may vote for."""
    counts_in_quorum: bool
    """Whether those represented count as there."""
    citation: Citation


# --- motions ---


class MotionKind(StrEnum):
    """Which family a motion belongs to."""

    MAIN = "main"
    SUBSIDIARY = "subsidiary"
    """About the motion that is pending: needs one."""
    PRIVILEGED = "privileged"
    """About the assembly itself: needs none pending."""
    INCIDENTAL = "incidental"
    """Arises out of what happens: in order at any time, outside the ladder."""


@dataclass(frozen=True, slots=True)
class MotionRule:
    """A motion and its place on the ladder."""

    key: str
    kind: MotionKind
    rank: int | None
    """1 is the lowest; what ranks higher may be moved while it is pending. None only for incidental motions."""
    name: Words
    base: Base
    threshold: Threshold | None
    """None: no vote is taken; the chair rules, or one member's demand is enough."""
    measures: Meaning
    """As in `DecisionRule`: an appeal is lost only when those against reach the threshold."""
    is_debatable: bool
    pending: int
    """How many of its kind may be pending at once: 2 where an amendment may be amended."""
    citation: Citation


# --- in time ---


class MeetingKind(StrEnum):
    """Whether a meeting is one of the planned ones."""

    REGULAR = "regular"
    SPECIAL = "special"
    """Extraordinary, thematic or urgent."""


class LeadSubject(StrEnum):
    """What has to be there in time."""

    NOTICE = "notice"
    """The invitation or the convening decision."""
    PAPERS = "papers"


class DayUnit(StrEnum):
    DAYS = "days"
    """Calendar days."""
    WORKING_DAYS = "working_days"
    """Monday to Friday without public holidays."""


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long before a meeting something must have been sent."""

    kind: MeetingKind
    subject: LeadSubject
    amount: int
    """At least so many of ``unit``."""
    unit: DayUnit
    citation: Citation
