"""The message `V2beta1Run`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional, Union

from artifactd_client.models.googlerpc_status import GooglerpcStatus
from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_pipeline_version_reference import V2beta1PipelineVersionReference
from artifactd_client.models.v2beta1_run_details import V2beta1RunDetails
from artifactd_client.models.v2beta1_run_storage_state import V2beta1RunStorageState
from artifactd_client.models.v2beta1_runtime_config import V2beta1RuntimeConfig
from artifactd_client.models.v2beta1_runtime_state import V2beta1RuntimeState
from artifactd_client.models.v2beta1_runtime_status import V2beta1RuntimeStatus


class V2beta1Run(Model):
    """One execution of a pipeline."""

    experiment_id: Optional[str] = None
    run_id: Optional[str] = None
    display_name: Optional[str] = None
    storage_state: Optional[Union[V2beta1RunStorageState, str]] = None
    description: Optional[str] = None
    pipeline_version_id: Optional[str] = None
    pipeline_spec: Any = None
    pipeline_version_reference: Optional[V2beta1PipelineVersionReference] = None
    runtime_config: Optional[V2beta1RuntimeConfig] = None
    service_account: Optional[str] = None
    created_at: Optional[datetime] = None
    scheduled_at: Optional[datetime] = None
    finished_at: Optional[datetime] = None
    state: Optional[Union[V2beta1RuntimeState, str]] = None
    error: Optional[GooglerpcStatus] = None
    run_details: Optional[V2beta1RunDetails] = None
    recurring_run_id: Optional[str] = None
    state_history: Optional[List[V2beta1RuntimeStatus]] = None
    namespace: Optional[str] = None
    pipeline_name: Optional[str] = None
    labels: Optional[Dict[str, str]] = None
