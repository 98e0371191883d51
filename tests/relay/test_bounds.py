"""Pictures that would fill the memory or the day of whoever decodes them."""

import json
import signal
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from relay.recording import journal, mux, spool, state
from relay.recording.bounds import MAX_PIXELS, PIXELS_PER_S, PictureBounds, cpu_limit_s
from relay.recording.child import _why
from relay.recording.finish import finish
from relay.recording.matroska import Matroska, h264_track
from relay.recording.picture import _Reel
from relay.recording.scene import Part
from relay.recording.spool import Description, Packet
from relay.wire import vp8

RECORDED = Path(__file__).with_name("recorded")
HUGE = 16_383


def test_a_picture_that_claims_to_be_huge_is_not_decoded_and_neither_is_what_builds_upon_it() -> None:
    bounds = PictureBounds()
    for number, (width, keyframe, admitted) in enumerate(
        [(640, True, True), (640, False, True), (HUGE, True, False), (HUGE, False, False), (640, True, True)]
    ):
        bounds.is_of(width, width)
        assert bounds.admit(number / 25, keyframe=keyframe) is admitted
        assert bounds.is_too_large is not admitted
    assert bounds.left_out == 2


@pytest.mark.parametrize(("width", "height", "fps"), [(5_120, 2_880, 30), (3_840, 2_160, 60), (1_280, 720, 500)])
def test_what_the_largest_screens_show_is_decoded(width: int, height: int, fps: int) -> None:
    bounds = PictureBounds()
    bounds.is_of(width, height)
    assert all(bounds.admit(number / fps, keyframe=number == 0) for number in range(fps * 10))


def test_pictures_that_come_too_fast_wait_for_the_next_key_frame() -> None:
    bounds = PictureBounds()
    bounds.is_of(4_096, 4_096)
    admitted = [bounds.admit(number / 600, keyframe=number % 300 == 0) for number in range(6_000)]
    assert sum(admitted) * MAX_PIXELS <= 11 * PIXELS_PER_S
    assert bounds.left_out == 6_000 - sum(admitted)
    resumed = [number for number, (before, now) in enumerate(pairwise(admitted), 1) if now and not before]
    assert resumed
    assert all(number % 300 == 0 for number in resumed)


def inflated(one: Packet) -> Packet:
    """A packet; if a key frame begins with it, one that says that it is huge."""
    descriptor = vp8.parse(one.payload)
    at = descriptor.frame_at + 6
    if not descriptor.keyframe:
        return one
    return replace(one, payload=one.payload[:at] + HUGE.to_bytes(2, "little") * 2 + one.payload[at + 4 :])


@pytest.fixture
def camera() -> list[spool.Record]:
    """What the SDK sent; and two seconds later the same once more, but huge."""
    with (RECORDED / "camera.spool").open("rb") as file:
        records = list(spool.read(file))
    packets = [one for one in records if isinstance(one, Packet)]
    again = [
        replace(
            one,
            at_us=one.at_us + 2_000_000,
            timestamp=(one.timestamp + 180_000) & 0xFFFFFFFF,
            sequence=(packets[-1].sequence + 1 + number) & 0xFFFF,
        )
        for number, one in enumerate(packets)
    ]
    return [*records, *map(inflated, again)]


def written(records: list[spool.Record], path: Path) -> Path:
    with path.open("wb") as file:
        file.write(spool.MAGIC)
        for one in records:
            if isinstance(one, Packet):
                label = (0x80 if one.marker else 0, spool.CODECS[one.codec])
                fixed = spool.pack_packet(one.at_us, one.ssrc, one.timestamp, one.sequence, label)
                file.write(spool.received(fixed, one.payload))
            elif isinstance(one, Description):
                file.write(spool.pack_description(one))
    return path


def reel_of(path: Path) -> _Reel:
    return _Reel(Part("TR", "PA", "An", False, path, 0, [(0, 10_000_000)]))


def test_somebody_whose_pictures_become_huge_is_seen_no_longer(camera: list[spool.Record], tmp_path: Path) -> None:
    source = mux.survey(written(camera, tmp_path / "camera.spool"))
    assert source is not None
    stream = mux.write_stream(source, None, source.description.began_at_us, ())
    reel = reel_of(tmp_path / stream.file)
    reel.advance(1_900_000, shown=True)
    assert (reel.frame.width, reel.bounds.left_out) == (320, 0)
    decoder = reel._decoder
    reel.advance(5_000_000, shown=True)
    assert reel.frame is None
    assert reel.bounds.left_out > 20
    assert (decoder.width, decoder.height) == (320, 180)  # it was never asked to


def test_a_huge_picture_that_does_not_say_so_in_its_head_is_refused_by_the_decoder(tmp_path: Path) -> None:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width = encoder.height = 4_112
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    picture = av.VideoFrame(4_112, 4_112, "yuv420p")
    picture.pts = 0
    frame = b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])
    with (tmp_path / "huge.mkv").open("w+b") as file:
        output = Matroska(file, h264_track("An", (b"\x67\x42\xc0\x1f", b"\x68"), (320, 180)), "title", 0)
        units = [unit for unit in frame.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
        output.add(0, b"".join(len(unit).to_bytes(4, "big") + unit for unit in units), keyframe=True, cut=True)
        output.close(40)
    reel = reel_of(tmp_path / "huge.mkv")
    reel.advance(100_000, shown=True)
    assert (reel.frame, reel.bounds.left_out, reel.bounds.is_too_large) == (None, 1, True)


def test_the_manifest_says_what_the_film_does_without(camera: list[spool.Record], tmp_path: Path) -> None:
    folder = tmp_path / "session"
    folder.mkdir()
    described = camera[0]
    assert isinstance(described, Description)
    written(camera, folder / f"{described.track}.spool")
    who = {"participant": described.participant, "identity": described.identity, "name": "An"}
    what = {"track": described.track, "kind": described.kind, "source": "camera", "encrypted": False}
    at_us = described.began_at_us
    events = [{"at_us": at_us, "event": "joined", **who}, {"at_us": at_us, "event": "published", **who, **what}]
    (folder / state.JOURNAL).write_bytes(b"".join(map(journal.line, events)))
    state.write(folder, state.State("EG_1", "room", "RM_1", "session", False, "finishing", at_us))
    finish(folder, lambda _: None)
    told = json.loads((folder / state.MANIFEST).read_bytes())
    (stream,) = told["streams"]
    assert stream["left_out"] > 20
    assert stream["kept_out"] == ""
    assert told["composed"]["duration_ms"] > 4_000


# --- the child


def test_making_the_files_may_take_so_much_of_a_processor() -> None:
    hour = state.State("EG", "room", "RM", "session", False, "finishing", 1_000_000, 3_601_000_000)
    assert cpu_limit_s(hour) == 600 + 20 * 3_600
    assert cpu_limit_s(replace(hour, ended_at_us=0)) == 600


def test_a_child_that_took_too_much_is_said_to_have() -> None:
    assert "processor" in _why(-signal.SIGXCPU, "37")
    assert "37 %" in _why(-signal.SIGXCPU, "37")
    assert _why(1, "") == "exit code 1"
