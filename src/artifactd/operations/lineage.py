"""Lineage: what lies around a node (contract, Ours)."""

from __future__ import annotations

from itertools import zip_longest

from artifactd.access import Verb
from artifactd.model import ArtifactTask, Direction, Lineage, TaskDetail
from artifactd.operations.artifacts import get_artifact
from artifactd.operations.context import Context
from artifactd.operations.owners import task_not_found
from artifactd.operations.runs import get_run_namespace
from artifactd.requests import LineageQuery
from artifactd.storage import artifact_tasks, artifacts, lineage, tasks
from artifactd.storage.lineage import Reached, Start
from artifactd.storage.statements import Transaction

LINKS_PER_NODE_MAX = 10
"""How many links a lineage holds at the most, for each node that it may hold."""


def get_lineage(context: Context, transaction: Transaction, query: LineageQuery) -> Lineage:
    """The artifacts and tasks that can be reached from a node, nearest first, and the links among them.

    Links never cross a namespace, so neither does a lineage.

    Raises:
        NotFound: there is no such node, or the caller may not read it.
        Unavailable: the walk takes too long.
    """
    start = _start(context, transaction, query)
    walks = [
        lineage.walk(transaction, start, upstream=upstream, depth_max=query.max_depth, nodes_max=query.max_nodes)
        for upstream, wanted in (
            (True, query.direction is not Direction.DOWNSTREAM),
            (False, query.direction is not Direction.UPSTREAM),
        )
        if wanted
    ]
    nodes = _together(walks)
    kept = nodes[: query.max_nodes]
    artifact_ids = [artifact_id for artifact_id, _ in kept if artifact_id is not None]
    task_ids = [task_id for _, task_id in kept if task_id is not None]
    links, all_links = _links(transaction, artifact_ids, task_ids, query.max_nodes * LINKS_PER_NODE_MAX)
    found_artifacts = {item.artifact_id: item for item in artifacts.select_artifacts(transaction, artifact_ids)}
    found_tasks = {item.task_id: item for item in tasks.select_tasks(transaction, task_ids)}
    return Lineage(
        artifacts=[found_artifacts[artifact_id] for artifact_id in artifact_ids],
        tasks=[TaskDetail(found_tasks[task_id], {}, {}, []) for task_id in task_ids],
        artifact_tasks=links,
        truncated=len(nodes) > len(kept) or not all_links or any(walk.truncated for walk in walks),
    )


def _start(context: Context, transaction: Transaction, query: LineageQuery) -> Start:
    """Where to begin, once it is known that the caller may read it."""
    if query.artifact_id is not None:
        get_artifact(context, transaction, query.artifact_id)
        return Start(artifact_id=query.artifact_id)
    if query.task_id is not None:
        owner = tasks.select_owner(transaction, query.task_id)
        if owner is None or not context.caller.may(Verb.GET, owner.namespace):
            raise task_not_found(query.task_id)
        return Start(task_id=query.task_id)
    assert query.run_id is not None
    get_run_namespace(context, transaction, query.run_id)
    return Start(run_id=query.run_id)


def _together(walks: list[Reached]) -> list[tuple[str | None, str | None]]:
    """The nodes of all walks, each once, nearest first, so that no direction starves the other."""
    mixed = (node for nodes in zip_longest(*(walk.nodes for walk in walks)) for node in nodes if node is not None)
    return list(dict.fromkeys(mixed))


def _links(
    transaction: Transaction, artifact_ids: list[str], task_ids: list[str], links_max: int
) -> tuple[list[ArtifactTask], bool]:
    """The links between nodes of a lineage, and whether these are all."""
    if not artifact_ids or not task_ids:
        return [], True
    found = artifact_tasks.select_artifact_tasks_between(transaction, task_ids, artifact_ids, links_max + 1)
    return found[:links_max], len(found) <= links_max
