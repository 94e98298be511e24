"""What a function runs its statements on, where they go to a database server."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy.engine.interfaces import Dialect

from artifactd.storage.engines.driver import OverTimeError
from artifactd.storage.statements import Row, Statement, StatementCache, Values

_EMPTY: Values = {}


class ServerTransaction:
    """What the engines' transactions share; see `artifactd.storage.statements.Transaction`."""

    __slots__ = ("_deadline", "connection", "cursor", "shapes", "stripe")
    dialect: ClassVar[Dialect]

    def __init__(self, connection: Any, shapes: StatementCache, stripe: int, timeout_s: float | None) -> None:
        self.connection = connection
        self.cursor = connection.cursor()
        self.shapes = shapes
        self.stripe = stripe
        self._deadline = None if timeout_s is None else time.monotonic() + timeout_s

    def check_time(self) -> None:
        """Raises OverTimeError once the transaction is over its time limit."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise OverTimeError

    def rows(self, statement: Statement, values: Values = _EMPTY) -> list[Row]:
        """All rows of a statement."""
        self.check_time()
        self.cursor.execute(statement.sql(self.dialect), values)
        found: list[Row] = self.cursor.fetchall()
        return found

    def row(self, statement: Statement, values: Values = _EMPTY) -> Row | None:
        """The first row of a statement, if any."""
        self.check_time()
        self.cursor.execute(statement.sql(self.dialect), values)
        found: Row | None = self.cursor.fetchone()
        return found

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs a statement that gives no rows once for each set of values, in their order."""
        for one in values:
            self.run(statement, one)

    def run(self, statement: Statement, values: Values) -> None:
        """Runs a statement that gives no rows."""
        self.check_time()
        self.cursor.execute(statement.sql(self.dialect), values)
