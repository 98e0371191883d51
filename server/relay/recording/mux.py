"""A spool becomes a file that plays: packets are put in order and together, nothing is decoded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from itertools import chain, takewhile
from pathlib import Path
from typing import Final

from relay.recording import spool
from relay.recording.clock import Clock, Curve, StreamTimes
from relay.recording.frames import H264, Assembler, Frame, OpusFrames, VideoFrames, Vp8
from relay.recording.manifest import Gap, Stream
from relay.recording.matroska import Matroska, Track, h264_track, opus_track, vp8_track
from relay.recording.sequence import Ordered, in_order
from relay.recording.spool import Description, Turned
from relay.recording.state import sync

_SOUND_MS: Final = 20
_CUT_SOUND_EVERY_MS: Final = 5_000
_SILENT_MS: Final = 2_000
"""A longer time without a frame is told in the manifest."""
_MAX_GAPS: Final = 1_000
_MAX_TURNS: Final = 1_000
"""Told in the manifest; nobody turns a phone more often."""

Spans = Sequence[tuple[int, int, str]]
"""[since, until) in microseconds, and why nothing is to be expected then; in the order they begin."""


@dataclass(slots=True)
class Source:
    """One spool, read once: what is needed to read it again with the right times."""

    path: Path
    description: Description
    codec: str
    times: StreamTimes
    packets: int = 0
    last_at_us: int = 0
    turns: list[tuple[int, int]] = field(default_factory=list)
    """Milliseconds since 1970, quarters clockwise."""


def survey(path: Path) -> Source | None:
    """The first reading. None when it has no packet."""
    with path.open("rb") as file:
        records = spool.read(file)
        description = next(records, None)
        if not isinstance(description, Description):
            return None
        source = Source(path, description, "", StreamTimes(description.clock_rate_hz))
        for one in in_order(records, description.clock_rate_hz):
            if isinstance(one, Turned):
                if len(source.turns) < _MAX_TURNS:
                    source.turns.append((one.at_us // 1000, one.quarters))
                continue
            source.times.add(one)
            if isinstance(one, Ordered):
                source.packets += 1
                source.codec = source.codec or one.packet.codec
                source.last_at_us = max(source.last_at_us, one.packet.at_us)
    source.times.close()
    return source if source.packets else None


def _assembler(codec: str) -> Assembler | None:
    """None for a codec this version cannot put together."""
    if codec in ("opus", "red"):
        return OpusFrames()
    if codec == "vp8":
        return VideoFrames(Vp8())
    return VideoFrames(H264()) if codec == "h264" else None


def frames(path: Path, assembler: Assembler) -> Iterator[Frame]:
    """The second reading."""
    with path.open("rb") as file:
        records = spool.read(file)
        description = next(records)
        assert isinstance(description, Description)
        for one in in_order(records, description.clock_rate_hz):
            if isinstance(one, Ordered):
                yield from assembler.push(one)


@dataclass(slots=True)
class _Timeline:
    """When there were frames, and why there were none."""

    known: Spans
    lost: int = 0
    from_ms: int = -1
    to_ms: int = 0
    gaps: list[Gap] = field(default_factory=list)
    _missing: int = 0
    _passed: int = 0
    """So many of the known spans ended before the last frame: there may be thousands, and as many gaps."""

    def add(self, at_ms: int, missing: int) -> None:
        """A frame; `missing` counts the numbers that had not come by then."""
        if self.from_ms < 0:
            self.from_ms = at_ms
        elif at_ms - self.to_ms >= _SILENT_MS or missing > self._missing:
            reason = self._reason(self.to_ms, at_ms) or ("lost" if missing > self._missing else "silent")
            if reason == "lost":
                self.lost += missing - self._missing
            if len(self.gaps) < _MAX_GAPS:
                self.gaps.append(Gap(self.to_ms, at_ms, reason))
        self._missing = missing
        self.to_ms = max(self.to_ms, at_ms)

    def _reason(self, from_ms: int, to_ms: int) -> str:
        while self._passed < len(self.known) and self.known[self._passed][1] <= from_ms * 1000:
            self._passed += 1
        rest = (self.known[number] for number in range(self._passed, len(self.known)))
        begun = takewhile(lambda span: span[0] < to_ms * 1000, rest)
        return next((why for _, until_us, why in begun if until_us > from_ms * 1000), "")


def write_stream(source: Source, participant: Curve | None, began_at_us: int, known: Spans) -> Stream:
    """Write the file of a stream beside its spool, and say what is in it."""
    described = source.description
    told = Stream(
        track=described.track,
        participant=described.participant,
        identity=described.identity,
        name=described.name,
        kind=described.kind,
        source=described.source,
        codec=source.codec,
        from_ms=described.began_at_us // 1000,
        to_ms=source.last_at_us // 1000,
        file=source.path.name,
        offset_ms=(described.began_at_us - began_at_us) // 1000,
        bytes=source.path.stat().st_size,
        sha256=digest(source.path),
        packets=source.packets,
        lost=0,
        turns=tuple(source.turns),
        kept_out="this version cannot read its codec; the packets are kept as they came",
    )
    assembler = _assembler(source.codec)
    if assembler is None:
        return told
    timeline = _Timeline(known)
    path = _write(source, assembler, Clock(source.times, participant), timeline, began_at_us)
    if path is None:
        return replace(told, lost=assembler.lost, kept_out="nothing of it can be decoded; the packets are kept")
    return replace(
        told,
        from_ms=timeline.from_ms,
        to_ms=timeline.to_ms,
        file=path.name,
        offset_ms=timeline.from_ms - began_at_us // 1000,
        bytes=path.stat().st_size,
        sha256=digest(path),
        lost=timeline.lost,
        kept_out="",
        gaps=tuple(timeline.gaps),
    )


def _write(source: Source, assembler: Assembler, clock: Clock, timeline: _Timeline, began_at_us: int) -> Path | None:
    """None when there is no frame."""
    stream = frames(source.path, assembler)
    first = next(stream, None)
    if first is None:
        return None
    track = _track(source, assembler, first)
    path = source.path.with_suffix(".webm" if track.is_webm else ".mkv")
    part = path.with_name(path.name + ".part")
    with part.open("w+b") as file:
        title = f"{source.description.name} ({source.description.source})"
        output = Matroska(file, track, title, began_at_us)
        cut = _cutter(track)
        for frame in chain((first,), stream):
            at_us = clock.captured_us(frame.run, frame.timestamp_us, frame.at_us)
            at_ms = max(0, at_us - began_at_us) // 1000
            timeline.add(at_us // 1000, assembler.lost)
            output.add(at_ms, frame.payload, keyframe=frame.keyframe, cut=cut(frame, at_ms))
        output.close(timeline.to_ms - began_at_us // 1000 + _SOUND_MS)
    sync(part)
    part.replace(path)
    return path


def _track(source: Source, assembler: Assembler, first: Frame) -> Track:
    name = source.description.name or source.description.identity
    if isinstance(assembler, OpusFrames):
        return opus_track(name, 2 if first.payload[0] & 0x04 else 1)
    if source.codec == "vp8":
        return vp8_track(name, first.payload)
    assert isinstance(assembler, VideoFrames)
    assert isinstance(assembler.codec, H264)
    return h264_track(name, assembler.codec.parameters, (source.description.width, source.description.height))


def _cutter(track: Track) -> Callable[[Frame, int], bool]:
    """Where players may begin: at key frames, and in sound every few seconds."""
    cut_ms = -_CUT_SOUND_EVERY_MS

    def sound(_: Frame, at_ms: int) -> bool:
        nonlocal cut_ms
        if at_ms - cut_ms < _CUT_SOUND_EVERY_MS:
            return False
        cut_ms = at_ms
        return True

    return (lambda frame, _: frame.keyframe) if track.is_video else sound


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
