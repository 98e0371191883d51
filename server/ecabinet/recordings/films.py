"""Whether a film is what its manifest says of it: when it is taken into the store, and whenever it is served."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from ecabinet.kernel.errors import TooLarge

from .model import Filed, Kept, RecordingAltered
from .ports import FilmBlobs, MediaRecorder, Takes

_MANIFEST_LIMIT_BYTES = 64_000_000


def claimed(manifest: bytes) -> Filed | None:
    """What a manifest says of the film; None when it says nothing, or nothing that we understand. Pure."""
    try:
        composed = json.loads(manifest)["composed"]
        return Filed(digest=composed["sha256"], size_bytes=composed["bytes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


async def claim_of(takes: Takes, name: str) -> Filed | None:
    """The same for a take; None while film or manifest is not there. Raises TooLarge."""
    return await asyncio.to_thread(claimed, await _manifest(takes, name)) if await takes.has(name) else None


@dataclass(slots=True)
class Films:
    """The films in the store. Lives as long as the application."""

    blobs: FilmBlobs
    _agreeing: set[Kept] = field(default_factory=set, init=False)
    """Those whose manifest was seen to speak of this very film."""

    async def take_in(self, takes: Takes, name: str) -> Kept:
        """Copy film and manifest into the store.

        Raises RecordingAltered when the film is not the one that the manifest speaks of: nothing is kept then, and
        nothing removed. NotFound, TooLarge, OSError.
        """
        claim, hasher = await claim_of(takes, name), hashlib.sha256()
        size_bytes = await takes.size_bytes(name)

        async def check(_: str) -> None:
            if claim != Filed(digest=hasher.hexdigest(), size_bytes=size_bytes):
                raise RecordingAltered()

        digest, kept_bytes = await self.blobs.put(_hashed(takes.film(name), hasher), size_bytes, check)
        manifest, manifest_bytes = await self.blobs.put(takes.manifest(name), _MANIFEST_LIMIT_BYTES)
        return Kept(
            film=Filed(digest=digest, size_bytes=kept_bytes),
            manifest=Filed(digest=manifest, size_bytes=manifest_bytes),
        )

    async def require_film(self, kept: Kept) -> None:
        """Raises RecordingAltered when the film is not the one that the record names, or the manifest speaks of
        another. NotFound."""
        await self.require_whole(kept.manifest)
        if kept not in self._agreeing:
            if await asyncio.to_thread(claimed, await self.blobs.get(kept.manifest.digest)) != kept.film:
                raise RecordingAltered()
            self._agreeing.add(kept)
        await self.require_whole(kept.film)

    async def require_whole(self, file: Filed) -> None:
        """Raises RecordingAltered when the stored bytes are not those that the record names. NotFound."""
        if not await self.blobs.is_whole(file.digest):
            raise RecordingAltered()


@dataclass(frozen=True, slots=True)
class Outside:
    """Where films are made, where they lie then, and where they are kept."""

    recorder: MediaRecorder
    takes: Takes
    films: Films
    reserve_bytes: int
    """What the disk must have left for everything else."""


async def _manifest(takes: Takes, name: str) -> bytes:
    found = bytearray()
    async for piece in takes.manifest(name):
        found += piece
        if len(found) > _MANIFEST_LIMIT_BYTES:
            raise TooLarge(limit_bytes=_MANIFEST_LIMIT_BYTES)
    return bytes(found)


async def _hashed(chunks: AsyncIterator[bytes], hasher: "hashlib._Hash") -> AsyncIterator[bytes]:
    async for chunk in chunks:
        hasher.update(chunk)
        yield chunk
