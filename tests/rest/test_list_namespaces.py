"""The list of namespaces, with how much each holds."""

from __future__ import annotations

from support import Api


def test_namespaces_are_listed_by_name_with_what_they_hold(api: Api) -> None:
    api.artifact(name="iris", namespace="team-b")
    api.artifact(name="iris", namespace="team-a", request={"task_id": "t", "run_id": "r"})
    api.metric(task_id="t", name="loss")
    api.metric(task_id="t", name="loss")

    assert api.ok("GET", "/namespaces") == {
        "namespaces": [
            {"namespace": "team-a", "artifacts": 1, "metrics": 1, "runs": 1, "tasks": 1},
            {"namespace": "team-b", "artifacts": 1, "metrics": 0, "runs": 0, "tasks": 0},
        ],
        "total_size": 2,
        "next_page_token": "",
    }


def test_an_empty_store_has_no_namespace(api: Api) -> None:
    assert api.ok("GET", "/namespaces") == {"namespaces": [], "total_size": 0, "next_page_token": ""}


def test_a_walk_through_the_namespaces_sees_each_once(api: Api) -> None:
    names = ["", "a", "b", "c", "d"]
    for name in names:
        api.artifact(name="iris", **({"namespace": name} if name else {}))

    walked = api.walk("/namespaces", "namespaces", page_size=2)

    assert [item["namespace"] for item in walked] == names


def test_a_token_of_another_list_is_refused(api: Api) -> None:
    for number in range(2):
        api.artifact(name=f"iris-{number}")
    token = api.ok("GET", "/artifacts", query={"page_size": 1})["next_page_token"]

    assert api.request("GET", "/namespaces", query={"page_token": token}).status == 400
