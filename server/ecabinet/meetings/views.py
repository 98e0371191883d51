"""Meetings as the wire has them. Pure: models in, JSON-ready entries out, exactly as docs/protocol.md lists them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from typing_extensions import TypedDict

from ecabinet.kernel.access import Role
from ecabinet.kernel.events import moment, moment_if_any, plain
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.register.model import Body, Citation, RuleProfile

from .model import Answer, Item, ItemType, Meeting, PapersDue, Participant, Phase
from .seating import roles_of, seat_of

Entry = dict[str, Any]
DECIDING = frozenset({ItemType.DECISION, ItemType.CHOICE})


@dataclass(frozen=True, slots=True)
class Setting:
    """What a meeting's entry says of the body and its rules."""

    body: Body
    profile: RuleProfile
    papers_due: PapersDue | None
    """As stored since the invitations went out, or as it would be now."""


class Card(TypedDict):
    """A meeting in a list, as one of its participants sees it."""

    id: str
    body: str
    body_name: str
    title: str
    kind: str
    mode: str
    place: str
    starts_at: str
    ends_at: str
    phase: str
    role: str
    answer: str
    items: int
    votes: int
    beads: list[int]
    bead_phases: list[str]
    chair_name: str | None
    late_papers: int


class Waiting(TypedDict):
    """Something a person has still to do."""

    kind: str
    meeting: str | None
    body: str
    slip: str | None
    title: str
    body_name: str
    due_at: str | None


class Cards(TypedDict):
    """Meetings by start."""

    meetings: list[Card]


class Desk(TypedDict):
    """What someone sees first."""

    now: str
    meetings: list[Card]
    waiting: list[Waiting]


# --- the view of a meeting ---


def meeting_entry(meeting: Meeting, setting: Setting) -> Entry:
    """An entry of ``meetings``."""
    current, due = meeting.current_item, setting.papers_due
    return {
        "id": meeting.id,
        "body": meeting.body,
        "body_name": setting.body.name,
        "unit_name": setting.body.unit,
        "salutation": setting.body.salutation,
        "title": meeting.title,
        "kind": meeting.kind.value,
        "mode": meeting.mode.value,
        "place": meeting.place,
        "starts_at": moment(meeting.starts_at),
        "ends_at": moment(meeting.ends_at),
        "phase": meeting.phase.value,
        "convened_at": moment_if_any(meeting.convened_at),
        "opened_at": moment_if_any(meeting.opened_at),
        "closed_at": moment_if_any(meeting.closed_at),
        "current_item": current.id if current else None,
        "floor_controls_microphone": meeting.floor_controls_microphone,
        "papers_due_at": moment_if_any(due.at if due else None),
        "papers_due_article": plain(due.article) if due else None,
        "profile": {
            "id": setting.profile.id,
            "name": setting.profile.name.vi,
            "is_binding": setting.profile.binding,
            "recording": _basis(setting.profile.recording),
        },
        "cancel_reason": meeting.cancel_reason,
    }


def _basis(rule: Citation | None) -> Entry | None:
    return {"text": plain(rule.text), "article": plain(rule.label())} if rule else None


def item_entry(item: Item) -> Entry:
    """An entry of ``items``. The notes are not among it."""
    return {
        "id": item.id,
        "position": item.position,
        "title": item.title,
        "type": item.type.value,
        "presenter": item.presenter,
        "minutes": item.minutes,
        "phase": item.phase.value,
        "started_at": moment_if_any(item.started_at),
        "ended_at": moment_if_any(item.ended_at),
        "conclusion": item.conclusion,
    }


def note_entry(item: Item) -> Entry:
    """An entry of ``notes``."""
    return {"id": item.id, "text": item.notes}


def participant_entry(participant: Participant) -> Entry:
    """An entry of ``participants``. The reason of an absence is not among it."""
    return {
        "id": participant.person,
        "name": participant.name,
        "post": participant.post,
        "role": participant.role.value,
        "order": participant.order,
        "votes": participant.votes,
        "items": None if participant.items is None else sorted(participant.items),
        "stands_in_for": participant.stands_in_for,
        "answer": participant.answer.value,
        "answered_at": moment_if_any(participant.answered_at),
    }


def items_of(meeting: Meeting) -> dict[str, Entry]:
    """The collection ``items``."""
    return {item.id: item_entry(item) for item in meeting.items}


def notes_of(meeting: Meeting) -> dict[str, Entry]:
    """The collection ``notes``: of items that have some."""
    return {item.id: note_entry(item) for item in meeting.items if item.notes}


def participants_of(meeting: Meeting) -> dict[str, Entry]:
    """The collection ``participants``."""
    return {each.person: participant_entry(each) for each in meeting.participants}


# --- lists ---


def knows_of(meeting: Meeting, person: PersonId) -> bool:
    """Whether a participant may know of the meeting yet."""
    return bool(roles_of(seat_of(meeting, person)))


def card(meeting: Meeting, person: PersonId, body: Body, late_papers: int) -> Card:
    """The meeting in a participant's list. A guest is shown the items he is asked for, and no more."""
    mine, chair = meeting.participant(person), meeting.chair
    shown = [item for item in meeting.items if mine.items is None or item.id in mine.items]
    return {
        "id": meeting.id,
        "body": meeting.body,
        "body_name": body.name,
        "title": meeting.title,
        "kind": meeting.kind.value,
        "mode": meeting.mode.value,
        "place": meeting.place,
        "starts_at": moment(meeting.starts_at),
        "ends_at": moment(meeting.ends_at),
        "phase": meeting.phase.value,
        "role": mine.role.value,
        "answer": mine.answer.value,
        "items": len(shown),
        "votes": sum(item.type in DECIDING for item in shown),
        "beads": [item.minutes for item in shown],
        "bead_phases": [item.phase.value for item in shown],
        "chair_name": chair.name if chair else None,
        "late_papers": late_papers if mine.items is None else 0,
    }


def wanted(meeting: Meeting, person: PersonId, *, has_minutes: bool) -> str | None:
    """What this meeting wants of a participant: "prepare", "invitation", "minutes", or nothing."""
    mine = meeting.participant(person)
    prepares = mine.role is Role.SECRETARY or mine.prepares
    if meeting.phase is Phase.DRAFT:
        return "prepare" if prepares else None
    if meeting.phase is Phase.CLOSED:
        return "minutes" if prepares and not has_minutes else None
    asked = mine.role is not Role.SECRETARY or mine.votes
    is_asked = meeting.phase is not Phase.CANCELLED and mine.answer is Answer.PENDING and asked
    return "invitation" if is_asked else None


def waiting(meeting: Meeting, kind: str, setting: Setting) -> Waiting:
    """What is `wanted`, and by when: an answer before the meeting starts, a draft before its papers are due; no rule
    sets a time for minutes."""
    due = None
    if kind == "invitation":
        due = meeting.starts_at
    elif kind == "prepare":
        due = setting.papers_due.at if setting.papers_due else meeting.starts_at
    return {
        "kind": kind,
        "meeting": meeting.id,
        "body": meeting.body,
        "slip": None,
        "title": meeting.title,
        "body_name": setting.body.name,
        "due_at": moment_if_any(due),
    }


def by_urgency(found: Iterable[Waiting]) -> list[Waiting]:
    """What is due first comes first, what has no time last."""

    def urgency(each: Waiting) -> tuple[bool, str, str]:
        return (each["due_at"] is None, each["due_at"] or "", each["meeting"] or each["slip"] or "")

    return sorted(found, key=urgency)


def ids_of(meetings: Iterable[Meeting]) -> frozenset[MeetingId]:
    """Their ids."""
    return frozenset(meeting.id for meeting in meetings)
