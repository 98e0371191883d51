"""How much of something is allowed, per session and per part of the network it comes from. Time is an argument."""

import socket
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_MAX_SOURCES: Final = 4096
"""Parts of the network remembered; the one not seen for longest is forgotten first."""


class Bucket:
    """So many per second, and a burst of them at once."""

    __slots__ = ("_at_s", "_burst", "_left", "_per_s")

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = burst
        self._at_s = 0.0

    def left(self, now_s: float) -> float:
        """What may be taken at this moment."""
        if now_s > self._at_s:
            self._left = min(self._burst, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        return self._left

    def take(self, now_s: float) -> bool:
        """Whether there was one left; it is gone now."""
        if self.left(now_s) < 1:
            return False
        self._left -= 1
        return True


class SourceBudgets:
    """A bucket for each /24 (IPv4) or /56 (IPv6), in a table that strangers cannot make grow."""

    def __init__(self, per_s: float, burst: float, max_sources: int = _MAX_SOURCES) -> None:
        self._per_s = per_s
        self._burst = burst
        self._max_sources = max_sources
        self._buckets: dict[bytes | str, Bucket] = {}
        """In the order of their last use."""

    @property
    def sources(self) -> int:
        """How many are remembered."""
        return len(self._buckets)

    def take(self, host: str, now_s: float) -> bool:
        """Whether one more is allowed to hosts near this one; it is used up."""
        key = _network(host)
        bucket = self._buckets.pop(key, None)
        if bucket is None:
            bucket = Bucket(self._per_s, self._burst)
            if len(self._buckets) >= self._max_sources:
                del self._buckets[next(iter(self._buckets))]
        self._buckets[key] = bucket
        return bucket.take(now_s)

    def is_spent(self, host: str, now_s: float) -> bool:
        """Whether nothing is left to hosts near this one; changes nothing."""
        bucket = self._buckets.get(_network(host))
        return bucket is not None and bucket.left(now_s) < 1


class Probation(Generic[T]):
    """Those who came in and have proved nothing yet, so many at most.

    When there are too many, the network (/24, /56) that has the most of them loses the one it has had for longest: who
    means well proves itself after one round trip, and so is among the newest.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._waiting: dict[bytes | str, dict[T, None]] = {}
        """By network, in the order they came."""

    def add(self, host: str, one: T) -> T | None:
        """Take in one more, who has not been; who has to go for it, forgotten already."""
        network = _network(host)
        ousted = self._oust(network) if self._count >= self._most else None
        self._waiting.setdefault(network, {})[one] = None
        self._count += 1
        return ousted

    def _oust(self, newcomer: bytes | str) -> T:
        """Among networks that have as many, the one that wants one more pays for it."""
        network = max(self._waiting, key=lambda network: (len(self._waiting[network]), network == newcomer))
        oldest = next(iter(self._waiting[network]))
        self._forget(network, oldest)
        return oldest

    def remove(self, host: str, one: T) -> bool:
        """It has proved itself, or gone; whether it was here."""
        network = _network(host)
        if one not in self._waiting.get(network, ()):
            return False
        self._forget(network, one)
        return True

    def _forget(self, network: bytes | str, one: T) -> None:
        self._count -= 1
        del self._waiting[network][one]
        if not self._waiting[network]:
            del self._waiting[network]


def _network(host: str) -> bytes | str:
    """What one owner of addresses usually holds: /24 of IPv4, /56 of IPv6."""
    if ":" in host:
        return socket.inet_pton(socket.AF_INET6, host.partition("%")[0])[:7]
    return host.rpartition(".")[0]
