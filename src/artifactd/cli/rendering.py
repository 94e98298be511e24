"""Metrics as text for a terminal: a table of them, and a value of any shape in one line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from artifactd.cli.characters import padded, printable, short_id, width_of
from artifactd.cli.trees import lineage_tree

__all__ = ["lineage_tree", "metrics_table", "printable", "summary"]

VALUE_WIDTH_MAX: Final = 60


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
        columns["task"] = [short_id(str(each.get("task_id", ""))) for each in metrics]
    if any("step" in each for each in metrics):
        columns["step"] = [printable(str(each.get("step", ""))) for each in metrics]
    columns["value"] = [summary(each.get("value")) for each in metrics]
    widths = [max(width_of(title), *map(width_of, cells)) for title, cells in columns.items()]
    rows = [tuple(columns), tuple("─" * width for width in widths), *zip(*columns.values(), strict=True)]
    return "\n".join(
        "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
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
