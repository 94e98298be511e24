"""The enumeration `V2beta1MetricType`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class V2beta1MetricType(Enumeration):
    """Whether a task read or made a metric."""

    INPUT: Final = "METRIC_INPUT"
    OUTPUT: Final = "METRIC_OUTPUT"
