"""What one participant publishes: its tracks, the sections they come in, and what it is asked to send of them."""

from collections.abc import Callable, Collection
from typing import Final

from livekit.protocol.models import TrackSource, TrackType, VideoQuality
from livekit.protocol.rtc import (
    AddTrackRequest,
    MuteTrackRequest,
    SignalResponse,
    SubscribedCodec,
    SubscribedQualityUpdate,
    TrackPublishedResponse,
    TrackUnpublishedResponse,
)

from relay.forwarding.demand import HIGHEST
from relay.forwarding.quality import Arrival
from relay.rooms.ingress import IncomingSection, Ingress
from relay.rooms.negotiation import Terms, layers_upwards
from relay.rooms.permission import Permission
from relay.rooms.ports import Limits, Link, World
from relay.rooms.publication import Publication
from relay.rooms.refusal import not_allowed, too_much, unsupported
from relay.wire import rtcp
from relay.wire.sdp import Section

_REPORTS_PER_PACKET: Final = 31
_ALL: Final = 256
"""Reports count losses in parts of this."""
_MAX_NAME: Final = 256
_MAX_BYTES: Final = 8_192
"""Of what is said of a track: everybody hears it again with every change."""
_KINDS: Final = {
    TrackSource.MICROPHONE: TrackType.AUDIO,
    TrackSource.SCREEN_SHARE_AUDIO: TrackType.AUDIO,
    TrackSource.CAMERA: TrackType.VIDEO,
    TrackSource.SCREEN_SHARE: TrackType.VIDEO,
}
"""Rights are by source: who may be heard must not be seen under the name of a microphone."""
_PATIENCE_S: Final = 30.0
"""A client that announced a track and offered no section for it by then will not; it gives up itself after 15 s."""


class Publishing:
    """All tracks of one publisher. Its rights are handed in with each request: they are the participant's."""

    def __init__(self, link: Link, world: World, limits: Limits, send: Callable[[SignalResponse], None]) -> None:
        """`send` tells the client."""
        self.publications: dict[str, Publication] = {}
        self.ingress = Ingress(link.forget, link.defer)
        self.arrival: Final = Arrival()
        """How its packets come."""
        self._link = link
        self._world = world
        self._limits = limits
        self._send = send

    # --- announcing and withdrawing

    def add(self, request: AddTrackRequest, permission: Permission) -> None:
        """Announce a track; asked again for one that has no section yet, say the same. Raises Refused."""
        _check(request, permission)
        publication = next((p for p in self._pending() if p.cid == request.cid), None)
        if publication is None:
            self._make_room()
            publication = Publication(self._world.new_sid("TR"), request, self._ask_keyframe)
            publication.requested_at_s = self._world.now_s()
            publication.gate(permission)
            self.publications[publication.sid] = publication
        published = TrackPublishedResponse(cid=request.cid, track=publication.info)
        self._send(SignalResponse(track_published=published))

    def _pending(self) -> list[Publication]:
        return [publication for publication in self.publications.values() if not publication.negotiated]

    def _make_room(self) -> None:
        """Tracks that were announced and never came are given up, if that is what it takes. Raises Refused."""
        for publication in self._pending() if len(self.publications) >= self._limits.tracks else ():
            if self._world.now_s() - publication.requested_at_s > _PATIENCE_S:
                self.drop(publication)
        if len(self.publications) >= self._limits.tracks:
            raise too_much(f"more than {self._limits.tracks} tracks")

    def _ask_keyframe(self, ssrc: int) -> None:
        self._link.send_rtcp(rtcp.pack_pli(ssrc))

    def drop(self, publication: Publication) -> None:
        """The track is gone, and so is what came in its section."""
        if publication.mid:
            self.ingress.close_section(publication.mid)
        self.publications.pop(publication.sid, None)
        self._send(SignalResponse(track_unpublished=TrackUnpublishedResponse(track_sid=publication.sid)))

    # --- sections

    def withdrawn(self, sending: Collection[str]) -> list[Publication]:
        """The tracks whose section no longer sends: that is how a client unpublishes."""
        return [p for p in self.publications.values() if p.mid and p.mid not in sending]

    def receive_in(self, section: Section, terms: Terms, publication: Publication) -> None:
        """Take up a track in the section that carries it."""
        publication.up.codecs = {number: name for name, number in terms.payload_types.items()}
        publication.up.extensions = {number: uri for uri, number in terms.extensions.items()}
        if not publication.negotiated:
            layers = layers_upwards(section.layers)
            publication.settle(section.mid, terms.codecs[0].name)
            publication.up.layers = [None] * max(1, len(layers))
            incoming = IncomingSection(publication.up, layers, terms.repairs, section.ssrcs)
            self.ingress.open_section(section.mid, incoming)

    def match(self, section: Section) -> Publication | None:
        """The announced track that a section carries: by section, by client id, or the first one of its kind."""
        candidates = [p for p in self.publications.values() if p.up.kind == section.kind]
        for publication in candidates:
            if publication.mid == section.mid:
                return publication
        pending = [publication for publication in self._pending() if publication.up.kind == section.kind]
        for publication in pending:
            if section.track_id and section.track_id in {publication.cid, *publication.codec_cids}:
                return publication
        return pending[0] if pending else None

    # --- muting

    def on_mute(self, sid: str, *, muted: bool, permission: Permission) -> bool:
        """The client mutes or unmutes a track of its own; whether that changed anything."""
        publication = self.publications.get(sid)
        if publication is None:
            return False
        if muted:
            publication.awaits_mute = False
        elif publication.awaits_mute or not permission.may_publish(publication.info.source):
            # A message that crossed ours, or one without the right: the relay's word stands.
            self._send(SignalResponse(mute=MuteTrackRequest(sid=sid, muted=True)))
            return False
        return self._set_muted(publication, muted=muted, permission=permission)

    def mute(self, publication: Publication, permission: Permission) -> bool:
        """The relay mutes: nothing is forwarded from now on, and the client is told. Whether that changed anything."""
        publication.awaits_mute = not publication.info.muted
        self._send(SignalResponse(mute=MuteTrackRequest(sid=publication.sid, muted=True)))
        return self._set_muted(publication, muted=True, permission=permission)

    def _set_muted(self, publication: Publication, *, muted: bool, permission: Permission) -> bool:
        if publication.info.muted == muted:
            return False
        publication.info.muted = muted
        publication.gate(permission)
        return True

    def obey(self, permission: Permission) -> bool:
        """New rights: what is not permitted any more is muted at once. Whether anything was."""
        changed = False
        for publication in self.publications.values():
            if not permission.may_publish(publication.info.source):
                changed |= self.mute(publication, permission)
            publication.gate(permission)
        return changed

    # --- what is wanted of it

    def tell_demand(self, publication: Publication) -> None:
        """Have the client send the layers that are wanted, and no others; clients without dynacast ignore it."""
        if publication.up.kind != "video" or not publication.negotiated:
            return
        wanted, reachable = publication.wanted_layer(), publication.reachable_layer()
        if wanted >= 0 and not publication.info.simulcast:
            wanted = reachable = HIGHEST  # clients differ in how they call the only layer there is
        highest = publication.demand.update(wanted, self._world.now_s(), reachable)
        if highest is not None:
            self._ask_for(publication, highest)

    def _ask_for(self, publication: Publication, highest: int) -> None:
        codec = SubscribedCodec(codec=publication.codec)
        for quality in (VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH):
            codec.qualities.add(quality=quality, enabled=quality <= highest)
        update = SubscribedQualityUpdate(track_sid=publication.sid, subscribed_codecs=[codec])
        self._send(SignalResponse(subscribed_quality_update=update))

    def repeat(self) -> None:
        """Say again what is wanted of the client, which may have missed it."""
        for publication in self.publications.values():
            if publication.awaits_mute:
                self._send(SignalResponse(mute=MuteTrackRequest(sid=publication.sid, muted=True)))
            if publication.up.kind == "video" and publication.negotiated:
                self._ask_for(publication, publication.demand.told)

    # --- time passes

    def shortfalls(self) -> list[int]:
        """By how many layers each video that is wanted comes short."""
        now_us = self._world.wall_us()
        short = []
        for publication in self.publications.values():
            up = publication.up
            wanted = min(publication.wanted_layer(), publication.demand.told, len(up.layers) - 1)
            if up.kind == "video" and up.open and wanted >= 0:
                short.append(wanted - up.best_alive(now_us))
        return [max(0, layers) for layers in short]

    def tick(self) -> None:
        """Every 50 ms: feedback to the publisher's congestion control, requests for lost packets."""
        if not self.publications:
            return
        if (feedback := self.ingress.arrivals.feedback()) is not None:
            self._link.send_rtcp(feedback)
        for up, layer in self.ingress.layers():
            if up.kind != "video" or not layer.watched:
                layer.reception.give_up()
            elif missing := layer.reception.missing(self._world.wall_us()):
                self._link.send_rtcp(rtcp.pack_nack(layer.ssrc, missing))

    def report(self) -> None:
        """Every second: how its streams arrive here."""
        now_us = self._world.wall_us()
        reports = []
        for up, layer in self.ingress.layers():
            if (report := layer.reception.report(now_us)) is not None:
                reports.append(report)
                layer.cache.sweep()
                if layer.is_alive(now_us):
                    self.arrival.add(_ALL, report.fraction_lost, report.jitter / up.clock_rate_hz)
        for begin in range(0, len(reports), _REPORTS_PER_PACKET):
            self._link.send_rtcp(rtcp.pack_receiver_report(reports[begin : begin + _REPORTS_PER_PACKET]))


def _check(request: AddTrackRequest, permission: Permission) -> None:
    """Whether a track of this kind may be published at all. Raises Refused."""
    if not permission.may_publish(request.source):
        raise not_allowed("may not publish this source")
    if request.type not in (TrackType.AUDIO, TrackType.VIDEO):
        raise unsupported("neither audio nor video")
    if _KINDS.get(request.source, request.type) != request.type:
        raise not_allowed("not what comes from this source")
    if max(len(request.name), len(request.cid), len(request.stream)) > _MAX_NAME:
        raise too_much(f"a name has more than {_MAX_NAME} characters")
    if request.ByteSize() > _MAX_BYTES:
        raise too_much(f"what is said of a track has more than {_MAX_BYTES} bytes")
