"""The folder that recordings are kept in, which grows for years: where each stands is read when it has changed."""

import os
from pathlib import Path
from typing import Final

from relay.recording import state as states
from relay.recording.state import State

_Version = tuple[int, int, int]


class Shelf:
    """Its methods block, and may be called from several threads."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root
        self._read: dict[str, tuple[_Version, State | None]] = {}
        """By name of the folder; None for what is no recording that we know."""

    def states(self) -> list[State]:
        """Everything in the folder that is a recording, newest first. Raises OSError."""
        before, now = self._read, dict[str, tuple[_Version, State | None]]()
        with os.scandir(self.root) as folders:
            for folder in folders:
                version = _version(folder.path)
                if version is None:
                    continue
                known = before.get(folder.name)
                is_known = known is not None and known[0] == version
                now[folder.name] = known if known and is_known else (version, states.read(Path(folder.path)))
        # In one step: another thread may be doing the same.
        self._read = now
        found = [state for _, state in now.values() if state is not None]
        return sorted(found, key=lambda state: state.started_at_us, reverse=True)


def _version(folder: str) -> _Version | None:
    """Another whenever the state is written, for it takes the place of a file; None where there is none."""
    try:
        found = os.stat(f"{folder}/{states.FILE}")
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
