"""The message `V2beta1ListMetricsResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_metric import V2beta1Metric


class V2beta1ListMetricsResponse(Model):
    """One page of metrics, or of a metric's points."""

    metrics: Optional[List[V2beta1Metric]] = None
    total_size: Optional[int] = None
    next_page_token: Optional[str] = None
