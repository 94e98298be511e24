"""A store with enough rows that planners show their real choice, filled in a second or two on every engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import apsw
from engines.connections import of_url
from sqlalchemy import Table

from artifactd.storage import schema
from artifactd.storage.columns import uuid_bytes

LARGE, LARGE_ID, SMALL, SMALL_ID = "large", 1, "small2", 2
NAMESPACES = 50
"""The first holds nine of ten rows; the others share the rest."""
ARTIFACTS, RUNS, TASKS, METRICS, LINKS = 5_000, 3_000, 4_800, 6_000, 8_000
HUB_LINKS = 600
"""So many tasks read artifact 1, and so many artifacts are read by task 1."""
CHILDREN_OF_ONE = 400
"""How many children task 0 has."""
POINTS_OF_ONE = 2_000
"""How many points the first metric has."""
START_US = 1_700_000_000_000_000
_ROWS_AT_ONCE = 500
_TYPES = ("Artifact", "Model", "Dataset", "HTML", "Markdown")
_STATES = ("SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SKIPPED", "FAILED", "RUNNING", "CANCELED")
_VALUE_CLASSES = (2, 2, 2, 2, 2, 2, 0, 1, 3, 4)
_Row = tuple[Any, ...]


class Filled(NamedTuple):
    """A store that is full."""

    engine: str
    url: str

    def execute(self, *statements: str) -> None:
        """Runs statements without parameters, as one transaction."""
        if self.engine != "sqlite":
            with of_url(self.url) as connection:
                connection.execute(*statements)
            return
        file = apsw.Connection(self.url.removeprefix("sqlite:///"))
        with file:
            for statement in statements:
                file.execute(statement)
        file.close()


def artifact_id(number: int) -> str:
    """The id of an artifact."""
    return f"00000000-0000-7000-8001-{number:012x}"


def fill(engine: str, url: str) -> Filled:
    """Fills an empty store, and lets the engine look at what it holds, as a server's own housekeeping does."""
    filled = Filled(engine, url)
    filled.execute(*(sql for name, columns, rows in _tables() for sql in _inserts(engine, name, columns, rows)))
    if engine == "postgresql":
        for name in schema.metadata.tables:
            if name != "locks":
                filled.execute(f"VACUUM ANALYZE {name}")
    elif engine == "mariadb":
        filled.execute(f"ANALYZE TABLE {', '.join(schema.metadata.tables)}")
    return filled


def namespace_of(number: int) -> int:
    """The namespace's number of the row with that number."""
    return LARGE_ID if number % 10 != 9 else SMALL_ID + number // 10 % (NAMESPACES - 1)


def _tables() -> Iterator[tuple[str, tuple[str, ...], Iterable[_Row]]]:
    """Every table's rows. The engine numbers them from 1 on, as in a store that was filled by requests."""
    names = [LARGE, *(f"small{number}" for number in range(SMALL_ID, NAMESPACES + 1))]
    yield "namespaces", ("namespace",), [(name,) for name in names]
    counted: Counter[tuple[str, int, str]] = Counter()
    for table, rows in (
        (schema.artifacts, _artifacts()),
        (schema.runs, _runs()),
        (schema.tasks, _tasks()),
        (schema.artifact_tasks, _links()),
        (schema.metrics, _metrics()),
    ):
        columns = tuple(column.name for column in table.c if column is not table.autoincrement_column)
        kept = list(rows)
        yield table.name, columns, kept
        namespace, kind = columns.index("namespace_id"), columns.index("type") if table is schema.artifact_tasks else 0
        counted.update((table.name, row[namespace], row[kind] if kind else "") for row in kept)
    yield "metric_points", _columns(schema.metric_points), _points()
    yield "idempotency_keys", _columns(schema.idempotency_keys), _answers()
    stripes = [
        (noun, namespace_id, kind, stripe, total - 3 if stripe == 0 else 1)
        for (noun, namespace_id, kind), total in counted.items()
        for stripe in range(4)
    ]
    yield "counts", _columns(schema.counts), stripes


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.c)


def _artifacts() -> Iterator[_Row]:
    for i in range(1, ARTIFACTS + 1):
        value = i * 37 % 4_001 / 8 if i % 3 else None
        yield (
            uuid_bytes(artifact_id(i)), namespace_of(i), f"model{i % 500}", _TYPES[i * 7 % 13 % 5],
            f"s3://bucket/{i}", None, value, f'{{"n": {i}}}', _time(i), _time(i * 11 % ARTIFACTS), 1, i * 7_919, None,
        )  # fmt: skip


def _runs() -> Iterator[_Row]:
    for i in range(RUNS):
        yield (
            f"r{i}", namespace_of(i), f"run {i % 100}" if i % 4 else None, None,
            f"e{i % 60}" if i % 5 else None, None, "SUCCEEDED" if i % 2 else None, "AVAILABLE", _time(i), None,
            None, _time(i * 11 % RUNS), None, None, None, None, None, None,
        )  # fmt: skip


def _tasks() -> Iterator[_Row]:
    for i in range(TASKS):
        parent = "t0" if 0 < i <= CHILDREN_OF_ONE else f"t{i - i % 20}" if i % 20 else None
        yield (
            f"t{i}", namespace_of(i // 4), _run_of(i), f"step{i % 300}" if i % 7 else None,
            f"Step {i % 300}" if i % 8 else None, _STATES[i * 5 % 11 % 8], parent, None, None, _time(i),
            _time(i + 1) if i % 5 else None, _time(i + 2) if i % 6 else None, _time(i * 11 % TASKS),
            None, None, None, None, None, None, False, None,
        )  # fmt: skip


def _run_of(task: int) -> str | None:
    return f"r{task // 4}" if task % 9 else None


def _links() -> Iterator[_Row]:
    """Readers of one artifact, what one task reads, and a chain of artifacts and tasks that make each other."""
    for i in range(LINKS):
        if i < HUB_LINKS:
            artifact, task, type_ = 1, i + 1_000, "INPUT"
        elif i < 2 * HUB_LINKS:
            artifact, task, type_ = i - HUB_LINKS + 2, 1, "INPUT"
        else:
            artifact, task, type_ = i // 2, i // 2 - i % 2, "OUTPUT" if i % 2 else "INPUT"
        yield (
            uuid_bytes(f"00000000-0000-7000-9000-{i * 7_919 % LINKS:012x}"), namespace_of(i),
            uuid_bytes(artifact_id(artifact)), f"t{task}", type_, type_ == "OUTPUT", _run_of(task), f"k{i % 5}",
            -1, "maker", _time(i),
        )  # fmt: skip


def _metrics() -> Iterator[_Row]:
    for i in range(METRICS):
        task, number_class = i // 2, _VALUE_CLASSES[i // 7 % 10]
        yield (
            namespace_of(task // 4), _run_of(task), f"t{task}", f"m{i % 40}",
            "ClassificationMetric" if number_class == 0 else "Metric", "METRIC_OUTPUT" if i % 3 else "METRIC_INPUT",
            number_class, i * 37 % 4_001 / 8 if number_class == 2 else None, "{}" if number_class == 0 else None,
            i % 10, True, _time(i), POINTS_OF_ONE if i == 0 else 1,
        )  # fmt: skip


def _points() -> Iterator[_Row]:
    for metric_pk in range(1, METRICS + 1):
        for arrival in range(POINTS_OF_ONE if metric_pk == 1 else 1):
            yield metric_pk, _time(arrival), arrival, 0, 32, 0.5, None


def _answers() -> Iterator[_Row]:
    for i in range(3_000):
        yield uuid_bytes(f"00000000-0000-7000-a000-{i * 7_919 % 3_001:012x}"), _time(i), b"d" * 16, b"{}", None, '[""]'


def _time(second: int) -> int:
    return START_US + second * 1_000_000


def _inserts(engine: str, table: str, columns: tuple[str, ...], rows: Iterable[_Row]) -> Iterator[str]:
    quote = "`" if engine == "mariadb" else '"'
    names = ", ".join(f"{quote}{column}{quote}" for column in columns)
    left = iter(rows)
    while chunk := list(islice(left, _ROWS_AT_ONCE)):
        values = ", ".join(f"({', '.join(_literal(engine, value) for value in row)})" for row in chunk)
        yield f"INSERT INTO {table} ({names}) VALUES {values}"


def _literal(engine: str, value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea" if engine == "postgresql" else f"x'{value.hex()}'"
    if isinstance(value, bool):
        return str(value).upper()
    return f"'{value}'" if isinstance(value, str) else repr(value)
