"""The message `PredicateStringValues`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model


class PredicateStringValues(Model):
    """Texts that `IN` compares with."""

    values: Optional[List[str]] = None
