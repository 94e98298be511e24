"""The message `PredicateLongValues`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model


class PredicateLongValues(Model):
    """64-bit integers that `IN` compares with, as decimal text."""

    values: Optional[List[str]] = None
