"""Reads of a SQLite file share a view of it, as long as nothing new can be in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from sqlalchemy import text

from artifactd.errors import Unavailable
from artifactd.storage.engines.sqlite_connection import connector
from artifactd.storage.engines.sqlite_reader import SqliteReader
from artifactd.storage.statements import Statement, StatementCache, Transaction

NUMBERS = Statement(text("SELECT number FROM numbers ORDER BY number"))


class Shared:
    """A reader of a file with one number in it, what may write another, a count of commits and a clock."""

    def __init__(self, connect: Callable[[], apsw.Connection]) -> None:
        self.writing = connect()
        self.writing.set_busy_timeout(0)
        self.writing.execute("CREATE TABLE numbers (number); INSERT INTO numbers VALUES (1)")
        self.commits = 0
        self.now_s = 100.0
        self.reader = SqliteReader(
            connect(), StatementCache(), lambda: self.commits, view_max_s=1, now_s=lambda: self.now_s
        )

    def write(self, number: int) -> None:
        """Adds a number, as another program would."""
        self.writing.execute("INSERT INTO numbers VALUES (?)", (number,))

    def read(self) -> list[int]:
        """The numbers that are seen."""
        return [number for (number,) in self.reader.read(lambda transaction: transaction.rows(NUMBERS))]


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(connector(tmp_path / "store.db", None, "FULL", 1 << 20))


def test_what_is_committed_here_is_seen_by_the_next_read(shared: Shared) -> None:
    assert shared.read() == [1]

    shared.write(2)
    shared.commits += 1

    assert shared.read() == [1, 2]


def test_what_another_program_writes_is_seen_once_the_view_is_old(shared: Shared) -> None:
    assert shared.read() == [1]

    shared.write(2)
    shared.now_s += 1.1

    assert shared.read() == [1, 2]


def test_reads_within_a_view_see_the_same(shared: Shared) -> None:
    assert shared.read() == [1]

    shared.write(2)
    shared.now_s += 0.5

    assert shared.read() == [1]


def test_a_view_that_was_let_go_does_not_keep_the_log_from_being_emptied(shared: Shared) -> None:
    shared.read()
    with pytest.raises(apsw.BusyError):
        shared.writing.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE)

    shared.reader.let_go()

    assert shared.writing.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE) == (0, 0)


def test_a_read_that_fails_in_sqlite_does_not_spoil_the_next(shared: Shared) -> None:
    def fail(transaction: Transaction) -> None:
        transaction.rows(NUMBERS)
        transaction.rows(Statement(text("SELECT abs(-9223372036854775808)")))

    with pytest.raises(Unavailable):
        shared.reader.read(fail)
    shared.write(2)

    assert shared.read() == [1, 2]


def test_a_read_that_ends_in_an_error_of_ours_keeps_the_view(shared: Shared) -> None:
    def refuse(transaction: Transaction) -> None:
        transaction.rows(NUMBERS)
        raise LookupError

    with pytest.raises(LookupError):
        shared.reader.read(refuse)
    shared.write(2)

    assert shared.read() == [1]
