"""What services need of the outside, in our words. The docstrings are the contract."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from .events import Event


class Ids(Protocol):
    """Where new names come from."""

    def new(self) -> str:
        """An id never given before, unguessable (at least 120 random bits), without order."""
        ...


class Transaction(Protocol):
    """The unit of work a service runs in. It commits once, after the service has returned, or not at all."""

    async def record(self, event: Event) -> int:
        """Keep the event, and return the number of its ledger entry (1, 2, 3 … without gaps).

        The commit that keeps the facts keeps the entry and tells the meeting, or none of the three happens. Taking
        a number makes every other act wait for this one's end: record last, after rows are locked and written."""
        ...

    async def record_all(self, events: Sequence[Event]) -> list[int]:
        """The same for events of one type that change one and the same entry of a meeting's view, in this order.
        Each has its own entry in the record; the meeting is told once, by the last of them, how the entry now
        stands."""
        ...


Check = Callable[[str], Awaitable[None]]
"""Looks at bytes that have arrived; takes the path of a file that holds them for the time of the call."""


class Blobs(Protocol):
    """Bytes by their digest."""

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int, check: Check | None = None) -> tuple[str, int]:
        """Store what the chunks add up to, durably, and return (SHA-256 hex, size in bytes). The same bytes twice
        are kept once.

        check  looks at all the bytes before they are kept, and raises to have them thrown away

        Raises TooLarge when more than ``limit_bytes`` arrive, and whatever ``check`` raises; then nothing is kept.
        """
        ...

    async def get(self, digest: str) -> bytes:
        """The bytes. Raises NotFound."""
        ...

    def stream(
        self, digest: str, chunk_bytes: int = 65536, *, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes of [begin, end), all without them, in pieces. Raises NotFound at the first step."""
        ...
