"""The message `V2beta1BatchLogMetricsResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_metric import V2beta1Metric


class V2beta1BatchLogMetricsResponse(Model):
    """The points of a batch, in the order of the request."""

    metrics: Optional[List[V2beta1Metric]] = None
