"""What the relay leaves in its folder, read in pieces and never outside of it."""

from pathlib import Path

import pytest

from ecabinet.adapters.takes import FolderTakes
from ecabinet.kernel.errors import NotFound


def left(folder: Path, name: str, film: bytes | None = b"film", manifest: bytes | None = b"{}") -> None:
    (folder / name).mkdir()
    for file, content in ((f"{name}.webm", film), ("manifest.json", manifest)):
        if content is not None:
            (folder / name / file).write_bytes(content)


async def test_a_take_is_there_when_film_and_manifest_are(tmp_path: Path) -> None:
    takes = FolderTakes(tmp_path)
    left(tmp_path, "whole", b"x" * 3_000_000)
    left(tmp_path, "unmade", film=None)
    left(tmp_path, "unlisted", manifest=None)
    assert [await takes.has(name) for name in ("whole", "unmade", "unlisted", "never")] == [True, False, False, False]
    assert await takes.size_bytes("whole") == 3_000_000
    assert sum([len(piece) async for piece in takes.film("whole")]) == 3_000_000
    assert b"".join([piece async for piece in takes.manifest("whole")]) == b"{}"


async def test_a_film_that_is_kept_elsewhere_goes_and_what_it_was_made_of_stays(tmp_path: Path) -> None:
    takes = FolderTakes(tmp_path)
    left(tmp_path, "kept")
    for _ in range(2):
        await takes.drop_film("kept")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("name", ["..", "../outside", "/etc/passwd", "a/b", ".hidden", "", "A", "x" * 65, "name\0"])
async def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    takes = FolderTakes(tmp_path / "recordings")
    for ask in (takes.has, takes.size_bytes, takes.drop_film):
        with pytest.raises(NotFound):
            await ask(name)
    with pytest.raises(NotFound):
        takes.film(name)


async def test_what_is_not_there_is_not_found_at_the_first_step(tmp_path: Path) -> None:
    takes = FolderTakes(tmp_path)
    with pytest.raises(NotFound):
        await takes.size_bytes("never")
    with pytest.raises(NotFound):
        await anext(takes.film("never"))
    assert await takes.free_bytes() > 0
