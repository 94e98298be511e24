"""update_task (contract, Companions)."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, error_of, fields_of

UNKNOWN = "00000000-0000-7000-8000-00000000ffff"
FULL = {
    "run_id": "r",
    "name": "train",
    "display_name": "Train it",
    "state": "RUNNING",
    "create_time": "2026-01-31T12:00:00Z",
    "start_time": "2026-01-31T12:00:01Z",
    "end_time": "2026-01-31T12:00:02Z",
    "parent_task_id": "dag",
    "pod_name": "pod-1",
    "execution_id": "42",
    "executor_detail": {"main_job": "m"},
    "error": {"code": 13, "message": "boom"},
    "input_parameters": {"lr": 0.1},
    "output_parameters": {"best": True},
    "labels": {"team": "iris"},
}
OTHER = {
    "name": "x",
    "display_name": "x",
    "create_time": "2027-01-31T12:00:00Z",
    "start_time": "2027-01-31T12:00:01Z",
    "end_time": "2027-01-31T12:00:02Z",
    "parent_task_id": "other",
    "pod_name": "x",
    "execution_id": "x",
    "executor_detail": {"failed_main_jobs": ["x"]},
    "error": {"message": "x"},
    "input_parameters": {"x": 1},
    "output_parameters": {"x": [1]},
    "labels": {"x": "y"},
}


def patch(api: Api, **fields: Any) -> Any:
    return api.ok("PATCH", "/tasks/t", fields)


@pytest.fixture
def made(api: Api) -> Any:
    """A task with everything set."""
    return api.task(task_id="t", **FULL)


@pytest.mark.parametrize("field", OTHER)
def test_a_field_that_is_present_changes_and_the_others_stay(api: Api, made: Any, field: str) -> None:
    changed = patch(api, **{field: OTHER[field]})

    assert changed == made | {field: OTHER[field]}
    assert api.get("/tasks/t") == changed


def test_null_fields_are_absent_ones(api: Api, made: Any) -> None:
    fields = dict.fromkeys([*FULL, "task_id", "namespace", "inputs", "outputs", "state_history", "child_tasks"])

    assert patch(api, **fields) == made


def test_an_empty_patch_changes_nothing(api: Api, made: Any) -> None:
    assert patch(api) == made


def test_what_get_answers_can_be_sent_back(api: Api, made: Any) -> None:
    artifact_id = api.artifact()["artifact_id"]
    api.task(task_id="child", parent_task_id="t")
    shown = patch(api, state="FAILED", inputs={"k": {"artifact_ids": [artifact_id]}})

    assert made["task_id"] == "t"
    assert patch(api, **shown) == shown
    assert api.get("/artifact_tasks", task_ids="t")["total_size"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("child_tasks", [{"task_id": "x"}]),
        ("state_history", [{"state": "FAILED", "update_time": "2026-01-01T00:00:00Z"}]),
        ("state_history", []),
    ],
)
def test_output_only_fields_sent_back_change_nothing(api: Api, made: Any, field: str, value: Any) -> None:
    assert patch(api, **{field: value}) == made


def test_a_state_change_is_appended_to_the_history(api: Api) -> None:
    api.task(task_id="t", state="PENDING")
    patch(api, state="RUNNING")
    changed = patch(api, state="FAILED", error={"code": 13, "message": "boom"})

    assert [item["state"] for item in changed["state_history"]] == ["PENDING", "RUNNING", "FAILED"]
    assert changed["state_history"][2]["error"] == {"code": 13, "message": "boom"}
    assert [item["update_time"] for item in changed["state_history"]] == [
        f"2025-10-09T08:53:20.00000{number}Z" for number in (1, 2, 3)
    ]


def test_the_same_state_again_is_no_change(api: Api, made: Any) -> None:
    assert patch(api, state="RUNNING") == made


def test_a_task_created_without_a_state_has_no_history(api: Api) -> None:
    assert "state_history" not in api.task(task_id="t")
    assert [item["state"] for item in patch(api, state="CACHED")["state_history"]] == ["CACHED"]


def test_inputs_and_outputs_are_added_and_never_removed(api: Api) -> None:
    first, second = (api.artifact()["artifact_id"] for _ in range(2))
    api.task(task_id="t", inputs={"k": {"artifact_ids": [first]}})

    changed = patch(api, inputs={"k": {"artifact_ids": [second]}}, outputs={"o": {"artifact_ids": [first]}})

    assert changed["inputs"] == {"k": {"artifact_ids": [first, second]}}
    assert changed["outputs"] == {"o": {"artifact_ids": [first]}}
    assert patch(api, inputs={}, outputs={"o": {"artifact_ids": []}}) == changed


def test_a_link_of_a_finer_kind_that_is_sent_back_makes_no_second_one(api: Api) -> None:
    artifact_id = api.artifact()["artifact_id"]
    for kind in ("COMPONENT_INPUT", "ONE_OF_OUTPUT"):
        api.link(artifact_id=artifact_id, task_id="t", type=kind, key="k", producer={"iteration": 1})
    shown = api.get("/tasks/t")

    assert patch(api, **shown) == shown
    assert api.get("/artifact_tasks", type="UNSPECIFIED")["total_size"] == 2


def test_a_patch_of_a_stub_makes_it_known(api: Api) -> None:
    api.metric(task_id="t")
    patch(api, display_name="known")

    assert api.request("POST", "/tasks", {"task_id": "t", "display_name": "other"}).status == 409


def test_a_patch_with_an_unknown_artifact_is_404_and_changes_nothing(api: Api, made: Any) -> None:
    reply = api.request("PATCH", "/tasks/t", {"name": "x", "inputs": {"k": {"artifact_ids": [UNKNOWN]}}})

    assert (reply.status, error_of(reply)["code"]) == (404, 5)
    assert api.get("/tasks/t") == made


def test_a_patch_of_an_unknown_task_is_404(shared_api: Api) -> None:
    reply = shared_api.request("PATCH", "/tasks/unknown", {"name": "x"})

    assert (reply.status, error_of(reply)["code"]) == (404, 5)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("task_id", "other"),
        ("namespace", "other"),
        ("run_id", "other"),
        ("parent_task_id", "t"),
        ("state", "NONSENSE"),
        ("create_time", "never"),
        ("name", "x" * 257),
        ("error", {"details": [{"value": "*"}]}),
        ("nonsense", 1),
    ],
)
def test_a_bad_patch_names_the_field_and_changes_nothing(api: Api, made: Any, field: str, bad: Any) -> None:
    reply = api.request("PATCH", "/tasks/t", {"display_name": "changed", field: bad})

    assert reply.status == 400
    assert fields_of(reply)[0].startswith(field)
    assert api.get("/tasks/t") == made


def test_a_task_without_a_run_may_be_given_one(api: Api) -> None:
    artifact_id = api.artifact(request={"task_id": "t"})["artifact_id"]
    api.metric(task_id="t")

    assert patch(api, run_id="late")["run_id"] == "late"
    assert api.get("/runs/late")["run_details"]["task_details"][0]["task_id"] == "t"
    assert api.get("/metrics", run_ids="late")["total_size"] == 1
    assert api.get("/artifact_tasks", run_ids="late", type="OUTPUT")["artifact_tasks"][0]["artifact_id"] == artifact_id


def test_a_run_of_another_namespace_is_400(api: Api) -> None:
    api.task(run_id="elsewhere", namespace="elsewhere")
    api.task(task_id="t")

    reply = api.request("PATCH", "/tasks/t", {"run_id": "elsewhere"})

    assert (reply.status, fields_of(reply)) == (400, ["run_id"])


@pytest.mark.parametrize("field", ["name", "display_name", "pod_name", "execution_id"])
@pytest.mark.usefixtures("made")
def test_an_empty_text_clears_a_field(api: Api, field: str) -> None:
    assert field not in patch(api, **{field: ""})


@pytest.mark.parametrize("field", ["input_parameters", "output_parameters", "labels", "executor_detail", "error"])
@pytest.mark.usefixtures("made")
def test_an_empty_object_clears_a_field(api: Api, field: str) -> None:
    assert field not in patch(api, **{field: {}})
