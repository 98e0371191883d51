"""What the record needs of the outside."""

from collections.abc import AsyncIterator
from typing import Protocol

from ecabinet.kernel.ids import MeetingId, PersonId

from .merkle import Frontier
from .model import Checkpoint, Entry


class Random(Protocol):
    """Unpredictable bytes."""

    def bytes(self, count: int) -> bytes:
        """``count`` bytes nobody can guess."""
        ...


class Names(Protocol):
    """What people are called. Accounts live above the record, so app.py hands this in."""

    async def __call__(self, people: frozenset[PersonId]) -> dict[PersonId, str]:
        """Person → name; who is unknown is left out."""
        ...


class Signer(Protocol):
    """The key that vouches for the record."""

    @property
    def origin(self) -> str:
        """The log's name: the first line of its checkpoints and the name of its key."""
        ...

    @property
    def public_key(self) -> bytes:
        """Ed25519, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes."""
        ...


class Records(Protocol):
    """Entries and checkpoints inside one transaction."""

    async def lock(self) -> Frontier:
        """The whole log as it now stands; nobody else appends or signs before this transaction ends."""
        ...

    async def head(self) -> Frontier:
        """The log as it now stands, without a lock."""
        ...

    def entries(self, since: int, until: int) -> AsyncIterator[Entry]:
        """The entries with numbers in (since, until], in order, with what is left of their disclosures."""
        ...

    async def leaves(self, since: int, until: int) -> list[bytes]:
        """The stored leaves of the entries with numbers in (since, until], in order."""
        ...

    async def of(self, meeting: MeetingId) -> list[Entry]:
        """A meeting's entries, oldest first."""
        ...

    async def entry(self, number: int) -> Entry | None:
        """The entry of this number."""
        ...

    async def erase(self, number: int) -> None:
        """Forget what the entry disclosed. Erasing twice is harmless."""
        ...

    async def checkpoint(self) -> tuple[Checkpoint, Frontier] | None:
        """The newest checkpoint and the frontier it was signed over."""
        ...

    async def checkpoints(self) -> list[Checkpoint]:
        """All of them, oldest first."""
        ...

    async def add_checkpoint(self, checkpoint: Checkpoint, frontier: Frontier) -> None:
        """Keep a new one. It never changes again."""
        ...
