"""argon2id, off the event loop, behind a short queue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from ecabinet.kernel.errors import Unavailable

_AT_ONCE = 2
_WAITING = 20
_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)


@cache
def _nobodys() -> str:
    """The hash of a password nobody has: checking it takes as long as checking a real one."""
    return _HASHER.hash("no such account")


class Argon2Passwords:
    """See identity's Passwords port. 64 MiB, 3 passes, 4 lanes: two at once take 128 MiB, which is the bound."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        async with self._turn():
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        async with self._turn():
            return await asyncio.to_thread(_verify, password_hash, password)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One of the few places at the hash; refused when too many stand in line."""
        if self._waiting >= _WAITING:
            raise Unavailable()
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _HASHER.verify(password_hash or _nobodys(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
