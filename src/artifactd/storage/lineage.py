"""Walks along links, as bounded recursive queries.

A step goes from an artifact to the tasks that made it (upstream) or read it (downstream), or from a task to what it
read or made. Without a depth limit the walk remembers only nodes, so every node is visited once and cycles end by
themselves; with one it also carries the distance.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, LargeBinary, Select, Text, and_, bindparam, case, cast, literal, null, or_, select
from sqlalchemy.sql.selectable import CTE

from artifactd.storage.columns import uuid_bytes, uuid_from
from artifactd.storage.schema import artifact_tasks, tasks
from artifactd.storage.statements import Statement, Transaction

_ROWS_FOR_A_NODE = 20
"""With a depth limit a node is met once for each distance; so many times at the most, on average."""


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
    kind = next(name for name, value in start._asdict().items() if value is not None)
    statement = _WALKS[kind, upstream, depth_max is not None]
    value = uuid_bytes(start.artifact_id) if start.artifact_id is not None else start.task_id or start.run_id
    if depth_max is None:
        rows = transaction.rows(statement, {"start": value, "rows_max": nodes_max + 1})
        nodes = [(uuid_from(row[0]) if row[0] else None, row[1]) for row in rows]
        return Reached(nodes[:nodes_max], len(nodes) > nodes_max)
    rows_max = (nodes_max + 1) * _ROWS_FOR_A_NODE
    # One link further than asked, to know whether there is anything beyond.
    rows = transaction.rows(statement, {"start": value, "depth_max": depth_max + 1, "rows_max": rows_max})
    distance: dict[tuple[Any, str | None], int] = {}
    for artifact_id, task_id, depth in rows:
        node = (artifact_id, task_id)
        distance[node] = min(depth, distance.get(node, depth))
    within = [node for node, depth in distance.items() if depth <= depth_max]
    truncated = len(within) < len(distance) or len(within) > nodes_max or len(rows) == rows_max
    return Reached([(uuid_from(a) if a else None, t) for a, t in within[:nodes_max]], truncated)


def _base(kind: str, *, with_depth: bool) -> Any:
    depth = [cast(literal(0), BigInteger).label("depth")] if with_depth else []
    no_artifact, no_task = cast(null(), LargeBinary), cast(null(), Text)
    if kind == "artifact_id":
        return select(bindparam("start", type_=LargeBinary).label("artifact_id"), no_task.label("task_id"), *depth)
    if kind == "task_id":
        return select(no_artifact.label("artifact_id"), bindparam("start", type_=Text).label("task_id"), *depth)
    return select(no_artifact.label("artifact_id"), tasks.c.task_id.label("task_id"), *depth).where(
        tasks.c.run_id == bindparam("start")
    )


def _step(here: CTE, *, upstream: bool, with_depth: bool) -> Select[Any]:
    link = artifact_tasks.c
    from_artifact = and_(link.artifact_id == here.c.artifact_id, link.is_output == upstream)
    from_task = and_(link.task_id == here.c.task_id, link.is_output == (not upstream))
    step = select(
        case((here.c.artifact_id.is_(None), link.artifact_id)),
        case((here.c.artifact_id.is_not(None), link.task_id)),
        *([here.c.depth + 1] if with_depth else []),
    ).join_from(here, artifact_tasks, or_(from_artifact, from_task))
    return step.where(here.c.depth < bindparam("depth_max")) if with_depth else step


def _walk(kind: str, *, upstream: bool, with_depth: bool) -> Statement:
    here = _base(kind, with_depth=with_depth).cte("walk", recursive=True)
    whole = here.union(_step(here, upstream=upstream, with_depth=with_depth))
    return Statement(select(*whole.c).limit(bindparam("rows_max")))


_WALKS = {
    (kind, upstream, with_depth): _walk(kind, upstream=upstream, with_depth=with_depth)
    for kind in ("artifact_id", "task_id", "run_id")
    for upstream in (True, False)
    for with_depth in (True, False)
}
