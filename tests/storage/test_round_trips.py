"""How many statements and round trips each operation takes on a database server: a slow change is seen at once.

The end of a read's transaction is not among them, since nobody waits for it. That is why a read of one statement takes
one trip.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from engines.wire import CountingLine, Traffic
from sqlalchemy import text
from storage.records import new_artifact

from artifactd.listing import ARTIFACTS, ListQuery, Sort
from artifactd.operations.artifact_tasks import batch_create_artifact_tasks
from artifactd.operations.artifacts import batch_create_artifacts, create_artifact, get_artifact, list_artifacts
from artifactd.operations.context import Context
from artifactd.operations.metrics import batch_log_metrics, get_metric, log_metric
from artifactd.requests import NewArtifact, NewArtifactTask, NewMetric
from artifactd.storage.statements import Statement, Transaction
from artifactd.storage.store import Store, StoreOptions, open_store

pytestmark = [pytest.mark.anyio, pytest.mark.engines("postgresql", "mariadb")]

Function = Callable[[Transaction], Any]
FIRST_ID = "00000000-0000-7000-8000-000000000001"
"""Of the artifact that is made before all others."""


_PREPARED = Statement(text("SELECT statement FROM pg_prepared_statements"))


@pytest.fixture
def line(server_url: str) -> Iterator[CountingLine]:
    """A line to each server that counts what goes over it."""
    with CountingLine(server_url) as line:
        yield line


@pytest.fixture
async def store(line: CountingLine) -> AsyncIterator[Store]:
    """A store behind that line with one connection of each kind; however slow this machine is, none counts as quiet."""
    store = await open_store(line.url, StoreOptions(write_connections=1, read_connections=1, quiet_max_s=math.inf))
    yield store
    await store.close()


def point(name: str, task_id: str = "task", run_id: str | None = "run") -> NewMetric:
    return NewMetric(task_id, name, 0.5, None, None, None, None, None, run_id)


def artifact(task_id: str | None = None) -> NewArtifact:
    return new_artifact("model")._replace(task_id=task_id, run_id=task_id and "run")


def batch(names: str) -> list[NewMetric]:
    return [point(f"{names} {number}") for number in range(100)]


def epochs(names: str) -> list[NewMetric]:
    return [point(f"{names} {number}")._replace(step=step) for step in range(5) for number in range(20)]


def steps(name: str, count: int) -> list[NewMetric]:
    return [point(name)._replace(step=step) for step in range(count)]


def timed(points: list[NewMetric], second: int) -> list[NewMetric]:
    return [new._replace(created_at_us=(second + (new.step or 0)) * 1_000_000) for new in points]


def inserts_of_rows(transaction: Transaction) -> list[str]:
    return [sql for (sql,) in transaction.rows(_PREPARED) if sql.startswith("INSERT") and "), (" in sql]


def logging(new: NewMetric) -> Callable[[Context], Function]:
    return lambda context: lambda transaction: log_metric(context, transaction, new)


def creating(new: NewArtifact) -> Callable[[Context], Function]:
    return lambda context: lambda transaction: create_artifact(context, transaction, new)


def creating_many(new: list[NewArtifact]) -> Callable[[Context], Function]:
    return lambda context: lambda transaction: batch_create_artifacts(context, transaction, new)


def linking_many(tasks: list[str]) -> Callable[[Context], Function]:
    batch = [
        NewArtifactTask(FIRST_ID, task, None, None, f"key {place}", None, None) for place, task in enumerate(tasks)
    ]
    return lambda context: lambda transaction: batch_create_artifact_tasks(context, transaction, batch)


def logging_many(new: list[NewMetric]) -> Callable[[Context], Function]:
    return lambda context: lambda transaction: batch_log_metrics(context, transaction, new)


WRITES: dict[str, Callable[[Context], Function]] = {
    "log_metric, a further point": logging(point("first")),
    "log_metric, a new metric": logging(point("new")),
    "log_metric, a task without a run": logging(point("new", "alone", None)),
    "log_metric, a new task": logging(point("new", "new task")),
    "create_artifact": creating(artifact()),
    "create_artifact, with a task": creating(artifact("task")),
    "create_artifact, with a new task": creating(artifact("another task")),
    "batch_create_artifacts, 100 artifacts": creating_many([artifact()] * 100),
    "batch_create_artifacts, 100 artifacts of a task": creating_many([artifact("task")] * 100),
    "batch_create_artifacts, 100 artifacts of a new task": creating_many([artifact("another task")] * 100),
    "batch_create_artifact_tasks, 100 links of a task": linking_many(["task"] * 100),
    "batch_create_artifact_tasks, 100 links of 10 new tasks": linking_many([f"new {n % 10}" for n in range(100)]),
    "batch_log_metrics, 100 further points": logging_many(batch("old")),
    "batch_log_metrics, 100 new metrics": logging_many(batch("young")),
    "batch_log_metrics, 5 further steps of 20 metrics": logging_many(epochs("old")),
    "batch_log_metrics, 5 steps of 20 new metrics": logging_many(epochs("young")),
    "batch_log_metrics, 5 further steps of 20 metrics, timed": logging_many(timed(epochs("timed"), 5)),
    "batch_log_metrics, 100 further steps of a metric, timed": logging_many(timed(steps("curve", 100), 100)),
    "batch_log_metrics, 5 steps of 20 metrics, logged before": logging_many(timed(epochs("timed"), 0)),
}
_FIRST_PAGE = ListQuery(ARTIFACTS, None, Sort("created_at"), (), 20)
READS = ("get_artifact", "get_metric", "list_artifacts")
TAKEN = {
    "log_metric, a further point": {"postgresql": Traffic(6, 3), "mariadb": Traffic(5, 3)},
    "log_metric, a new metric": {"postgresql": Traffic(8, 3), "mariadb": Traffic(7, 3)},
    "log_metric, a task without a run": {"postgresql": Traffic(10, 4), "mariadb": Traffic(9, 4)},
    "log_metric, a new task": {"postgresql": Traffic(11, 4), "mariadb": Traffic(10, 4)},
    "create_artifact": {"postgresql": Traffic(5, 1), "mariadb": Traffic(4, 1)},
    "create_artifact, with a task": {"postgresql": Traffic(8, 2), "mariadb": Traffic(7, 2)},
    "create_artifact, with a new task": {"postgresql": Traffic(11, 3), "mariadb": Traffic(10, 3)},
    "batch_create_artifacts, 100 artifacts": {"postgresql": Traffic(104, 1), "mariadb": Traffic(103, 1)},
    "batch_create_artifacts, 100 artifacts of a task": {"postgresql": Traffic(207, 2), "mariadb": Traffic(206, 2)},
    "batch_create_artifacts, 100 artifacts of a new task": {"postgresql": Traffic(210, 3), "mariadb": Traffic(209, 3)},
    "batch_create_artifact_tasks, 100 links of a task": {"postgresql": Traffic(108, 4), "mariadb": Traffic(107, 4)},
    "batch_create_artifact_tasks, 100 links of 10 new tasks": {
        "postgresql": Traffic(146, 22),
        "mariadb": Traffic(145, 22),
    },
    "batch_log_metrics, 100 further points": {"postgresql": Traffic(115, 3), "mariadb": Traffic(105, 3)},
    "batch_log_metrics, 100 new metrics": {"postgresql": Traffic(27, 3), "mariadb": Traffic(8, 3)},
    "batch_log_metrics, 5 further steps of 20 metrics": {"postgresql": Traffic(35, 3), "mariadb": Traffic(25, 3)},
    "batch_log_metrics, 5 steps of 20 new metrics": {"postgresql": Traffic(22, 3), "mariadb": Traffic(8, 3)},
    "batch_log_metrics, 5 further steps of 20 metrics, timed": {
        "postgresql": Traffic(36, 4),
        "mariadb": Traffic(26, 4),
    },
    "batch_log_metrics, 100 further steps of a metric, timed": {"postgresql": Traffic(17, 4), "mariadb": Traffic(7, 4)},
    "batch_log_metrics, 5 steps of 20 metrics, logged before": {
        "postgresql": Traffic(26, 24),
        "mariadb": Traffic(24, 23),
    },
    "get_artifact": {"postgresql": Traffic(1, 1), "mariadb": Traffic(2, 1)},
    "get_metric": {"postgresql": Traffic(1, 1), "mariadb": Traffic(2, 1)},
    "list_artifacts": {"postgresql": Traffic(2, 2), "mariadb": Traffic(2, 2)},
}
"""On PostgreSQL a statement begins a write; MariaDB does so by itself."""


async def prepare(store: Store, context: Context) -> None:
    """Has every statement of the operations run once, and makes what they need."""
    for function in (
        creating(artifact()),
        logging(point("first")),
        logging(point("first")),
        logging(point("first", "alone", None)),
        creating(artifact("task")),
        logging_many(batch("old")),
        logging_many(timed(epochs("timed"), 0)),
        logging_many(timed(steps("curve", 100), 0)),
        logging_many(timed(steps("curve", 100), 0)),
    ):
        await store.write(function(context))


@pytest.mark.parametrize("operation", WRITES)
async def test_a_write_takes_no_more_round_trips(
    store: Store, line: CountingLine, engine: str, context: Context, operation: str
) -> None:
    await prepare(store, context)
    before = line.traffic

    await store.write(WRITES[operation](context))

    assert line.traffic.since(before) == TAKEN[operation][engine]


@pytest.mark.parametrize("operation", READS)
async def test_a_read_takes_no_more_round_trips(
    store: Store, line: CountingLine, engine: str, context: Context, operation: str
) -> None:
    await prepare(store, context)
    made = await store.write(creating(artifact())(context))
    reads: dict[str, Function] = {
        "get_artifact": lambda transaction: get_artifact(context, transaction, made.artifact_id),
        "get_metric": lambda transaction: get_metric(context, transaction, ("task", "first")),
        "list_artifacts": lambda transaction: list_artifacts(context, transaction, _FIRST_PAGE),
    }
    await store.read(reads[operation])
    before = line.traffic

    await store.read(reads[operation])

    assert line.traffic.since(before) == TAKEN[operation][engine]


async def test_a_line_that_was_quiet_is_tried_before_a_commit_is_sent_along_it(
    line: CountingLine, engine: str, context: Context
) -> None:
    store = await open_store(line.url, StoreOptions(write_connections=1, quiet_max_s=-1))
    await prepare(store, context)
    before = line.traffic

    await store.write(creating(artifact())(context))

    # On MariaDB the COMMIT is now alone, and so not counted.
    assert line.traffic.since(before) == {"postgresql": Traffic(5, 2), "mariadb": Traffic(3, 1)}[engine]
    await store.close()


async def test_a_read_that_goes_on_after_it_was_ended_sees_one_moment_all_the_same(
    store: Store, context: Context
) -> None:
    made = await store.write(creating(artifact())(context))
    seen: list[str] = []

    def look_twice(transaction: Transaction) -> bool:
        seen.append(get_artifact(context, transaction, made.artifact_id).name)
        return get_artifact(context, transaction, made.artifact_id).name == seen[-1]

    assert await store.read(look_twice)
    assert seen == ["model", "model"]


@pytest.mark.engines("postgresql")
async def test_a_batch_of_other_kinds_of_values_is_no_further_statement_to_prepare(
    store: Store, context: Context
) -> None:
    new = batch("old")
    await store.write(logging_many(new)(context))
    await store.write(logging_many([each._replace(step=1) for each in new])(context))
    before = await store.write(inserts_of_rows)

    others = [each._replace(step=number * 1_000_000, value=math.nan) for number, each in enumerate(new)]
    await store.write(logging_many(others[::2] + new[1::2])(context))

    assert before
    assert await store.write(inserts_of_rows) == before
