"""Runs in JSON: the fields of KFP's `Run` that we know."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from artifactd import model
from artifactd.listing import RUNS, Page
from artifactd.model import Problems, RuntimeState, StorageState
from artifactd.requests import RunChanges, check_labels
from artifactd.wire.lists import ListParameters, ListRequest, next_page_token
from artifactd.wire.message import ID_OR_EMPTY, Message, raw
from artifactd.wire.tasks import (
    LABELS,
    PipelineTaskDetail,
    RpcStatus,
    RuntimeStatus,
    check_status,
    encode_state_history,
    encode_task,
    json_or_none,
)
from artifactd.wire.times import parse_time, time_of

LIST = ListParameters("runs", RUNS, ("namespace", "experiment_id", "sort_by", "filter", "view"))
_TIME: dict[str, Any] = {"format": "date-time", "example": "2026-01-31T12:30:00Z"}
_NAME = {"maxLength": model.NAME_CHARS_MAX}


class PipelineVersionReference(Message):
    """Which version of which pipeline a run is of."""

    pipeline_id: Annotated[str | None, Meta(description="The pipeline.")] = None
    pipeline_version_id: Annotated[str | None, Meta(description="Its version.")] = None


class RuntimeConfig(Message):
    """What a run was started with."""

    parameters: Annotated[
        dict[str, Any] | None, Meta(description="The pipeline's parameters, by name.", examples=[{"epochs": 3}])
    ] = None
    pipeline_root: Annotated[
        str | None, Meta(description="Where the run keeps its artifacts.", examples=["s3://bucket/runs"])
    ] = None


class RunDetails(Message):
    """The tasks of a run."""

    task_details: Annotated[
        list[PipelineTaskDetail] | None, Meta(description="At most 1,000; list_tasks gives all.")
    ] = None


class Run(Message):
    """One execution of a pipeline."""

    run_id: Annotated[
        str | None,
        Meta(
            description="Its id, as in the path.",
            examples=["run-1"],
            extra_json_schema=ID_OR_EMPTY,
        ),
    ] = None
    namespace: Annotated[
        str | None,
        Meta(description="Whose it is. Never changes.", extra_json_schema={"maxLength": model.NAMESPACE_CHARS_MAX}),
    ] = None
    display_name: Annotated[
        str | None, Meta(description="Its name for people.", examples=["nightly"], extra_json_schema=_NAME)
    ] = None
    pipeline_name: Annotated[str | None, Meta(description="The pipeline's name.", extra_json_schema=_NAME)] = None
    experiment_id: Annotated[
        str | None, Meta(description="The experiment that it belongs to.", extra_json_schema=_NAME)
    ] = None
    description: Annotated[
        str | None, Meta(description="Text for people.", extra_json_schema={"maxLength": model.TEXT_CHARS_MAX})
    ] = None
    state: Annotated[
        str | None,
        Meta(
            description="Read off the tasks unless it is set; RUNTIME_STATE_UNSPECIFIED unsets it.",
            extra_json_schema={"enum": list(RuntimeState)},
        ),
    ] = None
    storage_state: Annotated[
        str | None, Meta(description="AVAILABLE if absent.", extra_json_schema={"enum": list(StorageState)})
    ] = None
    created_at: Annotated[
        str | None, Meta(description="The server's clock at its first task unless it is set.", extra_json_schema=_TIME)
    ] = None
    scheduled_at: Annotated[str | None, Meta(description="When it was meant to start.", extra_json_schema=_TIME)] = None
    finished_at: Annotated[
        str | None,
        Meta(description="The end of the last task unless it is set.", extra_json_schema=_TIME),
    ] = None
    error: Annotated[RpcStatus | None, Meta(description="Why it failed.")] = None
    pipeline_spec: Annotated[dict[str, Any] | None, Meta(description="The compiled pipeline, up to 1 MiB.")] = None
    pipeline_version_reference: Annotated[
        PipelineVersionReference | None, Meta(description="Which pipeline it is a run of.")
    ] = None
    runtime_config: Annotated[
        RuntimeConfig | None, Meta(description="What it was started with, up to 1 MiB of JSON.")
    ] = None
    labels: Annotated[dict[str, str] | None, LABELS] = None
    state_history: Annotated[
        list[RuntimeStatus] | None,
        Meta(description="Kept by the server, of states that were set.", extra_json_schema={"readOnly": True}),
    ] = None
    run_details: Annotated[
        RunDetails | None, Meta(description="In get_run only.", extra_json_schema={"readOnly": True})
    ] = None


class ListRunsResponse(Message, omit_defaults=False):
    """One page of runs."""

    runs: Annotated[list[Run], Meta(description="The runs, in the order asked for.")]
    total_size: Annotated[int, Meta(description="How many there are on all pages.")]
    next_page_token: Annotated[str, Meta(description="Empty on the last page.")]


def decode_run_changes(run_id: str, given: Run) -> RunChanges:
    """What to change of a run, or to create it with.

    Raises:
        InvalidArgument: naming every bad field.
    """
    problems = Problems()
    decoded = RunChanges(
        run_id=run_id,
        body_run_id=given.run_id or None,
        namespace=given.namespace or None,
        display_name=given.display_name,
        pipeline_name=given.pipeline_name,
        experiment_id=given.experiment_id,
        description=given.description,
        state=given.state,
        storage_state=given.storage_state,
        created_at_us=parse_time("created_at", given.created_at),
        scheduled_at_us=parse_time("scheduled_at", given.scheduled_at),
        finished_at_us=parse_time("finished_at", given.finished_at),
        error=json_or_none(given.error),
        pipeline_spec=json_or_none(given.pipeline_spec),
        pipeline_version_reference=json_or_none(given.pipeline_version_reference),
        runtime_config=json_or_none(given.runtime_config),
        labels=json_or_none(given.labels),
    )
    decoded.check(problems)
    check_labels(problems, "labels", given.labels)
    check_status(problems, "error", given.error)
    problems.raise_if_any()
    return decoded


def encode_run(run: model.Run, tasks: list[model.TaskDetail] | None = None) -> Run:
    """A run's JSON message, with its tasks where they are given."""
    times: Any = [time_of(us) for us in (run.created_at_us, run.scheduled_at_us, run.finished_at_us)]
    return Run(
        run_id=run.run_id,
        namespace=run.namespace,
        display_name=run.display_name,
        pipeline_name=run.pipeline_name,
        experiment_id=run.experiment_id,
        description=run.description,
        state=run.state,
        storage_state=run.storage_state,
        created_at=times[0],
        scheduled_at=times[1],
        finished_at=times[2],
        error=raw(run.error),
        pipeline_spec=raw(run.pipeline_spec),
        pipeline_version_reference=raw(run.pipeline_version_reference),
        runtime_config=raw(run.runtime_config),
        labels=raw(run.labels),
        state_history=encode_state_history(run.state_history),
        run_details=None if tasks is None else RunDetails(task_details=[encode_task(task) for task in tasks]),
    )


def encode_run_page(request: ListRequest, page: Page[model.Run]) -> ListRunsResponse:
    """A page's JSON message."""
    return ListRunsResponse(
        runs=[encode_run(run) for run in page.items],
        total_size=page.total_size,
        next_page_token=next_page_token(LIST, request, page),
    )
