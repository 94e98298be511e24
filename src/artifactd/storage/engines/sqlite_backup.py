"""Backup and restore of a SQLite store, both by SQLite's online backup, which copies pages inside transactions.

A backup holds one read transaction on the store from its first page to its last, so that it shows one moment and never
has to begin again, however much is written meanwhile. A restore copies into the very file that is to be replaced, under
its exclusive lock and in one transaction. Renaming another file over it would look simpler and be worse: a server that
opened the old file a moment before would go on writing to it, where nobody finds what it wrote.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import apsw

from artifactd.errors import Aborted, AlreadyExists, InvalidArgument, NotFound, Unavailable, quoted
from artifactd.storage.backup import BackupProgress, StoreContents
from artifactd.storage.engines.sqlite import database_path
from artifactd.storage.migrate import SCHEMA_VERSION

_PAGES_PER_STEP = 1_024
_STEPS_BETWEEN_SIGNALS = 1_000_000
_BUSY_TIMEOUT_MS = 5_000
_SIDECARS = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database while it is open, and leaves there after a crash."""
_TABLES: Final = {"alembic_version", "namespaces", "counts", "artifacts", "tasks", "metrics"}
"""Tables that every store of ours has; other programs keep an `alembic_version` too."""


def backup_sqlite(url: str, file: Path, *, replace: bool, progress: BackupProgress) -> StoreContents:
    """See `artifactd.storage.backup.backup_store`."""
    named, vfs = database_path(url)
    # Behind a link stands the file that is meant, and what SQLite puts beside a database it puts beside that one.
    path, file = named.resolve(), file.resolve()
    if not path.is_file() or not path.stat().st_size:
        raise NotFound(f"there is no store at {_shown(path)}")
    _refuse_occupied(path, file, replace=replace)
    with _telling(path), contextlib.closing(_open(path, apsw.SQLITE_OPEN_READWRITE, vfs)) as source:
        source.set_busy_timeout(_BUSY_TIMEOUT_MS)
        source.execute("BEGIN")
        # The first read fixes the moment that the backup shows.
        _schema_version(source, path)
        with _telling(file), _file_beside(file) as partial:
            contents = _write_file(source, path, partial, progress)
            partial.chmod(stat.S_IMODE(path.stat().st_mode))
            _sync(partial)
            _refuse_occupied(path, file, replace=replace)
            _put_in_place(partial, file, replace=replace)
    return contents


def restore_sqlite(file: Path, url: str, *, replace: bool, progress: BackupProgress) -> StoreContents:
    """See `artifactd.storage.backup.restore_store`."""
    named, vfs = database_path(url)
    path, file = named.resolve(), file.resolve()
    if path.exists() and file.exists() and path.samefile(file):
        raise InvalidArgument(f"{_shown(file)} is the store itself")
    _refuse_full(path, replace=replace)
    with _telling(file), contextlib.closing(_open_backup(file)) as source:
        version = _schema_version(source, file)
        if version > SCHEMA_VERSION:
            raise InvalidArgument(
                f"{_shown(file)} has the schema version {version}, and this artifactd knows up to {SCHEMA_VERSION}: "
                "use a newer artifactd"
            )
        with _telling(path):
            if path.exists():
                # A store that is served is refused before anything takes long.
                _hold(path, vfs).close()
        _check(source, file, progress)
        with _telling(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(_hold(path, vfs)) as target:
                _refuse_full(path, replace=replace)
                return _fill(target, path, source, progress)


def _fill(target: apsw.Connection, path: Path, source: apsw.Connection, progress: BackupProgress) -> StoreContents:
    """Replaces the contents of a database that is held, in one transaction."""
    for suffix in _SIDECARS[:2]:
        # No one can be using them: who has a write-ahead log open holds the database's shared lock.
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    target.execute("PRAGMA synchronous = EXTRA").fetchall()
    if sys.platform == "darwin":  # pragma: no cover
        target.execute("PRAGMA fullfsync = 1").fetchall()
    _copy(source, target, progress)
    target.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 0)
    with contextlib.suppress(apsw.Error):
        # As every store is, so that a backup of it does not keep a server from starting. All is in place without it.
        target.execute("PRAGMA journal_mode = WAL").fetchall()
    return _contents(target, path)


def _hold(path: Path, vfs: str | None) -> apsw.Connection:
    """Opens a database that nobody else has open, without a write-ahead log, and keeps everybody else out.

    Whoever has a store with a write-ahead log open, even idly, holds a shared lock on it, which an exclusive one
    does not go with. What a log left by a crash holds is moved into the database first.

    Raises:
        Aborted: another program has it open.
    """
    connection = _open(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE, vfs)
    try:
        try:
            _lock(connection)
        except (apsw.NotADBError, apsw.CorruptError):
            # It is to be replaced because it is damaged: then SQLite is told not to look at what it holds.
            connection.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 1)
            _lock(connection)
    except BaseException as error:
        connection.close()
        if isinstance(error, apsw.BusyError):
            raise Aborted(f"{_shown(path)} is open in another program: stop the server that uses it first") from error
        raise
    return connection


def _lock(connection: apsw.Connection) -> None:
    for statement in (
        "PRAGMA locking_mode = EXCLUSIVE",
        "BEGIN EXCLUSIVE",
        "ROLLBACK",
        "PRAGMA journal_mode = DELETE",
    ):
        connection.execute(statement).fetchall()


def _write_file(source: apsw.Connection, store: Path, partial: Path, progress: BackupProgress) -> StoreContents:
    """Copies a database into a new file, which then needs no other one beside it, and checks it."""
    with contextlib.closing(_open(partial, apsw.SQLITE_OPEN_READWRITE)) as target:
        # A file that fails is thrown away, and one that is whole is synced once, at its end.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = OFF", "synchronous = OFF"):
            target.execute(f"PRAGMA {pragma}").fetchall()
        _copy(source, target, progress)
        # The copy says of itself that a write-ahead log goes with it, as the original does.
        target.execute("PRAGMA journal_mode = DELETE").fetchall()
        _check(target, store, progress)
        return _contents(target, store)


def _copy(source: apsw.Connection, target: apsw.Connection, progress: BackupProgress) -> None:
    with target.backup("main", source, "main") as copying:
        while not copying.done:
            copying.step(_PAGES_PER_STEP)
            progress("copying", copying.page_count - copying.remaining, copying.page_count)


def _check(connection: apsw.Connection, path: Path, progress: BackupProgress) -> None:
    """Raises InvalidArgument where SQLite finds damage: pages missing, torn, or in no order."""
    progress("checking", 0, 0)
    # Without a callback now and then, Ctrl-C would wait for the end of the check.
    connection.set_progress_handler(lambda: False, _STEPS_BETWEEN_SIGNALS)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchall()
    finally:
        connection.set_progress_handler(None)
    if found != [("ok",)]:
        raise InvalidArgument(f"{_shown(path)} is damaged: {found[0][0]}")


def _schema_version(connection: apsw.Connection, path: Path) -> str:
    """The version of a store's schema. Raises InvalidArgument where the file is no store of ours."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    versions = connection.execute("SELECT version_num FROM alembic_version").fetchall() if tables >= _TABLES else []
    if len(versions) != 1:
        raise InvalidArgument(f"{_shown(path)} is a database of another program, not a store of artifactd's")
    return str(versions[0][0])


def _contents(connection: apsw.Connection, path: Path) -> StoreContents:
    counts = connection.execute("SELECT noun, sum(total) FROM counts GROUP BY noun ORDER BY noun").fetchall()
    size_bytes = connection.pragma("page_count") * connection.pragma("page_size")
    version = _schema_version(connection, path)
    held = {str(noun): int(str(total)) for noun, total in counts}
    return StoreContents(version, version < SCHEMA_VERSION, held, size_bytes)


def _open(path: Path | str, flags: int, vfs: str | None = None) -> apsw.Connection:
    return apsw.Connection(str(path), flags, vfs=vfs)


def _open_backup(file: Path) -> apsw.Connection:
    """Opens a backup in such a way that nothing is written beside it, so that it may lie on a read-only disk.

    Raises:
        NotFound: there is no such file.
        InvalidArgument: it is not whole without another file beside it.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {_shown(file)}")
    if beside := _sidecar_of(file):
        raise InvalidArgument(
            f"beside {_shown(file)} lies {beside.name}: it is a store in use, or a copy of one that is not whole. "
            "Make a backup of a store with `artifactd backup`"
        )
    uri = f"file:{quote(str(file))}?immutable=1"
    return _open(uri, apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)


def _sidecar_of(file: Path) -> Path | None:
    """A file beside it that SQLite would take to belong to it, if there is one with anything in it."""
    paths = [file.with_name(file.name + suffix) for suffix in _SIDECARS]
    return next((path for path in paths if path.exists() and path.stat().st_size), None)


def _refuse_full(path: Path, *, replace: bool) -> None:
    if path.exists() and not path.is_file():
        raise InvalidArgument(f"{_shown(path)} is not a file")
    if path.exists() and path.stat().st_size and not replace:
        raise AlreadyExists(f"{_shown(path)} holds a store already: name another, or say --force to replace it")


def _refuse_occupied(store: Path, file: Path, *, replace: bool) -> None:
    if not file.parent.is_dir():
        raise InvalidArgument(f"there is no folder {_shown(file.parent)}")
    if beside := _sidecar_of(file):
        raise AlreadyExists(
            f"{_shown(file)} is a database in use, or was one, for {beside.name} lies beside it: name another file"
        )
    if not file.exists():
        return
    if not file.is_file():
        raise InvalidArgument(f"{_shown(file)} is not a file")
    if file.samefile(store):
        raise InvalidArgument(f"{_shown(file)} is the store itself")
    if not replace:
        raise AlreadyExists(f"{_shown(file)} exists: name another file, or say --force to replace it")


@contextlib.contextmanager
def _file_beside(file: Path) -> Iterator[Path]:
    """A new file in the same folder, which is gone at the end unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=".artifactd-backup-", suffix=".partial", dir=file.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
    finally:
        for suffix in ("", *_SIDECARS):
            Path(f"{partial}{suffix}").unlink(missing_ok=True)


def _put_in_place(partial: Path, file: Path, *, replace: bool) -> None:
    if replace:
        partial.replace(file)
    else:
        try:
            # Unlike a rename, this fails where somebody else has made the file meanwhile.
            os.link(partial, file)
            partial.unlink()
        except FileExistsError:
            raise AlreadyExists(f"{_shown(file)} exists: name another file, or say --force to replace it") from None
        except OSError:  # pragma: no cover
            # A file system without links. What can be known was looked at just before.
            partial.rename(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        if sys.platform == "darwin":  # pragma: no cover
            import fcntl

            # There, a plain fsync leaves data in the drive's cache.
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
        else:
            os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Turns what the driver and the disk say into errors of ours."""
    try:
        yield
    except apsw.NotADBError as error:
        raise InvalidArgument(f"{_shown(path)} is no SQLite database") from error
    except apsw.CorruptError as error:
        raise InvalidArgument(f"{_shown(path)} is damaged: {error}") from error
    except apsw.FullError as error:
        raise Unavailable("the disk is full; nothing was changed") from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise Unavailable(f"another program holds {_shown(path)}", retry_after_s=1) from error
    except (apsw.Error, OSError) as error:
        raise Unavailable(f"cannot go on with {_shown(path)}: {error}; nothing was changed") from error


def _shown(path: Path) -> str:
    return quoted(str(path), 4_096)
