"""Canonical JSON (RFC 8785, JCS) for the values records are made of, and the digests over it.

Floats do not occur in records and are refused, so the one hard part of RFC 8785 (number formatting) is absent.
"""

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """The one byte string for a JSON value: keys sorted by UTF-16 code units, no spaces, UTF-8.

    Raises TypeError for floats and for anything JSON does not have. Source: RFC 8785 §3.2.
    """
    return _ENCODER.encode(_ordered(value)).encode()


# Made once: json.dumps would make one for each value. What is circular has ended in RecursionError before.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


def _ordered(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        keys = sorted(value)
        if not "".join(keys).isascii():
            keys.sort(key=_utf16)  # of ASCII names the order is the same
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(each) for each in value]
    raise TypeError(f"not canonical JSON: {type(value).__name__}")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
