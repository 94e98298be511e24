"""A connection to a SQLite file: how it is opened, how statements run on it, what its errors mean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import apsw
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from artifactd.errors import ServiceError, Unavailable
from artifactd.storage.statements import (
    ConstantsInText,
    Insert,
    Key,
    ReadFunction,
    Result,
    Row,
    Statement,
    StatementCache,
    Sums,
    Values,
)


class _Compiler(ConstantsInText, SQLiteCompiler):  # type: ignore[misc]  # One overrides the other's method.
    """SQLite's compiler, with constants in the text."""


DIALECT = sqlite_dialect.dialect(paramstyle="named")
DIALECT.statement_compiler = _Compiler
_BUSY_TIMEOUT_MS = 5_000
_EMPTY: Values = {}


class SqliteTransaction:
    """Runs statements on one connection; see `artifactd.storage.statements.Transaction`.

    One may serve for several transactions: namespaces stay. What is rolled back has to be forgotten, and `sums` has to
    be run before each is committed.
    """

    __slots__ = ("_connection", "_shapes", "known_namespaces", "sums")

    def __init__(self, connection: apsw.Connection, shapes: StatementCache) -> None:
        self._connection = connection
        self._shapes = shapes
        self.known_namespaces: set[str] = set()
        self.sums = Sums()

    @property
    def stripe(self) -> int:
        """The only one."""
        return 0

    @property
    def shapes(self) -> StatementCache:
        """The engine's cache of statements that depend on the request."""
        return self._shapes

    def rows(self, statement: Statement, values: Values = _EMPTY) -> list[Row]:
        """All rows of a statement."""
        return self._connection.execute(statement.sql(DIALECT), values).fetchall()

    def row(self, statement: Statement, values: Values = _EMPTY) -> Row | None:
        """The first row of a statement, if any."""
        return self._connection.execute(statement.sql(DIALECT), values).fetchone()

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """The rows of a statement, one after the other."""
        yield from self._connection.execute(statement.sql(DIALECT), values)

    def run(self, statement: Statement, values: Values) -> None:
        """Runs a statement that gives no rows."""
        self._connection.execute(statement.sql(DIALECT), values)

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs a statement that gives no rows once for each set of values."""
        self._connection.executemany(statement.sql(DIALECT), values)

    def add_up(self, statement: Statement, key: Key, added: int) -> None:
        """Adds to a number that is kept, at the end of the transaction."""
        self.sums.add(statement, key, added)

    def forget(self) -> None:
        """Forgets what has been rolled back."""
        self.known_namespaces.clear()
        self.sums.forget()

    def insert(self, statement: Insert, values: Values) -> int:
        """Inserts a row and gives its number."""
        self._connection.execute(statement.sql(DIALECT), values)
        return self._connection.last_insert_rowid()

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Nothing to wait for: writes run one after the other."""
        del name, shared
        return False


def connector(path: Path, vfs: str | None, synchronous: str, cache_bytes: int) -> Callable[[], apsw.Connection]:
    """A function that opens one more connection to a file, tuned as ours are.

    The write-ahead log is moved into the database by `SqliteStore` alone, so no commit ever waits for it.
    """

    def connect() -> apsw.Connection:
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = apsw.Connection(str(path), flags, vfs=vfs)
        connection.set_busy_timeout(_BUSY_TIMEOUT_MS)
        # Else SQLite looks at the value of each LIMIT, and compiles the statement anew whenever another is bound.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        pragmas = [
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "wal_autocheckpoint = 0",
            f"cache_size = -{cache_bytes // 1024}",
            "temp_store = MEMORY",
        ]
        if sys.platform == "darwin":  # pragma: no cover
            # There, a plain fsync leaves data in the drive's cache.
            pragmas.append("fullfsync = 1")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    return connect


def read_on(connection: apsw.Connection, shapes: StatementCache, function: ReadFunction[Result]) -> Result:
    """Runs a function on one consistent view of a connection.

    Raises:
        Unavailable: SQLite failed, or the connection's time limit stopped it.
    """
    try:
        connection.execute("BEGIN")
        try:
            return function(SqliteTransaction(connection, shapes))
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")
    except apsw.Error as error:
        raise as_service_error(error, "reading") from error


def as_service_error(error: apsw.Error, doing: str) -> ServiceError:
    """What a driver's error means for a client; the driver's text stays in the log as the error's cause."""
    if isinstance(error, apsw.InterruptError):
        return Unavailable(
            f"{doing} took longer than allowed and was stopped: narrow the filter, or ask for a namespace or for ids"
        )
    if isinstance(error, apsw.FullError):
        return Unavailable("the store's disk is full; nothing was changed", retry_after_s=30)
    if isinstance(error, (apsw.BusyError, apsw.LockedError)):
        return Unavailable("another program holds the store; nothing was changed", retry_after_s=1)
    return Unavailable(f"the store failed while {doing}", retry_after_s=5)
