"""Events: what has happened, in the past participle. They are recorded in the ledger and never change.

An event is a frozen dataclass whose fields are JSON-ready through `payload`. Its ``type`` is a stable name
(``slice.what_happened``); a retired name is never used again.
"""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from fractions import Fraction
from typing import Any, ClassVar

from .ids import MeetingId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. Subclasses set ``type`` and add fields."""

    type: ClassVar[str] = ""

    at: datetime
    """When, UTC."""
    actor: PersonId | None = None
    """Who did it, from the sign-in session; None when the system did."""
    meeting: MeetingId | None = None
    """The meeting it belongs to; its participants hear of it. None for anything outside a meeting."""

    def payload(self) -> dict[str, Any]:
        """The fields as JSON-ready values, without ``at``, ``actor`` and ``meeting``, which the record keeps itself."""
        own = {field.name for field in dataclasses.fields(self)} - {"at", "actor", "meeting"}
        return {name: plain(getattr(self, name)) for name in sorted(own)}


def plain(value: Any) -> Any:
    """A value as JSON has it: moments as RFC 3339 in UTC, days as ISO 8601, fractions as "2/3", sets sorted,
    dataclasses as objects.

    Raises TypeError for anything else, floats included: no figure of a record is approximate.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"not a value of a record: {type(value).__name__}")


def moment(value: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as every wire and record of ours has it. Raises ValueError when naive."""
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_if_any(value: datetime | None) -> str | None:
    """The same, or None for what has not happened."""
    return moment(value) if value else None


_WRITERS: tuple[tuple[Any, Any], ...] = (
    (Enum, lambda value: plain(value.value)),
    (datetime, moment),
    (date, lambda value: value.isoformat()),
    (Fraction, lambda value: f"{value.numerator}/{value.denominator}"),
    (dict, lambda value: {str(plain(key)): plain(each) for key, each in value.items()}),
    (set | frozenset, lambda value: sorted(plain(each) for each in value)),
    (list | tuple, lambda value: [plain(each) for each in value]),
)
