"""The message `V2beta1ListTasksResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_pipeline_task_detail import V2beta1PipelineTaskDetail


class V2beta1ListTasksResponse(Model):
    """One page of tasks."""

    tasks: Optional[List[V2beta1PipelineTaskDetail]] = None
    total_size: Optional[int] = None
    next_page_token: Optional[str] = None
