"""A disk that remembers: every write and every flush of SQLite, in order, as its file layer asks the system for them.

The very SQLite library that Python has loaded is given a file layer (a VFS) that is its own but for five functions, which tell
what they are asked before they do it. So the engine, its settings and all code above it are the real ones. `power_loss` makes
of the record what may be on the disk after a power cut.
"""

import _sqlite3
import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

SQLITE_OK, SQLITE_FULL = 0, 13
SYNC_DIRECTORY = 1

_Pointer, _Int, _Long = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
_Open = ctypes.CFUNCTYPE(_Int, _Pointer, _Pointer, _Pointer, _Int, _Pointer)
_Delete = ctypes.CFUNCTYPE(_Int, _Pointer, _Pointer, _Int)
_Write = ctypes.CFUNCTYPE(_Int, _Pointer, _Pointer, _Int, _Long)
_Truncate = ctypes.CFUNCTYPE(_Int, _Pointer, _Long)
_Sync = ctypes.CFUNCTYPE(_Int, _Pointer, _Int)
_Close = ctypes.CFUNCTYPE(_Int, _Pointer)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = [
        ("version", _Int), ("file_bytes", _Int), ("path_limit", _Int), ("next", _Pointer), ("name", ctypes.c_char_p),
        ("data", _Pointer), ("open", _Open), ("delete", _Delete), *((f"other{number}", _Pointer) for number in range(14)),
    ]  # fmt: skip


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = [
        ("version", _Int), ("close", _Close), ("read", _Pointer), ("write", _Write), ("truncate", _Truncate),
        ("sync", _Sync), *((f"other{number}", _Pointer) for number in range(13)),
    ]  # fmt: skip


class _File(ctypes.Structure):
    """`sqlite3_file`: what the file layer keeps of an open file begins with its methods."""

    _fields_ = [("methods", ctypes.POINTER(_Methods))]


@dataclass(frozen=True)
class Event:
    """One thing asked of the disk, or `told`: from here on somebody relies on what was committed before (`names`)."""

    kind: Literal["write", "truncate", "sync", "create", "delete", "told"]
    file: str = ""
    offset: int = 0
    content: bytes = b""
    directory_too: bool = False
    names: frozenset[str] = frozenset()


@dataclass
class WatchedDisk:
    """The record of one database's files: the file itself, its journal, its log."""

    database: Path
    is_full: Callable[[], bool] = lambda: False
    """While this says so, no file can grow; what a file has already can be written over, as on a real disk."""
    events: list[Event] = field(default_factory=list)
    _open: dict[int, tuple[str, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, names: frozenset[str]) -> None:
        """Note that these were acknowledged now."""
        self._note(Event("told", names=names))

    def _fits(self, file: str, end: int) -> bool:
        return not self.is_full() or end <= self.database.with_name(file).stat().st_size

    def _note(self, event: Event) -> None:
        with self._lock:
            self.events.append(event)

    def _name(self, pointer: int | None) -> str | None:
        """The file's name, if it is one of this database's."""
        if not pointer:
            return None
        path = ctypes.string_at(pointer).decode()
        return Path(path).name if path.startswith(str(self.database)) else None


@contextmanager
def watched(database: Path) -> Iterator[WatchedDisk]:
    """What is opened from now on is watched; everything must be closed again before the block ends."""
    disk = WatchedDisk(database.resolve())
    library, plain, layer = register(disk)
    try:
        yield disk
    finally:
        library.sqlite3_vfs_register(plain, 1)
        library.sqlite3_vfs_unregister(ctypes.byref(layer))
        assert not disk._open, "a file of the watched database is still open"


def register(disk: WatchedDisk) -> tuple[ctypes.CDLL, Any, Any]:
    """Make the watching file layer the one that is used; returns the library, the plain layer and this one."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    plain = library.sqlite3_vfs_find(None)
    layer = _layer(disk, plain)
    library.sqlite3_vfs_register(ctypes.byref(layer), 1)
    return library, plain, layer


def _layer(disk: WatchedDisk, plain: Any) -> _Vfs:
    layer = _Vfs.from_buffer_copy(plain.contents)
    methods: list[_Methods] = []  # SQLite keeps pointers into them

    def opened(_vfs: int, name: int, file: int, flags: int, out_flags: int) -> int:
        called = disk._name(name)
        existed = called is None or disk.database.with_name(called).exists()
        result = int(plain.contents.open(ctypes.addressof(plain.contents), name, file, flags, out_flags))
        if called is None or result != SQLITE_OK:
            return result
        if not existed:
            disk._note(Event("create", called))
        record = _File.from_address(file)
        disk._open[file] = (called, record.methods.contents)
        methods.append(_watching(disk, record.methods.contents))
        record.methods = ctypes.pointer(methods[-1])
        return result

    def deleted(_vfs: int, name: int, directory_too: int) -> int:
        called = disk._name(name)
        result = int(plain.contents.delete(ctypes.addressof(plain.contents), name, directory_too))
        if called is not None and result == SQLITE_OK:
            disk._note(Event("delete", called, directory_too=bool(directory_too & SYNC_DIRECTORY)))
        return result

    layer.name, layer.open, layer.delete = b"watched", _Open(opened), _Delete(deleted)
    return layer


def _watching(disk: WatchedDisk, plain: _Methods) -> _Methods:
    """The methods of one open file, which tell before they act."""
    methods = _Methods.from_buffer_copy(plain)

    def write(file: int, content: int, count: int, offset: int) -> int:
        called = disk._open[file][0]
        if not disk._fits(called, offset + count):
            return SQLITE_FULL
        disk._note(Event("write", called, offset, ctypes.string_at(content, count)))
        return int(plain.write(file, content, count, offset))

    def truncate(file: int, size: int) -> int:
        disk._note(Event("truncate", disk._open[file][0], size))
        return int(plain.truncate(file, size))

    def sync(file: int, flags: int) -> int:
        result = int(plain.sync(file, flags))
        if result == SQLITE_OK:
            disk._note(Event("sync", disk._open[file][0]))
        return result

    def close(file: int) -> int:
        del disk._open[file]
        return int(plain.close(file))

    methods.write, methods.truncate = _Write(write), _Truncate(truncate)
    methods.sync, methods.close = _Sync(sync), _Close(close)
    return methods
