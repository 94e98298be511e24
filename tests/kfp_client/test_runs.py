"""Runs, tasks and health through the services that the release on PyPI carries, into its own models."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from official_client import (
    ApiClient,
    ApiException,
    HealthzServiceApi,
    RunServiceApi,
    V2beta1PipelineTaskDetail,
    V2beta1Run,
    V2beta1RunStorageState,
    V2beta1RuntimeState,
)
from support import API, Api

from artifactd.model import RuntimeState, StorageState

DETAIL = {"@type": "type.googleapis.com/google.rpc.DebugInfo", "value": base64.b64encode(b"why").decode()}
ERROR = {"code": 13, "message": "out of memory", "details": [DETAIL]}
NEWER_STATES = {"CACHED"}
"""States of later KFP, which this client takes as they are, though it has no constants for them."""


@pytest.fixture
def runs(client: ApiClient) -> RunServiceApi:
    """The generated service for runs."""
    return RunServiceApi(client)


def whole_task(api: Api, **fields: Any) -> Any:
    """A task with every field that the client's model knows."""
    made = api.artifact()["artifact_id"]
    return api.task(
        task_id="train",
        run_id="run-1",
        **{
            "display_name": "Train",
            "state": "FAILED",
            "create_time": "2026-01-31T12:30:00.000001Z",
            "start_time": "2026-01-31T12:30:01Z",
            "end_time": "2026-01-31T12:30:02Z",
            "parent_task_id": "root",
            "pod_name": "pod-1",
            "execution_id": "7",
            "executor_detail": {"main_job": "job", "failed_main_jobs": ["job-0"]},
            "error": ERROR,
            "outputs": {"model": {"artifact_ids": [made]}},
        }
        | fields,
    )


def test_get_run_gives_a_run_with_its_tasks(api: Api, runs: RunServiceApi) -> None:
    whole_task(api)

    run = runs.run_service_get_run("run-1")

    assert isinstance(run, V2beta1Run)
    assert [task.task_id for task in run.run_details.task_details] == ["train"]


def test_every_field_of_a_task_goes_through_the_models(api: Api, client: ApiClient, runs: RunServiceApi) -> None:
    task = whole_task(api)
    ours = {"state_history", "namespace"}

    [shown] = runs.run_service_get_run("run-1").run_details.task_details

    sent_back = client.sanitize_for_serialization(shown)
    for name in ("create_time", "start_time", "end_time"):
        sent_back[name] = dt.datetime.fromisoformat(sent_back[name])
        task[name] = dt.datetime.fromisoformat(task[name])
    assert {name: sent_back[name] for name in task.keys() - ours} == {name: task[name] for name in task.keys() - ours}


def test_the_details_of_an_error_pass_the_clients_check_for_base64(api: Api, runs: RunServiceApi) -> None:
    whole_task(api)

    [task] = runs.run_service_get_run("run-1").run_details.task_details

    assert task.error.details[0].value == DETAIL["value"]
    assert task.state_history[0].error.message == "out of memory"


@pytest.mark.parametrize("value", ["not base64!", "YQ", "YQ==\n", 5, {"a": 1}])
def test_details_that_would_break_the_client_are_refused(api: Api, value: Any) -> None:
    error = {"details": [{"@type": "type.googleapis.com/x", "value": value}]}

    assert api.request("POST", "/tasks", {"task_id": "t", "error": error}).status == 400


@pytest.mark.parametrize("state", [state for state in RuntimeState if state != RuntimeState.UNSPECIFIED])
def test_every_state_is_one_that_the_client_knows(api: Api, runs: RunServiceApi, state: str) -> None:
    api.ok("PATCH", "/runs/run-1", {"state": str(state)})

    shown = runs.run_service_get_run("run-1").state

    assert shown == state
    assert shown in {*V2beta1RuntimeState.allowable_values, *NEWER_STATES}


@pytest.mark.parametrize("state", [StorageState.AVAILABLE, StorageState.ARCHIVED])
def test_every_storage_state_is_one_that_the_client_knows(api: Api, runs: RunServiceApi, state: str) -> None:
    api.ok("PATCH", "/runs/run-1", {"storage_state": str(state)})

    assert runs.run_service_get_run("run-1").storage_state in V2beta1RunStorageState.allowable_values


def test_every_field_of_a_run_goes_through_the_models(api: Api, client: ApiClient, runs: RunServiceApi) -> None:
    fields = {
        "display_name": "nightly",
        "experiment_id": "exp-1",
        "description": "every night",
        "state": "FAILED",
        "storage_state": "AVAILABLE",
        "error": ERROR,
        "pipeline_spec": {"components": {"a": {"executorLabel": "exec"}}},
        "pipeline_version_reference": {"pipeline_id": "p", "pipeline_version_id": "v"},
        "runtime_config": {"parameters": {"epochs": 3, "nothing": None}, "pipeline_root": "s3://bucket"},
    }
    api.ok("PATCH", "/runs/run-1", fields)

    shown = client.sanitize_for_serialization(runs.run_service_get_run("run-1", experiment_id="exp-1"))

    assert {name: shown[name] for name in fields} == fields


def test_the_times_of_a_run_are_datetimes(api: Api, runs: RunServiceApi) -> None:
    api.ok("PATCH", "/runs/run-1", {"scheduled_at": "2026-01-31T12:30:00.000001Z"})

    run = runs.run_service_get_run("run-1")

    assert run.scheduled_at == dt.datetime(2026, 1, 31, 12, 30, 0, 1, tzinfo=dt.UTC)
    assert run.created_at.tzinfo is not None


def test_list_runs_comes_in_pages(api: Api, runs: RunServiceApi) -> None:
    for number in range(3):
        api.ok("PATCH", f"/runs/run-{number}", {"experiment_id": "exp-1"})

    first = runs.run_service_list_runs(experiment_id="exp-1", page_size=2, sort_by="created_at desc", page_token="")
    second = runs.run_service_list_runs(page_token=first.next_page_token)

    assert [run.run_id for run in (*first.runs, *second.runs)] == ["run-2", "run-1", "run-0"]
    assert (first.total_size, second.next_page_token) == (3, "")


def test_list_runs_takes_the_filter_that_kfps_sdk_sends(api: Api, runs: RunServiceApi) -> None:
    for name in ("nightly", "weekly"):
        api.ok("PATCH", f"/runs/{name}", {"display_name": name})
    sent = json.dumps({"predicates": [{"operation": 1, "key": "display_name", "stringValue": "weekly"}]})

    assert [run.run_id for run in runs.run_service_list_runs(filter=sent, namespace=None).runs] == ["weekly"]


def test_an_unknown_run_is_an_exception_with_status_body_and_headers(runs: RunServiceApi) -> None:
    with pytest.raises(ApiException) as caught:
        runs.run_service_get_run("unknown")

    assert caught.value.status == 404
    assert json.loads(caught.value.body)["code"] == 5
    assert caught.value.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("operation", "argument"),
    [
        ("create_run", V2beta1Run(display_name="x")),
        ("delete_run", "run-1"),
        ("terminate_run", "run-1"),
        ("archive_run", "run-1"),
    ],
)
def test_what_starts_and_ends_runs_is_a_clear_404_or_405(runs: RunServiceApi, operation: str, argument: Any) -> None:
    with pytest.raises(ApiException) as caught:
        getattr(runs, f"run_service_{operation}")(argument)

    assert caught.value.status in (404, 405)
    assert json.loads(caught.value.body)["message"]


def test_a_task_of_the_clients_model_can_be_sent_and_read_back(client: ApiClient) -> None:
    task = V2beta1PipelineTaskDetail(
        run_id="run-1",
        task_id="train",
        display_name="Train",
        state=V2beta1RuntimeState.RUNNING,
        start_time=dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
    )

    sent = client.call_api(f"{API}/tasks", "POST", body=task, response_type="V2beta1PipelineTaskDetail")[0]

    read = client.call_api(
        f"{API}/tasks/{{task_id}}", "GET", {"task_id": "train"}, response_type="V2beta1PipelineTaskDetail"
    )[0]
    assert read == sent
    assert (read.state, read.start_time) == ("RUNNING", task.start_time)


def test_healthz_says_that_there_is_one_user(client: ApiClient) -> None:
    health = HealthzServiceApi(client).healthz_service_get_healthz()

    assert (health.multi_user, health.pipeline_store) == (False, "database")
