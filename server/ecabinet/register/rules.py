"""Who is a member on a day, which rules hold then, by when things must be sent, who may vote for whom, what may be
moved. Pure.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ProfileId

from .model import (
    AlreadyMember,
    Comparison,
    DayUnit,
    DecisionRule,
    HeadPostTaken,
    LeadTime,
    Matter,
    Meaning,
    Membership,
    MotionKind,
    MotionOutOfOrder,
    MotionRule,
    MotionUnknown,
    ProxyNotAllowed,
    ProxyRule,
    RuleProfile,
    SpanInvalid,
    Threshold,
    TieBreaker,
    TieMethod,
    TieRule,
    TieScope,
)

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Without summer time since 1975: a fixed offset, so that pure code reads no time zone files."""


class ProfileUnknown(NotFound):
    """No version of the profile holds on the day. Detail: profile, day."""

    code = "profile_unknown"


def local_day(at: datetime) -> date:
    """The calendar day in Vietnam. Raises ValueError when naive."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return at.astimezone(VIETNAM).date()


def members_at(memberships: Iterable[Membership], day: date) -> list[Membership]:
    """Those in office on the day, [since, until), in order of protocol, then by name."""
    in_office = [each for each in memberships if each.since <= day and (each.until is None or day < each.until)]
    return sorted(in_office, key=lambda each: (each.order, each.name, each.id))


def profile_at(profiles: Iterable[RuleProfile], profile: ProfileId, day: date) -> RuleProfile:
    """The version in force on the day; the latest one where two overlap.

    Raises ProfileUnknown.
    """
    versions = [each for each in profiles if each.id == profile and each.in_force(day)]
    if not versions:
        raise ProfileUnknown(profile=profile, day=day.isoformat())
    return max(versions, key=lambda each: (each.effective, each.version))


def check_membership(new: Membership, existing: Iterable[Membership]) -> None:
    """Whether the body may have this member for this span.

    existing  all memberships of the body, of any time

    Raises SpanInvalid, AlreadyMember, HeadPostTaken, the first that applies.
    """
    if new.until is not None and new.until <= new.since:
        raise SpanInvalid(since=new.since.isoformat(), until=new.until.isoformat())
    overlapping = [each for each in existing if _overlap(each, new)]
    if any(each.person == new.person for each in overlapping):
        raise AlreadyMember(person=new.person)
    if new.is_head and any(each.is_head for each in overlapping):
        raise HeadPostTaken()


def _overlap(one: Membership, other: Membership) -> bool:
    begins_in_time = other.until is None or one.since < other.until
    return begins_in_time and (one.until is None or other.since < one.until)


# --- lead times ---


def lead_deadline(rule: LeadTime, meeting_start: datetime, holidays: Collection[date]) -> datetime:
    """The moment before which it must have been sent, UTC: the end of the last day that is in time.

    Days are counted back from the meeting's own day in Vietnam, which is not counted (Civil Code 2015, art. 147:
    the day of the event does not count). Three working days before a Friday is the Tuesday, until midnight.
    holidays  days off other than Saturdays and Sundays; a swapped working Saturday is not known here
    """
    day = local_day(meeting_start)
    if rule.unit is DayUnit.DAYS:
        day -= timedelta(days=rule.amount)
    else:
        left = rule.amount
        while left:
            day -= timedelta(days=1)
            left -= is_working_day(day, holidays)
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM).astimezone(UTC)


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Monday to Friday, not a holiday."""
    return day.weekday() < 5 and day not in holidays


# --- proxies ---


def check_proxy(rule: ProxyRule | None, held: int) -> None:
    """Whether somebody who already votes for so many absent members may be given one more vote.

    Raises ProxyNotAllowed.
    """
    most = rule.most if rule else 0
    if held >= most:
        raise ProxyNotAllowed(most=most)


# --- motions ---


def motion_rule(profile: RuleProfile, motion: str) -> MotionRule:
    """Raises MotionUnknown."""
    known = {rule.key: rule for rule in profile.motions}
    if motion not in known:
        raise MotionUnknown(motion=motion, known=list(known))
    return known[motion]


def in_order(profile: RuleProfile, pending: Sequence[str], wanted: str) -> bool:
    """Whether a motion may be made while others are pending: it ranks higher than all of them, or is a further one of a
    kind that may be pending more than once, or stands outside the ladder. A subsidiary motion needs one to be about.

    pending  keys of the motions that wait for a decision, in any order

    Raises MotionUnknown.
    """
    rule = motion_rule(profile, wanted)
    ranks = [rank for rank in (motion_rule(profile, key).rank for key in pending) if rank is not None]
    if rule.rank is None:
        return True
    if not ranks:
        return rule.kind is not MotionKind.SUBSIDIARY
    if rule.rank == max(ranks):
        return ranks.count(rule.rank) < rule.pending
    return rule.rank > max(ranks)


def check_in_order(profile: RuleProfile, pending: Sequence[str], wanted: str) -> None:
    """Raises MotionUnknown, MotionOutOfOrder."""
    if not in_order(profile, pending, wanted):
        raise MotionOutOfOrder(motion=wanted, pending=list(pending))


def motion_decision(profile: RuleProfile, motion: str) -> DecisionRule:
    """What a motion's own vote needs, for `voting.methods.verdict_by`. A tie is settled as in an ordinary decision
    where more than half is needed, and leaves the motion lost elsewhere.

    Raises MotionUnknown, also for one that is not voted on.
    """
    rule = motion_rule(profile, motion)
    if rule.threshold is None:
        raise MotionUnknown(motion=motion, known=[each.key for each in profile.motions if each.threshold])
    by_half = rule.threshold == Threshold(Comparison.MORE_THAN, Fraction(1, 2)) and rule.measures is Meaning.FOR
    lost = TieRule(TieMethod.NOT_PASSED, TieBreaker.HEAD, None, TieScope.LITERAL, rule.citation)
    return DecisionRule(
        matter=Matter.RESOLUTION,
        name=rule.name,
        base=rule.base,
        threshold=rule.threshold,
        tie=profile.decisions[Matter.RESOLUTION].tie if by_half else lost,
        citation=rule.citation,
        measures=rule.measures,
    )
