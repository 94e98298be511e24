"""Pages and their tokens (contract, list_*)."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import pytest
from engines.databases import Databases
from support import Api, Clock, fields_of, filter_of, running_app

from artifactd.listing import Position
from artifactd.wire.page_tokens import encode_page_token

LISTS = [("/artifacts", "artifacts"), ("/metrics", "metrics"), ("/tasks", "tasks"), ("/runs", "runs")]
LISTS += [("/artifact_tasks", "artifact_tasks")]
# Issued by the first build: by name descending, without the name x, behind the name b; and behind the first metric.
EARLIER_ARTIFACTS = (
    "tBjlMzE1eAEtjUELgkAUhP9KzPkJejK8degWRVQnV2TVZyyZyu4rEvG_tyvOYYb54M3LE4K2YlpdiwPNcIOVspqQoddv3jXsahBa0wlbD2eF0XJj"
    "ai3sFLLcg2Fkq8UMve8K58u9PF4fh9NNgRRePK04rK3AiTX9s_zq7uOBP_gpLMWChWLKUfln8aYoZJQG2wcLdVOCgtLiD-tXOKU"
)
EARLIER_METRICS = "3vwlvSAmeAGLNtRRyk0tKcpMLlbSqa7VMdCJNozVySvNyYkFAHfTCM0"
NAMED = filter_of({"operation": "IS_SUBSTRING", "key": "name", "string_value": "a"})


@pytest.fixture(scope="module")
def full_api(engine: str, databases: Databases) -> Iterator[Api]:
    """A client of a store with 205 items of every noun, for tests that only read."""
    clock = Clock()
    with databases.empty_store(engine) as store, running_app(store, clock=clock) as (url, _):
        api = Api(url, clock)
        hub = api.artifact(name="a")["artifact_id"]
        numbers = range(205)
        api.ok("POST", "/artifacts:batchCreate", {"artifacts": [{"artifact": {"name": f"a{n}"}} for n in numbers[1:]]})
        points = [{"task_id": f"t{n}", "run_id": f"r{n}", "name": "a", "value": n} for n in numbers]
        api.ok("POST", "/metrics:batchLog", {"metrics": points})
        links = [{"artifact_id": hub, "task_id": f"t{n}", "key": "a"} for n in numbers]
        api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links})
        yield api
        api.close()


def refusal(api: Api, path: str, **query: Any) -> list[str]:
    reply = api.request("GET", path, query=query)
    assert reply.status == 400, reply
    return fields_of(reply)


@pytest.mark.parametrize(("path", "field"), LISTS)
@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 20), ({"page_size": 0}, 20), ({"page_size": 1}, 1), ({"page_size": 200}, 200), ({"page_size": 201}, 200),
     ({"page_size": 1 << 62}, 200)],
)  # fmt: skip
def test_a_page_holds_20_by_default_and_200_at_most(
    full_api: Api, path: str, field: str, query: dict[str, int], count: int
) -> None:
    answer = full_api.get(path, **query)

    assert (len(answer[field]), answer["total_size"], bool(answer["next_page_token"])) == (count, 205, True)


@pytest.mark.parametrize(("path", "field"), LISTS)
@pytest.mark.parametrize("page_size", [1, 7, 41, 200])
def test_a_walk_sees_every_item_once_in_one_order(full_api: Api, path: str, field: str, page_size: int) -> None:
    walked = full_api.walk(path, field, page_size=page_size)

    assert len(walked) == 205
    assert walked == full_api.walk(path, field, page_size=100)
    assert len({repr(sorted(item.items())) for item in walked}) == 205


@pytest.mark.parametrize(("path", "field"), LISTS)
def test_the_last_page_has_no_token(full_api: Api, path: str, field: str) -> None:
    first = full_api.get(path, page_size=200)

    last = full_api.get(path, page_token=first["next_page_token"])

    assert (len(last[field]), last["total_size"], last["next_page_token"]) == (5, 205, "")


def test_a_page_that_is_just_full_is_the_last(api: Api) -> None:
    for _ in range(2):
        api.artifact()

    assert api.get("/artifacts", page_size=2)["next_page_token"] == ""


def test_page_size_may_change_during_a_walk(full_api: Api) -> None:
    token = full_api.get("/artifacts", page_size=3)["next_page_token"]

    assert len(full_api.get("/artifacts", page_size=50, page_token=token)["artifacts"]) == 50
    assert len(full_api.get("/artifacts", page_token=token)["artifacts"]) == 20


BOUND: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/artifacts", {"sort_by": "name desc"}, {"sort_by": "name"}),
    ("/artifacts", {}, {"sort_by": "name"}),
    ("/artifacts", {"filter": NAMED}, {"filter": NAMED.replace('"a"', '"1"')}),
    ("/artifacts", {}, {"filter": NAMED}),
    ("/artifacts", {}, {"namespace": "b"}),
    ("/metrics", {"task_ids": ["t1", "t2"]}, {"task_ids": ["t1"]}),
    ("/metrics", {"run_ids": ["r1", "r2"]}, {"run_ids": ["r1", "r3"]}),
    ("/metrics", {}, {"run_ids": ["r1"]}),
    ("/artifact_tasks", {}, {"type": "OUTPUT"}),
    ("/artifact_tasks", {"task_ids": ["t1", "t2"]}, {"artifact_ids": ["x"]}),
    ("/tasks", {"order_by": "name"}, {"order_by": "name desc"}),
    ("/tasks", {}, {"parent_id": "x"}),
    ("/tasks", {}, {"run_id": "x"}),
    ("/runs", {}, {"experiment_id": "x"}),
]


@pytest.mark.parametrize(("path", "first", "other"), BOUND, ids=str)
def test_a_token_is_bound_to_the_parameters_it_was_issued_for(
    full_api: Api, path: str, first: dict[str, Any], other: dict[str, Any]
) -> None:
    token = full_api.get(path, page_size=1, **first)["next_page_token"]

    assert token
    assert refusal(full_api, path, page_token=token, **other) == list(other)


@pytest.mark.parametrize(("path", "first"), [(path, first) for path, first, _ in BOUND], ids=str)
def test_with_a_token_the_other_parameters_may_be_left_out(full_api: Api, path: str, first: dict[str, Any]) -> None:
    token = full_api.get(path, page_size=1, **first)["next_page_token"]

    alone = full_api.get(path, page_size=1, page_token=token)

    assert alone == full_api.get(path, page_size=1, page_token=token, **first)


@pytest.mark.parametrize("path", [path for path, _ in LISTS])
def test_a_token_of_another_list_is_400(full_api: Api, path: str) -> None:
    for other, _ in LISTS:
        token = full_api.get(other, page_size=1)["next_page_token"]
        if other != path:
            assert refusal(full_api, path, page_token=token) == ["page_token"]


@pytest.mark.parametrize(
    "token",
    ["x", "é", "=", "AAAA", "a" * 3_000, "..", "null", "eyJhIjoxfQ==", " ", "0", "-1", "🚀", "' OR 1=1 --", "%", "\n"],
)
def test_what_is_no_token_is_400(shared_api: Api, token: str) -> None:
    assert refusal(shared_api, "/artifacts", page_token=token) == ["page_token"]


def test_a_token_that_is_cut_or_edited_is_400(full_api: Api) -> None:
    token = full_api.get("/artifacts", page_size=1, sort_by="name")["next_page_token"]

    for end in range(1, len(token)):
        assert refusal(full_api, "/artifacts", page_token=token[:end]) == ["page_token"]
    for place in range(0, len(token) - 1, 3):
        letter = next(item for item in string.ascii_letters if item != token[place])
        edited = token[:place] + letter + token[place + 1 :]
        assert refusal(full_api, "/artifacts", page_token=edited) == ["page_token"]


def test_a_token_carries_no_sql(full_api: Api) -> None:
    token = full_api.get("/artifacts", page_size=1, sort_by="name", filter=NAMED)["next_page_token"]

    assert all(letter in string.ascii_letters + string.digits + "-_" for letter in token)


FORGED: list[tuple[dict[str, Any], Position]] = [
    ({}, Position(0, ())),
    ({}, Position(0, (1,))),
    ({}, Position(0, (1, "x", 2))),
    ({}, Position(1, (1, "x"))),
    ({}, Position(-1, (1, "x"))),
    ({}, Position(1 << 70, (1, "x"))),
    ({}, Position(0, (1 << 70, "x"))),
    ({"sort_by": "nonsense"}, Position(0, (1, "x"))),
    ({"filter": "nonsense"}, Position(0, (1, "x"))),
    ({"namespace": ["a"]}, Position(0, (1, "x"))),
    ({"sort_by": ["name"]}, Position(0, (1, "x"))),
    ({"task_ids": ["t"]}, Position(0, (1, "x"))),
    ({"nonsense": "x"}, Position(0, (1, "x"))),
    ({"sort_by": "number_value"}, Position(0, (1, "x"))),
]


@pytest.mark.parametrize(("parameters", "position"), FORGED, ids=str)
def test_a_token_that_somebody_made_up_is_400(shared_api: Api, parameters: dict[str, Any], position: Position) -> None:
    refusal(shared_api, "/artifacts", page_token=encode_page_token("artifacts", parameters, position, None))


@pytest.mark.parametrize("ids", ["t1", [], ["x"] * 1_001])
def test_a_made_up_list_of_ids_is_400(shared_api: Api, ids: Any) -> None:
    token = encode_page_token("metrics", {"task_ids": ids}, Position(0, (1,)), None)

    assert refusal(shared_api, "/metrics", page_token=token) == ["page_token"]


@pytest.mark.parametrize("position", [Position(0, ("x",)), Position(0, (1 << 70, 1)), Position(0, (1.5, 1))])
def test_a_made_up_token_of_a_history_is_400(shared_api: Api, position: Position) -> None:
    shared_api.metric()
    token = encode_page_token("metric_history", {"task_id": "t", "name": "loss"}, position, None)

    assert refusal(shared_api, "/metric_history/t/loss", page_token=token) == ["page_token"]


def test_a_position_of_odd_types_is_no_fault_of_the_server(shared_api: Api) -> None:
    for values in ((1, "x"), ("x", "x"), (1.5, "x"), (1, 2)):
        token = encode_page_token("artifacts", {}, Position(0, values), None)
        assert shared_api.request("GET", "/artifacts", query={"page_token": token}).status in (200, 400)


@pytest.mark.parametrize("sort_by", ["name", "name desc", "created_at", "created_at desc", "id desc", "number_value"])
def test_a_walk_sees_what_does_not_change_once_whatever_else_is_written(api: Api, sort_by: str) -> None:
    kept = [
        api.artifact(name=f"k{n % 3}", **({"number_value": n % 4} if n % 2 else {}))["artifact_id"] for n in range(30)
    ]
    seen: list[str] = []
    query: dict[str, Any] = {"sort_by": sort_by, "page_size": 4}
    while query.get("page_token") != "":
        page = api.get("/artifacts", **query)
        seen += [item["artifact_id"] for item in page["artifacts"]]
        query["page_token"] = page["next_page_token"]
        if len(seen) < 60:
            for name in ("a", "k1", "z"):
                api.artifact(name=name, number_value=1)
        api.ok("PUT", f"/artifacts/{kept[0]}", {"metadata": {"seen": len(seen)}})

    assert len(seen) == len(set(seen))
    assert set(kept) <= set(seen)


def test_a_token_of_an_earlier_build_is_good(api: Api) -> None:
    for name in "abcx":
        api.artifact(name=name)
        api.metric(name=name)

    rest = api.get("/artifacts", page_token=EARLIER_ARTIFACTS)
    assert ([item["name"] for item in rest["artifacts"]], rest["total_size"]) == (["a"], 7)
    assert [item["name"] for item in api.get("/metrics", page_token=EARLIER_METRICS)["metrics"]] == ["b", "c", "x"]


def test_a_token_is_good_on_every_replica(database_url: str) -> None:
    with running_app(database_url) as (first_url, _), running_app(database_url) as (second_url, _):
        first, second = Api(first_url), Api(second_url)
        for name in "abc":
            first.artifact(name=name)
        token = first.get("/artifacts", page_size=1)["next_page_token"]
        rest = second.get("/artifacts", page_token=token)["artifacts"]
        first.close()
        second.close()

    assert [item["name"] for item in rest] == ["b", "c"]
