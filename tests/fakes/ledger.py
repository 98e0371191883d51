"""The record in memory, and a key made of a number."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger.merkle import Frontier
from ecabinet.ledger.model import SALT_BYTES, Checkpoint, Entry
from ecabinet.ledger.rules import enter
from tests.fakes.kernel import CountingBytes


class SeededSigner:
    """A real Ed25519 key from a seed. See the Signer port."""

    def __init__(self, origin: str = "log.test", seed: int = 1) -> None:
        self._origin = origin
        self._key = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@dataclass
class MemoryRecords:
    """See the Records port. `append` is the Recorder's part of it."""

    random: CountingBytes = field(default_factory=CountingBytes)
    kept: list[Entry] = field(default_factory=list)
    signed: list[tuple[Checkpoint, Frontier]] = field(default_factory=list)
    leaves_read: int = 0

    def append(self, event: Event) -> int:
        before = [entry.number for entry in self.kept if event.meeting and entry.meeting == event.meeting]
        previous = before[-1] if before else None
        self.kept.append(enter(event, len(self.kept) + 1, previous, self.random.bytes(SALT_BYTES)))
        return len(self.kept)

    async def lock(self) -> Frontier:
        return await self.head()

    async def head(self) -> Frontier:
        return Frontier().extend(entry.leaf for entry in self.kept)

    async def entries(self, since: int, until: int) -> AsyncIterator[Entry]:
        for entry in self.kept[since:until]:
            yield entry

    async def leaves(self, since: int, until: int) -> list[bytes]:
        self.leaves_read += until - since
        return [entry.leaf for entry in self.kept[since:until]]

    async def of(self, meeting: MeetingId) -> list[Entry]:
        return [entry for entry in self.kept if entry.meeting == meeting]

    async def entry(self, number: int) -> Entry | None:
        return self.kept[number - 1] if 1 <= number <= len(self.kept) else None

    async def erase(self, number: int) -> None:
        self.kept[number - 1] = replace(self.kept[number - 1], disclosure=None)

    async def checkpoint(self) -> tuple[Checkpoint, Frontier] | None:
        return self.signed[-1] if self.signed else None

    async def checkpoints(self) -> list[Checkpoint]:
        return [checkpoint for checkpoint, _ in self.signed]

    async def add_checkpoint(self, checkpoint: Checkpoint, frontier: Frontier) -> None:
        self.signed.append((checkpoint, frontier))


@dataclass
class KnownNames:
    """See the Names port."""

    known: dict[PersonId, str]

    async def __call__(self, people: frozenset[PersonId]) -> dict[PersonId, str]:
        return {person: name for person, name in self.known.items() if person in people}
