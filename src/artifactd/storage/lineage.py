"""Walks along links, with bounds.

A step goes from an artifact to the tasks that made it (upstream) or read it (downstream), or from a task to what it
read or made. A walk of any distance is one recursive query that remembers only nodes, so every node is visited once
and cycles end by themselves. One with a depth limit takes a query for each distance: a recursive one would have to
carry the distance, and meet a node of a cycle, and all that lies behind it, once for every way there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    null,
    or_,
    select,
)
from sqlalchemy.sql.selectable import CTE

from artifactd.storage.columns import uuid_bytes, uuid_from
from artifactd.storage.schema import artifact_tasks, tasks
from artifactd.storage.statements import Statement, Transaction, rows_of_ids

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
    if depth_max is not None:
        nodes, truncated = _walk_by_levels(
            transaction, start, upstream=upstream, depth_max=depth_max, nodes_max=nodes_max
        )
    else:
        statement = _WALKS[_kind(start), upstream]
        nodes = transaction.rows(statement, {"start": _value(start), "rows_max": nodes_max + 1})
        truncated = len(nodes) > nodes_max
    return Reached([(uuid_from(a) if a else None, t) for a, t in nodes[:nodes_max]], truncated)


def _kind(start: Start) -> str:
    return next(name for name, value in start._asdict().items() if value is not None)


def _value(start: Start) -> Any:
    return uuid_bytes(start.artifact_id) if start.artifact_id is not None else start.task_id or start.run_id


def _walk_by_levels(
    transaction: Transaction, start: Start, *, upstream: bool, depth_max: int, nodes_max: int
) -> tuple[list[Node], bool]:
    """The nodes of a walk, perhaps a few too many, and whether a limit cut it."""
    level: list[Node] = transaction.rows(_STARTS[_kind(start)], {"start": _value(start), "rows_max": nodes_max + 1})
    found = dict.fromkeys(level)
    for distance in range(depth_max + 1):
        neighbours = _neighbours(transaction, level, upstream=upstream, rows_max=nodes_max + 1)
        beyond = [node for node in neighbours if node not in found]
        if not beyond and len(found) <= nodes_max:
            return list(found), False
        if distance < depth_max:
            found |= dict.fromkeys(beyond)
        if len(found) > nodes_max:
            break
        level = beyond
    return list(found), True


def _neighbours(transaction: Transaction, level: list[Node], *, upstream: bool, rows_max: int) -> Iterator[Node]:
    """What is one link away from nodes of one kind, at most `rows_max` for each chunk of them."""
    if not level:
        return
    from_tasks = level[0][0] is None
    ids = [node[1] if from_tasks else node[0] for node in level]
    name = f"neighbours of {'tasks' if from_tasks else 'artifacts'}"
    # Towards what made it: from an artifact by outputs, from a task by inputs.
    values = {"is_output": upstream != from_tasks, "rows_max": rows_max}
    for (found,) in rows_of_ids(transaction, name, _FROM_TASKS if from_tasks else _FROM_ARTIFACTS, ids, values):
        yield (found, None) if from_tasks else (None, found)


def _neighbours_of(
    ids_of: ColumnElement[Any], neighbour: ColumnElement[Any]
) -> Callable[[list[BindParameter[Any]]], ClauseElement]:
    return lambda ids: (
        select(neighbour)
        .distinct()
        .where(ids_of.in_(ids), artifact_tasks.c.is_output == bindparam("is_output"))
        .limit(bindparam("rows_max"))
    )


_FROM_TASKS = _neighbours_of(artifact_tasks.c.task_id, artifact_tasks.c.artifact_id)
_FROM_ARTIFACTS = _neighbours_of(artifact_tasks.c.artifact_id, artifact_tasks.c.task_id)


def _base(kind: str) -> Select[Any, Any]:
    no_artifact, no_task = cast(null(), LargeBinary), cast(null(), Text)
    if kind == "artifact_id":
        return select(bindparam("start", type_=LargeBinary).label("artifact_id"), no_task.label("task_id"))
    if kind == "task_id":
        return select(no_artifact.label("artifact_id"), bindparam("start", type_=Text).label("task_id"))
    return select(no_artifact.label("artifact_id"), tasks.c.task_id.label("task_id")).where(
        tasks.c.run_id == bindparam("start")
    )


def _step(here: CTE, *, upstream: bool) -> Select[Any, Any]:
    link = artifact_tasks.c
    from_artifact = and_(link.artifact_id == here.c.artifact_id, link.is_output == upstream)
    from_task = and_(link.task_id == here.c.task_id, link.is_output == (not upstream))
    return select(
        case((here.c.artifact_id.is_(None), link.artifact_id)),
        case((here.c.artifact_id.is_not(None), link.task_id)),
    ).join_from(here, artifact_tasks, or_(from_artifact, from_task))


def _walk(kind: str, *, upstream: bool) -> Statement:
    here = _base(kind).cte("walk", recursive=True)
    whole = here.union(_step(here, upstream=upstream))
    return Statement(select(*whole.c).limit(bindparam("rows_max")))


_KINDS = Start._fields
_STARTS = {kind: Statement(_base(kind).limit(bindparam("rows_max"))) for kind in _KINDS}
_WALKS = {(kind, upstream): _walk(kind, upstream=upstream) for kind in _KINDS for upstream in (True, False)}
