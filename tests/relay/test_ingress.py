"""What one participant may send, and how much of it goes further."""

from itertools import pairwise

import pytest

from relay.forwarding.forwarder import DownTrack, Flush, UpTrack
from relay.forwarding.layer import Layer
from relay.forwarding.leg import Leg
from relay.forwarding.runs import Run
from relay.rooms.ingress import IncomingSection, Ingress
from relay.wire import rtp
from relay.wire.rtcp import SenderReport
from tests.relay.house import fail

OPUS = 111
UNKNOWN = 112
MID_ID = 4


def packet(sequence: int, mid: bytes = b"0", ssrc: int = 7, payload_type: int = OPUS) -> bytes:
    head = rtp.HEADER.pack(0x90, payload_type, sequence & 0xFFFF, 0, ssrc)
    return head + rtp.pack_elements([(MID_ID, mid)]) + b"voice"


class Mouth:
    """A participant with one voice."""

    def __init__(self) -> None:
        self.up = UpTrack("audio", 1, lambda _: None)
        self.up.codecs = {OPUS: "opus"}
        self.flushes: list[Flush] = []
        self.forgotten: list[int] = []
        self.taken: list[int] = []
        self.ingress = Ingress(self.forgotten.append, self.flushes.append)
        self.ingress.configure({rtp.MID: MID_ID})
        self.ingress.open_section("0", IncomingSection(self.up, (), {}, ()))

    def count(self) -> int:
        """Packets that were let through."""
        layer = self.up.layers[0]
        return layer.reception.packets if layer else 0


def test_a_flush_is_asked_for_once_for_all_that_comes_together() -> None:
    mouth = Mouth()
    Ear(mouth)
    for sequence in range(5):
        mouth.ingress.receive(packet(sequence), 0)
    assert len(mouth.flushes) == 1
    mouth.flushes.pop()(fail)
    mouth.ingress.receive(packet(5), 0)
    assert len(mouth.flushes) == 1


def test_a_flood_is_cut_off_until_the_next_second() -> None:
    mouth = Mouth()
    for sequence in range(4_000):
        mouth.ingress.receive(packet(sequence), 0)
    assert mouth.count() == 3_000
    mouth.ingress.begin_second()
    mouth.ingress.receive(packet(4_000), 0)
    assert mouth.count() == 3_001


def test_a_flood_under_ever_new_ssrcs_is_one_flood() -> None:
    mouth = Mouth()
    Ear(mouth)
    kept = 0
    for number in range(4_000):
        mouth.ingress.receive(packet(number, ssrc=1_000 + number), 0)
        kept = len(mouth.up._waiting)
    assert kept == 3_000
    assert len(mouth.forgotten) == 3_999, "nothing is kept of what is cut off either"


def test_who_sprays_ssrcs_has_one_at_a_time() -> None:
    mouth = Mouth()
    for ssrc in range(1, 1_000):
        mouth.ingress.receive(packet(1, ssrc=ssrc), 0)
    assert len(mouth.ingress.layers()) == 1
    assert mouth.forgotten == list(range(1, 999))
    assert not mouth.ingress.admits(packet(1, mid=b"1", ssrc=5_000))


class Ear:
    """A receiver of that voice, and the indexes under which packets were encrypted for it."""

    def __init__(self, mouth: Mouth) -> None:
        self.indexes: list[int] = []
        down = DownTrack(mouth.up, 70, 71, 0, self)
        down.negotiated({"opus": OPUS}, {}, {}, lambda *_: None)
        mouth.up.downs.append(down)

    def send(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None:
        self.indexes.append(index)

    def send_run(self, run: Run, leg: Leg) -> None:
        self.indexes += [slot.ordinal + leg.index_offset for slot in run.layout.slots]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_stream_that_returns_under_an_old_ssrc_gets_no_number_twice(at_once: bool) -> None:
    mouth = Mouth()
    ear = Ear(mouth)
    first = [packet(sequence) for sequence in (1, 2, 3)]
    # One packet under another SSRC takes the place of the stream, and is none that goes out.
    for raw in [*first, packet(9, ssrc=8, payload_type=UNKNOWN), *first]:
        mouth.ingress.receive(raw, 0)
        if not at_once:
            mouth.up.flush(fail)
    mouth.up.flush(fail)
    assert [after - before for before, after in pairwise(ear.indexes)] == [1] * 5


def test_numbers_from_the_other_end_of_the_circle_are_not_used_twice() -> None:
    mouth = Mouth()
    ear = Ear(mouth)
    for sequence in (0, 20_000, 32_768, 0):
        mouth.ingress.receive(packet(sequence), 0)
        mouth.up.flush(fail)
    assert len(set(ear.indexes)) == len(ear.indexes)


class _Broken:
    """A tap that fails."""

    def take(self, layer: Layer, packet: bytes, begin: int, at_us: int) -> None:
        raise ValueError("it does not take it")

    def report(self, layer: Layer, report: SenderReport, at_us: int) -> None: ...


def test_a_fault_of_a_tap_does_not_hold_a_track_up_for_ever() -> None:
    mouth = Mouth()
    ear = Ear(mouth)
    mouth.up.taps.append(_Broken())
    with pytest.raises(ValueError, match="take"):
        mouth.ingress.receive(packet(1), 0)
    mouth.up.taps.clear()
    mouth.ingress.receive(packet(2), 0)
    for flush in mouth.flushes:
        flush(fail)
    assert len(ear.indexes) == 1
