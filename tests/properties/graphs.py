"""Graphs of artifacts and tasks in plain Python, and what a walk from link to link reaches."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

Node = tuple[str, str]
OUTPUTS = ("OUTPUT", "ITERATOR_OUTPUT")
"""The types of links that tests make from a task to what it made; all others are to what it read."""


class Graph(NamedTuple):
    """A graph as it was written: nodes are `("artifact", id)` and `("task", id)`."""

    links: list[dict[str, Any]]
    run_of_task: dict[str, str]


def distances(graph: Graph, starts: list[Node], *, upstream: bool) -> dict[Node, int]:
    """How many links each reachable node is away, in one direction."""
    forward: dict[Node, set[Node]] = {}
    for link in graph.links:
        artifact, task = ("artifact", link["artifact_id"]), ("task", link["task_id"])
        made = link["type"] in OUTPUTS
        begin, end = (artifact, task) if made == upstream else (task, artifact)
        forward.setdefault(begin, set()).add(end)
    found = dict.fromkeys(starts, 0)
    pending = deque(starts)
    while pending:
        node = pending.popleft()
        for there in forward.get(node, ()):
            if there not in found:
                found[there] = found[node] + 1
                pending.append(there)
    return found


def nearest(graph: Graph, starts: list[Node], direction: str) -> dict[Node, int]:
    """How far each node is in the nearer of the directions asked for."""
    found: dict[Node, int] = {}
    for upstream, wanted in ((True, direction != "DOWNSTREAM"), (False, direction != "UPSTREAM")):
        for node, distance in distances(graph, starts, upstream=upstream).items() if wanted else ():
            found[node] = min(distance, found.get(node, distance))
    return found


def links_among(graph: Graph, nodes: set[Node]) -> list[dict[str, Any]]:
    """The links both ends of which are given, by id."""
    among = (
        link
        for link in graph.links
        if ("artifact", link["artifact_id"]) in nodes and ("task", link["task_id"]) in nodes
    )
    return sorted(among, key=lambda link: str(link["id"]))
