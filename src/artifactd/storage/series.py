"""Metrics to which points are being added: what each was, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from artifactd.model import Metric
from artifactd.storage import counts, namespaces, points
from artifactd.storage.metrics import OF_KEY
from artifactd.storage.schema import metric_points, metrics
from artifactd.storage.statements import Statement, Transaction, rows_of_ids


class CurrentMetric(NamedTuple):
    """What logging a point needs to know of its metric."""

    metric_pk: int
    step: int
    created_at_us: int
    points: int
    schema: str
    type: str


class Series:
    """A metric to which points are being added.

    Args:
        current: the metric as it was found; None where it was never logged.
        logged: its points at the times at which one may be a repetition; None where no point to add can be one.
    """

    __slots__ = ("_found", "_logged", "_new", "_points", "_shown", "_time")

    def __init__(self, current: CurrentMetric | None, logged: set[points.Sameness] | None) -> None:
        self._found = current
        self._logged = logged
        self._points = 0 if current is None else current.points
        self._time = (0, 0) if current is None else (current.step, current.created_at_us)
        self._shown: Metric | None = None
        self._new: list[dict[str, Any]] = []

    def add(self, metric: Metric, *, may_repeat: bool) -> None:
        """Adds a point; the metric shows the one with the greatest (step, created_at, arrival).

        Args:
            may_repeat: whether its time is the client's: then it changes nothing where one with the same time, step and
                value was logged (contract, log_metric).
        """
        if self._logged is not None:
            same = points.sameness(metric)
            if may_repeat and same in self._logged:
                return
            self._logged.add(same)
        time = (metric.step or 0, metric.created_at_us)
        if not self._points or time >= self._time:
            self._time, self._shown = time, metric
        self._new.append(points.to_row(metric, 0 if self._found is None else self._found.metric_pk, self._points))
        self._points += 1

    @property
    def rows(self) -> list[dict[str, Any]]:
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

    @property
    def change(self) -> tuple[Statement, dict[str, Any]] | None:
        """What makes the row of a known metric what it is now, if points were added: a statement and its values."""
        if self._found is None or not self._new:
            return None
        values = {"points": self._points, "b_metric_pk": self._found.metric_pk}
        shown = self._shown
        if shown is None:
            return _COUNT_POINT, values
        if (shown.schema, shown.type) == (self._found.schema, self._found.type):
            return _UPDATE_NUMBER, _number_values(shown) | values
        return _UPDATE, _shown_values(shown) | values


_table = metrics.c
_CURRENT = (_table.metric_pk, _table.step, _table.created_at_us, _table.points, _table.schema, _table.type)
_SELECT_CURRENT = Statement(select(*_CURRENT).where(OF_KEY))
_SELECT_CURRENT_FOR_UPDATE = Statement(select(*_CURRENT).where(OF_KEY).with_for_update())
_LATEST = (
    select(func.max(metric_points.c.created_at_us))
    .where(metric_points.c.metric_pk == _table.metric_pk)
    .correlate(metrics)
    .scalar_subquery()
)
"""When the latest point of a metric was measured: one look into an index for each metric."""
_INSERT = namespaces.insert_into(metrics)


def _update_of(*fields: str) -> Statement:
    """Sets fields of a metric. SQLite moves a row in the index of each one that is set, even to what it was."""
    values: dict[str, Any] = {name: bindparam(name) for name in fields}
    return Statement(update(metrics).where(_table.metric_pk == bindparam("b_metric_pk")).values(values))


_NUMBER_FIELDS = ("value_class", "value", "value_json", "step", "step_given", "created_at_us", "points")
_UPDATE = _update_of("schema", "type", *_NUMBER_FIELDS)
_UPDATE_NUMBER = _update_of(*_NUMBER_FIELDS)
_COUNT_POINT = _update_of("points")
_INSERT_POINT = Statement(points.inserting())
_INSERT_POINT_OF_NEW = Statement(points.inserting(select(_table.metric_pk).where(OF_KEY).scalar_subquery()))


def _shown_values(metric: Metric) -> dict[str, Any]:
    return {"schema": metric.schema, "type": metric.type} | _number_values(metric)


def _number_values(metric: Metric) -> dict[str, Any]:
    number_class, value, value_json = points.to_columns(metric)
    return {
        "value_class": number_class,
        "value": value,
        "value_json": value_json,
        "step": metric.step or 0,
        "step_given": metric.step is not None,
        "created_at_us": metric.created_at_us,
    }


def select_current(transaction: Transaction, task_id: str, name: str) -> CurrentMetric | None:
    """What there is to know of a metric's points, if it was ever logged."""
    row = transaction.row(_SELECT_CURRENT, {"task_id": task_id, "name": name})
    return CurrentMetric(*row) if row else None


def select_one_series(transaction: Transaction, task_id: str, name: str, times_us: Collection[int]) -> Series:
    """The metric of that name of a task, to add points to. Until this is done, nobody else adds to it.

    Args:
        times_us: the times that clients sent with points to add. Only such a point may repeat one.
    """
    row = transaction.row(_SELECT_CURRENT_FOR_UPDATE, {"task_id": task_id, "name": name})
    current = CurrentMetric(*row) if row else None
    if not times_us:
        return Series(current, None)
    if current is None:
        return Series(None, set())
    if len(times_us) == 1:
        return Series(current, points.select_at(transaction, current.metric_pk, times_us))
    logged = _select_logged(transaction, {current.metric_pk: times_us})
    return Series(current, logged.get(current.metric_pk, set()))


def select_series(transaction: Transaction, task_id: str, times_us: Mapping[str, Collection[int]]) -> dict[str, Series]:
    """The metrics of those names of a task, each as `select_one_series` gives one."""
    if len(times_us) == 1:
        ((name, times),) = times_us.items()
        return {name: select_one_series(transaction, task_id, name, times)}
    rows = rows_of_ids(
        transaction,
        "metrics of a task",
        lambda ids: (
            select(_table.name, *_CURRENT)
            .where(_table.task_id == bindparam("task_id"), _table.name.in_(ids))
            .with_for_update()
        ),
        list(times_us),
        {"task_id": task_id},
    )
    found = {name: CurrentMetric(*current) for name, *current in rows}
    logged = _select_logged(transaction, {current.metric_pk: times_us[name] for name, current in found.items()})
    series = {}
    for name, times in times_us.items():
        current = found.get(name)
        there = set() if current is None else logged.get(current.metric_pk, set())
        series[name] = Series(current, there if times else None)
    return series


def _select_logged(
    transaction: Transaction, times_us: Mapping[int, Collection[int]]
) -> dict[int, set[points.Sameness]]:
    """The points of metrics at times, by the number of the metric.

    Mostly points come in the order of their times: then to know of each metric its latest is all that it takes. It is
    asked for once the metrics are held, since a statement that waits for that sees other tables as they were before.
    """
    timed = [metric_pk for metric_pk, times in times_us.items() if times]
    latest = rows_of_ids(
        transaction,
        "latest points",
        lambda ids: select(_table.metric_pk, _LATEST).where(_table.metric_pk.in_(ids)),
        timed,
    )
    logged = {}
    for metric_pk, latest_us in list(latest):
        if times := {time for time in times_us[metric_pk] if time <= latest_us}:
            logged[metric_pk] = points.select_at(transaction, metric_pk, times)
    return logged


def keep_series(transaction: Transaction, added: Iterable[Series]) -> None:
    """Writes metrics and their new points; rows of one kind go together, and nothing is asked for in between."""
    changes: dict[Statement, list[dict[str, Any]]] = {}
    known: list[dict[str, Any]] = []
    new: list[Series] = []
    for series in added:
        if series.new is not None:
            new.append(series)
        elif (change := series.change) is not None:
            statement, values = change
            changes.setdefault(statement, []).append(values)
            known += series.rows
    if new:
        _insert_new(transaction, new)
    for statement, rows in changes.items():
        _run_all(transaction, statement, rows)
    _run_all(transaction, _INSERT_POINT, known)


def _insert_new(transaction: Transaction, added: list[Series]) -> None:
    """Keeps metrics that were never logged, with their points, and counts them."""
    of_namespaces = Counter(series.new.namespace for series in added if series.new is not None)
    for namespace in of_namespaces:
        namespaces.intern(transaction, namespace)
    _run_all(transaction, _INSERT, [series.new_values() for series in added])
    _run_all(transaction, _INSERT_POINT_OF_NEW, [point for series in added for point in series.rows])
    for namespace, metrics_added in of_namespaces.items():
        counts.add(transaction, "metrics", namespace, added=metrics_added)


def _run_all(transaction: Transaction, statement: Statement, values: list[dict[str, Any]]) -> None:
    if len(values) == 1:
        transaction.run(statement, values[0])
    elif values:
        transaction.run_many(statement, values)
