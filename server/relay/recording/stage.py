"""Who is where in the composed picture: the shared screen or the speaker large, the others at the right and below."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

WIDTH, HEIGHT = 1280, 720
MAX_SHOWN: Final = 12
_LEAST_ACROSS: Final = 4


class Box(NamedTuple):
    """Pixels from the upper left corner; all even."""

    left: int
    top: int
    width: int
    height: int


def boxes(count: int) -> list[Box]:
    """Places for so many, the large one first.

    The edge is divided into k: the large picture takes k-1 of it both ways, which leaves k places at the right and k-1
    below, all of the same shape.
    """
    if count <= 0:
        return []
    if count == 1:
        return [Box(0, 0, WIDTH, HEIGHT)]
    across = max(_LEAST_ACROSS, (min(count, MAX_SHOWN) + 1) // 2)
    width, height = WIDTH // across // 2 * 2, HEIGHT // across // 2 * 2
    left = (WIDTH - width * across) // 4 * 2
    large = Box(left, 0, width * (across - 1), height * (across - 1))
    right = [Box(left + large.width, height * row, width, height) for row in range(across)]
    below = [Box(left + width * column, large.height, width, height) for column in reversed(range(across - 1))]
    small = [*right, *below][: min(count, MAX_SHOWN) - 1]
    if len(small) > across:
        return [large, *small]
    beside = min((HEIGHT - large.height) // 4 * 2, HEIGHT - height * len(small))
    return [large._replace(height=HEIGHT), *(box._replace(top=box.top + beside) for box in small)]  # nobody is below


@dataclass(slots=True)
class Stage:
    """Keeps everybody's place for as long as nothing forces a change: pictures that jump about cannot be followed."""

    _people: list[str] = field(default_factory=list)

    def seat(self, present: Sequence[str], speaker: str | None, screens: Sequence[str]) -> list[str]:
        """Who is shown, the large one first; the latest of the screens is large, a speaker otherwise.

        present  participants, in the order they came
        """
        self._people = [one for one in self._people if one in present]
        self._people += [one for one in present if one not in self._people]
        if speaker in self._people and self._must_move(self._people.index(speaker), bool(screens)):
            at = self._people.index(speaker)
            self._people[0], self._people[at] = self._people[at], self._people[0]
        return [*screens[-1:], *self._people][:MAX_SHOWN]

    @staticmethod
    def _must_move(at: int, has_screen: bool) -> bool:
        """Beside a shared screen, a speaker who can be seen stays in place."""
        return at >= MAX_SHOWN - 1 if has_screen else at > 0
