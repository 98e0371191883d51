"""What may happen to a meeting and its agenda, and when. Pure: the meeting as it stands goes in, the meeting
afterwards and the event come out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, QuestionId
from ecabinet.register.model import LeadSubject, MeetingKind, Quorum, RuleProfile
from ecabinet.register.rules import lead_deadline

from .events import (
    AgendaOrdered,
    ItemAdded,
    ItemChanged,
    ItemConcluded,
    ItemFinished,
    ItemNoted,
    ItemRemoved,
    ItemsAdopted,
    ItemStarted,
    MeetingCancelled,
    MeetingChanged,
    MeetingClosed,
    MeetingConvened,
    MeetingCreated,
    MeetingOpened,
    MeetingPaused,
    MeetingResumed,
    Seated,
)
from .model import (
    AHEAD,
    PREPARING,
    RUNNING,
    Act,
    Change,
    Item,
    ItemHasGuests,
    ItemPhase,
    ItemPlan,
    Kind,
    Meeting,
    MeetingWrongPhase,
    NoChair,
    NotAnOrder,
    NothingToDiscuss,
    PapersDue,
    Participant,
    Phase,
    Plan,
    QuestionOpen,
    QuorumNotMet,
)

LONGEST = timedelta(days=14)
"""How long one meeting may last. Longer is a slip of the pen."""


class Step(StrEnum):
    """What leads from one phase to another."""

    CONVENE = "convene"
    CANCEL = "cancel"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"


NEXT: Mapping[tuple[Phase, Step], Phase] = {
    (Phase.DRAFT, Step.CONVENE): Phase.CONVENED,
    (Phase.DRAFT, Step.CANCEL): Phase.CANCELLED,
    (Phase.CONVENED, Step.CANCEL): Phase.CANCELLED,
    (Phase.CONVENED, Step.OPEN): Phase.OPEN,
    (Phase.OPEN, Step.PAUSE): Phase.PAUSED,
    (Phase.PAUSED, Step.RESUME): Phase.OPEN,
    (Phase.OPEN, Step.CLOSE): Phase.CLOSED,
    (Phase.PAUSED, Step.CLOSE): Phase.CLOSED,
}
"""A meeting's whole life. A step that is not here does not exist."""


def after(meeting: Meeting, step: Step) -> Phase:
    """The phase a step leads to. Raises MeetingWrongPhase."""
    reached = NEXT.get((meeting.phase, step))
    if reached is None:
        raise MeetingWrongPhase(phase=meeting.phase.value)
    return reached


# --- a meeting and its frame ---


def create(
    meeting: tuple[MeetingId, BodyId],
    plan: Plan,
    participants: tuple[Participant, ...],
    by: Act,
) -> Change:
    """A draft. Raises Invalid for times that cannot be."""
    check_times(plan.starts_at, plan.ends_at)
    created = Meeting(
        id=meeting[0],
        body=meeting[1],
        participants=participants,
        **{field.name: getattr(plan, field.name) for field in fields(Plan)},
    )
    event = MeetingCreated(
        at=by.at,
        actor=by.actor,
        meeting=created.id,
        body=created.body,
        participants=tuple(Seated(person=p.person, name=p.name, role=p.role, votes=p.votes) for p in participants),
        **{field.name: getattr(plan, field.name) for field in fields(Plan)},
    )
    return Change(created, event)


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Raises Invalid."""
    if ends_at <= starts_at:
        raise Invalid(fields={"ends_at": "not_after_start"})
    if ends_at - starts_at > LONGEST:
        raise Invalid(fields={"ends_at": "too_long"})


def change(meeting: Meeting, changed: Mapping[str, Any], by: Act) -> Change:
    """Another title, kind, mode, place or time.

    changed  field of Plan → new value
    Raises MeetingWrongPhase, Invalid.
    """
    meeting.require(PREPARING)
    new = {name: value for name, value in changed.items() if getattr(meeting, name) != value}
    result = replace(meeting, **new)
    check_times(result.starts_at, result.ends_at)
    said = {name: plain(value) for name, value in new.items()}
    return Change(result, MeetingChanged(at=by.at, actor=by.actor, meeting=meeting.id, changed=said))


def papers_due(profile: RuleProfile, kind: Kind, starts_at: datetime, holidays: Collection[date]) -> PapersDue | None:
    """By when papers must have been sent; None where the body's rules set no time for such meetings."""
    wanted = MeetingKind.REGULAR if kind is Kind.REGULAR else MeetingKind.SPECIAL
    for rule in profile.lead_times:
        if rule.kind is wanted and rule.subject is LeadSubject.PAPERS:
            return PapersDue(lead_deadline(rule, starts_at, holidays), rule.citation.label())
    return None


# --- phases ---


def convene(meeting: Meeting, due: PapersDue | None, by: Act) -> Change:
    """Send the invitations. Raises MeetingWrongPhase, NothingToDiscuss, NoChair."""
    reached = after(meeting, Step.CONVENE)
    if not meeting.items:
        raise NothingToDiscuss()
    if meeting.chair is None:
        raise NoChair()
    event = MeetingConvened(
        at=by.at,
        actor=by.actor,
        meeting=meeting.id,
        invited=tuple(each.person for each in meeting.participants),
        papers_due_at=due.at if due else None,
    )
    return Change(replace(meeting, phase=reached, convened_at=by.at, papers_due=due), event)


def cancel(meeting: Meeting, reason: str, by: Act) -> Change:
    """Call it off. Raises MeetingWrongPhase."""
    reached = after(meeting, Step.CANCEL)
    event = MeetingCancelled(at=by.at, actor=by.actor, meeting=meeting.id, reason=reason)
    return Change(replace(meeting, phase=reached, cancel_reason=reason), event)


def open_meeting(meeting: Meeting, quorum: Quorum, by: Act) -> Change:
    """Begin. Raises MeetingWrongPhase, QuorumNotMet."""
    reached = after(meeting, Step.OPEN)
    if not quorum.is_quorate:
        raise QuorumNotMet(members=quorum.members, present=quorum.present, needed=quorum.needed)
    event = MeetingOpened(
        at=by.at,
        actor=by.actor,
        meeting=meeting.id,
        members=quorum.members,
        present=quorum.present,
        needed=quorum.needed,
    )
    return Change(replace(meeting, phase=reached, opened_at=by.at), event)


def pause(meeting: Meeting, by: Act) -> Change:
    """Raises MeetingWrongPhase."""
    reached = after(meeting, Step.PAUSE)
    return Change(replace(meeting, phase=reached), MeetingPaused(at=by.at, actor=by.actor, meeting=meeting.id))


def resume(meeting: Meeting, by: Act) -> Change:
    """Raises MeetingWrongPhase."""
    reached = after(meeting, Step.RESUME)
    return Change(replace(meeting, phase=reached), MeetingResumed(at=by.at, actor=by.actor, meeting=meeting.id))


def close(meeting: Meeting, open_question: QuestionId | None, by: Act) -> Change:
    """End the meeting, and with it the item that is before it. Raises MeetingWrongPhase, QuestionOpen."""
    reached = after(meeting, Step.CLOSE)
    _no_vote_runs(open_question)
    current = meeting.current_item
    ended = _finished(meeting, current, by) if current else meeting
    event = MeetingClosed(at=by.at, actor=by.actor, meeting=meeting.id, finished=current.id if current else None)
    return Change(replace(ended, phase=reached, closed_at=by.at), event)


# --- the agenda ---


def add_item(meeting: Meeting, item: ItemId, plan: ItemPlan, by: Act) -> Change:
    """At the end of the agenda. Raises MeetingWrongPhase."""
    meeting.require(AHEAD)
    added = Item(item, len(meeting.items) + 1, plan.title, plan.type, plan.presenter, plan.minutes)
    event = ItemAdded(
        at=by.at,
        actor=by.actor,
        meeting=meeting.id,
        item=item,
        position=added.position,
        title=plan.title,
        item_type=plan.type,
        presenter=plan.presenter,
        minutes=plan.minutes,
    )
    return Change(meeting.with_item(added), event)


def change_item(meeting: Meeting, item: ItemId, changed: Mapping[str, Any], by: Act) -> Change:
    """changed: field of ItemPlan → new value. Raises MeetingWrongPhase (also once the item has begun), NotFound."""
    meeting.require(AHEAD)
    held = meeting.item(item)
    if held.phase is not ItemPhase.PENDING:
        raise MeetingWrongPhase(phase=held.phase.value)
    new = {name: value for name, value in changed.items() if getattr(held, name) != value}
    said = {name: plain(value) for name, value in new.items()}
    event = ItemChanged(at=by.at, actor=by.actor, meeting=meeting.id, item=item, changed=said)
    return Change(meeting.with_item(replace(held, **new)), event)


def remove_item(meeting: Meeting, item: ItemId, by: Act) -> Change:
    """Before the meeting opens. Raises MeetingWrongPhase, NotFound, ItemHasGuests."""
    meeting.require(PREPARING)
    gone = meeting.item(item)
    alone = [each.person for each in meeting.participants if each.items == frozenset({item})]
    if alone:
        raise ItemHasGuests(people=alone)
    left = tuple(each for each in meeting.items if each.id != item)
    people = tuple(
        each if each.items is None else replace(each, items=each.items - {item}) for each in meeting.participants
    )
    guests = tuple(each.person for each in meeting.participants if item in (each.items or ()))
    event = ItemRemoved(at=by.at, actor=by.actor, meeting=meeting.id, item=item, title=gone.title, guests=guests)
    return Change(replace(meeting, items=_numbered(left), participants=people), event)


def order_agenda(meeting: Meeting, order: tuple[ItemId, ...], by: Act) -> Change:
    """Raises MeetingWrongPhase, NotAnOrder."""
    meeting.require(AHEAD)
    if len(order) != len(meeting.items) or set(order) != {each.id for each in meeting.items}:
        raise NotAnOrder()
    event = AgendaOrdered(at=by.at, actor=by.actor, meeting=meeting.id, order=order)
    return Change(replace(meeting, items=_numbered(tuple(meeting.item(each) for each in order))), event)


def _numbered(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(replace(each, position=position) for position, each in enumerate(items, start=1))


def start_item(meeting: Meeting, item: ItemId, open_question: QuestionId | None, by: Act) -> Change:
    """Bring an item before the meeting, for the first time or again; the one before it is done.

    Raises MeetingWrongPhase, NotFound, QuestionOpen.
    """
    meeting.require(frozenset({Phase.OPEN}))
    started = meeting.item(item)
    if started.phase is ItemPhase.CURRENT:
        raise MeetingWrongPhase(phase=started.phase.value)
    _no_vote_runs(open_question)
    current = meeting.current_item
    result = _finished(meeting, current, by) if current else meeting
    result = result.with_item(
        replace(started, phase=ItemPhase.CURRENT, started_at=started.started_at or by.at, ended_at=None)
    )
    event = ItemStarted(
        at=by.at, actor=by.actor, meeting=meeting.id, item=item, finished=current.id if current else None
    )
    return Change(result, event)


def finish_item(meeting: Meeting, item: ItemId, open_question: QuestionId | None, by: Act) -> Change:
    """Raises MeetingWrongPhase, NotFound, QuestionOpen."""
    meeting.require(RUNNING)
    finished = meeting.item(item)
    if finished.phase is not ItemPhase.CURRENT:
        raise MeetingWrongPhase(phase=finished.phase.value)
    _no_vote_runs(open_question)
    event = ItemFinished(at=by.at, actor=by.actor, meeting=meeting.id, item=item)
    return Change(_finished(meeting, finished, by), event)


def adopt_items(meeting: Meeting, items: Sequence[ItemId], conclusion: str, by: Act) -> Change:
    """Be done with several items at once: one vote has decided them. Each has this conclusion, unless the chair wrote
    one already.

    Raises MeetingWrongPhase, also when one of them is done; NotFound.
    """
    meeting.require(RUNNING)
    result = meeting
    for item in items:
        held = meeting.item(item)
        if held.phase is ItemPhase.DONE:
            raise MeetingWrongPhase(phase=held.phase.value)
        said = held.conclusion if held.conclusion.strip() else conclusion
        begun = replace(held, started_at=held.started_at or by.at, conclusion=said)
        result = _finished(result.with_item(begun), begun, by)
    event = ItemsAdopted(at=by.at, actor=by.actor, meeting=meeting.id, items=tuple(items), conclusion=conclusion)
    return Change(result, event)


def _finished(meeting: Meeting, item: Item, by: Act) -> Meeting:
    return meeting.with_item(replace(item, phase=ItemPhase.DONE, ended_at=by.at))


def _no_vote_runs(open_question: QuestionId | None) -> None:
    if open_question is not None:
        raise QuestionOpen(question=open_question)


def note_item(meeting: Meeting, item: ItemId, text: str, digest: str, by: Act) -> Change:
    """Keep the running notes. digest: of the text, for the record. Raises MeetingWrongPhase, NotFound."""
    meeting.require(AHEAD | {Phase.CLOSED})
    noted = replace(meeting.item(item), notes=text)
    event = ItemNoted(at=by.at, actor=by.actor, meeting=meeting.id, item=item, digest=digest)
    return Change(meeting.with_item(noted), event)


def conclude_item(meeting: Meeting, item: ItemId, text: str, by: Act) -> Change:
    """Keep the chair's conclusion of an item that has begun. Raises MeetingWrongPhase, NotFound."""
    meeting.require(RUNNING | {Phase.CLOSED})
    held = meeting.item(item)
    if held.phase is ItemPhase.PENDING:
        raise MeetingWrongPhase(phase=held.phase.value)
    event = ItemConcluded(at=by.at, actor=by.actor, meeting=meeting.id, item=item, text=text)
    return Change(meeting.with_item(replace(held, conclusion=text)), event)
