"""create_task, get_task and list_tasks (contract, Companions)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support import Api, error_of, fields_of

from artifactd.model import RuntimeState

UNKNOWN = "00000000-0000-7000-8000-00000000ffff"
FULL = {
    "run_id": "full-run",
    "namespace": "",
    "name": "train",
    "display_name": "Train it",
    "state": "FAILED",
    "create_time": "2026-01-31T12:00:00Z",
    "start_time": "2026-01-31T12:00:01.5Z",
    "end_time": "2026-01-31T12:00:02Z",
    "parent_task_id": "dag",
    "pod_name": "pod-1",
    "execution_id": "42",
    "executor_detail": {
        "main_job": "m",
        "pre_caching_check_job": "p",
        "failed_main_jobs": ["a"],
        "failed_pre_caching_check_jobs": [],
    },
    "error": {"code": 13, "message": "boom", "details": [{"@type": "x", "value": "YWJj"}]},
    "input_parameters": {"lr": 0.1, "layers": [1, {"a": None}], "big": 2**70},
    "output_parameters": {"best": True, "text": ""},
    "labels": {"team": "iris", "": "x"},
}
_ids = itertools.count()


def new_id() -> str:
    return f"task-{next(_ids)}"


def refusal(api: Api, **fields: Any) -> list[str]:
    reply = api.request("POST", "/tasks", fields)
    assert reply.status == 400, reply
    return fields_of(reply)


def test_a_task_answers_what_was_sent(shared_api: Api) -> None:
    sent = {"task_id": new_id(), **FULL}

    made = shared_api.task(**sent)

    assert made["start_time"].startswith("2026-01-31T12:00:01.5")
    shown = made | {"start_time": sent["start_time"]}
    assert shown | sent == shown
    assert set(made) == {*sent, "state_history"}


def test_get_task_answers_what_create_task_answered(shared_api: Api) -> None:
    made = shared_api.task(task_id=new_id(), **FULL)

    assert shared_api.get(f"/tasks/{made['task_id']}") == made


def test_a_task_carries_its_id_namespace_state_and_time(shared_api: Api) -> None:
    made = shared_api.task()

    assert set(made) == {"task_id", "namespace", "state", "create_time"}
    assert made["state"] == "RUNTIME_STATE_UNSPECIFIED"


def test_a_task_id_is_made_when_absent(shared_api: Api) -> None:
    assert shared_api.task()["task_id"] != shared_api.task(task_id="")["task_id"]


def test_create_time_is_the_servers_clock_when_absent(api: Api) -> None:
    assert api.task()["create_time"] == "2025-10-09T08:53:20.000001Z"


def test_get_task_of_an_unknown_id_is_404(shared_api: Api) -> None:
    reply = shared_api.request("GET", "/tasks/unknown")

    assert (reply.status, error_of(reply)["code"]) == (404, 5)


@pytest.mark.parametrize("state", list(RuntimeState))
def test_a_task_takes_every_state(shared_api: Api, state: str) -> None:
    assert shared_api.task(state=state)["state"] == state


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("task_id", "a b"),
        ("task_id", "x" * 129),
        ("run_id", "a/b"),
        ("parent_task_id", "é"),
        ("state", "running"),
        ("state", 2),
        ("state", ""),
        ("name", "x" * 257),
        ("display_name", "x" * 257),
        ("pod_name", "x" * 257),
        ("execution_id", "x" * 257),
        ("namespace", "x" * 64),
        ("create_time", "yesterday"),
        ("start_time", 5),
        ("end_time", "2026-13-01"),
        ("labels", {"a": 1}),
        ("labels", {"a": None}),
        ("labels", {str(number): "" for number in range(257)}),
        ("inputs", []),
        ("inputs", {"k": []}),
        ("outputs", {"k": {"artifact_ids": [""]}}),
        ("outputs", {"k": {"artifact_ids": "x"}}),
        ("outputs", {"k": {"artifacts": []}}),
        ("input_parameters", []),
        ("input_parameters", {"a": "x" * (1 << 20)}),
        ("executor_detail", {"nonsense": 1}),
        ("error", {"code": "x"}),
        ("error", {"nonsense": "x"}),
        ("child_tasks", {}),
        ("nonsense", 1),
    ],
    ids=lambda value: str(value)[:24],
)
def test_create_task_refuses_a_bad_field(shared_api: Api, field: str, bad: Any) -> None:
    [named] = refusal(shared_api, **{field: bad})

    assert named.startswith(field)


@pytest.mark.parametrize("value", ["YWJj", "YWI=", "YQ==", "", "+/+/"])
def test_error_details_may_hold_base64(shared_api: Api, value: str) -> None:
    error = {"details": [{"value": value}]}

    assert shared_api.task(error=error)["error"] == error


@pytest.mark.parametrize("value", ["YWJ", "a b=", "****", "YWJj\n", "YQ=", "-_-_", 5, {}, [], True])
def test_error_details_that_are_not_base64_are_400(shared_api: Api, value: Any) -> None:
    assert refusal(shared_api, error={"details": [{}, {"value": value}]}) == ["error.details[1].value"]


def test_output_only_fields_change_nothing(shared_api: Api) -> None:
    made = shared_api.task(
        child_tasks=[{"task_id": "x", "pod_name": "y"}],
        state_history=[{"update_time": "2026-01-31T12:00:00Z", "state": "FAILED", "error": {"code": 1}}],
    )

    assert {"child_tasks", "state_history"} & set(made) == set()


def test_inputs_and_outputs_make_links_under_their_keys(api: Api) -> None:
    first, second, third = (api.artifact()["artifact_id"] for _ in range(3))
    inputs = {"data": {"artifact_ids": [first, second]}, "more": {"artifact_ids": [first]}}
    outputs = {"model": {"artifact_ids": [third]}, "none": {"artifact_ids": []}, "null": {}}

    made = api.task(task_id="t", inputs=inputs, outputs=outputs)

    assert (made["inputs"], made["outputs"]) == (inputs, {"model": outputs["model"]})
    links = api.get("/artifact_tasks", type="UNSPECIFIED", task_ids="t")["artifact_tasks"]
    assert {(link["type"], link["key"], link["artifact_id"]) for link in links} == {
        ("INPUT", "data", first),
        ("INPUT", "data", second),
        ("INPUT", "more", first),
        ("OUTPUT", "model", third),
    }


def test_a_link_of_a_finer_kind_is_shown_as_an_input_or_output(api: Api) -> None:
    artifact_id = api.artifact()["artifact_id"]
    api.link(artifact_id=artifact_id, task_id="t", type="COLLECTED_INPUTS", key="in")
    api.link(artifact_id=artifact_id, task_id="t", type="ONE_OF_OUTPUT", key="out")

    task = api.get("/tasks/t")

    assert task["inputs"] == {"in": {"artifact_ids": [artifact_id]}}
    assert task["outputs"] == {"out": {"artifact_ids": [artifact_id]}}


def test_an_unknown_artifact_is_404_and_leaves_no_task(api: Api) -> None:
    reply = api.request("POST", "/tasks", {"task_id": "t", "run_id": "r", "inputs": {"k": {"artifact_ids": [UNKNOWN]}}})

    assert (reply.status, error_of(reply)["code"]) == (404, 5)
    assert [api.request("GET", path).status for path in ("/tasks/t", "/runs/r")] == [404, 404]


@pytest.mark.parametrize("field", ["inputs", "outputs"])
def test_an_artifact_of_another_namespace_is_400(api: Api, field: str) -> None:
    artifact_id = api.artifact(namespace="other")["artifact_id"]

    reply = api.request("POST", "/tasks", {"namespace": "mine", field: {"k": {"artifact_ids": [artifact_id]}}})

    assert reply.status == 400
    assert fields_of(reply)[0].startswith(f"{field}.k")
    assert api.get("/tasks")["total_size"] == 0


def test_a_task_goes_to_the_namespace_of_its_run(shared_api: Api) -> None:
    shared_api.task(run_id="team-run", namespace="team")

    assert shared_api.task(run_id="team-run")["namespace"] == "team"


def test_a_child_of_another_namespace_is_not_shown(shared_api: Api) -> None:
    shared_api.task(task_id="child-first", parent_task_id="parent-later", namespace="secret")

    assert "child_tasks" not in shared_api.task(task_id="parent-later", namespace="team")


def test_a_run_of_another_namespace_is_400(shared_api: Api) -> None:
    shared_api.task(run_id="crew-run", namespace="crew")

    assert refusal(shared_api, run_id="crew-run", namespace="other") == ["run_id"]


def test_a_parent_of_another_namespace_is_400(shared_api: Api) -> None:
    shared_api.task(task_id="parent-elsewhere", namespace="elsewhere")

    assert refusal(shared_api, parent_task_id="parent-elsewhere", namespace="mine") == ["parent_task_id"]


def test_a_task_goes_to_the_namespace_of_its_parent(shared_api: Api) -> None:
    shared_api.task(task_id="parent-afar", namespace="afar")

    assert shared_api.task(parent_task_id="parent-afar")["namespace"] == "afar"


@pytest.mark.parametrize("field", ["inputs", "outputs"])
def test_a_task_goes_to_the_namespace_of_its_artifacts(shared_api: Api, field: str) -> None:
    artifact_id = shared_api.artifact(namespace="abroad")["artifact_id"]

    assert shared_api.task(**{field: {"k": {"artifact_ids": [artifact_id]}}})["namespace"] == "abroad"


def test_a_parent_shows_no_children_of_another_namespace(shared_api: Api) -> None:
    shared_api.task(task_id="orphan", namespace="one", parent_task_id="late-parent")

    assert "child_tasks" not in shared_api.task(task_id="late-parent", namespace="two")


def test_a_task_is_not_its_own_parent(shared_api: Api) -> None:
    assert refusal(shared_api, task_id="ouroboros", parent_task_id="ouroboros") == ["parent_task_id"]


def test_a_task_shows_its_children(api: Api) -> None:
    api.task(task_id="child-1", parent_task_id="dag", pod_name="p")
    api.task(task_id="dag")
    api.task(task_id="child-2", parent_task_id="dag")

    assert api.get("/tasks/dag")["child_tasks"] == [{"task_id": "child-1", "pod_name": "p"}, {"task_id": "child-2"}]


def test_the_same_task_again_is_returned(shared_api: Api) -> None:
    artifact_id = shared_api.artifact()["artifact_id"]
    sent = {"task_id": new_id(), **FULL, "inputs": {"k": {"artifact_ids": [artifact_id]}}}
    first = shared_api.task(**sent)

    assert shared_api.task(**sent) == first
    assert shared_api.task(**dict(reversed(sent.items()))) == first


def test_the_same_task_without_a_create_time_again_is_returned(shared_api: Api) -> None:
    sent = {"task_id": new_id(), "name": "x", "state": "RUNNING"}

    assert shared_api.task(**sent) == shared_api.task(**sent)


@pytest.mark.parametrize("field", [*(field for field in FULL if field != "namespace"), "inputs"])
def test_a_task_with_other_contents_is_409(shared_api: Api, field: str) -> None:
    task_id = new_id()
    shared_api.task(task_id=task_id, **FULL)
    others = {
        "state": "RUNNING",
        "error": {"code": 1},
        "executor_detail": {"main_job": "x"},
        "inputs": {"k": {"artifact_ids": [shared_api.artifact()["artifact_id"]]}},
    }
    other = others.get(field, {"x": "x"} if isinstance(FULL.get(field), dict) else "2027-01-31")

    reply = shared_api.request("POST", "/tasks", {"task_id": task_id, **FULL, field: other})

    assert (reply.status, error_of(reply)["code"]) == (409, 6)


@pytest.mark.parametrize("how", ["metric", "link", "artifact"])
def test_create_task_fills_in_a_stub(shared_api: Api, how: str) -> None:
    task_id = new_id()
    if how == "metric":
        shared_api.metric(task_id=task_id)
    elif how == "link":
        shared_api.link(artifact_id=shared_api.artifact()["artifact_id"], task_id=task_id)
    else:
        shared_api.artifact(request={"task_id": task_id})

    made = shared_api.task(task_id=task_id, **FULL)

    assert (made["display_name"], made["create_time"]) == ("Train it", "2026-01-31T12:00:00Z")
    assert shared_api.request("POST", "/tasks", {"task_id": task_id, "name": "other"}).status == 409


def test_filling_in_a_stub_keeps_what_is_linked_to_it(shared_api: Api) -> None:
    task_id = new_id()
    artifact_id = shared_api.artifact(request={"task_id": task_id, "producer_key": "out"})["artifact_id"]

    made = shared_api.task(task_id=task_id, name="x")

    assert made["outputs"] == {"out": {"artifact_ids": [artifact_id]}}


def test_a_stub_keeps_its_namespace(shared_api: Api) -> None:
    task_id = new_id()
    shared_api.metric(task_id=task_id, namespace="team")

    assert refusal(shared_api, task_id=task_id, namespace="other") == ["namespace"]
    assert shared_api.task(task_id=task_id)["namespace"] == "team"


def test_a_stub_keeps_its_run(shared_api: Api) -> None:
    task_id = new_id()
    shared_api.metric(task_id=task_id, run_id="kept-run")

    assert refusal(shared_api, task_id=task_id, run_id="other-run") == ["run_id"]
    assert shared_api.task(task_id=task_id)["run_id"] == "kept-run"


def test_list_tasks_by_parent_run_and_namespace(api: Api) -> None:
    api.task(task_id="a", run_id="r1", parent_task_id="p")
    api.task(task_id="b", run_id="r1")
    api.task(task_id="c", run_id="r2", parent_task_id="p")
    api.task(task_id="d", namespace="team")

    def ids(**query: Any) -> list[str]:
        answer = api.get("/tasks", **query)
        assert set(answer) == {"tasks", "total_size", "next_page_token"}
        assert answer["total_size"] == len(answer["tasks"])
        return [task["task_id"] for task in answer["tasks"]]

    assert ids() == ["a", "b", "c", "d"]
    assert ids(parent_id="p") == ["a", "c"]
    assert ids(run_id="r1") == ["a", "b"]
    assert ids(run_id="r1", parent_id="p") == ["a"]
    assert ids(namespace="team") == ["d"]
    assert ids(parent_id="unknown") == []


def test_list_tasks_shows_what_get_task_shows(api: Api) -> None:
    artifact_id = api.artifact()["artifact_id"]
    api.task(task_id="dag")
    api.task(task_id="t", **FULL, inputs={"k": {"artifact_ids": [artifact_id]}})

    assert api.get("/tasks", order_by="task_id")["tasks"] == [api.get("/tasks/dag"), api.get("/tasks/t")]


def test_list_tasks_is_ordered_by_create_time_and_then_by_id(api: Api) -> None:
    for task_id, time in (("c", "2002"), ("b", "2001"), ("a", "2002")):
        api.task(task_id=task_id, create_time=f"{time}-01-01")

    assert [task["task_id"] for task in api.get("/tasks")["tasks"]] == ["b", "a", "c"]


def test_list_tasks_takes_order_by_and_not_sort_by(shared_api: Api) -> None:
    assert shared_api.request("GET", "/tasks", query={"order_by": "name desc"}).status == 200
    reply = shared_api.request("GET", "/tasks", query={"sort_by": "name"})
    assert (reply.status, fields_of(reply)) == (400, ["sort_by"])
