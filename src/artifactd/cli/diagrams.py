"""A lineage as a drawing's source: DOT for Graphviz, and Mermaid for Markdown pages.

Names come from anyone, so every label is escaped: nothing in one ends it, or is read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from artifactd.cli.characters import printable, short_id
from artifactd.cli.graph import Graph, Node, duration, state_of

# Between two letters or digits these are only themselves; elsewhere Mermaid may read `1.` or `-` as a list.
_MERMAID_PLAIN = re.compile(r"(?<=[A-Za-z0-9])[-._:](?=[A-Za-z0-9])|[A-Za-z0-9 ,…]|[^\x00-\x7f]")


def dot(lineage: Mapping[str, Any]) -> str:
    """A lineage as a Graphviz graph, data flowing from left to right."""
    graph = Graph.of(lineage)
    names = _node_names(graph)
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif"];', '  edge [fontname="sans-serif"];']
    for node, name in names.items():
        shape = "box, style=rounded" if node[0] == "task" else "note"
        label = "\\n".join(map(_dot_text, _label_lines(graph, node)))
        lines.append(f'  {name} [shape={shape}, label="{label}"];')
    for source, target, key in graph.arrows():
        label = f' [label="{_dot_text(printable(key))}"]' if key else ""
        lines.append(f"  {names[source]} -> {names[target]}{label};")
    return "\n".join([*lines, "}"])


def mermaid(lineage: Mapping[str, Any]) -> str:
    """A lineage as a Mermaid flowchart, data flowing from left to right."""
    graph = Graph.of(lineage)
    names = _node_names(graph)
    lines = ["flowchart LR"]
    for node, name in names.items():
        label = "<br/>".join(map(_mermaid_text, _label_lines(graph, node)))
        lines.append(f'  {name}(["{label}"])' if node[0] == "task" else f'  {name}["{label}"]')
    for source, target, key in graph.arrows():
        label = f'|"{_mermaid_text(printable(key))}"| ' if key else ""
        lines.append(f"  {names[source]} --> {label}{names[target]}")
    return "\n".join(lines)


def _node_names(graph: Graph) -> dict[Node, str]:
    """A name for each node that no keyword and no other node has."""
    return {node: f"{node[0]}{number}" for number, node in enumerate(graph.nodes(), 1)}


def _label_lines(graph: Graph, node: Node) -> list[str]:
    kind, node_id = node
    name = printable(graph.name(node)) or short_id(node_id)
    if kind == "task":
        task = graph.tasks.get(node_id, {})
        state = "  ".join(filter(None, (state_of(task), duration(task))))
        return [name, state] if state else [name]
    return [name, f"{printable(str(graph.artifacts.get(node_id, {}).get('type', 'artifact')))} {short_id(node_id)}"]


def _dot_text(text: str) -> str:
    """The text for inside a DOT string; Graphviz reads backslashes and HTML entities in labels."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def _mermaid_text(text: str) -> str:
    """The text for inside a Mermaid string, all that it may read as markup as its character code."""
    plain = {match.start() for match in _MERMAID_PLAIN.finditer(text)}
    return "".join(char if place in plain else f"#{ord(char)};" for place, char in enumerate(text))
