"""Presence and quorum as the wire has them. Pure."""

from typing import Any

from ecabinet.kernel.events import moment, plain
from ecabinet.kernel.ids import MeetingId
from ecabinet.register.model import Quorum

from .model import Presence

Entry = dict[str, Any]


def presence_entry(presence: Presence) -> Entry:
    """An entry of ``presences``."""
    return {
        "id": presence.person,
        "is_connected": presence.is_connected,
        "mark": presence.mark.value if presence.mark else None,
        "reason": presence.reason,
        "is_present": presence.is_present,
        "since": moment(presence.since) if presence.since else None,
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
