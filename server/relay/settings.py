"""Every setting of the relay, once: environment variable RELAY_<NAME>, type, default, unit, sentence."""

import socket
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Final, get_type_hints

_PREFIX: Final = "RELAY_"
_MIN_SECRET: Final = 32


class BadSettings(Exception):
    """A setting is absent or makes no sense; the message is for the operator."""


def _setting(sentence: str, default: Any = MISSING, *, shown: bool = True) -> Any:
    """`shown` is false for what must not appear in a log."""
    return field(default=default, repr=shown, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Settings:
    api_key: str = _setting("Id of the key that access tokens are signed with.")
    api_secret: str = _setting(
        "The key itself, 32 characters or more; shared with the application, never with clients.", shown=False
    )
    http_host: str = _setting("Address that signalling and RoomService calls are served on.", "127.0.0.1")
    http_port: int = _setting("Their TCP port; 0 for any free one.", 7880)
    media_host: str = _setting("Address the media sockets are bound to.", "0.0.0.0")  # noqa: S104  # strangers get no answer
    media_port: int = _setting(
        "UDP port, and TCP port of the same number, that all media goes through; 0 for any.", 7882
    )
    addresses: tuple[str, ...] = _setting(
        "Addresses that clients are told to send media to, separated by commas; empty: this machine's own. "
        "Loopback addresses do not work with browsers.",
        (),
    )
    ice_transports: tuple[str, ...] = _setting("Which of udp and tcp clients are offered.", ("udp", "tcp"))
    webhook_url: str = _setting("Where events are posted to; empty: nowhere.", "")
    allow_origin: str = _setting("Value of Access-Control-Allow-Origin; tokens, not cookies, open the relay.", "*")
    lease_s: float = _setting(
        "Seconds without an authenticated RoomService call after which the relay stops; 0: never.", 0.0
    )
    departure_s: float = _setting("Seconds for which a lost signalling connection can be resumed.", 20.0)
    max_participants: int = _setting("Participants in this relay.", 1000)
    max_participants_per_room: int = _setting("Participants in one room.", 500)
    max_rooms: int = _setting("Rooms in this relay.", 500)
    max_tracks: int = _setting("Tracks one participant may publish.", 16)
    max_sdp_bytes: int = _setting("Size of a session description.", 1 << 20)
    max_sections: int = _setting("Media sections in a session description.", 512)
    max_signal_bytes: int = _setting("Size of a signalling message.", 1 << 20)
    max_metadata_bytes: int = _setting("Size of a participant's metadata, name and attributes together.", 65_536)

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
        if len(self.api_secret) < _MIN_SECRET:
            raise BadSettings(f"{_PREFIX}API_SECRET has fewer than {_MIN_SECRET} characters")
        if not set(self.ice_transports) <= {"udp", "tcp"} or not self.ice_transports:
            raise BadSettings(f"{_PREFIX}ICE_TRANSPORTS is not made of udp and tcp")

    def advertised(self) -> tuple[str, ...]:
        """The addresses to tell clients: as set, or that of the interface the default route uses."""
        return self.addresses or (primary_address(),)


def _parse(one: "Field[Any]", kind: object, text: str) -> Any:
    try:
        if kind is int:
            return int(text)
        if kind is float:
            return float(text)
    except ValueError as error:
        raise BadSettings(f"{_PREFIX}{one.name.upper()} is not a number") from error
    if kind is str:
        return text
    return tuple(word.strip() for word in text.split(",") if word.strip())


def primary_address() -> str:
    """This machine's address on the way out; no packet is sent to find it. 127.0.0.1 when there is no way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation (RFC 5737)
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address


def describe() -> str:
    """The settings as text, one per paragraph, for --help."""
    paragraphs = []
    for one in fields(Settings):
        default = "" if one.default is MISSING else f" [{_shown(one.default)}]"
        paragraphs.append(f"{_PREFIX}{one.name.upper()}{default}\n    {one.metadata['sentence']}")
    return "\n".join(paragraphs)


def _shown(default: object) -> str:
    return ",".join(default) if isinstance(default, tuple) else str(default)
