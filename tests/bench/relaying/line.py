"""A participant's way to a media server: a UDP socket with ICE, DTLS and SRTP on it, and no more cost than that.

Packets are read into one buffer and counted. Every fiftieth is decrypted and looked into; its delay is the kernel's
receive time less the time of sending that it carries, so that a busy client does not look like a slow server. No UDP
GRO here: the kernel would then pass a run of packets in one piece, as no network does, and make it look cheap to send.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

from aioice import stun
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate
from OpenSSL import SSL
from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

from relay.wire import rtp
from tests.bench.relaying import content

DECRYPTED_OF: Final = 50
_BATCH: Final = 64
_SO_TIMESTAMPNS: Final = 35
_TIMESPEC: Final = Struct("@qq")
_SO_RCVBUFFORCE: Final = 33
_BUFFER_BYTES: Final = 8 << 20
_INCOMING: Final = bytearray(2048)
"""Shared by all lines of this process: a packet is done with before the next is read."""
_CHECKS_PER_S: Final = 10
_KEEP_ALIVE_S: Final = 2.5
_REPORT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Remote:
    """The other end, as its session description has it."""

    ufrag: str
    password: str
    address: tuple[str, int]


Judge = Callable[[bytes], tuple[int, int] | None]
"""When a decrypted packet was sent, in nanoseconds (0: it does not tell), its number; None: not what was sent."""


class Line:
    """See the module. `connect` it when the other end is known; `run` it as long as the participant is there."""

    def __init__(
        self, certificate: RTCCertificate, address: str, *, controls: bool, judge: Judge = content.read
    ) -> None:
        """`controls` says which side of ICE we are on; `address` is an interface of this machine."""
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(12)
        self.fingerprint: str = next(f.value for f in certificate.getFingerprints() if f.algorithm == "sha-256")
        self.up = asyncio.Event()
        self.heard: dict[int, int] = {}
        """By SSRC, the extended highest sequence number."""
        self.received = self.decrypted = self.undecryptable = 0
        self.delays_ns: list[int] = []
        self.ssrc = secrets.randbits(31)
        self._judge = judge
        self._controls = controls
        self._tie_breaker = secrets.randbits(64)
        self._until_sample = DECRYPTED_OF
        self._remote: Remote | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        _widen(self._socket)
        self._socket.bind((address, 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        self._dtls = SSL.Connection(certificate._create_ssl_context(srtp_profiles=SRTP_PROFILES))
        self._dtls_is_client = True
        self._incoming: Session | None = None
        self._outgoing: Session | None = None
        self._is_nominated = False

    def connect(self, remote: Remote, *, dtls_client: bool = True) -> None:
        """Checks and the handshake may begin."""
        if self._remote is not None:
            return
        self._remote = remote
        self._dtls_is_client = dtls_client
        self._socket.connect(remote.address)
        if dtls_client:
            self._dtls.set_connect_state()
        else:
            self._dtls.set_accept_state()

    async def run(self) -> None:
        """Be on the line until cancelled."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket.fileno(), self._readable)
        try:
            while not self.up.is_set():
                self._check()
                if self._is_nominated:
                    self._shake()
                await asyncio.sleep(1 / _CHECKS_PER_S)
            checked_s = reported_s = time.monotonic()
            while True:
                await asyncio.sleep(_REPORT_S / 2)
                now_s = time.monotonic()
                if now_s - checked_s >= _KEEP_ALIVE_S:
                    checked_s = now_s
                    self._check()
                if self.heard and now_s - reported_s >= _REPORT_S:
                    reported_s = now_s
                    self.send_rtcp(content.receiver_report(self.ssrc, self.heard))
        finally:
            loop.remove_reader(self._socket.fileno())
            self._socket.close()

    # --- ICE

    def candidate(self) -> str:
        """Our only one, as a line of a session description without its end."""
        return f"a=candidate:1 1 udp 2130706431 {self.address[0]} {self.address[1]} typ host"

    def _check(self) -> None:
        if self._remote is None:
            return
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote.ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1_845_501_695
        request.attributes["ICE-CONTROLLING" if self._controls else "ICE-CONTROLLED"] = self._tie_breaker
        if self._controls:
            request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._remote.password.encode())
        self._write(bytes(request))

    def _on_stun(self, datagram: bytes) -> None:
        try:
            message = stun.parse_message(datagram)
        except ValueError:
            return
        if message.message_class == stun.Class.RESPONSE:
            self._is_nominated = True
            return
        if message.message_class != stun.Class.REQUEST or self._remote is None:
            return
        answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = self._remote.address
        answer.add_message_integrity(self.password.encode())
        self._write(bytes(answer))

    # --- DTLS

    def _shake(self, datagram: bytes = b"") -> None:
        if datagram:
            self._dtls.bio_write(datagram)
        else:
            self._dtls.DTLSv1_handle_timeout()
        try:
            self._dtls.do_handshake()
        except SSL.WantReadError:
            pass
        else:
            if not self.up.is_set():
                self._take_keys()
                self.up.set()
        try:
            self._write(self._dtls.bio_read(4096))
        except SSL.Error:
            pass  # nothing to send

    def _take_keys(self) -> None:
        chosen = self._dtls.get_selected_srtp_profile()
        profile: Any = next(profile for profile in SRTP_PROFILES if profile.openssl_profile == chosen)
        length = 2 * (profile.key_length + profile.salt_length)
        material = self._dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", length)
        ours, theirs = (profile.get_key_and_salt(material, index != self._dtls_is_client) for index in (True, False))
        self._outgoing = Session(_policy(ours, Policy.SSRC_ANY_OUTBOUND, profile.libsrtp_profile))
        self._incoming = Session(_policy(theirs, Policy.SSRC_ANY_INBOUND, profile.libsrtp_profile))

    # --- what arrives

    def _readable(self) -> None:
        receive_into, buffer, unpack = self._socket.recv_into, _INCOMING, rtp.HEADER.unpack_from
        for _ in range(_BATCH):
            try:
                if self._until_sample <= 1:
                    self._receive_sample()
                    continue
                size = receive_into(buffer)
            except OSError:
                return  # nothing more, or the server is gone
            first, second, sequence, _, ssrc = unpack(buffer)
            if first < 128 or first > 191 or 192 <= second <= 223:
                self._on_other(bytes(buffer[:size]))
                continue
            if second & 0x7F == content.RTX:
                continue  # sent again, or padding to find out what we can take: nothing that was published
            self._until_sample -= 1
            self._count(sequence, ssrc)

    def _count(self, sequence: int, ssrc: int) -> None:
        self.received += 1
        highest = self.heard.get(ssrc, sequence)
        ahead = sequence - highest & 0xFFFF
        self.heard[ssrc] = highest + ahead if ahead < 0x8000 else highest

    def _receive_sample(self) -> None:
        """Read one datagram with the time of its arrival."""
        datagram, ancillary, _, _ = self._socket.recvmsg(2048, 64)
        if len(datagram) < rtp.HEADER_LENGTH or not 127 < datagram[0] < 192 or rtp.is_rtcp(datagram):
            self._on_other(datagram)
            return
        if datagram[1] & 0x7F == content.RTX:
            return
        self._until_sample = DECRYPTED_OF
        _, _, sequence, _, ssrc = rtp.HEADER.unpack_from(datagram)
        self._count(sequence, ssrc)
        self._look_into(datagram, _arrived_at_ns(ancillary))

    def _look_into(self, datagram: bytes, arrived_at_ns: int) -> None:
        if self._incoming is None:
            return
        try:
            found = self._judge(self._incoming.unprotect(datagram))
        except (SrtpError, ValueError):
            found = None
        if found is None:
            self.undecryptable += 1
            return
        self.decrypted += 1
        if found[0]:
            self.delays_ns.append(arrived_at_ns - found[0])

    def _on_other(self, datagram: bytes) -> None:
        if datagram[0] <= 3:
            self._on_stun(datagram)
        elif 19 < datagram[0] < 64:
            self._shake(datagram)
        # RTCP: the reports of the server are of no interest here.

    # --- what is sent

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send."""
        assert self._outgoing is not None
        self._write(self._outgoing.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send."""
        if self._outgoing is not None:
            self._write(self._outgoing.protect_rtcp(packet))

    def _write(self, datagram: bytes) -> None:
        try:
            self._socket.send(datagram)
        except OSError:
            pass  # full, or nobody there: as if the network had lost it


def _widen(one: socket.socket) -> None:
    """As large a receive buffer as we may have: what overflows here would look like loss of the server's."""
    try:
        one.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
    except PermissionError:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)


def _arrived_at_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(value)
            return int(seconds * 1_000_000_000 + nanoseconds)
    return time.time_ns()


def _policy(key: bytes, direction: int, profile: int) -> Policy:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    policy.window_size = 1024
    return policy
