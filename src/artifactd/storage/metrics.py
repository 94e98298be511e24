"""Metrics and their points, to rows and back.

A metric's row shows its current point and counts its points; every point ever logged stands in `metric_points`, a few
bytes each. `flags` of a point packs what is nearly always the same: schema, type, class of number, whether a step was
given.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, insert, select, update

from artifactd import listing
from artifactd.model import Metric, MetricSchema, MetricType, metric_number_class
from artifactd.storage import counts, namespaces
from artifactd.storage.columns import Listing, SqlField
from artifactd.storage.engines.expressions import behind, in_part
from artifactd.storage.schema import metric_points, metrics
from artifactd.storage.statements import Row, Statement, Transaction, rows_of_ids

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


class CurrentMetric(NamedTuple):
    """What logging a point needs to know of its metric."""

    metric_pk: int
    step: int
    created_at_us: int
    points: int
    schema: str
    type: str


class Series:
    """A metric to which points are being added: what it was, and what becomes of it.

    Args:
        current: the metric as it was found; None where it was never logged.
    """

    __slots__ = ("_found", "_new", "_points", "_shown", "_time")

    def __init__(self, current: CurrentMetric | None) -> None:
        self._found = current
        self._points = 0 if current is None else current.points
        self._time = (0, 0) if current is None else (current.step, current.created_at_us)
        self._shown: Metric | None = None
        self._new: list[dict[str, Any]] = []

    def has(self, transaction: Transaction, metric: Metric) -> bool:
        """Whether a point with the same time, step and value was logged (contract, log_metric)."""
        wanted = _sameness(metric)
        if any(_sameness_of(point) == wanted for point in self._new):
            return True
        return self._found is not None and _has_point(transaction, self._found.metric_pk, wanted)

    def add(self, metric: Metric) -> None:
        """Adds a point; the metric shows the one with the greatest (step, created_at, arrival)."""
        number_class, value, value_json = _number(metric)
        step = metric.step or 0
        time = (step, metric.created_at_us)
        if not self._points or time >= self._time:
            self._time, self._shown = time, metric
        self._new.append(
            {
                "metric_pk": 0 if self._found is None else self._found.metric_pk,
                "created_at_us": metric.created_at_us,
                "arrival": self._points,
                "step": step,
                "flags": _flags(metric, number_class),
                "value": value,
                "value_json": value_json,
            }
        )
        self._points += 1

    @property
    def points(self) -> list[dict[str, Any]]:
        """The rows of the points that were added. A new metric has no number yet, so that its key stands for it."""
        if self._found is None and self._shown is not None:
            key = {"task_id": self._shown.task_id, "name": self._shown.name}
            return [point | key for point in self._new]
        return self._new

    @property
    def new(self) -> Metric | None:
        """The metric, if it was never logged before."""
        return self._shown if self._found is None else None

    def new_values(self) -> dict[str, Any]:
        """The row of a metric that was never logged before."""
        assert self._shown is not None
        names = {name: getattr(self._shown, name) for name in ("task_id", "name", "run_id", "namespace")}
        return _shown_values(self._shown) | names | {"points": self._points}

    def keep(self, transaction: Transaction) -> None:
        """Writes a metric that is known as it is now, but for the rows of its points."""
        if self._found is None or not self._new:
            return
        values = {"points": self._points, "b_metric_pk": self._found.metric_pk}
        shown = self._shown
        if shown is None:
            transaction.run(_COUNT_POINT, values)
        elif (shown.schema, shown.type) == (self._found.schema, self._found.type):
            transaction.run(_UPDATE_NUMBER, _number_values(shown) | values)
        else:
            transaction.run(_UPDATE, _shown_values(shown) | values)


def _value(number_class: int, value: float | None, value_json: str | None) -> float | str:
    if value_json is not None:
        return -0.0 if number_class == _FINITE else value_json
    return _NUMBERS[number_class] if value is None else value


def _make(row: Row) -> Metric:
    return Metric(
        task_id=row[0],
        name=row[1],
        namespace=row[2],
        run_id=row[3],
        schema=row[4],
        type=row[5],
        value=_value(row[6], row[7], row[8]),
        step=row[9] if row[10] else None,
        created_at_us=row[11],
    )


_table = metrics.c
_NAMESPACE = namespaces.namespace_of(_table.namespace_id)
_SELECTED = (
    _table.task_id,
    _table.name,
    _NAMESPACE,
    _table.run_id,
    _table.schema,
    _table.type,
    _table.value_class,
    _table.value,
    _table.value_json,
    _table.step,
    _table.step_given,
    _table.created_at_us,
)
LISTING = Listing(
    noun=listing.METRICS,
    table=metrics,
    selected=_SELECTED,
    make=_make,
    fields={
        "task_id": SqlField(_table.task_id),
        "name": SqlField(_table.name),
        "run_id": SqlField(_table.run_id, nullable=True),
        "schema": SqlField(_table.schema),
        "type": SqlField(_table.type),
        "value": SqlField(_table.value, number_class=_table.value_class),
        "created_at": SqlField(_table.created_at_us),
        "step": SqlField(case((_table.step_given, _table.step)), nullable=True),
        "namespace": SqlField(_NAMESPACE),
    },
    identity=("task_id", "name"),
    partition=(_table.namespace_id,),
    serial=SqlField(_table.metric_pk),
)

_KEY = and_(_table.task_id == bindparam("task_id"), _table.name == bindparam("name"))
_SELECT = Statement(select(*_SELECTED).where(_KEY), alone=True)
_CURRENT = (_table.metric_pk, _table.step, _table.created_at_us, _table.points, _table.schema, _table.type)
_SELECT_CURRENT = Statement(select(*_CURRENT).where(_KEY))
_SELECT_CURRENT_FOR_UPDATE = Statement(select(*_CURRENT).where(_KEY).with_for_update())
_INSERT = namespaces.insert_into(metrics)


def _update_of(*fields: str) -> Statement:
    """Sets fields of a metric. SQLite moves a row in the index of each one that is set, even to what it was."""
    values: dict[str, Any] = {name: bindparam(name) for name in fields}
    return Statement(update(metrics).where(_table.metric_pk == bindparam("b_metric_pk")).values(values))


_NUMBER_FIELDS = ("value_class", "value", "value_json", "step", "step_given", "created_at_us", "points")
_UPDATE = _update_of("schema", "type", *_NUMBER_FIELDS)
_UPDATE_NUMBER = _update_of(*_NUMBER_FIELDS)
_COUNT_POINT = _update_of("points")
_SET_RUN = Statement(
    update(metrics).where(_table.task_id == bindparam("b_task_id")).values(run_id=bindparam("b_run_id"))
)
_INSERT_POINT = Statement(insert(metric_points).values({c.name: bindparam(c.name) for c in metric_points.c}))
_INSERT_POINT_OF_NEW = Statement(
    insert(metric_points)
    .inline()
    .values(
        {c.name: bindparam(c.name) for c in metric_points.c}
        | {"metric_pk": select(_table.metric_pk).where(_KEY).scalar_subquery()}
    )
)
_point = metric_points.c
_POINTS_AT = Statement(
    select(_point.step, _point.flags, _point.value, _point.value_json).where(
        _point.metric_pk == bindparam("metric_pk"), _point.created_at_us == bindparam("created_at_us")
    )
)
_SELECT_HISTORY = Statement(
    select(_point.created_at_us, _point.arrival, _point.step, _point.flags, _point.value, _point.value_json)
    .where(
        in_part(_point.metric_pk, bindparam("metric_pk")),
        behind([_point.created_at_us, _point.arrival], [bindparam("after_us"), bindparam("after_arrival")]),
    )
    .order_by(_point.metric_pk, _point.created_at_us, _point.arrival)
    .limit(bindparam("wanted"))
)


def _number(metric: Metric) -> tuple[int, float | None, str | None]:
    """A value's class, its finite number and its JSON; what does not apply is 0 or None."""
    value = metric.value
    if isinstance(value, float) and value and value - value == 0:
        return _FINITE, value, None
    if isinstance(metric.value, str):
        return 0, None, metric.value
    number_class = metric_number_class(metric.value)
    negative_zero = metric.value == 0 and math.copysign(1, metric.value) < 0
    return number_class, metric.value if number_class == _FINITE else None, NEGATIVE_ZERO if negative_zero else None


def _flags(metric: Metric, number_class: int) -> int:
    return _FLAGS[metric.schema, metric.type] | (8 if metric.step is not None else 0) | number_class << 4


def _shown_values(metric: Metric) -> dict[str, Any]:
    return {"schema": metric.schema, "type": metric.type} | _number_values(metric)


def _number_values(metric: Metric) -> dict[str, Any]:
    number_class, value, value_json = _number(metric)
    return {
        "value_class": number_class,
        "value": value,
        "value_json": value_json,
        "step": metric.step or 0,
        "step_given": metric.step is not None,
        "created_at_us": metric.created_at_us,
    }


def _sameness(metric: Metric) -> tuple[Any, ...]:
    """What tells whether two points are the same one. A zero is the same with either sign."""
    number_class, value, value_json = _number(metric)
    return metric.created_at_us, metric.step or 0, number_class, value, None if number_class else value_json


def _sameness_of(point: Mapping[str, Any]) -> tuple[Any, ...]:
    number_class = point["flags"] >> 4
    text = None if number_class else point["value_json"]
    return point["created_at_us"], point["step"], number_class, point["value"], text


def select_metric(transaction: Transaction, task_id: str, name: str) -> Metric | None:
    """A metric's current point, if it was ever logged."""
    row = transaction.row(_SELECT, {"task_id": task_id, "name": name})
    return _make(row) if row else None


def select_current(transaction: Transaction, task_id: str, name: str) -> CurrentMetric | None:
    """What there is to know of a metric's points, if it was ever logged."""
    row = transaction.row(_SELECT_CURRENT, {"task_id": task_id, "name": name})
    return CurrentMetric(*row) if row else None


def select_one_series(transaction: Transaction, task_id: str, name: str) -> Series:
    """The metric of that name of a task, to add points to. Until this is done, nobody else adds to it."""
    row = transaction.row(_SELECT_CURRENT_FOR_UPDATE, {"task_id": task_id, "name": name})
    return Series(CurrentMetric(*row) if row else None)


def select_series(transaction: Transaction, task_id: str, names: Collection[str]) -> dict[str, Series]:
    """The metrics of those names of a task, as `select_one_series` gives one."""
    if len(names) == 1:
        (name,) = names
        return {name: select_one_series(transaction, task_id, name)}
    rows = rows_of_ids(
        transaction,
        "metrics of a task",
        lambda ids: (
            select(_table.name, *_CURRENT)
            .where(_table.task_id == bindparam("task_id"), _table.name.in_(ids))
            .with_for_update()
        ),
        list(names),
        {"task_id": task_id},
    )
    found = {name: CurrentMetric(*current) for name, *current in rows}
    return {name: Series(found.get(name)) for name in names}


def keep_series(transaction: Transaction, added: Iterable[Series]) -> None:
    """Writes metrics and their new points; rows of one kind go together, and nothing is asked for in between."""
    known: list[dict[str, Any]] = []
    new: list[Series] = []
    for series in added:
        if series.new is None:
            series.keep(transaction)
            known += series.points
        else:
            new.append(series)
    if new:
        _insert_new(transaction, new)
    _run_all(transaction, _INSERT_POINT, known)


def _insert_new(transaction: Transaction, added: list[Series]) -> None:
    """Keeps metrics that were never logged, with their points, and counts them."""
    of_namespaces = Counter(series.new.namespace for series in added if series.new is not None)
    for namespace in of_namespaces:
        namespaces.intern(transaction, namespace)
    _run_all(transaction, _INSERT, [series.new_values() for series in added])
    _run_all(transaction, _INSERT_POINT_OF_NEW, [point for series in added for point in series.points])
    for namespace, metrics_added in of_namespaces.items():
        counts.add(transaction, "metrics", namespace, added=metrics_added)


def _run_all(transaction: Transaction, statement: Statement, values: list[dict[str, Any]]) -> None:
    if len(values) == 1:
        transaction.run(statement, values[0])
    elif values:
        transaction.run_many(statement, values)


def _has_point(transaction: Transaction, metric_pk: int, wanted: tuple[Any, ...]) -> bool:
    created_at_us = wanted[0]
    rows = transaction.rows(_POINTS_AT, {"metric_pk": metric_pk, "created_at_us": created_at_us})
    return any(
        (created_at_us, step, flags >> 4, number, None if flags >> 4 else text) == wanted
        for step, flags, number, text in rows
    )


def update_run_of_task(transaction: Transaction, task_id: str, run_id: str) -> None:
    """Notes on a task's metrics the run that the task turned out to belong to."""
    transaction.run(_SET_RUN, {"b_task_id": task_id, "b_run_id": run_id})


def select_history(
    transaction: Transaction, metric: Metric, current: CurrentMetric, after: tuple[int, int], wanted: int
) -> list[tuple[Metric, int]]:
    """Points of a metric, oldest first, each with its arrival.

    Args:
        metric: the metric, for what all its points share.
        after: the time and the arrival behind which to begin.
        wanted: how many to give at the most.
    """
    values = {"metric_pk": current.metric_pk, "after_us": after[0], "after_arrival": after[1], "wanted": wanted}
    return [(_with_point(metric, row), row[1]) for row in transaction.rows(_SELECT_HISTORY, values)]


def _with_point(metric: Metric, row: Row) -> Metric:
    created_at_us, _, step, flags, value, value_json = row
    return metric._replace(
        created_at_us=created_at_us,
        step=step if flags & 8 else None,
        schema=_SCHEMAS[flags & 3],
        type=_TYPES[flags >> 2 & 1],
        value=_value(flags >> 4, value, value_json),
    )
