"""What one client can make its link do: reports at a rate, under a bounded number of names."""

import os
from dataclasses import dataclass, field

import pytest
from pylibsrtp import Error, Policy, Session

from relay.transport.certificate import Certificate
from relay.transport.link import MAX_PATHS, Drop, Front, Link, Path
from relay.transport.srtp import PROFILES, SrtpKeys
from relay.transport.turnstile import Turnstile
from relay.wire import rtcp, stun
from tests.relay.datagrams import binding_request

PROFILE = PROFILES[0]


@dataclass
class Ear:
    """Hears what a link tells."""

    reports: int = 0
    packets: list[int] = field(default_factory=list)
    downs: int = 0

    def on_up(self) -> None: ...

    def on_down(self) -> None:
        self.downs += 1

    def admits(self, packet: bytes) -> bool:
        return True

    def on_rtp(self, packet: bytes, at_us: int) -> None:
        self.packets.append(int.from_bytes(packet[8:12], "big"))

    def on_rtcp(self, compound: bytes, at_us: int) -> None:
        self.reports += 1


class Door(Front):
    """A door without sockets."""

    def __init__(self) -> None:
        self.certificate = Certificate()
        self.candidates = ()
        self.dropped = dict.fromkeys(Drop, 0)
        self.handshakes = Turnstile(1)
        self.takes_messages = False

    def claim(self, ufrag: str, link: Link) -> None: ...


class Way:
    """A way out that leads nowhere."""

    def write(self, datagram: bytes | memoryview) -> None: ...

    def write_burst(self, packets: memoryview, size_bytes: int) -> None: ...


class Client:
    """The other end of a link whose handshake is done."""

    def __init__(self) -> None:
        material = os.urandom(PROFILE.material_length)
        key = PROFILE.key_and_salt(material, 0)
        policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILE.libsrtp_number)
        self._session = Session(policy)
        self.ear = Ear()
        self.door = Door()
        self.link = Link(self.door, self.ear)
        self.link.on_keys(SrtpKeys(PROFILE, material))

    def report(self, ssrc: int, at_s: float) -> bytes:
        protected: bytes = self._session.protect_rtcp(bytes([0x80, 201, 0, 1]) + ssrc.to_bytes(4, "big"))
        self.link.receive(protected, int(at_s * 1e6))
        return protected

    def check(self, path: Path, *, nominates: bool = False, at_us: int = 0) -> None:
        known = self.link.credentials
        request = stun.parse(binding_request(known.ufrag, known.password, nominates=nominates))
        assert self.link.check(request, path, at_us)

    def send(self, ssrc: int, number: int) -> None:
        header = bytes([0x80, 96]) + number.to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big")
        self.link.receive(self._session.protect(header + b"voice"), 0)


@pytest.fixture
def client() -> Client:
    return Client()


def test_a_flood_is_not_decrypted_and_ends_the_session_when_it_does_not_stop(client: Client) -> None:
    client.check(Path(("192.0.2.1", 1), Way(), lambda: None))
    junk = bytes([0x80, 96]) + bytes(30)
    for second in range(1, 12):
        for _ in range(20_100):
            client.link.receive(junk, second * 1_000_000)
        assert client.ear.downs == (second > 10)
    dropped = client.door.dropped
    assert (dropped[Drop.SESSION_BUDGET], dropped[Drop.FORGED]) == (11 * 100, 11 * 20_000)


def test_one_busy_second_ends_nothing(client: Client) -> None:
    for second in range(1, 40):
        for _ in range(20_100 if second % 2 else 10):
            client.link.receive(bytes([0x80, 96]) + bytes(30), second * 1_000_000)
    assert client.ear.downs == 0


def test_reports_are_heard_at_a_rate_and_no_more(client: Client) -> None:
    for _ in range(3_000):
        client.report(1, 100.0)
    assert client.ear.reports == 1_000
    assert client.door.dropped[Drop.SESSION_BUDGET] == 2_000
    for _ in range(1_000):
        client.report(1, 101.0)
    assert client.ear.reports == 1_500


def test_reports_under_ever_new_names_leave_no_state_behind(client: Client) -> None:
    kept = client.report(7, 0.0)
    client.send(7, 1)
    first = client.report(1_000, 0.0)
    for ssrc in range(1_001, 1_100):
        client.report(ssrc, 0.0)
    heard = client.ear.reports
    assert heard == 101
    client.link.receive(kept, 0)
    assert client.door.dropped[Drop.FORGED] == 1  # the state of a stream in use stays: a repetition is known as such
    client.link.receive(first, 0)
    assert client.door.dropped[Drop.FORGED] == 1  # that of the first of so many names is gone
    client.send(7, 2)
    assert client.ear.packets == [7, 7]


def test_what_is_not_encrypted_with_the_keys_of_the_session_is_dropped_and_counted(client: Client) -> None:
    stranger = Client()
    forged = stranger.report(1, 0.0)
    client.link.receive(forged, 0)
    client.link.receive(os.urandom(12).join([b"\x80\x60", bytes(40)]), 0)
    assert client.ear.reports == 0
    assert client.ear.packets == []
    assert client.door.dropped[Drop.FORGED] == 2


def test_a_client_that_tries_many_addresses_keeps_the_one_it_chose(client: Client) -> None:
    closed: list[int] = []

    def path(port: int) -> Path:
        return Path(("192.0.2.1", port), Way(), lambda: closed.append(port))

    client.check(path(1), nominates=True)
    for port in range(2, MAX_PATHS + 3):
        client.check(path(port))
    assert closed == [2, 3]


def test_a_clock_that_is_put_right_silences_nobody(client: Client) -> None:
    client.check(Path(("192.0.2.1", 1), Way(), lambda: None), at_us=1)  # 1970, as the kernel's clock stood
    assert client.link.silent_s() < 10


def test_of_a_stream_that_ended_no_state_stays(client: Client) -> None:
    client.check(Path(("192.0.2.1", 1), Way(), lambda: None))
    client.link.send_rtcp(rtcp.pack_sender_report(rtcp.SenderReport(70, 0, 0), 0, 0))
    keys = client.link._keys
    assert keys is not None
    client.link.end(70)
    client.link.end(71)  # nothing was ever sent of it
    with pytest.raises(Error, match="context"):
        keys._outgoing.remove_stream(70)
