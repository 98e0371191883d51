"""What may disturb a DTLS association, from the very address of its client, and what may not."""

import asyncio
from collections import deque
from collections.abc import Callable
from struct import pack

import pytest
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from relay.transport.certificate import Certificate
from relay.transport.dtls import DtlsServer
from relay.transport.srtp import SrtpKeys
from relay.transport.turnstile import Turnstile
from relay.wire.dtls import datagrams, trusted_records
from relay.wire.sdp import Fingerprint
from tests.relay.running import until

CERTIFICATE = Certificate()
ALERT = b"\x02\x28"  # fatal: handshake failure


def record(kind: int, body: bytes, *, epoch: int = 0, number: int = 7, version: bytes = b"\xfe\xfd") -> bytes:
    return bytes([kind]) + version + pack("!HHIH", epoch, 0, number, len(body)) + body


def message(kind: int, body: bytes, number: int = 0) -> bytes:
    length = len(body).to_bytes(3, "big")
    return bytes([kind]) + length + pack("!H", number) + bytes(3) + length + body


HELLO = record(22, message(1, b"\xfe\xfd" + bytes(40)))


def test_a_forged_plaintext_alert_never_reaches_the_library() -> None:
    assert trusted_records(HELLO + record(21, ALERT), established=False) == HELLO


@pytest.mark.parametrize("first", [0x20, 0x2C, 0x3F], ids=hex)
def test_nor_does_one_behind_a_record_of_another_version_of_dtls(first: int) -> None:
    disguise = bytes([first, 0xFE, 0xFD]) + bytes(10)
    assert trusted_records(disguise + record(21, ALERT), established=False) == b""


def test_records_of_another_version_are_not_read_nor_what_follows_them() -> None:
    odd = record(22, b"encrypted", epoch=1, version=b"\x03\x03")
    assert trusted_records(odd + HELLO, established=False) == b""


def test_after_the_handshake_nothing_in_the_clear_is_believed() -> None:
    finished = record(22, b"encrypted", epoch=1)
    assert trusted_records(HELLO + finished + record(20, b"\x01"), established=True) == finished


def test_what_clients_say_besides_media_is_dropped_unless_it_is_wanted() -> None:
    said = record(23, b"encrypted", epoch=1)
    assert trusted_records(said, established=True) == b""
    assert trusted_records(said, established=True, application=True) == said
    assert trusted_records(said, established=False, application=True) == b""


def test_a_record_that_is_cut_short_is_dropped() -> None:
    assert trusted_records(HELLO[:-1], established=False) == b""


def test_outgoing_records_are_never_cut() -> None:
    records = [record(22, bytes(size)) for size in (600, 500, 700, 20)]
    packed = datagrams(b"".join(records), 1200)
    assert packed == [records[0] + records[1], records[2] + records[3]]


class Client:
    """The other end, of OpenSSL, and the server's end of it with a line between them."""

    def __init__(self, turnstile: Turnstile | None = None) -> None:
        certificate = RTCCertificate.generateCertificate()
        digest = next(f.value for f in certificate.getFingerprints() if f.algorithm == "sha-256")
        self._connection = SSL.Connection(certificate._create_ssl_context(srtp_profiles=SRTP_PROFILES))
        self._connection.set_connect_state()
        self._connection.set_ciphertext_mtu(1200)
        self.up = False
        self.lost: Callable[[bytes], bool] = lambda _: False
        """Whether the line loses what the server sends."""
        self.keys: SrtpKeys | None = None
        self.closed = 0
        self._to_client: deque[bytes] = deque()
        self._to_server: deque[bytes] = deque()
        fingerprint = Fingerprint("sha-256", digest)
        self.server = DtlsServer(CERTIFICATE, fingerprint, self, turnstile or Turnstile(1e6))

    @property
    def is_answered(self) -> bool:
        """Whether something of the server is on the line."""
        return bool(self._to_client)

    # the server's listener

    def send_dtls(self, datagram: bytes) -> None:
        if not self.lost(datagram):
            self._to_client.append(datagram)

    def on_keys(self, keys: SrtpKeys) -> None:
        assert self.keys is None
        self.keys = keys

    def on_dtls_closed(self) -> None:
        self.closed += 1

    def on_application(self, message: bytes) -> None: ...

    # the client

    def step(self, datagram: bytes = b"") -> None:
        """Hand the client a datagram of the server, and put on the line what it says."""
        if datagram:
            self._connection.bio_write(datagram)
        try:
            self._connection.recv(2000) if self.up else self._connection.do_handshake()
            self.up = True
        except SSL.WantReadError:
            pass
        self._collect()

    def _collect(self) -> None:
        try:
            self._to_server.extend(datagrams(self._connection.bio_read(65_536), 1200))
        except SSL.WantReadError:
            pass

    def repeat(self) -> None:
        """The client's timer: what was not answered is sent again."""
        self._connection.DTLSv1_handle_timeout()
        self._collect()

    def exchange(self) -> None:
        """Carry datagrams both ways until nobody has anything to say."""
        while self._to_server or self._to_client:
            while self._to_server:
                self.server.receive(self._to_server.popleft())
            while self._to_client:
                self.step(self._to_client.popleft())

    def flight(self) -> None:
        """Carry to the server what the client has to say now, and no more."""
        for _ in range(len(self._to_server)):
            self.server.receive(self._to_server.popleft())

    def shake(self, *, attack: bytes = b"", before: bool = False, between: bool = False) -> None:
        """The whole handshake; a stranger who forges the client's address speaks before it or in the middle."""
        if before:
            self.server.receive(attack)
        self.step()
        self.flight()
        if between:
            self.server.receive(attack)
        self.exchange()


async def test_both_ends_get_up() -> None:
    client = Client()
    client.shake()
    assert client.up
    assert client.keys is not None


FORGED = {
    "an alert": record(21, ALERT),
    "an alert of DTLS 1.0": record(21, ALERT, version=b"\xfe\xff"),
    "an alert in disguise": b"\x20" + bytes(12) + record(21, ALERT),
    "an alert in a longer disguise": b"\x2c\0\0\0\x08" + bytes(8) + record(21, ALERT),
    "an alert behind an odd version": record(22, b"", version=b"\x03\x03") + record(21, ALERT),
    "noise": record(22, bytes(range(60))),
    "nothing": record(22, b""),
    "data": record(23, b"hello"),
    "a heartbeat": record(24, b"hello"),
    "a kind that does not exist": record(63, b"hello"),
    "a change of cipher": record(20, b"\x01"),
    "a long change of cipher": record(20, b"\x01\x01"),
    "a server's message": record(22, message(12, bytes(10), 1)),
    "a message that does not exist": record(22, message(255, bytes(10), 1)),
    "the end in the clear": record(22, message(20, bytes(12), 1)),
    "a message of the future": record(22, message(11, bytes(1000), 9)),
    "a message of all memory": record(22, b"\x0b\xff\xff\xff\0\1\0\0\0\0\0\x10" + bytes(16)),
    "a fragment outside": record(22, b"\x0b\0\0\x10\0\1\0\0\x08\0\0\x10" + bytes(16)),
    "an encrypted alert": record(21, bytes(60), epoch=1),
    "an encrypted end": record(22, bytes(60), epoch=1),
    "a hello without anything": record(22, message(1, b"")),
}


@pytest.mark.parametrize("attack", FORGED.values(), ids=FORGED.keys())
@pytest.mark.parametrize("when", ["before", "between", "after"])
async def test_forged_records_do_not_end_an_association(attack: bytes, when: str) -> None:
    client = Client()
    client.shake(attack=attack, before=when == "before", between=when == "between")
    if when == "after":
        client.server.receive(attack)
        client.exchange()
    assert client.up
    assert client.keys is not None
    assert not client.closed


FORGED_HELLOS = {
    "a hello that is too short": record(22, message(1, b"\xfe\xfd" + bytes(20))),
    "a hello with an alert in it": HELLO[:-15] + record(21, ALERT),
    "a part of a hello": record(22, b"\x01\0\x10\0\0\0\0\0\0\0\0\x10" + bytes(16)),
    "a certificate that is none": record(22, message(11, b"\0\0\0", 1)),
}


@pytest.mark.parametrize("attack", FORGED_HELLOS.values(), ids=FORGED_HELLOS.keys())
async def test_what_spoils_a_handshake_before_the_client_spoke_costs_a_repetition_at_most(attack: bytes) -> None:
    client = Client()
    client.server.receive(attack)
    client.step()
    client.exchange()
    if not client.up:
        async with asyncio.timeout(5):
            while not client.up:
                await asyncio.sleep(0.2)
                client.repeat()
                client.exchange()
    assert client.keys is not None
    assert not client.closed


async def test_an_association_that_fails_again_and_again_is_over() -> None:
    client = Client()
    for _ in range(10):
        client.server.receive(FORGED_HELLOS["a hello that is too short"])
    assert client.closed == 1


async def test_when_the_servers_last_words_are_lost_the_client_asks_for_them_again() -> None:
    client = Client()
    client.step()
    client.flight()
    lost: list[bytes] = []

    def lose(datagram: bytes) -> bool:
        lost.append(datagram)
        return True

    while client._to_client:
        client.step(client._to_client.popleft())
    client.lost = lose
    client.flight()
    assert client.keys is not None
    assert lost
    assert not client.up
    client.lost = lambda _: False

    def repeated() -> bool:
        client.repeat()
        client.exchange()
        return client.up

    assert await until(repeated, 5)


async def test_another_certificate_than_the_offered_one_is_the_end() -> None:
    client = Client()
    client.server._peer = Fingerprint("sha-256", ":".join(["00"] * 32))
    client.shake()
    assert client.keys is None
    assert client.closed == 1


async def test_a_client_that_never_gets_done_is_not_listened_to_for_long() -> None:
    client = Client()
    answers = [client.server.receive(record(22, bytes(40), epoch=1)) for _ in range(100)]
    assert answers.count(True) == pytest.approx(60, abs=3)


@given(
    noise=st.lists(st.binary(max_size=80) | st.sampled_from([*FORGED.values(), *FORGED_HELLOS.values()]), max_size=6)
)
def test_no_records_make_the_filter_pass_what_is_no_record(noise: list[bytes]) -> None:
    for established in (False, True):
        kept = trusted_records(b"".join(noise), established=established)
        assert trusted_records(kept, established=established) == kept
        assert record(21, ALERT) not in kept[:15]


# --- the turnstile


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def test_handshakes_wait_for_their_turn_in_the_order_they_came() -> None:
    clock = Clock()
    turnstile = Turnstile(50, clock)
    clients = [Client(turnstile) for _ in range(30)]
    for client in clients:
        client.step()
        client.flight()
    assert [client.is_answered for client in clients] == [True] * 10 + [False] * 20
    assert turnstile.waiting == 20
    clock.now_s += 0.11
    await until(lambda: turnstile.waiting == 15, 5)
    assert [client.is_answered for client in clients] == [True] * 15 + [False] * 15
    clock.now_s += 0.2
    await until(lambda: turnstile.waiting == 5, 5)
    clock.now_s += 0.2
    await until(lambda: turnstile.waiting == 0, 5)
    for client in clients:
        client.exchange()
    assert all(client.up for client in clients)
    assert turnstile.refused == 0


async def test_who_left_the_line_costs_nobody_a_turn() -> None:
    clock = Clock()
    turnstile = Turnstile(50, clock)
    for _ in range(10):
        turnstile.enter(lambda: True)
    first, gone, last = Client(turnstile), Client(turnstile), Client(turnstile)
    for client in (first, gone, last):
        client.step()
        client.flight()
    gone.server.close()
    clock.now_s += 0.05
    await until(lambda: turnstile.waiting == 0, 5)
    assert [client.is_answered for client in (first, gone, last)] == [True, False, True]


async def test_nobody_joins_a_line_that_is_full() -> None:
    turnstile = Turnstile(5, Clock())
    assert all(turnstile.enter(lambda: True) for _ in range(1_001))
    assert not turnstile.enter(lambda: True)
    assert turnstile.refused == 1
    turnstile.close()
