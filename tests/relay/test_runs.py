"""The short way of packets through the relay: what it sends, against the plain way as its twin."""

import errno
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from relay.forwarding import codecs
from relay.forwarding.fan_out import OnError, fan_out, fan_out_in_python
from relay.forwarding.forwarder import DownTrack, FanOut, UpTrack
from relay.forwarding.layer import Layer
from relay.forwarding.leg import Leg
from relay.forwarding.remap import Remap
from relay.forwarding.runs import MAX_PACKETS, Batch, Incoming, Run, shape
from relay.transport.egress import each
from relay.transport.outlet import Outlet
from relay.transport.sockets import SO_TIMESTAMPNS
from relay.transport.srtp import GcmSender, GcmSenderInPython, LibsrtpSender, Sender, gcm_session
from relay.transport.udp import UdpPort, UdpPortInPython
from relay.wire import rtp
from relay.wire.rtcp import SenderReport
from tests.relay.house import fail, in_clear
from tests.relay.test_forwarding import VP8, incoming, vp8_payload

HOST = "127.0.0.1"
SO_NO_CHECK, UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX = 11, 101, 102


# --- twins


@dataclass
class Receiver:
    """What one receiver got, and under which index."""

    packets: list[tuple[int, bytes]] = field(default_factory=list)

    def send(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None:
        self.packets.append((index, header + bytes(payload)))

    def send_run(self, run: Run, leg: Leg) -> None:
        indexes = [slot.ordinal + leg.index_offset for slot in run.layout.slots]
        self.packets += zip(indexes, in_clear(run, leg), strict=True)


class Call:
    """A track of some layers on its way to three receivers who differ in what they negotiated."""

    def __init__(self, layers: int, fan_out: FanOut) -> None:
        self.asked: list[int] = []
        self.up = UpTrack("video", layers, self.asked.append, fan_out)
        self.up.codecs = {VP8: "vp8", 98: "h264"}
        self.up.extensions = {3: rtp.ORIENTATION, 5: rtp.TRANSPORT_CC}
        self.layers = [self.up.add_layer(number, ssrc=number + 1) for number in range(layers)]
        self.receivers = [Receiver() for _ in range(3)]
        for number, receiver in enumerate(self.receivers):
            down = DownTrack(self.up, 70, 71, 1_000 * number, receiver)
            ids = {rtp.ORIENTATION: 7} if number else {}
            down.negotiated({"vp8": 96 + number // 2, "h264": 100}, {}, ids, lambda *_: None)
            self.up.downs.append(down)

    def receive(self, step: "Packet") -> bool:
        number = step.layer % len(self.layers)
        layer = self.layers[number]
        if step.renewed:
            layer = self.layers[number] = self.up.add_layer(number, layer.ssrc + 10)
        payload = vp8_payload(step.sequence & 0x7FFF, keyframe=step.keyframe, tl0=step.sequence // 3 & 0xFF)
        if step.strange:
            payload = step.strange
        raw = incoming(
            step.sequence, 3_000 * step.sequence, payload + bytes(step.size), ssrc=layer.ssrc, kind=step.kind
        )
        elements = [(3, b"\x01"), (5, b"\0\1")] if step.turned else [(5, b"\0\1")]
        return self.up.receive(layer, raw, 12, elements, step.at_us)


@dataclass(frozen=True)
class Packet:
    layer: int
    sequence: int
    keyframe: bool
    turned: bool
    size: int
    kind: int
    strange: bytes
    renewed: bool
    """The layer begins anew under another SSRC."""
    at_us: int


@st.composite
def batches(draw: st.DrawFn) -> list[list[Packet]]:
    """Packets of up to three layers as the network brings them: some late, some twice, some lost, most as they should.

    What is rare is drawn for whole batches, or there would be no plain one.
    """
    highest = [draw(st.sampled_from([10, 700, 65_500])) for _ in range(3)]
    at_us, story = 10_000_000, []
    for _ in range(draw(st.integers(1, 15))):
        steps = draw(st.sampled_from([[1], [1], [1, 1, 2, 0, -1, -3]]))
        kinds = draw(st.sampled_from([[VP8]] * 6 + [[98], [VP8, 98]]))
        strange = draw(st.sampled_from([[b""]] * 6 + [[b"", b"\x90"]]))
        renewed = draw(st.sampled_from([[False]] * 6 + [[False, True]]))
        keyframes = draw(st.sampled_from([[False], [False, True]]))
        only = draw(st.sampled_from([[0, 1, 2], [0], [2]]))
        batch = []
        for _ in range(draw(st.integers(1, 6))):
            layer = draw(st.sampled_from(only))
            sequence = highest[layer] + draw(st.sampled_from(steps))
            highest[layer] = max(highest[layer], sequence)
            at_us += draw(st.sampled_from([0, 200, 30_000, 900_000]))
            batch.append(
                Packet(
                    layer,
                    sequence,
                    keyframe=draw(st.sampled_from(keyframes)),
                    turned=draw(st.booleans()),
                    size=draw(st.sampled_from([0, 900, 901, 1_100])),
                    kind=draw(st.sampled_from(kinds)),
                    strange=draw(st.sampled_from(strange)),
                    renewed=draw(st.sampled_from(renewed)),
                    at_us=at_us,
                )
            )
        story.append(batch)
    return story


@given(
    layers=st.integers(1, 3),
    story=batches(),
    turns=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["pause", "resume", "low", "high", "shut"]))),
)
@settings(max_examples=150, deadline=None)
def test_runs_carry_what_single_packets_would(
    layers: int, story: list[list[Packet]], turns: list[tuple[int, str]]
) -> None:
    calls = [Call(layers, fan_out) for fan_out in (fan_out, fan_out_in_python, one_by_one)]
    for number, batch in enumerate(story):
        for call in calls:
            if number < len(turns):
                turn(call, *turns[number])
            for step in batch:
                call.receive(step)
            call.up.flush(fail)
    *in_runs, singly = calls
    for call in in_runs:
        assert call.asked == singly.asked
        for one, other in zip(call.receivers, singly.receivers, strict=True):
            assert one.packets == other.packets
            assert len({index for index, _ in one.packets}) == len(one.packets), "no number is used twice"
        for one_down, other_down in zip(call.up.downs, singly.up.downs, strict=True):
            assert standing(one_down) == standing(other_down)


def one_by_one(run: Run, downs: list[DownTrack], on_error: OnError) -> list[DownTrack]:
    """Nobody gets a run."""
    return downs


def standing(down: DownTrack) -> list[object]:
    """Where a receiver's stream stands."""
    leg = down.leg
    names = [name for kind in (Remap, Leg) for name in vars(kind) if not name.startswith("__")]
    return [value for name in names if not callable(value := getattr(leg, name)) and name != "outlet"]


class _Watcher:
    """A tap that has everything looked at."""

    def take(self, layer: Layer, packet: bytes, begin: int, at_us: int) -> None: ...

    def report(self, layer: Layer, report: SenderReport, at_us: int) -> None: ...


@given(
    layers=st.integers(1, 3),
    story=batches(),
    turns=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["pause", "resume", "low", "high", "shut"]))),
)
@settings(max_examples=200, deadline=None)
def test_giving_up_early_what_nobody_watches_changes_nothing_for_those_who_watch(
    layers: int, story: list[list[Packet]], turns: list[tuple[int, str]]
) -> None:
    lean, full = Call(layers, fan_out), Call(layers, fan_out)
    full.up.taps.append(_Watcher())
    seen = set[tuple[int, int]]()
    for number, batch in enumerate(story):
        for call in (lean, full):
            if number < len(turns):
                turn(call, *turns[number])
            for step in batch:
                call.receive(replace(step, at_us=batch[0].at_us))
            call.up.flush(fail)
        seen |= {(step.layer % layers, step.sequence) for step in batch}
    comes_twice = len(seen) < sum(len(batch) for batch in story)
    for one, other in zip(lean.receivers, full.receivers, strict=True):
        assert len({index for index, _ in one.packets}) == len(one.packets), "no number is used twice"
        if not comes_twice:
            assert one.packets == other.packets


def test_the_first_key_frame_of_a_layer_that_appears_is_taken_up_though_nobody_was_on_it() -> None:
    call = Call(2, fan_out)
    at_us = 10_000_000
    call.receive(Packet(0, 1, True, False, 9, VP8, b"", False, at_us))
    call.up.flush(fail)
    call.receive(Packet(0, 2, False, False, 9, VP8, b"", False, at_us + 100))
    call.receive(Packet(1, 700, True, False, 9, VP8, b"", False, at_us + 200))
    call.up.flush(fail)
    assert [down.selector.current for down in call.up.downs] == [1, 1, 1]


def test_of_a_layer_nobody_watches_nothing_is_kept_until_somebody_wants_it() -> None:
    call = Call(2, fan_out)
    for down in call.up.downs:
        down.selector.ceiling = 0
    for sequence in range(1, 40):
        for layer in (0, 1):
            call.receive(Packet(layer, sequence, sequence == 1, False, 9, VP8, b"", False, 10_000_000 + 40 * sequence))
        call.up.flush(fail)
    low, high = call.layers
    assert low.cache.get(39)
    assert not any(high.cache.get(sequence) for sequence in range(40))
    call.asked.clear()
    call.up.downs[0].selector.ceiling = 1
    for sequence in (40, 41):
        call.receive(Packet(1, sequence, sequence == 41, False, 9, VP8, b"", False, 11_000_000 + sequence))
        call.up.flush(fail)
    assert call.asked == [high.ssrc]
    assert [down.selector.current for down in call.up.downs] == [1, 0, 0]


@pytest.mark.parametrize("layers", [1, 2])
def test_a_receiver_begins_with_the_first_key_frame_after_it_came(layers: int) -> None:
    call = Call(layers, fan_out)
    downs, call.up.downs = call.up.downs, []
    call.receive(Packet(0, 1, True, False, 9, VP8, b"", False, 10_000_000))
    for down in downs:
        call.up.add(down)
    call.receive(Packet(0, 2, True, False, 9, VP8, b"", False, 10_000_100))
    call.up.flush(fail)
    assert [len(receiver.packets) for receiver in call.receivers] == [1, 1, 1]


def turn(call: Call, which: int, what: str) -> None:
    """Something happens to one receiver, or to the track."""
    down = call.up.downs[which]
    if what in {"pause", "resume"}:
        down.pause(what == "pause")
    elif what in {"low", "high"}:
        down.selector.ceiling = 0 if what == "low" else 2
    else:
        call.up.set_open(not call.up.open)


def test_a_stream_that_begins_anew_among_what_arrived_together_is_taken_up() -> None:
    call = Call(1, fan_out)
    for sequence, renewed in ((1, False), (2, False), (900, True), (901, False)):
        call.receive(Packet(0, sequence, sequence in {1, 900}, False, 9, VP8, b"", renewed, sequence))
        if sequence == 1:
            call.up.flush(fail)
    call.up.flush(fail)
    assert [index for index, _ in call.receivers[0].packets] == [1, 2, 3, 4]


def test_one_receivers_fault_is_told_and_does_not_touch_the_others() -> None:
    call = Call(1, fan_out)
    errors: list[Exception] = []

    class Refusing(Receiver):
        def send_run(self, run: Run, leg: Leg) -> None:
            raise OSError("no way out")

    for sequence in range(1, 4):
        call.receive(Packet(0, sequence, sequence == 1, False, 9, VP8, b"", False, sequence))
        call.up.flush(errors.append)
        call.up.downs[0].leg.outlet = Refusing()
    assert [len(receiver.packets) for receiver in call.receivers] == [1, 3, 3]
    assert [str(error) for error in errors] == ["no way out"] * 2


def test_more_than_a_batch_is_sent_in_several() -> None:
    call = Call(1, fan_out)
    count = 2 * MAX_PACKETS + 1
    packets = [Packet(0, sequence, sequence == 1, False, 9, VP8, b"", False, 1) for sequence in range(1, count + 1)]
    asks = [call.receive(packet) for packet in packets]
    call.up.flush(fail)
    assert [index & 0xFFFF for index, _ in call.receivers[0].packets] == list(range(1, count + 1))
    assert asks == [True] + [False] * (count - 1), "a flush is asked for once"


# --- from a run to datagrams


def a_run(sizes: list[int], extension: bytes = b"") -> Run:
    """Packets with payloads of these sizes, across the wrap of sequence numbers."""
    batch: Batch | None = None
    for number, size in enumerate(sizes):
        packet = Incoming(
            source=1,
            layer=0,
            word=0x8000,
            ordinal=65_534 + number,
            timestamp=3_000 * number,
            codec="opus",
            payload=memoryview(os.urandom(size)),
            reading=codecs.read("opus", memoryview(b"")),
            extensions={rtp.AUDIO_LEVEL: extension} if extension else {},
            at_us=0,
        )
        if batch is None:
            batch = Batch(packet)
        else:
            batch.add(packet)
    assert batch is not None
    return batch.run(shape(111, ((rtp.AUDIO_LEVEL, 4),)), 0, 0)


@given(st.lists(st.sampled_from([0, 3, 900, 1_099, 1_100, 1_400]), min_size=1, max_size=MAX_PACKETS))
def test_bursts_are_the_runs_packets_in_order(sizes: list[int]) -> None:
    run = a_run(sizes)
    packets = [packet for burst in run.layout.bursts for packet in each(burst.packets, burst.size_bytes)]
    assert [len(packet) for packet in packets] == [12 + size + 16 for size in sizes]
    assert b"".join(packets) == run.layout.buffer
    for burst in run.layout.bursts:
        assert len(burst.packets) <= 65_000


def test_packets_of_one_size_and_a_shorter_one_are_one_burst() -> None:
    assert len(a_run([1_100] * 7 + [400]).layout.bursts) == 1
    assert len(a_run([400] + [1_100] * 7).layout.bursts) == 2


@pytest.mark.parametrize("in_gcm", [GcmSender, GcmSenderInPython], ids=["native", "python"])
@pytest.mark.parametrize(
    ("key_length", "profile"),
    [
        (16, Policy.SRTP_PROFILE_AEAD_AES_128_GCM),
        (32, Policy.SRTP_PROFILE_AEAD_AES_256_GCM),
        (16, Policy.SRTP_PROFILE_AES128_CM_SHA1_80),
    ],
)
def test_a_run_is_what_libsrtp_decrypts_for_one_receiver_after_the_other(
    key_length: int, profile: int, in_gcm: Callable[[bytes, bytes], Sender]
) -> None:
    run = a_run([100, 900, 900, 0], extension=b"\x94")
    for ssrc, index_offset, timestamp_offset in ((5, 0, 7), (6, 70_000, 0xFFFFFFF0)):
        leg = Leg(ssrc, 0, Receiver())
        leg.index_offset, leg.timestamp_offset = index_offset, timestamp_offset
        is_gcm = profile != Policy.SRTP_PROFILE_AES128_CM_SHA1_80
        key, salt = os.urandom(key_length), os.urandom(12 if is_gcm else 14)
        policy = Policy(key=key + salt, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        sender = in_gcm(*gcm_session(key + salt)) if is_gcm else LibsrtpSender(Session(policy))
        policy.ssrc_type = Policy.SSRC_ANY_INBOUND
        receiver, way_out = Session(policy), Datagrams()
        if index_offset:  # let the receiver count the roll-over as well
            for index in range(20_000, 135_000, 20_000):
                header = rtp.HEADER.pack(0x80, 111, index & 0xFFFF, 0, ssrc)
                receiver.unprotect(bytes(sender.protect(ssrc, index, header, b"")))
        expected = list(in_clear(run, leg))
        sender.send_run(run, leg, way_out)
        assert [receiver.unprotect(packet) for packet in way_out.sent] == expected


@dataclass
class Datagrams:
    sent: list[bytes] = field(default_factory=list)

    def write(self, datagram: bytes | memoryview) -> None:
        self.sent.append(bytes(datagram))

    def write_burst(self, packets: memoryview, size_bytes: int) -> None:
        self.sent += map(bytes, each(packets, size_bytes))


def counted(port: UdpPort) -> tuple[int, int, int, int]:
    return port.sent, port.sent_bytes, port.unsent, port.unsegmented


Opening = Callable[[socket.socket, Callable[[OSError], None]], UdpPort]
in_both_languages = pytest.mark.parametrize("opening", [UdpPort, UdpPortInPython], ids=["native", "python"])


@pytest.fixture(params=["127.0.0.1", "::1"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two UDP sockets of this machine; the first knows the second's address."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with ExitStack() as stack:
        near, far = (stack.enter_context(socket.socket(family, socket.SOCK_DGRAM)) for _ in range(2))
        far.bind((request.param, 0))
        far.settimeout(2)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        yield near, far


@in_both_languages
def test_a_burst_arrives_as_the_datagrams_it_is_made_of(
    ends: tuple[socket.socket, socket.socket], opening: Opening
) -> None:
    near, far = ends
    port = opening(near, fail)
    writer = port.writer(far.getsockname())
    burst = os.urandom(900 * 40 + 33)
    writer.write_burst(memoryview(burst), 900)
    writer.write_burst(memoryview(burst[:7]), 900)
    assert [far.recv(2_048) for _ in range(42)] == [*map(bytes, each(memoryview(burst), 900)), burst[:7]]
    assert counted(port) == (42, len(burst) + 7, 0, 0)


@in_both_languages
def test_where_segmentation_is_refused_datagrams_go_one_by_one(
    ends: tuple[socket.socket, socket.socket], opening: Opening
) -> None:
    near, far = ends
    if near.family == socket.AF_INET:  # the kernel segments only what has checksums
        near.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
    else:
        near.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_TX, 1)
        far.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_RX, 1)
    refusals: list[OSError] = []
    port = opening(near, refusals.append)
    writer = port.writer(far.getsockname())
    burst = os.urandom(900 * 3)
    for _ in range(2):
        writer.write_burst(memoryview(burst), 900)
        assert b"".join(far.recv(2_048) for _ in range(3)) == burst
    assert counted(port) == (6, 2 * len(burst), 0, 1)
    port.writer(far.getsockname()).write_burst(memoryview(burst), 900)
    assert port.unsegmented == 2
    assert len(refusals) == 1, "told once"


@in_both_languages
def test_a_kernel_that_would_overlook_where_to_cut_gets_single_datagrams(opening: Opening) -> None:
    """As Linux before 4.18 does; its TCP still does."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server((HOST, 0)))
        near = stack.enter_context(socket.create_connection(listening.getsockname()))
        refusals: list[OSError] = []
        port = opening(near, refusals.append)
        writer = port.writer(listening.getsockname())
        for _ in range(2):
            writer.write_burst(memoryview(bytes(250)), 100)
        assert counted(port) == (6, 500, 0, 1)
        assert [refusal.errno for refusal in refusals] == [errno.ENOPROTOOPT]


@in_both_languages
def test_a_port_keeps_its_socket(ends: tuple[socket.socket, socket.socket], opening: Opening) -> None:
    """Or its number would come to stand for another."""
    _, far = ends
    one = socket.socket(far.family, socket.SOCK_DGRAM)
    held, port = ref(one), opening(one, fail)
    del one
    port.writer(far.getsockname()).write(b"x")
    assert far.recv(9) == b"x"
    kept = held()
    assert kept is not None
    kept.close()


@in_both_languages
def test_what_the_socket_does_not_take_is_counted_and_lost(opening: Opening) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        port = opening(near, fail)
        writer = port.writer((HOST, 0))  # nobody can be there
        writer.write(b"x")
        writer.write_burst(memoryview(bytes(5)), 5)
    assert counted(port) == (0, 0, 2, 0)


@in_both_languages
def test_what_arrives_is_read_at_once_with_its_source_and_time(
    ends: tuple[socket.socket, socket.socket], opening: Opening
) -> None:
    near, far = ends
    for one in ends:
        one.setblocking(False)
    near.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    near.bind((far.getsockname()[0], 0))
    port = opening(near, fail)
    assert port.receive() == []
    before_us = time.time_ns() // 1000
    sent = [os.urandom(size) for size in (1, 0, 1_200, 2_048)] + [bytes([number]) for number in range(70)]
    for datagram in sent:
        far.sendto(datagram, near.getsockname())
    read = port.receive()
    read += port.receive()
    assert [datagram for datagram, _, _ in read] == [datagram for datagram in sent if datagram]
    assert {source for _, source, _ in read} == {far.getsockname()}
    times_us = [at_us for _, _, at_us in read]
    assert times_us == sorted(times_us)
    assert before_us <= times_us[0] <= times_us[-1] <= time.time_ns() // 1000
    assert (port.received, port.received_bytes) == (73, sum(map(len, sent)))


@in_both_languages
def test_nothing_is_sent_or_read_once_the_socket_is_closed(opening: Opening) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        port = opening(near, fail)
        writer = port.writer((HOST, 9))
        port.close()
    writer.write(b"x")
    writer.write_burst(memoryview(bytes(10)), 5)
    assert port.receive() == []
    assert counted(port) == (0, 0, 3, 0)


in_both_loops = pytest.mark.parametrize("fan_out", [fan_out, fan_out_in_python], ids=["native", "python"])


class Room:
    """Receivers with real addresses, all encrypted for alike."""

    def __init__(
        self, near: socket.socket, key: bytes, count: int, on_refused: Callable[[OSError], None] = fail
    ) -> None:
        self.port = UdpPort(near, on_refused)
        self.up = UpTrack("audio", 1, lambda _: None)
        self.downs: list[DownTrack] = []
        self.ends: list[socket.socket] = []
        for number in range(count):
            far = socket.socket(near.family, socket.SOCK_DGRAM)
            far.bind((HOST, 0))
            far.settimeout(2)
            outlet = Outlet()
            outlet.sender, outlet.way_out = GcmSender(*gcm_session(key)), self.port.writer(far.getsockname())
            down = DownTrack(self.up, 100 + number, 1_000 + number, 0, outlet)
            down.negotiated({"opus": 111}, {}, {rtp.AUDIO_LEVEL: 4}, lambda *_: None)
            down.leg.follows = 1
            self.downs.append(down)
            self.ends.append(far)


@in_both_loops
@pytest.mark.parametrize("sizes", [[100], [900, 901], [1_100] * 20, [100, 200, 300] * 20], ids=str)
def test_each_of_very_many_gets_its_own(sizes: list[int], fan_out: FanOut) -> None:
    key = bytes(28)
    policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        room = Room(near, key, 140)
        run = a_run(sizes, extension=b"\x94")
        assert fan_out(run, room.downs, fail) == []
        for down, far in zip(room.downs, room.ends, strict=True):
            session = Session(policy)
            received = sorted(session.unprotect(far.recv(2_048)) for _ in sizes)
            assert received == sorted(in_clear(run, down.leg))
            assert (down.leg.packets, down.leg.octets) == (len(sizes), sum(sizes))
            far.close()
        assert counted(room.port)[0] == 140 * len(sizes)


class Broken:
    """A way out that cannot be told of a run."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def write(self, datagram: bytes | memoryview) -> None:
        raise self.error

    def write_burst(self, packets: memoryview, size_bytes: int) -> None:
        raise self.error


@in_both_loops
def test_an_address_that_refuses_several_bursts_of_a_run_is_counted_once(fan_out: FanOut) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
        refusals: list[OSError] = []
        room = Room(near, bytes(28), 2, refusals.append)
        assert fan_out(a_run([500, 500, 900, 900, 950, 950]), room.downs, fail) == []
        assert [len({far.recv(2_048) for _ in range(6)}) for far in room.ends] == [6, 6]
        assert counted(room.port)[::3] == (12, 2)
        assert len(refusals) == 1
        for far in room.ends:
            far.close()


@in_both_loops
def test_a_refusal_is_told_though_something_else_goes_wrong(fan_out: FanOut) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
        refusals: list[OSError] = []
        room = Room(near, bytes(28), 2, lambda error: refusals.append(OSError(*error.args)))
        room.downs[1].leg.outlet.way_out = Broken(LookupError("wrong"))  # type: ignore[attr-defined]
        with pytest.raises(LookupError, match="wrong"):
            fan_out(a_run([500, 500]), room.downs, fail)
        assert len(refusals) == 1
        for far in room.ends:
            far.close()


@in_both_loops
def test_the_wish_to_stop_is_no_fault_of_a_receivers(fan_out: FanOut) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        room = Room(near, bytes(28), 1)
        room.downs[0].leg.outlet.way_out = Broken(KeyboardInterrupt())  # type: ignore[attr-defined]
        with pytest.raises(KeyboardInterrupt):
            fan_out(a_run([500]), room.downs, lambda _: None)
        room.ends[0].close()
