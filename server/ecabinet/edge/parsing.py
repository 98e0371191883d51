"""JSON in: bounded, without duplicate keys, checked against a shape, refused with every fault named at once."""

import json
from typing import Any

from pydantic import ValidationError

from ecabinet.kernel.errors import Invalid, TooLarge

from .routes import Shape

LIMIT_BYTES = 65536
DEPTH_LIMIT = 8


class NotJson(Invalid):
    """The body is not JSON as RFC 8259 has it, has a key twice, or is nested too deep."""

    code = "not_json"


def parse(raw: bytes, shape: type[Shape]) -> Shape:
    """Raises TooLarge, NotJson, Invalid (``fields``: path → reason), in this order."""
    if len(raw) > LIMIT_BYTES:
        raise TooLarge(limit_bytes=LIMIT_BYTES)
    text = raw or b"{}"
    strict_json(text)
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise Invalid(fields=_faults(error)) from error


def strict_json(raw: bytes | str) -> Any:
    """The value. Raises NotJson for duplicate keys (two readers would see two messages), NaN, depth over 8, another
    encoding than UTF-8, and characters that are none: NUL and half surrogate pairs."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        value = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_refuse)
        if _depth(value) > DEPTH_LIMIT:
            raise ValueError("too deep")
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise NotJson() from error
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, [*value, *value.values()]), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    if isinstance(value, str) and "\0" in value:
        raise ValueError("NUL is no character of ours")
    return 0


def _faults(error: ValidationError) -> dict[str, str]:
    """Field path → pydantic's stable error type (``missing``, ``string_too_long``), which the client translates."""
    return {".".join(str(part) for part in fault["loc"]) or "body": fault["type"] for fault in error.errors()}
