"""A lineage as a graph: its nodes by id, its links by either end, and what to call a node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from artifactd.cli.characters import printable, short_id
from artifactd.model import RuntimeState

INPUT: Final = "INPUT"
OUTPUT: Final = "OUTPUT"
OUTPUT_KINDS: Final = frozenset({OUTPUT, "ITERATOR_OUTPUT", "ONE_OF_OUTPUT", "TASK_FINAL_STATUS_OUTPUT"})

Node = tuple[str, str]
"""`artifact` or `task`, and its id."""


class Arrow(NamedTuple):
    """A link in the direction of the data: out of the task that made it, into the task that read it."""

    source: Node
    target: Node
    key: str


@dataclass(slots=True)
class Graph:
    """A lineage's nodes by id, and its links by either end and by whether they lead in or out of the task."""

    artifacts: dict[str, Mapping[str, Any]]
    tasks: dict[str, Mapping[str, Any]]
    links: dict[tuple[Node, str], list[tuple[Node, str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, lineage: Mapping[str, Any]) -> Graph:
        """The graph of what `GET /apis/v2beta1/lineage` answers."""
        graph = cls(artifacts=_by_id(lineage, "artifacts", "artifact_id"), tasks=_by_id(lineage, "tasks", "task_id"))
        for link in _objects(lineage, "artifact_tasks"):
            artifact, task = ("artifact", str(link.get("artifact_id"))), ("task", str(link.get("task_id")))
            way = OUTPUT if link.get("type") in OUTPUT_KINDS else INPUT
            key = str(link.get("key", ""))
            graph.links[artifact, way].append((task, key))
            graph.links[task, way].append((artifact, key))
        return graph

    def nodes(self) -> list[Node]:
        """Every node, those too that only a link names because a limit cut them."""
        known = [("task", each) for each in self.tasks] + [("artifact", each) for each in self.artifacts]
        return list(dict.fromkeys([*known, *(node for node, _ in self.links)]))

    def arrows(self) -> Iterator[Arrow]:
        """Every link once, in the direction of the data."""
        for (node, way), ends in self.links.items():
            if node[0] == "task":
                for artifact, key in ends:
                    yield Arrow(node, artifact, key) if way == OUTPUT else Arrow(artifact, node, key)

    def onward(self, node: Node, *, upstream: bool) -> list[tuple[Node, str]]:
        """The nodes one link further up or down the stream, each with the link's key."""
        made = OUTPUT if upstream else INPUT
        read = INPUT if upstream else OUTPUT
        return self.links.get((node, made if node[0] == "artifact" else read), [])

    def name(self, node: Node) -> str:
        """A node's name for people; its id if it has none."""
        kind, node_id = node
        if kind == "task":
            task = self.tasks.get(node_id, {})
            return str(task.get("display_name") or task.get("name") or node_id)
        return str(self.artifacts.get(node_id, {}).get("name", ""))

    def label(self, node: Node, key: str = "", *, full_ids: bool = False) -> str:
        """A node in one line, with the key that led to it where that says more than its name."""
        kind, node_id = node
        shown_id = printable(node_id) if full_ids else short_id(node_id)
        name = self.name(node)
        if kind == "task":
            task = self.tasks.get(node_id, {})
            parts = [f"task {printable(name)}", state_of(task), duration(task)]
            return "  ".join(filter(None, [*parts, shown_id if full_ids and name != node_id else ""]))
        artifact = self.artifacts.get(node_id, {})
        role = f" as {printable(key)}" if key and key != name else ""
        return f"{printable(str(artifact.get('type', 'artifact')))} {printable(name)}{role}  {shown_id}"


def _objects(lineage: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in an answer, and nothing else that a server may have put there."""
    found = lineage.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _by_id(lineage: Mapping[str, Any], name: str, id_name: str) -> dict[str, Mapping[str, Any]]:
    return {str(each.get(id_name)): each for each in _objects(lineage, name)}


def state_of(task: Mapping[str, Any]) -> str:
    """A task's state; empty while nobody has said."""
    state = printable(str(task.get("state", "")))
    return "" if state == RuntimeState.UNSPECIFIED else state


def duration(task: Mapping[str, Any]) -> str:
    """How long a task took, as `1.5 s`; empty while that is not known."""
    seconds = seconds_between(task.get("start_time"), task.get("end_time"))
    return "" if seconds is None else f"{seconds:.1f} s"


def seconds_between(begin: Any, end: Any) -> float | None:
    """Seconds from one RFC 3339 time to another; `None` where either is missing or no time."""
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    except (TypeError, ValueError):
        return None
