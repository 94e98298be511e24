"""The route table: every API operation with its path, decoder, operation and encoder. OpenAPI comes from it."""

from __future__ import annotations

from typing import Any

from artifactd.access import Verb
from artifactd.operations import api_keys, artifact_tasks, artifacts, lineage, metrics, runs, tasks
from artifactd.rest.operation import Operation, Parts
from artifactd.wire import api_keys as wire_keys
from artifactd.wire import artifact_tasks as wire_links
from artifactd.wire import artifacts as wire_artifacts
from artifactd.wire import lineage as wire_lineage
from artifactd.wire import metrics as wire_metrics
from artifactd.wire import runs as wire_runs
from artifactd.wire import tasks as wire_tasks
from artifactd.wire.lists import decode_list

_ROOT = "/apis/v2beta1"
_PAGED = ("page_token", "page_size")


def _all(_: Any) -> bool:
    return True


_BATCH_ITEMS_HERE_MAX = 100
"""A batch of no more items takes about as long as a commit."""


def _is_large(batch: Any) -> bool:
    return len(batch) > _BATCH_ITEMS_HERE_MAX


def _scans(request: Any) -> bool:
    return bool(request.query.scans)


def _of_each(result: list[Any]) -> list[str]:
    return [item.namespace for item in result]


def _of_one(result: Any) -> list[str]:
    return [result.namespace]


def _ids(*names: str) -> Any:
    """What a result, or each of several, is told apart by in notes of writes."""

    def resources(result: Any) -> list[str]:
        items = result if isinstance(result, list) else [result]
        return ["/".join(str(getattr(item, name)) for name in names) for item in items]

    return resources


def _metric_key(parts: Parts) -> tuple[str, str]:
    parts.query.only(())
    return parts.path["task_id"], parts.path["name"]


def _only_path(name: str) -> Any:
    def decode(parts: Parts) -> str:
        parts.query.only(())
        return parts.path[name]

    return decode


def _body(decode: Any) -> Any:
    def decode_parts(parts: Parts) -> Any:
        parts.query.only(())
        return decode(parts.body)

    return decode_parts


def _list(shape: Any) -> Any:
    return lambda parts: decode_list(shape, parts.query)


def _paged(run: Any) -> Any:
    return lambda context, transaction, request: run(context, transaction, request.query)


def _update_artifact(parts: Parts) -> Any:
    parts.query.only(())
    return wire_artifacts.decode_update_artifact(parts.path["artifact_id"], parts.body, parts.if_match)


def _update_run(parts: Parts) -> Any:
    parts.query.only(())
    return wire_runs.decode_run_changes(parts.path["run_id"], parts.body)


def _run_query(parts: Parts) -> tuple[str, str | None]:
    parts.query.only(("experiment_id",))
    return parts.path["run_id"], parts.query.text("experiment_id")


def _with_path(name: str, decode: Any) -> Any:
    def decode_parts(parts: Parts) -> Any:
        parts.query.only(())
        return parts.path[name], decode(parts.body)

    return decode_parts


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="create_artifact",
        method="POST",
        path=f"{_ROOT}/artifacts",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Creates a new artifact.",
        description="With task_id, an OUTPUT link to that task is made in the same transaction.",
        body=wire_artifacts.CreateArtifactRequest,
        example={"artifact": {"name": "iris-model", "type": "Model", "metadata": {"framework": "sklearn"}}},
        response=wire_artifacts.Artifact,
        decode=_body(wire_artifacts.decode_create_artifact),
        run=artifacts.create_artifact,
        encode=lambda _, artifact: wire_artifacts.encode_artifact(artifact),
        writes=True,
        entity_tag=wire_artifacts.entity_tag,
        namespaces=_of_one,
        resources=_ids("artifact_id"),
    ),
    Operation(
        name="get_artifact",
        method="GET",
        path=f"{_ROOT}/artifacts/{{artifact_id}}",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Finds a specific artifact by its id.",
        response=wire_artifacts.Artifact,
        decode=_only_path("artifact_id"),
        run=artifacts.get_artifact,
        encode=lambda _, artifact: wire_artifacts.encode_artifact(artifact),
        entity_tag=wire_artifacts.entity_tag,
    ),
    Operation(
        name="list_artifacts",
        method="GET",
        path=f"{_ROOT}/artifacts",
        verb=Verb.LIST,
        tag="ArtifactService",
        summary="Finds all artifacts within a namespace, or within all that the caller may list.",
        response=wire_artifacts.ListArtifactResponse,
        decode=_list(wire_artifacts.LIST),
        run=_paged(artifacts.list_artifacts),
        encode=wire_artifacts.encode_artifact_page,
        heavy=_scans,
        parameters=(*_PAGED, *wire_artifacts.LIST.names),
    ),
    Operation(
        name="update_artifact",
        method="PUT",
        path=f"{_ROOT}/artifacts/{{artifact_id}}",
        verb=Verb.UPDATE,
        tag="ArtifactService",
        summary="Updates an existing artifact.",
        description="Fields that are present replace, absent ones stay; metadata replaces as a whole, {} clears it.",
        body=wire_artifacts.Artifact,
        example={"metadata": {"stage": "production"}},
        response=wire_artifacts.Artifact,
        decode=_update_artifact,
        run=artifacts.update_artifact,
        encode=lambda _, artifact: wire_artifacts.encode_artifact(artifact),
        writes=True,
        entity_tag=wire_artifacts.entity_tag,
        namespaces=_of_one,
        resources=_ids("artifact_id"),
    ),
    Operation(
        name="batch_create_artifacts",
        method="POST",
        path=f"{_ROOT}/artifacts:batchCreate",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Creates several artifacts, all or none.",
        body=wire_artifacts.BatchCreateArtifactsRequest,
        example={"artifacts": [{"artifact": {"name": "train", "type": "Dataset"}}]},
        response=wire_artifacts.BatchCreateArtifactsResponse,
        decode=_body(wire_artifacts.decode_batch_create_artifacts),
        run=artifacts.batch_create_artifacts,
        encode=lambda _, made: wire_artifacts.encode_batch_artifacts(made),
        writes=True,
        heavy=_is_large,
        namespaces=_of_each,
        resources=_ids("artifact_id"),
    ),
    Operation(
        name="log_metric",
        method="POST",
        path=f"{_ROOT}/metrics",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Logs a metric for a specific task.",
        description="Adds a point to the history of (task_id, name) and answers that point.",
        body=wire_metrics.LogMetricRequest,
        example={"metric": {"task_id": "train-1", "name": "val/accuracy", "value": 0.97, "step": 3}},
        response=wire_metrics.Metric,
        decode=_body(wire_metrics.decode_log_metric),
        run=metrics.log_metric,
        encode=lambda _, metric: wire_metrics.encode_metric(metric),
        writes=True,
        namespaces=_of_one,
        resources=_ids("task_id", "name"),
    ),
    Operation(
        name="get_metric",
        method="GET",
        path=f"{_ROOT}/metrics/{{task_id}}/{{name}}",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Gets a metric by its task's id and its name.",
        description="Answers the current point: the one with the greatest step, then time. The name may hold /.",
        response=wire_metrics.Metric,
        decode=_metric_key,
        run=metrics.get_metric,
        encode=lambda _, metric: wire_metrics.encode_metric(metric),
    ),
    Operation(
        name="list_metrics",
        method="GET",
        path=f"{_ROOT}/metrics",
        verb=Verb.LIST,
        tag="ArtifactService",
        summary="Lists metrics, each at its current point.",
        response=wire_metrics.ListMetricsResponse,
        decode=_list(wire_metrics.LIST),
        run=_paged(metrics.list_metrics),
        encode=wire_metrics.encode_metric_page,
        heavy=_scans,
        parameters=(*_PAGED, *wire_metrics.LIST.names),
    ),
    Operation(
        name="batch_log_metrics",
        method="POST",
        path=f"{_ROOT}/metrics:batchLog",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Logs several points, all or none.",
        body=wire_metrics.BatchLogMetricsRequest,
        example={"metrics": [{"task_id": "train-1", "name": "loss", "value": 0.5, "step": 1}]},
        response=wire_metrics.BatchLogMetricsResponse,
        decode=_body(wire_metrics.decode_batch_log_metrics),
        run=metrics.batch_log_metrics,
        encode=lambda _, logged: wire_metrics.encode_batch_metrics(logged),
        writes=True,
        heavy=_is_large,
        namespaces=_of_each,
        resources=_ids("task_id", "name"),
    ),
    Operation(
        name="get_metric_history",
        method="GET",
        path=f"{_ROOT}/metric_history/{{task_id}}/{{name}}",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Lists every point ever logged of a metric, oldest first.",
        response=wire_metrics.ListMetricsResponse,
        decode=lambda parts: wire_metrics.decode_history(parts.path["task_id"], parts.path["name"], parts.query),
        run=lambda context, transaction, request: metrics.get_metric_history(
            context, transaction, (request.task_id, request.name), request.query
        ),
        encode=wire_metrics.encode_history_page,
        parameters=_PAGED,
    ),
    Operation(
        name="list_artifact_tasks",
        method="GET",
        path=f"{_ROOT}/artifact_tasks",
        verb=Verb.LIST,
        tag="ArtifactService",
        summary="Lists links between artifacts and tasks.",
        response=wire_links.ListArtifactTasksResponse,
        decode=_list(wire_links.LIST),
        run=_paged(artifact_tasks.list_artifact_tasks),
        encode=wire_links.encode_artifact_task_page,
        heavy=_scans,
        parameters=(*_PAGED, *wire_links.LIST.names),
    ),
    Operation(
        name="create_artifact_task",
        method="POST",
        path=f"{_ROOT}/artifact_tasks",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Links a task to an artifact.",
        description="The same link again returns the one that exists.",
        body=wire_links.CreateArtifactTaskRequest,
        example={
            "artifact_task": {
                "artifact_id": "01936f00-0000-7000-8000-000000000000",
                "task_id": "evaluate-1",
                "type": "INPUT",
                "key": "model",
            }
        },
        response=wire_links.ArtifactTask,
        decode=_body(wire_links.decode_create_artifact_task),
        run=artifact_tasks.create_artifact_task,
        encode=lambda _, link: wire_links.encode_artifact_task(link),
        writes=True,
        namespaces=_of_one,
        resources=_ids("id"),
    ),
    Operation(
        name="batch_create_artifact_tasks",
        method="POST",
        path=f"{_ROOT}/artifact_tasks:batchCreate",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Makes several links, all or none.",
        body=wire_links.BatchCreateArtifactTasksRequest,
        example={"artifact_tasks": [{"artifact_id": "01936f00-0000-7000-8000-000000000000", "task_id": "evaluate-1"}]},
        response=wire_links.BatchCreateArtifactTasksResponse,
        decode=_body(wire_links.decode_batch_create_artifact_tasks),
        run=artifact_tasks.batch_create_artifact_tasks,
        encode=lambda _, links: wire_links.encode_batch_artifact_tasks(links),
        writes=True,
        heavy=_is_large,
        namespaces=_of_each,
        resources=_ids("id"),
    ),
    Operation(
        name="get_lineage",
        method="GET",
        path=f"{_ROOT}/lineage",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Gives the artifacts, tasks and links around an artifact, a task or a run.",
        description="BOTH joins what lies upstream and what lies downstream; nearest nodes first.",
        response=wire_lineage.Lineage,
        decode=lambda parts: wire_lineage.decode_lineage(parts.query),
        run=lineage.get_lineage,
        encode=lambda _, found: wire_lineage.encode_lineage(found),
        heavy=_all,
        parameters=wire_lineage.PARAMETERS,
    ),
    Operation(
        name="create_task",
        method="POST",
        path=f"{_ROOT}/tasks",
        verb=Verb.CREATE,
        tag="RunService",
        summary="Creates a task, or fills in one that only its metrics or links have named so far.",
        body=wire_tasks.PipelineTaskDetail,
        example={"task_id": "train-1", "run_id": "run-1", "display_name": "train", "state": "RUNNING"},
        response=wire_tasks.PipelineTaskDetail,
        decode=_body(wire_tasks.decode_task),
        run=tasks.create_task,
        encode=lambda _, detail: wire_tasks.encode_task(detail),
        writes=True,
        namespaces=lambda detail: [detail.task.namespace],
        resources=lambda detail: [detail.task.task_id],
    ),
    Operation(
        name="get_task",
        method="GET",
        path=f"{_ROOT}/tasks/{{task_id}}",
        verb=Verb.GET,
        tag="RunService",
        summary="Gets a task by its id.",
        response=wire_tasks.PipelineTaskDetail,
        decode=_only_path("task_id"),
        run=tasks.get_task,
        encode=lambda _, detail: wire_tasks.encode_task(detail),
    ),
    Operation(
        name="list_tasks",
        method="GET",
        path=f"{_ROOT}/tasks",
        verb=Verb.LIST,
        tag="RunService",
        summary="Lists tasks.",
        response=wire_tasks.ListTasksResponse,
        decode=_list(wire_tasks.LIST),
        run=_paged(tasks.list_tasks),
        encode=wire_tasks.encode_task_page,
        heavy=_all,
        parameters=(*_PAGED, *wire_tasks.LIST.names),
    ),
    Operation(
        name="update_task",
        method="PATCH",
        path=f"{_ROOT}/tasks/{{task_id}}",
        verb=Verb.UPDATE,
        tag="RunService",
        summary="Changes the fields of a task that are present.",
        description="inputs and outputs are added to, never taken away. A state change is appended to state_history.",
        body=wire_tasks.PipelineTaskDetail,
        example={"state": "SUCCEEDED", "end_time": "2026-01-31T12:30:00Z"},
        response=wire_tasks.PipelineTaskDetail,
        decode=_with_path("task_id", wire_tasks.decode_task),
        run=lambda context, transaction, given: tasks.update_task(context, transaction, *given),
        encode=lambda _, detail: wire_tasks.encode_task(detail),
        writes=True,
        namespaces=lambda detail: [detail.task.namespace],
        resources=lambda detail: [detail.task.task_id],
    ),
    Operation(
        name="get_run",
        method="GET",
        path=f"{_ROOT}/runs/{{run_id}}",
        verb=Verb.GET,
        tag="RunService",
        summary="Gets a run by its id, with its tasks.",
        response=wire_runs.Run,
        decode=_run_query,
        run=lambda context, transaction, key: runs.get_run(context, transaction, *key),
        encode=lambda _, found: wire_runs.encode_run(*found),
        heavy=_all,
        parameters=("experiment_id",),
    ),
    Operation(
        name="list_runs",
        method="GET",
        path=f"{_ROOT}/runs",
        verb=Verb.LIST,
        tag="RunService",
        summary="Lists runs.",
        response=wire_runs.ListRunsResponse,
        decode=_list(wire_runs.LIST),
        run=_paged(runs.list_runs),
        encode=wire_runs.encode_run_page,
        heavy=_scans,
        parameters=(*_PAGED, *wire_runs.LIST.names),
    ),
    Operation(
        name="update_run",
        method="PATCH",
        path=f"{_ROOT}/runs/{{run_id}}",
        verb=Verb.UPDATE,
        tag="RunService",
        summary="Changes the fields of a run that are present, or creates it with them.",
        body=wire_runs.Run,
        example={"display_name": "nightly", "labels": {"branch": "main"}},
        response=wire_runs.Run,
        decode=_update_run,
        run=runs.update_run,
        encode=lambda _, found: wire_runs.encode_run(*found),
        writes=True,
        namespaces=lambda found: [found[0].namespace],
        resources=lambda found: [found[0].run_id],
    ),
    Operation(
        name="create_key",
        method="POST",
        path=f"{_ROOT}/keys",
        verb=Verb.DELETE,
        tag="KeyService",
        needs_mode="keys",
        summary="Makes an API key, and tells its secret once.",
        description="Needs the right to delete in each of its namespaces, and to do whatever the key could do there.",
        body=wire_keys.CreateKeyRequest,
        example={"api_key": {"name": "ci", "role": "writer", "namespaces": ["team-a"]}},
        response=wire_keys.CreateKeyResponse,
        decode=_body(wire_keys.decode_create_key),
        run=api_keys.create_key,
        encode=lambda _, made: wire_keys.encode_made_key(*made),
        writes=True,
        secret=True,
        namespaces=lambda made: list(made.key.namespaces),
        resources=lambda made: [f"key:{made.key.key_id}"],
    ),
    Operation(
        name="list_keys",
        method="GET",
        path=f"{_ROOT}/keys",
        verb=Verb.DELETE,
        tag="KeyService",
        needs_mode="keys",
        summary="Lists the API keys that the caller looks after, revoked ones too, without their secrets.",
        response=wire_keys.ListKeysResponse,
        decode=lambda parts: wire_keys.decode_list_keys(parts.query),
        run=api_keys.list_keys,
        encode=lambda _, page: wire_keys.encode_key_page(page),
        heavy=_all,
        parameters=_PAGED,
    ),
    Operation(
        name="revoke_key",
        method="DELETE",
        path=f"{_ROOT}/keys/{{key_id}}",
        verb=Verb.DELETE,
        tag="KeyService",
        needs_mode="keys",
        summary="Revokes an API key; within two seconds no server takes it any more.",
        response=wire_keys.ApiKey,
        decode=_only_path("key_id"),
        run=api_keys.revoke_key,
        encode=lambda _, key: wire_keys.encode_key(key),
        writes=True,
        namespaces=lambda key: list(key.namespaces),
        resources=lambda key: [f"key:{key.key_id}"],
    ),
)
