"""The message `V2beta1SearchResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact import V2beta1Artifact
from artifactd_client.models.v2beta1_pipeline_task_detail import V2beta1PipelineTaskDetail
from artifactd_client.models.v2beta1_run import V2beta1Run


class V2beta1SearchResponse(Model):
    """What begins with a text: artifacts, runs and tasks."""

    artifacts: Optional[List[V2beta1Artifact]] = None
    runs: Optional[List[V2beta1Run]] = None
    tasks: Optional[List[V2beta1PipelineTaskDetail]] = None
