"""The message `V2beta1CreateArtifactsBulkRequest`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_create_artifact_request import V2beta1CreateArtifactRequest


class V2beta1CreateArtifactsBulkRequest(Model):
    """Artifacts to create, all or none: 1 to 1,000."""

    artifacts: Optional[List[V2beta1CreateArtifactRequest]] = None
