"""Papers and minutes as files named by their digest. Written once, never changed, synced before they are named."""

import asyncio
import hashlib
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from weakref import WeakValueDictionary

from ecabinet.kernel.errors import NotFound, TooLarge
from ecabinet.kernel.ports import Check

_ARRIVING = ".arriving-"
_LEFT_S = 86_400
"""What nobody has written to for so long did not arrive: the program died over it. A film may have many gigabytes."""
_MOST_WHOLE = 1_000


class FileBlobs:
    """Blobs under one folder: ``ab/abcdef…``. Reading and writing happen in threads, off the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._whole: dict[str, tuple[int, int, int, int]] = {}
        """What was read and found to be whole, and as what file; forgotten with the program."""
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{_ARRIVING}*"):
            # Another program on the same folder may just be naming it.
            with suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > _LEFT_S:
                    left.unlink()

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int, check: Check | None = None) -> tuple[str, int]:
        """See the Blobs port."""
        arriving = self._folder / f"{_ARRIVING}{secrets.token_hex(8)}"
        hasher, size = hashlib.sha256(), 0
        try:
            with arriving.open("xb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit_bytes:
                        raise TooLarge(limit_bytes=limit_bytes)
                    hasher.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                await asyncio.to_thread(_sync, file)
            if check is not None:
                await check(str(arriving))
            digest = hasher.hexdigest()
            await asyncio.to_thread(self._keep, arriving, digest)
        finally:
            arriving.unlink(missing_ok=True)
        return digest, size

    async def get(self, digest: str) -> bytes:
        """See the Blobs port."""
        try:
            return await asyncio.to_thread(self._path(digest).read_bytes)
        except FileNotFoundError as error:
            raise NotFound() from error

    async def stream(
        self, digest: str, chunk_bytes: int = 65536, *, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """See the Blobs port."""
        try:
            file = await asyncio.to_thread(self._path(digest).open, "rb")
        except FileNotFoundError as error:
            raise NotFound() from error
        with file:
            file.seek(begin)
            left = sys.maxsize if end is None else end - begin
            while chunk := await asyncio.to_thread(file.read, min(chunk_bytes, left)):
                left -= len(chunk)
                yield chunk

    async def is_whole(self, digest: str) -> bool:
        """See recordings' FilmBlobs port."""
        turn = self._turns.setdefault(digest, asyncio.Lock())
        # A player asks for several stretches at once, and they wait for one reading.
        async with turn:
            return await asyncio.to_thread(self._is_whole, digest)

    def _is_whole(self, digest: str) -> bool:
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError as error:
            raise NotFound() from error
        with file:
            found = os.fstat(file.fileno())
            version = found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
            if self._whole.get(digest) != version:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    return False
                self._whole[digest] = version
                if len(self._whole) > _MOST_WHOLE:
                    del self._whole[next(iter(self._whole))]
        return True

    def _path(self, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise NotFound()
        return self._folder / digest[:2] / digest

    def _keep(self, arriving: Path, digest: str) -> None:
        path = self._path(digest)
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            os.replace(arriving, path)
        # Also when another was faster with the same bytes: its name may not be on the disk yet, and ours must be.
        for folder in (path.parent, self._folder):
            _sync_folder(folder)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
