"""Time as a value that is handed in."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from. Rules never ask; services do, once per act."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...
