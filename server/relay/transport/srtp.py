"""SRTP with the keys that a DTLS handshake gave.

Media under AES-GCM is encrypted here, in place, under numbers that our own index makes unique; the native twin decrypts
it as well. The rest, which is reports and clients without AES-GCM, goes through libsrtp.
Source: RFC 3711 §4.3 (key derivation), RFC 7714 §8-§12 (AES-GCM), RFC 5764 §4.2 (keys from DTLS).
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pylibsrtp import Error, Policy, Session

from relay import native
from relay.forwarding.leg import Leg
from relay.forwarding.runs import SEAL_LENGTH, Run
from relay.transport.egress import Exit

_ENCRYPTION_LABEL: Final = 0
_SALT_LABEL: Final = 2
_GCM_SALT_LENGTH: Final = 12
_WINDOW: Final = 1024
_BUFFER: Final = bytearray(4096)
_VIEW: Final = memoryview(_BUFFER)
_NUMBERED: Final = Struct("!HHII")
"""An RTP header: all but the sequence number, timestamp and SSRC in one word."""


class Sender(Protocol):
    """The outgoing half of an association."""

    def protect(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> bytes | memoryview:
        """One packet, encrypted; a view is valid until the next call."""

    def send_run(self, run: Run, leg: Leg, way_out: Exit) -> None:
        """Number, encrypt and send the packets of a run.

        run  whose layout is overwritten; nothing in it is needed afterwards
        leg  whose SSRC and offsets give numbers under which this sender may never send twice (RFC 7714 §8.1)
        """


class Receiver(Protocol):
    """The incoming half of an association, for media."""

    def unprotect(self, datagram: bytes) -> bytes | None:
        """A packet decrypted; None for one that is forged, repeated or too late."""

    def forget(self, ssrc: int) -> None:
        """A stream ended: keep nothing of it."""


class GcmSender:
    """AES-GCM by our own hand: into buffers that are sent before they are used again."""

    def __init__(self, session_key: bytes, session_salt: bytes) -> None:
        self._encrypt_into: Final = AESGCM(session_key).encrypt_into
        self._salt: Final = int.from_bytes(session_salt, "big")

    def protect(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> memoryview:
        begin = len(header)
        end = begin + len(payload) + SEAL_LENGTH
        _BUFFER[:begin] = header
        nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        self._encrypt_into(nonce, payload, header, _VIEW[begin:end])
        return _VIEW[:end]

    def send_run(self, run: Run, leg: Leg, way_out: Exit) -> None:
        layout, encrypt_into, pack_into = run.layout, self._encrypt_into, _NUMBERED.pack_into
        buffer = layout.buffer
        ssrc, index_offset, timestamp_offset = leg.ssrc, leg.index_offset, leg.timestamp_offset
        key = self._salt ^ ssrc << 48
        for at, word, ordinal, timestamp, payload, header, sealed in layout.slots:
            index = ordinal + index_offset
            pack_into(buffer, at, word, index & 0xFFFF, timestamp + timestamp_offset & 0xFFFFFFFF, ssrc)
            encrypt_into((key ^ index).to_bytes(12, "big"), payload, header, sealed)
        for packets, size_bytes in layout.bursts:
            if len(packets) <= size_bytes:
                way_out.write(packets)
            else:
                way_out.write_burst(packets, size_bytes)


GcmSenderInPython = GcmSender


class LibsrtpSender:
    """For a client that has no AES-GCM."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def protect(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> bytes:
        protected: bytes = self._session.protect(header + payload)
        return protected

    def send_run(self, run: Run, leg: Leg, way_out: Exit) -> None:
        ssrc, index_offset, timestamp_offset = leg.ssrc, leg.index_offset, leg.timestamp_offset
        for at, word, ordinal, timestamp, payload, header, _ in run.layout.slots:
            index = ordinal + index_offset
            stamp = timestamp + timestamp_offset & 0xFFFFFFFF
            _NUMBERED.pack_into(run.layout.buffer, at, word, index & 0xFFFF, stamp, ssrc)
            way_out.write(self.protect(ssrc, index, bytes(header), payload))


class LibsrtpReceiver:
    """See `Receiver`."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def unprotect(self, datagram: bytes) -> bytes | None:
        try:
            packet: bytes = self._session.unprotect(datagram)
        except Error:
            return None
        return packet

    def forget(self, ssrc: int) -> None:
        _remove(self._session, ssrc)


def _remove(session: Session, ssrc: int) -> None:
    """Of an SSRC that libsrtp did not work for yet, it has nothing."""
    try:
        session.remove_stream(ssrc)
    except Error:
        pass


if native.FITS:
    import relay_native

    GcmReceiver: type[relay_native.GcmReceiver] | None = relay_native.GcmReceiver
    GcmSender = relay_native.GcmSender  # type: ignore[misc]
else:
    GcmReceiver = None


@dataclass(frozen=True, slots=True)
class Profile:
    """How media is encrypted; lengths in bytes."""

    openssl_name: bytes
    libsrtp_number: int
    key_length: int
    salt_length: int

    @property
    def material_length(self) -> int:
        """What DTLS exports for both directions."""
        return 2 * (self.key_length + self.salt_length)

    def key_and_salt(self, material: bytes, end: int) -> bytes:
        """What one end encrypts with: 0 for the DTLS client, 1 for the server (RFC 5764 §4.2)."""
        key, salt = end * self.key_length, 2 * self.key_length + end * self.salt_length
        return material[key : key + self.key_length] + material[salt : salt + self.salt_length]


PROFILES: Final = (
    Profile(b"SRTP_AEAD_AES_256_GCM", Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, _GCM_SALT_LENGTH),
    Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, _GCM_SALT_LENGTH),
    Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
)
"""The preferred one first."""


def derive(master_key: bytes, master_salt: bytes, label: int, length: int) -> bytes:
    """A session key or salt of `length` bytes; a 96-bit salt is padded with zeros on the right."""
    block = bytearray(master_salt.ljust(14, b"\0") + b"\0\0")
    block[7] ^= label
    keystream = Cipher(algorithms.AES(master_key), modes.CTR(bytes(block))).encryptor()
    return keystream.update(bytes(length))


def gcm_session(key_and_salt: bytes) -> tuple[bytes, bytes]:
    """The session's key and salt from the master's, which DTLS exported one behind the other."""
    key, salt = key_and_salt[:-_GCM_SALT_LENGTH], key_and_salt[-_GCM_SALT_LENGTH:]
    return derive(key, salt, _ENCRYPTION_LABEL, len(key)), derive(key, salt, _SALT_LABEL, _GCM_SALT_LENGTH)


class SrtpKeys:
    """Both directions of one association."""

    def __init__(self, profile: Profile, material: bytes) -> None:
        """`material` is what DTLS exported; we are its server."""
        incoming, outgoing = profile.key_and_salt(material, 0), profile.key_and_salt(material, 1)
        self._incoming: Final = Session(_policy(incoming, Policy.SSRC_ANY_INBOUND, profile.libsrtp_number))
        self._outgoing: Final = Session(_policy(outgoing, Policy.SSRC_ANY_OUTBOUND, profile.libsrtp_number))
        self.sender: Sender = LibsrtpSender(self._outgoing)
        self._receiver: Receiver = LibsrtpReceiver(self._incoming)
        if profile.salt_length == _GCM_SALT_LENGTH:
            self.sender = GcmSender(*gcm_session(outgoing))
            if GcmReceiver is not None:
                self._receiver = GcmReceiver(*gcm_session(incoming))
        self.unprotect: Final = self._receiver.unprotect
        """A packet decrypted; None for one that is forged, repeated or too late: as if it had been lost."""

    def unprotect_rtcp(self, datagram: bytes) -> bytes | None:
        """As `unprotect`, of reports."""
        try:
            compound: bytes = self._incoming.unprotect_rtcp(datagram)
        except Error:
            return None
        return compound

    def protect_rtcp(self, compound: bytes) -> bytes:
        protected: bytes = self._outgoing.protect_rtcp(compound)
        return protected

    def forget(self, ssrc: int) -> None:
        """Keep nothing of what came under an SSRC."""
        self._receiver.forget(ssrc)
        self.forget_reporter(ssrc)

    def forget_reporter(self, ssrc: int) -> None:
        """Keep nothing of reports that came under an SSRC, and of packets if libsrtp decrypts those too."""
        _remove(self._incoming, ssrc)

    def end(self, ssrc: int) -> None:
        """Nothing is sent under an SSRC of ours any more."""
        _remove(self._outgoing, ssrc)


def _policy(key: bytes, direction: int, profile: int) -> Policy:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    policy.allow_repeat_tx = True
    policy.window_size = _WINDOW
    return policy
