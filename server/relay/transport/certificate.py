"""The relay's certificate, and how its associations are encrypted.

aiortc has the same, but loads codecs with it; they have no place in a program that decodes nothing.
"""

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from relay.transport.srtp import PROFILES
from relay.wire.sdp import Fingerprint

_DTLS_1_2: Final = 0xFEFD
_CIPHERS: Final = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"
)
"""What browsers have in common (RFC 8827 §6.5 demands the first and the third)."""
_DIGESTS: Final = {"sha-256": hashes.SHA256(), "sha-384": hashes.SHA384(), "sha-512": hashes.SHA512()}
_RELEASE_BUFFERS: Final = 0x10
"""SSL_MODE_RELEASE_BUFFERS: after the handshake an association is quiet, and needs 17 kB less without them."""
_GOOD_FOR: Final = timedelta(days=30)


class Certificate:
    """ECDSA on P-256; clients know it by its fingerprint in our answers."""

    def __init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _self_signed(key)
        digest = fingerprint(signed, "sha-256")
        assert digest is not None
        self.fingerprint: Final = digest
        self.context: Final = SSL.Context(SSL.DTLS_METHOD)
        """One for all associations: each of its own would cost more than everything else about it."""
        self.context.use_certificate(signed)
        self.context.use_privatekey(key)
        # Of the client's certificate only the fingerprint matters, which is compared when the handshake is done.
        self.context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        self.context.set_min_proto_version(_DTLS_1_2)
        self.context.set_max_proto_version(_DTLS_1_2)  # what `trusted_records` can read
        self.context.set_options(SSL.OP_NO_TICKET)
        self.context.set_session_cache_mode(SSL.SESS_CACHE_OFF)  # nobody resumes; it would only grow
        self.context.set_mode(_RELEASE_BUFFERS)
        self.context.set_cipher_list(_CIPHERS)
        self.context.set_tlsext_use_srtp(b":".join(profile.openssl_name for profile in PROFILES))


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, token_hex(16))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + _GOOD_FOR)
    return builder.sign(key, hashes.SHA256())


def fingerprint(certificate: x509.Certificate, algorithm: str) -> Fingerprint | None:
    """As SDP has it (RFC 8122 §5); None for an algorithm that is not trusted."""
    if algorithm not in _DIGESTS:
        return None
    return Fingerprint(algorithm, certificate.fingerprint(_DIGESTS[algorithm]).hex(":").upper())
