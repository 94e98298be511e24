"""A lineage as a tree of lines, from an artifact, a task or a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artifactd.cli.characters import printable
from artifactd.cli.graph import Graph, Node


def lineage_tree(lineage: Mapping[str, Any], root_id: str, kind: str = "artifact", *, full_ids: bool = False) -> str:
    """A lineage as a tree of lines, from one artifact or task to what lies up and down the stream.

    What is reached twice is shown with its branches once, and after that only referred to, so that cycles
    end. If the lineage leads both ways, each way gets a branch of its own.

    Args:
        lineage: the answer of `GET /apis/v2beta1/lineage`.
        root_id: the artifact or task to start from.
        kind: `artifact` or `task`.
        full_ids: show whole ids, and those of tasks too.

    Raises:
        ValueError: the lineage does not hold that node.
    """
    graph = Graph.of(lineage)
    if root_id not in (graph.artifacts if kind == "artifact" else graph.tasks):
        raise ValueError(f"{kind} {printable(root_id)!r} is not in this lineage; ask for a lineage around it")
    root = (kind, root_id)
    upstream = _walk(graph, root, {root}, upstream=True, full_ids=full_ids)
    downstream = _walk(graph, root, {root}, upstream=False, full_ids=full_ids)
    lines = [graph.label(root, full_ids=full_ids)]
    if upstream and downstream:
        lines += ["├── upstream", *(f"│   {line}" for line in upstream)]
        lines += ["└── downstream", *(f"    {line}" for line in downstream)]
    else:
        lines += upstream or downstream
    if lineage.get("truncated"):
        lines.append("… cut here by a limit: ask with a larger max_depth or max_nodes to see more")
    return "\n".join(lines)


def lineage_forest(lineage: Mapping[str, Any], title: str, *, upstream: bool = False, full_ids: bool = False) -> str:
    """A lineage as a tree of lines below a title: from each node that nothing leads to, to all that follow.

    Args:
        lineage: the answer of `GET /apis/v2beta1/lineage`.
        title: the first line.
        upstream: from what was made last to what it was made from, and not the other way.
        full_ids: show whole ids.
    """
    graph = Graph.of(lineage)
    nodes = graph.nodes()
    # A cycle has no beginning: what none leads to is taken first, then whatever is left, in the order given.
    beginnings = [node for node in nodes if not graph.onward(node, upstream=not upstream)]
    shown: set[Node] = set()
    trees: list[tuple[str, list[str]]] = []
    for root in dict.fromkeys([*beginnings, *nodes]):
        if root not in shown:
            shown.add(root)
            below = _walk(graph, root, shown, upstream=upstream, full_ids=full_ids)
            trees.append((graph.label(root, full_ids=full_ids), below))
    lines = [title]
    for place, (label, below) in enumerate(trees):
        is_last = place == len(trees) - 1
        lines.append(("└── " if is_last else "├── ") + label)
        lines += [("    " if is_last else "│   ") + line for line in below]
    return "\n".join(lines)


def _walk(graph: Graph, root: Node, shown: set[Node], *, upstream: bool, full_ids: bool) -> list[str]:
    """The branches below a root, as lines. `shown` are the nodes whose branches stand elsewhere; it is added to."""

    def branches(node: Node, indent: str) -> list[tuple[Node, str, str, bool]]:
        links = graph.onward(node, upstream=upstream)
        return [(each, key, indent, place == len(links) - 1) for place, (each, key) in enumerate(links)]

    lines: list[str] = []
    # A stack and no recursion: a lineage may be deeper than Python's.
    waiting = branches(root, "")[::-1]
    while waiting:
        node, key, indent, is_last = waiting.pop()
        below = branches(node, indent + ("    " if is_last else "│   "))
        again = "  (shown above)" if node in shown and (below or node == root) else ""
        label = graph.label(node, key, full_ids=full_ids)
        lines.append(f"{indent}{'└── ' if is_last else '├── '}{label}{again}")
        if node not in shown:
            shown.add(node)
            waiting += below[::-1]
    return lines
