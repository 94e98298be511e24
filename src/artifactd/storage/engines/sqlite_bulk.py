"""Copying from and to a SQLite file; see `artifactd.storage.engines.bulk`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
from sqlalchemy import Index, Table, insert, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from artifactd.errors import InvalidArgument, Unavailable, quoted
from artifactd.storage.engines.bulk import DriverErrors, everything
from artifactd.storage.engines.sqlite import database_path
from artifactd.storage.engines.sqlite_connection import SqliteTransaction, connector
from artifactd.storage.engines.sqlite_schema import SqliteSchema
from artifactd.storage.engines.sqlite_statistics import write_statistics
from artifactd.storage.statements import Row, Statement, StatementCache

_POSITIONAL = sqlite.dialect(paramstyle="qmark")
_CACHE_BYTES = 64 << 20
_LOG_PAGES_MAX = 4_096
_BUSY_TIMEOUT_MS = 5_000
_ERRORS = DriverErrors((apsw.Error,), (apsw.Error,), (apsw.ConstraintError,))


class SqliteSnapshot:
    """A file as of one moment."""

    def __init__(self, where: str, connection: apsw.Connection) -> None:
        self.transaction = SqliteTransaction(connection, StatementCache())
        self._where = where

    def rows(self, table: Table) -> Generator[Row, None, None]:
        """All rows of a table in the order of its key."""
        with _ERRORS.told(self._where, f"reading {table.name} of"):
            yield from self.transaction.stream(Statement(everything(table)), {})


class SqliteLoader:
    """Fills a file."""

    def __init__(self, where: str, connection: apsw.Connection) -> None:
        self._where = where
        self._connection = connection

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        """Keeps rows in one transaction."""
        sql = str(insert(table).compile(dialect=_POSITIONAL))
        with _ERRORS.told(self._where, f"writing {table.name} of"), self._connection:
            self._connection.executemany(sql, rows)


class SqliteBulk:
    """A file.

    Raises:
        InvalidArgument: a bad URL, or no such file where it is not to be made.
        Unavailable: it cannot be made.
    """

    index_names = Statement(text("SELECT name FROM sqlite_schema WHERE type = 'index'"))

    def __init__(self, url: str, *, make: bool) -> None:
        path, vfs = database_path(url)
        self._where = str(path)
        if make:
            # Only the last step, which says that the copy is whole, has to be on disk at once: it brings all along.
            self._connect = connector(path, vfs, "NORMAL", _CACHE_BYTES)
            self._connect_durably = connector(path, vfs, "FULL", _CACHE_BYTES)
            self._make_folder(path.parent)
        elif path.exists():
            self._connect = self._connect_durably = _reader(path, vfs)
        else:
            raise InvalidArgument(f"there is no file {quoted(str(path), 4_096)} to copy")
        with _ERRORS.told(self._where, "opening"):
            self._connect().close()
        self.schema = SqliteSchema(path, self._connect)

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"opening {quoted(self._where, 4_096)} failed: {error.strerror}") from error

    @contextmanager
    def snapshot(self) -> Iterator[SqliteSnapshot]:
        """A read transaction, which sees the file as it is at the first look."""
        with _ERRORS.told(self._where, "reading"), closing(self._connect()) as connection:
            connection.execute("BEGIN")
            yield SqliteSnapshot(self._where, connection)

    @contextmanager
    def loader(self) -> Iterator[SqliteLoader]:
        """A connection that moves the write-ahead log into the file by itself."""
        with _ERRORS.told(self._where, "writing"), closing(self._connect()) as connection:
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES_MAX}").fetchall()
            yield SqliteLoader(self._where, connection)

    @contextmanager
    def changes(self) -> Iterator[SqliteTransaction]:
        """A transaction, by the driver that everything else uses.

        Two copies of SQLite in one program must not have the same file open: one takes away the other's locks.
        """
        with _ERRORS.told(self._where, "changing"), closing(self._connect_durably()) as connection, connection:
            yield SqliteTransaction(connection, StatementCache())

    def make_indexes(self, table: Table, indexes: Sequence[Index]) -> None:
        """Makes each in a transaction of its own."""
        del table
        for index in indexes:
            with self.changes() as transaction:
                transaction.run(Statement(CreateIndex(index)), {})

    def settle(self, tables: Sequence[Table]) -> None:
        """Tells the planner what it is always told; rows are numbered behind the largest anyway."""
        del tables
        with _ERRORS.told(self._where, "writing"), closing(self._connect()) as connection:
            write_statistics(connection)


def _reader(path: Path, vfs: str | None) -> Callable[[], apsw.Connection]:
    """A function that opens one more connection to a file for reading, and leaves its form as it is."""

    def connect() -> apsw.Connection:
        connection = apsw.Connection(str(path), apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
        connection.set_busy_timeout(_BUSY_TIMEOUT_MS)
        connection.execute("PRAGMA query_only = 1")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchall()
        return connection

    return connect
