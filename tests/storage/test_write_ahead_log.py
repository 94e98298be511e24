"""The write-ahead log is emptied off the request path, and stays bounded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest
from sqlalchemy import text

from artifactd.storage.engines.sqlite_connection import connector
from artifactd.storage.engines.sqlite_reader import SqliteReader
from artifactd.storage.engines.sqlite_writer import SqliteWriter
from artifactd.storage.statements import Statement, StatementCache, Transaction

ANY_ROW = Statement(text("SELECT 1 FROM filling LIMIT 1"))


def log_pages(connection: apsw.Connection) -> int:
    """How many pages the write-ahead log holds; nothing is moved."""
    pages, _ = connection.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_NOOP)
    return pages


@pytest.mark.anyio
async def test_a_long_log_begins_anew_after_a_pause_between_two_transactions_whoever_reads(tmp_path: Path) -> None:
    connect = connector(tmp_path / "store.db", None, "FULL", 1 << 20)
    looking = connect()
    looking.execute("CREATE TABLE filling (data)")
    reader = SqliteReader(connect(), StatementCache(), lambda: writer.commits, view_max_s=60)
    writer = SqliteWriter(connect(), 1_024, StatementCache(), reader.let_go)

    def fill(_: Transaction) -> None:
        writer._connection.execute("INSERT INTO filling VALUES (zeroblob(40000))")

    for _ in range(20):
        await writer.write(fill, heavy=False)
        reader.read(lambda transaction: transaction.rows(ANY_ROW))
    long = log_pages(looking)

    writer.shorten_log()
    await asyncio.gather(writer.write(fill, heavy=False), writer.write(fill, heavy=False))

    assert 0 < log_pages(looking) < long / 4
    await writer.close()
    reader.close()
    looking.close()
