"""Names, and faces for those without a picture: drawn once, kept as planes of YUV."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from relay.recording.stage import HEIGHT, WIDTH, Box

_FONT: Final = Path(__file__).with_name("fonts") / "Tinos-Bold.ttf"
_GROUND: Final = (18, 24, 38)
_PLATE: Final = (10, 14, 22)
_INK: Final = (245, 247, 250)
_FACES: Final = ((46, 94, 170), (30, 120, 110), (126, 74, 150), (164, 86, 52), (88, 104, 130), (150, 60, 86))
_BORDER: Final = (180, 112, 60)
"""In YUV: the green of a speaker's frame."""
_EDGE: Final = 4

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]


def planes(frame: Any) -> Planes:
    """The planes of a YUV 4:2:0 frame, without a copy."""
    parts = []
    for number, plane in enumerate(frame.planes):
        width, height = (frame.width, frame.height) if number == 0 else (-(-frame.width // 2), -(-frame.height // 2))
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        parts.append(rows[:height, :width])
    return parts[0], parts[1], parts[2]


def turned(picture: Planes, quarters: int) -> Planes:
    """Clockwise, without a copy."""
    if not quarters:
        return picture
    y, u, v = (np.rot90(plane, -quarters) for plane in picture)
    return y, u, v


class Canvas:
    """The picture that is composed."""

    def __init__(self) -> None:
        self.pixels: Plane = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
        quarter = HEIGHT * WIDTH // 4
        flat = self.pixels.reshape(-1)
        self._planes: Planes = (
            self.pixels[:HEIGHT],
            flat[4 * quarter : 5 * quarter].reshape(HEIGHT // 2, WIDTH // 2),
            flat[5 * quarter :].reshape(HEIGHT // 2, WIDTH // 2),
        )
        self.clear(Box(0, 0, WIDTH, HEIGHT))

    def put(self, left: int, top: int, picture: Planes) -> None:
        """Both even."""
        for number, (to, source) in enumerate(zip(self._planes, picture, strict=True)):
            x, y = (left, top) if number == 0 else (left // 2, top // 2)
            to[y : y + source.shape[0], x : x + source.shape[1]] = source

    def clear(self, box: Box) -> None:
        self.put(box.left, box.top, _ground(box.width, box.height))

    def frame(self, box: Box) -> None:
        """Draw the border of one who is speaking."""
        for number, (plane, value) in enumerate(zip(self._planes, _BORDER, strict=True)):
            half = 1 if number == 0 else 2
            edge = _EDGE // half
            area = plane[
                box.top // half : (box.top + box.height) // half, box.left // half : (box.left + box.width) // half
            ]
            area[:edge] = area[-edge:] = value
            area[:, :edge] = area[:, -edge:] = value


def _yuv(image: Image.Image) -> Planes:
    y, u, v = planes(av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p"))
    return y.copy(), u.copy(), v.copy()


@lru_cache(maxsize=64)
def _ground(width: int, height: int) -> Planes:
    return _yuv(Image.new("RGB", (width, height), _GROUND))


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONT), size)


def _plain(name: str) -> str:
    """A name on one line, whatever its owner put into it."""
    signs = (sign if sign.isprintable() else " " for sign in normalize("NFC", name))
    return " ".join("".join(signs).split()) or "?"


@lru_cache(maxsize=512)
def label(name: str, box_width: int, box_height: int) -> Planes:
    """A name on its plate, for a picture of this size; what is too long ends in an ellipsis."""
    size = max(13, min(30, box_height // 14 + 4))
    font = _font(size)
    text = _plain(name)
    most = box_width - 2 * size
    while font.getlength(text) > most and len(text) > 2:
        text = text.rstrip("…")[:-1].rstrip() + "…"
    width = (int(font.getlength(text)) + size) // 2 * 2
    height = int(size * 1.5) // 2 * 2
    image = Image.new("RGB", (width, height), _PLATE)
    ImageDraw.Draw(image).text((size // 2, height // 2), text, _INK, font, anchor="lm")
    return _yuv(image)


@lru_cache(maxsize=256)
def face(name: str, width: int, height: int) -> Planes:
    """For who shows no picture: the first letter of the given name, which Vietnamese writes last."""
    image = Image.new("RGB", (width * 2, height * 2), _GROUND)
    words = _plain(name).split()
    letter = words[-1][:1].upper()
    colour = _FACES[sha256(name.encode()).digest()[0] % len(_FACES)]
    radius = min(width, height) * 2 * 0.28
    draw = ImageDraw.Draw(image)
    draw.ellipse((width - radius, height - radius, width + radius, height + radius), fill=colour)
    draw.text((width, height), letter, _INK, _font(max(12, int(radius))), anchor="mm")
    return _yuv(image.resize((width, height), Image.Resampling.LANCZOS))
