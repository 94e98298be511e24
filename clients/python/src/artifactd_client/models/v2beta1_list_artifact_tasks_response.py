"""The message `V2beta1ListArtifactTasksResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact_task import V2beta1ArtifactTask


class V2beta1ListArtifactTasksResponse(Model):
    """One page of links."""

    artifact_tasks: Optional[List[V2beta1ArtifactTask]] = None
    total_size: Optional[int] = None
    next_page_token: Optional[str] = None
