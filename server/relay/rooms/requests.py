"""What clients ask for, one function for each kind of request.

Kinds that are not listed are ignored, as LiveKit's own sides do with what they do not know: `answer` (we never offer),
`trickle` (we are ICE-lite and learn addresses from checks), `update_layers` (withdrawn from the protocol),
`update_data_subscription` (there are no data tracks to subscribe to).
"""

from collections.abc import Callable
from typing import Final

from livekit.protocol.models import DisconnectReason
from livekit.protocol.rtc import (
    LeaveRequest,
    Pong,
    RequestResponse,
    SignalRequest,
    SignalResponse,
    SyncState,
    UpdateSubscription,
)

from relay.rooms.audience import Audience, entries
from relay.rooms.peer import MAX_NAMED, NAMED_PER_S, Peer
from relay.rooms.refusal import Refused, not_allowed, not_found, too_much, unsupported
from relay.rooms.room import Room
from relay.rooms.simulation import simulate
from relay.rooms.wishes import Setting

_ENTRY_BYTES: Final = 64


def carry_out(room: Room, peer: Peer, request: SignalRequest) -> None:
    """Do what a client asks, or tell it why not. Raises Malformed."""
    act = _REQUESTS.get(request.WhichOneof("message") or "")
    if act is None:
        return
    try:
        act(room, peer, request)
    except Refused as refused:
        peer.send(refused.to_proto(request))


# --- being there


def _ping(room: Room, peer: Peer, request: SignalRequest) -> None:
    peer.send(SignalResponse(pong=room.wall_ms()))


def _ping_req(room: Room, peer: Peer, request: SignalRequest) -> None:
    pong = Pong(last_ping_timestamp=request.ping_req.timestamp, timestamp=room.wall_ms())
    peer.send(SignalResponse(pong_resp=pong))


def _leave(room: Room, peer: Peer, request: SignalRequest) -> None:
    room.remove(peer, DisconnectReason.CLIENT_INITIATED, LeaveRequest.DISCONNECT)


def _sync_state(room: Room, peer: Peer, request: SignalRequest) -> None:
    sync(room, peer, request.sync_state)


def sync(room: Room, peer: Peer, state: SyncState) -> None:
    """After a resume: what the client believes. Where it publishes what we do not know, it must begin anew."""
    published = {response.track.sid for response in state.publish_tracks}
    if not published <= peer.publications.keys() or state.publish_data_tracks:
        room.remove(peer, DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)
        return
    wanted = _listed(state.subscription)
    _count(room, peer, len(wanted) + len(state.track_sids_disabled))
    room.distribution.disable(peer, state.track_sids_disabled)
    room.distribution.want(peer, wanted, wanted=state.subscription.subscribe)


# --- publishing


def _offer(room: Room, peer: Peer, request: SignalRequest) -> None:
    peer.on_offer(request.offer)


def _add_track(room: Room, peer: Peer, request: SignalRequest) -> None:
    peer.add_track(request.add_track)


def _mute(room: Room, peer: Peer, request: SignalRequest) -> None:
    muted = request.mute.muted
    publication = peer.publications.get(request.mute.sid)
    if publication is None:
        raise not_found("no such track of yours")
    peer.on_mute(publication.sid, muted=muted)
    if not muted and not peer.permission.may_publish(publication.info.source):
        raise not_allowed("may not publish this source")


def _update_audio_track(room: Room, peer: Peer, request: SignalRequest) -> None:
    update = request.update_audio_track
    publication = peer.publications.get(update.track_sid)
    if publication is None:
        raise not_found("no such track of yours")
    publication.set_audio_features(update.features)
    peer.touch()
    room.changed(peer)


def _update_video_track(room: Room, peer: Peer, request: SignalRequest) -> None:
    update = request.update_video_track
    publication = peer.publications.get(update.track_sid)
    if publication is None:
        raise not_found("no such track of yours")
    publication.info.width, publication.info.height = update.width, update.height
    peer.touch()
    room.changed(peer)


def _subscription_permission(room: Room, peer: Peer, request: SignalRequest) -> None:
    asked = request.subscription_permission
    _count(room, peer, entries(asked))
    if asked.ByteSize() > MAX_NAMED * _ENTRY_BYTES:
        raise too_much(f"more than {MAX_NAMED * _ENTRY_BYTES} bytes")
    room.set_audience(peer, Audience.from_proto(asked))


# --- receiving


def _subscription(room: Room, peer: Peer, request: SignalRequest) -> None:
    update = request.subscription
    sids = _listed(update)
    _count(room, peer, len(sids))
    room.distribution.want(peer, sids, wanted=update.subscribe)


def _listed(update: UpdateSubscription) -> list[str]:
    """Tracks come in one list, or grouped by publisher, or both: clients differ."""
    return [*update.track_sids, *(sid for tracks in update.participant_tracks for sid in tracks.track_sids)]


def _count(room: Room, peer: Peer, named: int) -> None:
    """A request names so many tracks and participants. Raises Refused."""
    if not peer.named.take(room.now_s(), named):
        raise too_much(f"more than {MAX_NAMED} tracks or participants named at once, or {NAMED_PER_S:.0f} a second")


def _track_setting(room: Room, peer: Peer, request: SignalRequest) -> None:
    asked = request.track_setting
    _count(room, peer, len(asked.track_sids))
    setting = Setting(asked.disabled, asked.quality, asked.width, asked.height, asked.fps, asked.priority)
    room.distribution.set_setting(peer, asked.track_sids, setting)


# --- oneself


def _update_metadata(room: Room, peer: Peer, request: SignalRequest) -> None:
    update = request.update_metadata
    if not peer.permission.can_update_metadata:
        raise not_allowed("may not change its own name, metadata and attributes")
    room.set_profile(peer, update.name, update.metadata, update.attributes)
    done = RequestResponse(request_id=update.request_id, reason=RequestResponse.OK)
    peer.send(SignalResponse(request_response=done))


# --- what we do not have


def _not_carried(room: Room, peer: Peer, request: SignalRequest) -> None:
    raise unsupported("no data goes through this relay")


def _simulate(room: Room, peer: Peer, request: SignalRequest) -> None:
    simulate(room, peer, request.simulate)


_REQUESTS: Final[dict[str, Callable[[Room, Peer, SignalRequest], None]]] = {
    "ping": _ping,
    "ping_req": _ping_req,
    "leave": _leave,
    "sync_state": _sync_state,
    "offer": _offer,
    "add_track": _add_track,
    "mute": _mute,
    "update_audio_track": _update_audio_track,
    "update_video_track": _update_video_track,
    "subscription_permission": _subscription_permission,
    "subscription": _subscription,
    "track_setting": _track_setting,
    "update_metadata": _update_metadata,
    "publish_data_track_request": _not_carried,
    "unpublish_data_track_request": _not_carried,
    "store_data_blob_request": _not_carried,
    "get_data_blob_request": _not_carried,
    "simulate": _simulate,
}
