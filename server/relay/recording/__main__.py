"""The child that makes the files of one recording: `python -m relay.recording <folder>`; it prints percentages."""

import fcntl
import os
import resource
import sys
from pathlib import Path
from typing import Final

from relay.recording.finish import finish

_NICENESS: Final = 15
_MEMORY_BYTES: Final = 4 << 30
"""What participants sent is decoded here: harm is to stay here, too."""


def main() -> None:
    folder = Path(sys.argv[1])
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parent = os.getppid()
    with (folder.parent / ".finishing").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one at a time, however many relays share the folder
        told = -1

        def advanced(percent: int) -> None:
            nonlocal told
            if os.getppid() != parent:
                sys.exit(1)  # the relay was killed: the next one begins anew
            if percent > told:
                told = percent
                sys.stdout.write(f"{percent}\n")
                sys.stdout.flush()

        finish(folder, advanced)


if __name__ == "__main__":
    main()
