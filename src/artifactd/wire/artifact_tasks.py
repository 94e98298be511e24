"""Links between artifacts and tasks in JSON: KFP's `ArtifactTask` and what goes with it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from msgspec import Meta

from artifactd import model
from artifactd.errors import invalid
from artifactd.listing import ARTIFACT_TASKS, Page
from artifactd.model import Problems
from artifactd.requests import NewArtifactTask
from artifactd.wire.artifacts import batch_items
from artifactd.wire.lists import ListParameters, ListRequest, next_page_token
from artifactd.wire.message import ID, ID_OR_EMPTY, Message
from artifactd.wire.times import time_of

LIST = ListParameters(
    "artifact_tasks", ARTIFACT_TASKS, ("task_ids", "run_ids", "artifact_ids", "type", "sort_by", "filter")
)


class IOProducer(Message):
    """Which task of the pipeline made what a link carries."""

    task_name: Annotated[
        str | None,
        Meta(description="The task's name in the pipeline.", extra_json_schema={"maxLength": model.NAME_CHARS_MAX}),
    ] = None
    iteration: Annotated[
        Annotated[int, Meta(extra_json_schema={"format": "int64", "minimum": 0})]
        | Annotated[str, Meta(extra_json_schema={"pattern": "^(0|[1-9][0-9]{0,18})$"})]
        | None,
        Meta(
            description="Its iteration in a loop: a number or a decimal string in, a string out.",
            examples=["0"],
        ),
    ] = None


class ArtifactTask(Message):
    """A link: one task's use of one artifact."""

    required_fields = ("artifact_id", "task_id")

    id: Annotated[
        str | None,
        Meta(description="Made by the server. A UUID.", extra_json_schema={"readOnly": True, "format": "uuid"}),
    ] = None
    artifact_id: Annotated[
        str | None,
        Meta(
            description="Required. The artifact.",
            examples=["01936f00-0000-7000-8000-000000000000"],
            extra_json_schema={"minLength": 1},
        ),
    ] = None
    task_id: Annotated[
        str | None,
        Meta(
            description="Required. The task; one that the service has not seen is registered.",
            examples=["train-1"],
            extra_json_schema=ID,
        ),
    ] = None
    type: Annotated[
        str | None,
        Meta(
            description="How the task used the artifact; INPUT if absent.",
            extra_json_schema={"enum": list(model.ArtifactTaskType)},
        ),
    ] = None
    run_id: Annotated[
        str | None, Meta(description="The task's run.", examples=["run-1"], extra_json_schema=ID_OR_EMPTY)
    ] = None
    key: Annotated[
        str | None,
        Meta(
            description="The name of the task's input or output.",
            extra_json_schema={"maxLength": model.KEY_CHARS_MAX},
        ),
    ] = None
    producer: Annotated[IOProducer | None, Meta(description="Who made what an input carries.")] = None
    created_at: Annotated[
        str | None, Meta(description="When it was made.", extra_json_schema={"format": "date-time", "readOnly": True})
    ] = None


class CreateArtifactTaskRequest(Message):
    """A link to make."""

    required_fields = ("artifact_task",)

    artifact_task: Annotated[ArtifactTask | None, Meta(description="Required.")] = None


class BatchCreateArtifactTasksRequest(Message):
    """Links to make, all or none."""

    required_fields = ("artifact_tasks",)

    artifact_tasks: Annotated[
        list[ArtifactTask] | None,
        Meta(description="1 to 1,000 links.", extra_json_schema={"minItems": 1, "maxItems": model.BATCH_ITEMS_MAX}),
    ] = None


class ListArtifactTasksResponse(Message, omit_defaults=False):
    """One page of links."""

    artifact_tasks: Annotated[list[ArtifactTask], Meta(description="The links, in the order asked for.")]
    total_size: Annotated[int, Meta(description="How many there are on all pages.")]
    next_page_token: Annotated[str, Meta(description="Empty on the last page.")]


class BatchCreateArtifactTasksResponse(Message, omit_defaults=False):
    """The links of a batch."""

    artifact_tasks: Annotated[list[ArtifactTask], Meta(description="The links, in the order of the request.")]


def decode_artifact_task(given: ArtifactTask, at: str) -> NewArtifactTask:
    """The link to make. `at` is its path in the request, ending in a dot.

    Raises:
        InvalidArgument: naming every bad field.
    """
    producer = given.producer or IOProducer()
    problems = Problems(at)
    if given.id:
        problems.add("id", "is made by the server: leave it out")
    decoded = NewArtifactTask(
        artifact_id=given.artifact_id,
        task_id=given.task_id,
        type=given.type,
        run_id=given.run_id or None,
        key=given.key or None,
        producer_task_name=producer.task_name or None,
        iteration=_iteration(f"{at}producer.iteration", producer.iteration),
    )
    decoded.check(problems)
    problems.raise_if_any()
    return decoded


def _iteration(field: str, value: int | str | None) -> int | None:
    if isinstance(value, str):
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", value, re.ASCII):
            raise invalid(field, "must be an integer, or its decimal string")
        return int(value)
    return value


def decode_create_artifact_task(request: CreateArtifactTaskRequest) -> NewArtifactTask:
    """The link to make. Raises InvalidArgument naming every bad field."""
    if request.artifact_task is None:
        raise invalid("artifact_task", 'is required: {"artifact_task": {"artifact_id": ..., "task_id": ...}}')
    return decode_artifact_task(request.artifact_task, "artifact_task.")


def decode_batch_create_artifact_tasks(request: BatchCreateArtifactTasksRequest) -> list[NewArtifactTask]:
    """The links to make. Raises InvalidArgument as for one, and for an empty or too large batch."""
    return [
        decode_artifact_task(item, f"artifact_tasks[{index}].")
        for index, item in enumerate(batch_items("artifact_tasks", request.artifact_tasks))
    ]


def encode_artifact_task(link: model.ArtifactTask) -> ArtifactTask:
    """A link's JSON message."""
    created_at: Any = time_of(link.created_at_us)
    producer = None
    if link.producer.task_name is not None or link.producer.iteration is not None:
        iteration = None if link.producer.iteration is None else str(link.producer.iteration)
        producer = IOProducer(task_name=link.producer.task_name, iteration=iteration)
    return ArtifactTask(
        id=link.id,
        artifact_id=link.artifact_id,
        task_id=link.task_id,
        type=link.type,
        run_id=link.run_id,
        key=link.key,
        producer=producer,
        created_at=created_at,
    )


def encode_artifact_task_page(request: ListRequest, page: Page[model.ArtifactTask]) -> ListArtifactTasksResponse:
    """A page's JSON message."""
    return ListArtifactTasksResponse(
        artifact_tasks=[encode_artifact_task(link) for link in page.items],
        total_size=page.total_size,
        next_page_token=next_page_token(LIST, request, page),
    )


def encode_batch_artifact_tasks(links: list[model.ArtifactTask]) -> BatchCreateArtifactTasksResponse:
    """A batch's JSON message."""
    return BatchCreateArtifactTasksResponse(artifact_tasks=[encode_artifact_task(link) for link in links])
