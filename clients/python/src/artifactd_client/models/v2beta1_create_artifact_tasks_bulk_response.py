"""The message `V2beta1CreateArtifactTasksBulkResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact_task import V2beta1ArtifactTask


class V2beta1CreateArtifactTasksBulkResponse(Model):
    """The links of a batch, in the order of the request."""

    artifact_tasks: Optional[List[V2beta1ArtifactTask]] = None
