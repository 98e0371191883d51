"""The child that makes the files of one recording: `python -m relay.recording <folder>`; it prints percentages."""

import fcntl
import os
import resource
import sys
import time
from pathlib import Path
from typing import IO, Final

from relay.recording import state
from relay.recording.bounds import cpu_limit_s
from relay.recording.finish import Altered, finish

_NICENESS: Final = 15
_MEMORY_BYTES: Final = 4 << 30
"""What participants sent is decoded here: harm is to stay here, too."""
_GRACE_S: Final = 5
"""Between the signal that says why the program ends, and the end."""
_REPEATED_S: Final = 10.0
"""A percentage is told again after this time: whoever says nothing is taken to hang."""


class Teller:
    """Says how far it is, and ends the program when nobody is there to be told any more."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._told = -1
        self._told_at_s = 0.0

    def __call__(self, percent: int) -> None:
        if os.getppid() != self._parent:
            sys.exit(1)  # the relay was killed: the next one begins anew
        now_s = time.monotonic()
        if percent > self._told or now_s - self._told_at_s > _REPEATED_S:
            self._told, self._told_at_s = max(percent, self._told), now_s
            sys.stdout.write(f"{self._told}\n")
            sys.stdout.flush()


def main() -> None:
    folder = Path(sys.argv[1])
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if (recorded := state.read(folder)) is not None:
        limit_s = cpu_limit_s(recorded)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + _GRACE_S))
    tell = Teller()
    with (folder.parent / ".finishing").open("wb") as turn:
        while not _is_our_turn(turn):
            tell(0)
            time.sleep(1)
        try:
            finish(folder, tell)
        except Altered as error:
            sys.stdout.write(f"{error}\n")  # the last word, which the application is told
            sys.exit(1)


def _is_our_turn(turn: IO[bytes]) -> bool:
    """One at a time, however many relays share the folder."""
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    main()
