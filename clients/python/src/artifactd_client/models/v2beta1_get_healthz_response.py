"""The message `V2beta1GetHealthzResponse`."""

from __future__ import annotations

from typing import Optional

from artifactd_client.models.model import Model


class V2beta1GetHealthzResponse(Model):
    """Whether the server serves many users, and what keeps pipelines."""

    multi_user: Optional[bool] = None
    pipeline_store: Optional[str] = None
