"""The door itself: who is answered, who is let in, on sockets of this machine."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from relay.transport.front import FrontDoor
from relay.transport.link import Drop, Link
from relay.transport.sockets import Place
from relay.transport.tcp import MAX_UNPROVED_PER_HOST
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

    def __init__(self, front: FrontDoor) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect((HOST, front.port))

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


async def test_an_address_may_pass_to_another_link(front: FrontDoor, caller: Caller) -> None:
    first, second = front.open(Listener()), front.open(Listener())
    assert await caller.ask(check(first))
    assert await caller.ask(check(second))
    first.close()
    assert await caller.ask(check(second))
    strangers = front.dropped[Drop.STRANGER]
    await caller.ask(b"\x80" + bytes(40), patience_s=0.1)
    assert front.dropped[Drop.STRANGER] == strangers


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


async def test_tcp_connections_that_prove_nothing_are_few(front: FrontDoor) -> None:
    writers = [(await asyncio.open_connection(HOST, front.port))[1] for _ in range(MAX_UNPROVED_PER_HOST)]
    reader, writer = await asyncio.open_connection(HOST, front.port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        async with asyncio.timeout(5):
            await reader.readexactly(1)
    for one in (*writers, writer):
        one.close()


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
