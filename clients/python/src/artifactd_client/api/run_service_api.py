"""`RunServiceApi`: tasks and runs, as far as they are recorded. Nothing here starts or stops work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, NoReturn, Optional, Union

from artifactd_client.api.artifact_service_api import ROOT, Fields, Filter
from artifactd_client.exceptions import ApiException
from artifactd_client.models import (
    V2beta1ListRunsResponse,
    V2beta1ListTasksResponse,
    V2beta1PipelineTaskDetail,
    V2beta1Run,
)
from artifactd_client.operation import Service, operation, with_http_info

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from artifactd_client.operation import Options


def _not_ours(what: str) -> Callable[..., NoReturn]:
    def method(self: Service, *args: Any, **kwargs: Any) -> NoReturn:
        """Not served: raises an `ApiException` of status 501."""
        del self, args, kwargs
        raise ApiException(
            status=501,
            reason=f"artifactd does not {what}: it records runs. Ask the Kubeflow Pipelines API server for that.",
        )

    return method


class RunServiceApi(Service):
    """Tasks and runs. Methods take keywords and raise errors as those of `ArtifactServiceApi` do."""

    @operation
    def create_task(
        self, task: Union[V2beta1PipelineTaskDetail, Fields], **options: Unpack[Options]
    ) -> V2beta1PipelineTaskDetail:
        """Creates a task, or fills in one that only its metrics and links have named so far.

        Args:
            task: the task; its id is made if it has none.
            options: see the class.
        """
        data: V2beta1PipelineTaskDetail = self.call(
            "POST", f"{ROOT}/tasks", "V2beta1PipelineTaskDetail", options, body=task
        )
        return data

    create_task_with_http_info = with_http_info(create_task)

    @operation
    def get_task(self, task_id: str, **options: Unpack[Options]) -> V2beta1PipelineTaskDetail:
        """Finds a task by its id, with what it read and wrote.

        Args:
            task_id: the task's id.
            options: see the class.
        """
        data: V2beta1PipelineTaskDetail = self.call(
            "GET", f"{ROOT}/tasks/{{task_id}}", "V2beta1PipelineTaskDetail", options, path_params={"task_id": task_id}
        )
        return data

    get_task_with_http_info = with_http_info(get_task)

    @operation
    def list_tasks(
        self,
        *,
        parent_id: Optional[str] = None,
        run_id: Optional[str] = None,
        page_size: Optional[int] = None,
        page_token: Optional[str] = None,
        filter: Optional[Filter] = None,  # noqa: A002 - the wire's name
        order_by: Optional[str] = None,
        namespace: Optional[str] = None,
        **options: Unpack[Options],
    ) -> V2beta1ListTasksResponse:
        """Lists tasks, page by page.

        Args:
            parent_id: only those that this task started.
            run_id: only this run's.
            page_size: 20 if unset, at most 200.
            page_token: the `next_page_token` of the page before.
            filter: conditions, as a message or as its JSON.
            order_by: `create_time` if unset, `end_time desc` and the like.
            namespace: only this one's; those of all that the caller may list if unset.
            options: see the class.
        """
        query = {
            "parent_id": parent_id,
            "run_id": run_id,
            "page_size": page_size,
            "page_token": page_token,
            "filter": filter,
            "order_by": order_by,
            "namespace": namespace,
        }
        data: V2beta1ListTasksResponse = self.call(
            "GET", f"{ROOT}/tasks", "V2beta1ListTasksResponse", options, query=query
        )
        return data

    list_tasks_with_http_info = with_http_info(list_tasks)

    @operation
    def update_task(
        self, task_id: str, task: Union[V2beta1PipelineTaskDetail, Fields], **options: Unpack[Options]
    ) -> V2beta1PipelineTaskDetail:
        """Changes the fields of a task that are set. Inputs and outputs are added to.

        Args:
            task_id: the task's id.
            task: what to change.
            options: see the class.
        """
        data: V2beta1PipelineTaskDetail = self.call(
            "PATCH",
            f"{ROOT}/tasks/{{task_id}}",
            "V2beta1PipelineTaskDetail",
            options,
            path_params={"task_id": task_id},
            body=task,
        )
        return data

    update_task_with_http_info = with_http_info(update_task)

    @operation
    def run_service_get_run(
        self, run_id: str, *, experiment_id: Optional[str] = None, **options: Unpack[Options]
    ) -> V2beta1Run:
        """Finds a run by its id, with its tasks.

        Args:
            run_id: the run's id.
            experiment_id: the experiment that it must be of.
            options: see the class.
        """
        data: V2beta1Run = self.call(
            "GET",
            f"{ROOT}/runs/{{run_id}}",
            "V2beta1Run",
            options,
            path_params={"run_id": run_id},
            query={"experiment_id": experiment_id},
        )
        return data

    run_service_get_run_with_http_info = with_http_info(run_service_get_run)

    @operation
    def run_service_list_runs(
        self,
        *,
        namespace: Optional[str] = None,
        experiment_id: Optional[str] = None,
        page_token: Optional[str] = None,
        page_size: Optional[int] = None,
        sort_by: Optional[str] = None,
        filter: Optional[Filter] = None,  # noqa: A002 - the wire's name
        view: Optional[str] = None,
        **options: Unpack[Options],
    ) -> V2beta1ListRunsResponse:
        """Lists runs, page by page.

        Args:
            namespace: only this one's; those of all that the caller may list if unset.
            experiment_id: only this experiment's.
            page_token: the `next_page_token` of the page before.
            page_size: 20 if unset, at most 200.
            sort_by: `created_at` if unset, `finished_at desc` and the like.
            filter: conditions, as a message or as its JSON.
            view: "BASIC" leaves out `pipeline_spec`, which may be most of a run.
            options: see the class.
        """
        query = {
            "namespace": namespace,
            "experiment_id": experiment_id,
            "page_token": page_token,
            "page_size": page_size,
            "sort_by": sort_by,
            "filter": filter,
            "view": view,
        }
        data: V2beta1ListRunsResponse = self.call(
            "GET", f"{ROOT}/runs", "V2beta1ListRunsResponse", options, query=query
        )
        return data

    run_service_list_runs_with_http_info = with_http_info(run_service_list_runs)

    @operation
    def update_run(self, run_id: str, run: Union[V2beta1Run, Fields], **options: Unpack[Options]) -> V2beta1Run:
        """Changes the fields of a run that are set, or creates it with them.

        Args:
            run_id: the run's id.
            run: what to change.
            options: see the class.
        """
        data: V2beta1Run = self.call(
            "PATCH", f"{ROOT}/runs/{{run_id}}", "V2beta1Run", options, path_params={"run_id": run_id}, body=run
        )
        return data

    update_run_with_http_info = with_http_info(update_run)

    run_service_create_run = run_service_create_run_with_http_info = _not_ours("start runs")
    run_service_retry_run = run_service_retry_run_with_http_info = _not_ours("start runs again")
    run_service_terminate_run = run_service_terminate_run_with_http_info = _not_ours("stop runs")
    run_service_archive_run = run_service_archive_run_with_http_info = _not_ours("archive runs")
    run_service_unarchive_run = run_service_unarchive_run_with_http_info = _not_ours("take runs out of an archive")
    run_service_delete_run = run_service_delete_run_with_http_info = _not_ours("delete runs")
    run_service_read_artifact = run_service_read_artifact_with_http_info = _not_ours(
        "read what an artifact's URI holds"
    )
