"""What one participant wants to receive, and what the application withholds from it."""

from dataclasses import dataclass, field
from typing import Final

from livekit.protocol.models import VideoQuality


@dataclass(frozen=True, slots=True)
class Setting:
    """How a receiver shows a track at present."""

    disabled: bool = False
    """Not at all: the page is hidden, or the picture scrolled out of sight."""
    quality: int = VideoQuality.HIGH
    """LiveKit's VideoQuality; means nothing where a size is given."""
    width: int = 0
    """Pixels, 0 when not said."""
    height: int = 0
    fps: int = 0
    """Pictures a second, 0 when not said. Kept, but not acted upon: temporal layers are not taken apart."""
    priority: int = 0


_HIGH: Final = Setting()
_LOW: Final = Setting(quality=VideoQuality.LOW)


@dataclass(slots=True)
class Wishes:
    """By track. A wish outlives the subscription, which comes and goes with rights; it ends with the track.

    Only tracks that exist are noted, so a client makes this grow no further than its room.
    """

    everything: bool = True
    """Whether it wants tracks that it said nothing about (`auto_subscribe`)."""
    adaptive: bool = False
    """It will say how large it shows each picture; until then the smallest is enough."""
    _wanted: dict[str, bool] = field(default_factory=dict)
    _withheld: set[str] = field(default_factory=set)
    _settings: dict[str, Setting] = field(default_factory=dict)

    def __len__(self) -> int:
        """Tracks that something is noted of."""
        return len(self._wanted.keys() | self._withheld | self._settings.keys())

    def wants(self, track_sid: str) -> bool:
        """Whether the track is to be sent, as far as that is for receiver and application to say."""
        return track_sid not in self._withheld and self._wanted.get(track_sid, self.everything)

    def is_withheld(self, track_sid: str) -> bool:
        return track_sid in self._withheld

    def want(self, track_sid: str, *, wanted: bool) -> None:
        """The participant's own word; it does not bring back what the application withholds."""
        self._wanted[track_sid] = wanted

    def rule(self, track_sid: str, *, granted: bool) -> None:
        """The application's word."""
        if granted:
            self._withheld.discard(track_sid)
            self._wanted[track_sid] = True
        else:
            self._withheld.add(track_sid)

    def setting(self, track_sid: str) -> Setting:
        return self._settings.get(track_sid, _LOW if self.adaptive else _HIGH)

    def set(self, track_sid: str, setting: Setting) -> None:
        self._settings[track_sid] = setting

    def forget(self, track_sid: str) -> None:
        """The track is gone."""
        self._wanted.pop(track_sid, None)
        self._withheld.discard(track_sid)
        self._settings.pop(track_sid, None)
