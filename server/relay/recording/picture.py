"""One picture of all: the shared screen or the speaker large, everybody else around, names below."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.video.reformatter import Interpolation, VideoReformatter

from relay.recording.bounds import MAX_PIXELS, PictureBounds
from relay.recording.drawing import Canvas, Planes, face, label, planes, turned
from relay.recording.scene import Part, Scene
from relay.recording.sound import Mixed
from relay.recording.stage import HEIGHT, WIDTH, Box, Stage, boxes
from relay.wire import vp8

_FPS: Final = 25
_FPS_OF_MANY: Final = 12
_MANY: Final = 4
"""With more cameras than this at once, half the pictures suffice: they are small."""
_BIT_RATE: Final = 1_200_000
_KEYFRAME_S: Final = 10
_STILL_US: Final = 1_000_000
"""A picture in which nothing changes is written again after this time."""
_ENCODER: Final = {"deadline": "realtime", "cpu-used": "12", "lag-in-frames": "0", "static-thresh": "100"}
_MAX_BACKLOG: Final = 2_000


class _Reel:
    """One video stream, read as the composition goes on; decoded only while it is shown."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.frame: Any = None
        """The latest picture; None before the first."""
        self.changes = 0
        self.bounds = PictureBounds()
        self._quarters = 0
        self._scaler = VideoReformatter()
        self._packets = self._read()
        self._next: Any = None
        self._is_begun = False
        self._decoder: Any = None
        self._tells_size = False
        """Whether key frames say how large they are where we can read it."""
        self._new_decoder: Callable[[], Any] = lambda: None
        self._backlog: list[Any] = []
        self._over_us = max((until_us for _, until_us in part.shown), default=0)

    def _read(self) -> Generator[Any, None, None]:
        """The packets; the file is open only while there are more."""
        with av.open(str(self.part.path)) as file:
            stream = file.streams.video[0]
            name, extradata = stream.codec_context.name, stream.codec_context.extradata
            self._tells_size = name == "vp8"

            def decoder() -> Any:
                made: Any = av.CodecContext.create(name, "r")
                made.thread_count, made.extradata = 1, extradata
                made.options = {"max_pixels": str(MAX_PIXELS)}
                return made

            self._new_decoder = decoder
            for packet in file.demux(stream):
                if packet.pts is not None:
                    yield packet

    def advance(self, at_us: int, *, shown: bool) -> None:
        """Go on to this moment of the recording."""
        if at_us >= self._over_us:
            self._forget()
            return
        if not self._is_begun and at_us >= self.part.begins_us:
            self._is_begun = True
            self._next = next(self._packets, None)
        while self._next is not None and self._next.pts * 1000 <= at_us:  # our files count milliseconds
            if self._next.is_keyframe:
                self._backlog.clear()
                self._decoder = self._decoder if shown else None
            if len(self._backlog) < _MAX_BACKLOG:
                self._backlog.append(self._next)
            self._next = next(self._packets, None)
        self._quarters = self.part.quarters(at_us)
        if shown and self._backlog:
            for packet in self._backlog:
                self._decode(packet)
            self._backlog.clear()

    def _forget(self) -> None:
        """It will not be shown again: a long session has hundreds, and each could keep a decoder and its pictures."""
        self._is_begun = True
        self._packets.close()
        self._backlog.clear()
        self._next = self._decoder = self.frame = None

    def _decode(self, packet: Any) -> None:
        if packet.is_keyframe:
            head = bytes(memoryview(packet)[:10])
            self.bounds.is_of(*(vp8.picture_size(head) if self._tells_size else (0, 0)))
        if self.bounds.admit(packet.pts / 1000, keyframe=packet.is_keyframe):
            self._show(packet)
        if self.bounds.is_too_large:
            self.frame = None  # rather a name than a picture of long ago

    def _show(self, packet: Any) -> None:
        try:
            self._decoder = self._decoder or self._new_decoder()
            frames = self._decoder.decode(packet)
        except (av.FFmpegError, MemoryError):
            if self._decoder is not None:
                self.bounds.failed(self._decoder.width, self._decoder.height)
            return  # broken on the way: the picture before it stays
        if frames:
            self.frame = frames[-1]
            self.changes += 1
            self.bounds.is_of(self.frame.width, self.frame.height)

    def fitted(self, box: Box) -> tuple[int, int, Planes]:
        """The whole picture, upright, as large as the place allows, in its middle: left, top, planes."""
        frame = self.frame
        across, down = (box.height, box.width) if self._quarters % 2 else (box.width, box.height)
        scale = min(across / frame.width, down / frame.height)
        width, height = (max(2, round(side * scale) // 2 * 2) for side in (frame.width, frame.height))
        small = self._scaler.reformat(frame, width, height, "yuv420p", interpolation=Interpolation.FAST_BILINEAR)
        upright = turned(planes(small), self._quarters)
        left = box.left + (box.width - upright[0].shape[1]) // 4 * 2
        top = box.top + (box.height - upright[0].shape[0]) // 4 * 2
        return left, top, upright


@dataclass(slots=True)
class _Tile:
    """What is in one place now."""

    who: str
    box: Box
    changes: int = -1
    """Of its reel when it was drawn; -1 when there was no picture."""
    speaks: bool = False
    area: tuple[int, ...] = ()
    """Where in it the picture is: one of another shape leaves a margin that must be cleared."""


class _Gallery:
    """Draws only what changed."""

    def __init__(self, scene: Scene, mixed: Mixed) -> None:
        self.canvas = Canvas()
        self._scene = scene
        self._mixed = mixed
        self._stage = Stage()
        self._reels = {part.track: _Reel(part) for part in scene.pictures}
        self._tiles: list[_Tile] = []

    def left_out(self) -> dict[str, int]:
        """By track, how many pictures were not decoded; see `PictureBounds`."""
        return {track: reel.bounds.left_out for track, reel in self._reels.items()}

    def draw(self, at_us: int) -> bool:
        """Bring the canvas to a moment of the recording; whether anything changed."""
        step = min(at_us // 100_000, len(self._mixed.speakers) - 1)
        on = [reel for reel in self._reels.values() if reel.part.is_on(at_us)]
        screens = [reel.part.track for reel in on if reel.part.is_screen]
        cameras = {reel.part.participant: reel for reel in on if not reel.part.is_screen}
        shown = self._stage.seat(self._scene.present(at_us), self._mixed.speakers[step], screens)
        showing = {who: self._reels[who] if who in screens else cameras.get(who) for who in shown}
        visible = {id(reel) for reel in showing.values()}
        for reel in self._reels.values():
            reel.advance(at_us, shown=id(reel) in visible)
        changed = self._arrange(shown)
        for tile in self._tiles:
            is_large = tile is self._tiles[0]
            speaks = tile.who in self._mixed.heard[step] and not is_large
            changed |= self._draw(tile, showing[tile.who], speaks)
        return changed

    def _arrange(self, shown: list[str]) -> bool:
        places = boxes(len(shown))
        if [(tile.who, tile.box) for tile in self._tiles] == list(zip(shown, places, strict=True)):
            return False
        self._tiles = [_Tile(who, box, changes=-2) for who, box in zip(shown, places, strict=True)]
        self.canvas.clear(Box(0, 0, WIDTH, HEIGHT))
        return True

    def _draw(self, tile: _Tile, reel: _Reel | None, speaks: bool) -> bool:
        changes = reel.changes if reel is not None and reel.frame is not None else -1
        if (tile.changes, tile.speaks) == (changes, speaks):
            return False
        name, box = self._name(tile.who), tile.box
        if reel is None or reel.frame is None:
            left, top, picture = box.left, box.top, face(name, box.width, box.height)
        else:
            left, top, picture = reel.fitted(box)
        height, width = picture[0].shape
        area = (left, top, width, height)
        if area != tile.area or (tile.speaks and not speaks):
            self.canvas.clear(box)
            tile.area = area
        self.canvas.put(left, top, picture)
        plate = label(name, width, height)
        self.canvas.put(left + 8, (top + height - plate[0].shape[0] - 8) // 2 * 2, plate)
        if speaks:
            self.canvas.frame(box)
        tile.changes, tile.speaks = changes, speaks
        return True

    def _name(self, who: str) -> str:
        return self._reels[who].part.name if who in self._reels else self._scene.people[who][0]


class _Sounds:
    """The mixed sound, copied from its file piece by piece."""

    def __init__(self, source: Any, stream: Any) -> None:
        self._packets = (packet for packet in source.demux(source.streams.audio[0]) if packet.pts is not None)
        self._next = next(self._packets, None)
        self._stream = stream

    def until(self, at_us: int) -> list[Any]:
        packets = []
        while self._next is not None and self._next.pts * self._next.time_base * 1_000_000 <= at_us:
            self._next.stream = self._stream
            packets.append(self._next)
            self._next = next(self._packets, None)
        return packets


def compose(scene: Scene, mixed: Mixed, sound: Path, path: Path, advanced: Callable[[float], None]) -> dict[str, int]:
    """Write the composed file, its sound copied from that of `mix`; `advanced` is told the share that is done.

    Returns, by track, how many pictures it does without because they were too large, or too many.
    """
    fps = _FPS if len(scene.pictures) <= _MANY else _FPS_OF_MANY
    gallery = _Gallery(scene, mixed)
    count = max(1, scene.duration_us * fps // 1_000_000)
    with av.open(str(sound)) as source, av.open(str(path), "w", format="webm") as file:
        file.metadata["title"] = scene.title
        video = file.add_stream("libvpx", rate=fps, options=dict(_ENCODER))
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.bit_rate, video.gop_size, video.thread_count = _BIT_RATE, fps * _KEYFRAME_S, 1
        audio = file.add_stream_from_template(source.streams.audio[0])
        sounds = _Sounds(source, audio)
        written_us = -_STILL_US
        for number in range(count):
            at_us = number * 1_000_000 // fps
            changed = gallery.draw(at_us + 500_000 // fps)  # the nearest pictures, not the ones before
            file.mux(sounds.until(at_us))
            if changed or at_us - written_us >= _STILL_US or number == count - 1:
                frame = av.VideoFrame.from_ndarray(gallery.canvas.pixels, format="yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, fps)
                file.mux(video.encode(frame))
                written_us = at_us
            if number % fps == 0:
                advanced(number / count)
        file.mux(video.encode(None))
        file.mux(sounds.until(scene.duration_us + _STILL_US))
    return gallery.left_out()
