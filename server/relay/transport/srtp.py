"""SRTP with the keys that a DTLS handshake gave.

Incoming packets go through libsrtp, which keeps the replay windows. Outgoing media is encrypted here when the profile
is AES-GCM: a third of the time, into one reused buffer, under numbers that our own index makes unique.
Source: RFC 3711 §4.3 (key derivation), RFC 7714 §8-§12 (AES-GCM), RFC 5764 §4.2 (keys from DTLS).
"""

from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pylibsrtp import Policy, Session

_ENCRYPTION_LABEL: Final = 0
_SALT_LABEL: Final = 2
_TAG_LENGTH: Final = 16
_GCM_SALT_LENGTH: Final = 12
_WINDOW: Final = 1024
_BUFFER: Final = bytearray(4096)
_VIEW: Final = memoryview(_BUFFER)


class Protector(Protocol):
    """Encrypts one outgoing packet; the view it returns is valid until the next call."""

    def __call__(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> bytes | memoryview: ...


def derive(master_key: bytes, master_salt: bytes, label: int, length: int) -> bytes:
    """A session key or salt of `length` bytes; a 96-bit salt is padded with zeros on the right."""
    block = bytearray(master_salt.ljust(14, b"\0") + b"\0\0")
    block[7] ^= label
    keystream = Cipher(algorithms.AES(master_key), modes.CTR(bytes(block))).encryptor()
    return keystream.update(bytes(length))


def gcm_protector(master_key: bytes, master_salt: bytes) -> Protector:
    """AES-GCM into a buffer shared by all senders of this process: each packet is sent before the next is encrypted."""
    encrypt_into = AESGCM(derive(master_key, master_salt, _ENCRYPTION_LABEL, len(master_key))).encrypt_into
    salt = int.from_bytes(derive(master_key, master_salt, _SALT_LABEL, _GCM_SALT_LENGTH), "big")

    def protect(ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> memoryview:
        begin = len(header)
        end = begin + len(payload) + _TAG_LENGTH
        _BUFFER[:begin] = header
        nonce = (salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        encrypt_into(nonce, payload, header, _VIEW[begin:end])
        return _VIEW[:end]

    return protect


def libsrtp_protector(session: Session) -> Protector:
    """For a client that has no AES-GCM."""

    def protect(ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> bytes:
        protected: bytes = session.protect(header + payload)
        return protected

    return protect


class SrtpKeys:
    """Both directions of one association."""

    def __init__(self, profile: Any, material: bytes) -> None:
        """`profile` is one of aiortc's SRTP_PROFILES, `material` what DTLS exported; we are its server."""
        incoming, outgoing = profile.get_key_and_salt(material, 0), profile.get_key_and_salt(material, 1)
        self.incoming = Session(_policy(incoming, Policy.SSRC_ANY_INBOUND, profile.libsrtp_profile))
        self.outgoing = Session(_policy(outgoing, Policy.SSRC_ANY_OUTBOUND, profile.libsrtp_profile))
        if profile.salt_length == _GCM_SALT_LENGTH:
            self.protect = gcm_protector(outgoing[: profile.key_length], outgoing[profile.key_length :])
        else:
            self.protect = libsrtp_protector(self.outgoing)


def _policy(key: bytes, direction: int, profile: int) -> Policy:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    policy.allow_repeat_tx = True
    policy.window_size = _WINDOW
    return policy
