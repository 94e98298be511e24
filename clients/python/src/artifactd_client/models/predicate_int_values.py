"""The message `PredicateIntValues`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model


class PredicateIntValues(Model):
    """Integers that `IN` compares with."""

    values: Optional[List[int]] = None
