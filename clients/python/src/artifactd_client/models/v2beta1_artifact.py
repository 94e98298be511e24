"""The message `V2beta1Artifact`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Optional, Union

from artifactd_client.models.artifact_artifact_type import ArtifactArtifactType
from artifactd_client.models.model import Model


class V2beta1Artifact(Model):
    """Something that a pipeline made or read: a model, a data set, a report."""

    artifact_id: Optional[str] = None
    name: Optional[str] = None
    type: Optional[Union[ArtifactArtifactType, str]] = None
    uri: Optional[str] = None
    metadata: Optional[Dict[str, Any]] = None
    created_at: Optional[datetime] = None
    namespace: Optional[str] = None
    description: Optional[str] = None
    number_value: Optional[float] = None
    updated_at: Optional[datetime] = None
