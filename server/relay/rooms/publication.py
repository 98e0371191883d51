"""A track as its publisher announced it, and whether it may be heard or seen now."""

from collections.abc import Callable, Iterable
from typing import Final

from livekit.protocol.models import AudioTrackFeature, Encryption, TrackInfo, TrackSource, TrackType
from livekit.protocol.rtc import AddTrackRequest

from relay.forwarding.allocator import Meter
from relay.forwarding.demand import Demand
from relay.forwarding.forwarder import UpTrack
from relay.rooms.negotiation import FORWARDED
from relay.rooms.permission import Permission

_STREAMS: Final = {
    TrackSource.CAMERA: "camera",
    TrackSource.MICROPHONE: "camera",
    TrackSource.SCREEN_SHARE: "screen",
    TrackSource.SCREEN_SHARE_AUDIO: "screen",
}
"""Tracks of one stream name are played in time with each other."""
_MIME_TYPES: Final = {"opus": "audio/opus", "red": "audio/red", "vp8": "video/VP8", "h264": "video/H264"}
_MAX_LAYERS: Final = 3


class Publication:
    """One published track."""

    def __init__(self, sid: str, request: AddTrackRequest, ask_keyframe: Callable[[int], None]) -> None:
        is_audio = request.type == TrackType.AUDIO
        self.cid: Final = request.cid
        self.codec_cids: Final = frozenset(codec.cid for codec in request.simulcast_codecs)
        self.mid: str
        """The section it is sent in; empty until the client offered one."""
        self.codec: str
        """What it is sent with, as far as is known: opus, red, vp8, h264."""
        self.requested_at_s = 0.0
        self.announced = False
        """Others were told of it."""
        self.was_subscribed = False
        """Its owner was told that somebody receives it."""
        self.awaits_mute = False
        """The relay muted it and its owner has not said yet that it obeys."""
        self.info: Final = TrackInfo(
            sid=sid,
            type=request.type,
            name=request.name,
            muted=request.muted,
            width=request.width,
            height=request.height,
            source=request.source,
            simulcast=not is_audio and len(request.layers) > 1,
            disable_dtx=request.disable_dtx,
            stereo=request.stereo,
            disable_red=request.disable_red,
            encryption=request.encryption,
            stream=request.stream or _STREAMS.get(request.source, sid),
            audio_features=request.audio_features,
        )
        self.info.layers.extend(request.layers[:_MAX_LAYERS])
        self.info.codecs.add(cid=request.cid).layers.extend(request.layers[:_MAX_LAYERS])
        self.codecs: Final = _codecs(request)
        """What its section may be answered with, the preferred one first."""
        self.settle("", self.codecs[0])
        self.demand: Final = Demand()
        self.meter: Final = Meter()
        self.up: UpTrack = UpTrack("audio" if is_audio else "video", 1, ask_keyframe)
        self.recorded_layer = -1
        """The layer a recording asks for, whether or not somebody looks; -1 when there is none."""

    def wanted_layer(self) -> int:
        """The highest layer that a receiver or the recording wants now, -1 when none wants any or gets any."""
        if not self.up.open:
            return -1
        wanted = (0 if down.held else down.selector.ceiling for down in self.up.downs if not down.unwanted)
        return max(self.recorded_layer, *wanted, -1)

    def reachable_layer(self) -> int:
        """The highest layer that is of use as the receivers' lines are: one above what they carry.

        With that one they are tried. Without it a line would seem to carry all there is, until its limit is forgotten
        and the layer comes unasked: what was too much once would be so again and again.
        """
        selectors = (down.selector for down in self.up.downs if not (down.unwanted or down.held))
        return max(self.recorded_layer, *(min(one.ceiling, one.carried + 1) for one in selectors), 0)

    def best_layer(self, now_us: int) -> int:
        """The highest layer its publisher can send, as far as is known: it may not be asked for all of them."""
        sent = self.up.best_alive(now_us)
        return sent if sent < self.demand.told else len(self.up.layers) - 1

    def settle(self, mid: str, codec: str) -> None:
        """The section it is sent in, and the codec it is sent with."""
        self.codec = codec
        codec_info = self.info.codecs[0]
        self.mid = self.info.mid = codec_info.mid = mid
        self.info.mime_type = codec_info.mime_type = _MIME_TYPES[codec]

    def set_audio_features(self, features: Iterable[AudioTrackFeature]) -> None:
        """As its publisher changed them."""
        kept = sorted(set(features) & set(AudioTrackFeature.values()))
        self.info.audio_features[:] = kept
        self.info.stereo = AudioTrackFeature.TF_STEREO in kept
        self.info.disable_dtx = AudioTrackFeature.TF_NO_DTX in kept

    @property
    def heard_with(self) -> str:
        """The codec that a receiver must have: of redundant audio it can be given the newest frames alone."""
        return "opus" if self.codec == "red" else self.codec

    @property
    def sid(self) -> str:
        return self.info.sid

    @property
    def negotiated(self) -> bool:
        return self.mid != ""

    def gate(self, permission: Permission) -> None:
        """Open or shut the track, after anything changed: what is muted or not permitted is not forwarded."""
        self.up.set_open(permission.may_publish(self.info.source) and not self.info.muted)

    def layer_sizes(self) -> list[tuple[int, int]]:
        """Width and height in pixels, lowest layer first; one entry without simulcast."""
        sizes = sorted((layer.width, layer.height) for layer in self.info.layers)
        return sizes or [(self.info.width, self.info.height)]


def _codecs(request: AddTrackRequest) -> tuple[str, ...]:
    """What a client may send a track with; the codec it announced comes first if we forward it."""
    forwarded = FORWARDED["audio" if request.type == TrackType.AUDIO else "video"]
    if request.type == TrackType.AUDIO:
        plain = request.disable_red or request.stereo or request.encryption != Encryption.NONE
        return ("opus",) if plain else ("red", "opus")
    announced = request.simulcast_codecs[0].codec.lower() if request.simulcast_codecs else ""
    return tuple(sorted(forwarded, key=lambda name: name != announced))
