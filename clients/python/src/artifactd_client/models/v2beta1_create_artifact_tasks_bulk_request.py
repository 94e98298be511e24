"""The message `V2beta1CreateArtifactTasksBulkRequest`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact_task import V2beta1ArtifactTask


class V2beta1CreateArtifactTasksBulkRequest(Model):
    """Links to make, all or none: 1 to 1,000."""

    artifact_tasks: Optional[List[V2beta1ArtifactTask]] = None
