"""The message `V2beta1RuntimeStatus`."""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Union

from artifactd_client.models.googlerpc_status import GooglerpcStatus
from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_runtime_state import V2beta1RuntimeState


class V2beta1RuntimeStatus(Model):
    """A state, and since when."""

    update_time: Optional[datetime] = None
    state: Optional[Union[V2beta1RuntimeState, str]] = None
    error: Optional[GooglerpcStatus] = None
