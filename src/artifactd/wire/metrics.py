"""Metrics in JSON: KFP's `Metric`, `LogMetricRequest` and what goes with them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from artifactd import model
from artifactd.errors import InvalidArgument, invalid, quoted
from artifactd.listing import METRIC_HISTORY, METRICS, ListQuery, Page, Position, Sort, parse_page_size
from artifactd.model import MetricSchema, Problems
from artifactd.requests import NewMetric
from artifactd.wire.artifacts import batch_items
from artifactd.wire.lists import ListParameters, ListRequest, next_page_token
from artifactd.wire.message import ID, ID_OR_EMPTY, Message, raw, to_json
from artifactd.wire.page_tokens import decode_page_token, encode_page_token
from artifactd.wire.query import Query
from artifactd.wire.times import parse_time, time_of

LIST = ListParameters("metrics", METRICS, ("task_ids", "run_ids", "namespace", "sort_by", "filter"))
_METRIC = str(MetricSchema.METRIC)
_NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_NAMES = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


class Metric(Message):
    """One point of a metric of a task. (task_id, name) is its key; logging it again adds a point."""

    required_fields = ("task_id", "name", "value")
    non_finite_fields = ("value",)

    task_id: Annotated[
        str | None,
        Meta(
            description="Required. The task that the metric is of; one not seen before is registered.",
            examples=["train-1"],
            extra_json_schema=ID,
        ),
    ] = None
    name: Annotated[
        str | None,
        Meta(
            description="Required. May hold /.",
            examples=["val/accuracy"],
            extra_json_schema={"minLength": 1, "maxLength": model.NAME_CHARS_MAX},
        ),
    ] = None
    value: Annotated[
        Any,
        Meta(
            description="Required. A number for the schema Metric (NaN and the infinities as tokens or strings); a "
            "JSON object or array of up to 1 MiB for the classification schemas.",
            examples=[0.97],
            extra_json_schema={
                "anyOf": [
                    {"type": "number", "format": "double"},
                    {"type": "string", "enum": list(_NON_FINITE)},
                    {"type": "object"},
                    {"type": "array", "items": {}},
                ]
            },
        ),
    ] = None
    schema: Annotated[
        str | None,
        Meta(description="The value's form; Metric if absent.", extra_json_schema={"enum": list(MetricSchema)}),
    ] = None
    type: Annotated[
        str | None,
        Meta(
            description="Whether the task read it or made it; METRIC_INPUT if absent, as KFP has it.",
            extra_json_schema={"enum": list(model.MetricType)},
        ),
    ] = None
    step: Annotated[
        int | None,
        Meta(
            description="The step or epoch; the current point is the one with the greatest step, then time.",
            extra_json_schema={"format": "int64"},
        ),
    ] = None
    created_at: Annotated[
        str | None,
        Meta(
            description="When it was measured; the server's clock if absent.", extra_json_schema={"format": "date-time"}
        ),
    ] = None
    namespace: Annotated[
        str | None,
        Meta(description="The task's.", extra_json_schema={"maxLength": model.NAMESPACE_CHARS_MAX}),
    ] = None
    run_id: Annotated[
        str | None, Meta(description="The task's run.", examples=["run-1"], extra_json_schema=ID_OR_EMPTY)
    ] = None


class LogMetricRequest(Message):
    """A point to log."""

    required_fields = ("metric",)

    metric: Annotated[Metric | None, Meta(description="Required.")] = None


class BatchLogMetricsRequest(Message):
    """Points to log, all or none."""

    required_fields = ("metrics",)

    metrics: Annotated[
        list[Metric] | None,
        Meta(description="1 to 1,000 points.", extra_json_schema={"minItems": 1, "maxItems": model.BATCH_ITEMS_MAX}),
    ] = None


class ListMetricsResponse(Message, omit_defaults=False):
    """One page of metrics."""

    metrics: Annotated[list[Metric], Meta(description="The metrics or points, in the order asked for.")]
    total_size: Annotated[int, Meta(description="How many there are on all pages.")]
    next_page_token: Annotated[str, Meta(description="Empty on the last page.")]


class BatchLogMetricsResponse(Message, omit_defaults=False):
    """The points of a batch."""

    metrics: Annotated[list[Metric], Meta(description="The points, in the order of the request.")]


class HistoryRequest:
    """A metric's points to list."""

    __slots__ = ("name", "query", "task_id")

    def __init__(self, task_id: str, name: str, query: ListQuery) -> None:
        self.task_id = task_id
        self.name = name
        self.query = query


def decode_metric(given: Metric, at: str) -> NewMetric:
    """The point to log. `at` is the metric's path in the request, ending in a dot.

    Raises:
        InvalidArgument: naming every bad field.
    """
    problems = Problems(at)
    value = _decode_value(problems, given.schema or _METRIC, given.value)
    created_at_us = parse_time(f"{at}created_at", given.created_at)
    decoded = _new_metric(given, value, created_at_us)
    decoded.check(problems)
    problems.raise_if_any()
    return decoded


def _plain_metric(given: Metric) -> NewMetric | None:
    """The point to log, if it is as nearly all are: it takes a third of the time."""
    value = given.value
    if value.__class__ is not float and value.__class__ is not int:
        return None
    try:
        decoded = _new_metric(given, float(value), parse_time("created_at", given.created_at))
    except (InvalidArgument, OverflowError):
        return None
    return decoded if decoded.is_plain() else None


def _new_metric(given: Metric, value: float | str | None, created_at_us: int | None) -> NewMetric:
    return NewMetric(
        given.task_id,
        given.name,
        value,
        given.schema,
        given.type,
        given.step,
        created_at_us,
        given.namespace,
        given.run_id or None,
    )


def _decode_value(problems: Problems, schema: str, value: Any) -> float | str | None:
    field = "value"
    if value is None:
        problems.add(field, "is required")
    elif schema not in tuple(MetricSchema):
        return None
    elif schema != _METRIC:
        if isinstance(value, (dict, list)):
            return to_json(value)
        problems.add(field, f"must be a JSON object or array for the schema {quoted(schema)}")
    elif isinstance(value, str) and value in _NON_FINITE:
        return _NON_FINITE[value]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            problems.add(field, "is beyond the range of a double")
    else:
        problems.add(field, 'must be a number, or "NaN", "Infinity" or "-Infinity", for the schema Metric')
    return None


def decode_log_metric(request: LogMetricRequest) -> NewMetric:
    """The point to log. Raises InvalidArgument naming every bad field."""
    if request.metric is None:
        raise invalid("metric", 'is required: {"metric": {"task_id": ..., "name": ..., "value": ...}}')
    return _plain_metric(request.metric) or decode_metric(request.metric, "metric.")


def decode_batch_log_metrics(request: BatchLogMetricsRequest) -> list[NewMetric]:
    """The points to log. Raises InvalidArgument as for one, and for an empty or too large batch."""
    return [
        _plain_metric(item) or decode_metric(item, f"metrics[{index}].")
        for index, item in enumerate(batch_items("metrics", request.metrics))
    ]


def encode_metric(metric: model.Metric) -> Metric:
    """A point's JSON message."""
    created_at: Any = time_of(metric.created_at_us)
    value = metric.value
    encoded = raw(value) if isinstance(value, str) else value if value - value == 0 else _NAMES[str(value)]
    return Metric(
        task_id=metric.task_id,
        name=metric.name,
        value=encoded,
        schema=metric.schema,
        type=metric.type,
        step=metric.step,
        created_at=created_at,
        namespace=metric.namespace,
        run_id=metric.run_id,
    )


def encode_metric_page(request: ListRequest, page: Page[model.Metric]) -> ListMetricsResponse:
    """A page's JSON message."""
    return ListMetricsResponse(
        metrics=[encode_metric(metric) for metric in page.items],
        total_size=page.total_size,
        next_page_token=next_page_token(LIST, request, page),
    )


def encode_batch_metrics(metrics: list[model.Metric]) -> BatchLogMetricsResponse:
    """A batch's JSON message."""
    return BatchLogMetricsResponse(metrics=[encode_metric(metric) for metric in metrics])


def decode_history(task_id: str, name: str, query: Query) -> HistoryRequest:
    """The points to list. Raises InvalidArgument naming the parameter."""
    query.only(("page_token", "page_size"))
    position = None
    if text := query.text("page_token"):
        token = decode_page_token("metric_history", text)
        if token.parameters != {"task_id": task_id, "name": name}:
            raise invalid("page_token", "was issued for another metric")
        position = Position(token.segment, tuple(token.position))
    page_size = parse_page_size(query.integer("page_size"))
    listed = ListQuery(METRIC_HISTORY, None, Sort("created_at"), (), page_size, position)
    return HistoryRequest(task_id, name, listed)


def encode_history_page(request: HistoryRequest, page: Page[model.Metric]) -> ListMetricsResponse:
    """A page's JSON message."""
    parameters = {"task_id": request.task_id, "name": request.name}
    return ListMetricsResponse(
        metrics=[encode_metric(metric) for metric in page.items],
        total_size=page.total_size,
        next_page_token=encode_page_token("metric_history", parameters, page.next_position, None),
    )
