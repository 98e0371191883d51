"""What the relay answers to an offer: codecs, header extensions, and one answer section for each offered one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.wire import rtp
from relay.wire.sdp import AnswerSection, Codec, Section, Sending

ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
FORWARDED: Final = {"audio": ("opus", "red"), "video": ("vp8", "h264")}
"""What the relay can pass on, by kind; the first is what a client sends that says nothing about it."""
_H264_PROFILE: Final = "42e0"
"""Constrained baseline, which every browser that knows H.264 has (RFC 7742 §6.2)."""
_EXTENSIONS: Final = {
    "audio": (rtp.MID, rtp.AUDIO_LEVEL, rtp.TRANSPORT_CC, ABS_SEND_TIME),
    "video": (rtp.MID, rtp.RID, rtp.REPAIRED_RID, rtp.TRANSPORT_CC, ABS_SEND_TIME, rtp.ORIENTATION),
}
"""The same on every section of a kind: browsers drop from later offers what one answer leaves out."""
_FEEDBACK: Final = {
    "audio": ("transport-cc",),
    "video": ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"),
}
_LAYER_ORDER: Final = ("q", "h", "f")
"""LiveKit's names of simulcast layers, lowest first."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What we accept of a section."""

    codecs: tuple[Codec, ...]
    extensions: Mapping[str, int]

    @property
    def payload_types(self) -> dict[str, int]:
        """Codec name -> payload type."""
        return {codec.name: codec.payload_type for codec in self.codecs if codec.repairs is None}

    @property
    def repairs(self) -> dict[int, int]:
        """Payload type of rtx -> that of the codec it repairs."""
        return {codec.payload_type: codec.repairs for codec in self.codecs if codec.repairs is not None}

    @property
    def repair_types(self) -> dict[str, int]:
        """Codec name -> payload type of its rtx."""
        names = {codec.payload_type: codec.name for codec in self.codecs}
        return {names[repaired]: number for number, repaired in self.repairs.items()}


def accept(section: Section, wanted: Sequence[str] | None = None) -> Terms:
    """The codecs we forward, under the numbers of the offer, each with its rtx; none when the offer has none of them.

    wanted  only these, the preferred one first; a client that sends in the section sends the first
    """
    names = FORWARDED.get(section.kind, ()) if wanted is None else wanted
    mains = [codec for name in names if (codec := _offered(section, name)) is not None]
    if not any(codec.name != "red" for codec in mains):
        return Terms((), {})
    repairs = {codec.repairs: codec for codec in reversed(section.codecs) if codec.name == "rtx"}
    codecs = [*mains, *(repairs[codec.payload_type] for codec in mains if codec.payload_type in repairs)]
    extensions = {uri: section.extensions[uri] for uri in _EXTENSIONS[section.kind] if uri in section.extensions}
    return Terms(tuple(codecs), extensions)


def _offered(section: Section, name: str) -> Codec | None:
    """The offer's entry for a codec, in the form we forward."""
    return next((codec for codec in section.codecs if codec.name == name and _forwardable(codec)), None)


def _forwardable(codec: Codec) -> bool:
    if codec.name == "h264":
        profile = codec.parameters.get("profile-level-id", "").lower()
        return codec.parameters.get("packetization-mode") == "1" and profile.startswith(_H264_PROFILE)
    # Redundant video is another thing under the same name (RFC 5109).
    return codec.name != "red" or codec.mapping.lower() == "red/48000/2"


def layers_upwards(offered: tuple[str, ...]) -> tuple[str, ...]:
    """The offered rids from the lowest layer up; unknown names keep their order."""
    if set(offered) <= set(_LAYER_ORDER):
        return tuple(name for name in _LAYER_ORDER if name in offered)
    return offered


def answer_section(
    section: Section, terms: Terms, *, receives: bool, sending: Sending | None, opus: str
) -> AnswerSection:
    """`opus` is the fmtp value for Opus."""
    if section.kind == "application":
        return AnswerSection(section.kind, section.mid, rejected=section.rejected)
    if section.rejected or not terms.codecs:
        return AnswerSection(section.kind, section.mid, rejected=True)
    return AnswerSection(
        kind=section.kind,
        mid=section.mid,
        codecs=terms.codecs,
        parameters=_parameters(terms, opus),
        feedback=_FEEDBACK[section.kind],
        extensions=terms.extensions,
        receives=receives,
        layers=section.layers if receives else (),
        simulcast=section.simulcast if receives else "",
        sending=sending,
    )


def _parameters(terms: Terms, opus: str) -> dict[int, str]:
    """Payload type -> what we say of it in `a=fmtp`."""
    parameters = {number: f"apt={repaired}" for number, repaired in terms.repairs.items()}
    numbers = terms.payload_types
    if "opus" in numbers:
        parameters[numbers["opus"]] = opus
    if "red" in numbers:
        parameters[numbers["red"]] = f"{numbers['opus']}/{numbers['opus']}"
    if "h264" in numbers:
        parameters[numbers["h264"]] = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    return parameters


def opus_parameters(*, dtx: bool, stereo: bool) -> str:
    """What we ask of an Opus sender (RFC 7587 §6.1)."""
    value = "minptime=10;useinbandfec=1"
    if dtx:
        value += ";usedtx=1"
    if stereo:
        value += ";stereo=1;maxaveragebitrate=510000"
    return value
