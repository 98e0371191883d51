"""Datagrams as clients send them."""

import hmac
import zlib
from struct import pack


def binding_request(ufrag: str, password: str, *, nominates: bool = False) -> bytes:
    """A connectivity check as browsers send it."""
    name = f"{ufrag}:client".encode()
    body = pack("!HH", 6, len(name)) + name + bytes(-len(name) % 4)
    if nominates:
        body += pack("!HH", 0x25, 0)
    head = pack("!HHI", 1, len(body) + 24, 0x2112A442) + b"transaction!"
    signed = head + body
    message = signed + pack("!HH", 8, 20) + hmac.digest(password.encode(), signed, "sha1")
    message = message[:2] + pack("!H", len(message) - 20 + 8) + message[4:]
    return message + pack("!HHI", 0x8028, 4, zlib.crc32(message) ^ 0x5354554E)
