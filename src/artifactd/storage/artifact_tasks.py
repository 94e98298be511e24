"""Links between artifacts and tasks, to rows and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, bindparam, func, select, update

from artifactd import listing
from artifactd.model import OUTPUT_TYPES, ArtifactTask, Producer
from artifactd.storage import counts, namespaces
from artifactd.storage.columns import NO_UUID, Listing, SqlField, uuid_bytes, uuid_from
from artifactd.storage.engines.expressions import sorted_anew
from artifactd.storage.schema import artifact_tasks
from artifactd.storage.statements import Row, Statement, Transaction, one_after_the_other, rows_of_ids

NO_ITERATION = -1
"""Stands for "no iteration" in the unique key, which would let NULL in twice."""
_TASKS_AT_ONCE = 256
_LINKS_AT_ONCE = 10_000
_ARTIFACTS_AT_ONCE = 32
_ARTIFACT_ID = 2
"""Where an artifact's id stands in a row."""


def _make(row: Row) -> ArtifactTask:
    return ArtifactTask(
        id=uuid_from(row[0]),
        namespace=row[1],
        artifact_id=uuid_from(row[2]),
        task_id=row[3],
        type=row[4],
        run_id=row[5],
        key=row[6] or None,
        producer=Producer(row[8], None if row[7] == NO_ITERATION else row[7]),
        created_at_us=row[9],
    )


_table = artifact_tasks.c
_SELECTED = (
    _table.id,
    namespaces.namespace_of(_table.namespace_id),
    _table.artifact_id,
    _table.task_id,
    _table.type,
    _table.run_id,
    _table.key,
    _table.iteration,
    _table.producer_task_name,
    _table.created_at_us,
)
LISTING = Listing(
    noun=listing.ARTIFACT_TASKS,
    table=artifact_tasks,
    selected=_SELECTED,
    make=_make,
    fields={
        "id": SqlField(_table.id, is_uuid=True),
        "artifact_id": SqlField(_table.artifact_id, is_uuid=True),
        "task_id": SqlField(_table.task_id),
        "run_id": SqlField(_table.run_id, nullable=True),
        "type": SqlField(_table.type),
        "created_at": SqlField(_table.created_at_us),
        "key": SqlField(func.nullif(_table.key, ""), nullable=True),
    },
    identity=("id",),
    partition=(_table.namespace_id, _table.type),
)

_INSERT = namespaces.insert_into(artifact_tasks)
_SELECT_BY_IDENTITY = Statement(
    select(*_SELECTED).where(
        *(_table[name] == bindparam(name) for name in ("task_id", "artifact_id", "type", "key", "iteration"))
    )
)
_SET_RUN = Statement(
    update(artifact_tasks).where(_table.task_id == bindparam("b_task_id")).values(run_id=bindparam("b_run_id"))
)


def insert_artifact_task(transaction: Transaction, link: ArtifactTask) -> None:
    """Keeps a new link and counts it."""
    namespaces.intern(transaction, link.namespace)
    values = {
        "id": uuid_bytes(link.id),
        "namespace": link.namespace,
        "is_output": link.type in OUTPUT_TYPES,
        "run_id": link.run_id,
        "producer_task_name": link.producer.task_name,
        "created_at_us": link.created_at_us,
    }
    transaction.run(_INSERT, values | _identity(link))
    counts.add(transaction, "artifact_tasks", link.namespace, link.type)


def select_same_artifact_task(transaction: Transaction, link: ArtifactTask) -> ArtifactTask | None:
    """The link with the same identity (artifact, task, type, key, iteration), if there is one."""
    row = transaction.row(_SELECT_BY_IDENTITY, _identity(link))
    return _make(row) if row else None


def select_artifact_tasks_of_task(
    transaction: Transaction, task_id: str, artifact_ids: Iterable[str], links_max: int
) -> list[ArtifactTask] | None:
    """The links between a task and some artifacts, in no order; None where there are as many as `links_max`."""
    rows = rows_of_ids(
        transaction,
        "artifact_tasks of a task",
        _of_task,
        [uuid_bytes(artifact_id) for artifact_id in artifact_ids],
        {"task_id": task_id, "links_max": links_max},
        at_once=_ARTIFACTS_AT_ONCE,
        padding=NO_UUID,
    )
    found = list(map(_make, rows))
    return found if len(found) < links_max else None


def _of_task(artifact_ids: list[BindParameter[Any]]) -> ClauseElement:
    of_task = select(*_SELECTED).where(_table.task_id == bindparam("task_id"))
    each = one_after_the_other(of_task.where(_table.artifact_id == artifact_id) for artifact_id in artifact_ids)
    return each.limit(bindparam("links_max"))


def _identity(link: ArtifactTask) -> dict[str, object]:
    iteration = link.producer.iteration
    return {
        "artifact_id": uuid_bytes(link.artifact_id),
        "task_id": link.task_id,
        "type": link.type,
        "key": link.key or "",
        "iteration": NO_ITERATION if iteration is None else iteration,
    }


def update_run_of_task(transaction: Transaction, task_id: str, run_id: str) -> None:
    """Notes on a task's links the run that the task turned out to belong to."""
    transaction.run(_SET_RUN, {"b_task_id": task_id, "b_run_id": run_id})


def select_artifact_tasks_of_tasks(
    transaction: Transaction, task_ids: Iterable[str], links_max: int
) -> list[ArtifactTask]:
    """The links of some tasks, each task's in the order in which they were made; at most `links_max` for each chunk."""
    rows = rows_of_ids(
        transaction,
        "artifact_tasks of tasks",
        lambda names: (
            select(*_SELECTED)
            .where(_table.task_id.in_(names))
            .order_by(sorted_anew(_table.artifact_task_pk))
            .limit(bindparam("links_max"))
        ),
        list(task_ids),
        {"links_max": links_max},
    )
    return list(map(_make, rows))


def select_artifact_tasks_between(
    transaction: Transaction, task_ids: list[str], artifact_ids: Iterable[str], links_max: int
) -> list[ArtifactTask]:
    """The links between some tasks and some artifacts, at most `links_max`.

    A task's links with other artifacts are looked at and left out, however many there are.
    """
    wanted = {uuid_bytes(artifact_id) for artifact_id in artifact_ids}
    found: list[ArtifactTask] = []
    for start in range(0, len(task_ids), _TASKS_AT_ONCE):
        values = {"after": 0, "rows_max": _LINKS_AT_ONCE}
        more = True
        while more and len(found) < links_max:
            ids = task_ids[start : start + _TASKS_AT_ONCE]
            rows = list(rows_of_ids(transaction, "artifact_tasks behind one", _behind_one, ids, values))
            found.extend(_make(row) for row in rows if row[_ARTIFACT_ID] in wanted)
            more = len(rows) == _LINKS_AT_ONCE
            values["after"] = rows[-1][-1] if rows else 0
    return found[:links_max]


def _behind_one(names: list[BindParameter[Any]]) -> ClauseElement:
    pk = _table.artifact_task_pk
    return (
        select(*_SELECTED, pk)
        .where(_table.task_id.in_(names), pk > bindparam("after"))
        .order_by(sorted_anew(pk))
        .limit(bindparam("rows_max"))
    )
