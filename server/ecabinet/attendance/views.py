"""Presence and quorum as the wire has them. Pure."""

from collections.abc import Mapping
from typing import Any

from ecabinet.kernel.events import moment_if_any, plain
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId
from ecabinet.meetings.model import Meeting
from ecabinet.register.model import Quorum

from .model import Presence, Recusal

Entry = dict[str, Any]


def presence_entry(presence: Presence) -> Entry:
    """An entry of ``presences``. Why someone is absent is not among it."""
    return {
        "id": presence.person,
        "is_connected": presence.is_connected,
        "mark": presence.mark.value if presence.mark else None,
        "is_present": presence.is_present,
        "since": moment_if_any(presence.since),
    }


def reasons_of(meeting: Meeting, presences: Mapping[PersonId, Presence]) -> dict[str, Entry]:
    """The collection ``reasons``: of participants who gave one with their answer, or of whom the roll call has one."""
    called = {person: presence.reason for person, presence in presences.items()}
    return {
        each.person: {"id": each.person, "reason": each.reason, "roll_reason": called.get(each.person)}
        for each in meeting.participants
        if each.reason or called.get(each.person)
    }


def recusal_id(item: ItemId, person: PersonId) -> str:
    """The id of an entry of ``recusals``."""
    return f"{item}:{person}"


def recusal_entry(recusal: Recusal) -> Entry:
    """An entry of ``recusals``, whole; `realtime` takes the reason out for those whom it does not concern."""
    return {
        "id": recusal_id(recusal.item, recusal.person),
        "item": recusal.item,
        "person": recusal.person,
        "is_own": recusal.by == recusal.person,
        "reason": recusal.reason,
    }


def quorum_entry(meeting: MeetingId, quorum: Quorum) -> Entry:
    """An entry of ``quorums``."""
    return {
        "id": meeting,
        "members": quorum.members,
        "present": quorum.present,
        "needed": quorum.needed,
        "is_quorate": quorum.is_quorate,
        "article": plain(quorum.article),
    }
