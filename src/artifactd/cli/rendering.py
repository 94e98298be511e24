"""Answers of the API as text for a terminal: a lineage as a tree, metrics as a table."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

SHORT_ID_LENGTH: Final = 8
VALUE_WIDTH_MAX: Final = 60

_INPUT, _OUTPUT = "INPUT", "OUTPUT"
_OUTPUT_KINDS = frozenset({_OUTPUT, "ITERATOR_OUTPUT", "ONE_OF_OUTPUT", "TASK_FINAL_STATUS_OUTPUT"})


def lineage_tree(lineage: Mapping[str, Any], root_artifact_id: str) -> str:
    """A lineage as a tree of lines, from one artifact to what it was made from and what was made of it.

    What is reached twice is shown with its branches once, and after that only referred to, so that cycles
    end. If the lineage leads both ways, each way gets a branch of its own.

    Args:
        lineage: the answer of `GET /apis/v2beta1/lineage`.
        root_artifact_id: the artifact to start from.

    Raises:
        ValueError: the lineage does not hold that artifact.
    """
    graph = _Graph.of(lineage)
    if root_artifact_id not in graph.artifacts:
        raise ValueError(
            f"artifact {printable(root_artifact_id)!r} is not in this lineage; ask for a lineage around it"
        )
    root = ("artifact", root_artifact_id)
    upstream, downstream = _walk(graph, root, _OUTPUT), _walk(graph, root, _INPUT)
    lines = [graph.label(root)]
    if upstream and downstream:
        lines += ["├── upstream", *(f"│   {line}" for line in upstream)]
        lines += ["└── downstream", *(f"    {line}" for line in downstream)]
    else:
        lines += upstream or downstream
    if lineage.get("truncated"):
        lines.append("… cut here by a limit: ask with a larger max_depth or max_nodes to see more")
    return "\n".join(lines)


def metrics_table(metrics: Sequence[Mapping[str, Any]]) -> str:
    """Metrics as a table, in the order given: numbers as they are, curves and matrices in a few words.

    Columns for the step and the task are there when there is something to tell apart.

    Args:
        metrics: as `GET /apis/v2beta1/metrics` lists them.
    """
    if not metrics:
        return "no metrics"
    columns: dict[str, list[str]] = {"metric": [printable(str(each.get("name", ""))) for each in metrics]}
    if len({each.get("task_id") for each in metrics}) > 1:
        columns["task"] = [_short(str(each.get("task_id", ""))) for each in metrics]
    if any("step" in each for each in metrics):
        columns["step"] = [printable(str(each.get("step", ""))) for each in metrics]
    columns["value"] = [summary(each.get("value")) for each in metrics]
    widths = [max(_width(title), *map(_width, cells)) for title, cells in columns.items()]
    rows = [tuple(columns), tuple("─" * width for width in widths), *zip(*columns.values(), strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def summary(value: Any) -> str:
    """A metric's value in one line.

    Args:
        value: a number, or the JSON of a classification metric; KFP's own shapes are put into words.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return format(value, ".6g")
    if isinstance(value, Mapping):
        for key, describe in _SHAPES.items():
            if key in value:
                try:
                    return printable(describe(value[key]))
                except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError):
                    # Any JSON is a metric's value; what only looks like KFP's is shown as the JSON that it
                    # is.
                    break
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text if len(text) <= VALUE_WIDTH_MAX else text[: VALUE_WIDTH_MAX - 1] + "…")


def printable(text: str) -> str:
    """The text with every character that a terminal would act on, or not show, written as its escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


Node = tuple[str, str]


@dataclass(slots=True)
class _Graph:
    """A lineage's nodes by id, and its links by either end and by whether they lead in or out of the task."""

    artifacts: dict[str, Mapping[str, Any]]
    tasks: dict[str, Mapping[str, Any]]
    links: dict[tuple[Node, str], list[tuple[Node, str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, lineage: Mapping[str, Any]) -> _Graph:
        graph = cls(
            artifacts={each["artifact_id"]: each for each in lineage.get("artifacts", ())},
            tasks={each["task_id"]: each for each in lineage.get("tasks", ())},
        )
        for link in lineage.get("artifact_tasks", ()):
            artifact, task = ("artifact", link["artifact_id"]), ("task", link["task_id"])
            way = _OUTPUT if link.get("type") in _OUTPUT_KINDS else _INPUT
            key = str(link.get("key", ""))
            graph.links[artifact, way].append((task, key))
            graph.links[task, way].append((artifact, key))
        return graph

    def label(self, node: Node, key: str = "") -> str:
        """A node in one line, with the key that led to it where that says more than its name."""
        kind, node_id = node
        if kind == "task":
            task = self.tasks.get(node_id, {})
            name = task.get("display_name") or task.get("name") or node_id
            return "  ".join(filter(None, (f"task {printable(name)}", task.get("state", ""), _duration(task))))
        artifact = self.artifacts.get(node_id, {})
        name = artifact.get("name", "")
        role = f" as {printable(key)}" if key and key != name else ""
        return f"{printable(artifact.get('type', 'artifact'))} {printable(name)}{role}  {_short(node_id)}"


def _walk(graph: _Graph, root: Node, way: str) -> list[str]:
    """The branches below a root.

    Args:
        graph: the lineage.
        root: an artifact.
        way: the links that lead from an artifact to the tasks to show: those that gave it out lead upstream,
            those that read it downstream. From a task the other links lead on.
    """
    other_way = _INPUT if way == _OUTPUT else _OUTPUT
    lines: list[str] = []
    shown = {root}

    def branches(node: Node, indent: str) -> list[tuple[Node, str, str, bool]]:
        links = graph.links.get((node, way if node[0] == "artifact" else other_way), [])
        return [(each, key, indent, place == len(links) - 1) for place, (each, key) in enumerate(links)]

    # A stack and no recursion: a lineage may be deeper than Python's.
    waiting = branches(root, "")[::-1]
    while waiting:
        node, key, indent, is_last = waiting.pop()
        below = branches(node, indent + ("    " if is_last else "│   "))
        again = "  (shown above)" if node in shown and (below or node == root) else ""
        lines.append(f"{indent}{'└── ' if is_last else '├── '}{graph.label(node, key)}{again}")
        if node not in shown:
            shown.add(node)
            waiting += below[::-1]
    return lines


def _duration(task: Mapping[str, Any]) -> str:
    try:
        started, ended = (datetime.fromisoformat(task[name]) for name in ("start_time", "end_time"))
        return f"{(ended - started).total_seconds():.1f} s"
    except (KeyError, TypeError, ValueError):
        return ""


def _short(identifier: str) -> str:
    """The end of an id: ids that are made one after the other may begin alike."""
    cut = len(identifier) > SHORT_ID_LENGTH
    return printable(f"…{identifier[-SHORT_ID_LENGTH:]}" if cut else identifier)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _roc_curve(points: Iterable[Mapping[str, Any]]) -> str:
    curve = sorted((float(each["falsePositiveRate"]), float(each["recall"])) for each in points)
    area = sum((right[0] - left[0]) * (right[1] + left[1]) / 2 for left, right in itertools.pairwise(curve))
    return f"ROC curve of {len(curve)} points, area {area:.4f}"


def _confusion_matrix(matrix: Mapping[str, Any]) -> str:
    names = [str(each["displayName"]) for each in matrix["annotationSpecs"]]
    rows = [[float(cell) for cell in each["row"]] for each in matrix["rows"]]
    right, total = sum(row[place] for place, row in enumerate(rows)), sum(map(sum, rows))
    cells = "; ".join(
        f"{name}: {' '.join(format(cell, 'g') for cell in row)}" for name, row in zip(names, rows, strict=True)
    )
    return (
        f"{right:g} of {total:g} right ({cells})"
        if len(rows) <= 3
        else f"{right:g} of {total:g} right, {len(rows)} classes"
    )


def _slices(slices: Sequence[Mapping[str, Any]]) -> str:
    names = ", ".join(str(each["slice"]) for each in slices)
    count = f"{len(slices)} slice{'' if len(slices) == 1 else 's'}"
    return f"{count}: {names}" if len(names) <= VALUE_WIDTH_MAX else count


# By the key that each of KFP's shapes has at its top.
_SHAPES: Final[Mapping[str, Callable[[Any], str]]] = {
    "confidenceMetrics": _roc_curve,
    "confusionMatrix": _confusion_matrix,
    "evaluationSlices": _slices,
}
