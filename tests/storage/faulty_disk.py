"""A disk that fails, fills up or stalls when it is told to: a SQLite file system layer for `?vfs=`."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import apsw

FULL = apsw.FullError
BROKEN = apsw.IOError


class FaultyDisk(apsw.VFS):
    """Passes everything on to the real disk, but for what it is told.

    A log of events tells the order of what happened: `("write", "store.db-wal")`, `("sync", "store.db-wal")`, and
    whatever else a test puts in.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self.name = name
        self.events: list[tuple[str, str]] = []
        self.write_error: type[apsw.Error] | None = None
        self.sync_error: type[apsw.Error] | None = None
        self.stalled_at = ""
        """The end of the name of the file whose syncs stall."""
        self.stalls = threading.Event()
        self.goes_on = threading.Event()

    def url(self, path: Path) -> str:
        """The URL of a store on this disk."""
        return f"sqlite:///{path}?vfs={self.name}"

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Opens a file on the real disk."""
        return _File(self, name, flags)

    def at_write(self, file: str) -> None:
        """Is called before each write."""
        self.events.append(("write", file))
        if self.write_error is not None:
            raise self.write_error(f"the disk refuses to write {file}")

    def at_sync(self, file: str) -> None:
        """Is called before each sync."""
        if self.stalled_at and file.endswith(self.stalled_at):
            self.stalls.set()
            assert self.goes_on.wait(30)
        if self.sync_error is not None:
            raise self.sync_error(f"the disk refuses to sync {file}")


class _File(apsw.VFSFile):
    def __init__(self, disk: FaultyDisk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Writes, unless the disk refuses."""
        self._disk.at_write(self._name)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Syncs, unless the disk refuses."""
        self._disk.at_sync(self._name)
        super().xSync(flags)
        self._disk.events.append(("sync", self._name))
