"""How a listed noun's fields are kept: which column or expression, and in which form its values are compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table

from artifactd.listing import Noun
from artifactd.storage.statements import Row

_UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NO_UUID = b""
"""What a text that is no UUID is compared as: it equals no stored id."""


class SqlField(NamedTuple):
    """A field in SQL.

    `column` gives NULL where the field is unset; `nullable` says whether that can be. `number_class` is the column
    that ranks a number among unset, infinities and NaN (`artifactd.model.metric_number_class`).
    """

    column: ColumnElement[Any]
    nullable: bool = False
    is_uuid: bool = False
    number_class: ColumnElement[Any] | None = None


class Listing(NamedTuple):
    """How the lists of a noun are read.

    `selected` are the columns that `make` turns into a record. `identity` breaks ties. `partition` holds the columns
    by whose values a list is cut into parts that one index serves in order: the namespace, and for links the type.
    `serial` is the column of the default order, where
    that is the order of first logging. `metrics_of` says which metrics are a row's, where it can be filtered by them.
    `view` tells apart the listings of one noun, whose columns differ.
    """

    noun: Noun
    table: Table
    selected: tuple[ColumnElement[Any], ...]
    make: Callable[[Row], Any]
    fields: dict[str, SqlField]
    identity: tuple[str, ...]
    partition: tuple[ColumnElement[Any], ...]
    serial: SqlField | None = None
    metrics_of: ColumnElement[bool] | None = None
    view: str = "FULL"


def uuid_bytes(text: str) -> bytes:
    """The 16 bytes of a UUID in KFP's textual form; NO_UUID for any other text."""
    return bytes.fromhex(text.replace("-", "")) if _UUID_PATTERN.fullmatch(text) else NO_UUID


def uuid_from(value: bytes) -> str:
    """The textual form of a UUID's 16 bytes."""
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
