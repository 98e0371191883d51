"""One stream of frames as a Matroska file; WebM where the codec allows. No codec is needed for that.

Source: RFC 9559 (Matroska), RFC 8794 (EBML), RFC 7845 §5.1 (OpusHead), ISO/IEC 14496-15 §5.3.3.1 (avcC).
"""

from struct import Struct, pack
from typing import BinaryIO, Final

from relay.wire import vp8

_SIZE_LATER: Final = b"\x01" + bytes(7)
_BLOCK: Final = Struct("!BhB")
_KEYFRAME: Final = 0x80
_CLUSTER_MS: Final = 5_000
_EPOCH_US: Final = 978_307_200_000_000
"""2001, from when Matroska counts."""

_EBML, _SEGMENT, _SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES = (
    bytes.fromhex(text) for text in ("1A45DFA3", "18538067", "114D9B74", "1549A966", "1654AE6B", "1F43B675", "1C53BB6B")
)


def _element(id: str | bytes, content: bytes) -> bytes:
    size = len(content)
    length = next(n for n in range(1, 9) if size < (1 << 7 * n) - 1)
    return (
        (bytes.fromhex(id) if isinstance(id, str) else id) + (size | 1 << 7 * length).to_bytes(length, "big") + content
    )


def _number(id: str, value: int) -> bytes:
    return _element(id, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _text(id: str, value: str) -> bytes:
    return _element(id, value.encode())


def _float(id: str, value: float) -> bytes:
    return _element(id, pack("!d", value))


class Track:
    """What a player must know before the first frame."""

    def __init__(self, codec: str, name: str, entry: bytes, *, is_video: bool) -> None:
        self.codec = codec
        self.name = name
        self.entry = entry
        self.is_video = is_video

    @property
    def is_webm(self) -> bool:
        return self.codec != "V_MPEG4/ISO/AVC"


def opus_track(name: str, channels: int) -> Track:
    head = b"OpusHead" + pack("<BBHIhB", 1, channels, 0, 48_000, 0, 0)
    audio = _element("E1", _float("B5", 48_000.0) + _number("9F", channels))
    entry = _element("63A2", head) + _number("56AA", 0) + _number("56BB", 80_000_000) + audio
    return Track("A_OPUS", name, entry, is_video=False)


def vp8_track(name: str, keyframe: bytes) -> Track:
    """The size is that of the first key frame; later ones may have others."""
    return Track("V_VP8", name, _picture(*vp8.picture_size(keyframe)), is_video=True)


def h264_track(name: str, parameters: tuple[bytes, bytes], size: tuple[int, int]) -> Track:
    sps, pps = parameters
    private = b"\x01" + sps[1:4] + b"\xff\xe1" + pack("!H", len(sps)) + sps + b"\x01" + pack("!H", len(pps)) + pps
    return Track("V_MPEG4/ISO/AVC", name, _element("63A2", private) + _picture(*size), is_video=True)


def _picture(width: int, height: int) -> bytes:
    return _element("E0", _number("B0", max(1, width)) + _number("BA", max(1, height)))


class Matroska:
    """A file being written; `close` makes it one that can be searched."""

    def __init__(self, file: BinaryIO, track: Track, title: str, began_at_us: int) -> None:
        """`file` can be read and written at any place; times in it count from `began_at_us`."""
        self._file = file
        self._cues: list[tuple[int, int]] = []
        self._cluster_at = -1
        self._cluster_ms = 0
        self._last_ms = -1
        kind = "webm" if track.is_webm else "matroska"
        versions = _number("4286", 1) + _number("42F7", 1) + _number("42F2", 4) + _number("42F3", 8)
        header = versions + _text("4282", kind) + _number("4287", 4) + _number("4285", 2)
        file.write(_element(_EBML, header) + _SEGMENT + _SIZE_LATER)
        self._begin = file.tell()
        file.write(self._seek_head(0))
        self._title = title
        self._date = (began_at_us - _EPOCH_US) * 1000
        file.write(self._facts(0))
        kind_number = _number("83", 1 if track.is_video else 2)
        entry = _number("D7", 1) + _number("73C5", 1) + kind_number + _number("9C", 0) + _text("86", track.codec)
        file.write(_element(_TRACKS, _element("AE", entry + _text("536E", track.name) + track.entry)))

    def _seek_head(self, cues_at: int) -> bytes:
        seek = _element("53AB", _CUES) + _element("53AC", cues_at.to_bytes(8, "big"))
        return _element(_SEEK_HEAD, _element("4DBB", seek))

    def _facts(self, duration_ms: int) -> bytes:
        program = _text("4D80", "relay") + _text("5741", "relay")
        date = _element("4461", self._date.to_bytes(8, "big", signed=True))
        return _element(
            _INFO,
            _number("2AD7B1", 1_000_000) + _float("4489", duration_ms) + date + _text("7BA9", self._title) + program,
        )

    def add(self, at_ms: int, frame: bytes, *, keyframe: bool, cut: bool) -> None:
        """A frame; times rise. With `cut`, players may begin here."""
        at_ms = max(at_ms, self._last_ms + 1)
        self._last_ms = at_ms
        if self._cluster_at < 0 or (cut and at_ms > self._cluster_ms) or at_ms - self._cluster_ms >= _CLUSTER_MS:
            self._begin_cluster(at_ms, cut=cut)
        block = _BLOCK.pack(0x81, at_ms - self._cluster_ms, _KEYFRAME if keyframe else 0)
        self._file.write(_element("A3", block + frame))

    def _begin_cluster(self, at_ms: int, *, cut: bool) -> None:
        self._end_cluster()
        self._cluster_at, self._cluster_ms = self._file.tell(), at_ms
        if cut:
            self._cues.append((at_ms, self._cluster_at - self._begin))
        self._file.write(_CLUSTER + _SIZE_LATER + _number("E7", at_ms))

    def _end_cluster(self) -> None:
        if self._cluster_at >= 0:
            self._patch_size(self._cluster_at + 4)

    def _patch_size(self, at: int) -> None:
        end = self._file.tell()
        self._file.seek(at)
        self._file.write((end - at - 8 | 1 << 56).to_bytes(8, "big"))
        self._file.seek(end)

    def close(self, duration_ms: int) -> None:
        """Write the index and what is known only now."""
        self._end_cluster()
        cues_at = self._file.tell() - self._begin
        points = b"".join(
            _element("BB", _number("B3", at_ms) + _element("B7", _number("F7", 1) + _number("F1", position)))
            for at_ms, position in self._cues
        )
        self._file.write(_element(_CUES, points))
        self._patch_size(self._begin - 8)
        end = self._file.tell()
        self._file.seek(self._begin)
        self._file.write(self._seek_head(cues_at) + self._facts(duration_ms))
        self._file.seek(end)
