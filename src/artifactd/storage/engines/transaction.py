"""What a function runs its statements on, where they go to a database server."""

from __future__ import annotations

import time
from collections.abc import Sequence

from artifactd.storage.engines.driver import OverTimeError
from artifactd.storage.statements import Key, Row, Statement, StatementCache, Sums, Values

NOTHING: Values = {}
"""The values of a statement without parameters."""


class ServerTransaction:
    """What the engines' transactions share; see `artifactd.storage.statements.Transaction`.

    What gives no rows is only put on its way: it travels with the next statement that gives some, or with the end of
    the transaction. Should it fail, that statement raises the error, and nothing behind it has been run.
    """

    __slots__ = ("_deadline", "known_namespaces", "shapes", "stripe", "sums")

    def __init__(self, shapes: StatementCache, stripe: int, timeout_s: float | None) -> None:
        self.shapes = shapes
        self.stripe = stripe
        self.known_namespaces: set[str] = set()
        self.sums = Sums()
        self._deadline = None if timeout_s is None else time.monotonic() + timeout_s

    def check_time(self) -> None:
        """Raises OverTimeError once the transaction is over its time limit."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise OverTimeError

    def rows(self, statement: Statement, values: Values = NOTHING) -> list[Row]:
        """All rows of a statement."""
        raise NotImplementedError

    def row(self, statement: Statement, values: Values = NOTHING) -> Row | None:
        """The first row of a statement, if any."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def run(self, statement: Statement, values: Values) -> None:
        """Runs a statement that gives no rows."""
        raise NotImplementedError

    def add_up(self, statement: Statement, key: Key, added: int) -> None:
        """Adds to a number that is kept, at the end of the transaction."""
        self.sums.add(statement, key, added)

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs a statement that gives no rows once for each set of values, in their order. Raises as `rows` does."""
        for one in values:
            self.run(statement, one)
