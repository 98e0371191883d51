"""The folder in which our relay leaves what it recorded: a folder for each take, with the received streams, their
manifest, and the film."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from ecabinet.kernel.errors import NotFound

_CHUNK_BYTES = 1 << 20


class FolderTakes:
    """See recordings' Takes port: ``<name>/<name>.webm`` and ``<name>/manifest.json``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def has(self, name: str) -> bool:
        """See the Takes port."""
        film, manifest = self._film(name), self._manifest(name)
        return await asyncio.to_thread(lambda: film.is_file() and manifest.is_file())

    async def size_bytes(self, name: str) -> int:
        """See the Takes port."""
        try:
            return (await asyncio.to_thread(self._film(name).stat)).st_size
        except FileNotFoundError as error:
            raise NotFound() from error

    def film(self, name: str) -> AsyncIterator[bytes]:
        """See the Takes port."""
        return _pieces(self._film(name))

    def manifest(self, name: str) -> AsyncIterator[bytes]:
        """See the Takes port."""
        return _pieces(self._manifest(name))

    async def drop_film(self, name: str) -> None:
        """See the Takes port."""
        await asyncio.to_thread(self._film(name).unlink, missing_ok=True)

    async def free_bytes(self) -> int:
        """See the Takes port."""
        return (await asyncio.to_thread(shutil.disk_usage, self._folder)).free

    def _film(self, name: str) -> Path:
        return self._folder / _checked(name) / f"{name}.webm"

    def _manifest(self, name: str) -> Path:
        return self._folder / _checked(name) / "manifest.json"


def _checked(name: str) -> str:
    """A name is ours, or it is none: nothing leads out of the folder."""
    if not re.fullmatch(r"[a-z0-9-]{1,64}", name):
        raise NotFound()
    return name


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError as error:
        raise NotFound() from error
    with file:
        while piece := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield piece
