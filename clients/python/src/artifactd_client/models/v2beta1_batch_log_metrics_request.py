"""The message `V2beta1BatchLogMetricsRequest`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_metric import V2beta1Metric


class V2beta1BatchLogMetricsRequest(Model):
    """Points to log, all or none: 1 to 1,000."""

    metrics: Optional[List[V2beta1Metric]] = None
