"""The message `V2beta1CreateArtifactRequest`."""

from __future__ import annotations

from typing import Optional, Union

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact import V2beta1Artifact
from artifactd_client.models.v2beta1_artifact_task_type import V2beta1ArtifactTaskType


class V2beta1CreateArtifactRequest(Model):
    """An artifact to create, and the task that made it."""

    artifact: Optional[V2beta1Artifact] = None
    run_id: Optional[str] = None
    task_id: Optional[str] = None
    producer_key: Optional[str] = None
    iteration_index: Optional[str] = None
    reuse_if_exists: Optional[bool] = None
    type: Optional[Union[V2beta1ArtifactTaskType, str]] = None
