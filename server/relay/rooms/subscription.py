"""What one participant receives: which track in which section of its description."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from relay.forwarding.forwarder import DownTrack
from relay.forwarding.selector import layer_for_size
from relay.rooms.negotiation import Terms
from relay.rooms.ports import Link, World
from relay.rooms.publication import Publication
from relay.rooms.wishes import Setting
from relay.wire import rtcp
from relay.wire.sdp import Section, Sending

_QUALITY_OFF: Final = 3
_REPORTS_KEPT: Final = 64
_VIDEO_RATE_HZ: Final = 90_000


@dataclass(slots=True, eq=False)
class Subscription:
    """One track on its way to one participant."""

    owner_sid: str
    publication: Publication
    down: DownTrack
    mid: str = ""
    """The section it is sent in; empty while it waits for one."""
    priority: int = 0
    """What the receiver says of its importance: 1 for the most important, 0 for nothing."""

    def show(self, setting: Setting) -> None:
        """What the receiver shows at present: nothing, a quality (LiveKit's VideoQuality), or a size in pixels."""
        self.down.pause(setting.disabled or setting.quality == _QUALITY_OFF)
        self.priority = setting.priority
        if setting.width or setting.height:
            sizes = self.publication.layer_sizes()
            self.down.selector.ceiling = layer_for_size(sizes, setting.width, setting.height)
        else:
            self.down.selector.ceiling = setting.quality


class _Clock(NamedTuple):
    report: rtcp.SenderReport
    packets: int
    octets: int
    at_us: int


class Subscriptions:
    """All tracks of one receiver, and its free sections."""

    def __init__(self, link: Link, world: World, refuse: Callable[[str], None]) -> None:
        """`refuse` is told the track for which the client has no codec."""
        self._link = link
        self._refuse = refuse
        self._world = world
        self._by_track: dict[str, Subscription] = {}
        self._by_ssrc: dict[int, DownTrack] = {}
        self._free: dict[str, str] = {}
        """Section -> kind, as of the last offer."""
        self._reported_at_us: dict[int, int] = {}
        """The middle of the NTP time in a sender report -> when it was passed on."""
        self._clocks: dict[int, _Clock] = {}
        """SSRC -> what was last reported of it."""
        self._resting: set[str] = set()
        """Sections whose track ended; each must be inactive in one answer before another track may use it."""

    def __contains__(self, track_sid: str) -> bool:
        return track_sid in self._by_track

    def __len__(self) -> int:
        return len(self._by_track)

    def get(self, track_sid: str) -> Subscription | None:
        return self._by_track.get(track_sid)

    def track_sids(self) -> list[str]:
        return list(self._by_track)

    def add(self, owner_sid: str, publication: Publication) -> Subscription:
        down = DownTrack(
            publication.up,
            ssrc=self._new_ssrc(),
            repair_ssrc=self._new_ssrc(),
            first_index=self._world.random_bits(14),
            outlet=self._link.outlet,
        )
        subscription = Subscription(owner_sid, publication, down)
        self._by_track[publication.sid] = subscription
        self._by_ssrc[down.ssrc] = self._by_ssrc[down.repair_ssrc] = down
        return subscription

    def _new_ssrc(self) -> int:
        while True:
            ssrc = self._world.random_bits(31) | 1 << 31
            if ssrc not in self._by_ssrc:
                return ssrc

    def remove(self, track_sid: str) -> bool:
        """Stop sending a track at once; whether the client had a section for it."""
        subscription = self._by_track.pop(track_sid, None)
        if subscription is None:
            return False
        down = subscription.down
        self._by_ssrc.pop(down.ssrc, None)
        self._clocks.pop(down.ssrc, None)
        self._by_ssrc.pop(down.repair_ssrc, None)
        self._link.end(down.ssrc)
        self._link.end(down.repair_ssrc)
        if down in down.up.downs:
            down.up.downs.remove(down)
        if subscription.mid:
            self._resting.add(subscription.mid)
        return bool(subscription.mid)

    def clear(self) -> None:
        for track_sid in list(self._by_track):
            self.remove(track_sid)

    def down_of(self, ssrc: int) -> DownTrack | None:
        return self._by_ssrc.get(ssrc)

    # --- sections

    def place(self, sections: tuple[Section, ...]) -> None:
        """Give waiting tracks the free sections of a new offer."""
        taken = {subscription.mid for subscription in self._by_track.values()}
        free = [s for s in sections if s.may_receive and s.mid not in taken and s.mid not in self._resting]
        for subscription in self._by_track.values():
            if subscription.mid:
                continue
            section = next((s for s in free if s.kind == subscription.publication.up.kind), None)
            if section is not None:
                free.remove(section)
                subscription.mid = section.mid

    def negotiated(self, mid: str, terms: Terms) -> Sending | None:
        """The track sent in a section, with the numbers its receiver uses; None if there is none."""
        subscription = next((s for s in self._by_track.values() if s.mid == mid), None)
        if subscription is None or not terms.codecs:
            return None
        if subscription.publication.heard_with not in terms.payload_types:
            self.remove(subscription.publication.sid)
            self._refuse(subscription.publication.sid)
            return None
        down, info = subscription.down, subscription.publication.info
        down.negotiated(terms.payload_types, terms.repair_types, dict(terms.extensions), self._send_report)
        repair = down.repair_ssrc if terms.repairs else None
        return Sending(f"{subscription.owner_sid}|{info.stream}", info.sid, subscription.owner_sid, down.ssrc, repair)

    def owners(self) -> set[str]:
        """Sids of those of whom something is received."""
        return {subscription.owner_sid for subscription in self._by_track.values()}

    def videos(self) -> list[Subscription]:
        """Those that can flow."""
        return [s for s in self._by_track.values() if s.mid and s.publication.up.kind == "video"]

    def audios(self) -> list[Subscription]:
        return [s for s in self._by_track.values() if s.mid and s.publication.up.kind == "audio"]

    def reported_at_us(self, last_sr: int) -> int | None:
        """When a sender report was passed on, by the middle of its NTP time; None for one that is not remembered."""
        return self._reported_at_us.get(last_sr)

    def tell_clock(self) -> None:
        """Report again on one video, so that its receiver's next report tells how long the way is at present."""
        for subscription in self.videos():
            clock = self._clocks.get(subscription.down.ssrc)
            if clock is not None:
                passed_us = self._world.wall_us() - clock.at_us
                self._send_report(clock.report.after(passed_us, _VIDEO_RATE_HZ), clock.packets, clock.octets)
                return

    def _send_report(self, report: rtcp.SenderReport, packets: int, octets: int) -> None:
        now_us = self._world.wall_us()
        self._clocks[report.ssrc] = _Clock(report, packets, octets, now_us)
        self._reported_at_us[report.ntp >> 16 & 0xFFFFFFFF] = now_us
        if len(self._reported_at_us) > _REPORTS_KEPT:
            del self._reported_at_us[next(iter(self._reported_at_us))]
        self._link.send_rtcp(rtcp.pack_sender_report(report, packets, octets))

    def answered(self, sections: Mapping[str, Section]) -> list[Publication]:
        """The answer is out: placed tracks begin to flow, rested sections are free again. Returns those that begin."""
        self._resting.clear()
        begin = []
        taken = set()
        for subscription in self._by_track.values():
            if subscription.mid:
                taken.add(subscription.mid)
                if subscription.down not in subscription.down.up.downs:
                    subscription.down.up.add(subscription.down)
                    begin.append(subscription.publication)
        self._free = {mid: s.kind for mid, s in sections.items() if s.may_receive and mid not in taken}
        return begin

    def track_by_mid(self) -> dict[str, str]:
        return {s.mid: s.publication.sid for s in self._by_track.values() if s.mid}

    def sections_needed(self) -> tuple[int, int] | None:
        """Additional audio and video sections the client should offer; None when no track waits."""
        waiting = [s.publication.up.kind for s in self._by_track.values() if not s.mid]
        if not waiting:
            return None
        free = list(self._free.values())
        audios, videos = (max(0, waiting.count(kind) - free.count(kind)) for kind in ("audio", "video"))
        return audios, videos

    def tick(self) -> None:
        for subscription in self._by_track.values():
            subscription.down.tick()
