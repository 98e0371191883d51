"""Which simulcast layer a receiver gets: the best it wants among those that arrive, changed only on key frames."""

from dataclasses import dataclass
from typing import Final

ALIVE_US: Final = 1_500_000
"""A layer not heard of for so long is not sent at present (the publisher lacks bandwidth for it)."""


@dataclass(slots=True)
class LayerSelector:
    """State of one receiver of one track; layers are numbered from 0, the lowest."""

    ceiling: int = 2
    """Highest layer the receiver wants."""
    carried: int = 2
    """Highest layer its line carries."""
    current: int = -1
    """Layer being forwarded, -1 before the first."""

    @property
    def highest(self) -> int:
        """The best that is both wanted and carried."""
        return min(self.ceiling, self.carried)

    def target(self, last_heard_us: list[int], now_us: int) -> int:
        """The layer to be on: the highest alive one that is wanted and carried, else the lowest alive; -1 if none is.

        last_heard_us  by layer, when its last packet came, 0 for never
        """
        alive = [layer for layer, at in enumerate(last_heard_us) if at and now_us - at < ALIVE_US]
        if not alive:
            return -1
        wanted = [layer for layer in alive if layer <= self.highest]
        return wanted[-1] if wanted else alive[0]

    def takes(self, layer: int, *, keyframe: bool, target: int) -> bool:
        """Whether a packet of this layer goes out; moves to the target on its key frame."""
        if layer == self.current:
            return True
        if layer == target and keyframe:
            self.current = layer
            return True
        return False


def layer_for_size(widths_and_heights: list[tuple[int, int]], width: int, height: int) -> int:
    """The smallest layer (ascending list) that fills a picture of this size in pixels; the largest if none does."""
    for layer, (layer_width, layer_height) in enumerate(widths_and_heights):
        if layer_width >= width or layer_height >= height:
            return layer
    return max(0, len(widths_and_heights) - 1)
