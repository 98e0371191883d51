"""What real clients sent (packets.json, made by capture.py), against the readers and writers of packets."""

import json
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from aiortc.rtp import RtcpPacket, RtcpSrPacket

from relay.forwarding import codecs
from relay.forwarding.reception import Reception
from relay.forwarding.twcc import ArrivalRecorder
from relay.wire import red, rtcp, rtp, vp8

CAPTURED = {
    kind: [bytes.fromhex(packet) for packet in packets]
    for kind, packets in json.loads(Path(__file__).with_name("packets.json").read_text()).items()
}
OPUS, RED, VP8, H264 = 111, 63, 96, 109
"""Payload types of the capture."""
TRANSPORT_CC_ID = 3


def of(payload_type: int) -> list[bytes]:
    found = [packet for packet in CAPTURED["rtp"] if packet[1] & 0x7F == payload_type]
    assert found
    return [packet for packet in found if payload(packet)]


def payload(packet: bytes) -> memoryview:
    """Without padding: a real client probes its line with packets of nothing else."""
    padding = packet[-1] if packet[0] & 0x20 else 0
    return memoryview(packet)[rtp.split(packet)[0] : len(packet) - padding]


@pytest.mark.parametrize("packet", CAPTURED["rtp"], ids=range(len(CAPTURED["rtp"])))
def test_header_extensions_come_back_as_they_were_sent(packet: bytes) -> None:
    begin, elements = rtp.split(packet)
    assert elements
    again = packet[: rtp.HEADER_LENGTH] + rtp.pack_elements(elements) + packet[begin:]
    assert rtp.split(again)[1] == elements
    assert bytes(payload(again)) == bytes(payload(packet))


def test_vp8_of_a_real_encoder_has_its_numbers_where_they_are_looked_for() -> None:
    key = lambda packet: packet[8:12]  # noqa: E731
    for _, packets in groupby(sorted(of(VP8), key=key), key):
        inorder = sorted(packets, key=lambda packet: packet[2:4])
        seen = [vp8.parse(payload(packet)) for packet in inorder]
        assert all(descriptor.wide and descriptor.picture_id_at > 0 and descriptor.tl0_at > 0 for descriptor in seen)
        assert all((after.picture_id - before.picture_id) % (1 << 15) < 1000 for before, after in pairwise(seen))
    assert any(codecs.read("vp8", payload(packet)).startable for packet in of(VP8))
    assert not all(codecs.read("vp8", payload(packet)).startable for packet in of(VP8))


def test_a_real_payload_is_changed_only_in_its_picture_numbers() -> None:
    for packet in of(VP8):
        reading = codecs.read("vp8", payload(packet))
        shifted = codecs.renumbered(payload(packet), reading, 5, 3)
        before, after = vp8.parse(payload(packet)), vp8.parse(shifted)
        assert (after.picture_id - before.picture_id) % (1 << 15) == 5
        assert (after.tl0 - before.tl0) % 256 == 3
        restored = codecs.renumbered(memoryview(shifted), codecs.read("vp8", memoryview(shifted)), -5, -3)
        assert bytes(restored) == bytes(payload(packet))


def test_h264_of_a_real_encoder_can_be_begun_with_at_its_parameters() -> None:
    startable = [codecs.read("h264", payload(packet)).startable for packet in of(H264)]
    assert any(startable)
    assert not all(startable)


def test_a_real_voice_repeats_what_it_said_before() -> None:
    first, *_ = {packet[8:12] for packet in of(RED)}
    newest: dict[int, bytes] = {}
    repeats = 0
    for packet in sorted((packet for packet in of(RED) if packet[8:12] == first), key=lambda packet: packet[2:4]):
        whole, timestamp = payload(packet), int.from_bytes(packet[4:8], "big")
        blocks = red.parse(whole)
        assert {whole[at] & 0x7F for at in blocks.labels} == {OPUS}
        newest[timestamp] = bytes(whole[blocks.primary_at :])
        for age, begin, end in blocks.older:
            if timestamp - age in newest:
                assert bytes(whole[begin:end]) == newest[timestamp - age]
                repeats += 1
    assert repeats


@pytest.mark.parametrize("compound", CAPTURED["rtcp"], ids=range(len(CAPTURED["rtcp"])))
def test_real_reports_are_read_as_another_implementation_reads_them(compound: bytes) -> None:
    ours = rtcp.parse(compound)
    theirs = RtcpPacket.parse(compound)
    assert [r.ssrc for r in ours if isinstance(r, rtcp.SenderReport)] == [
        packet.ssrc for packet in theirs if isinstance(packet, RtcpSrPacket)
    ]
    blocks = [block for packet in ours if isinstance(packet, rtcp.ReceiverReport) for block in packet.reports]
    expected = [block for packet in theirs for block in getattr(packet, "reports", [])]
    assert [(b.ssrc, b.fraction_lost, b.highest_sequence, b.jitter) for b in blocks] == [
        (b.ssrc, b.fraction_lost, b.highest_sequence, b.jitter) for b in expected
    ]


def test_feedback_on_real_arrivals_covers_every_number_once() -> None:
    recorder = ArrivalRecorder()
    numbers = set()
    for step, sent in enumerate(CAPTURED["rtp"]):
        for number, value in rtp.split(sent)[1]:
            if number == TRANSPORT_CC_ID:
                numbers.add(int.from_bytes(value, "big"))
                recorder.add(int.from_bytes(value, "big"), 1_000_000 + 700 * step, int.from_bytes(sent[8:12], "big"))
    arrived, base = set(), -1
    while (feedback := recorder.feedback()) is not None:
        base, statuses = transport_statuses(feedback)
        arrived |= {base + at for at, status in enumerate(statuses) if status}
    assert base >= 0
    assert arrived == {number for number in numbers if number >= min(arrived)}


def transport_statuses(feedback: bytes) -> tuple[int, list[int]]:
    """First number and status symbols, read anew (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1)."""
    base, count = int.from_bytes(feedback[12:14], "big"), int.from_bytes(feedback[14:16], "big")
    statuses: list[int] = []
    at = 20
    while len(statuses) < count:
        chunk = int.from_bytes(feedback[at : at + 2], "big")
        at += 2
        if not chunk & 0x8000:
            statuses += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    return base, statuses[:count]


def test_a_real_voice_is_counted_without_loss() -> None:
    first, *_ = {packet[8:12] for packet in of(RED)}
    reception = Reception(int.from_bytes(first, "big"), 48_000)
    sent = sorted((packet for packet in of(RED) if packet[8:12] == first), key=lambda packet: packet[2:4])
    begin = int.from_bytes(sent[0][4:8], "big")
    for packet in sent:
        timestamp = int.from_bytes(packet[4:8], "big")
        at_us = (timestamp - begin) * 1_000_000 // 48_000
        reception.add(int.from_bytes(packet[2:4], "big"), timestamp, at_us, len(packet))
    report = reception.report(2_000_000)
    assert report is not None
    assert report.jitter == 0
