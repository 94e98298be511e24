"""The message `ProtobufAny`."""

from __future__ import annotations

from typing import ClassVar, Dict, Optional

from artifactd_client.models.model import Model


class ProtobufAny(Model):
    """A detail of a status. `type` is `@type` on the wire."""

    wire_names: ClassVar[Dict[str, str]] = {"type": "@type"}

    type: Optional[str] = None
    type_url: Optional[str] = None
    value: Optional[str] = None
