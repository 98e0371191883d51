"""Failures on request, so that who writes a client can see how it comes through; off unless a setting allows it."""

from typing import Final

from livekit.protocol.models import DisconnectReason
from livekit.protocol.rtc import LeaveRequest, SimulateScenario

from relay.rooms.peer import Peer
from relay.rooms.refusal import not_allowed, unsupported
from relay.rooms.room import Room

_MAX_SPEECH_S: Final = 60


def simulate(room: Room, peer: Peer, scenario: SimulateScenario) -> None:
    """Raises Refused."""
    if not peer.may_simulate:
        raise not_allowed("nothing is simulated here")
    kind = scenario.WhichOneof("scenario")
    if kind == "speaker_update":
        room.pretend_speech(peer, min(scenario.speaker_update, _MAX_SPEECH_S))
    elif kind == "node_failure":
        peer.hang_up()
        room.remove(peer, DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)
    elif kind == "migration":
        room.remove(peer, DisconnectReason.MIGRATION, LeaveRequest.RECONNECT)
    elif kind == "server_leave":
        room.remove(peer, DisconnectReason.SERVER_SHUTDOWN, LeaveRequest.DISCONNECT)
    elif kind == "leave_request_full_reconnect":
        room.remove(peer, DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)
    elif kind in ("disconnect_signal_on_resume", "disconnect_signal_on_resume_no_messages"):
        peer.fails_next_resume = kind
    else:
        raise unsupported("this is not simulated here")
