"""The message `V2beta1ArtifactTask`."""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Union

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_artifact_task_type import V2beta1ArtifactTaskType
from artifactd_client.models.v2beta1_io_producer import V2beta1IOProducer


class V2beta1ArtifactTask(Model):
    """A link: this task read, or wrote, that artifact."""

    id: Optional[str] = None
    artifact_id: Optional[str] = None
    task_id: Optional[str] = None
    type: Optional[Union[V2beta1ArtifactTaskType, str]] = None
    created_at: Optional[datetime] = None
    run_id: Optional[str] = None
    key: Optional[str] = None
    producer: Optional[V2beta1IOProducer] = None
