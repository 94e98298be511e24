"""Links between artifacts and tasks, to rows and back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, func, insert, select, update

from artifactd import listing
from artifactd.model import OUTPUT_TYPES, ArtifactTask, Producer
from artifactd.storage import counts, namespaces
from artifactd.storage.columns import Listing, SqlField, uuid_bytes, uuid_from
from artifactd.storage.schema import artifact_tasks
from artifactd.storage.statements import Row, Statement, Transaction

NO_ITERATION = -1
"""Stands for "no iteration" in the unique key, which would let NULL in twice."""
_CHUNK = 256


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

_INSERT = Statement(
    insert(artifact_tasks).values({c.name: bindparam(c.name) for c in artifact_tasks.c if c.name != "artifact_task_pk"})
)
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
    namespace_id = namespaces.intern(transaction, link.namespace)
    values = {
        "id": uuid_bytes(link.id),
        "namespace_id": namespace_id,
        "is_output": link.type in OUTPUT_TYPES,
        "run_id": link.run_id,
        "producer_task_name": link.producer.task_name,
        "created_at_us": link.created_at_us,
    }
    transaction.run(_INSERT, values | _identity(link))
    counts.add(transaction, "artifact_tasks", namespace_id, link.type)


def select_same_artifact_task(transaction: Transaction, link: ArtifactTask) -> ArtifactTask | None:
    """The link with the same identity (artifact, task, type, key, iteration), if there is one."""
    row = transaction.row(_SELECT_BY_IDENTITY, _identity(link))
    return _make(row) if row else None


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
    ids = list(task_ids)
    names = [f"id_{index}" for index in range(_CHUNK)]
    statement = transaction.shapes.get(
        "artifact_tasks of tasks",
        lambda: (
            select(*_SELECTED)
            .where(_table.task_id.in_([bindparam(name) for name in names]))
            .order_by(_table.artifact_task_pk)
            .limit(bindparam("links_max"))
        ),
    )
    found: list[ArtifactTask] = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        chunk += [chunk[-1]] * (_CHUNK - len(chunk))
        values = dict(zip(names, chunk, strict=True)) | {"links_max": links_max}
        found.extend(map(_make, transaction.rows(statement, values)))
    return found
