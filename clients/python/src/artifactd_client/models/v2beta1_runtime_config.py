"""The message `V2beta1RuntimeConfig`."""

from __future__ import annotations

from typing import Any, Dict, Optional

from artifactd_client.models.model import Model


class V2beta1RuntimeConfig(Model):
    """What a run was started with."""

    parameters: Optional[Dict[str, Any]] = None
    pipeline_root: Optional[str] = None
