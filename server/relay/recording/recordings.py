"""All recordings of this relay: begun, ended, and finished one after the other by a child.

Several relays may share the folder: each recording is held by who has its lock, and one that nobody holds (its relay
was killed) is finished by whoever comes by.
"""

import asyncio
import fcntl
import logging
import shutil
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

from relay.recording import state as states
from relay.recording.child import Failed, finish
from relay.recording.manifest import made_of
from relay.recording.recorder import Recorder
from relay.recording.shelf import Shelf
from relay.recording.state import Made, State
from relay.recording.writer import Writer
from relay.rooms.registry import Registry

_log: Final = logging.getLogger(__name__)
_TICKS: Final = 2
"""Of 50 ms, between two looks at a recorded room."""
_SCAN_S: Final = 30.0
_MAX_LISTED: Final = 1_000
_ATTEMPTS: Final = 2
_LOCK: Final = "lock"

Tell = Callable[[str, State], None]
"""Told a LiveKit event's name (egress_started, egress_updated, egress_ended) and where the recording stands."""


class Refused(Exception):
    """The recording cannot be begun or ended; the message is for the application."""


class NoFolder(Refused):
    """The relay keeps no recordings."""


class BadName(Refused):
    """Not a name for a folder."""


class NoSuchRoom(Refused):
    """Nobody is there to be recorded."""


class Underway(Refused):
    """The room is being recorded, or there is a recording of this name."""


class DiskFull(Refused):
    """Less is free than has to stay free."""


class NoSuchRecording(Refused):
    """Not one that this relay records now."""


@dataclass(slots=True, eq=False)
class _Held:
    """A recording this relay has the lock of."""

    state: State
    folder: Path
    lock: IO[bytes]
    recorder: Recorder | None = None
    writer: Writer | None = None


class Recordings:
    """The one way to start, stop and list."""

    def __init__(
        self, folder: str, reserve_bytes: int, registry: Registry, wall_us: Callable[[], int], tell: Tell
    ) -> None:
        """An empty folder means that nothing is recorded."""
        self._shelf = Shelf(Path(folder)) if folder else None
        self._reserve_bytes = reserve_bytes
        self._registry = registry
        self._wall_us = wall_us
        self._tell = tell
        self._held: dict[str, _Held] = {}
        self._due: asyncio.Queue[str] = asyncio.Queue()
        """Ids of those whose files are to be made; bounded by the folders there are."""
        self._starting: set[str] = set()
        self._ticks = 0

    @property
    def root(self) -> Path | None:
        return self._shelf.root if self._shelf is not None else None

    # --- what the application asks

    async def start(self, id: str, room_name: str, name: str, *, audio_only: bool) -> State:
        """Record a room from now on. Raises NoFolder, BadName, NoSuchRoom, Underway, DiskFull."""
        root = self.root
        if root is None:
            raise NoFolder("this relay keeps no recordings: RELAY_RECORDINGS is not set")
        if not states.is_name(name):
            raise BadName("a recording's filepath is a name of letters, digits, dots, dashes and underscores")
        room = self._registry.rooms.get(room_name)
        if room is None:
            raise NoSuchRoom("no such room")
        if room.recording or room_name in self._starting:
            raise Underway("the room is being recorded")
        self._starting.add(room_name)
        try:
            now_us = self._wall_us()
            begun = State(
                id, room_name, room.describe().sid, name, audio_only, "recording", now_us, updated_at_us=now_us
            )
            held = await asyncio.to_thread(_begin, root, begun, self._reserve_bytes)
        finally:
            self._starting.discard(room_name)
        self._held[id] = held
        held.writer = Writer(held.folder, self._reserve_bytes)
        held.writer.start()
        held.recorder = Recorder(room, held.writer.append, now_us)
        room.set_recording(True)
        self._tell("egress_started", held.state)
        return held.state

    async def stop(self, id: str) -> State:
        """Record no more, and have the files made; idempotent until they are. What could not be made is tried again.
        Raises NoSuchRecording."""
        held = self._held.get(id) or await self._again(id)
        if held is None:
            raise NoSuchRecording("no recording of this id is under way here")
        if held.recorder is not None:
            await self._end(held)
        return held.state

    async def _again(self, id: str) -> _Held | None:
        """A failed recording, its files to be made once more from the spools that stayed; None when there is none."""
        shelf = self._shelf
        held = await asyncio.to_thread(_failed, shelf, id, self._wall_us()) if shelf is not None else None
        if held is not None:
            self._held[id] = held
            await self._keep(held)
            self._tell("egress_updated", held.state)
            self._due.put_nowait(id)
        return held

    async def states(self, room: str = "", id: str = "") -> list[State]:
        """Those of a room, or of this id, or all there are; the newest first, and not more than a thousand. Those of
        other relays as they last wrote them down."""
        kept = await asyncio.to_thread(_kept, self._shelf) if self._shelf is not None else []
        mine = {id: held.state for id, held in self._held.items()}
        known = ({state.id: state for state in kept} | mine).values()
        asked = [state for state in known if room in ("", state.room) and id in ("", state.id)]
        return sorted(asked, key=lambda state: state.started_at_us, reverse=True)[:_MAX_LISTED]

    # --- time passes

    def tick(self, on_error: Callable[[Exception], None]) -> None:
        """Every 50 ms; what goes wrong in one recording is told and stops neither the others nor the relay."""
        self._ticks += 1
        if self._ticks % _TICKS:
            return
        now_us = self._wall_us()
        for held in self._held.values():
            if held.recorder is None:
                continue
            try:
                held.recorder.tick(now_us)
            except Exception as error:  # the clock must go on; on_error logs the traceback
                on_error(error)

    async def run(self) -> None:
        """Make files for ever, one recording at a time; cancelled at shutdown, and the next start goes on."""
        if self._shelf is None:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(self._shelf))
            while True:
                due = self._held[await self._due.get()]
                try:
                    await self._finish(due)
                except Exception as fault:  # of ours, with one recording: calls and the others go on
                    _log.exception("recording %s was not finished", due.state.name)
                    due.state = states.finished(due.state, Made(), repr(fault), self._wall_us())

    async def _watch(self, shelf: Shelf) -> None:
        """End what has no room or no disk any more, and take up what nobody holds."""
        scanned_at_s = -_SCAN_S
        loop = asyncio.get_running_loop()
        while True:
            if loop.time() - scanned_at_s >= _SCAN_S:
                scanned_at_s = loop.time()
                await self._adopt(shelf)
            for held in list(self._held.values()):
                try:
                    await self._look_after(held)
                except Exception:  # of ours, as above
                    _log.exception("recording %s could not be looked after", held.state.name)
            await asyncio.sleep(0.5)

    async def _look_after(self, held: _Held) -> None:
        recorder, writer = held.recorder, held.writer
        if recorder is None or writer is None:
            return
        if writer.trouble or self._registry.rooms.get(recorder.room.name) is not recorder.room:
            await self._end(held, writer.trouble)

    async def _adopt(self, shelf: Shelf) -> None:
        try:
            found = await asyncio.to_thread(_abandoned, shelf, self._wall_us())
        except OSError as error:
            _log.warning("the folder for recordings cannot be read: %s", error)
            return
        for held in found:
            self._held[held.state.id] = held
            self._due.put_nowait(held.state.id)

    async def _end(self, held: _Held, trouble: str = "") -> None:
        recorder, writer = held.recorder, held.writer
        assert recorder is not None
        assert writer is not None
        held.recorder = held.writer = None
        now_us = self._wall_us()
        recorder.stop(now_us)
        recorder.room.set_recording(False)
        held.state = states.ended(held.state, now_us, trouble)
        await asyncio.to_thread(writer.close)
        held.state = replace(held.state, error=held.state.error or writer.trouble)
        await self._keep(held)
        self._tell("egress_updated", held.state)
        self._due.put_nowait(held.state.id)

    async def _keep(self, held: _Held) -> bool:
        """Whether where it stands could be written down."""
        try:
            await asyncio.to_thread(states.write, held.folder, held.state)
        except OSError as error:
            _log.warning("recording %s: its state cannot be written: %s", held.state.name, error)
            return False
        return True

    async def _finish(self, held: _Held) -> None:
        """Have the child make the files; what fails twice is given up, and its spools stay."""
        error = ""
        for _ in range(_ATTEMPTS):
            try:
                async with aclosing(finish(held.folder)) as percentages:
                    async for percent in percentages:
                        await self._advance(held, percent)
                error = ""
                break
            except Failed as failure:
                error = str(failure)
                _log.warning("recording %s was not finished: %s", held.state.name, failure)
        made = await asyncio.to_thread(made_of, held.folder)
        done = states.finished(held.state, made, error, self._wall_us())
        kept = await self._keep(replace(held, state=done))
        held.state = done  # not before: who is told that it is complete can no longer stop it
        if kept:  # else it is known from here only, and must not be begun again
            del self._held[held.state.id]
            held.lock.close()
        self._tell("egress_ended", held.state)

    async def _advance(self, held: _Held, percent: int) -> None:
        told = held.state.percent // 10
        held.state = replace(held.state, percent=percent, updated_at_us=self._wall_us())
        if percent // 10 > told:
            await self._keep(held)
            self._tell("egress_updated", held.state)

    async def drain(self) -> None:
        """The relay stops: what is recorded is closed as it is; the next relay makes the files."""
        for held in list(self._held.values()):
            if held.recorder is not None:
                await self._end(held)
            held.lock.close()


# --- folders: these block


def _begin(root: Path, begun: State, reserve_bytes: int) -> _Held:
    """Raises Underway, DiskFull, NoFolder."""
    try:
        return _make_folder(root, begun, reserve_bytes)
    except OSError as error:
        raise NoFolder(f"the folder for recordings cannot be written: {error.strerror}") from error


def _make_folder(root: Path, begun: State, reserve_bytes: int) -> _Held:
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free < reserve_bytes:
        raise DiskFull(f"less than {reserve_bytes} bytes are free for recordings")
    folder = root / begun.name
    try:
        folder.mkdir(mode=0o750)
    except FileExistsError as error:
        raise Underway("there is a recording of this name") from error
    lock = _lock(folder)
    assert lock is not None, "nobody else knows a folder that was just made"
    try:
        states.write(folder, begun)
    except OSError:
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)  # else the name would be taken by nothing
        raise
    return _Held(begun, folder, lock)


def _lock(folder: Path) -> IO[bytes] | None:
    """The lock of a recording, kept until it is closed; None when another program has it."""
    lock = (folder / _LOCK).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _kept(shelf: Shelf) -> list[State]:
    """Everything in the folder that is a recording; nothing while there is no folder."""
    try:
        return shelf.states()
    except FileNotFoundError:
        return []


def _failed(shelf: Shelf, id: str, now_us: int) -> _Held | None:
    for state in _kept(shelf):
        if state.id == id and state.phase == "failed" and (lock := _lock(shelf.root / state.name)) is not None:
            again = replace(state, phase="finishing", percent=0, error="", updated_at_us=now_us)
            return _Held(again, shelf.root / state.name, lock)
    return None


def _abandoned(shelf: Shelf, now_us: int) -> list[_Held]:
    """Unfinished recordings that nobody holds, now held by us."""
    found = []
    for state in _kept(shelf):
        folder = shelf.root / state.name
        try:
            lock = _lock(folder) if state.phase in states.UNFINISHED else None
        except OSError as error:
            _log.warning("recording %s cannot be taken up: %s", state.name, error)
            continue
        if lock is None:
            continue
        found.append(_Held(states.ended(state, now_us) if state.phase == "recording" else state, folder, lock))
    return found
