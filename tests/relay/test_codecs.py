"""Codecs other than VP8: what their packets say, and who is offered which."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol.models import Encryption, TrackType
from livekit.protocol.rtc import AddTrackRequest, SimulcastCodec

from relay.forwarding.forwarder import DownTrack, UpTrack
from relay.forwarding.leg import Leg
from relay.forwarding.runs import Run
from relay.rooms.negotiation import Terms, accept, answer_section, opus_parameters
from relay.rooms.publication import Publication
from relay.wire import Malformed, h264, red, rtp
from relay.wire.sdp import Section, parse_offer
from tests.relay.house import fail, in_clear

_SDP = Path(__file__).parent / "sdp"


def offered(name: str, kind: str) -> Section:
    offer = parse_offer((_SDP / f"{name}-offer.sdp").read_text(), max_bytes=1 << 20, max_sections=64)
    return next(section for section in offer.sections if section.kind == kind)


def names(terms: Terms) -> list[str]:
    return [codec.name for codec in terms.codecs]


# --- H.264


def stap(*units: bytes) -> bytes:
    return b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (b"\x67\x42\xe0\x1f", True),  # sequence parameters
        (stap(b"\x67\x42", b"\x68\xce"), True),
        (stap(b"\x68\xce", b"\x65\x88"), False),
        (b"\x7c\x87\x00", True),  # first fragment of sequence parameters
        (b"\x7c\x07\x00", False),  # a later one
        (b"\x7c\x85\x88", False),  # an IDR slice alone shows a newcomer nothing
        (b"\x65\x88", False),
        (b"\x41\x9a", False),
    ],
)
def test_an_h264_key_frame_is_known_by_its_sequence_parameters(payload: bytes, starts: bool) -> None:
    assert h264.starts_keyframe(payload) is starts


@pytest.mark.parametrize(
    "payload", [b"", b"\x7c", b"\x78\x00\x05\x67", b"\x78\x00", b"\x78\x00\x00\x67", b"\x78\x00\x01"]
)
def test_an_h264_payload_that_is_cut_short_is_refused(payload: bytes) -> None:
    with pytest.raises(Malformed):
        h264.starts_keyframe(payload)


# --- redundant audio


def redundant(number: int, blocks: list[bytes], primary: bytes) -> bytes:
    """RFC 2198 §3, written anew here: each header says the block's offset in time and its length."""
    heads = b"".join(bytes((0x80 | number,)) + (960 << 10 | len(block)).to_bytes(3, "big") for block in blocks)
    return heads + bytes((number,)) + b"".join(blocks) + primary


@given(
    st.lists(st.binary(max_size=1023), max_size=3), st.binary(max_size=200), st.integers(0, 127), st.integers(0, 127)
)
def test_redundant_audio_is_taken_apart_and_relabelled(
    blocks: list[bytes], primary: bytes, number: int, other: int
) -> None:
    payload = redundant(number, blocks, primary)
    found = red.parse(payload)
    assert payload[found.primary_at :] == primary
    assert [(age, payload[begin:end]) for age, begin, end in found.older] == [(960, block) for block in blocks]
    assert red.relabelled(payload, found, other) == redundant(other, blocks, primary)


@given(st.binary(max_size=64))
def test_no_bytes_make_redundant_audio_raise_anything_but_malformed(payload: bytes) -> None:
    try:
        found = red.parse(payload)
    except Malformed:
        return
    assert found.primary_at <= len(payload)


# --- who is offered what


def test_a_receiver_is_given_every_codec_that_both_sides_have() -> None:
    chromium, firefox = offered("chromium156-join", "video"), offered("firefox153-join", "video")
    assert names(accept(chromium)) == ["vp8", "h264", "rtx", "rtx"]
    assert names(accept(offered("chromium156-join", "audio"))) == ["opus", "red"]
    assert "vp8" in names(accept(firefox))
    assert names(accept(offered("firefox153-join", "audio"))) == ["opus"]


def test_a_publisher_is_given_what_it_announced_and_nothing_else() -> None:
    chromium = offered("chromium156-join", "video")
    assert names(accept(chromium, ("h264",))) == ["h264", "rtx"]
    assert names(accept(chromium, ("vp8",))) == ["vp8", "rtx"]
    assert names(accept(offered("chromium156-join", "audio"), ("red", "opus"))) == ["red", "opus"]
    assert names(accept(offered("chromium156-join", "audio"), ("opus",))) == ["opus"]


def test_of_the_h264_variants_the_one_every_browser_has_is_taken() -> None:
    terms = accept(offered("chromium156-join", "video"), ("h264",))
    assert terms.payload_types == {"h264": 108}
    assert terms.repair_types == {"h264": 109}


def test_redundant_video_is_not_taken_for_redundant_audio() -> None:
    assert accept(offered("chromium156-join", "video"), ("red",)).codecs == ()


def test_redundant_audio_is_nothing_without_its_codec() -> None:
    assert accept(offered("chromium156-join", "audio"), ("red",)).codecs == ()


def test_an_answer_says_which_codec_is_repeated_and_how_h264_is_cut() -> None:
    opus = opus_parameters(dtx=True, stereo=False)
    audio, video = offered("chromium156-join", "audio"), offered("chromium156-join", "video")
    answered = answer_section(audio, accept(audio), receives=False, sending=None, opus=opus)
    assert answered.parameters == {111: opus, 63: "111/111"}
    answered = answer_section(video, accept(video), receives=False, sending=None, opus=opus)
    assert answered.parameters[97] == "apt=96"
    assert answered.parameters[108] == "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"


# --- redundant audio on its way


@dataclass
class Ear:
    """Notes payload types and payloads."""

    heard: list[tuple[int, bytes]]

    def send(self, ssrc: int, index: int, header: bytes, payload: bytes | memoryview) -> None:
        self.heard.append((header[1] & 0x7F, bytes(payload)))

    def send_run(self, run: Run, leg: Leg) -> None:
        self.heard += [(packet[1] & 0x7F, packet[12:]) for packet in in_clear(run, leg)]


def test_redundant_audio_comes_whole_to_those_who_know_it_and_plain_to_the_others() -> None:
    up = UpTrack("audio", 1, lambda _: None)
    up.codecs = {63: "red", 111: "opus"}
    layer = up.add_layer(0, 7)
    sent: dict[str, list[tuple[int, bytes]]] = {"knows": [], "lacks": []}
    for name, types in (("knows", {"opus": 109, "red": 100}), ("lacks", {"opus": 120})):
        down = DownTrack(up, 1000, 1001, 5, Ear(sent[name]))
        down.negotiated(types, {}, {}, lambda *_: None)
        up.downs.append(down)
    for number, payload in enumerate([redundant(111, [b"before"], b"now"), redundant(111, [], b"alone")]):
        packet = rtp.HEADER.pack(0x80, 63, number, 960 * number, 7) + payload
        up.receive(layer, packet, rtp.HEADER_LENGTH, [], 20_000 * number)
        up.flush(fail)
    assert sent["knows"] == [(100, redundant(109, [b"before"], b"now")), (100, redundant(109, [], b"alone"))]
    assert sent["lacks"] == [(120, b"now"), (120, b"alone")]
    up.receive(layer, rtp.HEADER.pack(0x80, 111, 2, 1920, 7) + b"plain", rtp.HEADER_LENGTH, [], 40_000)
    up.flush(fail)
    assert sent["knows"][-1] == (109, b"plain")


def test_redundant_audio_that_cannot_be_read_asks_its_publisher_for_nothing() -> None:
    asked: list[int] = []
    up = UpTrack("audio", 1, asked.append)
    up.codecs = {63: "red"}
    up.receive(up.add_layer(0, 7), rtp.HEADER.pack(0x80, 63, 1, 0, 7) + b"\xff", rtp.HEADER_LENGTH, [], 0)
    up.flush(fail)
    assert asked == []


@pytest.mark.parametrize(
    ("request_", "codecs"),
    [
        (AddTrackRequest(type=TrackType.AUDIO), ("red", "opus")),
        (AddTrackRequest(type=TrackType.AUDIO, disable_red=True), ("opus",)),
        (AddTrackRequest(type=TrackType.AUDIO, stereo=True), ("opus",)),
        (AddTrackRequest(type=TrackType.AUDIO, encryption=Encryption.GCM), ("opus",)),
        (AddTrackRequest(type=TrackType.VIDEO), ("vp8", "h264")),
        (AddTrackRequest(type=TrackType.VIDEO, simulcast_codecs=[SimulcastCodec(codec="H264")]), ("h264", "vp8")),
        (AddTrackRequest(type=TrackType.VIDEO, simulcast_codecs=[SimulcastCodec(codec="av1")]), ("vp8", "h264")),
    ],
)
def test_a_track_is_taken_with_the_codec_its_client_prefers(request_: AddTrackRequest, codecs: tuple[str, ...]) -> None:
    assert Publication("TR_1", request_, lambda _: None).codecs == codecs
