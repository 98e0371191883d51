"""What every keeper of bytes must do."""

import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ecabinet.adapters.blobs import FileBlobs
from ecabinet.kernel.errors import NotFound, TooLarge

BYTES = bytes(range(256)) * 1000
DIGEST = hashlib.sha256(BYTES).hexdigest()


class Unwanted(Exception):
    """The check said no."""


async def pieces(content: bytes = BYTES, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "papers")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_bytes_come_back_by_their_digest(blobs: FileBlobs) -> None:
    assert await blobs.put(pieces(), len(BYTES)) == (DIGEST, len(BYTES))
    assert await blobs.get(DIGEST) == BYTES
    assert b"".join([chunk async for chunk in blobs.stream(DIGEST, 999)]) == BYTES


async def test_the_same_bytes_are_kept_once(blobs: FileBlobs, tmp_path: Path) -> None:
    await blobs.put(pieces(), len(BYTES))
    await blobs.put(pieces(size=7777), len(BYTES))
    assert files(tmp_path) == [DIGEST]


async def test_one_byte_too_many_is_too_large_and_nothing_is_kept(blobs: FileBlobs, tmp_path: Path) -> None:
    with pytest.raises(TooLarge) as refused:
        await blobs.put(pieces(), len(BYTES) - 1)
    assert refused.value.detail == {"limit_bytes": len(BYTES) - 1}
    assert files(tmp_path) == []


async def test_a_check_sees_all_the_bytes_before_they_are_kept(blobs: FileBlobs, tmp_path: Path) -> None:
    seen: list[bytes] = []

    async def look(path: str) -> None:
        seen.append(Path(path).read_bytes())
        assert DIGEST not in files(tmp_path)

    await blobs.put(pieces(), len(BYTES), look)
    assert seen == [BYTES]
    assert files(tmp_path) == [DIGEST]


async def test_what_the_check_refuses_is_thrown_away(blobs: FileBlobs, tmp_path: Path) -> None:
    async def refuse(path: str) -> None:
        raise Unwanted

    with pytest.raises(Unwanted):
        await blobs.put(pieces(), len(BYTES), refuse)
    assert files(tmp_path) == []


async def test_a_sender_who_fails_leaves_nothing_behind(blobs: FileBlobs, tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield BYTES
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await blobs.put(failing(), 2 * len(BYTES))
    assert files(tmp_path) == []


async def test_what_a_crash_left_half_arrived_goes_at_a_later_start_and_what_arrives_stays(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    FileBlobs(papers)
    for name, age_s in ((".arriving-crashed", 90_000), (".arriving-now", 60), ("kept", 90_000)):
        (papers / name).write_bytes(BYTES)
        at = time.time() - age_s
        os.utime(papers / name, (at, at))
    FileBlobs(papers)
    assert sorted(path.name for path in papers.iterdir()) == [".arriving-now", "kept"]


@pytest.mark.parametrize("digest", ["0" * 64, "", "../../etc/passwd", "A" * 64, "/" * 64])
async def test_what_is_not_there_is_not_found(blobs: FileBlobs, digest: str) -> None:
    with pytest.raises(NotFound):
        await blobs.get(digest)
    with pytest.raises(NotFound):
        [chunk async for chunk in blobs.stream(digest)]


async def test_what_is_kept_is_whole_until_its_file_is_another(blobs: FileBlobs, tmp_path: Path) -> None:
    await blobs.put(pieces(), len(BYTES))
    assert await blobs.is_whole(DIGEST)
    [path] = [each for each in tmp_path.rglob("*") if each.is_file()]
    before = path.stat()
    path.write_bytes(BYTES[:-1] + b"?")
    # Who changes a file may change its time, too.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    for _ in range(2):
        assert not await blobs.is_whole(DIGEST)
    path.write_bytes(BYTES)
    assert await blobs.is_whole(DIGEST)
    with pytest.raises(NotFound):
        await blobs.is_whole("0" * 64)
