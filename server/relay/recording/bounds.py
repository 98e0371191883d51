"""How much of what participants sent is decoded: a few thousand bytes can be a picture that fills the memory."""

from typing import Final

from relay.recording.state import State
from relay.rooms.allowance import Allowance

MAX_PIXELS: Final = 4_096 * 4_096
"""Of one picture: the largest screens that are shared (5K) have less. Twelve decoders then take less than 1 GB."""
PIXELS_PER_S: Final = 500_000_000
"""Of one stream: a 5K screen thirty times a second."""
_CPU_AT_LEAST_S: Final = 600
_CPU_PER_S: Final = 20
"""For a second of recording; what it takes is half a second, seven where twelve streams go to their bounds."""


class PictureBounds:
    """Which pictures of one stream are decoded. One that is left out costs those after it, up to the next key frame."""

    def __init__(self) -> None:
        self.left_out = 0
        """So many were not."""
        self._pixels = 0
        """Of a picture, as far as is known."""
        self._is_too_large = False
        self._waits = False
        """For the next key frame."""
        self._allowance = Allowance(PIXELS_PER_S, PIXELS_PER_S)

    @property
    def is_too_large(self) -> bool:
        """Whether pictures are of a size that is not decoded at all."""
        return self._is_too_large

    def is_of(self, width: int, height: int) -> None:
        """The size of pictures from now on: as a key frame claims, or as they were decoded; 0 when it is not known."""
        self._pixels = width * height
        self._is_too_large = self._pixels > MAX_PIXELS

    def failed(self, width: int, height: int) -> None:
        """An admitted picture was not decoded, and this is what the decoder took its size for."""
        self.is_of(width, height)
        self.left_out += self._is_too_large

    def admit(self, at_s: float, *, keyframe: bool) -> bool:
        """Whether the next picture may be decoded; `at_s` is its time in the recording."""
        if keyframe:
            self._waits = False
        if not self._waits:
            self._waits = self._is_too_large or not self._allowance.take(at_s, self._pixels)
        self.left_out += self._waits
        return not self._waits


def cpu_limit_s(recorded: State) -> int:
    """What making the files of a recording may take of a processor before something must be wrong."""
    length_us = max(0, recorded.ended_at_us - recorded.started_at_us)
    return _CPU_AT_LEAST_S + _CPU_PER_S * length_us // 1_000_000
