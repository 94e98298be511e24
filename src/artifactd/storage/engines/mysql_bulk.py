"""Copying from and to MariaDB and MySQL; see `artifactd.storage.engines.bulk`."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.cursors import SSCursor
from sqlalchemy import Index, Table, insert, text
from sqlalchemy.dialects.mysql.base import MySQLDialect

from artifactd.storage.engines.bulk import SILENCE_MAX_S, DriverErrors, everything
from artifactd.storage.engines.driver import Purpose
from artifactd.storage.engines.mysql import DIALECT, MysqlDriver, MysqlTransaction, mysql_address, server_schema
from artifactd.storage.statements import Row, Statement, StatementCache
from artifactd.storage.store import StoreOptions

_POSITIONAL = MySQLDialect(paramstyle="format")
_WITHOUT_LIMIT_S = 30 * 86_400.0
_ERRORS = DriverErrors((pymysql.Error,), (pymysql.OperationalError, pymysql.InterfaceError), (pymysql.IntegrityError,))


class MysqlSnapshot:
    """A database as of one moment."""

    def __init__(self, where: str, driver: MysqlDriver, connection: Any) -> None:
        self.transaction = MysqlTransaction(connection, StatementCache(), 0, None)
        self._where = where
        self._driver = driver
        self._connection = connection

    def rows(self, table: Table) -> Generator[Row, None, None]:
        """All rows of a table in the order of its key, sent as they are taken."""
        cursor = self._connection.cursor(SSCursor)
        finished = False
        try:
            with _ERRORS.told(self._where, f"reading {table.name} of"):
                cursor.execute(Statement(everything(table)).sql(DIALECT))
                while row := cursor.fetchone():
                    yield row
            finished = True
        finally:
            if not finished:
                # The driver would read all that is left of the table before it lets go of the cursor.
                self._driver.interrupt(self._connection)
                if cursor._result is not None:  # noqa: SLF001
                    cursor._result.unbuffered_active = False  # noqa: SLF001
            cursor.close()


class MysqlLoader:
    """Fills a database."""

    def __init__(self, where: str, driver: MysqlDriver, connection: Any) -> None:
        self._where = where
        self._driver = driver
        self._connection = connection

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        """Keeps rows in one transaction, many in a statement: the driver cuts it where it gets too long."""
        sql = str(insert(table).compile(dialect=_POSITIONAL))
        with _ERRORS.told(self._where, f"writing {table.name} of"), self._connection.cursor() as cursor:
            self._driver.begin(self._connection, Purpose.WRITE, alone=False)
            self._connection.start()
            cursor.executemany(sql, rows)
            self._driver.commit(self._connection, Purpose.WRITE)


class MysqlBulk:
    """A database. Raises InvalidArgument for a bad URL."""

    index_names = Statement(
        text("SELECT index_name FROM information_schema.statistics WHERE table_schema = database()")
    )

    def __init__(self, url: str) -> None:
        self.schema = server_schema(url, silence_max_s=SILENCE_MAX_S)
        patient = mysql_address(url).waiting(SILENCE_MAX_S)
        self._driver = MysqlDriver(patient, StoreOptions(scan_timeout_s=_WITHOUT_LIMIT_S))

    @contextmanager
    def snapshot(self) -> Iterator[MysqlSnapshot]:
        """A transaction that sees one moment."""
        with self._connected(Purpose.READ, "reading") as connection:
            connection.query(f"SET SESSION net_write_timeout = {SILENCE_MAX_S}")
            self._driver.begin(connection, Purpose.READ, alone=False)
            connection.start()
            yield MysqlSnapshot(self.schema.where, self._driver, connection)

    @contextmanager
    def loader(self) -> Iterator[MysqlLoader]:
        """A connection that writes."""
        with self._connected(Purpose.WRITE, "writing") as connection:
            yield MysqlLoader(self.schema.where, self._driver, connection)

    @contextmanager
    def changes(self) -> Iterator[MysqlTransaction]:
        """A transaction; a change of tables ends it, and is kept by itself."""
        with self._connected(Purpose.WRITE, "changing") as connection:
            self._driver.begin(connection, Purpose.WRITE, alone=False)
            yield MysqlTransaction(connection, StatementCache(), 0, None)
            self._driver.commit(connection, Purpose.WRITE)

    def make_indexes(self, table: Table, indexes: Sequence[Index]) -> None:
        """Makes all of them at once: each statement reads the whole table."""
        quote = DIALECT.identifier_preparer.quote
        added = [
            f"ADD {'UNIQUE ' if index.unique else ''}INDEX {quote(str(index.name))} "
            f"({', '.join(quote(column.name) for column in index.columns)})"
            for index in indexes
        ]
        with self.changes() as transaction:
            transaction.run(Statement(text(f"ALTER TABLE {table.name} {', '.join(added)}")), {})

    def settle(self, tables: Sequence[Table]) -> None:
        """Nothing: numbers go on behind the largest, and the planner's figures are kept by the server."""

    @contextmanager
    def _connected(self, purpose: Purpose, doing: str) -> Iterator[Any]:
        with _ERRORS.told(self.schema.where, doing):
            connection = self._driver.connect(purpose)
            try:
                yield connection
            finally:
                self._driver.close(connection)
