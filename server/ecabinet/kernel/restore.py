"""From the JSON of a record back to the value it was made of: the inverse of `events.plain`. Pure."""

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class NotRestorable(ValueError):
    """The JSON does not describe a value of the wanted kind. The message names the place."""


def restore(kind: type[T], value: Any) -> T:
    """The value of this kind that `plain` writes as ``value``. Nothing is converted by guess, no key is unknown, and
    only a field with a default may be missing.

    Raises NotRestorable.
    """
    restored: T = _restore(kind, value, kind.__name__)
    return restored


def _restore(kind: Any, value: Any, path: str) -> Any:
    supertype = getattr(kind, "__supertype__", None)
    if supertype is not None:
        return _restore(supertype, value, path)
    origin = get_origin(kind)
    if origin is not None:
        return _restore_generic(kind, origin, value, path)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _restore_fields(kind, value, path)
    if kind is Any:
        return value
    if kind in (str, int, bool, type(None)):
        return _exactly(kind, value, path)
    return _parsed(kind, value, path)


def _restore_generic(kind: Any, origin: Any, value: Any, path: str) -> Any:
    inside = get_args(kind)
    if origin in (Union, types.UnionType):
        wanted = [each for each in inside if each is not type(None)]
        if value is None and len(wanted) < len(inside):
            return None
        if len(wanted) != 1:
            raise NotRestorable(f"{path}: more than one kind")
        return _restore(wanted[0], value, path)
    if origin in (tuple, frozenset):
        listed = _exactly(list, value, path)
        return origin(_restore(inside[0], each, f"{path}[{at}]") for at, each in enumerate(listed))
    if origin in (dict, Mapping):
        named = _exactly(dict, value, path)
        return {
            _restore(inside[0], key, path): _restore(inside[1], each, f"{path}.{key}") for key, each in named.items()
        }
    raise NotRestorable(f"{path}: {kind} is not a kind of a record")


def _restore_fields(kind: Any, value: Any, path: str) -> Any:
    given: dict[str, Any] = _exactly(dict, value, path)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = given.keys() - fields.keys()
    missing = {name for name, field in fields.items() if name not in given and _is_required(field)}
    if unknown or missing:
        raise NotRestorable(f"{path}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    hints = _hints(kind)
    return kind(**{name: _restore(hints[name], each, f"{path}.{name}") for name, each in given.items()})


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _exactly(kind: type, value: Any, path: str) -> Any:
    # bool is an int in Python and is not meant where a number is.
    if type(value) is not kind:
        raise NotRestorable(f"{path}: {kind.__name__} expected")
    return value


def _parsed(kind: Any, value: Any, path: str) -> Any:
    """From a string: an enum's value, a moment, a day, a fraction."""
    written = _exactly(str, value, path)
    for base, read in _READERS:
        if isinstance(kind, type) and issubclass(kind, base):
            try:
                return read(kind, written)
            except (ValueError, ZeroDivisionError) as error:
                raise NotRestorable(f"{path}: not a {kind.__name__}") from error
    raise NotRestorable(f"{path}: {kind} is not a kind of a record")


_READERS: tuple[tuple[type, Callable[[Any, str], Any]], ...] = (
    (Enum, lambda kind, written: kind(written)),
    (datetime, lambda _, written: datetime.fromisoformat(written)),
    (date, lambda _, written: date.fromisoformat(written)),
    (Fraction, lambda _, written: Fraction(written)),
)
