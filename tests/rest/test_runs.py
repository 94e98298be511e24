"""get_run, list_runs and update_run (contract, Companions)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support import Api, error_of, fields_of

from artifactd.model import RuntimeState

FULL = {
    "display_name": "nightly",
    "pipeline_name": "iris",
    "experiment_id": "e",
    "description": "d",
    "state": "SUCCEEDED",
    "storage_state": "ARCHIVED",
    "created_at": "2026-01-31T12:00:00Z",
    "scheduled_at": "2026-01-31T12:00:01Z",
    "finished_at": "2026-01-31T12:00:02Z",
    "error": {"code": 13, "message": "boom", "details": []},
    "pipeline_spec": {"root": {"dag": [1, None, 2**70]}},
    "pipeline_version_reference": {"pipeline_id": "p", "pipeline_version_id": "v"},
    "runtime_config": {"parameters": {"lr": 0.1, "x": None}, "pipeline_root": "s3://x"},
    "labels": {"branch": "main"},
}
OTHER = {
    "display_name": "x",
    "pipeline_name": "x",
    "experiment_id": "x",
    "description": "x",
    "storage_state": "AVAILABLE",
    "created_at": "2027-01-31T12:00:00Z",
    "scheduled_at": "2027-01-31T12:00:01Z",
    "finished_at": "2027-01-31T12:00:02Z",
    "error": {"message": "x"},
    "pipeline_spec": {"x": 1},
    "pipeline_version_reference": {"pipeline_id": "x"},
    "runtime_config": {"parameters": {}},
    "labels": {"x": ""},
}
_ids = itertools.count()


def new_id() -> str:
    return f"run-{next(_ids)}"


def patch(api: Api, run_id: str, /, **fields: Any) -> Any:
    return api.ok("PATCH", f"/runs/{run_id}", fields)


def state_of(api: Api, *states: str) -> Any:
    run_id = new_id()
    for state in states:
        api.task(run_id=run_id, state=state)
    [listed] = [run for run in api.walk("/runs", "runs", page_size=200) if run["run_id"] == run_id]
    shown = api.get(f"/runs/{run_id}")
    assert listed["state"] == shown["state"]
    return shown["state"]


def test_a_run_comes_into_being_with_its_first_task(api: Api) -> None:
    task = api.task(task_id="t", run_id="r", namespace="team")

    assert api.get("/runs/r") == {
        "run_id": "r",
        "namespace": "team",
        "state": "RUNNING",
        "storage_state": "AVAILABLE",
        "created_at": "2025-10-09T08:53:20.000001Z",
        "run_details": {"task_details": [task]},
    }


def test_patch_creates_a_run(shared_api: Api) -> None:
    run_id = new_id()

    made = patch(shared_api, run_id, namespace="team", **FULL)

    assert made | FULL == made
    assert (made["run_id"], made["namespace"]) == (run_id, "team")
    assert shared_api.get(f"/runs/{run_id}") == made


def test_an_unknown_run_is_404(shared_api: Api) -> None:
    reply = shared_api.request("GET", "/runs/unknown")

    assert (reply.status, error_of(reply)["code"]) == (404, 5)


@pytest.mark.parametrize("field", OTHER)
def test_patch_changes_the_field_that_is_present(shared_api: Api, field: str) -> None:
    run_id = new_id()
    made = patch(shared_api, run_id, **FULL)

    assert patch(shared_api, run_id, **{field: OTHER[field]}) == made | {field: OTHER[field]}


def test_null_fields_are_absent_ones(shared_api: Api) -> None:
    run_id = new_id()
    made = patch(shared_api, run_id, **FULL)

    assert patch(shared_api, run_id, **dict.fromkeys([*FULL, "run_details", "state_history", "run_id"])) == made


def test_what_get_answers_can_be_sent_back(shared_api: Api) -> None:
    run_id = new_id()
    made = patch(shared_api, run_id, **FULL)

    assert patch(shared_api, run_id, **made) == made


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("run_id", "other"),
        ("namespace", "x" * 64),
        ("display_name", "x" * 257),
        ("pipeline_name", "x" * 257),
        ("experiment_id", "x" * 257),
        ("description", "x" * 4_097),
        ("state", "running"),
        ("state", 1),
        ("storage_state", "GONE"),
        ("created_at", "never"),
        ("scheduled_at", 1),
        ("finished_at", "2026-13-01"),
        ("error", {"details": [{"value": "*"}]}),
        ("pipeline_spec", []),
        ("pipeline_spec", {"a": "x" * (1 << 20)}),
        ("pipeline_version_reference", {"nonsense": 1}),
        ("runtime_config", {"parameters": 1}),
        ("labels", {"a": 1}),
        ("run_details", 1),
        ("nonsense", 1),
    ],
    ids=lambda value: str(value)[:24],
)
def test_update_run_refuses_a_bad_field_and_makes_no_run(shared_api: Api, field: str, bad: Any) -> None:
    run_id = new_id()

    reply = shared_api.request("PATCH", f"/runs/{run_id}", {"display_name": "ok", field: bad} | {field: bad})

    assert reply.status == 400
    assert fields_of(reply)[0].startswith(field)
    assert shared_api.request("GET", f"/runs/{run_id}").status == 404


@pytest.mark.parametrize("run_id", ["a%20b", "x" * 129, "%C3%A9"])
def test_update_run_refuses_a_bad_id(shared_api: Api, run_id: str) -> None:
    reply = shared_api.request("PATCH", f"/runs/{run_id}", {})

    assert (reply.status, fields_of(reply)) == (400, ["run_id"])


def test_the_namespace_of_a_run_never_changes(shared_api: Api) -> None:
    run_id = new_id()
    patch(shared_api, run_id, namespace="team")

    reply = shared_api.request("PATCH", f"/runs/{run_id}", {"namespace": "other"})

    assert (reply.status, fields_of(reply)) == (400, ["namespace"])


@pytest.mark.parametrize(
    ("states", "derived"),
    [
        (["RUNNING"], "RUNNING"),
        (["PENDING"], "RUNNING"),
        (["RUNTIME_STATE_UNSPECIFIED"], "RUNNING"),
        (["SUCCEEDED"], "SUCCEEDED"),
        (["SKIPPED"], "SUCCEEDED"),
        (["CACHED"], "SUCCEEDED"),
        (["CANCELING"], "SUCCEEDED"),
        (["PAUSED"], "SUCCEEDED"),
        (["FAILED"], "FAILED"),
        (["CANCELED"], "CANCELED"),
        (["FAILED", "SUCCEEDED"], "FAILED"),
        (["CANCELED", "FAILED"], "FAILED"),
        (["CANCELED", "SUCCEEDED", "SKIPPED"], "CANCELED"),
        (["FAILED", "CANCELED", "RUNNING"], "RUNNING"),
        (["FAILED", "PENDING"], "RUNNING"),
        (["SUCCEEDED", "RUNTIME_STATE_UNSPECIFIED"], "RUNNING"),
        (["SUCCEEDED", "CACHED", "SKIPPED"], "SUCCEEDED"),
    ],
)
def test_the_state_of_a_run_is_read_off_its_tasks(shared_api: Api, states: list[str], derived: str) -> None:
    assert state_of(shared_api, *states) == derived


def test_the_state_of_a_run_follows_its_tasks(api: Api) -> None:
    api.task(task_id="t", run_id="r", state="RUNNING")
    api.ok("PATCH", "/tasks/t", {"state": "FAILED"})

    assert api.get("/runs/r")["state"] == "FAILED"


@pytest.mark.parametrize("state", [state for state in RuntimeState if state != RuntimeState.UNSPECIFIED])
def test_a_state_that_patch_set_stands_whatever_the_tasks_say(shared_api: Api, state: str) -> None:
    run_id = new_id()
    shared_api.task(run_id=run_id, state="RUNNING")
    patch(shared_api, run_id, state=state)

    assert shared_api.get(f"/runs/{run_id}")["state"] == state


def test_a_change_of_another_field_does_not_fix_the_derived_state(api: Api) -> None:
    api.task(task_id="t", run_id="r", state="RUNNING")
    patch(api, "r", display_name="x")
    api.ok("PATCH", "/tasks/t", {"state": "SUCCEEDED"})

    assert api.get("/runs/r")["state"] == "SUCCEEDED"


def test_a_derived_state_and_end_that_are_sent_back_stay_derived(api: Api) -> None:
    api.task(task_id="t", run_id="r", state="SUCCEEDED", end_time="2026-01-31")
    shown = api.get("/runs/r")
    assert shown["finished_at"] == "2026-01-31T00:00:00Z"

    assert patch(api, "r", **shown) == shown
    api.task(run_id="r", state="FAILED", end_time="2027-01-31")
    assert (api.get("/runs/r")["state"], api.get("/runs/r")["finished_at"]) == ("FAILED", "2027-01-31T00:00:00Z")


def test_a_run_has_no_end_until_every_task_has_one(api: Api) -> None:
    api.task(run_id="r", state="SUCCEEDED", end_time="2026-01-31")
    api.task(run_id="r", state="RUNNING")

    assert "finished_at" not in api.get("/runs/r")


def test_a_run_without_tasks_has_no_state_yet(api: Api) -> None:
    assert patch(api, "r")["state"] == "RUNTIME_STATE_UNSPECIFIED"


def test_an_unspecified_state_gives_the_run_back_to_its_tasks(api: Api) -> None:
    api.task(run_id="r", state="FAILED")
    patch(api, "r", state="SUCCEEDED")

    assert patch(api, "r", state="RUNTIME_STATE_UNSPECIFIED")["state"] == "FAILED"


def test_a_set_state_is_kept_in_the_history(api: Api) -> None:
    patch(api, "r", state="RUNNING")
    patch(api, "r", state="RUNNING")
    changed = patch(api, "r", state="FAILED", error={"code": 2})

    assert [item["state"] for item in changed["state_history"]] == ["RUNNING", "FAILED"]
    assert changed["state_history"][1]["error"] == {"code": 2}


def test_a_run_shows_its_tasks_in_the_order_of_their_making(api: Api) -> None:
    for task_id, time in (("b", "2002"), ("a", "2001"), ("c", "2003")):
        api.task(task_id=task_id, run_id="r", create_time=f"{time}-01-01")
    api.task(task_id="stranger", run_id="other")

    shown = api.get("/runs/r")["run_details"]["task_details"]

    assert shown == [api.get(f"/tasks/{task_id}") for task_id in "abc"]


def test_get_run_may_name_the_experiment(shared_api: Api) -> None:
    run_id = new_id()
    patch(shared_api, run_id, experiment_id="mine")

    assert shared_api.get(f"/runs/{run_id}", experiment_id="mine")["run_id"] == run_id
    assert shared_api.request("GET", f"/runs/{run_id}", query={"experiment_id": "other"}).status == 404


def test_list_runs_by_namespace_and_experiment(api: Api) -> None:
    patch(api, "r1", experiment_id="e")
    patch(api, "r2", experiment_id="e", namespace="team")
    patch(api, "r3")

    def ids(**query: Any) -> list[str]:
        answer = api.get("/runs", **query)
        assert set(answer) == {"runs", "total_size", "next_page_token"}
        assert answer["total_size"] == len(answer["runs"])
        return [run["run_id"] for run in answer["runs"]]

    assert ids() == ["r1", "r2", "r3"]
    assert ids(experiment_id="e") == ["r1", "r2"]
    assert ids(experiment_id="e", namespace="team") == ["r2"]


def test_list_runs_leaves_the_tasks_out(api: Api) -> None:
    api.task(run_id="r")

    [run] = api.get("/runs")["runs"]

    assert "run_details" not in run
    assert run == {name: value for name, value in api.get("/runs/r").items() if name != "run_details"}


@pytest.mark.parametrize("path", ["/runs/r/tasks", "/runs/r/tasks/t", "/tasks:findCached", "/runs/r/nodes/n/log"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_the_newer_generations_task_routes_are_a_clear_404(shared_api: Api, method: str, path: str) -> None:
    reply = shared_api.request(method, path, {} if method != "GET" else None)

    assert reply.status == 404
    assert path in error_of(reply)["message"]


@pytest.mark.parametrize(
    "path", ["/runs", "/runs/r:terminate", "/runs/r:archive", "/runs/r:unarchive", "/runs/r:retry"]
)
def test_what_starts_or_stops_work_is_a_clear_405(shared_api: Api, path: str) -> None:
    reply = shared_api.request("POST", path, {})

    assert (reply.status, error_of(reply)["code"]) == (405, 12)


@pytest.mark.parametrize("path", ["/recurringruns", "/pipelines", "/experiments", "/pipelines/upload"])
def test_the_rest_of_kfp_is_a_clear_404(shared_api: Api, path: str) -> None:
    assert error_of(shared_api.request("POST", path, {}))["code"] == 5


@pytest.mark.parametrize("view", [None, "FULL", "BASIC"])
def test_a_list_of_runs_leaves_pipelines_out_where_it_is_told_to(api: Api, view: str | None) -> None:
    ids = [new_id() for _ in range(3)]
    for run_id in ids:
        api.ok("PATCH", f"/runs/{run_id}", {**FULL, "experiment_id": ids[0]})
    query = {"experiment_id": ids[0], "page_size": 2, **({"view": view} if view else {})}

    first = api.get("/runs", **query)
    # The token carries the view along.
    rest = api.get("/runs", page_token=first["next_page_token"], page_size=2)

    runs = first["runs"] + rest["runs"]
    assert {run["run_id"] for run in runs} == set(ids)
    for run in runs:
        told = {name: value for name, value in FULL.items() if view != "BASIC" or name != "pipeline_spec"}
        assert {name: value for name, value in run.items() if name in FULL} == told | {"experiment_id": ids[0]}


def test_a_view_of_runs_that_is_none_is_refused(api: Api) -> None:
    reply = api.request("GET", "/runs", query={"view": "SHORT"})

    assert reply.status == 400
    assert fields_of(reply) == ["view"]


def test_a_page_token_is_of_one_view(api: Api) -> None:
    for _ in range(2):
        api.ok("PATCH", f"/runs/{new_id()}", {"display_name": "x"})
    token = api.get("/runs", view="BASIC", page_size=1)["next_page_token"]

    reply = api.request("GET", "/runs", query={"view": "FULL", "page_token": token})

    assert reply.status == 400
    assert fields_of(reply) == ["view"]
