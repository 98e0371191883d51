"""The real clock and the real dice."""

import secrets
from datetime import UTC, datetime


class SystemClock:
    """The machine's wall clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """Ids of 128 random bits, as 26 lower-case letters and digits (RFC 4648 base32 without padding)."""

    _ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

    def new(self) -> str:
        bits = secrets.randbits(130)
        return "".join(self._ALPHABET[bits >> shift & 31] for shift in range(125, -1, -5))


class SystemRandom:
    """Unpredictable bytes."""

    def bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)
