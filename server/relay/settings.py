"""Every setting of the relay, once: environment variable RELAY_<NAME>, type, default, unit, sentence."""

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Final, get_type_hints

_PREFIX: Final = "RELAY_"
_MIN_SECRET: Final = 32
_MAX_PORT: Final = 65_535
_SWITCH: Final = {"0": False, "1": True}
_MAX_ADDRESSES: Final = 8
"""Clients try every pair of theirs and ours."""


class BadSettings(Exception):
    """A setting is absent or makes no sense; the message is for the operator."""


def _setting(sentence: str, default: Any = MISSING, *, shown: bool = True, least: float = 0) -> Any:
    """`shown` is false for what must not appear in a log; `least` is the smallest number that makes sense."""
    return field(default=default, repr=shown, metadata={"sentence": sentence, "least": least})


@dataclass(frozen=True, slots=True)
class Settings:
    keys: Mapping[str, str] = _setting(
        'Keys that access tokens are signed with, as "id: secret, id2: secret2"; a secret has 32 characters or more, '
        "and is shared with the application, never with clients. Webhooks are signed with the first.",
        shown=False,
    )
    http_host: str = _setting("Address that signalling and RoomService calls are served on.", "127.0.0.1")
    http_port: int = _setting("Their TCP port; 0 for any free one.", 7880)
    media_hosts: tuple[str, ...] = _setting(
        "Addresses the media sockets are bound to, separated by commas; empty: all, over IPv6 too where there is any.",
        (),
    )
    media_port: int = _setting(
        "UDP port, and TCP port of the same number, that all media goes through; 0 for any.", 7882
    )
    addresses: tuple[str, ...] = _setting(
        "IPv4 and IPv6 addresses that clients are told to send media to, separated by commas, the preferred one first; "
        "the outer ones behind NAT. Empty: this machine's own. Browsers do not use loopback addresses.",
        (),
    )
    ice_transports: tuple[str, ...] = _setting("Which of udp and tcp clients are offered.", ("udp", "tcp"))
    handshakes_per_s: float = _setting(
        "DTLS handshakes begun in a second, at some 0.8 ms each; clients that come at once wait for their turn.",
        80.0,
        least=1,
    )
    data_sink: bool = _setting(
        "1 lets clients open data channels, whose messages go nowhere: for clients that wait for them; 0 does not.",
        False,
    )
    webhook_url: str = _setting("Where events are posted to; empty: nowhere.", "")
    allow_origin: str = _setting("Value of Access-Control-Allow-Origin; tokens, not cookies, open the relay.", "*")
    lease_s: float = _setting(
        "Seconds without an authenticated RoomService call after which the relay stops; 0: never.", 0.0
    )
    departure_s: float = _setting("Seconds for which a lost signalling connection can be resumed.", 20.0)
    recordings: str = _setting("Folder that recordings are kept in; empty: rooms are not recorded.", "")
    recordings_reserve: int = _setting(
        "Bytes that stay free on its disk: with less, no recording is begun, and one under way ends.", 2 << 30
    )
    recorded_only_granted: bool = _setting(
        "1: in a room that is recorded nobody publishes whom the application has not given permissions since they "
        "came (UpdateParticipant), whatever their token says; 0: their tokens hold there, too.",
        False,
    )
    max_participants: int = _setting("Participants in this relay.", 1000, least=1)
    max_participants_per_room: int = _setting("Participants in one room.", 500, least=1)
    max_rooms: int = _setting("Rooms in this relay.", 500, least=1)
    max_tracks: int = _setting("Tracks one participant may publish.", 16, least=1)
    max_sdp_bytes: int = _setting("Size of a session description.", 1 << 20, least=1)
    max_sections: int = _setting("Media sections in a session description.", 512, least=1)
    max_signal_bytes: int = _setting("Size of a signalling message.", 1 << 20, least=1)
    max_metadata_bytes: int = _setting(
        "Size of the metadata of a room or participant, and of a participant's attributes, each.", 65_536, least=1
    )
    ping_timeout_s: int = _setting(
        "Seconds of silence after which a signalling connection is lost; clients ping three times as often.",
        15,
        least=3,
    )
    native: bool = _setting(
        "0 leaves the packet path in C aside, where it was built, and does the same in Python.", True
    )
    simulations: bool = _setting("1 lets clients have failures simulated, for tests; 0 does not.", False)

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises BadSettings."""
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        for one in fields(cls):
            text = environment.get(_PREFIX + one.name.upper())
            if text is not None:
                values[one.name] = _parse(one, hints[one.name], text)
            elif one.default is MISSING:
                raise BadSettings(f"{_PREFIX}{one.name.upper()} is not set")
        settings = cls(**values)
        settings._check()
        return settings

    def _check(self) -> None:
        if not set(self.ice_transports) <= {"udp", "tcp"} or not self.ice_transports:
            raise BadSettings(f"{_PREFIX}ICE_TRANSPORTS is not made of udp and tcp")
        self._check_numbers()
        self._check_addresses()
        if self.webhook_url and not self.webhook_url.startswith(("http://", "https://")):
            raise BadSettings(f"{_PREFIX}WEBHOOK_URL does not begin with http:// or https://")

    def _check_numbers(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not isinstance(value, int | float):
                continue
            least, most = one.metadata["least"], _MAX_PORT if one.name.endswith("_port") else math.inf
            if not least <= value <= most:
                raise BadSettings(f"{_PREFIX}{one.name.upper()}: {value} is not between {least} and {most}")

    def _check_addresses(self) -> None:
        bound = [_address("MEDIA_HOSTS", text) for text in self.media_hosts]
        told = [_address("ADDRESSES", text) for text in self.addresses]
        if len(set(told)) < len(told) or len(told) > _MAX_ADDRESSES:
            raise BadSettings(f"{_PREFIX}ADDRESSES names an address twice, or more than {_MAX_ADDRESSES}")
        for address in told:
            if address.is_unspecified or address.is_multicast or (address.version == 6 and address.is_link_local):
                raise BadSettings(f"{_PREFIX}ADDRESSES: clients cannot reach {address}")
            if bound and address.version not in {one.version for one in bound}:
                raise BadSettings(f"{_PREFIX}ADDRESSES: {address} is IPv{address.version}, not so any of MEDIA_HOSTS")


def _address(name: str, text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise BadSettings(
            f"{_PREFIX}{name}: {text!r} is not an IP address; names of hosts do not serve here"
        ) from error


def _parse(one: "Field[Any]", kind: object, text: str) -> Any:
    name = _PREFIX + one.name.upper()
    if kind is bool:
        if text not in _SWITCH:
            raise BadSettings(f"{name} is neither 0 nor 1")
        return _SWITCH[text]
    try:
        if kind is int:
            return int(text)
        if kind is float:
            return float(text)
    except ValueError as error:
        raise BadSettings(f"{name} is not a number") from error
    if kind is str:
        return text
    if kind == Mapping[str, str]:
        return _keys(text)
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _keys(text: str) -> dict[str, str]:
    """Raises BadSettings, without a word of what is secret."""
    keys: dict[str, str] = {}
    for position, entry in enumerate(text.split(","), 1):
        name, colon, secret = (part.strip() for part in entry.partition(":"))
        if not colon or not name or name in keys:
            raise BadSettings(f"{_PREFIX}KEYS: entry {position} is not of the form id: secret, or its id is taken")
        if len(secret) < _MIN_SECRET:
            raise BadSettings(f"{_PREFIX}KEYS: the secret of {name} has fewer than {_MIN_SECRET} characters")
        keys[name] = secret
    return keys


def describe() -> str:
    """The settings as text, one per paragraph, for --help."""
    paragraphs = []
    for one in fields(Settings):
        default = "" if one.default is MISSING else f" [{_shown(one.default)}]"
        paragraphs.append(f"{_PREFIX}{one.name.upper()}{default}\n    {one.metadata['sentence']}")
    return "\n".join(paragraphs)


def table() -> str:
    """The settings as a Markdown table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for one in fields(Settings):
        default = "none" if one.default is MISSING else f"`{shown}`" if (shown := _shown(one.default)) else "empty"
        lines.append(f"| `{_PREFIX}{one.name.upper()}` | {default} | {one.metadata['sentence']} |")
    return "\n".join(lines)


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none: misspelt ones, perhaps."""
    known = {_PREFIX + one.name.upper() for one in fields(Settings)}
    return sorted(name for name in environment if name.startswith(_PREFIX) and name not in known)


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return str(int(default))
    return ",".join(default) if isinstance(default, tuple) else str(default)
