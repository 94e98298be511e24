"""Messages to what JSON can say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Callable, Dict, Final
from uuid import UUID

from artifactd_client.exceptions import ApiTypeError
from artifactd_client.models.model import Model


def encode(value: Any) -> Any:
    """The value with messages as objects, unset fields left out, times in ISO 8601.

    NumPy's numbers and arrays, UUIDs, paths and enumerations become what they stand for.

    Raises:
        ApiTypeError: JSON cannot say it.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Model):
        given = value.__dict__
        return {
            wire: encode(given[f"_{name}"])
            for name, wire in value.attribute_map.items()
            if given[f"_{name}"] is not None
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [encode(each) for each in value]
    if isinstance(value, Mapping):
        # Keys that are no text but plain are left to `json`, which writes True as true.
        return {key if type(key) in _PLAIN else str(encode(key)): encode(each) for key, each in value.items()}
    for each, convert in _CONVERSIONS.items():
        if isinstance(value, each):
            return convert(value)
    # An array knows how to become a list, and a number of NumPy's or a tensor's how to become Python's.
    to_list = getattr(value, "tolist", None) or getattr(value, "item", None)
    if callable(to_list):
        return encode(to_list())
    raise ApiTypeError(f"a value of type {kind.__module__}.{kind.__qualname__} cannot be sent as JSON: {value!r:.80}")


_PLAIN: Final = frozenset({str, int, float, bool, type(None), bytes})
# What inherits from a plain type (an enumeration of text, NumPy's double) becomes the plain one. In this order.
_CONVERSIONS: Final[Dict[type, Callable[[Any], Any]]] = {
    Enum: lambda each: encode(each.value),
    datetime: datetime.isoformat,
    date: date.isoformat,
    bool: bool,
    int: int,
    float: float,
    str: str,
    UUID: str,
    os.PathLike: os.fspath,
}
