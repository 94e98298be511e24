"""What the bare drivers are measured with: operations of ours, and the statements that they run, noted as they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.engine.interfaces import Dialect

from artifactd.access import ANYONE
from artifactd.operations.artifacts import create_artifact, get_artifact
from artifactd.operations.context import Context, new_uuid, system_clock
from artifactd.operations.metrics import get_metric, log_metric
from artifactd.requests import NewArtifact, NewMetric
from artifactd.storage.columns import uuid_bytes
from artifactd.storage.statements import Insert, Key, Row, Statement, StatementCache, Transaction, Values
from artifactd.storage.store import Store

Operation = Callable[[Context, Transaction], object]


class Recorded(NamedTuple):
    """A statement that an operation ran, with its values, and whether it gives rows."""

    sql: str
    values: dict[str, Any]
    has_rows: bool


class Work(NamedTuple):
    """Something to measure.

    `operation` makes what a caller of that name repeats. `again` changes the values of a recorded statement for one
    more time, told by a number that was never used before.
    """

    writes: bool
    operation: Callable[[str], Operation]
    again: Callable[[dict[str, Any], int], dict[str, Any]]


def _new_metric(caller: str) -> NewMetric:
    return NewMetric(f"task-{caller}", "loss", 0.5, None, None, 1, None, None, f"run-{caller}")


def _logging(caller: str) -> Operation:
    new = _new_metric(caller)
    return lambda context, transaction: log_metric(context, transaction, new)


def _creating(caller: str) -> Operation:
    new = NewArtifact(caller, "Model", f"s3://models/{caller}", None, None, '{"a":1}', "default")
    return lambda context, transaction: create_artifact(context, transaction, new)


def _getting_metric(caller: str) -> Operation:
    key = (f"task-{caller}", "loss")
    return lambda context, transaction: get_metric(context, transaction, key)


_NEEDED: dict[str, str] = {}


def _getting_artifact(caller: str) -> Operation:
    del caller
    artifact_id = _NEEDED["artifact"]
    return lambda context, transaction: get_artifact(context, transaction, artifact_id)


def _point_again(values: dict[str, Any], number: int) -> dict[str, Any]:
    return values | {"created_at_us": number} if "created_at_us" in values else values


def _artifact_again(values: dict[str, Any], number: int) -> dict[str, Any]:
    del number
    return values | {"artifact_id": uuid_bytes(new_uuid())} if "artifact_id" in values else values


def _same(values: dict[str, Any], number: int) -> dict[str, Any]:
    del number
    return values


WORK = {
    "log_metric": Work(True, _logging, _point_again),
    "create_artifact": Work(True, _creating, _artifact_again),
    "get_metric": Work(False, _getting_metric, _same),
    "get_artifact": Work(False, _getting_artifact, _same),
}


async def record(store: Store, work: Work, caller: str) -> list[Recorded]:
    """The statements of some work, once all that it needs is there."""
    context = Context(ANYONE, system_clock(), new_uuid, "default")
    for name in (caller, *(f"ours-{number}" for number in range(64))):
        if name not in _NEEDED:
            await store.write(partial(_logging(name), context))
            _NEEDED[name] = name
    made: Any = await store.write(partial(_creating(caller), context))
    _NEEDED["artifact"] = made.artifact_id
    recorder = Recorder()

    def run(transaction: Transaction) -> object:
        recorder.begin(transaction)
        return work.operation(caller)(context, recorder)

    await (store.write(run) if work.writes else store.read(run))
    return recorder.recorded


class Recorder:
    """A transaction that notes what it runs. Which dialect that is in, its inner one knows."""

    def __init__(self) -> None:
        self.recorded: list[Recorded] = []

    def begin(self, inner: Any) -> None:
        """Takes the transaction that runs what is noted; what an earlier one ran is forgotten."""
        self._inner = inner
        self._dialect: Dialect = inner.dialect
        self.recorded = []

    @property
    def shapes(self) -> StatementCache:
        """The inner transaction's."""
        shapes: StatementCache = self._inner.shapes
        return shapes

    @property
    def stripe(self) -> int:
        """The inner transaction's."""
        return int(self._inner.stripe)

    @property
    def known_namespaces(self) -> set[str]:
        """The inner transaction's."""
        known: set[str] = self._inner.known_namespaces
        return known

    def rows(self, statement: Statement, values: Values | None = None) -> list[Row]:
        """Runs and notes a statement."""
        self._note(statement, values or {}, has_rows=True)
        rows: list[Row] = self._inner.rows(statement, values or {})
        return rows

    def row(self, statement: Statement, values: Values | None = None) -> Row | None:
        """Runs and notes a statement."""
        rows = self.rows(statement, values)
        return rows[0] if rows else None

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """Runs and notes a statement."""
        yield from self.rows(statement, values)

    def run(self, statement: Statement, values: Values) -> None:
        """Runs and notes a statement."""
        self._note(statement, values, has_rows=False)
        self._inner.run(statement, values)

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs and notes a statement for each set of values."""
        for one in values:
            self.run(statement, one)

    def add_up(self, statement: Statement, key: Key, added: int) -> None:
        """Runs and notes the statement that the transaction would end with."""
        self.run(statement, {**dict(key), "total": added})

    def insert(self, statement: Insert, values: Values) -> int:
        """Runs and notes a statement."""
        self._note(statement, values, has_rows=self._dialect.name == "postgresql")
        return int(self._inner.insert(statement, values))

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Locks in the inner transaction; nothing that is measured does."""
        return bool(self._inner.lock(name, shared=shared))

    def _note(self, statement: Statement, values: Values, *, has_rows: bool) -> None:
        self.recorded.append(Recorded(statement.sql(self._dialect), dict(values), has_rows))
