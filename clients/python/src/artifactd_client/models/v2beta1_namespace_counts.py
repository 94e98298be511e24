"""The message `V2beta1NamespaceCounts`."""

from __future__ import annotations

from typing import Optional

from artifactd_client.models.model import Model


class V2beta1NamespaceCounts(Model):
    """A namespace, and how much it holds."""

    namespace: Optional[str] = None
    artifacts: Optional[int] = None
    metrics: Optional[int] = None
    runs: Optional[int] = None
    tasks: Optional[int] = None
