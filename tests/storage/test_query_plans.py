"""Query plans, pinned on each engine: what an index should serve is served by it, whatever the number of rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from engines.databases import Databases
from sqlalchemy import bindparam, select
from storage.filled_store import HUB_LINKS, LARGE, LARGE_ID, SMALL, START_US, Filled, artifact_id, fill
from storage.planning import Planned, planned
from storage.plans import Plan
from storage.records import new_artifact

from artifactd import listing
from artifactd.access import Verb
from artifactd.listing import ListQuery, Operation, Position, Predicate, Scalar, Sort, ValueKind
from artifactd.model import Direction
from artifactd.operations import artifact_tasks, artifacts, lineage, metrics, runs, tasks
from artifactd.operations.context import Context
from artifactd.operations.idempotency import Answer, Once, perform_once
from artifactd.requests import ArtifactChanges, LineageQuery, NewArtifactTask, NewMetric, RunChanges, TaskFields
from artifactd.storage import artifact_tasks as stored_artifact_tasks
from artifactd.storage import artifacts as stored_artifacts
from artifactd.storage import idempotency, pages
from artifactd.storage import metrics as stored_metrics
from artifactd.storage import runs as stored_runs
from artifactd.storage import tasks as stored_tasks
from artifactd.storage.columns import Listing
from artifactd.storage.engines.driver import Purpose
from artifactd.storage.statements import Statement, Transaction
from artifactd.storage.store import open_store

ListFunction = Callable[..., Any]
LISTS: dict[str, tuple[Listing, ListFunction]] = {
    "artifacts": (stored_artifacts.LISTING, artifacts.list_artifacts),
    "metrics": (stored_metrics.LISTING, metrics.list_metrics),
    "artifact_tasks": (stored_artifact_tasks.LISTING, artifact_tasks.list_artifact_tasks),
    "tasks": (stored_tasks.LISTING, tasks.list_tasks),
    "runs": (stored_runs.LISTING, runs.list_runs),
}
PAGE_SIZE = 20
PAGE_ROWS_MAX = 3 * PAGE_SIZE
"""How many rows a page may look at, and how many an operation on one resource."""
RUNS_PAGE_ROWS_MAX = 30 * PAGE_SIZE
"""Of each run its tasks are looked at, several times."""
SMALL_TABLES = {"namespaces", "counts", "locks"}


@pytest.fixture(scope="module")
def filled(engine: str, databases: Databases) -> Iterator[Filled]:
    """A full store of each engine."""
    with databases.empty_store(engine) as url:
        yield fill(engine, url)


@pytest.fixture(scope="module")
def store(filled: Filled) -> Iterator[Planned]:
    """A connection to it."""
    with planned(filled) as store:
        yield store


def a_query(noun: str, sort: str = "", *, descending: bool = False, **more: Any) -> ListQuery:
    """A list of the large namespace, in the noun's own order unless told otherwise."""
    found = LISTS[noun][0].noun
    query = ListQuery(found, LARGE, Sort(sort or found.default_sort, descending), (), PAGE_SIZE)
    return query._replace(**more)


def of_pages(found: list[Plan]) -> list[Plan]:
    """Those of pages, among the plans of lists."""
    return [plan for plan in found if "key_0" in plan.sql]


def offences(found: list[Plan], *, rows_max: int | None = None, sorting: bool = True) -> list[str]:
    """The steps that look at a whole table, or sort, and the statements that look at too many rows.

    Args:
        rows_max: how many rows a statement may look at, where the engine tells.
        sorting: whether a sort is all right where the engine does not tell how many rows it is of.
    """
    wrong: list[str] = []
    for plan in found:
        told = [f"reads all of {step.table}" for step in plan.steps if step.whole and step.table not in SMALL_TABLES]
        told += ["sorts" for step in plan.steps if step.sorts and plan.rows is None and not sorting]
        if rows_max is not None and plan.rows is not None and plan.rows > rows_max:
            told.append(f"reads {plan.rows} rows")
        wrong += [f"{what}: {plan}" for what in told]
    return wrong


SORTS = [
    (noun, sort, descending)
    for noun, (kept, _) in LISTS.items()
    for sort in ["", *(field.name for field in kept.noun.fields if field.sortable)]
    if sort not in kept.noun.scanned_sorts
    for descending in (False, True)
]


def position(transaction: Transaction, query: ListQuery, number: int, *, last: bool) -> Position:
    """The place in a segment of the large namespace's list that stands some way into it, or at its end."""
    kept, _ = LISTS[query.noun.name]
    segment = pages.segments_of(kept, query.sort)[number]
    columns = [field.column for field in segment.order]
    down = query.sort.descending != last
    part = zip(kept.partition, (LARGE_ID, "INPUT"), strict=False)
    statement = (
        select(*columns)
        .where(*(column == bindparam(f"part_{index}") for index, (column, _) in enumerate(part)), *segment.conditions)
        .order_by(*(column.desc() if down else column.asc() for column in columns))
        .limit(1)
        .offset(bindparam("offset"))
    )
    row = transaction.row(Statement(statement), {"part_0": LARGE_ID, "part_1": "INPUT", "offset": 0 if last else 100})
    assert row is not None
    return Position(number, tuple(pages._to_position(segment, row, 0)))


def list_page(list_them: ListFunction, context: Context, query: ListQuery, transaction: Transaction) -> Any:
    """A page of a list, as a function of a transaction once the rest is given."""
    return list_them(context, transaction, query)


@pytest.mark.parametrize(("noun", "sort", "descending"), SORTS)
def test_a_page_enters_an_index_where_it_begins(
    store: Planned, context: Context, noun: str, sort: str, descending: bool
) -> None:
    kept, list_them = LISTS[noun]
    query = a_query(noun, sort, descending=descending)
    if noun == "artifact_tasks":
        query = query._replace(types=("INPUT",))

    with store.transaction() as transaction:
        positions = [
            position(transaction, query, number, last=last)
            for number in range(len(pages.segments_of(kept, query.sort)))
            for last in (False, True)
        ]
    walk = [query, *(query._replace(position=begin) for begin in positions)]

    found = [plan for page in walk for plan in of_pages(store.plans(partial(list_page, list_them, context, page)))]

    assert found
    rows_max = RUNS_PAGE_ROWS_MAX if noun == "runs" else PAGE_ROWS_MAX
    assert offences(found, rows_max=rows_max, sorting=False) == []
    # Where the rows that are left are few, a server may look at all of them in another order.
    untold = [plan for plan in found if plan.rows is None]
    assert [plan for plan in untold if not enters_where_it_begins(kept, query, plan)] == []


def enters_where_it_begins(kept: Listing, query: ListQuery, plan: Plan) -> bool:
    """Whether an index is entered by the partition, the segment and the position, as far as there are such."""
    [step] = plan.on(kept.noun.name)
    wanted = {column.name for column in kept.partition}
    if "after_" in plan.sql:
        field = kept.fields.get(query.sort.field) or kept.serial
        assert field is not None
        wanted.add(field.column.name)
    return wanted <= set(step.entered_by)


@pytest.mark.parametrize(("noun", "sort", "descending"), [(noun, "", False) for noun in LISTS])
def test_a_page_over_all_namespaces_takes_a_few_rows_of_each(
    store: Planned, context: Context, noun: str, sort: str, descending: bool
) -> None:
    _, list_them = LISTS[noun]
    query = a_query(noun, sort, descending=descending, namespace=None)
    with store.transaction() as transaction:
        begin = position(transaction, query, 0, last=False)

    found = of_pages(store.plans(lambda t: list_them(context, t, query)))
    found += of_pages(store.plans(lambda t: list_them(context, t, query._replace(position=begin))))

    # Two rows of each of several namespaces in one statement, each with its namespace's name; a run with its tasks.
    rows_max = RUNS_PAGE_ROWS_MAX if noun == "runs" else 10 * pages.PARTS_AT_ONCE
    assert offences(found, rows_max=rows_max, sorting=False) == []


@pytest.mark.parametrize("noun", list(LISTS))
def test_the_size_of_a_whole_list_is_read_from_kept_counts(store: Planned, context: Context, noun: str) -> None:
    _, list_them = LISTS[noun]

    found = store.plans(lambda t: list_them(context, t, a_query(noun)))

    [counting] = [plan for plan in found if "FROM counts" in plan.sql]
    assert offences([counting], rows_max=PAGE_ROWS_MAX) == []
    assert [step.entered_by for step in counting.on("counts")] == [("noun", "namespace_id")]


def a_predicate(noun: str, name: str, *values: Scalar, operation: Operation = Operation.EQUALS) -> Predicate:
    """A condition on a field."""
    field = LISTS[noun][0].noun.field(name)
    assert field is not None
    kinds = {str: ValueKind.TEXT, int: ValueKind.TIME, float: ValueKind.DOUBLE}
    return Predicate(operation, field, (), kinds[type(values[0])], values)


def a_range(noun: str, name: str, low: float, high: float) -> tuple[Predicate, Predicate]:
    """Two conditions that a field's value lies between two."""
    return (
        a_predicate(noun, name, low, operation=Operation.GREATER_THAN_EQUALS),
        a_predicate(noun, name, high, operation=Operation.LESS_THAN),
    )


_FROM_US, _TO_US = START_US + 500_000_000, START_US + 530_000_000
SELECTIVE: dict[str, dict[str, Any]] = {
    "artifacts by name": {"predicates": (a_predicate("artifacts", "name", "model7"),)},
    "artifacts by type and name": {
        "predicates": (a_predicate("artifacts", "type", "Model"), a_predicate("artifacts", "name", "model7"))
    },
    "artifacts by names": {
        "predicates": (a_predicate("artifacts", "name", "model7", "model8", "model9", operation=Operation.IN),)
    },
    "artifacts by created_at": {"predicates": a_range("artifacts", "created_at", _FROM_US, _TO_US)},
    "artifacts by number_value": {"predicates": a_range("artifacts", "number_value", 100.0, 103.0)},
    "artifacts by id": {"predicates": (a_predicate("artifacts", "artifact_id", artifact_id(77)),)},
    "metrics by name": {"predicates": (a_predicate("metrics", "name", "m7"),)},
    "metrics by schema and name": {
        "predicates": (a_predicate("metrics", "schema", "Metric"), a_predicate("metrics", "name", "m7"))
    },
    "metrics by run": {"predicates": (a_predicate("metrics", "run_id", "r77"),)},
    "metrics by value": {"predicates": a_range("metrics", "value", 100.0, 103.0)},
    "metrics by tasks": {"task_ids": ("t5", "t6")},
    "metrics by runs": {"run_ids": ("r5", "r6")},
    "metrics by many runs": {"run_ids": tuple(f"r{number}" for number in range(701, 709))},
    "tasks by state": {"predicates": (a_predicate("tasks", "state", "RUNNING"),)},
    "tasks by name": {"predicates": (a_predicate("tasks", "name", "step7"),)},
    "tasks by start_time": {"predicates": a_range("tasks", "start_time", _FROM_US, _TO_US)},
    "tasks by run": {"run_ids": ("r77",)},
    "tasks by parent": {"parent_id": "t4000"},
    "tasks by a parent of many": {"parent_id": "t0"},
    "runs by experiment": {"experiment_id": "e7"},
    "runs by name": {"predicates": (a_predicate("runs", "display_name", "run 7"),)},
    "runs by created_at": {"predicates": a_range("runs", "created_at", _FROM_US, _TO_US)},
    "artifact_tasks by task": {"predicates": (a_predicate("artifact_tasks", "task_id", "t2222"),), "types": ("INPUT",)},
    "artifact_tasks by tasks": {"task_ids": ("t2222", "t2223")},
    "artifact_tasks by runs": {"run_ids": ("r701", "r702")},
    "artifact_tasks by artifact": {"artifact_ids": (artifact_id(2_222),)},
    "artifact_tasks by created_at": {"predicates": a_range("artifact_tasks", "created_at", _FROM_US, _TO_US)},
    "artifact_tasks by a hub": {"artifact_ids": (artifact_id(1),)},
}


@pytest.mark.parametrize("name", list(SELECTIVE))
def test_a_selective_list_looks_at_what_matches(store: Planned, context: Context, name: str) -> None:
    noun = name.split(maxsplit=1)[0]
    query = a_query(noun, **SELECTIVE[name])
    _, list_them = LISTS[noun]
    with store.transaction() as transaction:
        page = list_them(context, transaction, query)
    following = query._replace(position=page.next_position, total_size=page.total_size)

    found = store.plans(lambda t: list_them(context, t, query))
    if page.next_position:
        found += store.plans(lambda t: list_them(context, t, following))

    assert page.total_size > 0
    found = [plan for plan in found if "key_0" in plan.sql or "count(*)" in plan.sql.split(" FROM ", 1)[0]]
    # MariaDB counts a row of an index twice: as it looks at it, and as it takes it.
    rows_max = 3 * page.total_size + RUNS_PAGE_ROWS_MAX
    assert offences(found, rows_max=rows_max) == []


@pytest.mark.parametrize(
    ("noun", "sort", "values"),
    [
        ("artifacts", "type", ("Model",)),
        ("artifacts", "name", ("model7", "model8")),
        ("metrics", "schema", ("Metric",)),
        ("metrics", "name", ("m7",)),
        ("tasks", "state", ("SUCCEEDED",)),
        ("tasks", "name", ("step7",)),
        ("runs", "experiment_id", ("e7",)),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
def test_a_list_filtered_and_sorted_by_one_field_is_read_in_order(
    store: Planned, context: Context, noun: str, sort: str, values: tuple[str, ...], descending: bool
) -> None:
    _, list_them = LISTS[noun]
    operation = Operation.IN if len(values) > 1 else Operation.EQUALS
    predicates = (a_predicate(noun, sort, *values, operation=operation),)
    sorted_by = sort if noun != "runs" else "created_at"
    query = a_query(noun, sorted_by, descending=descending, predicates=predicates, total_size=1)
    with store.transaction() as transaction:
        page = list_them(context, transaction, query._replace(page_size=100))

    found = of_pages(
        store.plans(
            lambda t: list_them(context, t, query),
            lambda t: list_them(context, t, query._replace(position=page.next_position)),
        )
    )

    rows_max = RUNS_PAGE_ROWS_MAX if noun == "runs" else 2 * PAGE_ROWS_MAX
    assert offences(found, rows_max=rows_max) == []


def test_what_belongs_to_tasks_is_read_by_their_ids(store: Planned, context: Context) -> None:
    query = a_query("tasks", page_size=4, position=Position(0, (START_US + 800_000_000, "t800")))

    found = store.plans(lambda t: tasks.list_tasks(context, t, query))

    of_them = [plan for plan in found if ":id_" in plan.sql or "(id_" in plan.sql]
    assert len(of_them) == 2
    assert offences(of_them, rows_max=PAGE_ROWS_MAX) == []


def a_point(task_id: str, created_at_us: int | None = None) -> NewMetric:
    """A point of a metric."""
    return NewMetric(task_id, "m0", 1.0, None, None, None, created_at_us, LARGE, None)


OPERATIONS: dict[str, Callable[[Context, Transaction], Any]] = {
    "create_artifact": lambda c, t: artifacts.create_artifact(
        c, t, new_artifact("n")._replace(task_id="t1", namespace=LARGE)
    ),
    "reuse_if_exists": lambda c, t: artifacts.create_artifact(
        c, t, new_artifact("model7")._replace(reuse_if_exists=True, namespace=LARGE)
    ),
    "get_artifact": lambda c, t: artifacts.get_artifact(c, t, artifact_id(77)),
    "update_artifact": lambda c, t: artifacts.update_artifact(
        c, t, ArtifactChanges(artifact_id(77), None, "b", None, None, None, None, None, None)
    ),
    "log_metric": lambda c, t: metrics.log_metric(c, t, a_point("t0")),
    "log_metric_at": lambda c, t: metrics.log_metric(c, t, a_point("t0", START_US)),
    "log_metric_of_a_new_task": lambda c, t: metrics.log_metric(c, t, a_point("new")),
    "get_metric": lambda c, t: metrics.get_metric(c, t, ("t0", "m0")),
    "get_metric_history": lambda c, t: metrics.get_metric_history(
        c, t, ("t0", "m0"), ListQuery(listing.METRIC_HISTORY, None, Sort("created_at"), (), PAGE_SIZE)
    ),
    "get_metric_history_behind": lambda c, t: metrics.get_metric_history(
        c,
        t,
        ("t0", "m0"),
        ListQuery(
            listing.METRIC_HISTORY,
            None,
            Sort("created_at"),
            (),
            PAGE_SIZE,
            Position(0, (START_US + 1_000_000_000, 1_000)),
        ),
    ),
    "create_artifact_task": lambda c, t: artifact_tasks.create_artifact_task(
        c, t, NewArtifactTask(artifact_id(1), "t4000", "INPUT", None, "k", None, None)
    ),
    "batch_create_artifact_tasks": lambda c, t: artifact_tasks.batch_create_artifact_tasks(
        c, t, [NewArtifactTask(artifact_id(n), "t4000", "INPUT", None, "k", None, None) for n in (1, 2, 3)]
    ),
    "batch_create_artifact_tasks_of_a_hub": lambda c, t: artifact_tasks.batch_create_artifact_tasks(
        c, t, [NewArtifactTask(artifact_id(n), "t1", "INPUT", None, "k", None, None) for n in (1, 2, 3)]
    ),
    "batch_log_metrics_at": lambda c, t: metrics.batch_log_metrics(
        c, t, [a_point("t0", START_US), a_point("t0", START_US + 1), a_point("t0", START_US)._replace(name="other")]
    ),
    "create_task": lambda c, t: tasks.create_task(c, t, TaskFields(task_id="n", run_id="r1", namespace=LARGE)),
    "get_task": lambda c, t: tasks.get_task(c, t, "t77"),
    "update_task": lambda c, t: tasks.update_task(c, t, "t5", TaskFields(state="RUNNING")),
    "update_run": lambda c, t: runs.update_run(c, t, RunChanges("r77", display_name="d")),
    "idempotency": lambda c, t: perform_once(
        c, t, Once("a key", "POST", "/path", b"body"), Verb.CREATE, lambda: Answer(b"{}", None, [LARGE])
    ),
}


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_an_operation_on_one_resource_looks_at_a_few_rows(store: Planned, context: Context, name: str) -> None:
    found = store.plans(lambda t: OPERATIONS[name](context, t))

    assert found
    assert offences(found, rows_max=PAGE_ROWS_MAX) == []


def test_forgetting_old_answers_looks_at_those_that_it_forgets(store: Planned) -> None:
    found = store.plans(lambda t: idempotency._forget_old(t, START_US + 2_000_000_000))

    looking, removing = found
    assert offences([looking], rows_max=4 * 256, sorting=False) == []
    # To remove so many from so small a table PostgreSQL reads it whole, and it is right.
    assert store.engine == "postgresql" or offences([removing], rows_max=4 * 256) == []


NODES_MAX = 10
"""Few enough that no planner thinks of reading the whole of a table that has only thousands of rows."""
LINEAGES = {
    "a hub": LineageQuery(artifact_id(1), None, None, Direction.DOWNSTREAM, None, NODES_MAX),
    "a task that reads many": LineageQuery(None, "t1", None, Direction.BOTH, None, NODES_MAX),
    "a chain": LineageQuery(artifact_id(2_500), None, None, Direction.BOTH, None, NODES_MAX),
    "a chain of three levels": LineageQuery(artifact_id(2_500), None, None, Direction.BOTH, 3, NODES_MAX),
    "a run": LineageQuery(None, None, "r700", Direction.BOTH, None, NODES_MAX),
}


@pytest.mark.parametrize("name", list(LINEAGES))
def test_a_lineage_steps_from_link_to_link(store: Planned, context: Context, name: str) -> None:
    found = store.plans(lambda t: lineage.get_lineage(context, t, LINEAGES[name]))

    walks = [plan for plan in found if "neighbour" in plan.sql]
    assert walks
    assert offences(found) == []
    # No index leads from a task to its inputs or outputs alone: all its links are looked at, by MariaDB twice.
    rows_max = 2 * HUB_LINKS + PAGE_ROWS_MAX if name == "a task that reads many" else 8 * NODES_MAX
    assert offences(walks, rows_max=rows_max, sorting=False) == []


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize(("noun", "sort", "descending"), SORTS)
def test_a_page_needs_no_plan_of_its_own(
    store: Planned, context: Context, noun: str, sort: str, descending: bool
) -> None:
    kept, list_them = LISTS[noun]
    query = a_query(noun, sort, descending=descending)
    if noun == "artifact_tasks":
        query = query._replace(types=("INPUT",))
    with store.transaction() as transaction:
        segments = range(len(pages.segments_of(kept, query.sort)))
        positions = [position(transaction, query, number, last=False) for number in segments]

    walk = [query, *(query._replace(position=begin) for begin in positions)]

    found = [
        plan
        for page in walk
        for plan in store.plans(partial(list_page, list_them, context, page), generic=True)
        if "key_0" in plan.sql or "FROM counts" in plan.sql
    ]

    assert offences(found, rows_max=RUNS_PAGE_ROWS_MAX if noun == "runs" else PAGE_ROWS_MAX) == []


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("name", list(OPERATIONS))
def test_an_operation_on_one_resource_needs_no_plan_of_its_own(store: Planned, context: Context, name: str) -> None:
    found = store.plans(lambda t: OPERATIONS[name](context, t), generic=True)

    assert offences(found, rows_max=PAGE_ROWS_MAX) == []


@pytest.mark.engines("postgresql")
def test_a_selective_list_is_planned_anew_each_time(filled: Filled, context: Context) -> None:
    query = a_query("metrics", task_ids=("t5", "t6"))
    _, list_them = LISTS["metrics"]

    with planned(filled, Purpose.SCAN) as scanning, scanning.transaction() as transaction:
        for _ in range(10):
            list_them(context, transaction, query._replace(namespace=SMALL))
            list_them(context, transaction, query)
        with transaction.plain() as connection:
            rows = connection.execute(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%task_id IN%'",
                prepare=False,
            ).fetchall()

    assert rows
    assert all(generic == 0 and custom >= 10 for generic, custom in rows)


@pytest.mark.engines("sqlite")
def test_a_store_that_grew_keeps_its_plans(filled: Filled, context: Context) -> None:
    list_them = partial(list_page, metrics.list_metrics, context, a_query("metrics", "value"))

    async def open_again() -> None:
        await (await open_store(filled.url)).close()

    with planned(filled) as store:
        before = store.plans(list_them)
    asyncio.run(open_again())
    with planned(filled) as store:
        assert store.plans(list_them) == before
