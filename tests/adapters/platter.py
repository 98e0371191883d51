"""A disk whose power can be cut, under SQLite.

A VFS ("platter") that does everything through SQLite's own one for Unix, and keeps a log of what is written, truncated
and synced. From the log `Log.after_cut` makes the files as a power cut at any moment could have left them:

- What a sync reported to be on the disk is there.
- Of what was written since, the cut may have let through nothing, a beginning, or any part in any order, and of a write
  any of its sectors. A sector is old or new, never a mixture; bytes that nobody wrote do not change (SQLite assumes the
  same of disks: POWERSAFE_OVERWRITE).
- A file that was created is there from its first sync on: SQLite syncs the folder with it.
- The index of the WAL in shared memory is lost; the next to open the database makes it anew.

Not simulated: disks that lie about a sync or damage what was on them long ago; and deletions, as SQLite in WAL mode
deletes nothing until the last connection closes.
"""

import _sqlite3
import ctypes
import random
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

NAME = "platter"
SECTOR_BYTES = 512
_OK = 0

# The name as an address: the VFS underneath keeps it for as long as the file is open.
_OPEN = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_CLOSE = ctypes.CFUNCTYPE(c_int, c_void_p)
_WRITE = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = ctypes.CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    """sqlite3_vfs, version 3. What is not called here is only handed on. Source: sqlite.org/c3ref/vfs.html"""

    _fields_: ClassVar = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", _OPEN),
        ("rest", c_void_p * 14),
    ]


class _Methods(Structure):
    """sqlite3_io_methods, version 3. Source: sqlite.org/c3ref/io_methods.html"""

    _fields_: ClassVar = [
        ("iVersion", c_int),
        ("xClose", _CLOSE),
        ("xRead", c_void_p),
        ("xWrite", _WRITE),
        ("xTruncate", _TRUNCATE),
        ("xSync", _SYNC),
        ("rest", c_void_p * 13),
    ]


class _File(Structure):
    """sqlite3_file: what comes behind the methods is the VFS's own."""

    _fields_: ClassVar = [("methods", POINTER(_Methods))]


# --- what happened, and what a cut leaves of it ---


@dataclass(frozen=True, slots=True)
class Written:
    path: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    path: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the test wants to remember between two of them: an acknowledgement."""

    what: Any


Change = Written | Truncated


@dataclass(slots=True)
class Log:
    """What was done to the files of one database since `before`."""

    path: Path
    before: dict[str, bytes]
    """Its files by name, when nothing was going on."""
    events: list[Change | Synced | Noted] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> "Log":
        """Of a database nobody has open at the moment."""
        return cls(path, {path.name: path.read_bytes()})

    def note(self, what: Any) -> None:
        """Remember that this happened now."""
        self.events.append(Noted(what))

    def noted(self, cut: int) -> list[Any]:
        """What had been noted when the first `cut` events had happened."""
        return [event.what for event in self.events[:cut] if isinstance(event, Noted)]

    def after_cut(self, cut: int, chance: random.Random) -> dict[str, bytes]:
        """The files by name, after a power cut when the first `cut` events had happened."""
        kept = {name: bytearray(content) for name, content in self.before.items()}
        pending: dict[str, list[Change]] = {}
        for event in self.events[:cut]:
            if isinstance(event, Written | Truncated):
                pending.setdefault(event.path, []).append(event)
            elif isinstance(event, Synced):
                for change in pending.pop(event.path, []):
                    _apply(kept.setdefault(event.path, bytearray()), change)
        for name, changes in pending.items():
            came_through = _chosen(changes, chance)
            if name in kept or came_through:
                for change in came_through:
                    _apply(kept.setdefault(name, bytearray()), change)
        return {name: bytes(content) for name, content in kept.items()}


def _chosen(changes: list[Change], chance: random.Random) -> list[Change]:
    """Which of the changes nobody has synced came through."""
    way = chance.choice(("none", "beginning", "any", "torn"))
    if way == "none":
        return []
    if way == "beginning":
        return changes[: chance.randint(0, len(changes))]
    part = [change for change in changes if chance.random() < 0.5]
    if way == "any":
        return part
    return [piece for change in changes for piece in _torn(change, chance)]


def _torn(change: Change, chance: random.Random) -> Iterator[Change]:
    """Any sectors of it."""
    if isinstance(change, Truncated):
        if chance.random() < 0.5:
            yield change
        return
    end = change.offset + len(change.content)
    begin = change.offset
    while begin < end:
        until = min(end, (begin // SECTOR_BYTES + 1) * SECTOR_BYTES)
        if chance.random() < 0.5:
            yield Written(change.path, begin, change.content[begin - change.offset : until - change.offset])
        begin = until


def _apply(content: bytearray, change: Change) -> None:
    size = change.size if isinstance(change, Truncated) else change.offset + len(change.content)
    if isinstance(change, Truncated):
        del content[size:]
        return
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    content[change.offset : size] = change.content


# --- the VFS ---


class Disk:
    """Registers the VFS with the very library that Python's sqlite3 uses; one database at a time is recorded."""

    def __init__(self) -> None:
        self.log: Log | None = None
        self._files: dict[int, tuple[str, _Methods]] = {}
        """Names and real methods of open files, by the address of SQLite's structure."""
        self._ours: dict[int, tuple[_Methods, _Methods]] = {}
        """Real methods and what we make of them, by the address of the real: SQLite has one table for each way to lock,
        and a file keeps its for as long as it is open."""
        # Looked up through the extension module: another copy of the library would have its own list of VFSs.
        self._sqlite = ctypes.CDLL(_sqlite3.__file__)
        self._sqlite.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._sqlite.sqlite3_vfs_find.argtypes = [c_char_p]
        self._sqlite.sqlite3_vfs_register.argtypes = [POINTER(_Vfs), c_int]
        self._sqlite.sqlite3_vfs_unregister.argtypes = [POINTER(_Vfs)]
        self._unix = self._sqlite.sqlite3_vfs_find(None)
        assert self._unix.contents.zName == b"unix", "another VFS than SQLite's own for Unix stands underneath"
        self._vfs = _Vfs.from_buffer_copy(self._unix.contents)
        self._vfs.pNext, self._vfs.zName = None, NAME.encode()
        self._vfs.xOpen = _OPEN(self._open)

    @contextmanager
    def registered(self) -> Iterator["Disk"]:
        """For as long as databases may be opened with `url`."""
        assert self._sqlite.sqlite3_vfs_register(ctypes.byref(self._vfs), 0) == _OK
        try:
            yield self
        finally:
            assert not self._files, "a database is still open"
            self._sqlite.sqlite3_vfs_unregister(ctypes.byref(self._vfs))

    @staticmethod
    def url(path: Path) -> str:
        """Of the database at this place on the disk whose power can be cut."""
        return f"sqlite+aiosqlite:///file:{path}?vfs={NAME}&uri=true"

    @contextmanager
    def recording(self, path: Path) -> Iterator[Log]:
        """The log of what happens to this database, which nobody has open when it begins."""
        self.log = Log.of(path)
        try:
            yield self.log
        finally:
            self.log = None

    def _open(self, _: int, name: int | None, file: int, flags: int, out_flags: int) -> int:
        code: int = self._unix.contents.xOpen(ctypes.addressof(self._unix.contents), name, file, flags, out_flags)
        opened = _File.from_address(file)
        if code == _OK and name is not None and opened.methods:
            real = ctypes.addressof(opened.methods.contents)
            if real not in self._ours:
                self._ours[real] = opened.methods.contents, self._over(opened.methods.contents)
            self._files[file] = Path(ctypes.string_at(name).decode()).name, self._ours[real][0]
            opened.methods = ctypes.pointer(self._ours[real][1])
        return code

    def _over(self, real: _Methods) -> _Methods:
        """The same, with ours in four places."""
        ours = _Methods.from_buffer_copy(real)
        ours.xClose, ours.xWrite = _CLOSE(self._close), _WRITE(self._write)
        ours.xTruncate, ours.xSync = _TRUNCATE(self._truncate), _SYNC(self._sync)
        return ours

    def _close(self, file: int) -> int:
        _, real = self._files.pop(file)
        code: int = real.xClose(file)
        return code

    def _write(self, file: int, content: int, size: int, offset: int) -> int:
        name, real = self._files[file]
        self._keep(Written(name, offset, ctypes.string_at(content, size)))
        code: int = real.xWrite(file, content, size, offset)
        return code

    def _truncate(self, file: int, size: int) -> int:
        name, real = self._files[file]
        self._keep(Truncated(name, size))
        code: int = real.xTruncate(file, size)
        return code

    def _sync(self, file: int, _: int) -> int:
        # The disk underneath need not work: what counts as kept is what the log says.
        self._keep(Synced(self._files[file][0]))
        return _OK

    def _keep(self, event: Change | Synced) -> None:
        if self.log is not None and event.path.startswith(self.log.path.name):
            self.log.events.append(event)
