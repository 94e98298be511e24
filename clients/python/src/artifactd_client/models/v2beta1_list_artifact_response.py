"""The message `V2beta1ListArtifactResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact import V2beta1Artifact


class V2beta1ListArtifactResponse(Model):
    """One page of artifacts."""

    artifacts: Optional[List[V2beta1Artifact]] = None
    total_size: Optional[int] = None
    next_page_token: Optional[str] = None
