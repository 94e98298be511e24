"""The enumeration `ProtobufNullValue`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class ProtobufNullValue(Enumeration):
    """The one value of JSON's null."""

    NULL_VALUE: Final = "NULL_VALUE"
