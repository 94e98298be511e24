"""Copying from and to PostgreSQL by COPY in its binary form; see `artifactd.storage.engines.bulk`."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import Boolean, Index, Integer, LargeBinary, SmallInteger, Table, Text, func, literal, select, text
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.sqltypes import BigInteger

from artifactd.storage.engines.bulk import SILENCE_MAX_S, DriverErrors, everything
from artifactd.storage.engines.postgresql import DIALECT, connection_string, server_schema
from artifactd.storage.engines.transaction import NOTHING, ServerTransaction
from artifactd.storage.statements import Insert, Row, Statement, StatementCache, Values
from artifactd.storage.types import Binary64

_ERRORS = DriverErrors(
    (psycopg.Error,), (psycopg.OperationalError, psycopg.InterfaceError), (psycopg.errors.UniqueViolation,)
)
_TYPES: tuple[tuple[type[Any], str], ...] = (
    (Binary64, "float8"),
    (Boolean, "bool"),
    (SmallInteger, "int2"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (LargeBinary, "bytea"),
)
"""PostgreSQL's name of each type of column, the first that fits; any other is a text."""


class _Transaction(ServerTransaction):
    """Runs statements one by one, on a connection of which a copy takes what it needs.

    See `artifactd.storage.statements.Transaction`.
    """

    __slots__ = ("_connection",)

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__(StatementCache(), 0, None)
        self._connection = connection

    def rows(self, statement: Statement, values: Values = NOTHING) -> list[Row]:
        """All rows of a statement."""
        return self._connection.execute(cast("Any", statement.sql(DIALECT)), values).fetchall()

    def run(self, statement: Statement, values: Values) -> None:
        """Runs a statement that gives no rows."""
        self._connection.execute(cast("Any", statement.sql(DIALECT)), values)

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """The rows of a statement, fetched some at a time."""
        with self._connection.cursor(name="stream") as cursor:
            cursor.execute(cast("Any", statement.sql(DIALECT)), values)
            yield from cursor

    def insert(self, statement: Insert, values: Values) -> int:
        """Inserts a row and gives its number."""
        ((number,),) = self.rows(statement, values)
        return int(number)

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Nothing to wait for: nobody else knows of a store that is being filled."""
        del name, shared
        return False


class PostgresqlSnapshot:
    """A database as of one moment."""

    def __init__(self, where: str, connection: psycopg.Connection[Any]) -> None:
        self.transaction = _Transaction(connection)
        self._where = where
        self._connection = connection

    def rows(self, table: Table) -> Generator[Row, None, None]:
        """All rows of a table in the order of its key, sent as they are taken."""
        sql = f"COPY ({Statement(everything(table)).sql(DIALECT)}) TO STDOUT (FORMAT BINARY)"
        told = _ERRORS.told(self._where, f"reading {table.name} of")
        with told, self._connection.cursor() as cursor, cursor.copy(cast("Any", sql)) as rows:
            rows.set_types(_type_names(table))
            yield from rows.rows()


class PostgresqlLoader:
    """Fills a database."""

    def __init__(self, where: str, connection: psycopg.Connection[Any]) -> None:
        self._where = where
        self._connection = connection

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        """Keeps rows in one transaction."""
        names = ", ".join(DIALECT.identifier_preparer.quote(column.name) for column in table.c)
        sql = f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)"
        told, connection = _ERRORS.told(self._where, f"writing {table.name} of"), self._connection
        with told, connection.transaction(), connection.cursor() as cursor, cursor.copy(cast("Any", sql)) as copy:
            copy.set_types(_type_names(table))
            for row in rows:
                copy.write_row(row)


class PostgresqlBulk:
    """A database. Raises InvalidArgument for a bad URL."""

    index_names = Statement(text("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"))

    def __init__(self, url: str) -> None:
        self.schema = server_schema(url)
        self._conninfo = connection_string(url)

    @contextmanager
    def snapshot(self) -> Iterator[PostgresqlSnapshot]:
        """A transaction that sees one moment."""
        with self._connected("reading") as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield PostgresqlSnapshot(self.schema.where, connection)

    @contextmanager
    def loader(self) -> Iterator[PostgresqlLoader]:
        """A connection whose commits need not be on disk at once: the last step brings them there."""
        with self._connected("writing") as connection:
            connection.execute("SET synchronous_commit = off")
            yield PostgresqlLoader(self.schema.where, connection)

    @contextmanager
    def changes(self) -> Iterator[_Transaction]:
        """A transaction whose commit is on disk, with all those before it."""
        with self._connected("changing") as connection, connection.transaction():
            yield _Transaction(connection)

    def make_indexes(self, table: Table, indexes: Sequence[Index]) -> None:
        """Makes each in a transaction of its own."""
        del table
        for index in indexes:
            with self.changes() as transaction:
                transaction.run(Statement(CreateIndex(index)), {})

    def settle(self, tables: Sequence[Table]) -> None:
        """Lets the numbers go on behind the largest, and the planner know what is there."""
        with self.changes() as transaction:
            for table in tables:
                number = table.autoincrement_column
                if number is not None:
                    sequence = func.pg_get_serial_sequence(
                        *(literal(name, Text()) for name in (table.name, number.name))
                    )
                    largest = select(func.max(number)).scalar_subquery()
                    transaction.row(Statement(select(func.setval(sequence, largest))))
                transaction.run(Statement(text(f"ANALYZE {table.name}")), {})

    @contextmanager
    def _connected(self, doing: str) -> Iterator[psycopg.Connection[Any]]:
        with _ERRORS.told(self.schema.where, doing):
            # A server that is slow to take rows in is not one that is cut off.
            timeout_ms = str(SILENCE_MAX_S * 1_000)
            connection = psycopg.connect(self._conninfo, autocommit=True, tcp_user_timeout=timeout_ms)
            try:
                connection.execute(
                    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
                    "SET timezone = 'UTC'; SET jit = off"
                )
                yield connection
            finally:
                connection.close()


def _type_names(table: Table) -> list[str]:
    return [next((name for kind, name in _TYPES if isinstance(c.type, kind)), "text") for c in table.c]
