"""artifacts:batchCreate and artifact_tasks:batchCreate (contract, Companions)."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, error_of, fields_of

UNKNOWN = "00000000-0000-7000-8000-00000000ffff"


def test_a_batch_of_artifacts_answers_each_in_its_order(api: Api) -> None:
    body = {"artifacts": [{"artifact": {"name": name}} for name in "cab"]}

    answer = api.ok("POST", "/artifacts:batchCreate", body)

    assert set(answer) == {"artifacts"}
    assert [item["name"] for item in answer["artifacts"]] == ["c", "a", "b"]
    assert [item["name"] for item in api.get("/artifacts", sort_by="id")["artifacts"]] == ["c", "a", "b"]


def test_a_batch_of_artifacts_takes_all_that_create_artifact_takes(api: Api) -> None:
    item = {"artifact": {"name": "x"}, "task_id": "t", "producer_key": "k", "reuse_if_exists": True}

    made = api.ok("POST", "/artifacts:batchCreate", {"artifacts": [item, item | {"task_id": "u"}]})["artifacts"]

    assert made[0] == made[1]
    assert api.get("/artifact_tasks", type="OUTPUT")["total_size"] == 2


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"artifact": {"name": ""}}, "artifacts[1].artifact.name"),
        ({}, "artifacts[1].artifact"),
        ({"artifact": {"name": "x", "nonsense": 1}}, "artifacts[1].artifact.nonsense"),
        ({"artifact": {"name": "x"}, "task_id": "a b"}, "artifacts[1].task_id"),
        ({"artifact": {"name": "x"}, "task_id": "t", "producer_key": "k" * 257}, "artifacts[1].producer_key"),
        ({"artifact": {"name": "x", "namespace": "b"}, "task_id": "in-a"}, "artifacts[1].artifact.namespace"),
        ({"artifact": {"name": "x"}, "task_id": "in-a", "run_id": "other"}, "artifacts[1].run_id"),
        ({"artifact": {"name": "x", "namespace": "b"}, "run_id": "run-a"}, "artifacts[1].run_id"),
        (None, "artifacts[1]"),
        ([], "artifacts[1]"),
    ],
)
def test_a_batch_of_artifacts_with_one_bad_is_refused_as_a_whole(api: Api, bad: Any, field: str) -> None:
    api.task(task_id="in-a", namespace="a", run_id="run-a")
    body = {"artifacts": [{"artifact": {"name": "good"}, "task_id": "new"}, bad]}

    reply = api.request("POST", "/artifacts:batchCreate", body)

    assert (reply.status, fields_of(reply)) == (400, [field])
    assert api.get("/artifacts")["total_size"] == 0
    assert api.get("/tasks")["total_size"] == 1


def test_a_batch_of_links_answers_each_in_its_order(api: Api) -> None:
    artifact_id = api.artifact()["artifact_id"]
    body = {"artifact_tasks": [{"artifact_id": artifact_id, "task_id": task_id} for task_id in "cab"]}

    answer = api.ok("POST", "/artifact_tasks:batchCreate", body)

    assert set(answer) == {"artifact_tasks"}
    assert [item["task_id"] for item in answer["artifact_tasks"]] == ["c", "a", "b"]


def test_a_link_that_stands_twice_in_a_batch_is_one(api: Api) -> None:
    item = {"artifact_id": api.artifact()["artifact_id"], "task_id": "t"}

    first, second = api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": [item, item]})["artifact_tasks"]

    assert first == second
    assert api.get("/artifact_tasks")["total_size"] == 1


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        ({"artifact_id": UNKNOWN, "task_id": "t"}, 404),
        ({"task_id": "t"}, 400),
        ({"task_id": "t", "type": "NONSENSE"}, 400),
        ({"task_id": "first", "producer": {"task_name": "other"}}, 409),
    ],
)
def test_a_batch_of_links_with_one_bad_is_refused_as_a_whole(api: Api, bad: dict[str, Any], status: int) -> None:
    artifact_id = api.artifact()["artifact_id"]
    first = {"artifact_id": artifact_id, "task_id": "first", "producer": {"task_name": "p"}}
    if status == 409 or "type" in bad:
        bad = {"artifact_id": artifact_id, **bad}

    reply = api.request("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": [first, bad]})

    assert reply.status == status
    assert error_of(reply)
    assert api.get("/artifact_tasks")["total_size"] == api.get("/tasks")["total_size"] == 0


@pytest.mark.parametrize("noun", ["artifacts", "artifact_tasks"])
@pytest.mark.parametrize("value", [[], None, "absent"])
def test_an_empty_batch_is_400(shared_api: Api, noun: str, value: Any) -> None:
    reply = shared_api.request("POST", f"/{noun}:batchCreate", {} if value == "absent" else {noun: value})

    assert (reply.status, fields_of(reply)) == (400, [noun])


@pytest.mark.parametrize("noun", ["artifacts", "artifact_tasks"])
def test_a_batch_that_is_no_list_is_400(shared_api: Api, noun: str) -> None:
    reply = shared_api.request("POST", f"/{noun}:batchCreate", {noun: {}})

    assert (reply.status, fields_of(reply)) == (400, [noun])


def test_a_batch_holds_a_thousand_items_and_no_more(shared_api: Api) -> None:
    items = [{"artifact": {"name": "x"}}] * 1_001

    made = shared_api.ok("POST", "/artifacts:batchCreate", {"artifacts": items[:1_000]})
    assert len(made["artifacts"]) == 1_000
    reply = shared_api.request("POST", "/artifacts:batchCreate", {"artifacts": items})
    assert (reply.status, fields_of(reply)) == (400, ["artifacts"])


@pytest.mark.parametrize(
    ("path", "good", "bad", "field"),
    [
        ("artifacts:batchCreate", {"artifact": {"name": "x"}}, {"run_id": "other"}, "artifacts[1].run_id"),
        (
            "artifacts:batchCreate",
            {"artifact": {"name": "x"}},
            {"artifact": {"name": "x", "namespace": "b"}},
            "artifacts[1].artifact.namespace",
        ),
        ("artifact_tasks:batchCreate", {"key": "k"}, {"key": "l", "run_id": "other"}, "artifact_tasks[1].run_id"),
        ("metrics:batchLog", {"name": "n", "value": 1}, {"run_id": "other"}, "metrics[1].run_id"),
        ("metrics:batchLog", {"name": "n", "value": 1}, {"namespace": "b"}, "metrics[1].namespace"),
    ],
)
def test_what_stands_beside_a_task_is_checked_each_time_that_a_batch_names_it(
    api: Api, path: str, good: dict[str, Any], bad: dict[str, Any], field: str
) -> None:
    api.task(task_id="in-a", namespace="a", run_id="run-a")
    item = good | {"task_id": "in-a"}
    if path.startswith("artifact_tasks"):
        item["artifact_id"] = api.artifact(namespace="a")["artifact_id"]

    reply = api.request("POST", f"/{path}", {path.partition(":")[0]: [item, item | bad]})

    assert (reply.status, fields_of(reply)) == (400, [field])


def test_a_link_is_found_again_among_thousands_between_its_task_and_its_artifact(api: Api) -> None:
    artifact_id = api.artifact()["artifact_id"]
    items = [{"artifact_id": artifact_id, "task_id": "t", "producer": {"iteration": n}} for n in range(5_000)]
    for first in range(0, 5_000, 1_000):
        made = api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": items[first : first + 1_000]})

    again = api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": [items[-1], items[-1] | {"key": "k"}]})

    assert again["artifact_tasks"][0] == made["artifact_tasks"][-1]
    assert api.get("/artifact_tasks")["total_size"] == 5_001
