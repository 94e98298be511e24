"""The enumeration `V2beta1PredicateOperation`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class V2beta1PredicateOperation(Enumeration):
    """How a condition compares."""

    OPERATION_UNSPECIFIED: Final = "OPERATION_UNSPECIFIED"
    EQUALS: Final = "EQUALS"
    NOT_EQUALS: Final = "NOT_EQUALS"
    GREATER_THAN: Final = "GREATER_THAN"
    GREATER_THAN_EQUALS: Final = "GREATER_THAN_EQUALS"
    LESS_THAN: Final = "LESS_THAN"
    LESS_THAN_EQUALS: Final = "LESS_THAN_EQUALS"
    IN: Final = "IN"
    IS_SUBSTRING: Final = "IS_SUBSTRING"
