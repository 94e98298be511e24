"""Reads that run where they stand, on the event loop: one view of the store for as many as see the same.

To begin and to end a transaction costs a read of one row more than the row: two statements and two locks of the
file. So the view stays open as long as nothing can be in the store that it does not show (docs/decisions/0019).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import apsw

from artifactd.storage.engines.sqlite_connection import SqliteTransaction, as_service_error
from artifactd.storage.statements import ReadFunction, Result, StatementCache


class SqliteReader:
    """Runs functions on a connection that nobody else uses. Belongs to one event loop.

    Args:
        connection: is closed with this.
        commits: how many transactions this program has committed; counts each before it is answered.
        view_max_s: what another program writes into the file is seen after so many seconds, since nobody tells of it.
        now_s: seconds since any moment.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        shapes: StatementCache,
        commits: Callable[[], int],
        *,
        view_max_s: float,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._transaction = SqliteTransaction(connection, shapes)
        self._commits = commits
        self._view_max_s = view_max_s
        self._now_s = now_s
        self._seen = 0
        self._old_at_s = 0.0

    def read(self, function: ReadFunction[Result]) -> Result:
        """Runs a function on one consistent view, which shows every write that was answered.

        Raises:
            Unavailable: SQLite failed, or a time limit of the connection stopped it.
        """
        try:
            if not self._connection.in_transaction or self._seen != self._commits() or self._now_s() > self._old_at_s:
                self._begin()
            return function(self._transaction)
        except apsw.Error as error:
            # What cannot be ended now is ended before the next view.
            with suppress(apsw.Error):
                self.let_go()
            raise as_service_error(error, "reading") from error

    def _begin(self) -> None:
        self.let_go()
        self._seen = self._commits()
        self._old_at_s = self._now_s() + self._view_max_s
        self._connection.execute("BEGIN")

    def let_go(self) -> None:
        """Ends the view: the write-ahead log cannot begin anew under it."""
        if self._connection.in_transaction:
            self._connection.execute("END")

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()
