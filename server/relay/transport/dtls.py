"""The server's end of a DTLS association, without tasks or queues: datagrams in, datagrams out, a timer.

aiortc's RTCDtlsTransport does the same with a task, a queue and two coroutine hops for every packet.
"""

import asyncio
import hmac
import logging
import time
from collections import deque
from typing import Final, Protocol

from OpenSSL import SSL

from relay.transport.budgets import Bucket
from relay.transport.certificate import Certificate, fingerprint
from relay.transport.srtp import PROFILES, SrtpKeys
from relay.transport.turnstile import Turnstile
from relay.wire.dtls import datagrams, trusted_records
from relay.wire.sdp import Fingerprint

_log: Final = logging.getLogger(__name__)
_EXPORTER_LABEL: Final = b"EXTRACTOR-dtls_srtp"
_MTU: Final = 1200
"""Bytes a handshake datagram may have: passes every path that carries media."""
_PER_S: Final = 20.0
_BURST: Final = 60.0
"""Datagrams before the handshake is done: a client sends some five, and repeats them."""
_LATER_PER_S: Final = 500.0
_LATER_BURST: Final = 1000.0
"""Afterwards. What is too much is as if it had been lost, and its sender slows down."""
_MAX_EARLY: Final = 4
"""Datagrams kept while the handshake waits for its turn: a long hello takes two."""
_MAX_FAILURES: Final = 5


class Listener(Protocol):
    """The client's side of the house."""

    def send_dtls(self, datagram: bytes) -> None: ...

    def on_keys(self, keys: SrtpKeys) -> None:
        """The handshake is done. Told once."""

    def on_dtls_closed(self) -> None:
        """It is over, or will never be. Told once."""

    def on_application(self, message: bytes) -> None:
        """The client said something else than media; heard only if it is wanted."""


class DtlsServer:
    """One association."""

    def __init__(
        self,
        certificate: Certificate,
        peer: Fingerprint,
        listener: Listener,
        turnstile: Turnstile,
        *,
        hears_application: bool = False,
    ) -> None:
        """`peer` is the fingerprint in the client's offer: another certificate ends the association.

        turnstile  where handshakes wait for their turn
        """
        self._context = certificate.context
        self._peer = peer
        self._listener = listener
        self._turnstile = turnstile
        self._hears_application = hears_application
        self._connection: SSL.Connection | None = None
        """None until the handshake may begin."""
        self._early: deque[bytes] = deque(maxlen=_MAX_EARLY)
        self._is_waiting = False
        self._failures = 0
        self._budget = Bucket(_PER_S, _BURST)
        self._timer: asyncio.TimerHandle | None = None
        self._up = False
        self._over = False

    def receive(self, datagram: bytes) -> bool:
        """A datagram that demultiplexing took for DTLS, from an address that proved itself by ICE.

        False when it was more than a handshake needs, or than we listen to.
        """
        if self._over:
            return True
        records = trusted_records(datagram, established=self._up, application=self._hears_application)
        if not records:
            return True
        if not self._budget.take(time.monotonic()):
            return False
        if self._connection is not None:
            self._feed(self._connection, records)
            return True
        self._early.append(records)
        if not self._is_waiting:
            self._is_waiting = True  # before, since the turn may come at once
            if not self._turnstile.enter(self._begin):
                self._is_waiting = False
        return True

    def _begin(self) -> bool:
        """Our turn at the turnstile; False if nobody wants it any more."""
        self._is_waiting = False
        if self._over:
            return False
        self._connection = connection = SSL.Connection(self._context)
        connection.set_accept_state()
        connection.set_ciphertext_mtu(_MTU)
        while self._early and self._connection is connection:
            self._feed(connection, self._early.popleft())
        return True

    def _feed(self, connection: SSL.Connection, records: bytes) -> None:
        try:
            connection.bio_write(records)
            if self._up:
                self._drain(connection)
            else:
                self._shake(connection)
        except SSL.ZeroReturnError:
            self._end()
        except SSL.Error as error:
            if not self._up:
                self._fail(error)
        self._flush()

    def _shake(self, connection: SSL.Connection) -> None:
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            return
        keys = self._keys(connection) if self._is_genuine(connection) else None
        if keys is None:
            self._end()
            return
        self._up = True
        self._budget = Bucket(_LATER_PER_S, _LATER_BURST)
        self._listener.on_keys(keys)

    def _fail(self, error: Exception) -> None:
        """Begin anew, without a word to the client: what failed may have been forged, and the client will repeat."""
        _log.info("a handshake failed: %s", error)
        self._connection = None
        self._failures += 1
        if self._failures >= _MAX_FAILURES:
            self._end()

    def _drain(self, connection: SSL.Connection) -> None:
        """Let the library see alerts and repeated handshake messages."""
        try:
            while True:
                message = connection.recv(2048)
                if self._hears_application:
                    self._listener.on_application(message)
        except SSL.WantReadError:
            return

    def send_application(self, message: bytes) -> None:
        """Something else than media, to an established association."""
        if self._up and not self._over and self._connection is not None:
            try:
                self._connection.send(message)
            except SSL.Error:
                return  # it cannot be sent: as if it had been lost
            self._flush()

    def _is_genuine(self, connection: SSL.Connection) -> bool:
        certificate = connection.get_peer_certificate(as_cryptography=True)
        shown = fingerprint(certificate, self._peer.algorithm) if certificate is not None else None
        return shown is not None and hmac.compare_digest(shown.digest, self._peer.digest.upper())

    @staticmethod
    def _keys(connection: SSL.Connection) -> SrtpKeys | None:
        chosen = connection.get_selected_srtp_profile()
        for profile in PROFILES:
            if profile.openssl_name == chosen:
                return SrtpKeys(profile, connection.export_keying_material(_EXPORTER_LABEL, profile.material_length))
        return None

    def _flush(self) -> None:
        """Send what the library wrote, and wake when it wants to repeat it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        connection = self._connection
        if connection is None:
            return
        try:
            written = connection.bio_read(65536)
        except SSL.Error:
            written = b""  # nothing to send
        for datagram in datagrams(written, _MTU):
            self._listener.send_dtls(datagram)
        if not self._over and (delay_s := connection.DTLSv1_get_timeout()) is not None:
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._repeat)

    def _repeat(self) -> None:
        self._timer = None
        if self._connection is None:
            return
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error:
            self._end()
        self._flush()

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._listener.on_dtls_closed()

    def close(self) -> None:
        """Say good-bye; nothing is told back."""
        self._over = True
        if self._connection is not None:
            try:
                self._connection.shutdown()
            except SSL.Error:
                pass  # the handshake had not ended
        self._flush()
