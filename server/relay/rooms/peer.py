"""One participant: its negotiation, what it publishes, what it receives."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from livekit.protocol.models import DisconnectReason, ParticipantInfo, SubscriptionError
from livekit.protocol.rtc import (
    AddTrackRequest,
    LeaveRequest,
    MediaSectionsRequirement,
    SessionDescription,
    SignalResponse,
    SubscriptionResponse,
)

from relay.rooms.allowance import Allowance
from relay.rooms.audience import Audience
from relay.rooms.downlink import Downlink
from relay.rooms.negotiation import Terms, accept, answer_section, opus_parameters
from relay.rooms.permission import Permission
from relay.rooms.ports import Link, Outbox, Surroundings
from relay.rooms.profile import check_profile, update_profile
from relay.rooms.publication import Publication
from relay.rooms.publishing import Publishing
from relay.rooms.subscription import Subscriptions
from relay.rooms.wishes import Setting, Wishes
from relay.tokens import RENEWED_S, Claims
from relay.wire import Malformed, rtcp
from relay.wire.sdp import AnswerSection, Offer, Section, parse_offer, write_answer

_CHANGES_AT_ONCE: Final = 20.0
_CHANGES_PER_S: Final = 2.0
MAX_NAMED: Final = 4_096
NAMED_PER_S: Final = 400.0
"""Each costs up to some 50 us in the largest rooms; a client shows a few dozen, and lists all when it comes back."""
_ASK_AGAIN_S: Final = 3.0
"""A client that did not answer a request for sections is asked again."""
_COMING_BACK_S: Final = 1.0
"""A client that comes back offers by itself; only then is it asked for what is still wanting."""
_ASK_PAUSE_S: Final = 0.1
"""Between two requests for sections: what changes meanwhile goes into the second one."""

State = ParticipantInfo.State


class Observer(Protocol):
    """What the room wants to know of its participants."""

    def media_up(self, peer: "Peer") -> None: ...
    def media_down(self, peer: "Peer") -> None: ...
    def track_added(self, peer: "Peer", publication: Publication) -> None: ...
    def track_removed(self, peer: "Peer", publication: Publication) -> None: ...
    def changed(self, peer: "Peer") -> None: ...
    def demand_changed(self, publication: Publication) -> None: ...


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
        self.audience = Audience()
        self.wishes = Wishes()
        self.joined_at_s: Final = surroundings.world.now_s()
        self.signal_lost_at_s: float | None = None
        """Since when there is no signalling connection; None while there is one."""
        self.closed = False
        self.allowance: Final = Allowance(_CHANGES_AT_ONCE, _CHANGES_PER_S)
        """Of changes that everybody in the room is told of."""
        self.named: Final = Allowance(MAX_NAMED, NAMED_PER_S)
        """Of tracks and participants that its requests name: however few the requests, each is looked at."""
        self.may_simulate: Final = surroundings.simulations
        self.fails_next_resume = ""
        """Simulated: the scenario's name, empty for none."""
        self._claims = claims
        self._renew = surroundings.renew
        self._renewed_at_s = 0.0
        self._observer = observer
        self._world = surroundings.world
        self._limits = surroundings.limits
        self.link: Link = surroundings.open_link(self)
        self.publishing = Publishing(self.link, surroundings.world, surroundings.limits, self.send)
        self.publications: Final = self.publishing.publications
        self._ingress: Final = self.publishing.ingress
        self.subscriptions = Subscriptions(self.link, surroundings.world, self._refuse_codec)
        self.downlink: Final = Downlink(self.subscriptions, surroundings.world, self.send)
        self._offer: Offer | None = None
        self._answers = 0
        self._asked_at_s: float | None = None
        """Since when an answer to a request for sections is awaited."""
        self._quiet_until_s = 0.0
        self._to_ask = False
        """There is something to ask once the pause is over."""
        self._ended = False
        """A track was taken from the client, which learns of it by the next answer."""

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
        """What others see of it; see `profile.update_profile`. Raises Refused."""
        check_profile(self.info, name, metadata, attributes, self._limits.metadata_bytes)
        update_profile(self.info, name, metadata, attributes)
        self.touch()

    def touch(self) -> None:
        """Something others are told changed; clients drop what is not newer than what they have."""
        self.info.version += 1

    def renew_token(self) -> None:
        """Give the client a token to come back with; also after its rights changed, so that it keeps the new ones."""
        self._renewed_at_s = self._world.now_s()
        attributes = dict(self.info.attributes)
        now = replace(self._claims, name=self.info.name, metadata=self.info.metadata, attributes=attributes)
        self.send(SignalResponse(refresh_token=self._renew(now, self.permission)))

    def leave(self, reason: DisconnectReason, action: LeaveRequest.Action) -> None:
        """Tell the client that it is out, and hang up."""
        can_reconnect = action != LeaveRequest.DISCONNECT
        self.send(SignalResponse(leave=LeaveRequest(can_reconnect=can_reconnect, reason=reason, action=action)))
        self.info.disconnect_reason = reason
        self.hang_up()

    def hang_up(self) -> None:
        """End the signalling connection once what was said is sent; idempotent."""
        if self.outbox is not None:
            self.outbox.close()
            self.outbox = None

    def come_back(self, outbox: Outbox) -> None:
        """It has a signalling connection again; the one before, if it still stood, ends."""
        self.hang_up()
        self.outbox = outbox
        self.signal_lost_at_s = None
        self._quiet_until_s = self._world.now_s() + _COMING_BACK_S

    def repeat(self) -> None:
        """Say again what was said while it had no connection, as far as it still holds."""
        self.renew_token()
        self.publishing.repeat()
        self.downlink.repeat()

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
        limits = self._limits
        parsed = parse_offer(offer.sdp, max_bytes=limits.sdp_bytes, max_sections=limits.sections, before=self._offer)
        self._follow_transport(parsed)
        self._asked_at_s = None
        self._ended = False
        self._close_withdrawn(parsed)
        self.subscriptions.place(parsed.sections)
        sections = {section.mid: section for section in parsed.sections}
        answers = [self._answer(section) for section in parsed.sections]
        self._answers += 1
        sdp = write_answer(self._answers, self.link.credentials, answers)
        answer = SessionDescription(type="answer", sdp=sdp, id=offer.id)
        answer.mid_to_track_id.update(self.subscriptions.track_by_mid())
        self.send(SignalResponse(answer=answer))
        for publication in self.subscriptions.answered(sections):
            self._observer.demand_changed(publication)
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
        for publication in self.publishing.withdrawn(sending):
            self._drop(publication)

    def _answer(self, section: Section) -> AnswerSection:
        if section.kind == "application":
            return answer_section(section, Terms((), {}), receives=False, sending=None, opus="")
        publication = self.publishing.match(section) if section.sends else None
        terms = accept(section, publication.codecs if publication is not None else None)
        if publication is not None and terms.codecs:
            self.publishing.receive_in(section, terms, publication)
        if terms.codecs:
            self._ingress.configure(terms.extensions)
        sending = self.subscriptions.negotiated(section.mid, terms)
        stereo = publication is not None and publication.info.stereo
        dtx = publication is None or not publication.info.disable_dtx
        opus = opus_parameters(dtx=dtx, stereo=stereo)
        return answer_section(section, terms, receives=publication is not None, sending=sending, opus=opus)

    def _refuse_codec(self, track_sid: str) -> None:
        """The client has no codec in common with the track's publisher."""
        refusal = SubscriptionResponse(track_sid=track_sid, err=SubscriptionError.SE_CODEC_UNSUPPORTED)
        self.send(SignalResponse(subscription_response=refusal))

    def ask_sections(self) -> None:
        """Have the client offer again, with a section for every track that waits for one."""
        if self._asked_at_s is not None or not self.active or self.outbox is None:
            return
        need = self.subscriptions.sections_needed() or ((0, 0) if self._ended else None)
        now_s = self._world.now_s()
        self._to_ask = need is not None and now_s < self._quiet_until_s
        if need is None or self._to_ask:
            return
        self._asked_at_s = now_s
        self._quiet_until_s = now_s + _ASK_PAUSE_S
        requirement = MediaSectionsRequirement(num_audios=need[0], num_videos=need[1])
        self.send(SignalResponse(media_sections_requirement=requirement))

    # --- publishing

    def add_track(self, request: AddTrackRequest) -> None:
        """Raises Refused."""
        self.publishing.add(request, self.permission)

    def tell_demand(self, publication: Publication) -> None:
        self.publishing.tell_demand(publication)

    def on_mute(self, sid: str, *, muted: bool) -> None:
        """The client mutes or unmutes a track of its own."""
        if self.publishing.on_mute(sid, muted=muted, permission=self.permission):
            self._tell_change()
            self.tell_demand(self.publications[sid])

    def mute(self, publication: Publication) -> None:
        """The relay mutes: nothing is forwarded from now on, and the client is told."""
        if self.publishing.mute(publication, self.permission):
            self._tell_change()

    def _tell_change(self) -> None:
        self.touch()
        self._observer.changed(self)

    def _drop(self, publication: Publication) -> None:
        self.publishing.drop(publication)
        self.touch()
        if publication.announced:
            self._observer.track_removed(self, publication)

    def set_permission(self, permission: Permission) -> None:
        """New rights: what is not permitted any more stops at once."""
        self.permission = permission
        self.touch()
        if self.publishing.obey(permission):
            self._tell_change()
        for publication in self.publications.values():
            self.tell_demand(publication)
        self.renew_token()

    # --- subscribing

    def subscribe(self, owner: "Peer", publication: Publication) -> None:
        """Give it a track that it does not have; it flows once there is a section, see `ask_sections`."""
        self.subscriptions.add(owner.sid, publication).show(self.wishes.setting(publication.sid))

    def unsubscribe(self, track_sid: str) -> None:
        """Take a track from it, which stays published: nothing is sent from now on."""
        self._ended |= self.subscriptions.remove(track_sid)

    def show(self, track_sid: str, setting: Setting) -> None:
        """How it shows a track from now on, whether it has it already or not."""
        self.wishes.set(track_sid, setting)
        if (subscription := self.subscriptions.get(track_sid)) is not None:
            subscription.show(setting)

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
            else:
                self.downlink.receive(packet, at_us)

    # --- time passes

    def tick(self) -> None:
        """Every 50 ms."""
        if not self.active:
            return
        self.publishing.tick()
        self.subscriptions.tick()
        self.downlink.tick()
        if self._asked_at_s is not None and self._world.now_s() - self._asked_at_s > _ASK_AGAIN_S:
            self._asked_at_s = None
            self._to_ask = True
        if self._to_ask:
            self.ask_sections()

    def tick_second(self) -> None:
        """Every second."""
        self._ingress.begin_second()
        for publication in self.publications.values():
            self.tell_demand(publication)
        if self._world.now_s() - self._renewed_at_s > RENEWED_S / 2:
            self.renew_token()
        if self.active:
            self.publishing.report()
