"""Metrics from a file through the command line, against the database's own rate for the same rows."""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw

from artifactd.model import BATCH_ITEMS_MAX
from benchmarks import contents, machine, servers
from benchmarks.disk import sqlite_facts
from benchmarks.parts.operations import TABLES
from benchmarks.results import Result
from benchmarks.size_engines import make_schema
from benchmarks.table import middle, spread

Say = Callable[[str], None]


def measure(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """`artifactd metric log --file`, and `executemany` of the rows that it leaves, by turns."""
    file = directory / "points.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(_lines(given.metrics))
    rounds, voids = [], []
    for number in range(1, given.import_rounds + 1):
        database = directory / f"import-{number}.db"
        imported_s, server_cpu_s = _import(file, database, given.synchronous)
        if (stored := sqlite_facts(database, TABLES).rows["metrics"]) != given.metrics:
            voids.append(f"round {number}: {given.metrics} metrics were imported, and {stored} are in the store")
        own_s = _own(database, directory / f"own-{number}.db", given.synchronous)
        say(
            f"round {number}: {given.metrics / imported_s:,.0f} metrics/s, "
            f"the database's own {given.metrics / own_s:,.0f}"
        )
        rounds.append({"imported_s": imported_s, "server_cpu_s": server_cpu_s, "own_s": own_s})
    settings = (
        f"{given.import_rounds} rounds of `artifactd metric log --file` with {given.metrics:,} metrics as JSON lines, "
        f"task by task and step by step ({file.stat().st_size >> 20} MiB), into an empty store on SQLite, "
        f"`synchronous={given.synchronous}`. The "
        "database's own rate is `executemany` of the very rows that this left, through apsw, into a store with the "
        f"same tables and indexes, {BATCH_ITEMS_MAX:,} rows a transaction, each synced likewise."
    )
    raw = {"metrics": given.metrics, "rounds": rounds}
    return Result("import", settings, [], machine.versions(), machine.machine(directory), raw, voids)


def _lines(metrics: int) -> Iterator[str]:
    """What the logs of some trainings hold, one behind the other: each task's metrics, step by step."""
    of_task = -(-metrics // contents.TASKS)
    for number in range(metrics):
        task, place = divmod(number, of_task)
        step, name = divmod(place, contents.NAMES)
        named = {"task_id": f"bench-task-{task}", "name": contents.metric_name(name)}
        point = {**named, "value": number / metrics, "step": step}
        yield json.dumps(point) + "\n"


def _import(file: Path, database: Path, synchronous: str) -> tuple[float, float]:
    """Seconds that the command took, its start included, and processor time of the server."""
    with servers.artifactd(f"sqlite:///{database}", "--sqlite-synchronous", synchronous) as server:
        command = [sys.executable, "-m", "artifactd", "metric", "log", "--file", str(file), "--server", server.url]
        cpu_before_s, began = server.cpu_s(), time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took_s = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"the import failed: {done.stderr.strip()[-1_000:]}")
        return took_s, server.cpu_s() - cpu_before_s


def _own(imported: Path, database: Path, synchronous: str) -> float:
    """Seconds that the rows of the import take, put straight into another store."""
    make_schema(f"sqlite:///{database}")
    with contextlib.closing(apsw.Connection(str(imported), flags=apsw.SQLITE_OPEN_READONLY)) as source:
        rows = {table: _rows(source, table) for table in ("metrics", "metric_points")}
    with contextlib.closing(apsw.Connection(str(database))) as target:
        target.execute("PRAGMA journal_mode = WAL").fetchall()
        target.execute(f"PRAGMA synchronous = {synchronous}").fetchall()
        began = time.perf_counter()
        for table, (columns, values) in rows.items():
            marks = ", ".join("?" for _ in columns)
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            for first in range(0, len(values), BATCH_ITEMS_MAX):
                with target:
                    target.executemany(sql, values[first : first + BATCH_ITEMS_MAX])
        return time.perf_counter() - began


def _rows(source: apsw.Connection, table: str) -> tuple[list[str], list[Any]]:
    """A table's columns and its rows, points in the order in which they were logged."""
    order = "arrival, metric_pk" if table == "metric_points" else "metric_pk"
    cursor = source.execute(f"SELECT * FROM {table} ORDER BY {order}")
    columns = [str(column[0]) for column in cursor.get_description()]
    return columns, cursor.fetchall()


def section(result: Result) -> str:
    """The part of the page on imports."""
    if result.voids:
        return f"{result.settings}\n\nVoid: {'; '.join(result.voids)}.\n"
    metrics, rounds = result.raw["metrics"], result.raw["rounds"]
    imported = [metrics / each["imported_s"] for each in rounds]
    own = [metrics / each["own_s"] for each in rounds]
    shares = [each["own_s"] / each["imported_s"] for each in rounds]
    cpu_us = [each["server_cpu_s"] / metrics * 1_000_000 for each in rounds]
    return (
        f"{result.settings}\n\n"
        f"- From the file: {middle(imported, ',.0f')} metrics/s ({spread(imported, ',.0f')}); the server computed "
        f"{middle(cpu_us, '.1f')} µs for each.\n"
        f"- The database's own: {middle(own, ',.0f')} rows/s ({spread(own, ',.0f')}); the import reaches "
        f"{middle(shares, '.0%')} of it ({spread(shares, '.0%')}).\n"
    )
