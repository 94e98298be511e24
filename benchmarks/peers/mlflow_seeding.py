"""Fills MLflow's SQLite file with rows as its own API writes them: through the API this would take an hour.

The service has made the schema, and is stopped meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import contents

API = "/api/2.0/mlflow"
EXPERIMENT = 0
"""The one that the service makes itself."""
_BEGIN_MS = 1_767_000_000_000
_TARGETS_MAX = 20_000
_TABLES = {
    "runs": "run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, "
    "source_version, lifecycle_stage, artifact_uri, experiment_id",
    "tags": "key, value, run_uuid",
    "params": "key, value, run_uuid",
    "metrics": "key, value, timestamp, step, is_nan, run_uuid",
    "latest_metrics": "key, value, timestamp, step, is_nan, run_uuid",
}
_AT_ONCE = 5_000
Row = tuple[str | int | float | None, ...]


def seed(database: Path, artifact_root: Path, runs: int) -> list[str]:
    """Makes the runs that are got and searched, and those that log metrics.

    Returns:
        The ids of the former.
    """
    # Its ids are random, which counts for how its indexes grow.
    chance = random.Random(7)
    ids = [f"{chance.getrandbits(128):032x}" for _ in range(runs)]
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for first in range(0, runs, _AT_ONCE):
            numbers = range(first, min(runs, first + _AT_ONCE))
            _insert(connection, (row for n in numbers for row in _run(n, ids[n], runs, artifact_root)))
        _insert(connection, (row for n in range(contents.TASKS) for row in _logging_run(n, artifact_root)))
        connection.execute("ANALYZE")
        connection.commit()
    return ids


def targets(ids: list[str], directory: Path) -> dict[str, Path]:
    """A file for each read that is measured: its targets, or the bodies of its requests, one a line in random order."""
    lines = {
        "get_artifact": [f"{API}/runs/get?run_id={run}" for run in ids],
        "filter_artifacts": [json.dumps(search(kind, name)) for kind, name in contents.pairs(len(ids))],
    }
    files = {}
    for work, texts in lines.items():
        random.Random(7).shuffle(texts)
        files[work] = directory / f"mlflow-{work}.targets"
        files[work].write_text("\n".join(texts[:_TARGETS_MAX]) + "\n", encoding="ascii")
    return files


def search(kind: str, name: str) -> dict[str, object]:
    """A search for 20 runs of a type and a name."""
    condition = f"attributes.run_name = '{name}' and tags.type = '{kind}'"
    return {"experiment_ids": [str(EXPERIMENT)], "max_results": 20, "filter": condition}


def logging_run_id(number: int) -> str:
    """The id of a run that logs metrics: as the scripts make it."""
    return f"{number:032x}"


def _insert(connection: sqlite3.Connection, rows: Iterable[tuple[str, Row]]) -> None:
    by_table: dict[str, list[Row]] = {table: [] for table in _TABLES}
    for table, row in rows:
        by_table[table].append(row)
    for table, values in by_table.items():
        columns = _TABLES[table]
        marks = ", ".join("?" for _ in columns.split(","))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
    connection.commit()


def _run(number: int, run: str, runs: int, artifact_root: Path) -> Iterator[tuple[str, Row]]:
    made = contents.item(number, runs)
    at_ms = _BEGIN_MS + number
    yield _run_row(run, made.name, at_ms, artifact_root)
    for key, value in (("type", made.type), ("uri", made.uri), ("mlflow.runName", made.name)):
        yield "tags", (key, value, run)
    for key, text in (("epochs", str(made.epochs)), ("framework", made.framework)):
        yield "params", (key, text, run)
    yield from _metric_rows(run, "accuracy", made.accuracy, at_ms)


def _logging_run(number: int, artifact_root: Path) -> Iterator[tuple[str, Row]]:
    run, name = logging_run_id(number), f"bench-task-{number}"
    yield _run_row(run, name, _BEGIN_MS, artifact_root)
    yield "tags", ("mlflow.runName", name, run)
    for metric in range(contents.NAMES):
        yield from _metric_rows(run, contents.metric_name(metric), 0.5, _BEGIN_MS)


def _run_row(run: str, name: str, at_ms: int, artifact_root: Path) -> tuple[str, Row]:
    uri = f"{artifact_root}/{EXPERIMENT}/{run}/artifacts"
    return "runs", (run, name, "UNKNOWN", "", "", "", "RUNNING", at_ms, None, "", "active", uri, EXPERIMENT)


def _metric_rows(run: str, key: str, value: float, at_ms: int) -> Iterator[tuple[str, Row]]:
    for table in ("metrics", "latest_metrics"):
        yield table, (key, value, at_ms, 0, 0, run)
