"""What is left of a recording when something happens while its files are made, or to them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from relay.recording import journal, state
from relay.recording.finish import Altered, finish
from relay.recording.manifest import Finished, finished
from relay.recording.mux import digest
from relay.recording.spool import Description, read

RECORDED = Path(__file__).with_name("recorded")
SERVER = Path(__file__).parents[2] / "server"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording that is to be finished: a camera and a microphone of the SDK."""
    folder = tmp_path / "session"
    folder.mkdir()
    events: list[journal.Event] = []
    at_us = 0
    for source in ("camera", "microphone"):
        with (RECORDED / f"{source}.spool").open("rb") as file:
            about = next(read(file))
        assert isinstance(about, Description)
        at_us = about.began_at_us
        who = {"participant": about.participant, "identity": about.identity, "name": "An"}
        what = {"track": about.track, "kind": about.kind, "source": source, "encrypted": False}
        events += [{"at_us": at_us, "event": "joined", **who}] if not events else []
        events.append({"at_us": at_us, "event": "published", **who, **what})
        shutil.copy(RECORDED / f"{source}.spool", folder / f"{about.track}.spool")
    (folder / state.JOURNAL).write_bytes(b"".join(map(journal.line, events)))
    state.write(folder, state.State("EG_1", "room", "RM_1", "session", False, "finishing", at_us))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def made(folder: Path) -> Finished:
    found = finished(folder)
    assert found is not None
    return found


def test_what_the_manifest_speaks_of_is_on_disk_before_the_packets_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[object] = []
    sync, unlink = os.fsync, os.unlink

    def note_sync(descriptor: int) -> None:
        order.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def note_unlink(path: Any, **more: Any) -> None:
        order.append(Path(path).suffix)
        unlink(path, **more)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "unlink", note_unlink)
    finish(folder, lambda _: None)
    kept = [folder / "session.webm", folder / state.MANIFEST, folder, *folder.glob("TR_*.webm")]
    assert len(kept) == 5
    first_gone = order.index(".spool")
    assert {path.stat().st_ino for path in kept} <= set(order[:first_gone])


def test_packets_that_a_killed_child_left_are_removed_by_the_next(folder: Path) -> None:
    spools = {path.name: path.read_bytes() for path in folder.glob("*.spool")}
    finish(folder, lambda _: None)
    before = contents(folder)
    for name, spool in spools.items():
        (folder / name).write_bytes(spool)
    finish(folder, lambda _: None)
    assert contents(folder) == before


def test_a_composed_file_that_was_changed_is_made_again_from_the_packets(folder: Path) -> None:
    spools = {path.name: path.read_bytes() for path in folder.glob("*.spool")}
    finish(folder, lambda _: None)
    for name, spool in spools.items():
        (folder / name).write_bytes(spool)
    film = folder / "session.webm"
    film.write_bytes(film.read_bytes()[:-1])
    finish(folder, lambda _: None)
    assert digest(film) == made(folder).sha256
    assert made(folder).tracks == frozenset(name.removesuffix(".spool") for name in spools)
    assert not list(folder.glob("*.spool"))


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_where_the_packets_are_gone_nothing_is_made_of_nothing(folder: Path, harm: str) -> None:
    finish(folder, lambda _: None)
    film = folder / "session.webm"
    if harm == "gone":
        film.unlink()
    else:
        film.write_bytes(film.read_bytes()[:-1] + b"x")
    before = contents(folder)
    with pytest.raises(Altered):
        finish(folder, lambda _: None)
    assert contents(folder) == before


def test_the_child_says_so(folder: Path) -> None:
    finish(folder, lambda _: None)
    (folder / "session.webm").unlink()
    ended = subprocess.run(
        [sys.executable, "-m", "relay.recording", str(folder)],
        env={"PYTHONPATH": str(SERVER), "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[-1].startswith(b"the composed file is not the one")
