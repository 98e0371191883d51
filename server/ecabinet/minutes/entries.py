"""The record of a meeting, to be asked. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ecabinet.ledger.model import Entry


@dataclass(frozen=True, slots=True)
class Record:
    """The entries of a meeting."""

    entries: Sequence[Entry]

    def of(self, *types: str) -> Iterator[tuple[Entry, dict[str, Any]]]:
        """Entries of these types with what they disclose; an erased one discloses nothing."""
        for entry in self.entries:
            if entry.type in types:
                yield entry, entry.disclosure.payload if entry.disclosure else {}

    def numbers(self, kind: str, **named: object) -> tuple[int, ...]:
        """The numbers of the entries of one type whose payload has these values."""
        return tuple(
            entry.number
            for entry, payload in self.of(kind)
            if all(payload.get(name) == value for name, value in named.items())
        )
