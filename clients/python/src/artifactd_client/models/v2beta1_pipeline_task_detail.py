"""The message `V2beta1PipelineTaskDetail`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional, Union

from artifactd_client.models.googlerpc_status import GooglerpcStatus
from artifactd_client.models.model import Model
from artifactd_client.models.pipeline_task_detail_child_task import PipelineTaskDetailChildTask
from artifactd_client.models.v2beta1_artifact_list import V2beta1ArtifactList
from artifactd_client.models.v2beta1_pipeline_task_executor_detail import V2beta1PipelineTaskExecutorDetail
from artifactd_client.models.v2beta1_runtime_state import V2beta1RuntimeState
from artifactd_client.models.v2beta1_runtime_status import V2beta1RuntimeStatus


class V2beta1PipelineTaskDetail(Model):
    """A task of a run: what it is, how it went, what it read and wrote."""

    run_id: Optional[str] = None
    task_id: Optional[str] = None
    display_name: Optional[str] = None
    create_time: Optional[datetime] = None
    start_time: Optional[datetime] = None
    end_time: Optional[datetime] = None
    executor_detail: Optional[V2beta1PipelineTaskExecutorDetail] = None
    state: Optional[Union[V2beta1RuntimeState, str]] = None
    execution_id: Optional[str] = None
    error: Optional[GooglerpcStatus] = None
    inputs: Optional[Dict[str, V2beta1ArtifactList]] = None
    outputs: Optional[Dict[str, V2beta1ArtifactList]] = None
    parent_task_id: Optional[str] = None
    state_history: Optional[List[V2beta1RuntimeStatus]] = None
    pod_name: Optional[str] = None
    child_tasks: Optional[List[PipelineTaskDetailChildTask]] = None
    namespace: Optional[str] = None
    name: Optional[str] = None
    input_parameters: Optional[Dict[str, Any]] = None
    output_parameters: Optional[Dict[str, Any]] = None
    labels: Optional[Dict[str, str]] = None
