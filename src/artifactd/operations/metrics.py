"""Metrics: log, get, list, and the history of one (contract, log_metric and after)."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.errors import NotFound, invalid, quoted
from artifactd.listing import ListQuery, Page, Position
from artifactd.model import Metric, MetricSchema, MetricType
from artifactd.operations.context import Context, listed_namespaces
from artifactd.operations.owners import Named, Owner, Owners, lock_for_batch, owner_of_task
from artifactd.requests import NewMetric
from artifactd.storage import metrics, pages, points, tasks
from artifactd.storage.series import keep_series, select_current, select_one_series, select_series
from artifactd.storage.statements import Transaction

_SCHEMA, _TYPE = str(MetricSchema.METRIC), str(MetricType.INPUT)


def log_metric(context: Context, transaction: Transaction, new: NewMetric) -> Metric:
    """Adds a point to a metric's history and returns it.

    The metric shows the point with the greatest (step, created_at, arrival). A point that repeats one with the same
    time sent by the client, step and value changes nothing.

    Raises:
        NotFound: the task is in a namespace that the caller cannot write.
        InvalidArgument: the namespace or run is not the task's.
        PermissionDenied: the namespace named for a new task is not the caller's.
    """
    # As a batch of one, but without what puts many together: that is a tenth of the whole.
    metric = _metric_of(context, new, _owner(context, transaction, new, "metric."))
    times_us = () if new.created_at_us is None else (new.created_at_us,)
    series = select_one_series(transaction, metric.task_id, metric.name, times_us)
    series.add(metric, may_repeat=new.created_at_us is not None)
    keep_series(transaction, (series,))
    return metric


def batch_log_metrics(context: Context, transaction: Transaction, batch: list[NewMetric]) -> list[Metric]:
    """Logs points in their order, all or none: each task and each metric is looked up once, and written once.

    Raises as `log_metric` does.
    """
    lock_for_batch(transaction, (new.task_id for new in batch))
    owners = _owners(context, transaction, batch)
    logged = [_metric_of(context, new, owners[new.task_id, new.namespace, new.run_id]) for new in batch]
    times_us: dict[str, dict[str, set[int]]] = {}
    for new, metric in zip(batch, logged, strict=True):
        of_name = times_us.setdefault(metric.task_id, {}).setdefault(metric.name, set())
        if new.created_at_us is not None:
            of_name.add(new.created_at_us)
    series = {task_id: select_series(transaction, task_id, times) for task_id, times in times_us.items()}
    for new, metric in zip(batch, logged, strict=True):
        series[metric.task_id][metric.name].add(metric, may_repeat=new.created_at_us is not None)
    in_order = dict.fromkeys((metric.task_id, metric.name) for metric in logged)
    keep_series(transaction, (series[task_id][name] for task_id, name in in_order))
    return logged


def _owners(context: Context, transaction: Transaction, batch: list[NewMetric]) -> Owners:
    owners: Owners = {}
    for index, new in enumerate(batch):
        of = (new.task_id, new.namespace, new.run_id)
        if of not in owners:
            owners[of] = _owner(context, transaction, new, f"metrics[{index}].")
    return owners


def _owner(context: Context, transaction: Transaction, new: NewMetric, at: str) -> Owner:
    """To whom the task of a point belongs. `at` is the point's path in the request, for errors."""
    assert new.task_id is not None
    known = tasks.select_fixed_owner(transaction, new.task_id)
    beside = Named(new.namespace or None, new.run_id)
    return owner_of_task(context, transaction, new.task_id, known=known, named=beside, at=at)


def _metric_of(context: Context, new: NewMetric, owner: Owner) -> Metric:
    assert new.task_id is not None
    assert new.name is not None
    assert new.value is not None
    return Metric(
        new.task_id,
        new.name,
        owner.namespace,
        owner.run_id,
        new.schema or _SCHEMA,
        new.type or _TYPE,
        new.value,
        new.step,
        context.now_us if new.created_at_us is None else new.created_at_us,
    )


def get_metric(context: Context, transaction: Transaction, key: tuple[str, str]) -> Metric:
    """A metric's current point.

    Args:
        key: the task's id and the metric's name.

    Raises:
        NotFound: there is none, or the caller may not read it.
    """
    task_id, name = key
    metric = metrics.select_metric(transaction, task_id, name)
    if metric is None or not context.caller.may(Verb.GET, metric.namespace):
        raise NotFound(f"there is no metric {quoted(name, 256)} of a task {quoted(task_id, 128)}")
    return metric


def list_metrics(context: Context, transaction: Transaction, query: ListQuery) -> Page[Metric]:
    """A page of metrics, each at its current point.

    Raises:
        PermissionDenied: the caller may not list the namespace named.
        Unavailable: the filter takes too long.
    """
    return pages.select_page(transaction, metrics.LISTING, query, listed_namespaces(context, query))


def get_metric_history(
    context: Context, transaction: Transaction, key: tuple[str, str], query: ListQuery
) -> Page[Metric]:
    """A page of every point ever logged of a metric, oldest first.

    Raises:
        NotFound: as `get_metric`.
        InvalidArgument: a page token that no walk gave.
    """
    metric = get_metric(context, transaction, key)
    current = select_current(transaction, *key)
    assert current is not None
    after = _after(query.position)
    found = points.select_history(transaction, metric, current.metric_pk, after, query.page_size + 1)
    shown = found[: query.page_size]
    position = None
    if len(found) > query.page_size:
        position = Position(0, (shown[-1][0].created_at_us, shown[-1][1]))
    return Page([point for point, _ in shown], current.points, position)


def _after(position: Position | None) -> tuple[int, int]:
    if position is None:
        return -(1 << 63), -1
    match position.values:
        case (int(created_at_us), int(arrival)):
            return created_at_us, arrival
    raise invalid("page_token", "is not a token of this list")
