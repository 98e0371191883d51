"""The packet path in C against its twins."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

import relay_native
from relay import native
from relay.forwarding.leg import Leg
from relay.transport.srtp import LibsrtpReceiver, Receiver, gcm_session
from relay.wire import Malformed, rtp
from tests.relay.house import fail
from tests.relay.test_runs import Receiver as Clear
from tests.relay.test_runs import a_run

FOLDER = Path(native.__file__).parent
ROOT = Path(__file__).parents[2]
TWINS = ["test_runs.py", "test_forwarding.py", "test_codecs.py", "test_ingress.py", "test_link.py", "test_wire.py"]


def with_other_twin(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=os.environ | environment, text=True, capture_output=True, check=False
    )


def test_it_is_left_aside_when_that_is_asked_for() -> None:
    done = with_other_twin("-c", "import relay_native", RELAY_NATIVE="0")
    assert "switched off by RELAY_NATIVE=0" in done.stderr
    assert with_other_twin("-c", "import relay_native", RELAY_NATIVE="1").returncode == 0


def test_a_module_built_from_other_sources_is_left_aside(tmp_path: Path) -> None:
    copy = tmp_path / "relay"
    shutil.copytree(FOLDER.parent, copy)
    asked = ("-c", "import relay.native; print(relay.native.FITS, relay.native.__file__)")
    before = with_other_twin(*asked, PYTHONPATH=str(tmp_path))
    assert before.stdout.split() == ["True", str(copy / "native" / "__init__.py")]
    (copy / "native" / "udp.c").write_text("", encoding="ascii")
    assert with_other_twin(*asked, PYTHONPATH=str(tmp_path)).stdout.split()[0] == "False"


def test_every_source_counts() -> None:
    assert sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".c", ".h"}) == sorted(native.SOURCES)


def test_python_alone_passes_the_same_tests() -> None:
    done = with_other_twin("-m", "pytest", "-q", *(f"tests/relay/{name}" for name in TWINS), RELAY_NATIVE="0")
    assert done.returncode == 0, done.stdout


# --- decryption, against libsrtp


def encrypted(key: bytes, ssrc: int, index: int, extension: bytes, payload: bytes) -> bytes:
    header = rtp.HEADER.pack(0x90 if extension else 0x80, 96, index & 0xFFFF, 7, ssrc) + extension
    return bytes(relay_native.GcmSender(*gcm_session(key)).protect(ssrc, index, header, payload))


@st.composite
def arrivals(draw: st.DrawFn) -> list[tuple[int, int, bool, int | None]]:
    """SSRC, index, whether there is an extension, and which byte is forged, if any."""
    highest = {1: draw(st.sampled_from([0, 3, 32_766, 65_530])), 2: draw(st.integers(0, 65_535))}
    came = []
    for _ in range(draw(st.integers(1, 60))):
        ssrc = draw(st.sampled_from([1, 1, 1, 2]))
        step = draw(st.sampled_from([1, 1, 1, 1, 2, 0, -1, -3, 60, -62, 1_022, -1_022, -1_023, -1_024, 9_000, 32_767]))
        index = max(0, highest[ssrc] + step)
        highest[ssrc] = max(index, highest[ssrc])
        forged = draw(st.sampled_from([None] * 9 + [0, 1, 2, 9, 12, 20, -1]))
        came.append((ssrc, index, draw(st.booleans()), forged))
    return came


@pytest.mark.parametrize(
    ("key_length", "profile"),
    [(16, Policy.SRTP_PROFILE_AEAD_AES_128_GCM), (32, Policy.SRTP_PROFILE_AEAD_AES_256_GCM)],
)
@given(came=arrivals(), forgets=st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_it_takes_and_refuses_what_libsrtp_does(
    key_length: int, profile: int, came: list[tuple[int, int, bool, int | None]], forgets: int
) -> None:
    key = bytes(range(key_length + 12))
    policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
    policy.window_size = 1_024
    receivers: list[Receiver] = [relay_native.GcmReceiver(*gcm_session(key)), LibsrtpReceiver(Session(policy))]
    for number, (ssrc, index, extended, forged) in enumerate(came):
        extension = b"\xbe\xde\x00\x01\x10\xff\x00\x00" if extended else b""
        packet = bytearray(encrypted(key, ssrc, index, extension, number.to_bytes(2, "big")))
        if forged is not None:
            packet[forged] ^= 0x40
        ours, theirs = (receiver.unprotect(bytes(packet)) for receiver in receivers)
        assert ours == theirs, (number, ssrc, index)
        if number == forgets:
            for receiver in receivers:
                receiver.forget(1)


@given(st.binary(max_size=100))
def test_no_datagram_is_more_than_refused(datagram: bytes) -> None:
    receiver = relay_native.GcmReceiver(bytes(16), bytes(12))
    assert receiver.unprotect(datagram) is None
    assert receiver.unprotect(b"\x90" + datagram) is None


def test_a_forged_packet_leaves_no_state() -> None:
    key = os.urandom(28)
    receiver = relay_native.GcmReceiver(*gcm_session(key))
    far = bytearray(encrypted(key, 1, 60_000, b"", b"far"))
    far[-1] ^= 1
    assert receiver.unprotect(bytes(far)) is None
    for index in (1, 2):
        assert receiver.unprotect(encrypted(key, 1, index, b"", b"near"))


def test_only_so_many_streams_are_kept() -> None:
    key = os.urandom(28)
    receiver = relay_native.GcmReceiver(*gcm_session(key))
    heard = [receiver.unprotect(encrypted(key, ssrc, 1, b"", b"")) is not None for ssrc in range(300)]
    assert heard == [True] * 256 + [False] * 44
    receiver.forget(7)
    assert receiver.unprotect(encrypted(key, 299, 1, b"", b""))


@pytest.mark.parametrize(("key", "salt"), [(b"", bytes(12)), (bytes(24), bytes(12)), (bytes(16), bytes(14))])
@pytest.mark.parametrize("kind", [relay_native.GcmSender, relay_native.GcmReceiver])
def test_a_key_has_its_length(kind: type[object], key: bytes, salt: bytes) -> None:
    with pytest.raises(ValueError, match="bytes"):
        kind(key, salt)  # type: ignore[call-arg]


@pytest.mark.parametrize("index", [-1, 1 << 48])
def test_no_number_is_used_beyond_those_there_are(index: int) -> None:
    with pytest.raises(OverflowError):
        relay_native.GcmSender(bytes(16), bytes(12)).protect(1, index, bytes(12), b"")


# --- headers


@given(st.binary(max_size=80), st.sampled_from([b"", b"\x80", b"\x90", b"\x92"]))
def test_headers_are_read_alike(tail: bytes, head: bytes) -> None:
    for packet in (
        head + tail,
        head + bytes(11) + b"\xbe\xde\x00\x03" + tail,
        head + bytes(11) + b"\x10\x00\x00\x04" + tail,
    ):
        found: list[object] = []
        for split in (relay_native.split, rtp.split_in_python):
            try:
                found.append(split(packet))
            except Malformed as error:
                found.append(str(error))
        assert found[0] == found[1]


# --- what must not be asked of it


def test_a_run_that_cannot_be_written_is_an_error() -> None:
    """Of a process of its own, which has laid nothing out before."""
    asked = """if True:
        import relay_native
        from tests.relay.test_runs import Leg, Receiver, a_run
        relay_native.GcmSender(bytes(16), bytes(12)).send_run(a_run([10, 10], bytes(300)), Leg(5, 0, Receiver()), None)
    """
    done = with_other_twin("-c", asked, PYTHONPATH="server:.")
    assert "header extensions that cannot be written" in done.stderr


def test_a_way_out_cannot_send_a_run_while_one_is_sent() -> None:
    sender, leg, run = relay_native.GcmSender(bytes(16), bytes(12)), Leg(5, 0, Clear()), a_run([10, 10])

    class Meddling:
        def write(self, datagram: bytes | memoryview) -> None: ...

        def write_burst(self, packets: memoryview, size_bytes: int) -> None:
            sender.send_run(run, leg, self)

    for _ in range(2):
        with pytest.raises(RuntimeError, match="while another"):
            sender.send_run(run, leg, Meddling())


def test_what_is_no_run_is_told_by_what_it_lacks_first() -> None:
    with pytest.raises(AttributeError, match="shape"):
        relay_native.fan_out(object(), [], fail)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["outlet", "shapes"])
def test_a_leg_without_its_parts_is_an_error(field: str) -> None:
    leg = Leg(5, 0, Clear())
    leg.follows = 1
    delattr(leg, field)
    with pytest.raises(TypeError, match="without a leg"):
        relay_native.fan_out(a_run([10]), [SimpleNamespace(leg=leg)], fail)


# --- memory


@pytest.mark.slow
def test_it_touches_no_memory_that_is_not_its_own(tmp_path: Path) -> None:
    sources = [str(path) for path in FOLDER.glob("*.c")]
    flags = ("-std=c11", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-shared", "-fPIC")
    told = ("-I", sysconfig.get_path("include"), f'-DSOURCES="{native.digest()}"')
    place = (*told, "-o", str(tmp_path / "relay_native.so"))
    subprocess.run(["cc", *flags, *sources, *place, "-lcrypto"], check=True)
    runtimes = [
        subprocess.check_output(["cc", f"-print-file-name={name}.so"], text=True).strip()
        for name in ("libasan", "libubsan")
    ]
    done = with_other_twin(
        *("-m", "pytest", "-q", "-m", "not slow", "-k", "not python_alone", "tests/relay/test_native.py"),
        *(f"tests/relay/{name}" for name in TWINS),
        LD_PRELOAD=" ".join(runtimes),
        PYTHONPATH=str(tmp_path),
        PYTHONMALLOC="malloc",
        ASAN_OPTIONS="detect_leaks=0",
    )
    assert done.returncode == 0, done.stdout + done.stderr
