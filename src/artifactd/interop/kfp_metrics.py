"""What KFP's metric artifacts hold in their metadata, as metrics of the task that gave them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from artifactd.interop.description import MetricDescription

_NON_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
_CLASSIFICATION_PARTS = ("confidenceMetrics", "confusionMatrix")
_SLICES = "evaluationSlices"
# No URL can carry these as the name of a metric, so the service refuses them.
_UNUSABLE_NAMES = frozenset({"", ".", ".."})


class MetricsArtifact(NamedTuple):
    """A metric artifact: the output key, the declared schema title and the metadata."""

    key: str
    schema_title: str
    metadata: Mapping[str, Any]


class _Found(NamedTuple):
    """A metric with its short name, which other artifacts of the task may use too, and its full one."""

    short_name: str
    full_name: str
    schema: str
    value: Any


def metrics_of(artifacts: Iterable[MetricsArtifact], *, created_at: datetime) -> tuple[MetricDescription, ...]:
    """The metrics that a task's metric artifacts hold.

    A `system.Metrics` artifact gives one for each of its numbers, under the number's key. A classification
    artifact gives one under its output key, or, if it holds both an ROC curve and a confusion matrix, one for
    each, under the output key, a slash and the KFP name of the part. A number whose key is used by two
    outputs of the task gets the output key and a slash before it, in both.

    Args:
        artifacts: the task's output artifacts of any type; the others are passed over.
        created_at: when the task wrote them.
    """
    found = [metric for artifact in artifacts for metric in _in_artifact(artifact)]
    used = Counter(metric.short_name for metric in found)
    ambiguous = {name for name, times in used.items() if times > 1} | _UNUSABLE_NAMES
    return tuple(
        MetricDescription(
            name=metric.full_name if metric.short_name in ambiguous else metric.short_name,
            schema=metric.schema,
            value=metric.value,
            created_at=created_at,
        )
        for metric in found
    )


def _in_artifact(artifact: MetricsArtifact) -> Iterator[_Found]:
    match artifact.schema_title:
        case "system.Metrics":
            for name, value in artifact.metadata.items():
                if _is_number(value):
                    yield _Found(name, f"{artifact.key}/{name}", "Metric", value)
        case "system.ClassificationMetrics":
            parts = [part for part in _CLASSIFICATION_PARTS if part in artifact.metadata]
            for part in parts:
                name = artifact.key if len(parts) == 1 else f"{artifact.key}/{part}"
                yield _Found(name, f"{artifact.key}/{part}", "ClassificationMetric", {part: artifact.metadata[part]})
        case "system.SlicedClassificationMetrics":
            if _SLICES in artifact.metadata:
                value = {_SLICES: artifact.metadata[_SLICES]}
                yield _Found(artifact.key, f"{artifact.key}/{_SLICES}", "SlicedClassificationMetric", value)


def _is_number(value: Any) -> bool:
    """Whether the service takes it as a scalar metric; proto3 JSON spells what is not finite as strings."""
    return (isinstance(value, (int, float)) and not isinstance(value, bool)) or (
        isinstance(value, str) and value in _NON_FINITE
    )
