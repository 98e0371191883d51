"""Every setting once: its type, default, unit and a sentence. Nobody else reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any

_MOST_RELAYS = 64


class SettingInvalid(Exception):
    """A setting is missing or is not what it must be. Start-up stops with this sentence."""


def _setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of an installation. Each is read from ECABINET_ and its name in capitals."""

    data: Path = _setting(Path("var"), "Folder for the database, papers, keys and the relay's state.")  # noqa: RUF009
    database_url: str = _setting(
        "",
        "SQLAlchemy URL; empty means SQLite in the data folder. PostgreSQL: postgresql+asyncpg://user:password@host/name",
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8080, "TCP port to listen on.")
    public_url: str = _setting(
        "",
        "Where people's browsers find the page, without a path. Empty means http://localhost and the port; only "
        "https makes cameras work from other machines.",
    )
    behind_proxy: bool = _setting(
        default=False,
        sentence="Whether a reverse proxy of ours is the only way in, so that its X-Forwarded-For may be believed.",
    )
    web: Path = _setting(Path("web/dist"), "Folder of the built browser client.")  # noqa: RUF009
    time_zone: str = _setting(
        "Asia/Ho_Chi_Minh", "IANA name of the time zone in which minutes and deadlines are written."
    )
    session_idle_s: int = _setting(1800, "Seconds after which an unused sign-in ends. A live meeting is use.")
    session_absolute_s: int = _setting(28800, "Seconds after which every sign-in ends.")
    paper_limit_bytes: int = _setting(104857600, "Largest paper, in bytes.")
    recording_reserve_bytes: int = _setting(
        2147483648, "Bytes that stay free on the disk: with less, no session is recorded, and no film is kept."
    )
    livekit_url: str = _setting(
        "", "URL of a LiveKit server (http or https); empty starts our own relay beside the app."
    )
    livekit_key: str = _setting("", "API key of that LiveKit server.")
    livekit_secret: str = _setting("", "API secret of that LiveKit server.")
    media_public_url: str = _setting(
        "",
        "WebSocket address of the media server as browsers see it. Empty means ws://localhost and the relay's port, "
        "or wss://…/relay under an https public URL. Of several relays this is the first; "
        "the others follow as …/2, …/3.",
    )
    relays: int = _setting(
        1,
        "Number of relay processes on this machine: one for each core beyond the first. A meeting is in one of them, "
        "and moves to another when that one dies.",
    )
    relay_port: int = _setting(
        7880, "TCP port of the relay's signalling, on this machine only. Further relays take the ports after it."
    )
    relay_media_port: int = _setting(
        7882, "UDP and TCP port of the relay's media. Further relays take the ports after it."
    )
    relay_addresses: str = _setting(
        "", "Addresses the relay tells clients, comma-separated; empty means this machine's own. Needed behind NAT."
    )
    log_json: bool = _setting(default=False, sentence="Whether logs are one JSON object a line.")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read them all. Raises SettingInvalid for a value that is not of its type, or a name that is not a setting."""
        known = {f"ECABINET_{each.name.upper()}": each for each in fields(cls)}
        unknown = [name for name in environ if name.startswith("ECABINET_") and name not in known]
        if unknown:
            raise SettingInvalid(f"no such setting: {', '.join(sorted(unknown))}")
        values = {each.name: _read(name, each, environ[name]) for name, each in known.items() if name in environ}
        settings = cls(**values)
        settings._require_room_for_relays()
        return settings

    def _require_room_for_relays(self) -> None:
        if not 1 <= self.relays <= _MOST_RELAYS:
            raise SettingInvalid(f"ECABINET_RELAYS must be from 1 to {_MOST_RELAYS}, not {self.relays}")
        apart = abs(self.relay_port - self.relay_media_port)
        if apart < self.relays and not self.livekit_url:
            raise SettingInvalid(
                f"{self.relays} relays do not fit: ECABINET_RELAY_PORT {self.relay_port} and ECABINET_RELAY_MEDIA_PORT "
                f"{self.relay_media_port} must be at least {self.relays} apart"
            )

    @property
    def database(self) -> str:
        """The database's URL, the default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data.resolve() / 'ecabinet.db'}"

    @property
    def page(self) -> str:
        """The page's origin, the default filled in."""
        return self.public_url.rstrip("/") or f"http://localhost:{self.port}"

    @property
    def media_page_urls(self) -> tuple[str, ...]:
        """The media servers' addresses for browsers, the defaults filled in: of a LiveKit server, or of each relay."""
        if self.livekit_url:
            return (self.media_public_url.rstrip("/") or self.livekit_url.rstrip("/").replace("http", "ws", 1),)
        numbers = range(self.relays)
        first = self.media_public_url.rstrip("/")
        if not first and self.page.startswith("https://"):
            first = self.page.replace("https", "wss", 1) + "/relay"
        if first:
            return tuple(f"{first}/{each + 1}" if each else first for each in numbers)
        return tuple(f"ws://localhost:{self.relay_port + each}" for each in numbers)


def _read(name: str, each: "Field[Any]", text: str) -> Any:
    if each.type is bool:
        if text.lower() in {"1", "true", "yes"}:
            return True
        if text.lower() in {"0", "false", "no", ""}:
            return False
        raise SettingInvalid(f"{name} must be true or false, not {text!r}")
    if each.type is int:
        if not text.isdecimal():
            raise SettingInvalid(f"{name} must be a whole number, not {text!r}")
        return int(text)
    return Path(text) if each.type is Path else text


def document() -> str:
    """All settings as a Markdown page (docs/settings.md)."""
    lines = [
        "# Settings",
        "",
        "Made by `ecabinet settings-doc`; a test compares. All are environment variables.",
        "",
        "| variable | type | default | meaning |",
        "|---|---|---|---|",
    ]
    for each in fields(Settings):
        assert each.default is not MISSING
        kind = getattr(each.type, "__name__", str(each.type))
        default = f"`{each.default}`" if str(each.default) else "empty"
        lines.append(f"| `ECABINET_{each.name.upper()}` | {kind} | {default} | {each.metadata['sentence']} |")
    return "\n".join(lines) + "\n"
