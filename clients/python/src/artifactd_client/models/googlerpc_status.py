"""The message `GooglerpcStatus`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.protobuf_any import ProtobufAny


class GooglerpcStatus(Model):
    """What went wrong: `google.rpc.Status`."""

    code: Optional[int] = None
    message: Optional[str] = None
    details: Optional[List[ProtobufAny]] = None
