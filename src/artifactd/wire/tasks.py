"""Tasks in JSON: KFP's `PipelineTaskDetail` and what goes with it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from msgspec import Meta

from artifactd import model
from artifactd.errors import quoted
from artifactd.listing import TASKS, Page
from artifactd.model import Problems, RuntimeState
from artifactd.requests import TaskFields, check_labels
from artifactd.wire.lists import ListParameters, ListRequest, next_page_token
from artifactd.wire.message import ID_OR_EMPTY, Message, raw, to_json
from artifactd.wire.times import parse_time, time_of

LIST = ListParameters("tasks", TASKS, ("parent_id", "run_id", "namespace", "filter", "order_by"), "order_by")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", re.ASCII)
_INT32_MAX = (1 << 31) - 1
_NAME = {"maxLength": model.NAME_CHARS_MAX}
_TIME: dict[str, Any] = {"format": "date-time", "example": "2026-01-31T12:30:00Z"}
LABELS = Meta(
    description=f"Words to find it by: keys of up to {model.KEY_CHARS_MAX}, values of up to {model.TEXT_CHARS_MAX:,} "
    "characters.",
    examples=[{"branch": "main"}],
    extra_json_schema={"maxProperties": model.LABELS_MAX},
)


class ArtifactList(Message):
    """Ids of artifacts under one key."""

    artifact_ids: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"minLength": 1})]] | None,
        Meta(description=f"Up to {model.BATCH_ITEMS_MAX:,} artifacts over all keys in one request."),
    ] = None


class RpcStatus(Message):
    """An error: KFP's `googlerpcStatus`."""

    code: Annotated[int | None, Meta(description="A google.rpc.Code.", extra_json_schema={"format": "int32"})] = None
    message: Annotated[str | None, Meta(description="What went wrong, for people.", examples=["out of memory"])] = None
    details: Annotated[
        list[dict[str, Any]] | None,
        Meta(description="Objects with @type; a `value` in one is base64. With the rest up to 1 MiB of JSON."),
    ] = None


class RuntimeStatus(Message):
    """A state at a time."""

    update_time: Annotated[
        str | None, Meta(description="When the service was told of the state.", extra_json_schema=_TIME)
    ] = None
    state: Annotated[
        str | None, Meta(description="The state from then on.", extra_json_schema={"enum": list(RuntimeState)})
    ] = None
    error: Annotated[RpcStatus | None, Meta(description="The error that was told with it.")] = None


class ChildTask(Message):
    """A task that has this one as its parent."""

    task_id: Annotated[str | None, Meta(description="The child's id.")] = None
    pod_name: Annotated[str | None, Meta(description="The pod that runs the child.")] = None


class PipelineTaskExecutorDetail(Message):
    """Which jobs ran a task."""

    main_job: Annotated[str | None, Meta(description="The job that runs it.")] = None
    pre_caching_check_job: Annotated[
        str | None, Meta(description="The job that looked whether a cached result could be taken.")
    ] = None
    failed_main_jobs: Annotated[list[str] | None, Meta(description="Earlier jobs that ran it and failed.")] = None
    failed_pre_caching_check_jobs: Annotated[
        list[str] | None, Meta(description="Earlier jobs that looked into the cache and failed.")
    ] = None


class PipelineTaskDetail(Message):
    """A step of a run, with what it read and made."""

    task_id: Annotated[
        str | None, Meta(description="Made if absent.", examples=["train-1"], extra_json_schema=ID_OR_EMPTY)
    ] = None
    run_id: Annotated[
        str | None,
        Meta(
            description="Its run, which comes into being with its first task. Fixed once it is set.",
            examples=["run-1"],
            extra_json_schema=ID_OR_EMPTY,
        ),
    ] = None
    namespace: Annotated[
        str | None,
        Meta(description="Whose it is. Never changes.", extra_json_schema={"maxLength": model.NAMESPACE_CHARS_MAX}),
    ] = None
    name: Annotated[str | None, Meta(description="Its name in the pipeline.", extra_json_schema=_NAME)] = None
    display_name: Annotated[str | None, Meta(description="Its name for people.", extra_json_schema=_NAME)] = None
    state: Annotated[
        str | None,
        Meta(description="A change is appended to state_history.", extra_json_schema={"enum": list(RuntimeState)}),
    ] = None
    create_time: Annotated[str | None, Meta(description="The server's clock if absent.", extra_json_schema=_TIME)] = (
        None
    )
    start_time: Annotated[str | None, Meta(description="When it began to run.", extra_json_schema=_TIME)] = None
    end_time: Annotated[str | None, Meta(description="When it ended.", extra_json_schema=_TIME)] = None
    parent_task_id: Annotated[
        str | None, Meta(description="The task that it is part of.", extra_json_schema=ID_OR_EMPTY)
    ] = None
    pod_name: Annotated[str | None, Meta(description="The pod that runs it.", extra_json_schema=_NAME)] = None
    execution_id: Annotated[
        str | None, Meta(description="Its id in what executes the pipeline.", extra_json_schema=_NAME)
    ] = None
    executor_detail: Annotated[
        PipelineTaskExecutorDetail | None, Meta(description="The jobs that ran it, up to 1 MiB of JSON.")
    ] = None
    error: Annotated[RpcStatus | None, Meta(description="Why it failed.")] = None
    inputs: Annotated[
        dict[str, ArtifactList] | None,
        Meta(
            description="Artifacts read, by key; each makes an INPUT link. Shows at most 1,000 links; "
            "list_artifact_tasks gives all.",
            examples=[{"model": {"artifact_ids": ["01936f00-0000-7000-8000-000000000000"]}}],
        ),
    ] = None
    outputs: Annotated[
        dict[str, ArtifactList] | None,
        Meta(description="Artifacts made, by key; each makes an OUTPUT link. Shown like inputs."),
    ] = None
    input_parameters: Annotated[
        dict[str, Any] | None,
        Meta(description="Values passed in, by name, up to 1 MiB of JSON.", examples=[{"epochs": 3}]),
    ] = None
    output_parameters: Annotated[
        dict[str, Any] | None, Meta(description="Values given out, by name, up to 1 MiB of JSON.")
    ] = None
    labels: Annotated[dict[str, str] | None, LABELS] = None
    state_history: Annotated[
        list[RuntimeStatus] | None,
        Meta(description="Kept by the server, at most 1,000 changes.", extra_json_schema={"readOnly": True}),
    ] = None
    child_tasks: Annotated[
        list[ChildTask] | None,
        Meta(description="Kept by the server; shows at most 1,000.", extra_json_schema={"readOnly": True}),
    ] = None


class ListTasksResponse(Message, omit_defaults=False):
    """One page of tasks."""

    tasks: Annotated[list[PipelineTaskDetail], Meta(description="The tasks, in the order asked for.")]
    total_size: Annotated[int, Meta(description="How many there are on all pages.")]
    next_page_token: Annotated[str, Meta(description="Empty on the last page.")]


def check_status(problems: Problems, field: str, status: RpcStatus | None) -> None:
    """Refuses an error whose details would break KFP's client: it takes a `value` there for base64."""
    if status is not None and status.code is not None and not -_INT32_MAX - 1 <= status.code <= _INT32_MAX:
        problems.add(f"{field}.code", f"{status.code} does not fit into 32 bits")
    for index, detail in enumerate(status.details or () if status else ()):
        value = detail.get("value")
        if value is not None and not (isinstance(value, str) and _BASE64.fullmatch(value)):
            problems.add(f"{field}.details[{index}].value", f"{quoted(value)} is not base64")


def json_or_none(message: Any) -> str | None:
    """A nested message or map as canonical JSON text; None if absent."""
    return None if message is None else to_json(message)


def decode_task(given: PipelineTaskDetail) -> TaskFields:
    """A task to create, or the changes to one.

    Raises:
        InvalidArgument: naming every bad field.
    """
    problems = Problems()
    decoded = TaskFields(
        task_id=given.task_id or None,
        run_id=given.run_id or None,
        namespace=given.namespace or None,
        name=given.name,
        display_name=given.display_name,
        state=given.state,
        parent_task_id=given.parent_task_id or None,
        pod_name=given.pod_name,
        execution_id=given.execution_id,
        create_time_us=parse_time("create_time", given.create_time),
        start_time_us=parse_time("start_time", given.start_time),
        end_time_us=parse_time("end_time", given.end_time),
        executor_detail=json_or_none(given.executor_detail),
        error=json_or_none(given.error),
        input_parameters=json_or_none(given.input_parameters),
        output_parameters=json_or_none(given.output_parameters),
        labels=json_or_none(given.labels),
        inputs=_links(problems, "inputs", given.inputs),
        outputs=_links(problems, "outputs", given.outputs),
    )
    decoded.check(problems)
    check_labels(problems, "labels", given.labels)
    check_status(problems, "error", given.error)
    problems.raise_if_any()
    return decoded


def _links(problems: Problems, field: str, given: dict[str, ArtifactList] | None) -> dict[str, list[str]] | None:
    if given is None:
        return None
    links = {key: list(item.artifact_ids or ()) for key, item in given.items()}
    for key, artifact_ids in links.items():
        if "" in artifact_ids:
            problems.add(f"{field}.{key}.artifact_ids", "has an empty id")
    count = sum(map(len, links.values()))
    if count > model.BATCH_ITEMS_MAX:
        problems.add(field, f"has {count} artifacts; at most {model.BATCH_ITEMS_MAX} are allowed at once")
    return links


def encode_state_history(history: tuple[model.StateChange, ...]) -> Any:
    """A state history's JSON messages; None for none."""
    if not history:
        return None
    return [
        {"update_time": time_of(change.update_time_us), "state": change.state}
        | ({"error": raw(change.error)} if change.error else {})
        for change in history
    ]


def encode_task(detail: model.TaskDetail) -> PipelineTaskDetail:
    """A task's JSON message."""
    task = detail.task
    times: Any = [time_of(us) for us in (task.create_time_us, task.start_time_us, task.end_time_us)]
    return PipelineTaskDetail(
        task_id=task.task_id,
        run_id=task.run_id,
        namespace=task.namespace,
        name=task.name,
        display_name=task.display_name,
        state=task.state,
        create_time=times[0],
        start_time=times[1],
        end_time=times[2],
        parent_task_id=task.parent_task_id,
        pod_name=task.pod_name,
        execution_id=task.execution_id,
        executor_detail=raw(task.executor_detail),
        error=raw(task.error),
        inputs=_encode_links(detail.inputs),
        outputs=_encode_links(detail.outputs),
        input_parameters=raw(task.input_parameters),
        output_parameters=raw(task.output_parameters),
        labels=raw(task.labels),
        state_history=encode_state_history(task.state_history),
        child_tasks=[ChildTask(task_id=child.task_id, pod_name=child.pod_name) for child in detail.child_tasks] or None,
    )


def _encode_links(links: dict[str, list[str]]) -> dict[str, ArtifactList] | None:
    return {key: ArtifactList(artifact_ids=ids) for key, ids in links.items()} or None


def encode_task_page(request: ListRequest, page: Page[model.TaskDetail]) -> ListTasksResponse:
    """A page's JSON message."""
    return ListTasksResponse(
        tasks=[encode_task(detail) for detail in page.items],
        total_size=page.total_size,
        next_page_token=next_page_token(LIST, request, page),
    )
