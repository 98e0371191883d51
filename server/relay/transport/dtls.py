"""The server's end of a DTLS association, without tasks or queues: datagrams in, datagrams out, a timer.

aiortc's RTCDtlsTransport does the same with a task, a queue and two coroutine hops for every packet; from it come the
certificate, the cipher settings and the SRTP profiles.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Final

from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    X509_DIGEST_ALGORITHMS,
    RTCCertificate,
    certificate_digest,
)
from OpenSSL import SSL

from relay.transport.srtp import SrtpKeys
from relay.wire.dtls import datagrams, trusted_records
from relay.wire.sdp import Fingerprint

_EXPORTER_LABEL: Final = b"EXTRACTOR-dtls_srtp"
_MTU: Final = 1200
"""Bytes a handshake datagram may have: passes every path that carries media."""


class Certificate:
    """The relay's own certificate, new with each start; clients know it by its fingerprint in our answers."""

    def __init__(self) -> None:
        self.credentials: Final = RTCCertificate.generateCertificate()
        digest = next(f.value for f in self.credentials.getFingerprints() if f.algorithm == "sha-256")
        self.fingerprint: Final = Fingerprint("sha-256", digest)


class DtlsServer:
    """One association; `established` and `closed` are told once each."""

    def __init__(
        self,
        certificate: Certificate,
        peer: Fingerprint,
        send: Callable[[bytes], None],
        established: Callable[[SrtpKeys], None],
        closed: Callable[[], None],
    ) -> None:
        """`peer` is the fingerprint in the client's offer: another certificate ends the association."""
        context = certificate.credentials._create_ssl_context(srtp_profiles=SRTP_PROFILES)
        self._connection = SSL.Connection(context)
        self._connection.set_accept_state()
        self._connection.set_ciphertext_mtu(_MTU)
        self._peer = peer
        self._send = send
        self._established = established
        self._closed = closed
        self._timer: asyncio.TimerHandle | None = None
        self._up = False
        self._over = False

    def receive(self, datagram: bytes) -> None:
        """A datagram that demultiplexing took for DTLS, from an address that proved itself by ICE."""
        records = trusted_records(datagram, established=self._up)
        if not records or self._over:
            return
        try:
            self._connection.bio_write(records)
            if self._up:
                self._drain()
            else:
                self._shake()
        except SSL.ZeroReturnError:
            self._end()
        except SSL.Error:
            if not self._up:
                self._end()
        self._flush()

    def _shake(self) -> None:
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return
        keys = self._keys() if self._peer_is_genuine() else None
        if keys is None:
            self._end()
            return
        self._up = True
        self._established(keys)

    def _drain(self) -> None:
        """Let the library see alerts and repeated handshake messages; what it yields (SCTP) is dropped."""
        try:
            while True:
                self._connection.recv(2048)
        except SSL.WantReadError:
            return

    def _peer_is_genuine(self) -> bool:
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        if certificate is None or self._peer.algorithm not in X509_DIGEST_ALGORITHMS:
            return False
        digest = certificate_digest(certificate, self._peer.algorithm)
        return hmac.compare_digest(digest, self._peer.digest.upper())

    def _keys(self) -> SrtpKeys | None:
        chosen = self._connection.get_selected_srtp_profile()
        for profile in SRTP_PROFILES:
            if profile.openssl_profile == chosen:
                length = 2 * (profile.key_length + profile.salt_length)
                return SrtpKeys(profile, self._connection.export_keying_material(_EXPORTER_LABEL, length))
        return None

    def _flush(self) -> None:
        """Send what the library wrote, and wake when it wants to repeat it."""
        try:
            written = self._connection.bio_read(65536)
        except SSL.Error:
            written = b""  # nothing to send
        for datagram in datagrams(written, _MTU):
            self._send(datagram)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._over and (delay_s := self._connection.DTLSv1_get_timeout()) is not None:
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._repeat)

    def _repeat(self) -> None:
        self._timer = None
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error:
            self._end()
        self._flush()

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._closed()

    def close(self) -> None:
        """Say good-bye; nothing is told back."""
        self._over = True
        try:
            self._connection.shutdown()
        except SSL.Error:
            pass  # the handshake had not ended
        self._flush()
