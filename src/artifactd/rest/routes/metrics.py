"""The operations on metrics."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.operations import metrics
from artifactd.rest.operation import Operation, Parts
from artifactd.rest.routes.decoding import PAGED, ROOT, body_of, ids, is_large, list_of, of_each, of_one, paged, scans
from artifactd.wire import metrics as wire_metrics


def _key(parts: Parts) -> tuple[str, str]:
    parts.query.only(())
    return parts.path["task_id"], parts.path["name"]


METRICS: tuple[Operation, ...] = (
    Operation(
        name="log_metric",
        method="POST",
        path=f"{ROOT}/metrics",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Logs a metric for a specific task.",
        description="Adds a point to the history of (task_id, name) and answers that point.",
        body=wire_metrics.LogMetricRequest,
        example={"metric": {"task_id": "train-1", "name": "val/accuracy", "value": 0.97, "step": 3}},
        response=wire_metrics.Metric,
        decode=body_of(wire_metrics.decode_log_metric),
        run=metrics.log_metric,
        encode=lambda _, metric: wire_metrics.encode_metric(metric),
        writes=True,
        namespaces=of_one,
        resources=ids("task_id", "name"),
    ),
    Operation(
        name="get_metric",
        method="GET",
        path=f"{ROOT}/metrics/{{task_id}}/{{name}}",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Gets a metric by its task's id and its name.",
        description="Answers the current point: the one with the greatest step, then time. The name may hold /.",
        response=wire_metrics.Metric,
        decode=_key,
        run=metrics.get_metric,
        encode=lambda _, metric: wire_metrics.encode_metric(metric),
    ),
    Operation(
        name="list_metrics",
        method="GET",
        path=f"{ROOT}/metrics",
        verb=Verb.LIST,
        tag="ArtifactService",
        summary="Lists metrics, each at its current point.",
        response=wire_metrics.ListMetricsResponse,
        decode=list_of(wire_metrics.LIST),
        run=paged(metrics.list_metrics),
        encode=wire_metrics.encode_metric_page,
        heavy=scans,
        parameters=(*PAGED, *wire_metrics.LIST.names),
    ),
    Operation(
        name="batch_log_metrics",
        method="POST",
        path=f"{ROOT}/metrics:batchLog",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Logs several points, all or none.",
        body=wire_metrics.BatchLogMetricsRequest,
        example={"metrics": [{"task_id": "train-1", "name": "loss", "value": 0.5, "step": 1}]},
        response=wire_metrics.BatchLogMetricsResponse,
        decode=body_of(wire_metrics.decode_batch_log_metrics),
        run=metrics.batch_log_metrics,
        encode=lambda _, logged: wire_metrics.encode_batch_metrics(logged),
        writes=True,
        heavy=is_large,
        namespaces=of_each,
        resources=ids("task_id", "name"),
    ),
    Operation(
        name="get_metric_history",
        method="GET",
        path=f"{ROOT}/metric_history/{{task_id}}/{{name}}",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Lists every point ever logged of a metric, oldest first.",
        response=wire_metrics.ListMetricsResponse,
        decode=lambda parts: wire_metrics.decode_history(parts.path["task_id"], parts.path["name"], parts.query),
        run=lambda context, transaction, request: metrics.get_metric_history(
            context, transaction, (request.task_id, request.name), request.query
        ),
        encode=wire_metrics.encode_history_page,
        parameters=PAGED,
    ),
)
