"""One client's way in: ICE credentials, addresses that proved themselves, DTLS, SRTP."""

import secrets
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from relay.forwarding.forwarder import Flush
from relay.rooms.ports import LinkListener
from relay.transport.budgets import Bucket
from relay.transport.certificate import Certificate
from relay.transport.dtls import DtlsServer
from relay.transport.egress import Exit
from relay.transport.outlet import Outlet
from relay.transport.sockets import Address
from relay.transport.srtp import SrtpKeys
from relay.transport.turnstile import Turnstile
from relay.wire import stun
from relay.wire.rtp import HEADER_LENGTH, is_rtcp
from relay.wire.sctp import Sink
from relay.wire.sdp import Credentials, Fingerprint

MAX_PATHS: Final = 4
"""Addresses one client may be heard from at a time; of those it does not use, the one not proved for longest goes."""
_MAX_PACKET: Final = 1372
"""Bytes of encrypted media; libsrtp's binding would not take more out again. Browsers send 1,250 at most."""
_CHECKS_PER_S: Final = 100.0
_CHECKS_BURST: Final = 200.0
"""Proved binding checks: a client with many addresses sends some twenty a second until it has chosen one."""
_RTCP_PER_S: Final = 500.0
_RTCP_BURST: Final = 1000.0
"""A receiver of 16 videos on a very bad line sends some 300 a second."""
_MEDIA_PER_S: Final = 20_000
"""Packets, before they are decrypted: what is above it costs nothing more. Sixteen videos in 4K are not as many."""
_FLOODED_S: Final = 10
"""So many seconds in a row with more than that are no accident: the client is cut off."""
_MAX_REPORTERS: Final = 32
"""SSRCs a client may send RTCP under besides those of its tracks; libsrtp keeps a state for each."""


class Path:
    """An address pair: a datagram source, or one TCP connection."""

    __slots__ = ("address", "close", "way_out")

    def __init__(self, address: Address, way_out: Exit, close: Callable[[], None]) -> None:
        self.address = address
        """Where the other end is, as it appears to us."""
        self.way_out = way_out
        self.close = close
        """Hear nothing from it any more."""


class Drop(StrEnum):
    """Why something that arrived went no further."""

    STRANGER = "stranger"
    """No binding check, and not from an address that passed one."""
    UNPROVED = "unproved"
    """A binding check for nobody, or without the password."""
    SOURCE_BUDGET = "source_budget"
    """Its part of the network had too many failed checks."""
    TCP_BUDGET = "tcp_budget"
    """A connection of which there were too many."""
    SESSION_BUDGET = "session_budget"
    """Its session had too many checks, too much RTCP, or too many datagrams for a handshake."""
    FORGED = "forged"
    """Not encrypted with the keys of its session, or repeated."""
    FAULT = "fault"
    """It met a fault of ours."""


class Front:
    """What a link needs of the door it belongs to."""

    certificate: Certificate
    candidates: tuple[str, ...]
    dropped: dict[Drop, int]
    handshakes: Turnstile
    takes_messages: bool
    """Whether clients may open data channels; what they send there goes nowhere."""

    def claim(self, ufrag: str, link: "Link") -> None:
        """Route binding checks for this fragment to the link."""
        raise NotImplementedError

    def retire(self, ufrag: str, *, at_once: bool) -> None:
        """Stop routing; unless at once, only after checks already under way had time to arrive."""
        raise NotImplementedError

    def defer(self, flush: Flush) -> None:
        """See `rooms.ports.Link`."""
        raise NotImplementedError


class Link:
    """See `rooms.ports.Link` for the contract."""

    def __init__(self, front: Front, listener: LinkListener) -> None:
        self._front = front
        self._certificate = front.certificate
        self._listener = listener
        self._passwords: dict[str, str] = {}
        self._ufrag = ""
        self._paths: list[Path] = []
        self._dtls: DtlsServer | None = None
        self._keys: SrtpKeys | None = None
        self.outlet: Final = Outlet()
        self._admitted: set[int] = set()
        self._reporters: dict[int, None] = {}
        self._sink: Sink | None = None
        self._checks = Bucket(_CHECKS_PER_S, _CHECKS_BURST)
        self._rtcp = Bucket(_RTCP_PER_S, _RTCP_BURST)
        self._second_us = self._media = self._floods = 0
        """The second that packets are counted in, how many there were, and the seconds before it with too many."""
        self._closed = False
        self._proved_at_s = 0.0
        """On the clock that nobody sets."""
        self._issue()

    def _issue(self) -> None:
        self._ufrag = secrets.token_hex(8)
        self._passwords[self._ufrag] = secrets.token_hex(16)
        self._front.claim(self._ufrag, self)

    @property
    def credentials(self) -> Credentials:
        password = self._passwords[self._ufrag]
        return Credentials(self._ufrag, password, self._certificate.fingerprint, self._front.candidates)

    @property
    def up(self) -> bool:
        return self._keys is not None and not self._closed

    def silent_s(self) -> float:
        return time.monotonic() - self._proved_at_s

    def start(self, peer: Fingerprint) -> None:
        turnstile, takes_messages = self._front.handshakes, self._front.takes_messages
        self._dtls = DtlsServer(self._certificate, peer, self, turnstile, hears_application=takes_messages)

    def restart(self) -> None:
        self._front.retire(self._ufrag, at_once=False)
        self._issue()

    def expire(self, ufrag: str) -> None:
        """The front door retired these credentials."""
        self._passwords.pop(ufrag, None)

    # --- ICE

    def check(self, request: stun.BindingRequest, path: Path, at_us: int) -> bytes | None:
        """Answer a binding check; None unless the sender proved to know the password, and then nothing changed."""
        password = self._passwords.get(request.ufrag)
        if password is None or self._closed or not request.proves(password):
            return None
        if not self._checks.take(at_us / 1e6):
            self._front.dropped[Drop.SESSION_BUDGET] += 1
            return None
        self._proved_at_s = time.monotonic()
        if path in self._paths:
            self._paths.remove(path)
        self._paths.append(path)
        if request.nominates or self.outlet.way_out is None:
            self.outlet.way_out = path.way_out
        if len(self._paths) > MAX_PATHS:
            stale = next(one for one in self._paths if one.way_out is not self.outlet.way_out)
            self._paths.remove(stale)
            stale.close()
        return stun.binding_success(request, password, *path.address[:2])

    def path_lost(self, path: Path) -> None:
        """A TCP connection ended."""
        if path in self._paths:
            self._paths.remove(path)
        if self.outlet.way_out is path.way_out:
            self.outlet.way_out = self._paths[-1].way_out if self._paths else None

    # --- incoming

    def receive(self, datagram: bytes, at_us: int) -> None:
        """A datagram other than STUN from an address that proved itself."""
        first = datagram[0]
        if 127 < first < 192:
            if self._keys is not None and HEADER_LENGTH <= len(datagram) <= _MAX_PACKET:
                if not 0 <= at_us - self._second_us < 1_000_000:
                    self._begin_second(at_us)
                self._media += 1
                if self._media <= _MEDIA_PER_S:
                    self._receive_media(self._keys, datagram, at_us)
                else:
                    self._front.dropped[Drop.SESSION_BUDGET] += 1
        elif 19 < first < 64 and self._dtls is not None and not self._dtls.receive(datagram):
            self._front.dropped[Drop.SESSION_BUDGET] += 1

    def _begin_second(self, at_us: int) -> None:
        flooded = self._media > _MEDIA_PER_S and at_us - self._second_us < 2_000_000
        self._floods = self._floods + 1 if flooded else 0
        self._second_us, self._media = at_us, 0
        if self._floods == _FLOODED_S:
            self._listener.on_down()

    def _receive_media(self, keys: SrtpKeys, datagram: bytes, at_us: int) -> None:
        if is_rtcp(datagram):
            self._receive_reports(keys, datagram, at_us)
            return
        ssrc = int.from_bytes(datagram[8:12], "big")
        if ssrc not in self._admitted and not self._listener.admits(datagram):
            return
        packet = keys.unprotect(datagram)
        if packet is None:
            self._front.dropped[Drop.FORGED] += 1
            return
        self._admitted.add(ssrc)
        self._listener.on_rtp(packet, at_us)

    def defer(self, flush: Flush) -> None:
        self._front.defer(flush)

    def _receive_reports(self, keys: SrtpKeys, datagram: bytes, at_us: int) -> None:
        compound = keys.unprotect_rtcp(datagram)
        if compound is None:
            self._front.dropped[Drop.FORGED] += 1
            return
        reporter = int.from_bytes(datagram[4:8], "big")
        if reporter not in self._admitted and reporter not in self._reporters:
            self._reporters[reporter] = None
            if len(self._reporters) > _MAX_REPORTERS:
                oldest = next(iter(self._reporters))
                del self._reporters[oldest]
                if oldest not in self._admitted:
                    keys.forget_reporter(oldest)
        if self._rtcp.take(at_us / 1e6):
            self._listener.on_rtcp(compound, at_us)
        else:
            self._front.dropped[Drop.SESSION_BUDGET] += 1

    def forget(self, ssrc: int) -> None:
        self._admitted.discard(ssrc)
        if self._keys is not None:
            self._keys.forget(ssrc)

    # --- outgoing

    def end(self, ssrc: int) -> None:
        if self._keys is not None:
            self._keys.end(ssrc)

    def send_rtcp(self, compound: bytes) -> None:
        if self._keys is not None and self.outlet.way_out is not None:
            self.outlet.way_out.write(self._keys.protect_rtcp(compound))

    def send_dtls(self, datagram: bytes) -> None:
        if self.outlet.way_out is not None:
            self.outlet.way_out.write(datagram)

    # --- life

    def on_keys(self, keys: SrtpKeys) -> None:
        self._keys = keys
        self.outlet.sender = keys.sender
        self._listener.on_up()

    def on_application(self, message: bytes) -> None:
        if self._sink is None:
            self._sink = Sink(secrets.randbelow(0xFFFFFFFF) + 1, secrets.randbits(32), secrets.token_bytes(32))
        answer = self._sink.receive(message, time.monotonic())
        if answer is not None and self._dtls is not None:
            self._dtls.send_application(answer)

    def on_dtls_closed(self) -> None:
        self._listener.on_down()

    def close(self) -> None:
        if self._closed:
            return
        if self._dtls is not None:
            self._dtls.close()
        self._closed = True
        self._keys = self.outlet.sender = self.outlet.way_out = None
        for ufrag in list(self._passwords):
            self._front.retire(ufrag, at_once=True)
        for path in self._paths:
            path.close()
        self._paths.clear()
