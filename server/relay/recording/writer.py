"""Files that grow while a room is recorded, written by a thread of their own: the call never waits for the disk."""

import os
import shutil
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, Final

_MAX_WAITING_BYTES: Final = 32 << 20
"""Half a minute of a large room. What comes when so much waits is dropped and counted: the call goes on."""
_WRITE_S: Final = 0.1
_SYNC_S: Final = 1.0
"""What a loss of power can cost; a program that is killed costs what waited for `_WRITE_S`."""
_MEASURE_S: Final = 5.0


class Writer:
    """Appends to the files of one recording; `append` is for the event loop, the rest is the thread's."""

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        """`reserve_bytes` stay free on the disk: with less, writing is over and `trouble` says why."""
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._queued_bytes = 0
        """Ever; counted by the loop, as `_written_bytes` is by the thread, so that neither needs a lock."""
        self._written_bytes = 0
        self._files: dict[str, IO[bytes]] = {}
        """Open are those that grew since they were last synced: a room may see thousands of tracks come and go."""
        self._grown: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"recording {folder.name}", daemon=True)
        self.trouble = ""
        """Why nothing is written any more; empty while all is well."""

    def start(self) -> None:
        self._thread.start()

    def append(self, name: str, chunk: bytes, *, always: bool = False) -> bool:
        """Queue a chunk for a file of the folder; False when it is dropped.

        always  for the little that must not be missing while there is a disk at all
        """
        is_full = self._queued_bytes - self._written_bytes > _MAX_WAITING_BYTES and not always
        if is_full or self.trouble:
            return False
        self._queued_bytes += len(chunk)
        self._waiting.append((name, chunk))
        return True

    def close(self) -> None:
        """Write what waits, and end; blocks until it is on disk."""
        self._stop.set()
        self._thread.join()

    # --- the thread

    def _run(self) -> None:
        synced_at_s = measured_at_s = time.monotonic()
        try:
            while True:
                is_last = self._stop.wait(_WRITE_S)
                self._write()
                now_s = time.monotonic()
                if is_last or now_s - synced_at_s >= _SYNC_S:
                    self._sync()
                    synced_at_s = now_s
                if now_s - measured_at_s >= _MEASURE_S:
                    self._measure()
                    measured_at_s = now_s
                if is_last:
                    break
        except OSError as error:
            self.trouble = f"the disk does not take it: {error.strerror}"
        finally:
            for file in self._files.values():
                file.close()

    def _write(self) -> None:
        chunks: dict[str, list[bytes]] = {}
        size = 0
        while self._waiting:
            name, chunk = self._waiting.popleft()
            chunks.setdefault(name, []).append(chunk)
            size += len(chunk)
        try:
            for name, parts in chunks.items():
                if name not in self._files:
                    self._files[name] = (self._folder / name).open("ab", buffering=0)
                _write_whole(self._files[name], b"".join(parts))
                self._grown.add(name)
        finally:
            self._written_bytes += size

    def _sync(self) -> None:
        for file in self._files.values():
            os.fdatasync(file.fileno())
        for name in self._files.keys() - self._grown:
            self._files.pop(name).close()
        self._grown.clear()

    def _measure(self) -> None:
        if shutil.disk_usage(self._folder).free < self._reserve_bytes:
            self.trouble = f"less than {self._reserve_bytes} bytes are free on the disk"


def _write_whole(file: IO[bytes], chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]
