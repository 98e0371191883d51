"""The codecs, on captured and on hostile bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.wire import Malformed, dtls, rtcp, rtp, sdp, stun, vp8
from tests.relay.datagrams import binding_request

CAPTURED = sorted((Path(__file__).parent / "sdp").glob("*-offer.sdp"))


def parse_sdp(text: str) -> sdp.Offer:
    return sdp.parse_offer(text, max_bytes=1 << 20, max_sections=64)


# --- STUN


def test_a_binding_request_tells_whom_it_is_for_and_whether_it_nominates() -> None:
    request = stun.parse(binding_request("ours", "secret", nominates=True))
    assert (request.ufrag, request.nominates, request.transaction) == ("ours", True, b"transaction!")


def test_only_the_holder_of_the_password_is_believed() -> None:
    request = stun.parse(binding_request("ours", "secret"))
    assert request.proves("secret")
    assert not request.proves("Secret")


def test_any_change_to_a_binding_request_is_noticed() -> None:
    good = binding_request("ours", "secret")
    for at in range(len(good) - 8):  # the checksum after the signature is not part of the proof
        changed = bytearray(good)
        changed[at] ^= 1
        try:
            request = stun.parse(bytes(changed))
        except Malformed:
            continue
        assert not request.proves("secret"), at


def test_the_answer_names_the_address_the_request_came_from() -> None:
    aioice = pytest.importorskip("aioice.stun")
    request = stun.parse(binding_request("ours", "secret"))
    for host, port in (("198.51.100.7", 40_000), ("2001:db8::1", 1)):
        answer = aioice.parse_message(stun.binding_success(request, "secret", host, port))
        assert answer.attributes["XOR-MAPPED-ADDRESS"] == (host, port)
        assert answer.check_message_integrity(b"secret")


# --- RTP


def packet(elements: rtp.Elements = (), payload: bytes = b"payload", **header: int) -> bytes:  # type: ignore[assignment]
    block = rtp.pack_elements(list(elements))
    first = 0x80 | (0x10 if block else 0)
    return (
        rtp.HEADER.pack(
            first, header.get("kind", 96), header.get("sequence", 1), header.get("timestamp", 2), header.get("ssrc", 3)
        )
        + block
        + payload
    )


@given(
    st.lists(st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)), max_size=8)
    | st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=255)), max_size=4)
)
def test_extensions_come_back_as_they_were_packed(elements: rtp.Elements) -> None:
    written = packet(elements)
    begin, read = rtp.split(written)
    assert (read, written[begin:]) == (elements, b"payload")


@pytest.mark.parametrize(
    "broken",
    [
        b"\x90" + bytes(11) + b"\xbe\xde\x00\x01\x1f\0\0\0",
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(20),
        b"\x8f" + bytes(20),
        b"\x90" + bytes(12),
        packet([(1, b"abc")])[:18],
    ],
)
def test_a_packet_that_ends_too_early_is_refused(broken: bytes) -> None:
    with pytest.raises(Malformed):
        rtp.split(broken)


# --- VP8


def test_a_vp8_key_frame_shows_its_picture_numbers() -> None:
    descriptor = vp8.parse(bytes([0x90, 0xE0, 0x81, 0x23, 0x45, 0x20, 0x10, 0, 0]))
    assert descriptor.keyframe
    assert (descriptor.picture_id, descriptor.wide, descriptor.picture_id_at) == (0x123, True, 2)
    assert (descriptor.tl0, descriptor.tl0_at) == (0x45, 4)


@pytest.mark.parametrize(
    "payload",
    [b"\x90\x00\x11", b"\x80\x00\x10", b"\x91\x00\x10"],
    ids=["delta frame", "not the start", "later partition"],
)
def test_what_cannot_be_decoded_alone_is_no_key_frame(payload: bytes) -> None:
    assert not vp8.parse(payload).keyframe


# --- RTCP


@given(st.sets(st.integers(0, 0xFFFF), min_size=1, max_size=200))
def test_every_lost_packet_is_named_once_in_a_nack(lost: set[int]) -> None:
    (nack,) = rtcp.parse(rtcp.pack_nack(7, sorted(lost)))
    assert isinstance(nack, rtcp.Nack)
    assert (nack.ssrc, sorted(nack.sequences)) == (7, sorted(lost))


def test_no_more_is_read_of_a_nack_than_can_be_repeated() -> None:
    wanted = list(range(5_000))
    (nack,) = rtcp.parse(rtcp.pack_nack(7, wanted))
    assert isinstance(nack, rtcp.Nack)
    assert list(nack.sequences) == wanted[:512]


def test_a_nack_is_compact_across_the_wrap() -> None:
    assert len(rtcp.pack_nack(7, [65_535, 0, 5])) == 16


def test_reports_come_back_as_they_were_packed() -> None:
    report = rtcp.Report(1, 2, 3, 4, 5, 6, 7)
    assert rtcp.parse(rtcp.pack_receiver_report([report])) == [rtcp.ReceiverReport((report,))]
    sent = rtcp.SenderReport(9, 1 << 63 | 5, 77)
    assert rtcp.parse(rtcp.pack_sender_report(sent, 1, 2)) == [sent, rtcp.ReceiverReport(())]
    assert rtcp.parse(rtcp.pack_pli(12)) == [rtcp.KeyframeRequest(12)]


# --- SDP


@pytest.mark.parametrize("path", CAPTURED, ids=lambda path: path.stem)
def test_offers_of_real_browsers_are_understood(path: Path) -> None:
    offer = parse_sdp(path.read_text())
    kinds = [section.kind for section in offer.sections]
    assert kinds[:7] == ["audio"] * 3 + ["video"] * 3 + ["application"]
    assert not any(section.rejected for section in offer.sections)
    for section in offer.sections:
        names = {codec.name for codec in section.codecs}
        assert section.kind == "application" or names & {"opus", "vp8"}
        assert section.kind != "video" or rtp.MID in section.extensions


def test_firefox_bundle_only_sections_are_not_taken_for_rejected_ones() -> None:
    offer = parse_sdp((CAPTURED[0].parent / "firefox153-publishing-offer.sdp").read_text())
    camera = next(section for section in offer.sections if section.mid == "8")
    assert camera.sends
    assert camera.layers == ("q", "h", "f")
    assert camera.ssrcs == ()


def test_a_repair_ssrc_is_not_taken_for_media() -> None:
    text = CAPTURED[0].read_text() + "a=ssrc-group:FID 10 11\r\na=ssrc:10 cname:x\r\na=ssrc:11 cname:x\r\n"
    assert parse_sdp(text).sections[-1].ssrcs == (10,)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=mid:1", "a=mid:0"),
        ("a=mid:1", "a=mid:1 a"),
        ("a=mid:1", "a=other"),
        ("m=audio 9", "m=text 9"),
        ("a=extmap:1 ", "a=extmap:999999999999 "),
        ("a=extmap:1 ", "a=extmap:x "),
        ("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 x"),
        ("a=ice-ufrag:", "a=ice-ufrag: "),
        ("a=rtpmap:111 ", "a=rtpmap:¹ "),
    ],
)
def test_an_offer_outside_the_grammar_is_refused(old: str, new: str) -> None:
    text = (CAPTURED[0].parent / "chromium156-join-offer.sdp").read_text()
    assert old in text
    with pytest.raises(Malformed):
        parse_sdp(text.replace(old, new))


def test_an_offer_that_is_too_large_is_refused() -> None:
    text = CAPTURED[0].read_text()
    with pytest.raises(Malformed):
        sdp.parse_offer(text, max_bytes=1000, max_sections=64)
    with pytest.raises(Malformed):
        sdp.parse_offer(text, max_bytes=1 << 20, max_sections=3)


def test_a_section_that_reads_as_before_is_not_read_again() -> None:
    text = (CAPTURED[0].parent / "chromium156-publishing-and-subscribed-offer.sdp").read_text()
    first = parse_sdp(text)
    assert first.sections[0].direction != "inactive"
    changed = text.replace(f"a={first.sections[0].direction}", "a=inactive", 1)
    second = sdp.parse_offer(changed, max_bytes=1 << 20, max_sections=64, before=first)
    assert second.sections[0].direction == "inactive"
    assert [one is other for one, other in zip(first.sections, second.sections, strict=True)][:2] == [False, True]
    assert second == parse_sdp(changed)


def test_lists_of_codecs_are_kept_once_for_all_clients_unless_they_are_long() -> None:
    text = (CAPTURED[0].parent / "chromium156-join-offer.sdp").read_text()
    an, binh = parse_sdp(text), parse_sdp(text.replace("a=mid:", "a=mid:b"))
    assert all(one.codecs is other.codecs for one, other in zip(an.sections, binh.sections, strict=True))
    padded = text.replace(
        "a=mid:0", "a=mid:0\n" + "\n".join(f"a=fmtp:{number} {'x' * 999}" for number in range(200, 210))
    )
    assert parse_sdp(padded).sections[0].codecs == an.sections[0].codecs
    assert parse_sdp(padded).sections[0].codecs is not parse_sdp(padded).sections[0].codecs


# --- hostile bytes


@pytest.mark.parametrize(
    "parse",
    [
        stun.parse,
        rtp.split,
        rtcp.parse,
        vp8.parse,
        lambda raw: dtls.trusted_records(raw, established=False),
        lambda raw: dtls.trusted_records(raw, established=True, application=True),
        lambda raw: dtls.datagrams(raw, 1200),
    ],
    ids=["stun", "rtp", "rtcp", "vp8", "dtls before", "dtls after", "dtls out"],
)
@given(noise=st.binary(max_size=200), seed=st.sampled_from(range(4)), cut=st.integers(0, 200))
def test_no_bytes_raise_anything_but_malformed(
    parse: Callable[[bytes], object], noise: bytes, seed: int, cut: int
) -> None:
    good = [b"", binding_request("ours", "secret"), packet([(1, b"abc")]), rtcp.pack_nack(1, [1, 2, 30])][seed]
    for raw in (noise, good[:cut] + noise, good[: len(noise)] + noise + good[len(noise) :]):
        try:
            parse(raw)
        except Malformed:
            pass


LINES = CAPTURED[0].read_text().splitlines()


@given(
    st.lists(
        st.tuples(
            st.integers(0, len(LINES) - 1), st.sampled_from(["drop", "cut", "twice", "noise"]), st.text(max_size=20)
        ),
        max_size=6,
    )
)
def test_no_offer_raises_anything_but_malformed(changes: list[tuple[int, str, str]]) -> None:
    lines = list(LINES)
    for at, change, noise in changes:
        line = lines[at]
        lines[at] = {
            "drop": "",
            "cut": line[: len(line) // 2],
            "twice": f"{line}\r\n{line}",
            "noise": line[:6] + noise + line[6 + len(noise) :],
        }[change]
    text = "\r\n".join(lines)
    try:
        offer = parse_sdp(text)
    except Malformed:
        return
    assert sdp.parse_offer(text, max_bytes=1 << 20, max_sections=64, before=parse_sdp("\r\n".join(LINES))) == offer
