"""The door itself: who is answered, who is let in, on sockets of this machine."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.transport.budgets import Bucket, Probation, SourceBudgets
from relay.transport.front import FrontDoor
from relay.transport.link import MAX_PATHS, Drop, Link
from relay.transport.sockets import Place, candidates
from relay.transport.srtp import PROFILES, SrtpKeys
from relay.transport.tcp import MAX_UNPROVED
from relay.wire import stun
from tests.relay.datagrams import binding_request
from tests.relay.running import until

HOST = "127.0.0.1"


@dataclass
class Listener:
    """Hears what a link tells."""

    told: list[str] = field(default_factory=list)

    def on_up(self) -> None:
        self.told.append("up")

    def on_down(self) -> None:
        self.told.append("down")

    def admits(self, packet: bytes) -> bool:
        return True

    def on_rtp(self, packet: bytes, at_us: int) -> None:
        self.told.append("rtp")

    def on_rtcp(self, compound: bytes, at_us: int) -> None:
        self.told.append("rtcp")


@pytest.fixture
async def front() -> AsyncIterator[FrontDoor]:
    door = FrontDoor(Place((HOST,), 0, (HOST,), frozenset({"udp", "tcp"})))
    await door.start()
    yield door
    door.close()


class Caller:
    """A UDP socket that asks and listens."""

    def __init__(self, front: FrontDoor, host: str = HOST) -> None:
        [(family, kind, _, _, address)] = socket.getaddrinfo(host, front.port, type=socket.SOCK_DGRAM)
        self._socket = socket.socket(family, kind)
        self._socket.setblocking(False)
        self._socket.connect(address)

    @property
    def address(self) -> tuple[str, int]:
        """Its own, as the relay sees it."""
        host, port = self._socket.getsockname()[:2]
        return host, port

    def tell(self, datagram: bytes) -> None:
        self._socket.send(datagram)

    async def ask(self, datagram: bytes, patience_s: float = 2.0) -> bytes | None:
        """The answer, None if there is none."""
        self._socket.send(datagram)
        try:
            async with asyncio.timeout(patience_s):
                return await asyncio.get_running_loop().sock_recv(self._socket, 2048)
        except TimeoutError:
            return None

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
async def caller(front: FrontDoor) -> AsyncIterator[Caller]:
    caller = Caller(front)
    yield caller
    caller.close()


def check(link: Link, password: str = "") -> bytes:
    credentials = link.credentials
    return binding_request(credentials.ufrag, password or credentials.password, nominates=True)


async def test_who_knows_the_password_is_answered(front: FrontDoor, caller: Caller) -> None:
    assert await caller.ask(check(front.open(Listener())))


async def test_who_does_not_is_met_with_silence(front: FrontDoor, caller: Caller) -> None:
    link = front.open(Listener())
    assert await caller.ask(check(link, password="wrong"), patience_s=0.2) is None
    assert await caller.ask(binding_request("nobody", "x"), patience_s=0.2) is None
    assert front.dropped[Drop.UNPROVED] == 2


async def test_credentials_are_too_long_to_be_guessed(front: FrontDoor) -> None:
    first, second = front.open(Listener()).credentials, front.open(Listener()).credentials
    assert len(first.password) * 4 >= 128
    assert (first.ufrag, first.password) != (second.ufrag, second.password)


async def test_after_a_restart_checks_under_way_still_count(front: FrontDoor, caller: Caller) -> None:
    link = front.open(Listener())
    before = check(link)
    link.restart()
    assert await caller.ask(before)
    assert await caller.ask(check(link))


async def test_a_closed_link_is_nobodys(front: FrontDoor, caller: Caller) -> None:
    link = front.open(Listener())
    asked = check(link)
    assert await caller.ask(asked)
    link.close()
    assert await caller.ask(asked, patience_s=0.2) is None
    strangers = front.dropped[Drop.STRANGER]
    await caller.ask(b"\x80" + bytes(40), patience_s=0.1)
    assert front.dropped[Drop.STRANGER] == strangers + 1


async def test_only_the_latest_four_addresses_are_heard(front: FrontDoor) -> None:
    link = front.open(Listener())
    callers = [Caller(front) for _ in range(5)]
    for caller in callers:
        assert await caller.ask(check(link))
    strangers = front.dropped[Drop.STRANGER]
    for caller in callers:
        await caller.ask(b"\x80" + bytes(40), patience_s=0.1)
        caller.close()
    assert front.dropped[Drop.STRANGER] == strangers + 1


async def test_an_address_passes_to_another_link_when_the_first_is_over(front: FrontDoor, caller: Caller) -> None:
    first, second = front.open(Listener()), front.open(Listener())
    assert await caller.ask(check(first))
    assert await caller.ask(check(second)), "nothing was going on there yet"
    first.close()
    assert await caller.ask(check(second))
    strangers = front.dropped[Drop.STRANGER]
    await caller.ask(b"\x80" + bytes(40), patience_s=0.1)
    assert front.dropped[Drop.STRANGER] == strangers


async def test_nobody_takes_the_address_of_a_call_that_goes_on(front: FrontDoor, caller: Caller) -> None:
    first, second = front.open(Listener()), front.open(Listener())
    assert await caller.ask(check(first))
    first.on_keys(SrtpKeys(PROFILES[0], bytes(PROFILES[0].material_length)))
    unproved = front.dropped[Drop.UNPROVED]
    assert await caller.ask(check(second), patience_s=0.2) is None
    assert front.dropped[Drop.UNPROVED] == unproved + 1
    assert await caller.ask(check(first))
    first.close()
    assert await caller.ask(check(second))


async def test_the_same_checks_go_over_tcp(front: FrontDoor) -> None:
    link = front.open(Listener())
    reader, writer = await asyncio.open_connection(HOST, front.port)
    asked = check(link)
    writer.write(len(asked).to_bytes(2, "big") + asked)
    async with asyncio.timeout(2):
        answer = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
    assert answer[:2] == b"\x01\x01"
    writer.close()


@pytest.mark.parametrize("frame", [b"\x00\x00", b"\xff\xff"], ids=["empty", "too long"])
async def test_a_tcp_frame_that_cannot_be_is_the_end_of_it(front: FrontDoor, frame: bytes) -> None:
    reader, writer = await asyncio.open_connection(HOST, front.port)
    writer.write(frame)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        async with asyncio.timeout(2):
            await reader.readexactly(1)
    writer.close()


async def test_tcp_connections_that_prove_nothing_are_few_and_do_not_push_out_whoever_is_about_to(
    front: FrontDoor,
) -> None:
    async def come(host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(HOST, front.port, local_addr=(host, 0))

    early = await come("127.0.1.1")
    strangers = [await come(host) for host in ("127.0.2.1", "127.0.3.1") for _ in range(MAX_UNPROVED * 3 // 4)]
    assert await until(lambda: front.tcp_connections == MAX_UNPROVED)
    late = await come("127.0.4.1")
    for reader, writer in (early, late):
        asked = check(front.open(Listener()))
        writer.write(len(asked).to_bytes(2, "big") + asked)
        async with asyncio.timeout(2):
            answer = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        assert answer[:2] == b"\x01\x01"
    assert front.dropped[Drop.TCP_BUDGET] == len(strangers) + 2 - MAX_UNPROVED
    for _, writer in (early, late, *strangers):
        writer.close()


@pytest.mark.parametrize(
    ("came", "comes", "goes"),
    [
        ("10.0.1.1 10.0.1.2 10.0.2.1 10.0.1.3", "10.0.3.1", "10.0.1.1"),
        ("10.0.1.1 10.0.1.2 10.0.2.1 10.0.2.2", "10.0.2.3", "10.0.2.1"),
        ("10.0.1.1 10.0.2.1 10.0.3.1 10.0.4.1", "10.0.5.1", "10.0.1.1"),
        ("10.0.1.1 10.0.1.2 10.0.1.3 10.0.1.4", "10.0.1.5", "10.0.1.1"),
        ("2001:db8:0:100::1 2001:db8:0:1ff::1 2001:db8::1 10.0.1.1", "10.0.2.1", "2001:db8:0:100::1"),
    ],
    ids=["whose are most", "who comes pays among equals", "nobody has two", "alone", "a /56 is one"],
)
def test_who_has_proved_nothing_makes_room(came: str, comes: str, goes: str) -> None:
    probation: Probation[str] = Probation(4)
    assert [probation.add(host, host) for host in came.split()] == [None] * 4
    assert probation.add(comes, comes) == goes
    assert not probation.remove(goes, goes)
    assert probation.remove(comes, comes)
    assert probation.add(goes, goes) is None


async def test_a_datagram_that_meets_a_fault_of_ours_costs_nobody_else(front: FrontDoor, caller: Caller) -> None:
    class Faulty(Link):
        def check(self, *_: object) -> bytes | None:
            raise RuntimeError("a fault")

    faulty = Faulty(front, Listener())
    assert await caller.ask(check(faulty), patience_s=0.1) is None
    assert await caller.ask(check(front.open(Listener())))


async def test_a_noise_of_dtls_from_a_proved_address_is_survived(front: FrontDoor, caller: Caller) -> None:
    listener = Listener()
    link = front.open(listener)
    assert await caller.ask(check(link))
    link.start(link.credentials.fingerprint)
    for junk in (b"\x16\xfe\xfd" + bytes(40), b"\x15" + bytes(20), b"\x3f" * 30, b"\x80" + bytes(30)):
        await caller.ask(junk, patience_s=0.05)
    assert await until(lambda: not link.up)
    assert stun.parse(check(link)).proves(link.credentials.password)


# --- IPv4 and IPv6, one number


@pytest.fixture
async def wide_front() -> AsyncIterator[FrontDoor]:
    """A door on all addresses of this machine, which must have IPv6."""
    door = FrontDoor(Place((), 0, (HOST, "::1"), frozenset({"udp", "tcp"})))
    await door.start()
    yield door
    door.close()


def mapped_address(answer: bytes | None) -> tuple[str, int]:
    """The address that an answer says the question came from."""
    assert answer is not None
    assert answer[20:24] in (b"\x00\x20\x00\x08", b"\x00\x20\x00\x14")
    port = int.from_bytes(answer[26:28], "big") ^ 0x2112
    mask = answer[4:20]
    packed = answer[28 : 24 + answer[23]]
    address = bytes(octet ^ mask[at] for at, octet in enumerate(packed))
    return str(ipaddress.ip_address(address)), port


async def test_both_families_are_answered_on_the_same_number(wide_front: FrontDoor) -> None:
    link = wide_front.open(Listener())
    for host in (HOST, "::1"):
        caller = Caller(wide_front, host)
        assert mapped_address(await caller.ask(check(link))) == caller.address
        reader, writer = await asyncio.open_connection(host, wide_front.port)
        asked = check(link)
        writer.write(len(asked).to_bytes(2, "big") + asked)
        async with asyncio.timeout(2):
            answer = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        assert mapped_address(answer) == writer.get_extra_info("sockname")[:2]
        writer.close()
        caller.close()


def link_local_address() -> str | None:
    """One of this machine with its scope, as in fe80::1%eth0."""
    lines = Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines()
    for text, _, _, scope, _, name in map(str.split, lines):
        if scope == "20":
            return f"{ipaddress.IPv6Address(bytes.fromhex(text))}%{name}"
    return None


async def test_an_address_that_means_something_on_one_network_only_is_answered_there(wide_front: FrontDoor) -> None:
    host = link_local_address() or "::1"
    link = wide_front.open(Listener())
    caller = Caller(wide_front, host)
    assert mapped_address(await caller.ask(check(link))) == caller.address
    strangers = wide_front.dropped[Drop.STRANGER]
    await caller.ask(b"\x80" + bytes(40), patience_s=0.1)
    assert wide_front.dropped[Drop.STRANGER] == strangers
    link.close()
    await caller.ask(b"\x80" + bytes(40), patience_s=0.1)
    assert wide_front.dropped[Drop.STRANGER] == strangers + 1
    caller.close()


async def test_a_number_that_is_taken_is_told_at_start(wide_front: FrontDoor) -> None:
    for hosts in ((), ("::",), (HOST,)):
        with pytest.raises(OSError, match="in use"):
            FrontDoor(Place(hosts, wide_front.port, (), frozenset({"udp"})))


async def test_an_address_that_is_not_this_machines_is_no_default(wide_front: FrontDoor) -> None:
    with pytest.raises(OSError, match="assign"):
        FrontDoor(Place(("2001:db8::7",), 0, (), frozenset({"udp"})))
    told = FrontDoor(Place((HOST,), 0, (), frozenset({"udp"})))
    assert all(ipaddress.ip_address(one).version == 4 for one in told.addresses)
    told.close()


def told_candidates(addresses: tuple[str, ...], *transports: str) -> list[list[str]]:
    return [line.split() for line in candidates(addresses, 7882, frozenset(transports))]


def test_clients_are_told_every_address_in_order_and_udp_before_tcp() -> None:
    addresses = ("203.0.113.7", "2001:db8::7", "198.51.100.7")
    told = told_candidates(addresses, "udp", "tcp")
    by_preference = sorted(told, key=lambda words: -int(words[3]))
    assert [words[2] for words in by_preference] == ["udp"] * 3 + ["tcp"] * 3
    assert [words[4] for words in by_preference] == [*addresses, *addresses]
    assert {words[5] for words in told} == {"7882"}
    assert len({words[0] for words in told}) == len(told)  # foundations: no two of a kind
    assert all(0 < int(words[3]) < 1 << 31 for words in told)
    assert all(words[6:] == ["typ", "host", "tcptype", "passive"] for words in told if words[2] == "tcp")


def test_clients_are_told_of_the_transports_that_are_set_only() -> None:
    assert [words[2] for words in told_candidates((HOST, "::1"), "tcp")] == ["tcp", "tcp"]
    assert [words[2] for words in told_candidates((HOST, "::1"), "udp")] == ["udp", "udp"]


# --- budgets


async def test_who_guesses_too_often_is_not_read_but_neighbours_get_in(front: FrontDoor, caller: Caller) -> None:
    link = front.open(Listener())
    for _ in range(200):
        caller.tell(binding_request("nobody", "guess"))
    neighbour = Caller(front)
    assert await neighbour.ask(check(link), patience_s=0.5)
    neighbour.close()
    assert front.dropped[Drop.UNPROVED] + front.dropped[Drop.SOURCE_BUDGET] == 200
    assert front.dropped[Drop.UNPROVED] == pytest.approx(50, abs=20)


async def test_a_session_is_answered_so_many_checks_and_no_more(front: FrontDoor, caller: Caller) -> None:
    asked = check(front.open(Listener()))
    for _ in range(400):
        caller.tell(asked)
    await until(lambda: front.traffic.received >= 400)
    assert front.dropped[Drop.SESSION_BUDGET] == pytest.approx(200, abs=60)


async def test_tcp_connections_come_at_a_rate(front: FrontDoor) -> None:
    link = front.open(Listener())
    asked = check(link)
    writers = []
    for _ in range(230):
        _, writer = await asyncio.open_connection(HOST, front.port)
        writer.write(len(asked).to_bytes(2, "big") + asked)
        writers.append(writer)
    assert await until(lambda: front.dropped[Drop.TCP_BUDGET] > 0)
    assert await until(lambda: front.tcp_connections <= MAX_PATHS)
    for writer in writers:
        writer.close()


async def test_a_tcp_connection_that_begins_with_anything_but_a_proof_is_closed(front: FrontDoor) -> None:
    link = front.open(Listener())
    for first in (b"\x16" + bytes(40), binding_request("nobody", "guess"), check(link, password="wrong")):
        reader, writer = await asyncio.open_connection(HOST, front.port)
        writer.write(len(first).to_bytes(2, "big") + first)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            async with asyncio.timeout(2):
                await reader.readexactly(1)
        writer.close()
    assert await until(lambda: front.tcp_connections == 0)


async def test_a_tcp_connection_that_is_lost_does_not_take_the_udp_address_of_that_number(front: FrontDoor) -> None:
    link = front.open(Listener())
    caller = Caller(front)
    assert await caller.ask(check(link))
    _, writer = await asyncio.open_connection(HOST, front.port, local_addr=caller.address)
    asked = check(link)
    writer.write(len(asked).to_bytes(2, "big") + asked)
    await until(lambda: front.tcp_connections == 1)
    writer.close()
    await until(lambda: front.tcp_connections == 0)
    strangers = front.dropped[Drop.STRANGER]
    await caller.ask(b"\x80" + bytes(40), patience_s=0.1)
    assert front.dropped[Drop.STRANGER] == strangers
    caller.close()


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 2)), max_size=200), st.integers(1, 20))
def test_a_bucket_never_gives_more_than_its_rate_and_burst(steps: list[tuple[int, float]], per_s: int) -> None:
    bucket = Bucket(per_s, 10)
    now_s, given_out, begun_s = 100.0, 0, 100.0
    for wanted, pause_s in steps:
        now_s += pause_s
        given_out += sum(bucket.take(now_s) for _ in range(wanted))
        assert given_out <= 10 + (now_s - begun_s) * per_s + 1e-6


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    bucket = Bucket(10, 1)
    assert bucket.take(1_000.0)
    assert not bucket.take(5.0)
    assert bucket.take(5.2)


def test_sources_are_told_apart_by_their_networks_and_forgotten_in_time() -> None:
    budgets = SourceBudgets(1, 2, max_sources=100)
    assert [budgets.take("192.0.2.1", 0.0), budgets.take("192.0.2.200", 0.0)] == [True, True]
    assert not budgets.take("192.0.2.3", 0.0)
    assert budgets.take("192.0.3.3", 0.0)
    assert [budgets.take("2001:db8:0:1::1", 0.0), budgets.take("2001:db8:0:ff::1", 0.0)] == [True, True]
    assert budgets.is_spent("2001:db8:0:12::9", 0.0)
    assert not budgets.is_spent("2001:db8:0:112::9", 0.0)
    for number in range(10_000):
        budgets.take(f"10.{number // 256}.{number % 256}.1", 0.0)
    assert budgets.sources == 100
    assert budgets.take("192.0.2.3", 0.0)


async def test_certificates_and_passwords_come_from_more_chance_than_can_be_tried(front: FrontDoor) -> None:
    credentials = [front.open(Listener()).credentials for _ in range(64)]
    octets = b"".join(bytes.fromhex(one.password) for one in credentials)
    assert len(octets) == 64 * 16  # 128 bits each (RFC 8445 §5.3)
    assert len({one.password for one in credentials}) == len({one.ufrag for one in credentials}) == 64
    ones = sum(octet.bit_count() for octet in octets)
    assert ones == pytest.approx(4096, abs=6 * 46)  # six standard deviations of 8192 fair bits


async def test_media_for_a_client_that_does_not_read_waits_no_longer_than_it_is_worth(front: FrontDoor) -> None:
    link = front.open(Listener())
    reader, writer = await asyncio.open_connection(HOST, front.port, limit=2_000)
    asked = check(link)
    writer.write(len(asked).to_bytes(2, "big") + asked)
    await reader.readexactly(2)
    link.on_keys(SrtpKeys(PROFILES[0], bytes(PROFILES[0].material_length)))
    for index in range(20_000):  # 20 MB, while nobody reads
        link.outlet.send(1, index, bytes([0x80, 96]) + index.to_bytes(2, "big") + bytes(8), bytes(1_000))
        if index % 50 == 0:
            await asyncio.sleep(0)
    waiting = 0
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(0.5):
                waiting += len(await reader.read(65_536))
    assert waiting < 1_000_000
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()
