"""The message `V2beta1PipelineVersionReference`."""

from __future__ import annotations

from typing import Optional

from artifactd_client.models.model import Model


class V2beta1PipelineVersionReference(Model):
    """The version of a pipeline that a run is of."""

    pipeline_id: Optional[str] = None
    pipeline_version_id: Optional[str] = None
