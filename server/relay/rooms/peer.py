"""One participant: its negotiation, what it publishes, what it receives."""

from collections.abc import Mapping
from typing import Final, Protocol

from livekit.protocol.models import DisconnectReason, ParticipantInfo, TrackType, VideoQuality
from livekit.protocol.rtc import (
    AddTrackRequest,
    LeaveRequest,
    MediaSectionsRequirement,
    MuteTrackRequest,
    RequestResponse,
    SessionDescription,
    SignalResponse,
    SubscribedCodec,
    SubscribedQualityUpdate,
    TrackPublishedResponse,
    TrackUnpublishedResponse,
)

from relay.forwarding.forwarder import DownTrack
from relay.rooms.audience import Audience
from relay.rooms.ingress import IncomingSection, Ingress
from relay.rooms.negotiation import Terms, accept, answer_section, layers_upwards, opus_parameters
from relay.rooms.permission import Permission
from relay.rooms.ports import Link, Outbox, Surroundings
from relay.rooms.publication import Publication
from relay.rooms.subscription import Subscription, Subscriptions
from relay.tokens import RENEWED_S, Claims
from relay.wire import Malformed, rtcp
from relay.wire.sdp import AnswerSection, Offer, Section, parse_offer, write_answer

_ASK_AGAIN_S: Final = 3.0
"""A client that did not answer a request for sections is asked again."""
_REPORTS_PER_PACKET: Final = 31

State = ParticipantInfo.State


class Observer(Protocol):
    """What the room wants to know of its participants."""

    def media_up(self, peer: "Peer") -> None: ...
    def media_down(self, peer: "Peer") -> None: ...
    def track_added(self, peer: "Peer", publication: Publication) -> None: ...
    def track_removed(self, peer: "Peer", publication: Publication) -> None: ...
    def changed(self, peer: "Peer") -> None: ...


class Peer:
    """A participant in a room; also the listener of its link."""

    def __init__(
        self,
        info: ParticipantInfo,
        claims: Claims,
        outbox: Outbox,
        observer: Observer,
        surroundings: Surroundings,
    ) -> None:
        self.info: Final = info
        self.permission = claims.permission
        self.outbox: Outbox | None = outbox
        self.publications: dict[str, Publication] = {}
        self.audience = Audience()
        self.auto_subscribe = True
        self.joined_at_s: Final = surroundings.world.now_s()
        self.signal_lost_at_s: float | None = None
        """Since when there is no signalling connection; None while there is one."""
        self.closed = False
        self._claims = claims
        self._renew = surroundings.renew
        self._renewed_at_s = 0.0
        self._observer = observer
        self._world = surroundings.world
        self._limits = surroundings.limits
        self.link: Link = surroundings.open_link(self)
        self._ingress = Ingress(self.link.forget)
        self.subscriptions = Subscriptions(self.link, surroundings.world)
        self._offer: Offer | None = None
        self._answers = 0
        self._asked_at_s: float | None = None
        self._sections_at_once = 0

    @property
    def identity(self) -> str:
        return self.info.identity

    @property
    def sid(self) -> str:
        return self.info.sid

    @property
    def active(self) -> bool:
        """Whether media can flow."""
        return self.link.up and not self.closed

    # --- signalling

    def send(self, response: SignalResponse) -> None:
        if self.outbox is not None:
            self.outbox.put(response)

    def describe(self) -> ParticipantInfo:
        """What others are told, as of now."""
        info = ParticipantInfo()
        info.CopyFrom(self.info)
        info.permission.CopyFrom(self.permission.to_proto())
        info.is_publisher = bool(self.publications)
        info.tracks.extend(publication.info for publication in self.publications.values())
        return info

    def set_profile(self, name: str, metadata: str, attributes: Mapping[str, str]) -> None:
        """What others see of it; empty texts change nothing, an empty attribute is removed."""
        self.info.name = name or self.info.name
        self.info.metadata = metadata or self.info.metadata
        for key, value in attributes.items():
            if value:
                self.info.attributes[key] = value
            else:
                self.info.attributes.pop(key, None)
        self.touch()

    def touch(self) -> None:
        """Something others are told changed; clients drop what is not newer than what they have."""
        self.info.version += 1

    def renew_token(self) -> None:
        """Give the client a token to come back with; also after its rights changed, so that it keeps the new ones."""
        self._renewed_at_s = self._world.now_s()
        self.send(SignalResponse(refresh_token=self._renew(self._claims, self.permission)))

    def leave(self, reason: DisconnectReason, action: LeaveRequest.Action) -> None:
        """Tell the client that it is out, and hang up."""
        can_reconnect = action != LeaveRequest.DISCONNECT
        self.send(SignalResponse(leave=LeaveRequest(can_reconnect=can_reconnect, reason=reason, action=action)))
        self.info.disconnect_reason = reason
        if self.outbox is not None:
            self.outbox.close()
            self.outbox = None

    def close(self) -> None:
        """End its media; idempotent, and tells nobody."""
        if self.closed:
            return
        self.closed = True
        self.info.state = State.DISCONNECTED
        self.subscriptions.clear()
        self.link.close()

    # --- negotiation: the client offers, we answer

    def on_offer(self, offer: SessionDescription) -> None:
        """Answer an offer at once. Raises Malformed, and then nothing changed."""
        parsed = parse_offer(offer.sdp, max_bytes=self._limits.sdp_bytes, max_sections=self._limits.sections)
        self._follow_transport(parsed)
        self._asked_at_s = None
        self._close_withdrawn(parsed)
        self.subscriptions.place(parsed.sections)
        sections = {section.mid: section for section in parsed.sections}
        answers = [self._answer(section) for section in parsed.sections]
        self._answers += 1
        sdp = write_answer(self._answers, self.link.credentials, answers)
        answer = SessionDescription(type="answer", sdp=sdp, id=offer.id)
        answer.mid_to_track_id.update(self.subscriptions.track_by_mid())
        self.send(SignalResponse(answer=answer))
        self.subscriptions.answered(sections)
        for publication in [p for p in self.publications.values() if p.mid in sections and not p.announced]:
            publication.announced = True
            self._observer.track_added(self, publication)
        self.ask_sections()

    def _follow_transport(self, offer: Offer) -> None:
        if self._offer is None:
            self.link.start(offer.fingerprint)
        elif offer.fingerprint != self._offer.fingerprint:
            raise Malformed("another certificate in the same session")
        elif offer.ufrag != self._offer.ufrag:
            self.link.restart()
        self._offer = offer

    def _close_withdrawn(self, offer: Offer) -> None:
        """A section that no longer sends is how a client unpublishes."""
        sending = {section.mid for section in offer.sections if section.sends}
        for publication in list(self.publications.values()):
            if publication.mid and publication.mid not in sending:
                self._ingress.close_section(publication.mid)
                self._drop(publication)

    def _answer(self, section: Section) -> AnswerSection:
        if section.kind == "application":
            return answer_section(section, Terms((), {}), receives=False, sending=None, opus="")
        terms = accept(section)
        publication = self._match(section) if section.sends and terms.codecs else None
        if publication is not None:
            self._receive_in(section, terms, publication)
        if terms.codecs:
            self._ingress.configure(terms.extensions)
        sending = self.subscriptions.negotiated(section.mid, terms)
        stereo = publication is not None and publication.info.stereo
        dtx = publication is None or not publication.info.disable_dtx
        opus = opus_parameters(dtx=dtx, stereo=stereo)
        return answer_section(section, terms, receives=publication is not None, sending=sending, opus=opus)

    def _match(self, section: Section) -> Publication | None:
        """The announced track that a section carries: by section, by client id, or the first one of its kind."""
        candidates = [p for p in self.publications.values() if p.up.kind == section.kind]
        for publication in candidates:
            if publication.mid == section.mid:
                return publication
        pending = [publication for publication in candidates if not publication.negotiated]
        for publication in pending:
            if section.track_id and section.track_id in {publication.cid, *publication.codec_cids}:
                return publication
        return pending[0] if pending else None

    def _receive_in(self, section: Section, terms: Terms, publication: Publication) -> None:
        publication.up.codecs = {number: name for name, number in terms.payload_types.items()}
        publication.up.extensions = {number: uri for uri, number in terms.extensions.items()}
        if publication.negotiated:
            return
        layers = layers_upwards(section.layers)
        publication.mid = publication.info.mid = publication.info.codecs[0].mid = section.mid
        publication.up.layers = [None] * max(1, len(layers))
        incoming = IncomingSection(publication.up, layers, terms.repairs, section.ssrcs)
        self._ingress.open_section(section.mid, incoming)

    def ask_sections(self) -> None:
        """Have the client offer again, with a section for every track that waits for one."""
        if self._asked_at_s is not None or not self.active or self.outbox is None:
            return
        need = self.subscriptions.sections_needed()
        if need is None:
            return
        self._asked_at_s = self._world.now_s()
        requirement = MediaSectionsRequirement(num_audios=need[0], num_videos=need[1])
        self.send(SignalResponse(media_sections_requirement=requirement))

    # --- publishing

    def add_track(self, request: AddTrackRequest) -> None:
        """Announce a track; refused with a reason when it may not be published."""
        if not self._may_add(request):
            refusal = RequestResponse(reason=RequestResponse.NOT_ALLOWED, message="may not publish this source")
            refusal.add_track.CopyFrom(request)
            self.send(SignalResponse(request_response=refusal))
            return
        publication = Publication(self._world.new_sid("TR"), request, self._ask_keyframe)
        publication.gate(self.permission)
        self.publications[publication.sid] = publication
        published = TrackPublishedResponse(cid=request.cid, track=publication.info)
        self.send(SignalResponse(track_published=published))

    def _may_add(self, request: AddTrackRequest) -> bool:
        return (
            self.permission.may_publish(request.source)
            and request.type in (TrackType.AUDIO, TrackType.VIDEO)
            and len(self.publications) < self._limits.tracks
            and len(request.name) <= 256
        )

    def _ask_keyframe(self, ssrc: int) -> None:
        self.link.send_rtcp(rtcp.pack_pli(ssrc))

    def _drop(self, publication: Publication) -> None:
        self.publications.pop(publication.sid, None)
        self.send(SignalResponse(track_unpublished=TrackUnpublishedResponse(track_sid=publication.sid)))
        self.touch()
        if publication.announced:
            self._observer.track_removed(self, publication)

    def tell_demand(self, publication: Publication) -> None:
        """Have the client send the layers that are wanted, and no others; clients without dynacast ignore it."""
        if not publication.info.simulcast:
            return
        highest = publication.demand.update(publication.wanted_layer(), self._world.now_s())
        if highest is None:
            return
        codec = SubscribedCodec(codec="vp8")
        for quality in (VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH):
            codec.qualities.add(quality=quality, enabled=quality <= highest)
        update = SubscribedQualityUpdate(track_sid=publication.sid, subscribed_codecs=[codec])
        self.send(SignalResponse(subscribed_quality_update=update))

    def on_mute(self, sid: str, *, muted: bool) -> None:
        """The client mutes or unmutes a track of its own."""
        publication = self.publications.get(sid)
        if publication is None:
            return
        if muted:
            publication.awaits_mute = False
        elif publication.awaits_mute or not self.permission.may_publish(publication.info.source):
            # A message that crossed ours, or one without the right: the relay's word stands.
            self.send(SignalResponse(mute=MuteTrackRequest(sid=sid, muted=True)))
            return
        self._set_muted(publication, muted=muted)

    def mute(self, publication: Publication) -> None:
        """The relay mutes: nothing is forwarded from now on, and the client is told."""
        publication.awaits_mute = not publication.info.muted
        self.send(SignalResponse(mute=MuteTrackRequest(sid=publication.sid, muted=True)))
        self._set_muted(publication, muted=True)

    def _set_muted(self, publication: Publication, *, muted: bool) -> None:
        if publication.info.muted != muted:
            publication.info.muted = muted
            self.touch()
            publication.gate(self.permission)
            self._observer.changed(self)

    def set_permission(self, permission: Permission) -> None:
        """New rights: what is not permitted any more stops at once."""
        self.permission = permission
        self.touch()
        for publication in list(self.publications.values()):
            if not permission.may_publish(publication.info.source):
                self.mute(publication)
            publication.gate(permission)
        if not permission.can_subscribe:
            self.subscriptions.clear()
        self.renew_token()

    # --- subscribing

    def subscribe(self, owner: "Peer", publication: Publication) -> Subscription | None:
        """Give it a track, once; None if it has it already."""
        if not self.permission.can_subscribe or publication.sid in self.subscriptions:
            return None
        subscription = self.subscriptions.add(owner.sid, publication)
        self.ask_sections()
        return subscription

    # --- the link tells

    def on_up(self) -> None:
        self.info.state = State.ACTIVE
        self.touch()
        self._observer.media_up(self)

    def on_down(self) -> None:
        self._observer.media_down(self)

    def admits(self, packet: bytes) -> bool:
        return self._ingress.admits(packet)

    def on_rtp(self, packet: bytes, at_us: int) -> None:
        try:
            self._ingress.receive(packet, at_us)
        except Malformed:
            pass  # the packet is lost to its sender alone

    def on_rtcp(self, compound: bytes, at_us: int) -> None:
        try:
            packets = rtcp.parse(compound)
        except Malformed:
            return
        for packet in packets:
            if isinstance(packet, rtcp.SenderReport):
                found = self._ingress.layer_of(packet.ssrc)
                if found is not None:
                    found[0].on_sender_report(found[1], packet, at_us)
            elif isinstance(packet, rtcp.Nack):
                if (down := self.subscriptions.down_of(packet.ssrc)) is not None:
                    down.on_nack(packet.sequences)
            elif isinstance(packet, rtcp.KeyframeRequest):
                self._on_keyframe_request(self.subscriptions.down_of(packet.ssrc), at_us)

    def _on_keyframe_request(self, down: DownTrack | None, at_us: int) -> None:
        if down is not None:
            down.on_keyframe_request(at_us)

    # --- time passes

    def tick(self) -> None:
        """Every 50 ms: feedback to the publisher's congestion control, requests for lost packets."""
        if not self.active:
            return
        if (feedback := self._ingress.arrivals.feedback()) is not None:
            self.link.send_rtcp(feedback)
        for up, layer in self._ingress.layers():
            if up.kind == "video" and (missing := layer.reception.missing()):
                self.link.send_rtcp(rtcp.pack_nack(layer.ssrc, missing))
        self.subscriptions.tick()
        if self._asked_at_s is not None and self._world.now_s() - self._asked_at_s > _ASK_AGAIN_S:
            self._asked_at_s = None
            self.ask_sections()

    def tick_second(self) -> None:
        """Every second: receiver reports."""
        self._ingress.begin_second()
        for publication in self.publications.values():
            self.tell_demand(publication)
        if self._world.now_s() - self._renewed_at_s > RENEWED_S / 2:
            self.renew_token()
        if not self.active:
            return
        now_us = self._world.wall_us()
        reports = [report for _, layer in self._ingress.layers() if (report := layer.reception.report(now_us))]
        for begin in range(0, len(reports), _REPORTS_PER_PACKET):
            self.link.send_rtcp(rtcp.pack_receiver_report(reports[begin : begin + _REPORTS_PER_PACKET]))
