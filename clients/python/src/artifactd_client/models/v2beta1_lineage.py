"""The message `V2beta1Lineage`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact import V2beta1Artifact
from artifactd_client.models.v2beta1_artifact_task import V2beta1ArtifactTask
from artifactd_client.models.v2beta1_pipeline_task_detail import V2beta1PipelineTaskDetail


class V2beta1Lineage(Model):
    """What lies around an artifact, a task or a run: nodes, and the links among them."""

    artifacts: Optional[List[V2beta1Artifact]] = None
    tasks: Optional[List[V2beta1PipelineTaskDetail]] = None
    artifact_tasks: Optional[List[V2beta1ArtifactTask]] = None
    truncated: Optional[bool] = None
