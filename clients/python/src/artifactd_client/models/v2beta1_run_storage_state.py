"""The enumeration `V2beta1RunStorageState`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class V2beta1RunStorageState(Enumeration):
    """Whether a run is put away."""

    STORAGE_STATE_UNSPECIFIED: Final = "STORAGE_STATE_UNSPECIFIED"
    AVAILABLE: Final = "AVAILABLE"
    ARCHIVED: Final = "ARCHIVED"
