"""Query plans, pinned: what an index should serve is served by it, whatever the number of rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from storage.records import new_artifact

from artifactd import listing
from artifactd.access import Verb
from artifactd.listing import ListQuery, Noun, Sort
from artifactd.model import Direction
from artifactd.operations import artifact_tasks, artifacts, lineage, metrics, runs, tasks
from artifactd.operations.context import Context
from artifactd.operations.idempotency import Answer, Once, perform_once
from artifactd.requests import ArtifactChanges, LineageQuery, NewArtifactTask, NewMetric, RunChanges, TaskFields
from artifactd.storage.engines.sqlite_connection import DIALECT
from artifactd.storage.statements import Row, Statement, StatementCache, Transaction, Values
from artifactd.storage.store import Store, open_store

pytestmark = pytest.mark.anyio

LISTS: list[tuple[Noun, Callable[..., Any]]] = [
    (listing.ARTIFACTS, artifacts.list_artifacts),
    (listing.METRICS, metrics.list_metrics),
    (listing.ARTIFACT_TASKS, artifact_tasks.list_artifact_tasks),
    (listing.TASKS, tasks.list_tasks),
    (listing.RUNS, runs.list_runs),
]
SORTS = [
    (noun, list_them, sort, descending)
    for noun, list_them in LISTS
    for sort in ["", *(field.name for field in noun.fields if field.sortable and field.name not in noun.scanned_sorts)]
    for descending in (False, True)
]
_SCAN = re.compile(r"SCAN (artifacts|metrics|metric_points|artifact_tasks|tasks|runs|idempotency_keys)\b")


class Noting:
    """A transaction that notes what it runs."""

    def __init__(self, inner: Transaction) -> None:
        self._inner = inner
        self.noted: dict[str, Values] = {}

    @property
    def shapes(self) -> StatementCache:
        """The inner transaction's."""
        return self._inner.shapes

    def rows(self, statement: Statement, values: Values | None = None) -> list[Row]:
        """Runs and notes a statement."""
        self.noted[statement.sql(DIALECT)] = values or {}
        return self._inner.rows(statement, values or {})

    def row(self, statement: Statement, values: Values | None = None) -> Row | None:
        """Runs and notes a statement."""
        self.noted[statement.sql(DIALECT)] = values or {}
        return self._inner.row(statement, values or {})

    def run(self, statement: Statement, values: Values) -> None:
        """Runs and notes a statement."""
        self.noted[statement.sql(DIALECT)] = values
        self._inner.run(statement, values)


async def noted(store: Store, function: Callable[[Transaction], Any]) -> dict[str, Values]:
    """The statements that a function runs, with their values."""

    def run(transaction: Transaction) -> dict[str, Values]:
        noting = Noting(transaction)
        function(noting)
        return noting.noted

    return await store.write(run)


def plans(database_url: str, statements: dict[str, Values]) -> dict[str, list[str]]:
    """The steps of each statement's plan."""
    connection = apsw.Connection(database_url.removeprefix("sqlite:///"))
    found = {
        sql: [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        for sql, values in statements.items()
    }
    connection.close()
    return found


def offences(found: dict[str, list[str]], *, sorting: bool) -> list[tuple[str, str]]:
    """The steps that look at a whole table, or that sort."""
    return [
        (step, sql)
        for sql, steps in found.items()
        for step in steps
        if _SCAN.search(step) or (sorting and "TEMP B-TREE FOR" in step and "ORDER BY" in step)
    ]


def enters_an_index_where_it_begins(noun: Noun, sql: str, steps: list[str]) -> bool:
    """Whether every row that the plan looks at is one of the page's."""
    [search] = [step for step in steps if f"SEARCH {noun.name} USING INDEX" in step]
    where = sql[sql.rindex("WHERE") :]
    same = re.findall(rf"{noun.name}\.(\w+) (?:= |IS NULL)", where)
    return all(f"{column}=?" in search for column in same) and (
        ":after_" not in where or re.search(r"[<>]\(?\?", search) is not None
    )


async def fill(store: Store, context: Context) -> dict[str, str]:
    """One of everything; gives ids."""

    def write(transaction: Transaction) -> dict[str, str]:
        artifact = artifacts.create_artifact(context, transaction, new_artifact("a"))
        for number in range(30):
            task_id = f"t{number}"
            tasks.create_task(
                context,
                transaction,
                TaskFields(task_id=task_id, run_id=f"r{number}", parent_task_id="t0" if number else None),
            )
            artifacts.create_artifact(context, transaction, new_artifact(f"a{number}"))
            for type_ in ("INPUT", "OUTPUT"):
                link = NewArtifactTask(artifact.artifact_id, task_id, type_, None, None, None, None)
                artifact_tasks.create_artifact_task(context, transaction, link)
            metrics.log_metric(context, transaction, a_point(task_id))
        return {"artifact_id": artifact.artifact_id, "task_id": "t1", "run_id": "r1"}

    return await store.write(write)


def a_point(task_id: str, created_at_us: int | None = None) -> NewMetric:
    """A point of a metric."""
    return NewMetric(task_id, "loss", 1.0, None, None, None, created_at_us, None, None)


@pytest.mark.parametrize(
    ("noun", "list_them", "sort", "descending"),
    SORTS,
    ids=[f"{noun.name}-{sort or 'default'}-{'desc' if descending else 'asc'}" for noun, _, sort, descending in SORTS],
)
async def test_a_list_is_read_from_an_index_in_its_order(
    store: Store,
    database_url: str,
    context: Context,
    noun: Noun,
    list_them: Callable[..., Any],
    sort: str,
    descending: bool,
) -> None:
    await fill(store, context)
    query = ListQuery(noun, None, Sort(sort or noun.default_sort, descending), (), 20)

    def two_pages(transaction: Transaction) -> None:
        page = list_them(context, transaction, query)
        list_them(context, transaction, query._replace(position=page.next_position))

    statements = await noted(store, two_pages)

    of_the_page = plans(database_url, {sql: values for sql, values in statements.items() if "key_0" in sql})
    assert of_the_page
    assert offences(of_the_page, sorting=True) == []
    assert [sql for sql, steps in of_the_page.items() if not enters_an_index_where_it_begins(noun, sql, steps)] == []
    assert offences(plans(database_url, statements), sorting=False) == []


LISTS_OF_IDS: list[tuple[Noun, Callable[..., Any], dict[str, Any]]] = [
    (listing.METRICS, metrics.list_metrics, {"task_ids": ("t1", "t2")}),
    (listing.METRICS, metrics.list_metrics, {"run_ids": ("r1", "r2")}),
    (listing.ARTIFACT_TASKS, artifact_tasks.list_artifact_tasks, {"task_ids": ("t1", "t2")}),
    (listing.ARTIFACT_TASKS, artifact_tasks.list_artifact_tasks, {"run_ids": ("r1", "r2")}),
    (
        listing.ARTIFACT_TASKS,
        artifact_tasks.list_artifact_tasks,
        {"artifact_ids": ("00000000-0000-7000-8000-000000000001",)},
    ),
    (listing.TASKS, tasks.list_tasks, {"run_ids": ("r1",)}),
    (listing.TASKS, tasks.list_tasks, {"parent_id": "t0"}),
    (listing.RUNS, runs.list_runs, {"experiment_id": "e"}),
]


@pytest.mark.parametrize(
    ("noun", "list_them", "ids"),
    LISTS_OF_IDS,
    ids=[f"{noun.name}-{next(iter(ids))}" for noun, _, ids in LISTS_OF_IDS],
)
async def test_a_list_of_ids_looks_at_theirs_alone(
    store: Store, database_url: str, context: Context, noun: Noun, list_them: Callable[..., Any], ids: dict[str, Any]
) -> None:
    await fill(store, context)
    query = ListQuery(noun, None, Sort(noun.default_sort), (), 20)._replace(**ids)

    found = plans(database_url, await noted(store, lambda transaction: list_them(context, transaction, query)))

    assert offences(found, sorting=False) == []
    column = {"task_ids": "task_id", "run_ids": "run_id", "artifact_ids": "artifact_id", "parent_id": "parent_task_id"}
    wanted = column.get(next(iter(ids)), "experiment_id")
    steps = [
        step for sql, steps in found.items() if f":{wanted}" in sql for step in steps if f"SEARCH {noun.name}" in step
    ]
    assert steps
    assert all(f"{wanted}=?" in step for step in steps), steps


def changes(context: Context, ids: dict[str, str]) -> dict[str, Callable[[Transaction], Any]]:
    """The operations on one resource, by name."""
    artifact_id, task_id, run_id = ids["artifact_id"], ids["task_id"], ids["run_id"]
    nothing = ArtifactChanges(artifact_id, None, "b", None, None, None, None, None, None)
    link = NewArtifactTask(artifact_id, task_id, "INPUT", None, "k", None, None)
    once = Once("key", "POST", "/path", b"body")
    point = a_point(task_id)
    history = ListQuery(listing.METRIC_HISTORY, None, Sort("created_at"), (), 20)
    return {
        "create_artifact": lambda t: artifacts.create_artifact(context, t, new_artifact("n")._replace(task_id=task_id)),
        "reuse_if_exists": lambda t: artifacts.create_artifact(
            context, t, new_artifact("a")._replace(reuse_if_exists=True)
        ),
        "get_artifact": lambda t: artifacts.get_artifact(context, t, artifact_id),
        "update_artifact": lambda t: artifacts.update_artifact(context, t, nothing),
        "log_metric": lambda t: metrics.log_metric(context, t, point),
        "log_metric_at": lambda t: metrics.log_metric(context, t, a_point(task_id, 1)),
        "log_metric_of_a_new_task": lambda t: metrics.log_metric(context, t, a_point("new")),
        "get_metric": lambda t: metrics.get_metric(context, t, (task_id, "loss")),
        "get_metric_history": lambda t: metrics.get_metric_history(context, t, (task_id, "loss"), history),
        "create_artifact_task": lambda t: artifact_tasks.create_artifact_task(context, t, link),
        "create_task": lambda t: tasks.create_task(context, t, TaskFields(task_id="n", run_id=run_id)),
        "get_task": lambda t: tasks.get_task(context, t, task_id),
        "update_task": lambda t: tasks.update_task(context, t, "new", TaskFields(run_id="r-new", state="RUNNING")),
        "update_run": lambda t: runs.update_run(context, t, RunChanges(run_id, display_name="d")),
        "idempotency": lambda t: perform_once(context, t, once, Verb.CREATE, lambda: Answer(b"{}", None, [""])),
    }


async def test_operations_on_one_resource_look_at_a_few_rows(store: Store, database_url: str, context: Context) -> None:
    ids = await fill(store, context)

    found = {
        name: offences(plans(database_url, await noted(store, function)), sorting=False)
        for name, function in changes(context, ids).items()
    }

    assert {name: steps for name, steps in found.items() if steps} == {}


@pytest.mark.parametrize("max_depth", [None, 3])
@pytest.mark.parametrize("start", ["artifact_id", "task_id", "run_id"])
async def test_a_lineage_steps_from_link_to_link(
    store: Store, database_url: str, context: Context, start: str, max_depth: int | None
) -> None:
    ids = await fill(store, context)
    given = [ids[name] if name == start else None for name in ("artifact_id", "task_id", "run_id")]
    query = LineageQuery(given[0], given[1], given[2], Direction.BOTH, max_depth, 100)

    found = plans(
        database_url, await noted(store, lambda transaction: lineage.get_lineage(context, transaction, query))
    )

    assert offences(found, sorting=False) == []


async def test_a_store_that_grew_keeps_its_plans(tmp_path: Path, context: Context) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    store = await open_store(url)
    await fill(store, context)
    query = ListQuery(listing.METRICS, None, Sort("value"), (), 20)
    statements = await noted(store, lambda transaction: metrics.list_metrics(context, transaction, query))
    await store.close()
    before = plans(url, statements)
    again = await open_store(url)
    await again.close()

    assert plans(url, statements) == before
