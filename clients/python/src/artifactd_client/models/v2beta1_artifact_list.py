"""The message `V2beta1ArtifactList`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model


class V2beta1ArtifactList(Model):
    """Artifacts by their ids, as a task's input or output names them."""

    artifact_ids: Optional[List[str]] = None
