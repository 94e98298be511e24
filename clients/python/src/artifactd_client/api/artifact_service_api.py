"""`ArtifactServiceApi`: artifacts, metrics, the links of both to tasks, and lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence, Union

from artifactd_client.models import (
    RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired,
    V2beta1Artifact,
    V2beta1ArtifactTask,
    V2beta1BatchLogMetricsRequest,
    V2beta1BatchLogMetricsResponse,
    V2beta1CreateArtifactRequest,
    V2beta1CreateArtifactsBulkRequest,
    V2beta1CreateArtifactsBulkResponse,
    V2beta1CreateArtifactTaskRequest,
    V2beta1CreateArtifactTasksBulkRequest,
    V2beta1CreateArtifactTasksBulkResponse,
    V2beta1Filter,
    V2beta1Lineage,
    V2beta1ListArtifactResponse,
    V2beta1ListArtifactTasksResponse,
    V2beta1ListMetricsResponse,
    V2beta1LogMetricRequest,
    V2beta1Metric,
)
from artifactd_client.operation import Service, operation, with_http_info

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from artifactd_client.operation import Options

ROOT = "/apis/v2beta1"
Fields = Dict[str, Any]
Filter = Union[str, V2beta1Filter, Fields]


class ArtifactServiceApi(Service):
    """Artifacts, metrics, links and lineage.

    Each method takes the keywords of `Options` besides its own, and raises `ApiException` for an answer that is no
    success, `ApiTypeError` for an unknown keyword, `ApiValueError` for a missing argument, and urllib3's errors for a
    connection that fails. A message may also be given as a dictionary.
    """

    @operation
    def create_artifact(
        self, body: Union[V2beta1CreateArtifactRequest, Fields], **options: Unpack[Options]
    ) -> V2beta1Artifact:
        """Creates an artifact, and its link to the task that made it if one is named.

        Args:
            body: the artifact, whose name is required, and its task.
            options: see the class.
        """
        data: V2beta1Artifact = self.call("POST", f"{ROOT}/artifacts", "V2beta1Artifact", options, body=body)
        return data

    create_artifact_with_http_info = with_http_info(create_artifact)

    @operation
    def batch_create_artifacts(
        self, body: Union[V2beta1CreateArtifactsBulkRequest, Fields], **options: Unpack[Options]
    ) -> V2beta1CreateArtifactsBulkResponse:
        """Creates 1 to 1,000 artifacts, all or none.

        Args:
            body: the requests.
            options: see the class.
        """
        data: V2beta1CreateArtifactsBulkResponse = self.call(
            "POST", f"{ROOT}/artifacts:batchCreate", "V2beta1CreateArtifactsBulkResponse", options, body=body
        )
        return data

    batch_create_artifacts_with_http_info = with_http_info(batch_create_artifacts)

    @operation
    def get_artifact(self, artifact_id: str, **options: Unpack[Options]) -> V2beta1Artifact:
        """Finds an artifact by its id.

        Args:
            artifact_id: as the server made it.
            options: see the class.
        """
        data: V2beta1Artifact = self.call(
            "GET",
            f"{ROOT}/artifacts/{{artifact_id}}",
            "V2beta1Artifact",
            options,
            path_params={"artifact_id": artifact_id},
        )
        return data

    get_artifact_with_http_info = with_http_info(get_artifact)

    @operation
    def list_artifacts(
        self,
        *,
        namespace: Optional[str] = None,
        page_token: Optional[str] = None,
        page_size: Optional[int] = None,
        sort_by: Optional[str] = None,
        filter: Optional[Filter] = None,  # noqa: A002 - the wire's name
        **options: Unpack[Options],
    ) -> V2beta1ListArtifactResponse:
        """Lists artifacts, page by page.

        Args:
            namespace: only this one's; those of all that the caller may list if unset.
            page_token: the `next_page_token` of the page before.
            page_size: 20 if unset, at most 200.
            sort_by: `created_at`, `name desc` and the like.
            filter: conditions, as a message or as its JSON.
            options: see the class.
        """
        query = {
            "namespace": namespace,
            "page_token": page_token,
            "page_size": page_size,
            "sort_by": sort_by,
            "filter": filter,
        }
        data: V2beta1ListArtifactResponse = self.call(
            "GET", f"{ROOT}/artifacts", "V2beta1ListArtifactResponse", options, query=query
        )
        return data

    list_artifacts_with_http_info = with_http_info(list_artifacts)

    @operation
    def update_artifact(
        self,
        artifact_artifact_id: str,
        artifact: Union[RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired, V2beta1Artifact, Fields],
        **options: Unpack[Options],
    ) -> V2beta1Artifact:
        """Changes the fields of an artifact that are set; the others stay. `metadata` is replaced as a whole.

        Args:
            artifact_artifact_id: the artifact's id.
            artifact: what to change.
            options: see the class.
        """
        data: V2beta1Artifact = self.call(
            "PUT",
            f"{ROOT}/artifacts/{{artifact.artifact_id}}",
            "V2beta1Artifact",
            options,
            path_params={"artifact.artifact_id": artifact_artifact_id},
            body=artifact,
        )
        return data

    update_artifact_with_http_info = with_http_info(update_artifact)

    @operation
    def log_metric(self, body: Union[V2beta1LogMetricRequest, Fields], **options: Unpack[Options]) -> V2beta1Metric:
        """Logs a point of a metric, and gives that point. The task need not be known.

        Args:
            body: the point; its task_id, name and value are required.
            options: see the class.
        """
        data: V2beta1Metric = self.call("POST", f"{ROOT}/metrics", "V2beta1Metric", options, body=body)
        return data

    log_metric_with_http_info = with_http_info(log_metric)

    @operation
    def batch_log_metrics(
        self, body: Union[V2beta1BatchLogMetricsRequest, Fields], **options: Unpack[Options]
    ) -> V2beta1BatchLogMetricsResponse:
        """Logs 1 to 1,000 points, all or none.

        Args:
            body: the points.
            options: see the class.
        """
        data: V2beta1BatchLogMetricsResponse = self.call(
            "POST", f"{ROOT}/metrics:batchLog", "V2beta1BatchLogMetricsResponse", options, body=body
        )
        return data

    batch_log_metrics_with_http_info = with_http_info(batch_log_metrics)

    @operation
    def get_metric(self, task_id: str, name: str, **options: Unpack[Options]) -> V2beta1Metric:
        """Finds a metric at its current point: the one of the greatest step, then time.

        Args:
            task_id: the task's id.
            name: the metric's name, which may hold `/`.
            options: see the class.
        """
        data: V2beta1Metric = self.call(
            "GET",
            f"{ROOT}/metrics/{{task_id}}/{{name}}",
            "V2beta1Metric",
            options,
            path_params={"task_id": task_id, "name": name},
        )
        return data

    get_metric_with_http_info = with_http_info(get_metric)

    @operation
    def get_metric_history(
        self,
        task_id: str,
        name: str,
        *,
        page_token: Optional[str] = None,
        page_size: Optional[int] = None,
        **options: Unpack[Options],
    ) -> V2beta1ListMetricsResponse:
        """Lists every point ever logged of a metric, oldest first.

        Args:
            task_id: the task's id.
            name: the metric's name.
            page_token: the `next_page_token` of the page before.
            page_size: 20 if unset, at most 200.
            options: see the class.
        """
        data: V2beta1ListMetricsResponse = self.call(
            "GET",
            f"{ROOT}/metric_history/{{task_id}}/{{name}}",
            "V2beta1ListMetricsResponse",
            options,
            path_params={"task_id": task_id, "name": name},
            query={"page_token": page_token, "page_size": page_size},
        )
        return data

    get_metric_history_with_http_info = with_http_info(get_metric_history)

    @operation
    def list_metrics(
        self,
        *,
        task_ids: Optional[Sequence[str]] = None,
        run_ids: Optional[Sequence[str]] = None,
        namespace: Optional[str] = None,
        page_token: Optional[str] = None,
        page_size: Optional[int] = None,
        sort_by: Optional[str] = None,
        filter: Optional[Filter] = None,  # noqa: A002 - the wire's name
        **options: Unpack[Options],
    ) -> V2beta1ListMetricsResponse:
        """Lists metrics at their current points, page by page.

        Args:
            task_ids: only these tasks'.
            run_ids: only these runs'.
            namespace: only this one's; those of all that the caller may list if unset.
            page_token: the `next_page_token` of the page before.
            page_size: 20 if unset, at most 200.
            sort_by: `value desc`, `name` and the like; the order of first logging if unset.
            filter: conditions, as a message or as its JSON.
            options: see the class.
        """
        query = {
            "task_ids": task_ids,
            "run_ids": run_ids,
            "namespace": namespace,
            "page_token": page_token,
            "page_size": page_size,
            "sort_by": sort_by,
            "filter": filter,
        }
        data: V2beta1ListMetricsResponse = self.call(
            "GET",
            f"{ROOT}/metrics",
            "V2beta1ListMetricsResponse",
            options,
            query=query,
            repeated=("task_ids", "run_ids"),
        )
        return data

    list_metrics_with_http_info = with_http_info(list_metrics)

    @operation
    def create_artifact_task(
        self, body: Union[V2beta1CreateArtifactTaskRequest, Fields], **options: Unpack[Options]
    ) -> V2beta1ArtifactTask:
        """Links a task to an artifact that it read or wrote; a link that is there already is returned.

        Args:
            body: the link.
            options: see the class.
        """
        data: V2beta1ArtifactTask = self.call(
            "POST", f"{ROOT}/artifact_tasks", "V2beta1ArtifactTask", options, body=body
        )
        return data

    create_artifact_task_with_http_info = with_http_info(create_artifact_task)

    @operation
    def batch_create_artifact_tasks(
        self, body: Union[V2beta1CreateArtifactTasksBulkRequest, Fields], **options: Unpack[Options]
    ) -> V2beta1CreateArtifactTasksBulkResponse:
        """Makes 1 to 1,000 links, all or none.

        Args:
            body: the links.
            options: see the class.
        """
        data: V2beta1CreateArtifactTasksBulkResponse = self.call(
            "POST", f"{ROOT}/artifact_tasks:batchCreate", "V2beta1CreateArtifactTasksBulkResponse", options, body=body
        )
        return data

    batch_create_artifact_tasks_with_http_info = with_http_info(batch_create_artifact_tasks)

    @operation
    def list_artifact_tasks(
        self,
        *,
        task_ids: Optional[Sequence[str]] = None,
        run_ids: Optional[Sequence[str]] = None,
        artifact_ids: Optional[Sequence[str]] = None,
        type: Optional[str] = None,  # noqa: A002 - the wire's name
        page_token: Optional[str] = None,
        page_size: Optional[int] = None,
        sort_by: Optional[str] = None,
        filter: Optional[Filter] = None,  # noqa: A002
        **options: Unpack[Options],
    ) -> V2beta1ListArtifactTasksResponse:
        """Lists links between tasks and artifacts, page by page.

        Args:
            task_ids: only these tasks'.
            run_ids: only these runs'.
            artifact_ids: only these artifacts'.
            type: `INPUT` if unset; `OUTPUT`, a finer kind, or `UNSPECIFIED` for all.
            page_token: the `next_page_token` of the page before.
            page_size: 20 if unset, at most 200.
            sort_by: `created_at desc` and the like.
            filter: conditions, as a message or as its JSON.
            options: see the class.
        """
        query = {
            "task_ids": task_ids,
            "run_ids": run_ids,
            "artifact_ids": artifact_ids,
            "type": type,
            "page_token": page_token,
            "page_size": page_size,
            "sort_by": sort_by,
            "filter": filter,
        }
        data: V2beta1ListArtifactTasksResponse = self.call(
            "GET",
            f"{ROOT}/artifact_tasks",
            "V2beta1ListArtifactTasksResponse",
            options,
            query=query,
            repeated=("task_ids", "run_ids", "artifact_ids"),
        )
        return data

    list_artifact_tasks_with_http_info = with_http_info(list_artifact_tasks)

    @operation
    def get_lineage(
        self,
        *,
        artifact_id: Optional[str] = None,
        task_id: Optional[str] = None,
        run_id: Optional[str] = None,
        direction: Optional[str] = None,
        max_depth: Optional[int] = None,
        max_nodes: Optional[int] = None,
        **options: Unpack[Options],
    ) -> V2beta1Lineage:
        """Gives the artifacts, tasks and links around an artifact, a task or a run: name one of them.

        Args:
            artifact_id: the artifact to start from.
            task_id: the task to start from.
            run_id: the run whose tasks to start from.
            direction: `UPSTREAM`, `DOWNSTREAM`, or `BOTH` if unset.
            max_depth: links away at most; any distance if unset.
            max_nodes: artifacts and tasks at most, 1,000 if unset; `truncated` tells whether that cut something off.
            options: see the class.
        """
        query = {
            "artifact_id": artifact_id,
            "task_id": task_id,
            "run_id": run_id,
            "direction": direction,
            "max_depth": max_depth,
            "max_nodes": max_nodes,
        }
        data: V2beta1Lineage = self.call("GET", f"{ROOT}/lineage", "V2beta1Lineage", options, query=query)
        return data

    get_lineage_with_http_info = with_http_info(get_lineage)
