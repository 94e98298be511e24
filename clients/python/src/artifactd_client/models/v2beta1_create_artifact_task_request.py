"""The message `V2beta1CreateArtifactTaskRequest`."""

from __future__ import annotations

from typing import Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact_task import V2beta1ArtifactTask


class V2beta1CreateArtifactTaskRequest(Model):
    """A link to make."""

    artifact_task: Optional[V2beta1ArtifactTask] = None
