"""The message `V2beta1RunDetails`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_pipeline_task_detail import V2beta1PipelineTaskDetail


class V2beta1RunDetails(Model):
    """The tasks of a run."""

    pipeline_context_id: Optional[str] = None
    pipeline_run_context_id: Optional[str] = None
    task_details: Optional[List[V2beta1PipelineTaskDetail]] = None
