"""total_size (contract, list_*)."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, filter_of

UNKNOWN = "00000000-0000-7000-8000-00000000ffff"


def fill(api: Api) -> None:
    """Ten artifacts, metrics, links, tasks and runs in each of two namespaces."""
    for number in range(20):
        namespace = "ab"[number % 2]
        names = {"task_id": f"t{number}", "run_id": f"r{number}"}
        api.artifact(namespace=namespace, name=f"n{number}", request={**names, "producer_key": f"n{number}"})
        api.metric(**names, name=f"n{number}", value=number)
        api.ok("PATCH", f"/tasks/t{number}", {"name": f"n{number}"})
        api.ok("PATCH", f"/runs/r{number}", {"display_name": f"n{number}"})


TEN_UP = {"operation": "IS_SUBSTRING", "string_value": "n1"}  # n1 and n10 to n19.
CASES: list[tuple[str, dict[str, Any], int]] = [
    ("/artifacts", {}, 20),
    ("/artifacts", {"namespace": "a"}, 10),
    ("/artifacts", {"namespace": "unknown"}, 0),
    ("/artifacts", {"filter": filter_of(TEN_UP | {"key": "name"})}, 11),
    ("/artifacts", {"filter": filter_of(TEN_UP | {"key": "name"}), "namespace": "a"}, 5),
    ("/artifacts", {"filter": "{}"}, 20),
    ("/metrics", {}, 20),
    ("/metrics", {"namespace": "b"}, 10),
    ("/metrics", {"task_ids": ["t1", "t2", "t2"]}, 2),
    ("/metrics", {"run_ids": ["r1"], "namespace": "a"}, 0),
    ("/metrics", {"filter": filter_of({"operation": "GREATER_THAN", "key": "value", "int_value": 15})}, 4),
    ("/artifact_tasks", {"type": "OUTPUT"}, 20),
    ("/artifact_tasks", {}, 0),
    ("/artifact_tasks", {"type": "UNSPECIFIED", "run_ids": ["r1", "r2", "x"]}, 2),
    ("/artifact_tasks", {"type": "OUTPUT", "filter": filter_of(TEN_UP | {"key": "key"})}, 11),
    ("/tasks", {}, 20),
    ("/tasks", {"namespace": "a", "filter": filter_of(TEN_UP | {"key": "name"})}, 5),
    ("/tasks", {"run_id": "r1"}, 1),
    ("/runs", {"namespace": "b"}, 10),
    ("/runs", {"filter": filter_of(TEN_UP | {"key": "display_name"})}, 11),
    ("/runs", {"experiment_id": "x"}, 0),
]


def test_totals_are_exact_on_every_page(api: Api) -> None:
    fill(api)

    for path, query, total in CASES:
        field = path[1:]
        found, token = 0, None
        while token != "":
            page = api.get(path, page_size=3, **query, **({"page_token": token} if token else {}))
            assert page["total_size"] == total, (path, query)
            found, token = found + len(page[field]), page["next_page_token"]
        assert found == total, (path, query)


def test_a_filtered_total_is_that_of_the_first_page(api: Api) -> None:
    fill(api)
    query = {"filter": filter_of(TEN_UP | {"key": "name"}), "page_size": 2}
    first = api.get("/artifacts", **query)
    api.artifact(name="n1 more")

    assert api.get("/artifacts", page_token=first["next_page_token"])["total_size"] == 11
    assert api.get("/artifacts", **query)["total_size"] == 12


def test_the_total_of_whole_namespaces_follows_every_write(api: Api) -> None:
    for total in (1, 2, 3):
        api.artifact()
        assert api.get("/artifacts")["total_size"] == total


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/artifacts", {"artifact": {"name": "x"}, "task_id": "in-a", "run_id": "other"}),
        ("/metrics", {"metric": {"task_id": "in-a", "name": "n", "value": 1, "namespace": "b"}}),
        ("/artifact_tasks", {"artifact_task": {"artifact_id": UNKNOWN, "task_id": "t"}}),
        ("/tasks", {"outputs": {"k": {"artifact_ids": [UNKNOWN]}}}),
    ],
)
def test_a_refused_write_counts_for_nothing(api: Api, path: str, body: Any) -> None:
    api.task(task_id="in-a", namespace="a")
    lists = ["/artifacts", "/metrics", "/artifact_tasks?type=UNSPECIFIED", "/tasks", "/runs"]
    before = [api.ok("GET", item)["total_size"] for item in lists]

    assert api.request("POST", path, body).status >= 400
    assert [api.ok("GET", item)["total_size"] for item in lists] == before


def test_what_is_not_made_anew_is_not_counted_again(api: Api) -> None:
    for _ in range(2):
        made = api.artifact(name="x", request={"reuse_if_exists": True, "task_id": "t", "run_id": "r"})
        api.link(artifact_id=made["artifact_id"], task_id="t")
        api.metric(task_id="t")
        api.task(task_id="t", run_id="r", name="n")
        api.ok("PATCH", "/runs/r", {})

    lists = ["/artifacts", "/metrics", "/artifact_tasks?type=INPUT", "/artifact_tasks?type=OUTPUT", "/tasks", "/runs"]
    assert [api.ok("GET", item)["total_size"] for item in lists] == [1] * 6
