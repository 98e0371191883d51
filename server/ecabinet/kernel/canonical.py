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
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(each) for each in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"not canonical JSON: {type(value).__name__}")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
