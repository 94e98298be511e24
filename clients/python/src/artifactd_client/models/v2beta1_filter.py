"""The message `V2beta1Filter`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_predicate import V2beta1Predicate


class V2beta1Filter(Model):
    """The conditions that the items of a list fulfil, all of them."""

    predicates: Optional[List[V2beta1Predicate]] = None
