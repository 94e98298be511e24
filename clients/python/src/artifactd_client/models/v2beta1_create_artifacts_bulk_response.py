"""The message `V2beta1CreateArtifactsBulkResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact import V2beta1Artifact


class V2beta1CreateArtifactsBulkResponse(Model):
    """The artifacts of a batch, in the order of the request."""

    artifacts: Optional[List[V2beta1Artifact]] = None
