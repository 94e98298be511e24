"""The disk and the database file, seen from outside the server."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_BLOCK = b"\xa5" * 4_096
_BLOCKS = 1_024
_PROBE_S = 0.3


class StoreFacts(NamedTuple):
    """How many artifacts and metrics' points a store holds, and how many bytes it takes, free pages apart."""

    rows: dict[str, int]
    bytes: int


def sqlite_facts(database: Path, tables: Mapping[str, str]) -> StoreFacts:
    """Counts by reading every row's key, not by asking the service.

    Args:
        tables: the table of each kind of rows, by the kind's name.
    """
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        connection.execute("BEGIN")

        def one(sql: str) -> int:
            return int(connection.execute(sql).fetchone()[0])

        rows = {kind: one(f"SELECT count(*) FROM {table}") for kind, table in tables.items()}
        pages = one("PRAGMA page_count") - one("PRAGMA freelist_count")
        return StoreFacts(rows, pages * one("PRAGMA page_size"))


class SyncProbe:
    """The median time of writing 4 KiB over older ones and one fdatasync: the least that a durable write can take.

    The file is made once and as large as it gets, so that no sync has to make the file system's journal grow.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "sync-probe"
        self._path.write_bytes(_BLOCK * _BLOCKS)

    def median_us(self) -> float:
        """Syncs for a third of a second."""
        took: list[float] = []
        file = os.open(self._path, os.O_WRONLY)
        try:
            os.fsync(file)
            end = time.perf_counter() + _PROBE_S
            while time.perf_counter() < end:
                began = time.perf_counter()
                os.pwrite(file, _BLOCK, len(took) % _BLOCKS * len(_BLOCK))
                os.fdatasync(file)
                took.append((time.perf_counter() - began) * 1_000_000)
        finally:
            os.close(file)
        return statistics.median(took)
