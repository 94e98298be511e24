"""Every message and enumeration, each in a module of its own as well."""

from artifactd_client.models.artifact_artifact_type import ArtifactArtifactType
from artifactd_client.models.googlerpc_status import GooglerpcStatus
from artifactd_client.models.pipeline_task_detail_child_task import PipelineTaskDetailChildTask
from artifactd_client.models.predicate_double_values import PredicateDoubleValues
from artifactd_client.models.predicate_int_values import PredicateIntValues
from artifactd_client.models.predicate_long_values import PredicateLongValues
from artifactd_client.models.predicate_string_values import PredicateStringValues
from artifactd_client.models.protobuf_any import ProtobufAny
from artifactd_client.models.protobuf_null_value import ProtobufNullValue
from artifactd_client.models.required_the_artifact_to_update_the_artifact_id_field_is_required import (
    RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired,
)
from artifactd_client.models.v2beta1_artifact import V2beta1Artifact
from artifactd_client.models.v2beta1_artifact_list import V2beta1ArtifactList
from artifactd_client.models.v2beta1_artifact_task import V2beta1ArtifactTask
from artifactd_client.models.v2beta1_artifact_task_type import V2beta1ArtifactTaskType
from artifactd_client.models.v2beta1_batch_log_metrics_request import V2beta1BatchLogMetricsRequest
from artifactd_client.models.v2beta1_batch_log_metrics_response import V2beta1BatchLogMetricsResponse
from artifactd_client.models.v2beta1_create_artifact_request import V2beta1CreateArtifactRequest
from artifactd_client.models.v2beta1_create_artifact_task_request import V2beta1CreateArtifactTaskRequest
from artifactd_client.models.v2beta1_create_artifact_tasks_bulk_request import V2beta1CreateArtifactTasksBulkRequest
from artifactd_client.models.v2beta1_create_artifact_tasks_bulk_response import V2beta1CreateArtifactTasksBulkResponse
from artifactd_client.models.v2beta1_create_artifacts_bulk_request import V2beta1CreateArtifactsBulkRequest
from artifactd_client.models.v2beta1_create_artifacts_bulk_response import V2beta1CreateArtifactsBulkResponse
from artifactd_client.models.v2beta1_filter import V2beta1Filter
from artifactd_client.models.v2beta1_get_healthz_response import V2beta1GetHealthzResponse
from artifactd_client.models.v2beta1_io_producer import V2beta1IOProducer
from artifactd_client.models.v2beta1_lineage import V2beta1Lineage
from artifactd_client.models.v2beta1_list_artifact_response import V2beta1ListArtifactResponse
from artifactd_client.models.v2beta1_list_artifact_tasks_response import V2beta1ListArtifactTasksResponse
from artifactd_client.models.v2beta1_list_metrics_response import V2beta1ListMetricsResponse
from artifactd_client.models.v2beta1_list_namespaces_response import V2beta1ListNamespacesResponse
from artifactd_client.models.v2beta1_list_runs_response import V2beta1ListRunsResponse
from artifactd_client.models.v2beta1_list_tasks_response import V2beta1ListTasksResponse
from artifactd_client.models.v2beta1_log_metric_request import V2beta1LogMetricRequest
from artifactd_client.models.v2beta1_metric import V2beta1Metric
from artifactd_client.models.v2beta1_metric_schema import V2beta1MetricSchema
from artifactd_client.models.v2beta1_metric_type import V2beta1MetricType
from artifactd_client.models.v2beta1_namespace_counts import V2beta1NamespaceCounts
from artifactd_client.models.v2beta1_pipeline_task_detail import V2beta1PipelineTaskDetail
from artifactd_client.models.v2beta1_pipeline_task_executor_detail import V2beta1PipelineTaskExecutorDetail
from artifactd_client.models.v2beta1_pipeline_version_reference import V2beta1PipelineVersionReference
from artifactd_client.models.v2beta1_predicate import V2beta1Predicate
from artifactd_client.models.v2beta1_predicate_operation import V2beta1PredicateOperation
from artifactd_client.models.v2beta1_run import V2beta1Run
from artifactd_client.models.v2beta1_run_details import V2beta1RunDetails
from artifactd_client.models.v2beta1_run_storage_state import V2beta1RunStorageState
from artifactd_client.models.v2beta1_runtime_config import V2beta1RuntimeConfig
from artifactd_client.models.v2beta1_runtime_state import V2beta1RuntimeState
from artifactd_client.models.v2beta1_runtime_status import V2beta1RuntimeStatus
from artifactd_client.models.v2beta1_search_response import V2beta1SearchResponse

__all__ = [
    "ArtifactArtifactType",
    "GooglerpcStatus",
    "PipelineTaskDetailChildTask",
    "PredicateDoubleValues",
    "PredicateIntValues",
    "PredicateLongValues",
    "PredicateStringValues",
    "ProtobufAny",
    "ProtobufNullValue",
    "RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired",
    "V2beta1Artifact",
    "V2beta1ArtifactList",
    "V2beta1ArtifactTask",
    "V2beta1ArtifactTaskType",
    "V2beta1BatchLogMetricsRequest",
    "V2beta1BatchLogMetricsResponse",
    "V2beta1CreateArtifactRequest",
    "V2beta1CreateArtifactTaskRequest",
    "V2beta1CreateArtifactTasksBulkRequest",
    "V2beta1CreateArtifactTasksBulkResponse",
    "V2beta1CreateArtifactsBulkRequest",
    "V2beta1CreateArtifactsBulkResponse",
    "V2beta1Filter",
    "V2beta1GetHealthzResponse",
    "V2beta1IOProducer",
    "V2beta1Lineage",
    "V2beta1ListArtifactResponse",
    "V2beta1ListArtifactTasksResponse",
    "V2beta1ListMetricsResponse",
    "V2beta1ListNamespacesResponse",
    "V2beta1ListRunsResponse",
    "V2beta1ListTasksResponse",
    "V2beta1LogMetricRequest",
    "V2beta1Metric",
    "V2beta1MetricSchema",
    "V2beta1MetricType",
    "V2beta1NamespaceCounts",
    "V2beta1PipelineTaskDetail",
    "V2beta1PipelineTaskExecutorDetail",
    "V2beta1PipelineVersionReference",
    "V2beta1Predicate",
    "V2beta1PredicateOperation",
    "V2beta1Run",
    "V2beta1RunDetails",
    "V2beta1RunStorageState",
    "V2beta1RuntimeConfig",
    "V2beta1RuntimeState",
    "V2beta1RuntimeStatus",
    "V2beta1SearchResponse",
]
