"""From packets to files, without a relay: what `tests/relay/recorded` holds was sent by the livekit SDK."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.forwarding.forwarder import UpTrack
from relay.recording import journal, manifest, mux, spool, state
from relay.recording.capture import Capture
from relay.recording.clock import Clock, Curve, StreamTimes, participant_clock
from relay.recording.drawing import face, label, turned
from relay.recording.finish import finish
from relay.recording.frames import H264, OpusFrames, VideoFrames, Vp8
from relay.recording.journal import Present, Shown
from relay.recording.matroska import Matroska, h264_track, vp8_track
from relay.recording.picture import _Reel
from relay.recording.recordings import _abandoned
from relay.recording.scene import Part, history
from relay.recording.sequence import Ordered, in_order
from relay.recording.shelf import Shelf
from relay.recording.speech import Floor
from relay.recording.spool import ClockReport, Description, Packet, Turned
from relay.recording.stage import HEIGHT, MAX_SHOWN, WIDTH, Stage, boxes
from relay.recording.writer import Writer
from relay.wire import rtp

RECORDED = Path(__file__).with_name("recorded")
AT_US = 1_800_000_000_000_000
ABOUT = Description("TR_a", "PA_a", "an", "Nguyễn Văn An", "video", "camera", 90_000, AT_US, 320, 180)


def packet(sequence: int, timestamp: int, at_us: int, payload: bytes = b"x", ssrc: int = 7) -> Packet:
    return Packet(AT_US + at_us, ssrc, timestamp & 0xFFFFFFFF, sequence & 0xFFFF, True, "opus", payload)


def packed(record: spool.Record) -> bytes:
    if isinstance(record, Description):
        return spool.pack_description(record)
    if isinstance(record, ClockReport):
        return spool.pack_report(record)
    if isinstance(record, Turned):
        return spool.pack_turned(record)
    label = (0x80 if record.marker else 0, spool.CODECS[record.codec])
    fixed = spool.pack_packet(record.at_us, record.ssrc, record.timestamp, record.sequence, label)
    return spool.received(fixed, record.payload)


def recorded(source: str) -> list[spool.Record]:
    with (RECORDED / f"{source}.spool").open("rb") as file:
        return list(spool.read(file))


def written(records: list[spool.Record], path: Path) -> Path:
    path.write_bytes(spool.MAGIC + b"".join(packed(record) for record in records))
    return path


def ordered(records: list[spool.Record], clock_rate_hz: int = 48_000) -> list[Ordered]:
    return [one for one in in_order(records, clock_rate_hz) if isinstance(one, Ordered)]


# --- the spool

RECORDS: list[spool.Record] = [
    ABOUT,
    Packet(AT_US + 1, 7, 2**32 - 1, 65_535, True, "vp8", bytes(range(256))),
    ClockReport(AT_US + 2, 7, 2**64 - 1, 0),
    Turned(AT_US + 2, 3),
    Packet(AT_US + 3, 8, 0, 0, False, "opus", b""),
]


def test_a_spool_gives_back_what_was_put_in() -> None:
    assert list(spool.read(io.BytesIO(spool.MAGIC + b"".join(map(packed, RECORDS))))) == RECORDS


@given(st.integers(0, sum(len(packed(record)) for record in RECORDS)))
def test_a_spool_that_was_cut_anywhere_gives_its_whole_records(kept: int) -> None:
    whole = b"".join(map(packed, RECORDS))
    found = list(spool.read(io.BytesIO(spool.MAGIC + whole[:kept])))
    lengths = np.cumsum([len(packed(record)) for record in RECORDS])
    assert found == RECORDS[: int((lengths <= kept).sum())]


def test_nothing_is_believed_after_a_record_that_the_disk_spoilt() -> None:
    spoilt = bytearray(spool.MAGIC + b"".join(map(packed, RECORDS)))
    spoilt[len(spool.MAGIC) + len(packed(ABOUT)) + 20] ^= 1
    assert list(spool.read(io.BytesIO(bytes(spoilt)))) == [ABOUT]


def test_what_a_later_version_writes_is_passed_over() -> None:
    later = spool._record(9, b"what we do not know")
    assert list(spool.read(io.BytesIO(spool.MAGIC + packed(ABOUT) + later + packed(RECORDS[1])))) == [ABOUT, RECORDS[1]]


def test_the_writer_drops_rather_than_waits_and_keeps_the_journal(tmp_path: Path) -> None:
    writer = Writer(tmp_path, 0)
    taken = [writer.append("a.spool", bytes(1 << 20)) for _ in range(40)]
    assert taken.count(False) > 0
    assert writer.append("journal.jsonl", b"{}\n", always=True)
    writer.start()
    writer.close()
    assert (tmp_path / "a.spool").stat().st_size == taken.count(True) << 20
    assert (tmp_path / "journal.jsonl").read_bytes() == b"{}\n"
    assert writer.trouble == ""


def test_a_file_that_does_not_grow_is_not_kept_open(tmp_path: Path) -> None:
    writer = Writer(tmp_path, 0)
    for number in range(3):
        writer.append(f"{number}.spool", b"x")
        writer._write()
        writer._sync()
    assert list(writer._files) == ["2.spool"]
    writer.append("0.spool", b"y")
    writer.start()
    writer.close()
    assert (tmp_path / "0.spool").read_bytes() == b"xy"


def test_a_disk_that_fails_is_told_and_harms_nobody(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "gone", 0)
    writer.append("a.spool", b"x")
    writer.start()
    writer.close()
    assert "disk" in writer.trouble
    assert not writer.append("a.spool", b"x")


def test_a_recording_ends_before_the_disk_is_full_and_says_so(tmp_path: Path) -> None:
    writer = Writer(tmp_path, 1 << 60)
    writer._measure()
    assert "bytes are free" in writer.trouble
    begun = state.State("EG_1", "room", "RM_1", "session", False, "recording", AT_US)
    over = state.finished(state.ended(begun, AT_US + 5, writer.trouble), state.Made(10, 20, AT_US + 4), "", AT_US + 9)
    assert (over.phase, over.error) == ("limited", writer.trouble)
    assert (over.size_bytes, over.ended_at_us) == (10, AT_US + 4)


def test_where_a_recording_stands_survives_its_relay(tmp_path: Path) -> None:
    begun = state.State("EG_1", "phòng", "RM_1", "session", False, "recording", AT_US)
    state.write(tmp_path, begun)
    assert state.read(tmp_path) == begun
    (tmp_path / state.FILE).write_bytes(b'{"id": "EG_1", "tomorrow": 1}')
    assert state.read(tmp_path) is None


# --- listening


class Listening:
    """A capture of a track in three layers, and what it wrote and asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.records: list[bytes] = []
        self.takes = True
        self.up = UpTrack("video", 3, self.asked.append)
        self.up.codecs = {96: "vp8"}
        self.up.extensions = {13: rtp.ORIENTATION}
        self.layers = [self.up.add_layer(number, 100 + number) for number in range(3)]
        self.capture = Capture(self.up, self._write)

    def _write(self, record: bytes) -> bool:
        self.records.append(record)
        return self.takes

    def hear(self, number: int, sequence: int, at_us: int, *, keyframe: bool = False, turn: int | None = None) -> None:
        layer = self.layers[number]
        layer.heard_at_us = AT_US + at_us
        block = rtp.pack_elements([(13, bytes((turn,)))]) if turn is not None else b""
        head = rtp.HEADER.pack(0x80 | (0x10 if block else 0), 0x80 | 96, sequence, 0, layer.ssrc)
        payload = b"\x10" + (b"\x00" if keyframe else b"\x01") + b"picture"
        self.capture.take(layer, head + block + payload, len(head + block), AT_US + at_us)

    def kept(self) -> list[spool.Record]:
        return list(spool.read(io.BytesIO(spool.MAGIC + b"".join(self.records))))

    def heard_from(self) -> list[tuple[int, int]]:
        return [(one.ssrc - 100, one.sequence) for one in self.kept() if isinstance(one, Packet)]


def test_the_best_layer_that_is_sent_is_kept_and_changed_at_a_key_frame() -> None:
    stage = Listening()
    stage.hear(0, 1, 0, keyframe=True)
    stage.hear(2, 50, 10)
    stage.hear(0, 2, 20)
    assert stage.asked == [102]
    stage.hear(2, 51, 30, keyframe=True)
    stage.hear(0, 3, 40)
    stage.hear(2, 52, 50)
    stage.hear(0, 4, 3_000_000, keyframe=True)
    assert stage.heard_from() == [(0, 1), (0, 2), (2, 51), (2, 52), (0, 4)]


def test_key_frames_are_asked_for_now_and_then_and_after_a_loss() -> None:
    stage = Listening()
    stage.hear(2, 1, 0, keyframe=True)
    stage.hear(2, 2, 9_000_000)
    assert stage.asked == []
    stage.hear(2, 3, 10_500_000)
    assert stage.asked == [102]
    stage.hear(2, 4, 10_600_000, keyframe=True)
    stage.hear(2, 6, 10_700_000)
    stage.capture.tick(AT_US + 10_800_000)
    assert stage.asked == [102]
    stage.capture.tick(AT_US + 11_300_000)
    assert stage.asked == [102, 102]


def test_a_packet_that_came_again_is_no_loss() -> None:
    stage = Listening()
    for sequence in (1, 3, 2):
        stage.hear(2, sequence, sequence * 1_000, keyframe=sequence == 1)
    stage.capture.tick(AT_US + 5_000_000)
    assert stage.asked == []


def test_what_the_disk_is_too_slow_for_is_counted() -> None:
    stage = Listening()
    stage.hear(2, 1, 0, keyframe=True)
    stage.takes = False
    stage.hear(2, 2, 10)
    assert stage.capture.dropped == 1


def test_a_turn_that_says_nothing_is_no_turn() -> None:
    stage = Listening()
    head = rtp.HEADER.pack(0x90, 0x80 | 96, 1, 0, stage.layers[2].ssrc) + bytes.fromhex("100000010d000000")
    stage.layers[2].heard_at_us = AT_US
    stage.capture.take(stage.layers[2], head + b"\x10\x00picture", len(head), AT_US)
    assert stage.heard_from() == [(2, 1)]


def test_a_phone_that_is_turned_is_noted_once() -> None:
    stage = Listening()
    for sequence, turn in enumerate((0, 1, 1, None, 0)):
        stage.hear(2, sequence, sequence * 1_000, keyframe=sequence == 0, turn=turn)
    turns = [(one.at_us - AT_US, one.quarters) for one in stage.kept() if isinstance(one, Turned)]
    assert turns == [(1_000, 1), (4_000, 0)]


# --- order


@given(st.permutations(range(12)), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF))
def test_packets_that_overtook_each_other_are_put_in_order_also_where_numbers_wrap(
    order: list[int], sequence: int, timestamp: int
) -> None:
    packets = [packet(sequence + n, timestamp + 960 * n, 20_000 * at) for at, n in enumerate(order)]
    first, *rest = ordered([packet(sequence - 9, timestamp - 960 * 9, -200_000), *packets, packets[0]])
    assert [one.packet.sequence for one in rest] == [(sequence + n) & 0xFFFF for n in range(12)]
    assert {two.timestamp_us - one.timestamp_us for one, two in pairwise(rest)} == {20_000}
    assert {one.run for one in rest} == {first.run}


def test_a_stream_that_begins_anew_without_end_is_not_followed_for_ever() -> None:
    times = [number * 1_000 for number in range(12_000)]
    leaps: list[spool.Record] = [
        packet(number & 0xFFFF, number % 2 << 31, AT_US + at_us) for number, at_us in enumerate(times)
    ]
    assert {one.run for one in ordered(leaps)} == set(range(10_000))


def test_timestamps_that_stood_still_in_a_pause_begin_anew() -> None:
    before = [packet(n, 960 * n, 20_000 * n) for n in range(5)]
    stood = [packet(5 + n, 960 * (5 + n), 3_000_000 + 20_000 * n) for n in range(5)]
    went_on = [packet(5 + n, 960 * (150 + n), 3_000_000 + 20_000 * n) for n in range(5)]
    assert [one.run for one in ordered([*before, *stood])] == [0] * 5 + [1] * 5
    assert [one.run for one in ordered([*before, *went_on])] == [0] * 10


# --- frames


def decoded(codec: str, frames: list[bytes]) -> Iterator[Any]:
    decoder: Any = av.CodecContext.create(codec, "r")
    for number, frame in enumerate(frames):
        unit = av.Packet(frame)
        unit.pts = number
        yield from decoder.decode(unit)


def frames_of(records: list[spool.Record], assembler: Any, clock_rate_hz: int) -> list[Any]:
    return [frame for one in ordered(records, clock_rate_hz) for frame in assembler.push(one)]


def test_pictures_of_the_sdk_are_put_together_and_decode() -> None:
    records = recorded("camera")
    frames = frames_of(records, VideoFrames(Vp8()), 90_000)
    packets = [one for one in records if isinstance(one, Packet)]
    assert frames[0].keyframe
    assert len(frames) == len({one.timestamp for one in packets})
    assert len(list(decoded("vp8", [frame.payload for frame in frames]))) == len(frames)


def test_sound_of_the_sdk_decodes() -> None:
    frames = frames_of(recorded("microphone"), OpusFrames(), 48_000)
    assert {two.timestamp_us - one.timestamp_us for one, two in pairwise(frames)} == {20_000}
    assert all(unit.samples == 960 for unit in decoded("opus", [frame.payload for frame in frames]))


def test_a_picture_that_never_ends_is_given_up() -> None:
    endless = [
        packet(number, 0, AT_US + number, b"\x10\x01" if number == 1 else b"\x00x") for number in range(1, 5_000)
    ]
    assembler = VideoFrames(Vp8())
    assert frames_of([replace(one, marker=False) for one in endless], assembler, 90_000) == []
    assert len(assembler._parts) < 3_000


def test_after_a_loss_there_is_nothing_until_a_picture_that_needs_no_other() -> None:
    records = recorded("camera")
    packets = [one for one in records if isinstance(one, Packet)]
    lost = packets[10]
    assembler = VideoFrames(Vp8())
    frames = frames_of([one for one in records if one is not lost], assembler, 90_000)
    assert assembler.lost == 1
    assert max(frame.at_us for frame in frames if not frame.keyframe) < lost.at_us


def test_what_was_lost_is_taken_from_redundancy() -> None:
    def red(number: int) -> Packet:
        heads = b"".join((1 << 31 | 111 << 24 | 960 * age << 10 | 3).to_bytes(4, "big") for age in (2, 1))
        blocks = b"".join(b"%03d" % (number - age) for age in (2, 1, 0))
        return replace(packet(number, 960 * number, 20_000 * number, heads + b"\x6f" + blocks), codec="red")

    assembler = OpusFrames()
    frames = frames_of([red(number) for number in (10, 11, 14, 15)], assembler, 48_000)
    assert [frame.payload for frame in frames] == [b"%03d" % number for number in range(8, 16)]
    assert assembler.lost == 2


def test_h264_in_fragments_and_aggregates_becomes_a_file_that_plays(tmp_path: Path) -> None:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {
        "tune": "zerolatency",
        "preset": "ultrafast",
        "x264-params": "annexb=1:repeat-headers=1:slices=1",
    }
    units: list[list[bytes]] = []
    for number in range(5):
        picture = av.VideoFrame.from_ndarray(np.full((270, 320), 40 * number, np.uint8), format="yuv420p")
        picture.pts = number
        coded = [bytes(unit).replace(b"\0\0\0\1", b"\0\0\1") for unit in encoder.encode(picture)]
        units += [[nal for nal in unit.split(b"\0\0\1") if nal] for unit in coded]
    packets: list[spool.Record] = []
    for number, nals in enumerate(units):
        payloads: list[bytes] = []
        small = [nal for nal in nals if len(nal) < 60]
        if len(small) > 1:
            payloads.append(b"\x18" + b"".join(len(nal).to_bytes(2, "big") + nal for nal in small))
        for nal in [nal for nal in nals if nal not in small or len(small) == 1]:
            cuts = [nal[1:][at : at + 50] for at in range(0, len(nal) - 1, 50)]
            for part, cut in enumerate(cuts):
                flags = (0x80 if part == 0 else 0) | (0x40 if part == len(cuts) - 1 else 0)
                payloads.append(bytes((nal[0] & 0xE0 | 28, flags | nal[0] & 0x1F)) + cut)
        for part, payload in enumerate(payloads):
            one = packet(len(packets), 3_600 * number, 40_000 * number, payload)
            packets.append(replace(one, codec="h264", marker=part == len(payloads) - 1))
    codec = H264()
    frames = frames_of(packets, VideoFrames(codec), 90_000)
    with (tmp_path / "a.mkv").open("w+b") as file:
        output = Matroska(file, h264_track("An", codec.parameters, (320, 180)), "title", AT_US)
        for number, frame in enumerate(frames):
            output.add(40 * number, frame.payload, keyframe=frame.keyframe, cut=frame.keyframe)
        output.close(200)
    with av.open(str(tmp_path / "a.mkv")) as container:
        pictures = [frame.to_ndarray()[:180].mean() for frame in container.decode(video=0)]
    assert len(pictures) == 5
    assert np.allclose(pictures, [40 * number for number in range(5)], atol=4)


def test_a_file_can_be_entered_at_its_key_frames(tmp_path: Path) -> None:
    (first, *_) = frames_of(recorded("camera"), VideoFrames(Vp8()), 90_000)
    with (tmp_path / "a.webm").open("w+b") as file:
        output = Matroska(file, vp8_track("An", first.payload), "title", AT_US)
        for second in range(60):
            is_key = second % 7 == 0
            output.add(second * 1_000, first.payload, keyframe=is_key, cut=is_key)
        output.close(60_000)
    content = (tmp_path / "a.webm").read_bytes()
    with av.open(str(tmp_path / "a.webm")) as container:
        assert container.duration == 60_000_000
        container.seek(33_000_000)
        assert next(container.demux()).pts == 28_000
    assert content.count(b"\xbb", content.rindex(bytes.fromhex("1C53BB6B")) + 4) == 9


# --- clocks


def times_of(kind_hz: int, slow_us: int, report_error_us: int = 0, drift: float = 0.0) -> StreamTimes:
    """A minute of a stream whose packets take `slow_us` to get here from a clock that reads ten seconds less."""
    times = StreamTimes(kind_hz)
    for second in range(60):
        captured_us = second * 1_000_000
        at_us = AT_US + int(captured_us * (1 + drift)) + slow_us + (second * 7_919 % 40_000)
        one = packet(second, second * kind_hz, at_us - AT_US)
        times.add(Ordered(one, 0, second, captured_us))
        ntp = (AT_US - 10_000_000 + captured_us + report_error_us << 32) // 1_000_000
        times.add(ClockReport(at_us, 7, ntp & (1 << 64) - 1, second * kind_hz & 0xFFFFFFFF))
    times.close()
    return times


@pytest.mark.parametrize("drift", [0.0, 1e-4, -1e-4])
def test_sound_and_pictures_captured_together_are_told_together(drift: float) -> None:
    sound, pictures = times_of(48_000, 30_000, drift=drift), times_of(90_000, 55_000, drift=drift)
    clock = participant_clock([*sound.runs, *pictures.runs])
    for second in range(0, 60, 7):
        at_us = AT_US + int(second * 1_000_000 * (1 + drift)) + 40_000
        told = [Clock(times, clock).captured_us(0, second * 1_000_000, at_us) for times in (sound, pictures)]
        assert abs(told[0] - told[1]) < 1_000
        assert abs(told[0] - at_us) < 40_000


def test_reports_that_err_do_not_put_lips_out_of_time() -> None:
    sound, pictures = times_of(48_000, 30_000, report_error_us=200_000), times_of(90_000, 30_000)
    clock = participant_clock([*sound.runs, *pictures.runs])
    told = [Clock(times, clock).captured_us(0, 30_000_000, AT_US + 30_000_000) for times in (sound, pictures)]
    assert abs(told[0] - told[1]) <= 31_000


def test_without_reports_packets_count_from_when_the_fastest_came() -> None:
    times = StreamTimes(48_000)
    for number in range(100):
        late_us = 0 if number == 50 else 25_000
        times.add(Ordered(packet(number, number * 960, number * 20_000 + late_us), 0, number, number * 20_000))
    times.close()
    assert Clock(times, None).captured_us(0, 600_000, AT_US + 625_000) == AT_US + 600_000


def test_a_curve_is_straight_between_its_points_and_level_outside() -> None:
    curve = Curve([(10, 100), (20, 200)])
    assert [curve.at(at) for at in (0, 10, 15, 20, 99)] == [100, 100, 150, 200, 200]


# --- who is where


@pytest.mark.parametrize("count", range(1, 15))
def test_places_lie_in_the_picture_and_apart(count: int) -> None:
    places = boxes(count)
    seen = np.zeros((HEIGHT, WIDTH), int)
    for box in places:
        assert not any(side % 2 for side in box)
        assert box.left + box.width <= WIDTH
        assert box.top + box.height <= HEIGHT
        seen[box.top : box.top + box.height, box.left : box.left + box.width] += 1
    assert len(places) == min(count, MAX_SHOWN)
    assert seen.max() == 1


def test_a_speaker_comes_to_the_front_and_the_one_before_takes_the_place() -> None:
    stage = Stage()
    assert stage.seat(["a", "b", "c"], None, []) == ["a", "b", "c"]
    assert stage.seat(["a", "b", "c"], "c", []) == ["c", "b", "a"]
    assert stage.seat(["a", "b", "c", "d"], "c", []) == ["c", "b", "a", "d"]
    assert stage.seat(["a", "c", "d"], "c", ["screen"]) == ["screen", "c", "a", "d"]
    assert stage.seat(["a", "c", "d"], "d", ["screen"]) == ["screen", "c", "a", "d"]


def test_of_a_crowd_the_speaker_is_seen() -> None:
    stage, crowd = Stage(), [f"p{number}" for number in range(40)]
    assert stage.seat(crowd, "p33", [])[0] == "p33"
    assert "p39" in stage.seat(crowd, "p39", ["screen"])


def test_the_floor_is_kept_through_a_cough_and_changes_with_the_speaker() -> None:
    floor = Floor()
    for _ in range(30):
        floor.step({"an": 0.1, "binh": 0.001})
    assert floor.speaker == "an"
    floor.step({"an": 0.05, "binh": 0.15})
    assert floor.speaker == "an"
    for _ in range(30):
        floor.step({"an": 0.1, "binh": 0.11})
    assert floor.speaker == "an"
    for _ in range(30):
        floor.step({"an": 0.0, "binh": 0.1})
    assert floor.speaker == "binh"
    for _ in range(50):
        floor.step({})
    assert floor.speaker == "binh"


# --- the journal

MICROPHONE = Shown("audio", "microphone", muted=False, encrypted=False)


def test_the_journal_says_what_changed_with_the_names_of_then() -> None:
    an = Present("an", "An", {"TR_1": MICROPHONE})
    muted = Present("an", "Ông An", {"TR_1": replace(MICROPHONE, muted=True)})
    steps: list[dict[str, Present]] = [{}, {"PA_1": an}, {"PA_1": muted}, {}]
    told = [
        (event["event"], event["name"])
        for (before, after), at_us in zip(pairwise(steps), (1, 2, 3), strict=True)
        for event in journal.changes(before, after, at_us)
    ]
    assert told == [
        ("joined", "An"),
        ("published", "An"),
        ("renamed", "Ông An"),
        ("muted", "Ông An"),
        ("unpublished", "Ông An"),
        ("left", "Ông An"),
    ]


def test_a_journal_that_was_cut_off_is_read_up_to_its_last_whole_line() -> None:
    lines = [journal.line({"at_us": number, "event": "started"}) for number in range(3)]
    assert len(journal.read(b"".join(lines)[:-5])) == 2


def test_a_track_is_shown_while_it_is_published_and_not_muted() -> None:
    who = {"participant": "PA_1", "identity": "an", "name": "An"}
    track = {**who, "track": "TR_1"}
    told = history(
        [
            {"at_us": 5, "event": "joined", **who},
            {"at_us": 10, "event": "published", **track, "encrypted": False},
            {"at_us": 20, "event": "muted", **track},
            {"at_us": 30, "event": "unmuted", **track},
            {"at_us": 40, "event": "unpublished", **track},
        ],
        100,
    )
    assert told.shown("TR_1", 5) == [(5, 15), (25, 35)]
    assert told.known_gaps("TR_1") == [(20, 30, "muted")]
    assert not told.was_stopped


def test_an_encrypted_track_is_kept_out_and_said_to_be() -> None:
    event = {"participant": "PA_1", "identity": "an", "name": "An", "track": "TR_1", "kind": "audio"}
    joined = {"at_us": 5_000, "event": "joined", **event}
    published = {"at_us": 6_000, "event": "published", "source": "microphone", "encrypted": True, **event}
    (stream,) = history([joined, published], 9_000).kept_out()
    assert (stream.track, stream.file, stream.from_ms, stream.to_ms) == ("TR_1", "", 6, 9)
    assert "encrypted" in stream.kept_out


# --- pictures


def test_a_turned_picture_stands_upright() -> None:
    flat = np.arange(8 * 4, dtype=np.uint8).reshape(4, 8)
    upright, _, _ = turned((flat, flat[:2, :4], flat[:2, :4]), 1)
    assert upright.shape == (8, 4)
    assert list(upright[0]) == list(flat[::-1, 0])


def test_of_a_picture_that_is_over_nothing_is_kept(tmp_path: Path) -> None:
    source = mux.survey(written(recorded("camera"), tmp_path / "camera.spool"))
    assert source is not None
    stream = mux.write_stream(source, None, source.description.began_at_us, ())
    part = Part("TR", "PA", "An", False, tmp_path / stream.file, 0, [(0, 500_000)])
    reel = _Reel(part)
    reel.advance(499_999, shown=True)
    assert reel.frame is not None
    reel.advance(500_000, shown=False)
    assert (reel.frame, reel._decoder, reel._next) == (None, None, None)


def test_vietnamese_names_are_drawn_and_long_ones_cut() -> None:
    plain, marked = label("Le Thi Duong", 300, 168)[0], label("Lê Thị Đường", 300, 168)[0]
    assert plain.shape != marked.shape or (plain != marked).any()
    assert label("x" * 400, 212, 120)[0].shape[1] < 212
    missing = label("\ue000\ue000\ue000", 300, 168)[0]
    letters = label("ễệĐ", 300, 168)[0]
    assert missing.shape != letters.shape or (missing != letters).any()


@pytest.mark.parametrize("name", ["", "\n", "a\nb", "\0\x1b[31m", "\u202eabc", "😀" * 50, "ệ" * 256])
def test_any_name_can_be_drawn(name: str) -> None:
    assert label(name, 212, 120)[0].shape[1] <= 212
    assert face(name, 212, 120)[0].shape == (120, 212)


# --- all of it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording whose relay was killed: two spools of the SDK, the end of one torn."""
    folder = tmp_path / "session"
    folder.mkdir()
    began_us = 0
    lines: list[journal.Event] = []
    for source in ("camera", "microphone"):
        records = recorded(source)
        described = records[0]
        assert isinstance(described, Description)
        began_us = described.began_at_us
        who = {"participant": described.participant, "identity": described.identity, "name": "Trần Thị Bình"}
        what = {"track": described.track, "kind": described.kind, "source": source, "encrypted": False}
        if not lines:
            lines.append({"at_us": began_us, "event": "joined", **who})
        lines.append({"at_us": began_us, "event": "published", **who, **what})
        shutil.copy(RECORDED / f"{source}.spool", folder / f"{described.track}.spool")
        with (folder / f"{described.track}.spool").open("ab") as file:
            file.write(b"\x01\x04\x00torn")
    (folder / state.JOURNAL).write_bytes(b"".join(map(journal.line, lines)) + b'{"at_us": 1')
    state.write(folder, state.State("EG_1", "room", "RM_1", "session", False, "finishing", began_us))
    return folder


def test_files_are_made_of_what_a_killed_relay_left_and_are_the_same_every_time(folder: Path) -> None:
    again = Path(shutil.copytree(folder, folder.with_name("again") / folder.name))
    percentages: list[int] = []
    finish(folder, percentages.append)
    finish(again, lambda _: None)
    told = (folder / state.MANIFEST).read_text(encoding="utf-8")
    composed = manifest.made_of(folder)
    assert percentages == sorted(percentages)
    assert '"interrupted": true' in told
    assert "Trần Thị Bình" in told
    assert composed.size_bytes == (folder / "session.webm").stat().st_size
    assert abs(composed.duration_us - 2_500_000) < 100_000
    assert not list(folder.glob("*.spool"))
    streams = [path.name for path in folder.glob("TR_*.webm")]
    assert len(streams) == 2
    assert all((folder / name).read_bytes() == (again / name).read_bytes() for name in streams)


def test_what_could_not_be_made_leaves_the_disk_as_it_was(folder: Path) -> None:
    begun = state.read(folder)
    assert begun is not None
    (folder / begun.composed).mkdir()  # so that nothing can be put there
    with pytest.raises(OSError, match="directory"):
        finish(folder, lambda _: None)
    assert list(folder.glob("*.part")) == []


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"composed": 7, "ended_at_ms": 1}', b"{"])
def test_a_manifest_that_is_not_ours_says_nothing(tmp_path: Path, text: bytes) -> None:
    (tmp_path / state.MANIFEST).write_bytes(text)
    assert manifest.made_of(tmp_path) == state.Made()


def test_a_folder_that_cannot_be_locked_keeps_no_other_from_being_finished(tmp_path: Path) -> None:
    for name in ("barred", "session"):
        (tmp_path / name).mkdir()
        state.write(tmp_path / name, state.State("EG_" + name, "room", "RM_1", name, False, "finishing", AT_US))
    (tmp_path / "barred" / "lock").mkdir()
    found = _abandoned(Shelf(tmp_path), AT_US)
    assert [held.state.name for held in found] == ["session"]
    for held in found:
        held.lock.close()


def test_a_finished_recording_is_left_alone(folder: Path) -> None:
    finish(folder, lambda _: None)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    finish(folder, lambda _: None)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_codec_of_tomorrow_stays_a_spool_and_is_named(tmp_path: Path) -> None:
    body = spool.pack_packet(AT_US + 5, 7, 0, 0, (0x80, 99))
    path = tmp_path / "TR_a.spool"
    path.write_bytes(spool.MAGIC + packed(ABOUT) + spool.received(body, b"?"))
    source = mux.survey(path)
    assert source is not None
    stream = mux.write_stream(source, None, AT_US, ())
    assert stream.file == "TR_a.spool"
    assert stream.kept_out


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "ộ", "x" * 101])
def test_a_name_is_never_a_path(name: str) -> None:
    assert not state.is_name(name)


@pytest.mark.parametrize("name", ["a", "Session-1_2.webm", "x" * 100])
def test_a_name_can_be_anything_plain(name: str) -> None:
    assert state.is_name(name)
