"""The folder of recordings: read as it changes, not as it grows."""

import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path

from relay.recording import state as states
from relay.recording.recordings import Recordings
from relay.recording.shelf import Shelf
from relay.recording.state import FILE, State
from tests.relay.house import House


def a_state(number: int, room: str = "hall") -> State:
    return State(f"EG_{number}", room, "RM_1", f"name-{number}", False, "complete", started_at_us=number)


def put(root: Path, state: State) -> None:
    (root / state.name).mkdir(parents=True, exist_ok=True)
    states.write(root / state.name, state)


def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    shelf, old, new = Shelf(tmp_path), a_state(1), a_state(2)
    put(tmp_path, old)
    put(tmp_path, new)
    (tmp_path / "not-a-recording").mkdir()
    assert shelf.states() == [new, old]
    # Bytes that nobody reads: everything that tells of a change is as it was.
    path = tmp_path / old.name / FILE
    before = path.stat()
    path.write_bytes(b"?" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert shelf.states() == [new, old]
    assert Shelf(tmp_path).states() == [new]


def test_what_has_changed_is_read_again_and_what_is_gone_is_gone(tmp_path: Path) -> None:
    shelf, one, other = Shelf(tmp_path), a_state(1), a_state(2)
    put(tmp_path, one)
    put(tmp_path, other)
    assert shelf.states() == [other, one]
    finishing = replace(one, phase="finishing", percent=7)
    put(tmp_path, finishing)
    shutil.rmtree(tmp_path / other.name)
    assert shelf.states() == [finishing]


async def test_of_a_room_everything_is_told_however_much_came_after_it_elsewhere(tmp_path: Path) -> None:
    for number in range(1, 1003):
        state = a_state(number, "hall" if number == 1 else "other")
        (tmp_path / state.name).mkdir()
        (tmp_path / state.name / FILE).write_text(json.dumps(asdict(state)), encoding="utf-8")
    recordings = Recordings(str(tmp_path), 0, House().registry, lambda: 0, lambda *_: None)
    assert [state.id for state in await recordings.states(room="hall")] == ["EG_1"]
    assert [state.id for state in await recordings.states(id="EG_2")] == ["EG_2"]
    assert [state.id for state in await recordings.states()][::999] == ["EG_1002", "EG_3"]
