"""What the relay answers to an offer: codecs, header extensions, and one answer section for each offered one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from relay.wire import rtp
from relay.wire.sdp import AnswerSection, Codec, Section, Sending

ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_CODECS: Final = {"audio": "opus", "video": "vp8"}
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


def accept(section: Section) -> Terms:
    """Opus, or VP8 with its rtx, under the numbers of the offer; no codecs when it has neither."""
    wanted = _CODECS.get(section.kind)
    main = next((codec for codec in section.codecs if codec.name == wanted), None)
    if main is None:
        return Terms((), {})
    repair = [codec for codec in section.codecs if codec.name == "rtx" and codec.repairs == main.payload_type]
    extensions = {uri: section.extensions[uri] for uri in _EXTENSIONS[section.kind] if uri in section.extensions}
    return Terms((main, *repair[:1]), extensions)


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
    parameters = {number: f"apt={repaired}" for number, repaired in terms.repairs.items()}
    if "opus" in terms.payload_types:
        parameters[terms.payload_types["opus"]] = opus
    return AnswerSection(
        kind=section.kind,
        mid=section.mid,
        codecs=terms.codecs,
        parameters=parameters,
        feedback=_FEEDBACK[section.kind],
        extensions=terms.extensions,
        receives=receives,
        layers=section.layers if receives else (),
        simulcast=section.simulcast if receives else "",
        sending=sending,
    )


def opus_parameters(*, dtx: bool, stereo: bool) -> str:
    """What we ask of an Opus sender (RFC 7587 §6.1)."""
    value = "minptime=10;useinbandfec=1"
    if dtx:
        value += ";usedtx=1"
    if stereo:
        value += ";stereo=1;maxaveragebitrate=510000"
    return value
