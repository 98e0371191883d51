"""The sink behind data channels: it agrees to everything and remembers next to nothing."""

import asyncio
import time
from collections.abc import Iterator
from struct import pack, unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.wire.sctp import WINDOW, Sink, chunk, chunks, crc32c, sealed
from tests.relay.callers import callers
from tests.relay.running import running_relay, until

TAG, OURS = 0x1234, 0xFFFFFFF0
PEER_TAG, FIRST = 0x9876, 0xFFFFFF80  # the numbers wrap soon
INIT, INIT_ACK, SACK, HEARTBEAT, ABORT, SHUTDOWN, COOKIE_ECHO, COOKIE_ACK, FORWARD = 1, 2, 3, 4, 6, 7, 10, 11, 192


def packet(*parts: bytes, tag: int = TAG) -> bytes:
    return sealed(pack("!HHII", 5000, 5000, tag, 0) + b"".join(parts))


def init(tag: int = PEER_TAG, number: int = FIRST) -> bytes:
    return packet(chunk(INIT, 0, pack("!IIHHI", tag, 100_000, 65535, 65535, number)), tag=0)


def message(number: int, payload: bytes = b"x", *, meaning: int = 53, stream: int = 1, flags: int = 3) -> bytes:
    return chunk(0, flags, pack("!IHHI", number & 0xFFFFFFFF, stream, 0, meaning) + payload)


def answered(answer: bytes | None) -> list[tuple[int, bytes]]:
    """The chunks of an answer, whose header must be right."""
    assert answer is not None
    assert answer[:4] == pack("!HH", 5000, 5000)
    assert int.from_bytes(answer[8:12], "little") == slow_crc32c(answer[:8] + bytes(4) + answer[12:])
    return [(kind, body) for kind, _, body in chunks(answer)]


def cookie_in(answer: bytes | None) -> bytes:
    [(kind, body)] = answered(answer)
    assert kind == INIT_ACK
    assert body[:4] == pack("!I", TAG)
    kind, length = unpack_from("!HH", body, 16)
    assert kind == 7
    return body[20 : 16 + length]


def associated() -> Sink:
    sink = Sink(TAG, OURS, b"secret")
    cookie = cookie_in(sink.receive(init(), 0.0))
    assert answered(sink.receive(packet(chunk(COOKIE_ECHO, 0, cookie)), 0.0)) == [(COOKIE_ACK, b"")]
    return sink


def slow_crc32c(octets: bytes) -> int:
    """Bit by bit."""
    crc = 0xFFFFFFFF
    for octet in octets:
        for bit in range(8):
            low = (crc ^ octet >> bit) & 1
            crc = crc >> 1 ^ 0x82F63B78 * low
    return crc ^ 0xFFFFFFFF


def test_the_checksum_is_castagnolis() -> None:
    assert crc32c(b"123456789") == 0xE3069283  # the check value of its definition


@given(st.binary(max_size=100))
def test_the_checksum_is_that_of_its_twin(octets: bytes) -> None:
    assert crc32c(octets) == slow_crc32c(octets)


# --- the association


def test_nothing_is_answered_before_the_cookie_came_back() -> None:
    sink = Sink(TAG, OURS, b"secret")
    assert sink.receive(packet(message(FIRST)), 0.0) is None
    sink.receive(init(), 0.0)
    assert sink.receive(packet(message(FIRST)), 0.0) is None


def test_a_cookie_that_we_did_not_make_opens_nothing() -> None:
    sink = Sink(TAG, OURS, b"secret")
    cookie = cookie_in(sink.receive(init(), 0.0))
    for forged in (bytes(len(cookie)), cookie[:-1] + bytes([cookie[-1] ^ 1]), cookie[:8], b"", cookie + b"x"):
        assert sink.receive(packet(chunk(COOKIE_ECHO, 0, forged), message(FIRST)), 0.0) is None
    other = cookie_in(Sink(TAG, OURS, b"another secret").receive(init(), 0.0))
    assert sink.receive(packet(chunk(COOKIE_ECHO, 0, other)), 0.0) is None


def test_a_repeated_cookie_is_answered_again_and_changes_nothing() -> None:
    sink = associated()
    sink.receive(packet(message(FIRST)), 0.0)
    cookie = cookie_in(sink.receive(init(), 0.0))
    kinds = answered(sink.receive(packet(chunk(COOKIE_ECHO, 0, cookie), message(FIRST + 1)), 0.0))
    assert kinds[0] == (COOKIE_ACK, b"")
    assert kinds[1] == (SACK, pack("!IIHH", FIRST + 1, 131_072, 0, 0))


@pytest.mark.parametrize("tag", [0, PEER_TAG, TAG + 1])
def test_packets_with_another_tag_are_nobodys(tag: int) -> None:
    assert associated().receive(packet(message(FIRST), tag=tag), 0.0) is None


def test_an_init_without_a_tag_is_not_answered() -> None:
    assert Sink(TAG, OURS, b"secret").receive(init(tag=0), 0.0) is None


def test_a_heartbeat_comes_back() -> None:
    assert answered(associated().receive(packet(chunk(HEARTBEAT, 0, b"\0\1\0\x08beat")), 0.0)) == [
        (5, b"\0\1\0\x08beat")
    ]


@pytest.mark.parametrize(("kind", "answer"), [(SHUTDOWN, [(8, b"")]), (ABORT, None)])
def test_an_association_that_ended_can_be_made_again(kind: int, answer: list[tuple[int, bytes]] | None) -> None:
    sink = associated()
    told = sink.receive(packet(chunk(kind, 0, b"")), 0.0)
    assert (answered(told) if told is not None else None) == answer
    assert sink.receive(packet(message(FIRST)), 0.0) is None
    cookie = cookie_in(sink.receive(init(tag=7), 0.0))
    assert answered(sink.receive(packet(chunk(COOKIE_ECHO, 0, cookie)), 0.0)) == [(COOKIE_ACK, b"")]


# --- messages


def told(answer: bytes | None) -> tuple[int, set[int]]:
    """Up to which number everything arrived, and which arrived beyond, as a sender reads it."""
    [(kind, body)] = answered(answer)
    assert kind == SACK
    arrived, window, count, duplicates = unpack_from("!IIHH", body)
    assert (window, duplicates, len(body)) == (131_072, 0, 12 + 4 * count)
    beyond: set[int] = set()
    for at in range(count):
        begin, end = unpack_from("!HH", body, 12 + 4 * at)
        assert 1 < begin <= end
        beyond |= {arrived + offset & 0xFFFFFFFF for offset in range(begin, end + 1)}
    return arrived, beyond


class Twin:
    """What arrived, as a set."""

    def __init__(self) -> None:
        self.arrived = FIRST - 1
        self.beyond: set[int] = set()

    def take(self, number: int) -> None:
        if self.arrived < number <= self.arrived + WINDOW:
            self.beyond.add(number)
        self._close_up()

    def skip(self, number: int) -> None:
        if number > self.arrived:
            self.arrived = number
            self.beyond = {one for one in self.beyond if one > number}
        self._close_up()

    def _close_up(self) -> None:
        while self.arrived + 1 in self.beyond:
            self.arrived += 1
            self.beyond.discard(self.arrived)

    def told(self) -> tuple[int, set[int]]:
        return self.arrived & 0xFFFFFFFF, {number & 0xFFFFFFFF for number in self.beyond}


@given(st.lists(st.tuples(st.sampled_from("tttts"), st.integers(-300, 600)), max_size=60))
def test_what_arrived_is_told_as_by_its_twin(steps: list[tuple[str, int]]) -> None:
    sink, twin = associated(), Twin()
    for step, offset in steps:
        number = FIRST + offset
        if step == "t":
            twin.take(number)
            answer = sink.receive(packet(message(number)), 0.0)
        else:
            twin.skip(number)
            answer = sink.receive(packet(chunk(FORWARD, 0, pack("!I", number & 0xFFFFFFFF))), 0.0)
        assert told(answer) == twin.told()


def size(sink: Sink) -> int:
    return sum(len(repr(getattr(sink, name))) for name in vars(sink))


@given(st.lists(st.binary(max_size=60) | st.integers(0, 2000), max_size=80))
def test_nothing_a_client_sends_makes_it_grow_or_raise(sent: list[bytes | int]) -> None:
    sink = associated()
    for at, one in enumerate(sent):
        if isinstance(one, bytes):
            sink.receive(one, float(at))
            sink.receive(packet(one), float(at))
            sink.receive(packet(chunk(at % 16, 3, one)), float(at))
        else:
            sink.receive(packet(message(FIRST + one, b"\x03", meaning=50, stream=one)), float(at))
    assert size(sink) < 8_000


# --- channels


def opened(answer: bytes | None) -> Iterator[tuple[int, int, bytes]]:
    """Number, stream and content of what the sink says on channels."""
    for kind, body in answered(answer):
        if kind == 0:
            number, stream, _, meaning = unpack_from("!IHHI", body)
            assert meaning == 50
            yield number, stream, body[12:]


def test_a_channel_that_is_opened_is_said_to_be_open() -> None:
    sink = associated()
    answer = sink.receive(packet(message(FIRST, b"\x03\0\0\0", meaning=50, stream=4)), 1.0)
    assert list(opened(answer)) == [(OURS, 4, b"\x02")]


def test_it_is_said_again_until_the_client_heard_it() -> None:
    sink = associated()
    sink.receive(packet(message(FIRST, b"\x03\0\0\0", meaning=50, stream=4)), 1.0)
    assert list(opened(sink.receive(packet(message(FIRST + 1)), 1.5))) == []
    assert list(opened(sink.receive(packet(message(FIRST + 2)), 2.5))) == [(OURS, 4, b"\x02")]
    sink.receive(packet(chunk(SACK, 0, pack("!IIHH", OURS, 1000, 0, 0))), 2.6)
    assert list(opened(sink.receive(packet(message(FIRST + 3)), 9.0))) == []


def test_a_client_that_opens_channels_and_never_listens_is_answered_for_the_first_ones() -> None:
    sink = associated()
    for number in range(200):
        sink.receive(packet(message(FIRST + number, b"\x03", meaning=50, stream=number)), 1.0)
    answer = sink.receive(packet(message(FIRST + 200)), 5.0)
    assert len(list(opened(answer))) == 32
    assert answer is not None
    assert len(answer) < 1200


# --- with real clients


async def test_messages_of_the_sdk_resolve_with_the_sink_and_go_nowhere(room_name: str) -> None:
    async with (
        running_relay(data_sink="1") as relay,
        callers(relay, room_name, "an", "binh") as (an, binh),
    ):
        heard: list[object] = []
        binh.room.on("data_received", heard.append)
        begun_s = time.monotonic()
        async with asyncio.timeout(10):
            await an.room.local_participant.publish_data(b"hello", reliable=True)
            await an.room.local_participant.publish_data(b"hello", reliable=False)
        assert time.monotonic() - begun_s < 10
        await an.speak()
        await until(lambda: "an/audio" in binh.ears and binh.ears["an/audio"].rms > 1_000)
        assert heard == []


async def test_without_the_sink_nobody_waits_to_join(room_name: str) -> None:
    async with running_relay() as relay, callers(relay, room_name, "an", "binh") as (an, binh):
        await an.speak()
        await until(lambda: "an/audio" in binh.ears and binh.ears["an/audio"].rms > 1_000)


async def test_a_flood_of_messages_leaves_memory_flat(room_name: str) -> None:
    async with running_relay(data_sink="1") as relay, callers(relay, room_name, "an", "binh") as (an, binh):
        await binh.speak()
        await until(lambda: "binh/audio" in an.ears and an.ears["binh/audio"].rms > 1_000)

        async def flood(count: int) -> None:
            for _ in range(count):
                await an.room.local_participant.publish_data(bytes(15_000), reliable=True)

        await flood(100)
        before = relay.resident_bytes()
        await flood(300)
        assert relay.resident_bytes() - before < 4_000_000
        frames = an.ears["binh/audio"].frames
        await until(lambda: an.ears["binh/audio"].frames > frames + 50)
