"""The points of metrics, to rows and back: every one ever logged, a few bytes each.

A number stands in up to three columns (its class, the finite number, JSON), which a metric's own row has too.
`flags` of a point packs what is nearly always the same: schema, type, class of number, whether a step was given.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, bindparam, insert, select
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.selectable import ScalarSelect

from artifactd.model import Metric, MetricSchema, MetricType, metric_number_class
from artifactd.storage.engines.expressions import behind, in_part
from artifactd.storage.schema import metric_points
from artifactd.storage.statements import Row, Statement, Transaction, one_after_the_other, rows_of_ids

_SCHEMAS = tuple(MetricSchema)
_TYPES = tuple(MetricType)
_FINITE = 2
_FLAGS = {
    (str(schema), str(type_)): _SCHEMAS.index(schema) | _TYPES.index(type_) << 2
    for schema in _SCHEMAS
    for type_ in _TYPES
}
NEGATIVE_ZERO = "-0.0"
"""What stands as JSON beside this number: MySQL and MariaDB keep no sign of a zero."""
_NUMBERS = {1: float("-inf"), 3: float("inf"), 4: float("nan")}
_TIMES_AT_ONCE = 32
_NO_TIME_US = -(1 << 62)
"""Before the year 1, where no time is."""

Sameness = tuple[Any, ...]
"""What tells whether two points of a metric are the same one: time, step and value."""

_point = metric_points.c
_SELECT_HISTORY = Statement(
    select(_point.created_at_us, _point.arrival, _point.step, _point.flags, _point.value, _point.value_json)
    .where(
        in_part(_point.metric_pk, bindparam("metric_pk")),
        behind([_point.created_at_us, _point.arrival], [bindparam("after_us"), bindparam("after_arrival")]),
    )
    .order_by(_point.metric_pk, _point.created_at_us, _point.arrival)
    .limit(bindparam("wanted"))
)


def to_columns(metric: Metric) -> tuple[int, float | None, str | None]:
    """A value's class, its finite number and its JSON; what does not apply is 0 or None."""
    value = metric.value
    if isinstance(value, float) and value and value - value == 0:
        return _FINITE, value, None
    if isinstance(metric.value, str):
        return 0, None, metric.value
    number_class = metric_number_class(metric.value)
    negative_zero = metric.value == 0 and math.copysign(1, metric.value) < 0
    return number_class, metric.value if number_class == _FINITE else None, NEGATIVE_ZERO if negative_zero else None


def from_columns(number_class: int, value: float | None, value_json: str | None) -> float | str:
    """The value that `to_columns` gave them for."""
    if value_json is not None:
        return -0.0 if number_class == _FINITE else value_json
    return _NUMBERS[number_class] if value is None else value


def to_row(metric: Metric, metric_pk: int, arrival: int) -> dict[str, Any]:
    """A point's row.

    Args:
        arrival: how many points of the metric came before this one.
    """
    number_class, value, value_json = to_columns(metric)
    flags = _FLAGS[metric.schema, metric.type] | (8 if metric.step is not None else 0) | number_class << 4
    return {
        "metric_pk": metric_pk,
        "created_at_us": metric.created_at_us,
        "arrival": arrival,
        "step": metric.step or 0,
        "flags": flags,
        "value": value,
        "value_json": value_json,
    }


def inserting(metric_pk: ScalarSelect[int] | None = None) -> Insert:
    """Inserts a point; `metric_pk` stands for its metric's number where that is not known yet."""
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in _point}
    return insert(metric_points).inline().values(values if metric_pk is None else values | {"metric_pk": metric_pk})


def sameness(metric: Metric) -> Sameness:
    """What a point is told from others by. A zero is the same with either sign."""
    number_class, value, value_json = to_columns(metric)
    return metric.created_at_us, metric.step or 0, number_class, value, None if number_class else value_json


def select_at(transaction: Transaction, metric_pk: int, times_us: Collection[int]) -> set[Sameness]:
    """The points of a metric at any of these times."""
    rows = rows_of_ids(
        transaction,
        "points at times",
        _at_times,
        list(times_us),
        {"metric_pk": metric_pk},
        at_once=_TIMES_AT_ONCE,
        padding=_NO_TIME_US,
    )
    return {(time, step, flags >> 4, number, None if flags >> 4 else text) for time, step, flags, number, text in rows}


def _at_times(times_us: list[BindParameter[Any]]) -> ClauseElement:
    columns = (_point.created_at_us, _point.step, _point.flags, _point.value, _point.value_json)
    of_metric = select(*columns).where(_point.metric_pk == bindparam("metric_pk"))
    return one_after_the_other(of_metric.where(_point.created_at_us == time_us) for time_us in times_us)


def select_history(
    transaction: Transaction, metric: Metric, metric_pk: int, after: tuple[int, int], wanted: int
) -> list[tuple[Metric, int]]:
    """Points of a metric, oldest first, each with its arrival.

    Args:
        metric: the metric, for what all its points share.
        after: the time and the arrival behind which to begin.
        wanted: how many to give at the most.
    """
    values = {"metric_pk": metric_pk, "after_us": after[0], "after_arrival": after[1], "wanted": wanted}
    return [(_with_point(metric, row), row[1]) for row in transaction.rows(_SELECT_HISTORY, values)]


def _with_point(metric: Metric, row: Row) -> Metric:
    created_at_us, _, step, flags, value, value_json = row
    return metric._replace(
        created_at_us=created_at_us,
        step=step if flags & 8 else None,
        schema=_SCHEMAS[flags & 3],
        type=_TYPES[flags >> 2 & 1],
        value=from_columns(flags >> 4, value, value_json),
    )
