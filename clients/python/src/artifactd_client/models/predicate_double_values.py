"""The message `PredicateDoubleValues`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model


class PredicateDoubleValues(Model):
    """Numbers that `IN` compares with."""

    values: Optional[List[float]] = None
