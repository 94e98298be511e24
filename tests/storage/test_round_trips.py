"""How many statements and round trips each operation takes on a database server: a slow change is seen at once.

The end of a read's transaction is not among them, since nobody waits for it. That is why a read of one statement takes
one trip.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from engines.wire import CountingLine, Traffic

from artifactd.listing import ARTIFACTS, ListQuery, Sort
from artifactd.operations.artifacts import create_artifact, get_artifact, list_artifacts
from artifactd.operations.context import Context
from artifactd.operations.metrics import batch_log_metrics, get_metric, log_metric
from artifactd.requests import NewArtifact, NewMetric
from artifactd.storage.engines import mysql, postgresql
from artifactd.storage.statements import Transaction
from artifactd.storage.store import Store, StoreOptions, open_store

pytestmark = [pytest.mark.anyio, pytest.mark.engines("postgresql", "mariadb")]

Function = Callable[[Transaction], Any]


@pytest.fixture
async def counted(server_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Store, CountingLine]]:
    """A store with one connection of each kind, and the line that these go by."""
    for module in (postgresql, mysql):
        # However slow this machine is, no line counts as quiet.
        monkeypatch.setattr(module, "QUIET_MAX_S", math.inf)
    with CountingLine(server_url) as line:
        store = await open_store(line.url, StoreOptions(write_connections=1, read_connections=1))
        yield store, line
        await store.close()


def point(name: str, task_id: str = "task", run_id: str | None = "run") -> NewMetric:
    nothing = dict.fromkeys(NewMetric._fields)
    given = {"task_id": task_id, "run_id": run_id, "name": name, "value": 0.5}
    return NewMetric(**nothing | given)


def artifact(task_id: str | None = None) -> NewArtifact:
    nothing = dict.fromkeys(NewArtifact._fields)
    given = {"name": "model", "task_id": task_id, "run_id": task_id and "run"}
    return NewArtifact(**nothing | given)


def batch(names: str) -> list[NewMetric]:
    return [point(f"{names} {number}") for number in range(100)]


def logging(new: NewMetric) -> Callable[[Context], Function]:
    return lambda context: lambda transaction: log_metric(context, transaction, new)


def creating(new: NewArtifact) -> Callable[[Context], Function]:
    return lambda context: lambda transaction: create_artifact(context, transaction, new)


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
    "batch_log_metrics, 100 further points": logging_many(batch("old")),
    "batch_log_metrics, 100 new metrics": logging_many(batch("young")),
}
_FIRST_PAGE = ListQuery(ARTIFACTS, None, Sort("created_at"), (), 20)
READS = ("get_artifact", "get_metric", "list_artifacts")
TAKEN = {
    "log_metric, a further point": {"postgresql": Traffic(6, 3), "mariadb": Traffic(5, 3)},
    "log_metric, a new metric": {"postgresql": Traffic(8, 5), "mariadb": Traffic(7, 5)},
    "log_metric, a task without a run": {"postgresql": Traffic(10, 6), "mariadb": Traffic(9, 6)},
    "log_metric, a new task": {"postgresql": Traffic(12, 6), "mariadb": Traffic(11, 6)},
    "create_artifact": {"postgresql": Traffic(5, 1), "mariadb": Traffic(4, 1)},
    "create_artifact, with a task": {"postgresql": Traffic(10, 3), "mariadb": Traffic(9, 3)},
    "create_artifact, with a new task": {"postgresql": Traffic(14, 4), "mariadb": Traffic(13, 4)},
    "batch_log_metrics, 100 further points": {"postgresql": Traffic(403, 201), "mariadb": Traffic(402, 201)},
    "batch_log_metrics, 100 new metrics": {"postgresql": Traffic(603, 401), "mariadb": Traffic(602, 401)},
    "get_artifact": {"postgresql": Traffic(1, 1), "mariadb": Traffic(1, 1)},
    "get_metric": {"postgresql": Traffic(1, 1), "mariadb": Traffic(1, 1)},
    "list_artifacts": {"postgresql": Traffic(2, 2), "mariadb": Traffic(2, 2)},
}
"""On PostgreSQL a statement begins a write; MariaDB does so by itself."""


async def prepare(store: Store, context: Context) -> None:
    """Has every statement of the operations run once, and makes what they need."""
    for function in (
        logging(point("first")),
        logging(point("first")),
        logging(point("first", "alone", None)),
        creating(artifact("task")),
        logging_many(batch("old")),
    ):
        await store.write(function(context))


@pytest.mark.parametrize("operation", WRITES)
async def test_a_write_takes_no_more_round_trips(
    counted: tuple[Store, CountingLine], engine: str, context: Context, operation: str
) -> None:
    store, line = counted
    await prepare(store, context)
    before = line.traffic

    await store.write(WRITES[operation](context))

    assert line.traffic.since(before) == TAKEN[operation][engine]


@pytest.mark.parametrize("operation", READS)
async def test_a_read_takes_no_more_round_trips(
    counted: tuple[Store, CountingLine], engine: str, context: Context, operation: str
) -> None:
    store, line = counted
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
    counted: tuple[Store, CountingLine], engine: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, line = counted
    await prepare(store, context)
    for module in (postgresql, mysql):
        monkeypatch.setattr(module, "QUIET_MAX_S", -1)
    before = line.traffic

    await store.write(creating(artifact())(context))

    # On MariaDB the COMMIT is now alone, and so not counted.
    taken = {"postgresql": Traffic(5, 2), "mariadb": Traffic(3, 1)}
    assert line.traffic.since(before) == taken[engine]
