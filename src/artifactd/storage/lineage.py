"""Walks along links, with bounds.

A step goes from an artifact to the tasks that made it (upstream) or read it (downstream), or from a task to what it
read or made. A walk takes a query for each distance. One recursive query would meet a node of a cycle once for every
way there if it carried the distance, and MySQL and MariaDB follow such a query to its end before they see its limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ClauseElement, ColumnElement, bindparam, select, union_all

from artifactd.storage.columns import uuid_bytes, uuid_from
from artifactd.storage.schema import artifact_tasks, tasks
from artifactd.storage.statements import Statement, Transaction, rows_of_ids

_IDS_AT_ONCE = 32
"""Of how many nodes the neighbours are asked at once: each is a query in itself, and long SQL takes long to compile."""
Node = tuple[Any, str | None]
"""An artifact's id in bytes, or a task's id; the other is None."""


class Start(NamedTuple):
    """Where a walk begins: one of an artifact, a task, or the tasks of a run."""

    artifact_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None


class Reached(NamedTuple):
    """The nodes of a walk, nearest first: artifact ids and task ids, either one None; and whether a limit cut it."""

    nodes: list[tuple[str | None, str | None]]
    truncated: bool


def walk(transaction: Transaction, start: Start, *, upstream: bool, depth_max: int | None, nodes_max: int) -> Reached:
    """The nodes that can be reached from a start in one direction, the start among them.

    Args:
        upstream: towards what made it, else towards what was made of it.
        depth_max: how many links away a node may be; None for any.
        nodes_max: how many nodes to give.
    """
    level = _first(transaction, start, nodes_max + 1)
    found = dict.fromkeys(level)
    distance = 0
    while level and len(found) <= nodes_max:
        beyond: dict[Node, None] = {}
        for node in _neighbours(transaction, level, upstream=upstream, rows_max=nodes_max + 1):
            if node in found:
                continue
            if distance == depth_max:
                return _reached(found, nodes_max, truncated=True)
            found[node] = beyond[node] = None
            if len(found) > nodes_max:
                break
        level, distance = list(beyond), distance + 1
    return _reached(found, nodes_max, truncated=len(found) > nodes_max)


def _reached(found: Iterable[Node], nodes_max: int, *, truncated: bool) -> Reached:
    nodes = [(uuid_from(artifact_id) if artifact_id else None, task_id) for artifact_id, task_id in found]
    return Reached(nodes[:nodes_max], truncated)


def _first(transaction: Transaction, start: Start, rows_max: int) -> list[Node]:
    if start.artifact_id is not None:
        return [(uuid_bytes(start.artifact_id), None)]
    if start.task_id is not None:
        return [(None, start.task_id)]
    rows = transaction.rows(_TASKS_OF_RUN, {"run_id": start.run_id, "rows_max": rows_max})
    return [(None, task_id) for (task_id,) in rows]


def _neighbours(transaction: Transaction, level: list[Node], *, upstream: bool, rows_max: int) -> Iterator[Node]:
    """What is one link away from nodes of one kind, at most `rows_max` for each chunk of them."""
    from_tasks = level[0][0] is None
    ids = [node[1] if from_tasks else node[0] for node in level]
    name = f"neighbours of {'tasks' if from_tasks else 'artifacts'}"
    # Towards what made it: from an artifact by outputs, from a task by inputs.
    values = {"is_output": upstream != from_tasks, "rows_max": rows_max}
    build = _FROM_TASKS if from_tasks else _FROM_ARTIFACTS
    for (found,) in rows_of_ids(transaction, name, build, ids, values, _IDS_AT_ONCE):
        yield (found, None) if from_tasks else (None, found)


def _neighbours_of(
    ids_of: ColumnElement[Any], neighbour: ColumnElement[Any]
) -> Callable[[list[BindParameter[Any]]], ClauseElement]:
    """The statement that gives the neighbours of some ids in order, each id's bounded on its own.

    So an index gives each id's in order, and a hub among them is not read to its end.
    """

    def build(ids: list[BindParameter[Any]]) -> ClauseElement:
        of_each = [
            select(neighbour.label("neighbour"))
            .distinct()
            .where(ids_of == each, artifact_tasks.c.is_output == bindparam("is_output"))
            .order_by(neighbour)
            .limit(bindparam("rows_max"))
            .subquery(f"of_{each.key}")
            for each in ids
        ]
        return union_all(*(select(each.c.neighbour) for each in of_each))

    return build


_FROM_TASKS = _neighbours_of(artifact_tasks.c.task_id, artifact_tasks.c.artifact_id)
_FROM_ARTIFACTS = _neighbours_of(artifact_tasks.c.artifact_id, artifact_tasks.c.task_id)
_TASKS_OF_RUN = Statement(
    select(tasks.c.task_id)
    .where(tasks.c.run_id == bindparam("run_id"))
    .order_by(tasks.c.create_time_us, tasks.c.task_id)
    .limit(bindparam("rows_max"))
)
