"""What is sent, by whom and to how many."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class Stream:
    """One RTP stream: bursts of equal packets at an even pace, as frames of video or sound are sent."""

    kind: Kind
    burst: int
    """Packets sent at once."""
    per_s: int
    """Bursts a second."""
    payload_bytes: int
    rid: str = ""
    """Which simulcast layer it is; empty when there is only one."""

    @property
    def packets_per_s(self) -> int:
        """How many its receiver gets."""
        return self.burst * self.per_s


@dataclass(frozen=True, slots=True)
class Load:
    """A room of publishers and receivers. Where everybody publishes, everybody receives all others."""

    name: str
    streams: tuple[Stream, ...] = ()
    """Of each publisher."""
    publishers: int = 1
    receivers: int = 0
    """Who only receive."""
    extra: bool = False
    """Whether it is measured only when asked for by name."""

    @property
    def is_meeting(self) -> bool:
        """Whether those who publish see one another."""
        return self.publishers > 1

    @property
    def participants(self) -> int:
        """All of them."""
        return self.publishers + self.receivers

    @property
    def tracks(self) -> int:
        """What one publisher publishes, simulcast layers counted as one."""
        return sum(not stream.rid for stream in self.streams) + self.has_simulcast

    @property
    def received_tracks(self) -> int:
        """What one receiver gets."""
        return self.tracks * (self.publishers - 1 if self.is_meeting else self.publishers)

    @property
    def has_simulcast(self) -> bool:
        """Whether a video comes in layers."""
        return any(stream.rid for stream in self.streams)


MTU: Final = 1_100
"""Bytes of a full packet's payload: what browsers make of a video frame."""
RECEIVERS: Final = 30

_SOUND: Final = Stream("audio", 1, 50, 120)
_CAMERA: Final = (
    Stream("video", 1, 25, 700, "q"),  # 140 kbit/s, 320x180
    Stream("video", 3, 25, 900, "h"),  # 540 kbit/s, 640x360
    Stream("video", 8, 25, 1_000, "f"),  # 1.6 Mbit/s, 1280x720
)

LOADS: Final = (
    Load("video-5k", (Stream("video", 7, 25, MTU),), receivers=RECEIVERS),
    Load("video-21k", (Stream("video", 28, 25, MTU),), receivers=RECEIVERS),
    Load("video-50k", (Stream("video", 28, 60, MTU),), receivers=RECEIVERS),
    Load("audio-50", (Stream("audio", 1, 50, 120),), receivers=RECEIVERS),
    Load("audio-500", (Stream("audio", 1, 500, 120),), receivers=RECEIVERS),
    Load("gallery-12", (*_CAMERA, _SOUND), publishers=12),
    Load("idle", publishers=0, receivers=100),
    Load("hd-300", (Stream("video", 8, 25, 1_000),), receivers=300, extra=True),
)
"""`hd-300`: one speaker at 1280x720, 1.6 Mbit/s, 200 packets a second in frames of eight, before an assembly."""
