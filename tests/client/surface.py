"""The documented surface of the client as facts, typed from KFP's documentation and never read off our code."""

from __future__ import annotations

from typing import Any, NamedTuple

CORE_NAMES = (
    "__version__",
    "ArtifactServiceApi",
    "RunServiceApi",
    "HealthzServiceApi",
    "ApiClient",
    "Configuration",
    "OpenApiException",
    "ApiTypeError",
    "ApiValueError",
    "ApiKeyError",
    "ApiException",
)

SERVICES = {
    "artifact_service_api": "ArtifactServiceApi",
    "run_service_api": "RunServiceApi",
    "healthz_service_api": "HealthzServiceApi",
}

SUBMODULES = {
    "api": tuple(SERVICES.values()),
    "api_client": ("ApiClient",),
    "configuration": ("Configuration",),
    "rest": ("RESTResponse", "RESTClientObject", "ApiException"),
    "exceptions": (
        "OpenApiException",
        "ApiTypeError",
        "ApiValueError",
        "ApiKeyError",
        "ApiException",
        "render_path",
    ),
}

_PAGE = {"total_size": "int", "next_page_token": "str"}
_ARTIFACT = {
    "name": "str",
    "type": "ArtifactArtifactType",
    "uri": "str",
    "metadata": "dict(str, object)",
    "created_at": "datetime",
    "namespace": "str",
}
_LATER = {"description": "str", "number_value": "float", "updated_at": "datetime"}

MESSAGES: dict[str, dict[str, str]] = {
    "GooglerpcStatus": {"code": "int", "message": "str", "details": "list[ProtobufAny]"},
    "PipelineTaskDetailChildTask": {"task_id": "str", "pod_name": "str"},
    "PredicateIntValues": {"values": "list[int]"},
    "PredicateLongValues": {"values": "list[str]"},
    "PredicateStringValues": {"values": "list[str]"},
    "ProtobufAny": {"type": "str", "type_url": "str", "value": "str"},
    "RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired": {**_ARTIFACT, **_LATER},
    "V2beta1Artifact": {"artifact_id": "str", **_ARTIFACT, **_LATER},
    "V2beta1ArtifactList": {"artifact_ids": "list[str]"},
    "V2beta1ArtifactTask": {
        "id": "str",
        "artifact_id": "str",
        "task_id": "str",
        "type": "V2beta1ArtifactTaskType",
        "created_at": "datetime",
        "run_id": "str",
        "key": "str",
    },
    "V2beta1CreateArtifactRequest": {
        "artifact": "V2beta1Artifact",
        "run_id": "str",
        "task_id": "str",
        "producer_key": "str",
        "iteration_index": "str",
        "reuse_if_exists": "bool",
    },
    "V2beta1Filter": {"predicates": "list[V2beta1Predicate]"},
    "V2beta1GetHealthzResponse": {"multi_user": "bool", "pipeline_store": "str"},
    "V2beta1ListArtifactResponse": {"artifacts": "list[V2beta1Artifact]", **_PAGE},
    "V2beta1ListArtifactTasksResponse": {"artifact_tasks": "list[V2beta1ArtifactTask]", **_PAGE},
    "V2beta1ListMetricsResponse": {"metrics": "list[V2beta1Metric]", **_PAGE},
    "V2beta1ListRunsResponse": {"runs": "list[V2beta1Run]", **_PAGE},
    "V2beta1ListTasksResponse": {"tasks": "list[V2beta1PipelineTaskDetail]", **_PAGE},
    "V2beta1LogMetricRequest": {"metric": "V2beta1Metric"},
    "V2beta1Metric": {
        "task_id": "str",
        "name": "str",
        "schema": "V2beta1MetricSchema",
        "value": "object",
        "created_at": "datetime",
        "type": "V2beta1MetricType",
        "step": "int",
        "namespace": "str",
        "run_id": "str",
    },
    "V2beta1PipelineTaskDetail": {
        "run_id": "str",
        "task_id": "str",
        "display_name": "str",
        "create_time": "datetime",
        "start_time": "datetime",
        "end_time": "datetime",
        "executor_detail": "V2beta1PipelineTaskExecutorDetail",
        "state": "V2beta1RuntimeState",
        "execution_id": "str",
        "error": "GooglerpcStatus",
        "inputs": "dict(str, V2beta1ArtifactList)",
        "outputs": "dict(str, V2beta1ArtifactList)",
        "parent_task_id": "str",
        "state_history": "list[V2beta1RuntimeStatus]",
        "pod_name": "str",
        "child_tasks": "list[PipelineTaskDetailChildTask]",
    },
    "V2beta1PipelineTaskExecutorDetail": {
        "main_job": "str",
        "pre_caching_check_job": "str",
        "failed_main_jobs": "list[str]",
        "failed_pre_caching_check_jobs": "list[str]",
    },
    "V2beta1PipelineVersionReference": {"pipeline_id": "str", "pipeline_version_id": "str"},
    "V2beta1Predicate": {
        "operation": "V2beta1PredicateOperation",
        "key": "str",
        "int_value": "int",
        "long_value": "str",
        "string_value": "str",
        "timestamp_value": "datetime",
        "int_values": "PredicateIntValues",
        "long_values": "PredicateLongValues",
        "string_values": "PredicateStringValues",
    },
    "V2beta1Run": {
        "experiment_id": "str",
        "run_id": "str",
        "display_name": "str",
        "storage_state": "V2beta1RunStorageState",
        "description": "str",
        "pipeline_version_id": "str",
        "pipeline_spec": "object",
        "pipeline_version_reference": "V2beta1PipelineVersionReference",
        "runtime_config": "V2beta1RuntimeConfig",
        "service_account": "str",
        "created_at": "datetime",
        "scheduled_at": "datetime",
        "finished_at": "datetime",
        "state": "V2beta1RuntimeState",
        "error": "GooglerpcStatus",
        "run_details": "V2beta1RunDetails",
        "recurring_run_id": "str",
        "state_history": "list[V2beta1RuntimeStatus]",
    },
    "V2beta1RunDetails": {
        "pipeline_context_id": "str",
        "pipeline_run_context_id": "str",
        "task_details": "list[V2beta1PipelineTaskDetail]",
    },
    "V2beta1RuntimeConfig": {"parameters": "dict(str, object)", "pipeline_root": "str"},
    "V2beta1RuntimeStatus": {"update_time": "datetime", "state": "V2beta1RuntimeState", "error": "GooglerpcStatus"},
}
"""Each message's fields in the documented order, with their types as KFP's documentation writes them. Ours may have
more, but only after these."""

WIRE_NAMES = {("ProtobufAny", "type"): "@type"}
"""The fields whose name on the wire is another one."""

ENUMERATIONS: dict[str, dict[str, str]] = {
    "ArtifactArtifactType": {
        "ARTIFACT": "Artifact",
        "MODEL": "Model",
        "DATASET": "Dataset",
        "HTML": "HTML",
        "MARKDOWN": "Markdown",
    },
    "ProtobufNullValue": {"NULL_VALUE": "NULL_VALUE"},
    "V2beta1ArtifactTaskType": {"INPUT": "INPUT", "OUTPUT": "OUTPUT"},
    "V2beta1MetricSchema": {
        "METRIC": "Metric",
        "CLASSIFICATIONMETRIC": "ClassificationMetric",
        "SLICEDCLASSIFICATIONMETRIC": "SlicedClassificationMetric",
    },
    "V2beta1MetricType": {"INPUT": "METRIC_INPUT", "OUTPUT": "METRIC_OUTPUT"},
    "V2beta1PredicateOperation": {
        "OPERATION_UNSPECIFIED": "OPERATION_UNSPECIFIED",
        "EQUALS": "EQUALS",
        "NOT_EQUALS": "NOT_EQUALS",
        "GREATER_THAN": "GREATER_THAN",
        "GREATER_THAN_EQUALS": "GREATER_THAN_EQUALS",
        "LESS_THAN": "LESS_THAN",
        "LESS_THAN_EQUALS": "LESS_THAN_EQUALS",
        "IN": "IN",
        "IS_SUBSTRING": "IS_SUBSTRING",
    },
    "V2beta1RunStorageState": {
        "STORAGE_STATE_UNSPECIFIED": "STORAGE_STATE_UNSPECIFIED",
        "AVAILABLE": "AVAILABLE",
        "ARCHIVED": "ARCHIVED",
    },
    "V2beta1RuntimeState": {
        "RUNTIME_STATE_UNSPECIFIED": "RUNTIME_STATE_UNSPECIFIED",
        "PENDING": "PENDING",
        "RUNNING": "RUNNING",
        "SUCCEEDED": "SUCCEEDED",
        "SKIPPED": "SKIPPED",
        "FAILED": "FAILED",
        "CANCELING": "CANCELING",
        "CANCELED": "CANCELED",
        "PAUSED": "PAUSED",
    },
}
"""Each enumeration's constants. Ours may have more."""

MODULES = {
    "ArtifactArtifactType": "artifact_artifact_type",
    "GooglerpcStatus": "googlerpc_status",
    "PipelineTaskDetailChildTask": "pipeline_task_detail_child_task",
    "PredicateIntValues": "predicate_int_values",
    "PredicateLongValues": "predicate_long_values",
    "PredicateStringValues": "predicate_string_values",
    "ProtobufAny": "protobuf_any",
    "ProtobufNullValue": "protobuf_null_value",
    "RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired": (
        "required_the_artifact_to_update_the_artifact_id_field_is_required"
    ),
    **{
        f"V2beta1{name}": f"v2beta1_{module}"
        for name, module in {
            "Artifact": "artifact",
            "ArtifactList": "artifact_list",
            "ArtifactTask": "artifact_task",
            "ArtifactTaskType": "artifact_task_type",
            "CreateArtifactRequest": "create_artifact_request",
            "Filter": "filter",
            "GetHealthzResponse": "get_healthz_response",
            "ListArtifactResponse": "list_artifact_response",
            "ListArtifactTasksResponse": "list_artifact_tasks_response",
            "ListMetricsResponse": "list_metrics_response",
            "ListRunsResponse": "list_runs_response",
            "ListTasksResponse": "list_tasks_response",
            "LogMetricRequest": "log_metric_request",
            "Metric": "metric",
            "MetricSchema": "metric_schema",
            "MetricType": "metric_type",
            "PipelineTaskDetail": "pipeline_task_detail",
            "PipelineTaskExecutorDetail": "pipeline_task_executor_detail",
            "PipelineVersionReference": "pipeline_version_reference",
            "Predicate": "predicate",
            "PredicateOperation": "predicate_operation",
            "Run": "run",
            "RunDetails": "run_details",
            "RunStorageState": "run_storage_state",
            "RuntimeConfig": "runtime_config",
            "RuntimeState": "runtime_state",
            "RuntimeStatus": "runtime_status",
        }.items()
    },
}
"""The modules of `models` by their classes."""

NOT_IN_THE_RELEASE = {
    "ArtifactArtifactType",
    "RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired",
    "V2beta1Artifact",
    "V2beta1ArtifactTask",
    "V2beta1ArtifactTaskType",
    "V2beta1CreateArtifactRequest",
    "V2beta1ListArtifactResponse",
    "V2beta1ListArtifactTasksResponse",
    "V2beta1ListMetricsResponse",
    "V2beta1ListTasksResponse",
    "V2beta1LogMetricRequest",
    "V2beta1Metric",
    "V2beta1MetricSchema",
    "V2beta1MetricType",
}
"""The classes that the release of the official client on PyPI lacks."""


class Method(NamedTuple):
    """One method: who has it, what it takes, what it sends and what it gives."""

    service: str
    name: str
    verb: str
    path: str
    returns: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    body: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        """An argument for each required parameter: an empty object for the body."""
        return {name: {} if name == self.body else f"the-{name}" for name in self.required}

    @property
    def target(self) -> str:
        """What the request line says for `arguments`."""
        return self.path.format(**self.arguments)


_ROOT = "/apis/v2beta1"
_PAGED = ("page_token", "page_size", "sort_by", "filter")
_ARTIFACTS, _RUNS, _HEALTH = SERVICES.values()

METHODS = (
    Method(_ARTIFACTS, "create_artifact", "POST", f"{_ROOT}/artifacts", "V2beta1Artifact", ("body",), body="body"),
    Method(
        _ARTIFACTS, "get_artifact", "GET", f"{_ROOT}/artifacts/{{artifact_id}}", "V2beta1Artifact", ("artifact_id",)
    ),
    Method(
        _ARTIFACTS,
        "list_artifacts",
        "GET",
        f"{_ROOT}/artifacts",
        "V2beta1ListArtifactResponse",
        optional=("namespace", *_PAGED),
    ),
    Method(
        _ARTIFACTS,
        "update_artifact",
        "PUT",
        f"{_ROOT}/artifacts/{{artifact_artifact_id}}",
        "V2beta1Artifact",
        ("artifact_artifact_id", "artifact"),
        body="artifact",
    ),
    Method(_ARTIFACTS, "log_metric", "POST", f"{_ROOT}/metrics", "V2beta1Metric", ("body",), body="body"),
    Method(
        _ARTIFACTS,
        "get_metric",
        "GET",
        f"{_ROOT}/metrics/{{task_id}}/{{name}}",
        "V2beta1Metric",
        ("task_id", "name"),
    ),
    Method(
        _ARTIFACTS,
        "list_metrics",
        "GET",
        f"{_ROOT}/metrics",
        "V2beta1ListMetricsResponse",
        optional=("task_ids", "run_ids", "namespace", *_PAGED),
    ),
    Method(
        _ARTIFACTS,
        "list_artifact_tasks",
        "GET",
        f"{_ROOT}/artifact_tasks",
        "V2beta1ListArtifactTasksResponse",
        optional=("task_ids", "run_ids", "artifact_ids", "type", *_PAGED),
    ),
    Method(_RUNS, "create_task", "POST", f"{_ROOT}/tasks", "V2beta1PipelineTaskDetail", ("task",), body="task"),
    Method(_RUNS, "get_task", "GET", f"{_ROOT}/tasks/{{task_id}}", "V2beta1PipelineTaskDetail", ("task_id",)),
    Method(
        _RUNS,
        "list_tasks",
        "GET",
        f"{_ROOT}/tasks",
        "V2beta1ListTasksResponse",
        optional=("parent_id", "run_id", "page_size", "page_token", "filter", "order_by"),
    ),
    Method(
        _RUNS,
        "update_task",
        "PATCH",
        f"{_ROOT}/tasks/{{task_id}}",
        "V2beta1PipelineTaskDetail",
        ("task_id", "task"),
        body="task",
    ),
    Method(
        _RUNS,
        "run_service_get_run",
        "GET",
        f"{_ROOT}/runs/{{run_id}}",
        "V2beta1Run",
        ("run_id",),
        ("experiment_id",),
    ),
    Method(
        _RUNS,
        "run_service_list_runs",
        "GET",
        f"{_ROOT}/runs",
        "V2beta1ListRunsResponse",
        optional=("namespace", "experiment_id", *_PAGED),
    ),
    Method(_HEALTH, "healthz_service_get_healthz", "GET", f"{_ROOT}/healthz", "V2beta1GetHealthzResponse"),
)

OURS = {"list_tasks": ("namespace",), "run_service_list_runs": ("view",)}
"""Parameters that our methods have beyond the documented ones."""

LISTS = {"task_ids", "run_ids", "artifact_ids"}
"""The parameters that are repeated."""

NOT_SERVED = {
    "run_service_create_run": ({},),
    "run_service_retry_run": ("run-1",),
    "run_service_terminate_run": ("run-1",),
    "run_service_archive_run": ("run-1",),
    "run_service_unarchive_run": ("run-1",),
    "run_service_delete_run": ("run-1",),
    "run_service_read_artifact": ("run-1", "node-1", "model"),
}
"""The calls of the official `RunServiceApi` that start, stop, archive, delete or read, with arguments for each."""
