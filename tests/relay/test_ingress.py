"""What one participant may send, and how much of it goes further."""

from relay.forwarding.forwarder import Flush, UpTrack
from relay.rooms.ingress import IncomingSection, Ingress
from relay.wire import rtp
from tests.relay.house import fail

OPUS = 111
MID_ID = 4


def packet(sequence: int, mid: bytes = b"0", ssrc: int = 7) -> bytes:
    return rtp.HEADER.pack(0x90, OPUS, sequence & 0xFFFF, 0, ssrc) + rtp.pack_elements([(MID_ID, mid)]) + b"voice"


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


def test_who_sprays_ssrcs_has_one_at_a_time() -> None:
    mouth = Mouth()
    for ssrc in range(1, 1_000):
        mouth.ingress.receive(packet(1, ssrc=ssrc), 0)
    assert len(mouth.ingress.layers()) == 1
    assert mouth.forgotten == list(range(1, 999))
    assert not mouth.ingress.admits(packet(1, mid=b"1", ssrc=5_000))
