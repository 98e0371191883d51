"""The last packets of one incoming stream: which went out, and those that can be repeated to who lost some."""

from typing import Final

SLOTS: Final = 512
"""About half a second of HD video; kept once per stream, not once per receiver."""
_ALL: Final = (1 << SLOTS) - 1
_NEVER: Final = -1 << 62


class Forwarded:
    """Which packets of one incoming stream were forwarded.

    A publisher can send a number twice with other content, by way of the repair stream. Forwarding both would
    encrypt two contents under one nonce, which gives the receivers' keys away (RFC 7714 §8.1).
    """

    __slots__ = ("_newest", "_recent")

    def __init__(self) -> None:
        self._newest = _NEVER
        self._recent = 0
        """A bit for each of the last SLOTS ordinals, the newest in the lowest."""

    def add(self, ordinal: int) -> bool:
        """Note that a packet is forwarded; False when one of this ordinal was, or when that cannot be told any more."""
        ahead = ordinal - self._newest
        if ahead > 0:
            self._recent = (self._recent << ahead | 1) & _ALL if ahead < SLOTS else 1
            self._newest = ordinal
            return True
        bit = 1 << -ahead if ahead > -SLOTS else 0
        if not bit or self._recent & bit:
            return False
        self._recent |= bit
        return True


class PacketCache:
    """A ring by ordinal; a newer packet takes the place of one 512 numbers older."""

    __slots__ = ("_kept", "_newest", "_slots", "_swept")

    def __init__(self) -> None:
        self._slots: list[bytes | None] = []
        """Empty while there is nothing to keep."""
        self._newest = _NEVER
        self._swept = self._kept = _NEVER
        """The newest ordinal at the last sweep but one, and at the last."""

    def put(self, ordinal: int, packet: bytes) -> None:
        if ordinal - self._newest >= SLOTS:  # a pause may be so long that numbers of before it come again
            self._slots = [None] * SLOTS
            self._swept = self._kept = ordinal - 1
        self._newest = max(self._newest, ordinal)
        self._slots[ordinal % SLOTS] = packet

    def get(self, sequence: int) -> bytes | None:
        """The decrypted packet as it came in, or None when it never came or is too old."""
        packet = self._slots[sequence % SLOTS] if self._slots else None
        if packet is None or packet[2] << 8 | packet[3] != sequence:
            return None
        return packet

    def sweep(self) -> None:
        """Every second: forget what came before the last sweep, which in a slow stream is most of what fits."""
        if self._kept == self._newest:
            self._slots = []
            self._newest = _NEVER
        else:
            for ordinal in range(max(self._swept, self._newest - SLOTS) + 1, self._kept + 1):
                self._slots[ordinal % SLOTS] = None
        self._swept, self._kept = self._kept, self._newest
