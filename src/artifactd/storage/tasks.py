"""Tasks to rows and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, select, update

from artifactd import listing
from artifactd.model import ChildTask, Task
from artifactd.storage import counts, history, namespaces
from artifactd.storage.changes import update_changed
from artifactd.storage.columns import Listing, SqlField
from artifactd.storage.schema import tasks
from artifactd.storage.statements import Row, Statement, Transaction, rows_of_ids


class TaskOwner(NamedTuple):
    """To whom a task belongs: all that most writes need to know of it."""

    namespace: str
    run_id: str | None
    stub: bool


def _make(row: Row) -> Task:
    return Task._make((*row[:17], history.from_text(row[17]), bool(row[18])))


_table = tasks.c
_NAMESPACE = namespaces.namespace_of(_table.namespace_id)
_TEXTS = ("run_id", "name", "display_name", "state", "parent_task_id", "pod_name", "execution_id")
_TIMES = ("create_time_us", "start_time_us", "end_time_us")
_JSONS = ("executor_detail", "error", "input_parameters", "output_parameters", "labels")
_SELECTED = (
    _table.task_id,
    _NAMESPACE,
    *(_table[name] for name in (*_TEXTS, *_TIMES, *_JSONS)),
    _table.state_history,
    _table.stub,
)
LISTING = Listing(
    noun=listing.TASKS,
    table=tasks,
    selected=_SELECTED,
    make=_make,
    fields={
        "task_id": SqlField(_table.task_id),
        "run_id": SqlField(_table.run_id, nullable=True),
        "name": SqlField(_table.name, nullable=True),
        "display_name": SqlField(_table.display_name, nullable=True),
        "state": SqlField(_table.state),
        "create_time": SqlField(_table.create_time_us),
        "start_time": SqlField(_table.start_time_us, nullable=True),
        "end_time": SqlField(_table.end_time_us, nullable=True),
        "updated_at": SqlField(_table.updated_at_us),
        "parent_task_id": SqlField(_table.parent_task_id, nullable=True),
        "pod_name": SqlField(_table.pod_name, nullable=True),
        "execution_id": SqlField(_table.execution_id, nullable=True),
        "namespace": SqlField(_NAMESPACE),
    },
    identity=("task_id",),
    partition=(_table.namespace_id,),
)

_BY_ID = _table.task_id == bindparam("task_id")
_SELECT = Statement(select(*_SELECTED).where(_BY_ID))
_SELECT_FOR_UPDATE = Statement(select(*_SELECTED).where(_BY_ID).with_for_update())
_OWNER = select(_NAMESPACE, _table.run_id, _table.stub).where(_BY_ID)
_SELECT_OWNER = Statement(_OWNER)
_SELECT_OWNER_FOR_UPDATE = Statement(_OWNER.with_for_update())
_SELECT_OWNER_FOR_SHARE = Statement(_OWNER.with_for_update(read=True))
_SELECT_DIGEST = Statement(select(_table.request_digest).where(_BY_ID))
_INSERT = namespaces.insert_into(tasks)
_CHANGING = (*_TEXTS, *_TIMES, *_JSONS, "updated_at_us", "state_history", "stub", "request_digest")
_FILL = Statement(
    update(tasks).where(_table.task_id == bindparam("b_task_id")).values({name: bindparam(name) for name in _CHANGING})
)
_SELECT_OF_RUN = Statement(
    select(*_SELECTED)
    .where(_table.run_id == bindparam("run_id"))
    .order_by(_table.create_time_us, _table.task_id)
    .limit(bindparam("tasks_max"))
)


def _values(task: Task, updated_at_us: int | None) -> dict[str, Any]:
    values = {name: getattr(task, name) for name in (*_TEXTS, *_TIMES, *_JSONS, "stub")}
    return values | {"state_history": history.to_text(task.state_history), "updated_at_us": updated_at_us}


def insert_task(transaction: Transaction, task: Task, updated_at_us: int, request_digest: bytes | None) -> None:
    """Keeps a new task, or a stub (which no request made), and counts it."""
    namespaces.intern(transaction, task.namespace)
    values = _values(task, updated_at_us) | {"request_digest": request_digest}
    transaction.run(_INSERT, values | {"task_id": task.task_id, "namespace": task.namespace})
    counts.add(transaction, "tasks", task.namespace)


def fill_stub(transaction: Transaction, task: Task, updated_at_us: int, request_digest: bytes) -> None:
    """Replaces the fields of a stub, but for its id and namespace."""
    values = _values(task, updated_at_us) | {"request_digest": request_digest}
    transaction.run(_FILL, values | {"b_task_id": task.task_id})


def update_task(transaction: Transaction, before: Task, task: Task, updated_at_us: int) -> None:
    """Replaces the fields of a task that exists, but for its id, its namespace and the request that made it."""
    update_changed(transaction, _table.task_id, task.task_id, _values(before, None), _values(task, updated_at_us))


def select_task(transaction: Transaction, task_id: str, *, for_update: bool = False) -> Task | None:
    """The task of that id, a stub too, if there is one; `for_update` keeps others from changing it meanwhile."""
    row = transaction.row(_SELECT_FOR_UPDATE if for_update else _SELECT, {"task_id": task_id})
    return _make(row) if row else None


def select_owner(transaction: Transaction, task_id: str, *, for_update: bool = False) -> TaskOwner | None:
    """To whom the task of that id belongs, if there is one; `for_update` keeps others from changing it meanwhile."""
    row = transaction.row(_SELECT_OWNER_FOR_UPDATE if for_update else _SELECT_OWNER, {"task_id": task_id})
    return TaskOwner(row[0], row[1], bool(row[2])) if row else None


def select_fixed_owner(transaction: Transaction, task_id: str, *, for_link: bool = False) -> TaskOwner | None:
    """As `select_owner`; that a task has no run yet stays true until this transaction is done.

    Args:
        for_link: keeps others from changing the task meanwhile, so that who changes it knows all its links.
    """
    statement = _SELECT_OWNER_FOR_SHARE if for_link else _SELECT_OWNER
    row = transaction.row(statement, {"task_id": task_id})
    if row is not None and row[1] is None and transaction.lock(_run_of(task_id), shared=True):
        row = transaction.row(statement, {"task_id": task_id})
    return TaskOwner(row[0], row[1], bool(row[2])) if row else None


def lock_run(transaction: Transaction, task_id: str) -> None:
    """Waits for whoever relies on a task having no run yet. The task itself is locked before, by all who lock both."""
    transaction.lock(_run_of(task_id))


def _run_of(task_id: str) -> str:
    return f"run of {task_id}"


def select_request_digest(transaction: Transaction, task_id: str) -> bytes | None:
    """The digest of the request that made a task; None for a stub or an unknown task."""
    row = transaction.row(_SELECT_DIGEST, {"task_id": task_id})
    return row[0] if row else None


def select_tasks(transaction: Transaction, task_ids: Iterable[str]) -> list[Task]:
    """The tasks of those ids that exist, in no order."""
    rows = rows_of_ids(
        transaction,
        "tasks by ids",
        lambda names: select(*_SELECTED).where(_table.task_id.in_(names)),
        list(task_ids),
    )
    return list(map(_make, rows))


def select_tasks_of_run(transaction: Transaction, run_id: str, tasks_max: int) -> list[Task]:
    """A run's tasks in the order of their making, at most `tasks_max`."""
    return list(map(_make, transaction.rows(_SELECT_OF_RUN, {"run_id": run_id, "tasks_max": tasks_max})))


def _of_one_namespace(parents: FromClause) -> ColumnElement[bool]:
    return parents.c.namespace_id == _table.namespace_id


def select_children(transaction: Transaction, task_ids: Iterable[str], children_max: int) -> dict[str, list[ChildTask]]:
    """The children of some tasks by their parent's id, in the order of their making; only those of its namespace.

    Args:
        task_ids: at most 1,000.
        children_max: how many to give at the most, of all of them together.
    """
    ids = list(task_ids)
    rounded = 1 << max(len(ids) - 1, 0).bit_length()
    names = [f"id_{index}" for index in range(rounded)]
    parents = tasks.alias("parents")
    statement = transaction.shapes.get(
        ("children of tasks", rounded),
        lambda: (
            select(_table.parent_task_id, _table.task_id, _table.pod_name)
            .join(parents, and_(parents.c.task_id == _table.parent_task_id, _of_one_namespace(parents)))
            .where(_table.parent_task_id.in_([bindparam(name) for name in names]))
            .order_by(_table.parent_task_id, _table.create_time_us, _table.task_id)
            .limit(bindparam("children_max"))
        ),
    )
    ids += [ids[-1]] * (rounded - len(ids))
    values: dict[str, Any] = dict(zip(names, ids, strict=True))
    found: dict[str, list[ChildTask]] = {}
    for parent_task_id, task_id, pod_name in transaction.rows(statement, values | {"children_max": children_max}):
        found.setdefault(parent_task_id, []).append(ChildTask(task_id, pod_name))
    return found
