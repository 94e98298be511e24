"""The message `V2beta1ListNamespacesResponse`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_namespace_counts import V2beta1NamespaceCounts


class V2beta1ListNamespacesResponse(Model):
    """One page of namespaces."""

    namespaces: Optional[List[V2beta1NamespaceCounts]] = None
    total_size: Optional[int] = None
    next_page_token: Optional[str] = None
