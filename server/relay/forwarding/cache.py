"""The last packets of one incoming stream, to repeat them to receivers that lost some."""

from typing import Final

SLOTS: Final = 512
"""About half a second of HD video; kept once per stream, not once per receiver."""


class PacketCache:
    """A ring by sequence number; a newer packet takes the place of one 512 numbers older."""

    def __init__(self) -> None:
        self._slots: list[bytes | None] = [None] * SLOTS

    def put(self, sequence: int, packet: bytes) -> None:
        self._slots[sequence % SLOTS] = packet

    def get(self, sequence: int) -> bytes | None:
        """The decrypted packet as it came in, or None when it never came or is too old."""
        packet = self._slots[sequence % SLOTS]
        if packet is None or packet[2] << 8 | packet[3] != sequence:
            return None
        return packet
