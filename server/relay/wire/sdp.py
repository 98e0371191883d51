"""Session descriptions: a strict reader of offers and a writer of answers.

Offers come from any browser, so the reader keeps only what the relay uses, each value checked against the characters
it may have: nothing read here can put a line of its own into an answer. Source: RFC 8866, RFC 8829, RFC 8853
(simulcast), RFC 9143 (BUNDLE), RFC 8839 (ICE).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Final, Literal

from relay.wire import Malformed

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
Kind = Literal["audio", "video", "application"]

_DIRECTIONS: Final[tuple[Direction, ...]] = ("sendrecv", "sendonly", "recvonly", "inactive")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_ICE_CHARS: Final = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_FINGERPRINT: Final = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15,63}")
_MAX_LINE: Final = 4096
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_LISTS_KEPT: Final = 64
"""A browser lists the same codecs in every section of a kind, in every session."""
_MAX_KEPT_CHARS: Final = 8_192
"""What a client makes us keep for others; a browser's list has some 3,000."""


@dataclass(frozen=True, slots=True)
class Codec:
    payload_type: int
    name: str
    """Lower case, without clock rate: opus, vp8, rtx."""
    mapping: str
    """The value after the payload type in `a=rtpmap`, e.g. "opus/48000/2"."""
    repairs: int | None
    """For rtx: the payload type whose packets it repeats."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What `a=fmtp` says, by lower-case name; a value without a name stands under "". To be read, never echoed."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    algorithm: str
    """Lower case, e.g. "sha-256"."""
    digest: str
    """Hexadecimal pairs joined by colons."""


@dataclass(frozen=True, slots=True)
class Section:
    """One media section of an offer."""

    kind: Kind
    mid: str
    direction: Direction
    rejected: bool
    """Port 0 without `bundle-only`: the client withdrew it for good."""
    codecs: tuple[Codec, ...]
    extensions: Mapping[str, int]
    """Header extension URI -> id."""
    layers: tuple[str, ...]
    """The rids it will send by simulcast, as offered."""
    simulcast: str
    """The list after `simulcast:send`, to be echoed; empty without simulcast."""
    track_id: str
    """Second word of `a=msid`, empty when there is none."""
    ssrcs: tuple[int, ...]
    """Declared by `a=ssrc`, repair flows left out; empty under simulcast, where only rids tell layers apart."""
    ufrag: str
    """As it stands there, unread; empty when it does not. So is the next."""
    fingerprint: str

    @property
    def sends(self) -> bool:
        return not self.rejected and self.direction in ("sendonly", "sendrecv")

    @property
    def may_receive(self) -> bool:
        """Whether it is, or can again become, a place for one track from us."""
        return not self.rejected and self.kind != "application" and self.direction in ("recvonly", "inactive")


@dataclass(frozen=True, slots=True)
class Offer:
    ufrag: str
    fingerprint: Fingerprint
    sections: tuple[Section, ...]
    digests: tuple[bytes, ...] = field(repr=False)
    """Of the text of each section."""


def parse_offer(text: str, *, max_bytes: int, max_sections: int, before: Offer | None = None) -> Offer:
    """Raises Malformed.

    before  the offer of the same client that this one follows: a section that reads as it did there is not read again
    """
    if len(text) > max_bytes:
        raise Malformed("SDP too long")
    head, *media = f"\n{text}".split("\nm=")
    if not 1 <= len(media) <= max_sections:
        raise Malformed("SDP with no or too many media sections")
    known = dict(zip(before.digests, before.sections, strict=True)) if before is not None else {}
    digests = tuple(_digest(one) for one in media)
    sections = tuple(known.get(digest) or _section(one) for digest, one in zip(digests, media, strict=True))
    if len({section.mid for section in sections}) != len(sections):
        raise Malformed("SDP names a section twice")
    session = _Block(head)
    lead = next((section for section in sections if not section.rejected), sections[0])
    ufrag = _checked(_ICE_CHARS, lead.ufrag or session.first("ice-ufrag"), "ice-ufrag")
    fingerprint = _fingerprint(lead.fingerprint or session.first("fingerprint"))
    return Offer(ufrag, fingerprint, sections, digests)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Block:
    """The attributes of the session or of one media section."""

    def __init__(self, text: str) -> None:
        """`text` is without the "m=" that a media section begins with. Raises Malformed."""
        lines = text.splitlines()
        self.head = lines[0].split() if lines else []
        self._attributes: dict[str, list[str]] = {}
        for line in lines:
            if len(line) > _MAX_LINE:
                raise Malformed("SDP line too long")
            if line.startswith("a="):
                name, _, value = line[2:].partition(":")
                self._attributes.setdefault(name, []).append(value)

    def first(self, name: str) -> str:
        return self._attributes.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        return self._attributes.get(name, [])

    def has(self, name: str) -> bool:
        return name in self._attributes


def _section(text: str) -> Section:
    block = _Block(text)
    if len(block.head) < 4:
        raise Malformed("SDP media line is cut short")
    kind, port = block.head[:2]
    if kind not in ("audio", "video", "application"):
        raise Malformed("SDP section of unknown kind")
    layers, simulcast = _simulcast(block)
    return Section(
        kind=kind,  # type: ignore[arg-type]  # narrowed by the test above, which mypy does not follow
        mid=_checked(_TOKEN, block.first("mid"), "mid"),
        direction=next((direction for direction in _DIRECTIONS if block.has(direction)), "sendrecv"),
        rejected=port == "0" and not block.has("bundle-only"),
        codecs=_codecs(block),
        extensions=_extensions(block),
        layers=layers,
        simulcast=simulcast,
        track_id=block.first("msid").split()[-1] if block.first("msid").split() else "",
        ssrcs=() if layers else _ssrcs(block),
        ufrag=block.first("ice-ufrag"),
        fingerprint=block.first("fingerprint"),
    )


def _codecs(block: _Block) -> tuple[Codec, ...]:
    if block.head[0] == "application":
        return ()
    lists = tuple(block.head[3:]), tuple(block.all("rtpmap")), tuple(block.all("fmtp"))
    is_long = sum(len(one) for words in lists for one in words) > _MAX_KEPT_CHARS
    return _list_codecs(*lists) if is_long else _kept_codecs(*lists)


def _list_codecs(formats: tuple[str, ...], rtpmaps: tuple[str, ...], fmtps: tuple[str, ...]) -> tuple[Codec, ...]:
    parameters: dict[int, str] = {}
    for value in fmtps:
        number, _, rest = value.partition(" ")
        parameters[_integer(number)] = rest
    mappings: dict[int, str] = {}
    for value in rtpmaps:
        number, _, rest = value.partition(" ")
        mappings[_integer(number)] = rest
    codecs = []
    for word in formats:
        if not word.isdecimal():
            continue
        payload_type = _integer(word)
        mapping = mappings.get(payload_type, "")
        if not 0 <= payload_type <= 127 or not re.fullmatch(r"[A-Za-z0-9._-]+/[0-9]+(/[0-9]+)?", mapping):
            continue
        named = _parameters(parameters.get(payload_type, ""))
        repaired = re.fullmatch(r"[0-9]{1,3}", named.get("apt", ""))
        name = mapping.partition("/")[0].lower()
        codecs.append(Codec(payload_type, name, mapping, int(repaired[0]) if repaired else None, named))
    return tuple(codecs)


_kept_codecs: Final = lru_cache(maxsize=_LISTS_KEPT)(_list_codecs)


def _parameters(value: str) -> Mapping[str, str]:
    """The parts of an `a=fmtp` value, separated by semicolons; not to be changed, as they may be many clients'."""
    pairs = (part.strip().partition("=") for part in value.split(";"))
    return MappingProxyType({name.lower() if equals else "": text if equals else name for name, equals, text in pairs})


def _extensions(block: _Block) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in block.all("extmap"):
        words = value.split()
        if len(words) < 2:
            raise Malformed("SDP extmap is cut short")
        number = _integer(words[0].partition("/")[0])
        if not 1 <= number <= 255:
            raise Malformed("SDP extmap id out of range")
        found[words[1]] = number
    return found


def _simulcast(block: _Block) -> tuple[tuple[str, ...], str]:
    words = block.first("simulcast").split()
    if len(words) < 2 or words[0] != "send":
        return (), ""
    layers = tuple(layer.lstrip("~") for layer in words[1].split(";"))
    if len(layers) > 3 or not all(re.fullmatch(r"[A-Za-z0-9]{1,16}", layer) for layer in layers):
        raise Malformed("SDP simulcast list not understood")
    return layers, ";".join(layers)


def _ssrcs(block: _Block) -> tuple[int, ...]:
    repairs = {
        _integer(word) for group in block.all("ssrc-group") if group.startswith("FID") for word in group.split()[2:]
    }
    declared = dict.fromkeys(_integer(value.partition(" ")[0]) for value in block.all("ssrc"))
    return tuple(ssrc for ssrc in declared if ssrc not in repairs and ssrc < 1 << 32)


def _fingerprint(value: str) -> Fingerprint:
    algorithm, _, digest = value.partition(" ")
    return Fingerprint(
        _checked(_TOKEN, algorithm.lower(), "fingerprint"), _checked(_FINGERPRINT, digest.strip(), "fingerprint")
    )


def _checked(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value):
        raise Malformed(f"SDP {what} not understood")
    return value


def _integer(word: str) -> int:
    return int(_checked(_NUMBER, word, "number")) if word.isascii() else int(_checked(_NUMBER, "", "number"))


# --- answers


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach and recognise the relay; the same for every section, as all are bundled."""

    ufrag: str
    password: str
    fingerprint: Fingerprint
    candidates: tuple[str, ...]
    """Values of `a=candidate`."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A track we send in a section."""

    stream_id: str
    track_id: str
    cname: str
    ssrc: int
    repair_ssrc: int | None


@dataclass(frozen=True, slots=True)
class AnswerSection:
    kind: Kind
    mid: str
    rejected: bool = False
    codecs: tuple[Codec, ...] = ()
    parameters: Mapping[int, str] = field(default_factory=dict)
    """Payload type -> `a=fmtp` value."""
    feedback: Sequence[str] = ()
    """`a=rtcp-fb` values of the codecs that are not rtx."""
    extensions: Mapping[str, int] = field(default_factory=dict)
    receives: bool = False
    layers: tuple[str, ...] = ()
    simulcast: str = ""
    sending: Sending | None = None


def write_answer(version: int, credentials: Credentials, sections: Sequence[AnswerSection]) -> str:
    """The answer to an offer: ICE-lite, DTLS passive, everything in one bundle.

    version  rises with every answer of a session
    """
    bundled = [section.mid for section in sections if not section.rejected]
    lines = [
        "v=0",
        f"o=- 1 {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(bundled),
        "a=extmap-allow-mixed",
        "a=msid-semantic:WMS *",
    ]
    for section in sections:
        lines += _answer_lines(section, credentials, first=bool(bundled) and section.mid == bundled[0])
    return "\r\n".join(lines) + "\r\n"


def _answer_lines(section: AnswerSection, credentials: Credentials, *, first: bool) -> Iterable[str]:
    if section.kind == "application":
        yield f"m=application {0 if section.rejected else 9} UDP/DTLS/SCTP webrtc-datachannel"
    else:
        formats = " ".join(str(codec.payload_type) for codec in section.codecs) or "0"
        yield f"m={section.kind} {0 if section.rejected else 9} UDP/TLS/RTP/SAVPF {formats}"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{section.mid}"
    if section.rejected:
        yield "a=inactive"
        return
    yield f"a=ice-ufrag:{credentials.ufrag}"
    yield f"a=ice-pwd:{credentials.password}"
    yield f"a=fingerprint:{credentials.fingerprint.algorithm} {credentials.fingerprint.digest}"
    yield "a=setup:passive"
    if first:
        yield from (f"a=candidate:{candidate}" for candidate in credentials.candidates)
        yield "a=end-of-candidates"
    if section.kind == "application":
        yield "a=sctp-port:5000"
        yield "a=max-message-size:262144"
    else:
        yield from _media_lines(section)


def _media_lines(section: AnswerSection) -> Iterable[str]:
    yield "a=rtcp-mux"
    yield "a=rtcp-rsize"
    yield from (f"a=extmap:{number} {uri}" for uri, number in section.extensions.items())
    for codec in section.codecs:
        yield f"a=rtpmap:{codec.payload_type} {codec.mapping}"
        if codec.payload_type in section.parameters:
            yield f"a=fmtp:{codec.payload_type} {section.parameters[codec.payload_type]}"
        if codec.name != "rtx":
            yield from (f"a=rtcp-fb:{codec.payload_type} {value}" for value in section.feedback)
    if section.sending:
        yield from _sending_lines(section.sending)
    elif section.receives:
        yield "a=recvonly"
        yield from (f"a=rid:{layer} recv" for layer in section.layers)
        if section.simulcast:
            yield f"a=simulcast:recv {section.simulcast}"
    else:
        yield "a=inactive"


def _sending_lines(sending: Sending) -> Iterable[str]:
    yield "a=sendonly"
    yield f"a=msid:{sending.stream_id} {sending.track_id}"
    ssrcs = [sending.ssrc]
    if sending.repair_ssrc is not None:
        ssrcs.append(sending.repair_ssrc)
        yield f"a=ssrc-group:FID {sending.ssrc} {sending.repair_ssrc}"
    for ssrc in ssrcs:
        yield f"a=ssrc:{ssrc} cname:{sending.cname}"
        yield f"a=ssrc:{ssrc} msid:{sending.stream_id} {sending.track_id}"
