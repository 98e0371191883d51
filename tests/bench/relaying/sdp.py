"""Session descriptions as our clients write them, and what they need of those they read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from relay.wire import rtp
from tests.bench.relaying.content import ABS_SEND_TIME_ID, LEVEL_ID, MID_ID, OPUS, RID_ID, RTX, TWCC_ID, VP8
from tests.bench.relaying.line import Line, Remote
from tests.bench.relaying.loads import Kind

_ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_FEEDBACK: Final = ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc")

Setup = Literal["active", "actpass", "passive"]


@dataclass(frozen=True, slots=True)
class Section:
    """One m-section of ours."""

    kind: Kind
    sends: bool
    track: str = ""
    """What the track is called, if it sends."""
    ssrc: int = 0
    """Of what it sends, if that is one stream."""
    rids: tuple[str, ...] = ()
    """Its simulcast layers, in the order the server wants them."""
    mid: str = ""
    """Empty: its place among the sections."""


def describe(line: Line, sections: Sequence[Section], setup: Setup) -> str:
    """An offer or an answer of these sections."""
    mids = [section.mid or str(place) for place, section in enumerate(sections)]
    lines = ["v=0", f"o=- {line.ssrc} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]
    lines.append("a=msid-semantic: WMS *")
    for mid, section in zip(mids, sections, strict=True):
        lines += _media(section)
        lines += [f"c=IN IP4 {line.address[0]}", "a=rtcp-mux", f"a=mid:{mid}"]
        lines.append("a=sendonly" if section.sends else "a=recvonly")
        lines += [f"a=ice-ufrag:{line.ufrag}", f"a=ice-pwd:{line.password}", f"a=setup:{setup}"]
        lines += [f"a=fingerprint:sha-256 {line.fingerprint}", *_extensions(section), *_stream(section)]
        lines += [line.candidate(), "a=end-of-candidates"]
    return "\r\n".join(lines) + "\r\n"


def _media(section: Section) -> list[str]:
    if section.kind == "audio":
        codecs = [f"a=rtpmap:{OPUS} opus/48000/2", f"a=fmtp:{OPUS} minptime=10;useinbandfec=1"]
        return [f"m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}", *codecs, f"a=rtcp-fb:{OPUS} transport-cc"]
    codecs = [f"a=rtpmap:{VP8} VP8/90000", f"a=rtpmap:{RTX} rtx/90000", f"a=fmtp:{RTX} apt={VP8}"]
    return [f"m=video 9 UDP/TLS/RTP/SAVPF {VP8} {RTX}", *codecs, *(f"a=rtcp-fb:{VP8} {one}" for one in _FEEDBACK)]


def _extensions(section: Section) -> list[str]:
    named = [(ABS_SEND_TIME_ID, _ABS_SEND_TIME), (TWCC_ID, rtp.TRANSPORT_CC), (MID_ID, rtp.MID)]
    named.append((LEVEL_ID, rtp.AUDIO_LEVEL) if section.kind == "audio" else (RID_ID, rtp.RID))
    return [f"a=extmap:{number} {uri}" for number, uri in sorted(named)]


def _stream(section: Section) -> list[str]:
    lines = [f"a=msid:- {section.track}"] if section.track else []
    if section.rids:
        lines += [f"a=rid:{rid} send" for rid in section.rids]
        lines.append(f"a=simulcast:send {';'.join(section.rids)}")
    elif section.ssrc:
        lines.append(f"a=ssrc:{section.ssrc} cname:bench")
    return lines


_TAKEN_OVER: Final = ("mid:", "rtcp-mux", "rtpmap:", "fmtp:", "rtcp-fb:", "extmap:")


def answer(line: Line, offer: str) -> str:
    """Take all that is offered, as it is offered."""
    blocks = offer.replace("\r\n", "\n").split("\nm=")[1:]
    mids = " ".join(attributes(block)["mid"] for block in blocks)
    lines = ["v=0", f"o=- {line.ssrc} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for block in blocks:
        media, *rest = block.split("\n")
        lines += [f"m={media}", f"c=IN IP4 {line.address[0]}"]
        lines += [one for one in rest if one[2:].startswith(_TAKEN_OVER)]
        lines += ["a=recvonly", f"a=ice-ufrag:{line.ufrag}", f"a=ice-pwd:{line.password}", "a=setup:active"]
        lines += [f"a=fingerprint:sha-256 {line.fingerprint}", line.candidate(), "a=end-of-candidates"]
    return "\r\n".join(lines) + "\r\n"


def attributes(sdp: str) -> dict[str, str]:
    """Attributes by name; of several of one name the first."""
    found: dict[str, str] = {}
    for line in sdp.splitlines():
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            found.setdefault(name, value)
    return found


def candidate_address(candidate: str) -> tuple[str, int] | None:
    """Where a candidate says to send; None unless it is UDP over IPv4."""
    words = candidate.split(":", 1)[-1].split()
    if len(words) < 6 or words[2].lower() != "udp" or ":" in words[4]:
        return None
    return words[4], int(words[5])


def remote_of(sdp: str) -> Remote | None:
    """The other end; None as long as it names no candidate of use."""
    named = attributes(sdp)
    lines = (line for line in sdp.splitlines() if line.startswith("a=candidate:"))
    addresses = [address for line in lines if (address := candidate_address(line)) is not None]
    if not addresses:
        return None
    return Remote(named["ice-ufrag"], named["ice-pwd"], addresses[0])
