"""Rows in the one form that they have on every engine, and a digest of a table that does not depend on their order."""

from __future__ import annotations

import math
from collections.abc import Callable
from hashlib import blake2b

from sqlalchemy import Boolean, Table

from artifactd.storage.points import NEGATIVE_ZERO
from artifactd.storage.schema import artifacts, metric_points, metrics
from artifactd.storage.statements import Row
from artifactd.storage.types import Binary64

_DIGEST_BYTES = 16
_DIGEST_MASK = (1 << 8 * _DIGEST_BYTES) - 1
_ZERO_MARKS: dict[str, tuple[str, str, object]] = {
    artifacts.name: (artifacts.c.number_value.name, artifacts.c.negative_zero.name, True),
    metrics.name: (metrics.c.value.name, metrics.c.value_json.name, NEGATIVE_ZERO),
    metric_points.name: (metric_points.c.value.name, metric_points.c.value_json.name, NEGATIVE_ZERO),
}
"""Where a table has a number: its column, the column that says that it is -0.0, and what stands there then."""


def normal_form(table: Table) -> Callable[[Row], Row]:
    """A function that gives a table's row as every engine has it.

    Truth values are `bool`, numbers `float`, and a zero has its sign both in the number, which MariaDB does not keep,
    and in the mark beside it, which stores lack that were written before there was one.
    """
    names = list(table.c.keys())
    truths = [place for place, column in enumerate(table.c) if isinstance(column.type, Boolean)]
    number = next((place for place, column in enumerate(table.c) if isinstance(column.type, Binary64)), None)
    _, mark_name, negative = _ZERO_MARKS.get(table.name, ("", "", None))
    mark = names.index(mark_name) if number is not None else -1

    def normal(row: Row) -> Row:
        values = list(row)
        for place in truths:
            if values[place] is not None:
                values[place] = bool(values[place])
        if number is not None and values[number] is not None:
            value = float(values[number])
            if value == 0 and (values[mark] is not None or math.copysign(1, value) < 0):
                value, values[mark] = -0.0, negative
            values[number] = value
        return tuple(values)

    return normal if truths or number is not None else tuple


class TableDigest:
    """How many rows a table has, and the sum of the digests of each: the same in whatever order they come."""

    def __init__(self) -> None:
        self.rows = 0
        self.sum = 0

    def add(self, row: Row) -> int:
        """Counts a row in normal form in. Gives about how many bytes it has."""
        encoded = repr(row).encode("utf-8", "surrogatepass")
        self.rows += 1
        self.sum += int.from_bytes(blake2b(encoded, digest_size=_DIGEST_BYTES).digest())
        return len(encoded)

    @property
    def hexadecimal(self) -> str:
        """The digest as a text."""
        return f"{self.sum & _DIGEST_MASK:032x}"
