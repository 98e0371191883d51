"""The life of a slip: who it is sent to, until when, and how it ends. Pure.

What the law says of deciding in writing: docs/rules.md. While a slip runs nobody learns more than who has answered;
that is the business of `views`.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import PaperId, PersonId, QuestionId
from ecabinet.meetings.model import Act
from ecabinet.papers.model import PaperIsThere, Upload
from ecabinet.register.model import Electorate, Membership, RuleProfile
from ecabinet.voting.methods import check_strength
from ecabinet.voting.model import QuestionInvalid, Strength

from . import sheets, tally
from .drafting import checked, questions_of, require_slips, silence_in_words
from .events import (
    SlipChanged,
    SlipCommented,
    SlipCounted,
    SlipDrafted,
    SlipExtended,
    SlipPaperAdded,
    SlipPaperRemoved,
    SlipRecalled,
    SlipReminded,
    SlipReturned,
    SlipSent,
    SlipSubmitted,
)
from .model import (
    KNOWN_TO_MEMBERS,
    WRITTEN_IN,
    Asked,
    Change,
    DeadlineNotLater,
    DeadlinePassed,
    EndCause,
    Ending,
    Extension,
    KeptSheet,
    Named,
    NobodyToAsk,
    NotAllAnswered,
    Phase,
    Plan,
    Recall,
    Reminder,
    Secrecy,
    Sending,
    Slip,
    SlipPaper,
    SlipWrongPhase,
    Viewer,
)

NEXT: Mapping[Phase, frozenset[Phase]] = {
    Phase.DRAFT: frozenset({Phase.SUBMITTED}),
    Phase.SUBMITTED: frozenset({Phase.RETURNED, Phase.SENT}),
    Phase.RETURNED: frozenset({Phase.SUBMITTED}),
    Phase.SENT: frozenset({Phase.ENDED, Phase.RECALLED}),
    Phase.ENDED: frozenset(),
    Phase.RECALLED: frozenset(),
}
"""What leads where."""

PAPERS_LIMIT = 50
_SENT = frozenset({Phase.SENT})


def _to(slip: Slip, phase: Phase) -> None:
    if phase not in NEXT[slip.phase]:
        raise SlipWrongPhase(phase=slip.phase.value)


def knows_of(slip: Slip, viewer: Viewer) -> bool:
    """Whether the slip is anything to this person yet."""
    if viewer.prepares:
        return True
    if viewer.decides and slip.phase is not Phase.DRAFT:
        return True
    return viewer.sits and slip.phase in KNOWN_TO_MEMBERS


# --- writing it ---


def draft(blank: Slip, profile: RuleProfile, ids: Sequence[QuestionId], by: Act) -> Change:
    """A slip nobody but the staff knows of.

    blank  with everything but its questions
    ids  as many as there are questions

    Raises SlipsNotKnown, Invalid, MatterUnknown, QuestionInvalid.
    """
    require_slips(profile)
    plan = checked(blank.plan)
    slip = replace(blank, plan=plan, questions=questions_of(plan, profile, ids))
    event = SlipDrafted(
        at=by.at, actor=by.actor, slip=slip.id, body=slip.body, number=slip.number, title=slip.plan.title
    )
    return Change(slip, event)


def rewrite(slip: Slip, plan: Plan, profile: RuleProfile, ids: Sequence[QuestionId], by: Act) -> Change:
    """Another wording, other questions or times. Questions that stay keep their ids.

    Raises SlipWrongPhase, Invalid, MatterUnknown, QuestionInvalid.
    """
    slip.require(WRITTEN_IN)
    plan = checked(plan)
    questions = slip.questions
    if plan.questions != slip.plan.questions:
        questions = questions_of(plan, profile, ids)
    names = [name for name in Plan.__slots__ if getattr(plan, name) != getattr(slip.plan, name)]
    event = SlipChanged(at=by.at, actor=by.actor, slip=slip.id, fields=tuple(names))
    return Change(slip.moved(plan=plan, questions=questions), event)


# --- its papers ---


def require_writing(slip: Slip) -> None:
    """Raises SlipWrongPhase once somebody else has it before him."""
    slip.require(WRITTEN_IN)


def add_paper(slip: Slip, paper: PaperId, upload: Upload, by: Act) -> Change:
    """A PDF goes with the slip. Raises SlipWrongPhase, PaperIsThere, QuestionInvalid when there are too many."""
    require_writing(slip)
    for there in slip.papers:
        if there.digest == upload.digest:
            raise PaperIsThere(paper=there.id)
    if len(slip.papers) >= PAPERS_LIMIT:
        raise QuestionInvalid(reason="number_of_papers", most=PAPERS_LIMIT)
    position = max((each.position for each in slip.papers), default=0) + 1
    added = SlipPaper(
        paper, upload.names.title, upload.names.filename, upload.size_bytes, upload.pages, upload.digest, position
    )
    event = SlipPaperAdded(
        at=by.at,
        actor=by.actor,
        slip=slip.id,
        paper=paper,
        title=added.title,
        filename=added.filename,
        size_bytes=added.size_bytes,
        pages=added.pages,
        digest=added.digest,
    )
    return Change(slip.moved(papers=(*slip.papers, added)), event)


def remove_paper(slip: Slip, paper: PaperId, by: Act) -> Change:
    """It does not go with the slip after all. Raises NotFound, SlipWrongPhase."""
    held = paper_of(slip, paper)
    require_writing(slip)
    left = tuple(each for each in slip.papers if each.id != paper)
    event = SlipPaperRemoved(at=by.at, actor=by.actor, slip=slip.id, paper=paper, title=held.title, digest=held.digest)
    return Change(slip.moved(papers=left), event)


def paper_of(slip: Slip, paper: PaperId) -> SlipPaper:
    """Raises NotFound."""
    for each in slip.papers:
        if each.id == paper:
            return each
    raise NotFound()


# --- to the head, and out ---


def submit(slip: Slip, by: Act) -> Change:
    """Lay it before the head. Raises SlipWrongPhase, DeadlinePassed."""
    _to(slip, Phase.SUBMITTED)
    if slip.deadline <= by.at:
        raise DeadlinePassed()
    event = SlipSubmitted(at=by.at, actor=by.actor, slip=slip.id)
    return Change(slip.moved(phase=Phase.SUBMITTED, submitted_at=by.at, return_reason=None), event)


def give_back(slip: Slip, reason: str, by: Act) -> Change:
    """The head wants it otherwise. Raises SlipWrongPhase."""
    _to(slip, Phase.RETURNED)
    event = SlipReturned(at=by.at, actor=by.actor, slip=slip.id, reason=reason)
    return Change(slip.moved(phase=Phase.RETURNED, return_reason=reason), event)


@dataclass(frozen=True, slots=True)
class Strengths:
    """Who makes up the body when a slip is sent."""

    members: Sequence[Membership]
    """In office on the day, in order of protocol; those without a vote are not asked."""
    seats: int | None
    """By law or election; None when the body has no fixed number."""


def send(slip: Slip, deadline: datetime, body: Strengths, profile: RuleProfile, by: tuple[Named, datetime]) -> Change:
    """Approved, and sent at once: who is asked, by which rules and until when is frozen here.

    by  the head, and when

    Raises SlipWrongPhase, DeadlinePassed, SlipsNotKnown, NobodyToAsk, MatterUnknown, CountsInconsistent.
    """
    head, at = by
    _to(slip, Phase.SENT)
    deadline = deadline.replace(microsecond=0)
    if deadline <= at:
        raise DeadlinePassed()
    rule = require_slips(profile)
    roll = tuple(
        Asked(each.person, each.name, each.title.vi, each.order, each.is_head) for each in body.members if each.votes
    )
    if not roll:
        raise NobodyToAsk()
    strength = _strength(roll, body.seats, profile)
    # In the words of the rules that hold today, which need not be those of the day it was drafted.
    questions = questions_of(slip.plan, profile, [each.id for each in slip.questions])
    ready = replace(slip, plan=replace(slip.plan, deadline=deadline), questions=questions)
    sending = Sending(
        at=at,
        by=head,
        roll=roll,
        strength=strength,
        profile=profile.id,
        profile_version=profile.version,
        digest=digest(sheets.wording(ready)),
        silence=silence_in_words(rule),
    )
    sent = ready.moved(phase=Phase.SENT, sending=sending, due_since=at)
    return Change(sent, _told(sent, sending))


def _strength(roll: Sequence[Asked], seats: int | None, profile: RuleProfile) -> Strength:
    counts_seats = profile.electorate.counts is Electorate.STATUTORY_SEATS and seats is not None
    members = seats if counts_seats and seats is not None else len(roll)
    strength = Strength(members=members, present=len(roll))
    check_strength(profile, strength)
    return strength


def _told(slip: Slip, sending: Sending) -> SlipSent:
    return SlipSent(
        at=sending.at,
        actor=sending.by.person,
        slip=slip.id,
        title=slip.plan.title,
        text=slip.plan.text,
        secrecy=slip.plan.secrecy,
        deadline=slip.deadline,
        reminders_h=slip.plan.reminders_h,
        questions=slip.questions,
        roll=sending.roll,
        strength=sending.strength,
        profile=sending.profile,
        profile_version=sending.profile_version,
        digest=sending.digest,
    )


# --- while it runs ---


def extend(slip: Slip, until: datetime, reason: str, by: Act) -> Change:
    """A later deadline, also when the present one has just passed. Raises SlipWrongPhase, DeadlineNotLater."""
    slip.require(_SENT)
    until = until.replace(microsecond=0)
    if until <= max(slip.deadline, by.at):
        raise DeadlineNotLater()
    event = SlipExtended(at=by.at, actor=by.actor, slip=slip.id, since=slip.deadline, until=until, reason=reason)
    extension = Extension(by.at, slip.deadline, until, reason)
    plan = replace(slip.plan, deadline=until)
    return Change(slip.moved(plan=plan, due_since=by.at, extensions=(*slip.extensions, extension)), event)


def recall(slip: Slip, reason: str, by: Act) -> Change:
    """Take it back; nothing that was answered counts. Raises SlipWrongPhase."""
    _to(slip, Phase.RECALLED)
    event = SlipRecalled(at=by.at, actor=by.actor, slip=slip.id, reason=reason)
    return Change(slip.moved(phase=Phase.RECALLED, recall=Recall(by.at, reason)), event)


def due_reminder(slip: Slip, at: datetime) -> int | None:
    """The reminder that is due now, in hours before the deadline; None when there is none.

    Each is due once for each deadline. What came due before this deadline was set is not made up for, and of several
    that came due while nobody looked only the last one is left.
    """
    if slip.phase is not Phase.SENT or slip.due_since is None or at >= slip.deadline:
        return None
    since = slip.due_since
    done = [each.hours for each in slip.reminders if each.deadline == slip.deadline]
    due = [hours for hours in slip.plan.reminders_h if since < slip.remind_at(hours) <= at]
    return min(due) if due and min(due) not in done else None


def remind(slip: Slip, hours: int, answered: Iterable[PersonId], at: datetime) -> Change:
    """Those who have not answered are reminded. hours: what `due_reminder` gave."""
    gave = set(answered)
    waiting = tuple(each.person for each in slip.roll if each.person not in gave)
    event = SlipReminded(
        at=at,
        slip=slip.id,
        hours=hours,
        deadline=slip.deadline,
        waiting=len(waiting),
        # Who has not answered a closed slip is nobody's business, the record's included.
        people=waiting if slip.plan.secrecy is Secrecy.OPEN else (),
    )
    return Change(slip.moved(reminders=(*slip.reminders, Reminder(at, hours, slip.deadline))), event)


def comment(slip: Slip, person: PersonId, text: str, by: Act) -> Change:
    """The staff's word to one member. It never counts. Raises SlipWrongPhase, NotFound for who is not asked."""
    slip.require(_SENT)
    if not slip.asks(person):
        raise NotFound()
    event = SlipCommented(
        at=by.at,
        actor=by.actor,
        slip=slip.id,
        person=person,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    return Change(slip.moved(), event)


# --- the end ---


def end_early(slip: Slip, kept: Iterable[KeptSheet], profile: RuleProfile, by: Act) -> Change:
    """The head ends it when everybody has answered. Raises SlipWrongPhase, NotAllAnswered."""
    _to(slip, Phase.ENDED)
    current = sheets.current(kept)
    if len(current) < len(slip.roll):
        raise NotAllAnswered(asked=len(slip.roll), answered=len(current))
    return _count(slip, (EndCause.ALL_ANSWERED, current), profile, (by.actor, by.at))


def end_by_itself(slip: Slip, kept: Iterable[KeptSheet], profile: RuleProfile, at: datetime) -> Change | None:
    """The end that nobody has to bring about: the deadline, or the last answer where the slip says so. None while it
    goes on."""
    if slip.phase is not Phase.SENT:
        return None
    current = sheets.current(kept)
    if slip.plan.ends_when_all_answered and len(current) == len(slip.roll):
        return _count(slip, (EndCause.ALL_ANSWERED, current), profile, (None, at))
    if at >= slip.deadline:
        return _count(slip, (EndCause.DEADLINE, current), profile, (None, at))
    return None


def _count(
    slip: Slip,
    end: tuple[EndCause, Mapping[PersonId, KeptSheet]],
    profile: RuleProfile,
    by: tuple[PersonId | None, datetime],
) -> Change:
    (cause, current), (actor, at) = end, by
    results = tally.results(slip, current, profile)
    event = SlipCounted(
        at=at,
        actor=actor,
        slip=slip.id,
        cause=cause,
        asked=len(slip.roll),
        answered=len(current),
        results=results,
    )
    return Change(slip.moved(phase=Phase.ENDED, ending=Ending(at, cause, len(current), results)), event)
