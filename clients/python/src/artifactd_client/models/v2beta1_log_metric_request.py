"""The message `V2beta1LogMetricRequest`."""

from __future__ import annotations

from typing import Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_metric import V2beta1Metric


class V2beta1LogMetricRequest(Model):
    """A point to log."""

    metric: Optional[V2beta1Metric] = None
