"""The arithmetic of forwarding: numbers, layers, arrivals, loss."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.forwarding.cache import Forwarded, PacketCache
from relay.forwarding.demand import Demand
from relay.forwarding.forwarder import DownTrack, UpTrack
from relay.forwarding.layer import Layer
from relay.forwarding.leg import Leg
from relay.forwarding.levels import SpeechLevel
from relay.forwarding.reception import Reception
from relay.forwarding.remap import Remap
from relay.forwarding.runs import Run
from relay.forwarding.selector import LayerSelector, layer_for_size
from relay.forwarding.twcc import ArrivalRecorder
from relay.wire import rtp, vp8
from relay.wire.rtcp import SenderReport
from tests.relay.house import in_clear

VP8 = 100
RTX = 101
OPUS = 111


def vp8_payload(picture: int, *, keyframe: bool, tl0: int = 0) -> bytes:
    return bytes([0x90, 0xC0, 0x80 | picture >> 8, picture & 0xFF, tl0, 0x00 if keyframe else 0x01]) + b"picture"


def incoming(sequence: int, timestamp: int, payload: bytes, *, ssrc: int = 1, kind: int = VP8) -> bytes:
    return rtp.HEADER.pack(0x80, kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


# --- remap


@given(
    start=st.integers(0, 0x3FFF),
    sources=st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)), min_size=1, max_size=6),
)
def test_a_receiver_sees_one_stream_however_often_the_source_changes(
    start: int, sources: list[tuple[int, int]]
) -> None:
    remap = Remap(90_000, 70, start, Receiver())
    at_us, seen = 0, []
    for number, (sequence, timestamp) in enumerate(sources):
        remap.begin(number, sequence, timestamp, at_us)
        for step in range(5):
            remap.advance(sequence + step, (timestamp + 3_000 * step) & 0xFFFFFFFF, at_us)
            seen.append((remap.index, remap.timestamp))
            at_us += 33_333
    assert [index for index, _ in seen] == list(range(start + 1, start + 1 + len(seen)))
    steps = [(after - before) & 0xFFFFFFFF for (_, before), (_, after) in pairwise(seen)]
    assert all(2_990 <= step <= 3_010 for step in steps)


def test_the_ordinal_counts_on_when_sequence_numbers_wrap() -> None:
    reception = Reception(1, 90_000)
    ordinals = [reception.add((65_530 + step) & 0xFFFF, 0, 0, 100) for step in range(200_000)]
    assert ordinals == list(range(65_530, 265_530))
    assert reception.add((65_530 + 199_990) & 0xFFFF, 0, 0, 100) == 265_520


def test_a_late_packet_does_not_turn_the_stream_back() -> None:
    remap = Remap(90_000, 70, 0, Receiver())
    remap.begin(1, 10, 0, 0)
    remap.advance(10, 3_000, 0)
    remap.advance(12, 9_000, 0)
    remap.advance(11, 6_000, 0)
    assert (remap.index, remap.timestamp) == (3, 9_000)


def test_a_sent_number_leads_back_to_the_packet_it_came_from() -> None:
    remap = Remap(90_000, 70, 0, Receiver())
    remap.begin(1, 500, 0, 0)
    for sequence in range(500, 510):
        remap.advance(sequence, 0, 0)
    remap.begin(2, 9_000, 0, 0)
    remap.advance(9_000, 0, 0)
    old, new = remap.origin(3), remap.origin(11)
    assert old is not None
    assert (old[0].source, old[1]) == (1, 502)
    assert new is not None
    assert (new[0].source, new[1]) == (2, 9_000)
    assert remap.origin(12) is None


# --- one packet in, many out


def fail(error: Exception) -> None:
    """Nothing goes wrong here."""
    raise error


@dataclass
class Receiver:
    """What one receiver got."""

    packets: list[bytes] = field(default_factory=list)
    reports: list[SenderReport] = field(default_factory=list)

    def send(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None:
        assert index & 0xFFFF == int.from_bytes(header[2:4], "big")
        self.packets.append(bytes(header) + bytes(payload))

    def send_run(self, run: Run, leg: Leg) -> None:
        self.packets += in_clear(run, leg)

    def report(self, report: SenderReport, packets: int, octets: int) -> None:
        self.reports.append(report)

    def sequences(self, ssrc: int) -> list[int]:
        return [int.from_bytes(p[2:4], "big") for p in self.packets if p[8:12] == ssrc.to_bytes(4, "big")]


class Stage:
    """A published video in three layers, and one receiver of it."""

    def __init__(self, layers: int = 3) -> None:
        self.asked: list[int] = []
        self.up = UpTrack("video", layers, self.asked.append)
        self.up.codecs = {VP8: "vp8"}
        self.layers = [self.up.add_layer(number, ssrc=number + 1) for number in range(layers)]
        self.receiver = Receiver()
        self.down = DownTrack(self.up, 70, 71, 0, self.receiver)
        self.down.negotiated({"vp8": 96}, {"vp8": 97}, {}, self.receiver.report)
        self.up.downs.append(self.down)
        self.at_us = 1_000_000
        self.sent = [1_000 * (number + 1) for number in range(layers)]
        self.clock_ahead = [0] * layers

    def frame(self, number: int, *, keyframe: bool = False) -> None:
        """One frame of one packet arrives on a layer."""
        self.sent[number] += 1
        self.at_us += 10_000
        layer = self.layers[number]
        payload = vp8_payload(self.sent[number] & 0x7FFF, keyframe=keyframe)
        timestamp = self.at_us * 9 // 100 + self.clock_ahead[number]
        raw = incoming(self.sent[number], timestamp, payload, ssrc=layer.ssrc)
        self.up.receive(layer, raw, 12, [], self.at_us)
        self.up.flush(fail)


def test_a_clock_that_is_put_back_does_not_keep_receivers_waiting_for_a_key_frame() -> None:
    stage = Stage(layers=1)
    stage.at_us = 3_600_000_000
    stage.frame(0)
    stage.at_us = 1_000_000
    stage.frame(0)
    assert stage.asked == [1, 1]


def test_forwarding_begins_with_a_key_frame_which_is_asked_for_once() -> None:
    stage = Stage(layers=1)
    for _ in range(5):
        stage.frame(0)
    assert stage.receiver.packets == []
    assert stage.asked == [1]
    stage.frame(0, keyframe=True)
    stage.frame(0)
    assert stage.receiver.sequences(70) == [1, 2]


def test_a_better_layer_is_taken_up_on_its_key_frame_without_a_seam() -> None:
    stage = Stage()
    stage.frame(0, keyframe=True)
    stage.frame(0)
    stage.frame(2)
    assert stage.asked == [3]
    stage.frame(0)
    stage.frame(2, keyframe=True)
    stage.frame(0)
    stage.frame(2)
    assert stage.receiver.sequences(70) == [1, 2, 3, 4, 5]
    pictures = [vp8.parse(p[12:]).picture_id for p in stage.receiver.packets]
    assert [after - before for before, after in pairwise(pictures)] == [1, 1, 1, 1]


def test_a_receiver_that_wants_less_gets_less() -> None:
    stage = Stage()
    stage.down.selector.ceiling = 0
    stage.frame(2, keyframe=True)
    stage.frame(0, keyframe=True)
    stage.frame(2)
    stage.frame(0)
    pictures = {int.from_bytes(p[14:16], "big") & 0x7FFF for p in stage.receiver.packets}
    # The high layer was all there was at first; when the low one came, it was taken.
    assert pictures == {3_001, 3_002, 3_003}
    assert stage.down.selector.current == 0


def test_nothing_of_a_shut_track_goes_out_not_even_a_repeat() -> None:
    stage = Stage(layers=1)
    stage.frame(0, keyframe=True)
    stage.up.set_open(False)
    stage.frame(0, keyframe=True)
    stage.down.on_nack((1,))
    assert stage.receiver.sequences(70) == [1]
    assert stage.receiver.sequences(71) == []


def test_a_track_opened_again_goes_on_without_a_gap() -> None:
    stage = Stage(layers=1)
    stage.frame(0, keyframe=True)
    stage.up.set_open(False)
    for _ in range(50):
        stage.frame(0)
    stage.up.set_open(True)
    stage.frame(0)
    stage.frame(0, keyframe=True)
    assert stage.receiver.sequences(70) == [1, 2]
    before, after = (int.from_bytes(p[4:8], "big") for p in stage.receiver.packets)
    assert after - before == 52 * 900


def test_a_lost_packet_is_sent_again_on_the_repair_stream() -> None:
    stage = Stage(layers=1)
    stage.frame(0, keyframe=True)
    stage.frame(0)
    stage.frame(0)
    stage.down.on_nack((2, 900))
    repeat = stage.receiver.packets[-1]
    assert repeat[1] & 0x7F == 97
    assert repeat[8:12] == (71).to_bytes(4, "big")
    assert repeat[12:14] == (2).to_bytes(2, "big")
    assert repeat[14:] == stage.receiver.packets[1][12:]
    assert len(stage.receiver.packets) == 4


def test_what_is_sent_again_has_the_time_it_was_sent_with_also_after_a_change_of_layers() -> None:
    stage = Stage(layers=2)
    stage.frame(0, keyframe=True)
    stage.clock_ahead[1] = 1_000_000
    stage.frame(0)
    stage.frame(1, keyframe=True)
    stage.down.on_nack((2,))
    _, lost, _, repeat = stage.receiver.packets
    assert repeat[12:14] == lost[2:4]
    assert repeat[4:8] == lost[4:8]


def test_what_is_sent_again_is_held_as_it_was() -> None:
    stage = Stage(layers=1)
    stage.up.extensions = {3: rtp.ORIENTATION, 5: rtp.TRANSPORT_CC}
    stage.down.negotiated({"vp8": 96}, {"vp8": 97}, {rtp.ORIENTATION: 7}, stage.receiver.report)
    elements = [(3, b"\x01"), (5, b"\0\1")]
    head = rtp.HEADER.pack(0x90, VP8, 1, 0, 1) + rtp.pack_elements(elements)
    stage.up.receive(stage.layers[0], head + vp8_payload(1, keyframe=True), len(head), elements, stage.at_us)
    stage.up.flush(fail)
    stage.down.on_nack((1,))
    sent, repeat = stage.receiver.packets
    assert [rtp.split(one)[1] for one in (sent, repeat)] == [[(7, b"\x01")]] * 2
    assert repeat[rtp.split(repeat)[0] + 2 :] == sent[rtp.split(sent)[0] :]


def test_the_publishers_clock_is_told_in_our_numbers() -> None:
    stage = Stage(layers=1)
    stage.frame(0, keyframe=True)
    stage.up.on_sender_report(stage.layers[0], SenderReport(1, 5 << 32, 12_345), stage.at_us)
    assert stage.receiver.reports == [SenderReport(70, 5 << 32, 12_345)]


def test_an_audio_level_reaches_the_receiver_under_its_own_id() -> None:
    up = UpTrack("audio", 1, lambda _: None)
    up.codecs, up.extensions = {OPUS: "opus"}, {1: rtp.AUDIO_LEVEL, 3: rtp.TRANSPORT_CC}
    layer: Layer = up.add_layer(0, 1)
    receiver = Receiver()
    down = DownTrack(up, 70, 71, 0, receiver)
    down.negotiated({"opus": 109}, {}, {rtp.AUDIO_LEVEL: 5}, receiver.report)
    up.downs.append(down)
    up.receive(layer, incoming(1, 1, b"voice", kind=OPUS), 12, [(1, b"\x9e"), (3, b"\0\1")], 1)
    up.flush(fail)
    begin, elements = rtp.split(receiver.packets[0])
    assert (elements, receiver.packets[0][begin:], receiver.packets[0][1]) == ([(5, b"\x9e")], b"voice", 109)


# --- layers


@pytest.mark.parametrize(
    ("ceiling", "heard", "target"),
    [(2, [9, 9, 9], 2), (1, [9, 9, 9], 1), (2, [9, 9, 0], 1), (0, [0, 9, 9], 1), (2, [0, 0, 0], -1)],
)
def test_the_best_wanted_layer_that_arrives_is_chosen(ceiling: int, heard: list[int], target: int) -> None:
    assert LayerSelector(ceiling=ceiling).target(heard, now_us=10) == target


def test_a_silent_layer_is_not_waited_for() -> None:
    assert LayerSelector().target([2_000_000, 2_000_000, 1], now_us=2_000_001) == 1


@pytest.mark.parametrize(("width", "height", "layer"), [(100, 60, 0), (320, 180, 0), (321, 181, 1), (4000, 2000, 2)])
def test_a_picture_is_filled_by_the_smallest_layer_that_can(width: int, height: int, layer: int) -> None:
    assert layer_for_size([(320, 180), (640, 360), (1280, 720)], width, height) == layer


def test_a_wanted_layer_is_asked_for_at_once_and_given_up_only_after_a_while() -> None:
    demand = Demand()
    assert [demand.update(wanted, now_s) for now_s, wanted in enumerate([2, 0, 0, 0, 0, 0, 0, 0])] == [
        None, None, None, None, None, None, 0, None,
    ]  # fmt: skip
    assert demand.update(1, 8) == 1
    assert demand.update(-1, 9) is None
    assert demand.update(1, 13) is None, "wanted again in time"
    assert demand.update(-1, 14) is None
    assert demand.update(-1, 18.9) is None
    assert demand.update(-1, 19) == -1, "nobody looks: nothing is sent"


# --- arrivals


def read_feedback(packet: bytes) -> dict[int, int | None]:
    """A plain reading of transport-wide feedback: packet number -> arrival in microseconds, None when lost."""
    base, count = int.from_bytes(packet[12:14], "big"), int.from_bytes(packet[14:16], "big")
    clock_us = int.from_bytes(packet[16:19], "big") * 64_000
    chunks = (count + 6) // 7
    at = 20 + 2 * chunks
    arrivals: dict[int, int | None] = {}
    for number in range(count):
        chunk = int.from_bytes(packet[20 + 2 * (number // 7) :][:2], "big")
        symbol = chunk >> (12 - 2 * (number % 7)) & 3
        arrivals[(base + number) & 0xFFFF] = None
        if symbol:
            clock_us += 250 * int.from_bytes(packet[at : at + symbol], "big", signed=symbol == 2)
            at += symbol
            arrivals[(base + number) & 0xFFFF] = clock_us
    return arrivals


@given(
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.booleans(), st.integers(0, 30_000)), min_size=1, max_size=150),
)
def test_feedback_says_which_packets_came_and_when(first: int, journey: list[tuple[bool, int]]) -> None:
    recorder = ArrivalRecorder()
    at_us, sent = 5_000_000_000, {}
    for step, (arrives, gap_us) in enumerate(journey):
        at_us += gap_us
        if arrives:
            sent[(first + step) & 0xFFFF] = at_us
            recorder.add((first + step) & 0xFFFF, at_us, 1)
    feedback = recorder.feedback()
    if not sent:
        assert feedback is None
        return
    assert feedback is not None
    assert len(feedback) == 4 + 4 * int.from_bytes(feedback[2:4], "big")
    read = {number: came_us for number, came_us in read_feedback(feedback).items() if came_us is not None}
    assert read.keys() == sent.keys()
    modulo_us = (1 << 24) * 64_000
    assert all(0 <= (sent[number] - came_us) % modulo_us < 250 for number, came_us in read.items())


def test_packets_lost_between_two_feedbacks_are_reported_by_the_second() -> None:
    recorder = ArrivalRecorder()
    recorder.add(10, 1_000_000, 1)
    recorder.feedback()
    recorder.add(13, 1_100_000, 1)
    feedback = recorder.feedback()
    assert feedback is not None
    assert [number for number, at_us in read_feedback(feedback).items() if at_us is None] == [11, 12]


# --- loss


def test_lost_packets_are_asked_for_until_they_come_or_are_given_up() -> None:
    reception = Reception(1, 90_000)
    for sequence in (65_534, 65_535, 2, 3):
        reception.add(sequence, 0, 0, 100)
    assert reception.missing(0) == [0, 1]
    reception.add(0, 0, 10_000, 100)
    asked = [number for tick in range(1, 100) for number in reception.missing(50_000 * tick)]
    assert asked == [1] * 4
    assert reception.missing(10_000_000) == []


@pytest.mark.parametrize("round_trip_us", [5_000, 60_000, 300_000, 700_000])
def test_what_was_asked_for_is_given_the_time_of_a_round_trip_to_come(round_trip_us: int) -> None:
    reception = Reception(1, 90_000)
    on_their_way: list[tuple[int, int]] = []
    asked: list[int] = []
    for tick in range(1_200):
        now_us = 50_000 * tick
        for arrives_us, number in [answer for answer in on_their_way if answer[0] <= now_us]:
            reception.add(number, 0, arrives_us, 100)
            on_their_way.remove((arrives_us, number))
        if tick % 4 == 0:
            reception.add(tick // 2, 0, now_us, 100)  # every other packet is lost
        missing = reception.missing(now_us)
        on_their_way += [(now_us + round_trip_us, number) for number in missing]
        if tick > 600:
            asked += missing
    assert len(asked) <= 1.1 * len(set(asked))
    assert len(set(asked)) > 140


def test_a_report_counts_loss_since_the_last_one() -> None:
    reception = Reception(1, 90_000)
    for sequence in (1, 2, 3, 4):
        reception.add(sequence, 0, 0, 100)
    first = reception.report(0)
    assert first is not None
    assert (first.fraction_lost, first.cumulative_lost, first.highest_sequence) == (0, 0, 4)
    for sequence in (5, 8):
        reception.add(sequence, 0, 0, 100)
    second = reception.report(0)
    assert second is not None
    assert (second.fraction_lost, second.cumulative_lost) == (128, 2)


def test_a_report_says_how_long_ago_the_sender_spoke() -> None:
    reception = Reception(1, 90_000)
    reception.add(1, 0, 0, 100)
    reception.on_sender_report(SenderReport(1, 0x1234_5678_9ABC_DEF0, 0), at_us=1_000_000)
    report = reception.report(now_us=1_500_000)
    assert report is not None
    assert (report.last_sr, report.delay_since_sr) == (0x5678_9ABC, 32_768)


def test_even_arrival_is_no_jitter() -> None:
    reception = Reception(1, 90_000)
    for step in range(100):
        reception.add(step, 3_000 * step, 33_333 * step + step // 3, 100)
    report = reception.report(0)
    assert report is not None
    assert report.jitter <= 1


# --- cache and levels


def test_the_cache_gives_only_what_was_asked_for() -> None:
    cache = PacketCache()
    cache.put(5, incoming(5, 0, b"five"))
    assert cache.get(5) == incoming(5, 0, b"five")
    assert cache.get(5 + 512) is None
    cache.put(5 + 512, incoming(5 + 512, 0, b"newer"))
    assert cache.get(5) is None


def test_the_cache_keeps_a_packet_for_a_second_and_forgets_it_within_two() -> None:
    cache = PacketCache()
    for second in range(3):
        for ordinal in range(30 * second, 30 * second + 30):
            cache.put(ordinal, incoming(ordinal, 0, b"slow"))
        cache.sweep()
    kept = [ordinal for ordinal in range(90) if cache.get(ordinal)]
    assert kept == list(range(60, 90))
    cache.sweep()
    assert not any(cache.get(ordinal) for ordinal in range(90))


def test_the_cache_takes_nothing_for_a_packet_of_before_the_numbers_went_round() -> None:
    cache = PacketCache()
    cache.put(7, incoming(7, 0, b"old"))
    cache.put(65_536, incoming(0, 0, b"new"))
    assert cache.get(7) is None


@given(late=st.lists(st.integers(-700, 700), min_size=1, max_size=60))
def test_nothing_is_forwarded_twice_and_what_came_in_time_is_forwarded_once(late: list[int]) -> None:
    forwarded, taken, newest = Forwarded(), set[int](), 10_000
    for step in late:
        ordinal = newest + step
        is_new = forwarded.add(ordinal)
        assert is_new == (ordinal not in taken and (not taken or ordinal > max(taken) - 512))
        if is_new:
            taken.add(ordinal)
        newest = max(newest, ordinal)


def test_speech_is_noticed_and_forgotten() -> None:
    speech = SpeechLevel()
    for level in [20] * 10 + [127] * 10:
        speech.add(level)
    assert speech.close_window() > 0.04
    for _ in range(10):
        speech.close_window()
    assert speech.level == 0


def test_a_click_is_not_speech() -> None:
    speech = SpeechLevel()
    for level in [127] * 15 + [10] * 5:
        speech.add(level)
    assert speech.close_window() == 0


# --- who else listens


class Recorder:
    def __init__(self) -> None:
        self.taken: list[tuple[int, bytes, int]] = []

    def take(self, layer: Layer, packet: bytes, begin: int, at_us: int) -> None:
        self.taken.append((layer.number, packet[begin:], at_us))

    def report(self, layer: Layer, report: SenderReport, at_us: int) -> None:
        """Reports are another test's."""


def test_a_tap_hears_every_packet_once_and_nothing_of_a_shut_track() -> None:
    stage = Stage()
    recorder = Recorder()
    stage.up.taps.append(recorder)
    stage.frame(0)
    stage.frame(2)
    stage.up.receive(stage.layers[2], incoming(3_001, 0, vp8_payload(3_001, keyframe=False), ssrc=3), 12, [], 0)
    stage.up.set_open(False)
    stage.frame(0)
    assert [(number, at_us) for number, _, at_us in recorder.taken] == [(0, 1_010_000), (2, 1_020_000)]
    assert recorder.taken[1][1] == vp8_payload(3_001, keyframe=False)
