"""The enumeration `V2beta1MetricSchema`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class V2beta1MetricSchema(Enumeration):
    """The form of a metric's value."""

    METRIC: Final = "Metric"
    CLASSIFICATIONMETRIC: Final = "ClassificationMetric"
    SLICEDCLASSIFICATIONMETRIC: Final = "SlicedClassificationMetric"
