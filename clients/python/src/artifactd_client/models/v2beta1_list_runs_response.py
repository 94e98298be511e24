"""The message `V2beta1ListRunsResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_run import V2beta1Run


class V2beta1ListRunsResponse(Model):
    """One page of runs."""

    runs: Optional[List[V2beta1Run]] = None
    total_size: Optional[int] = None
    next_page_token: Optional[str] = None
