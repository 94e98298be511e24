"""The operations on tasks."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.operations import tasks
from artifactd.rest.operation import Operation
from artifactd.rest.routes.decoding import PAGED, ROOT, always, body_of, list_of, only_path, paged, with_path
from artifactd.wire import tasks as wire_tasks

TASKS: tuple[Operation, ...] = (
    Operation(
        name="create_task",
        method="POST",
        path=f"{ROOT}/tasks",
        verb=Verb.CREATE,
        tag="RunService",
        summary="Creates a task, or fills in one that only its metrics or links have named so far.",
        body=wire_tasks.PipelineTaskDetail,
        example={"task_id": "train-1", "run_id": "run-1", "display_name": "train", "state": "RUNNING"},
        response=wire_tasks.PipelineTaskDetail,
        decode=body_of(wire_tasks.decode_task),
        run=tasks.create_task,
        encode=lambda _, detail: wire_tasks.encode_task(detail),
        writes=True,
        namespaces=lambda detail: [detail.task.namespace],
        resources=lambda detail: [detail.task.task_id],
    ),
    Operation(
        name="get_task",
        method="GET",
        path=f"{ROOT}/tasks/{{task_id}}",
        verb=Verb.GET,
        tag="RunService",
        summary="Gets a task by its id.",
        response=wire_tasks.PipelineTaskDetail,
        decode=only_path("task_id"),
        run=tasks.get_task,
        encode=lambda _, detail: wire_tasks.encode_task(detail),
    ),
    Operation(
        name="list_tasks",
        method="GET",
        path=f"{ROOT}/tasks",
        verb=Verb.LIST,
        tag="RunService",
        summary="Lists tasks.",
        response=wire_tasks.ListTasksResponse,
        decode=list_of(wire_tasks.LIST),
        run=paged(tasks.list_tasks),
        encode=wire_tasks.encode_task_page,
        heavy=always,
        parameters=(*PAGED, *wire_tasks.LIST.names),
    ),
    Operation(
        name="update_task",
        method="PATCH",
        path=f"{ROOT}/tasks/{{task_id}}",
        verb=Verb.UPDATE,
        tag="RunService",
        summary="Changes the fields of a task that are present.",
        description="inputs and outputs are added to, never taken away. A state change is appended to state_history.",
        body=wire_tasks.PipelineTaskDetail,
        example={"state": "SUCCEEDED", "end_time": "2026-01-31T12:30:00Z"},
        response=wire_tasks.PipelineTaskDetail,
        decode=with_path("task_id", wire_tasks.decode_task),
        run=lambda context, transaction, given: tasks.update_task(context, transaction, *given),
        encode=lambda _, detail: wire_tasks.encode_task(detail),
        writes=True,
        namespaces=lambda detail: [detail.task.namespace],
        resources=lambda detail: [detail.task.task_id],
    ),
)
