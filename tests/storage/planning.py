"""A full store of each engine, and the plans of what functions run on it; nothing that they write is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from storage.filled_store import Filled
from storage.plans import Noted, Noting, Plan, generic_plan, plan

from artifactd.storage.engines.driver import Purpose
from artifactd.storage.engines.mysql import MysqlDriver, mysql_address
from artifactd.storage.engines.postgresql import PostgresqlDriver
from artifactd.storage.engines.sqlite_connection import SqliteTransaction, connector
from artifactd.storage.statements import StatementCache, Transaction
from artifactd.storage.store import StoreOptions


class Planned:
    """A full store, on one connection as the program makes it."""

    def __init__(self, filled: Filled, connection: Any, begin: Callable[[], Any], rollback: Callable[[], Any]) -> None:
        self.engine = filled.engine
        self._connection = connection
        self._begin = begin
        self._rollback = rollback
        self._shapes = StatementCache()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A transaction, of which nothing is kept."""
        self._begin()
        try:
            yield self._transaction()
        finally:
            self._rollback()

    def _transaction(self) -> Any:
        if self.engine == "sqlite":
            return SqliteTransaction(self._connection, self._shapes)
        driver = _driver(self.engine, "")
        return driver.transaction(self._connection, self._shapes, 0, Purpose.WRITE)

    def plans(self, *functions: Callable[[Transaction], Any], generic: bool = False) -> list[Plan]:
        """The plans of what functions run: of each statement the first and the last time.

        Args:
            generic: those that PostgreSQL makes without looking at the values.
        """
        with self.transaction() as transaction:
            noting = Noting(transaction)
            for function in functions:
                function(noting)
            chosen = _first_and_last(noting.noted)
            if generic:
                return [generic_plan(transaction, noted) for noted in chosen]
            return [plan(self.engine, transaction, noted) for noted in chosen]


def _first_and_last(noted: list[Noted]) -> list[Noted]:
    times: dict[int, list[Noted]] = {}
    for item in noted:
        times.setdefault(id(item.statement), []).append(item)
    return [item for same in times.values() for item in ([same[0], same[-1]] if len(same) > 1 else same)]


def _driver(engine: str, url: str) -> Any:
    options = StoreOptions()
    if engine == "postgresql":
        return PostgresqlDriver(url or "postgresql://", options)
    return MysqlDriver(mysql_address(url or "mysql://localhost/test"), options)


@contextmanager
def planned(filled: Filled, purpose: Purpose = Purpose.WRITE) -> Iterator[Planned]:
    """A connection to a full store."""
    if filled.engine == "sqlite":
        with closing(connector(Path(filled.url.removeprefix("sqlite:///")), None, "OFF", 1 << 20)()) as connection:
            yield Planned(
                filled, connection, lambda: connection.execute("BEGIN"), lambda: connection.execute("ROLLBACK")
            )
        return
    driver = _driver(filled.engine, filled.url)
    connection = driver.connect(purpose)
    yield Planned(
        filled, connection, partial(driver.begin, connection, purpose, alone=False), lambda: driver.rollback(connection)
    )
    driver.close(connection)
