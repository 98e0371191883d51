"""What the chair means to put on an item, in which order: parts and amendments before the whole. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, PlanId, QuestionId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, ItemPhase, Meeting, MeetingWrongPhase
from ecabinet.register.model import Matter

from .asking import LABEL_LIMIT, TEXT_LIMIT, check_alternatives
from .events import PlanChanged
from .model import (
    Kind,
    Method,
    NotAsPlanned,
    PartsFirst,
    Phase,
    PlanIsPut,
    Planned,
    Question,
    QuestionInvalid,
    WholeIsDecided,
)
from .proposals import Proposal

PLANS_LIMIT = 50
BEFORE_THE_WHOLE = frozenset({Kind.PART, Kind.AMENDMENT})
PLANNABLE = BEFORE_THE_WHOLE | {Kind.WHOLE}


@dataclass(frozen=True, slots=True)
class Draft:
    """One line of a plan as the chair writes it."""

    kind: Kind
    text: str
    method: Method
    matter: Matter
    options: tuple[str, ...] = ()
    id: PlanId | None = None
    """None for a new one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plan stands."""

    meeting: Meeting
    item: ItemId
    held: tuple[Planned, ...]
    """What is planned on the item until now, by position."""


def change_plan(place: Place, drafts: Sequence[Draft], new: Iterable[PlanId], by: Act) -> PlanChanged:
    """Another plan for an item that is not done. What was put keeps its place and its words at the head.

    new  ids for the lines that have none, at least as many

    Raises MeetingWrongPhase, NotFound, QuestionInvalid.
    """
    _require_open(place)
    held = {each.id: each for each in place.held}
    named = [each.id for each in drafts if each.id is not None]
    if len(set(named)) != len(named) or not set(named) <= held.keys():
        raise NotFound()
    ids = iter(new)
    put = [each for each in place.held if each.question is not None]
    waiting = [each for each in drafts if each.id is None or held[each.id].question is None]
    if len(put) + len(waiting) > PLANS_LIMIT:
        raise QuestionInvalid(reason="number_of_plans", most=PLANS_LIMIT)
    for each in waiting:
        _check(each)
    planned = [
        Planned(
            id=each.id or next(ids),
            meeting=place.meeting.id,
            item=place.item,
            position=0,
            kind=each.kind,
            text=each.text.strip(),
            method=each.method,
            matter=each.matter,
            options=each.options,
        )
        for each in waiting
    ]
    return _changed(place, [*put, *planned], by)


def drop(place: Place, plan: PlanId, by: Act) -> PlanChanged:
    """Leave a line out. Raises MeetingWrongPhase, NotFound, PlanIsPut."""
    _require_open(place)
    dropped = named(place.held, plan)
    if dropped.question is not None:
        raise PlanIsPut(question=dropped.question)
    return _changed(place, [each for each in place.held if each.id != plan], by)


def forget(place: Place, by: Act) -> PlanChanged:
    """The item leaves the agenda."""
    return _changed(place, [], by)


def put(place: Place, plan: PlanId, question: QuestionId | None, by: Act) -> PlanChanged:
    """A line was put by this question; None: the question was called off and the line waits again."""
    now = [replace(each, question=question) if each.id == plan else each for each in place.held]
    return _changed(place, now, by)


def named(held: Sequence[Planned], plan: PlanId) -> Planned:
    """Raises NotFound."""
    for each in held:
        if each.id == plan:
            return each
    raise NotFound()


def check_parts(planned: Sequence[Planned], earlier: Sequence[Question], plan: PlanId | None = None) -> None:
    """Whether the whole may be put: each part and amendment was decided, or dropped from the plan.

    plan  the line that is being put, if it is one

    Raises PartsFirst.
    """
    decided = {each.id for each in earlier if is_decided(each)}
    waiting = [
        each.id
        for each in planned
        if each.kind in BEFORE_THE_WHOLE and each.id != plan and each.question not in decided
    ]
    if waiting:
        raise PartsFirst(plans=waiting)


def check_as_planned(proposal: Proposal, planned: Sequence[Planned]) -> None:
    """Whether a planned question is what the plan says: else a part would be decided by a vote on something else.

    Raises NotFound, NotAsPlanned.
    """
    if proposal.plan is None or proposal.repeats is not None:
        return
    line = named(planned, proposal.plan)
    differs = {
        "text": _plainly(proposal.text) != _plainly(line.text),
        "method": proposal.method is not line.method,
        "matter": proposal.matter is not line.matter,
        "options": [*map(_plainly, proposal.alternatives)] != [*map(_plainly, line.options)],
        "items": bool(proposal.items),
        "motion": proposal.motion is not None,
        "board": proposal.board is not None,
    }
    if any(differs.values()):
        raise NotAsPlanned(fields=[field for field, is_other in differs.items() if is_other])


def _plainly(text: str) -> str:
    return normalize("NFC", text.strip())


def check_whole(part: Question, all_of_them: Iterable[Question]) -> None:
    """Whether a part or an amendment may be put again: not once the whole was voted on after it and that vote stands.

    Raises WholeIsDecided.
    """
    if part.kind not in BEFORE_THE_WHOLE:
        return
    for each in all_of_them:
        is_whole = each.kind is Kind.WHOLE and each.motion is None and each.board is None
        if is_whole and each.item == part.item and each.number > part.number and each.phase is Phase.CLOSED:
            raise WholeIsDecided(question=each.id)


def is_decided(question: Question) -> bool:
    """Closed, and no tie waits for anybody: where nobody may settle it, nothing more will come of it."""
    return question.phase is Phase.CLOSED and not question.waits_for_settler


def _require_open(place: Place) -> None:
    place.meeting.require(meetings.AHEAD)
    held = place.meeting.item(place.item)
    if held.phase is ItemPhase.DONE:
        raise MeetingWrongPhase(phase=held.phase.value)


def _check(draft: Draft) -> None:
    if draft.kind not in PLANNABLE:
        raise QuestionInvalid(reason="kind_is_not_planned")
    if not draft.text.strip():
        raise QuestionInvalid(reason="text_missing")
    if len(draft.text) > TEXT_LIMIT or any(len(each) > LABEL_LIMIT for each in draft.options):
        raise QuestionInvalid(reason="too_long", limit=TEXT_LIMIT)
    if draft.method not in {Method.APPROVAL, Method.CHOICE}:
        raise QuestionInvalid(reason="method_is_not_planned")
    if draft.method is Method.CHOICE:
        check_alternatives(draft.options)
    elif draft.options:
        raise QuestionInvalid(reason="alternatives_without_choice")


def _changed(place: Place, planned: Sequence[Planned], by: Act) -> PlanChanged:
    numbered = tuple(replace(each, position=position) for position, each in enumerate(planned, start=1))
    left = {each.id for each in planned}
    return PlanChanged(
        item=place.item,
        plans=numbered,
        dropped=tuple(each.id for each in place.held if each.id not in left),
        at=by.at,
        actor=by.actor,
        meeting=place.meeting.id,
    )
