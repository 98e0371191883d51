"""What a recording is and where it stands, kept in its folder as `recording.json`."""

import json
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
FILE: Final = "recording.json"
JOURNAL: Final = "journal.jsonl"
MANIFEST: Final = "manifest.json"
SPOOL: Final = ".spool"
"""Ending of a spool's name; before it stands the sid of the track."""

Phase = Literal["recording", "finishing", "complete", "limited", "failed"]
"""limited: complete, but it ended before it was stopped; `error` says why."""
UNFINISHED: Final = ("recording", "finishing")


@dataclass(frozen=True, slots=True)
class State:
    """One recording; times are microseconds since 1970, 0 for not yet."""

    id: str
    room: str
    room_sid: str
    name: str
    """Of its folder."""
    audio_only: bool
    phase: Phase
    started_at_us: int
    ended_at_us: int = 0
    updated_at_us: int = 0
    percent: int = 0
    """How much of the composed file is made."""
    error: str = ""
    size_bytes: int = 0
    duration_us: int = 0
    """Of the composed file."""

    @property
    def composed(self) -> str:
        """Name of the composed file, within the folder."""
        return self.name if self.name.endswith(".webm") else f"{self.name}.webm"


def is_name(text: str) -> bool:
    """Whether a recording can be called this: a name, never a path, nor one that is hidden."""
    return _NAME.fullmatch(text) is not None and not text.startswith(".")


def read(folder: Path) -> State | None:
    """None when the folder is not a recording, or of a version that this one does not know."""
    try:
        fields: dict[str, Any] = json.loads((folder / FILE).read_bytes())
        return State(**fields)
    except (OSError, ValueError, TypeError):
        return None


def write(folder: Path, state: State) -> None:
    """All or nothing, and on disk when it returns."""
    write_whole(folder / FILE, json.dumps(asdict(state), ensure_ascii=False, indent=1).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in the place of another; whoever reads finds the old one or the new one."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def sync(path: Path) -> None:
    """Have a file, or what a folder says of its files, on disk: a loss of power must not leave the word without it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Made:
    """The composed file."""

    size_bytes: int = 0
    duration_us: int = 0
    ended_at_us: int = 0
    """When the last packet came, if the relay did not live to end the recording; else when it was ended."""


def finished(state: State, made: Made, error: str, at_us: int) -> State:
    """The files are made, or `error` says why not."""
    return replace(
        state,
        phase="failed" if error else "limited" if state.error else "complete",
        error=error or state.error,
        percent=state.percent if error else 100,
        updated_at_us=at_us,
        ended_at_us=made.ended_at_us or state.ended_at_us,
        size_bytes=made.size_bytes,
        duration_us=made.duration_us,
    )


def ended(state: State, at_us: int, trouble: str = "") -> State:
    """Nothing more is recorded; the files are still to be made."""
    return replace(state, phase="finishing", ended_at_us=at_us, updated_at_us=at_us, error=trouble)
