"""The enumeration `V2beta1RuntimeState`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class V2beta1RuntimeState(Enumeration):
    """How a task or a run goes."""

    RUNTIME_STATE_UNSPECIFIED: Final = "RUNTIME_STATE_UNSPECIFIED"
    PENDING: Final = "PENDING"
    RUNNING: Final = "RUNNING"
    SUCCEEDED: Final = "SUCCEEDED"
    SKIPPED: Final = "SKIPPED"
    FAILED: Final = "FAILED"
    CANCELING: Final = "CANCELING"
    CANCELED: Final = "CANCELED"
    PAUSED: Final = "PAUSED"
    CACHED: Final = "CACHED"
