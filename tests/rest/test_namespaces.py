"""Who may do what where (contract, Errors, create_artifact, log_metric, list_*, Companions)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rest.callers import ALL, READ, CallerApi, KnownCallers
from support import Api, Reply, error_of, fields_of, running_app

from artifactd.access import Verb
from artifactd.settings import Settings

ARTIFACT = {"artifact": {"name": "x"}}
METRIC = {"metric": {"task_id": "t", "name": "n", "value": 1}}


def outcome(reply: Reply) -> tuple[int, int]:
    return reply.status, error_of(reply)["code"]


def in_b(bob: Api) -> str:
    """Everything of the namespace b, by one artifact's id."""
    made = bob.artifact(request={"task_id": "tb", "run_id": "rb"})
    bob.metric(task_id="tb", name="n")
    return str(made["artifact_id"])


def reads_of(artifact_id: str) -> list[str]:
    return [
        f"/artifacts/{artifact_id}",
        "/metrics/tb/n",
        "/metric_history/tb/n",
        "/tasks/tb",
        "/runs/rb",
        f"/lineage?artifact_id={artifact_id}",
        "/lineage?task_id=tb",
        "/lineage?run_id=rb",
    ]


def test_without_credentials_everything_is_401(stranger: CallerApi) -> None:
    reply = stranger.request("GET", "/artifacts")

    assert outcome(reply) == (401, 16)
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_resource_that_the_caller_cannot_read_is_404_as_if_it_were_not(ann: CallerApi, bob: CallerApi) -> None:
    artifact_id = in_b(bob)

    for path in reads_of(artifact_id):
        assert bob.request("GET", path).status == 200
        hidden = ann.request("GET", path)
        assert outcome(hidden) == (404, 5)
        unknown = path.replace(artifact_id, "0" + artifact_id[1:]).replace("tb", "tz").replace("rb", "rz")
        if unknown != path:
            told = error_of(ann.request("GET", unknown))["message"]
            assert told.replace("tz", "tb").replace("rz", "rb") == error_of(hidden)["message"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/artifacts/{id}", {"name": "stolen"}),
        ("PATCH", "/tasks/tb", {"name": "stolen"}),
        ("PATCH", "/runs/rb", {"display_name": "stolen"}),
        ("POST", "/artifact_tasks", {"artifact_task": {"artifact_id": "{id}", "task_id": "mine"}}),
        ("POST", "/artifact_tasks", {"artifact_task": {"artifact_id": "{mine}", "task_id": "tb"}}),
        ("POST", "/metrics", {"metric": {"task_id": "tb", "name": "n", "value": 2}}),
        ("POST", "/metrics", {"metric": {"task_id": "mine", "name": "n", "value": 2, "run_id": "rb"}}),
        ("POST", "/artifacts", {"artifact": {"name": "x"}, "task_id": "tb"}),
        ("POST", "/artifacts", {"artifact": {"name": "x"}, "run_id": "rb"}),
        ("POST", "/tasks", {"task_id": "tb"}),
        ("POST", "/tasks", {"run_id": "rb"}),
        ("POST", "/tasks", {"parent_task_id": "tb"}),
        ("POST", "/tasks", {"inputs": {"k": {"artifact_ids": ["{id}"]}}}),
        ("POST", "/metrics:batchLog", {"metrics": [{"task_id": "tb", "name": "n", "value": 2}]}),
    ],
)
def test_writing_to_what_the_caller_cannot_read_is_404_and_changes_nothing(
    ann: CallerApi, bob: CallerApi, method: str, path: str, body: dict[str, Any]
) -> None:
    artifact_id, mine = in_b(bob), ann.artifact()["artifact_id"]
    before = [bob.request("GET", item).body for item in reads_of(artifact_id)]

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        return value.replace("{id}", artifact_id).replace("{mine}", mine) if isinstance(value, str) else value

    assert outcome(ann.request(method, filled(path), filled(body))) == (404, 5)
    assert [bob.request("GET", item).body for item in reads_of(artifact_id)] == before
    assert ann.get("/tasks")["total_size"] == 0
    assert ann.get("/artifacts")["total_size"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/artifacts", {"artifact": {"name": "x", "namespace": "b"}}),
        ("POST", "/artifacts:batchCreate", {"artifacts": [ARTIFACT, {"artifact": {"name": "x", "namespace": "b"}}]}),
        ("POST", "/metrics", {"metric": {**METRIC["metric"], "namespace": "b"}}),
        ("POST", "/tasks", {"namespace": "b"}),
        ("PATCH", "/runs/r", {"namespace": "b"}),
        ("GET", "/artifacts?namespace=b", None),
        ("GET", "/metrics?namespace=b", None),
        ("GET", "/tasks?namespace=b", None),
        ("GET", "/runs?namespace=b", None),
    ],
)
def test_a_named_namespace_that_is_not_the_callers_is_403(ann: CallerApi, method: str, path: str, body: Any) -> None:
    assert outcome(ann.request(method, path, body)) == (403, 7)
    assert ann.get("/artifacts")["total_size"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/artifacts/{id}", {"name": "y"}),
        ("PATCH", "/tasks/tb", {"name": "y"}),
        ("PATCH", "/runs/rb", {"display_name": "y"}),
    ],
)
def test_a_reader_who_may_not_write_gets_403(
    bob: CallerApi, known_callers: KnownCallers, method: str, path: str, body: Any
) -> None:
    artifact_id = in_b(bob)
    known_callers.grants["bob"] = {"b": READ}

    assert outcome(bob.request(method, path.replace("{id}", artifact_id), body)) == (403, 7)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/metrics", {"metric": {"task_id": "tb", "name": "n", "value": 2}}),
        ("/artifacts", {"artifact": {"name": "x"}, "task_id": "tb"}),
        ("/tasks", {"task_id": "tb"}),
    ],
)
def test_a_task_of_a_namespace_that_the_caller_cannot_write_is_404(
    bob: CallerApi, known_callers: KnownCallers, path: str, body: Any
) -> None:
    in_b(bob)
    known_callers.grants["bob"] = {"b": READ, "c": ALL}

    assert outcome(bob.request("POST", path, body)) == (404, 5)


@pytest.mark.parametrize(("path", "body"), [("/artifacts", ARTIFACT), ("/metrics", METRIC), ("/tasks", {})])
def test_a_caller_with_one_namespace_need_not_say_which(ann: CallerApi, path: str, body: Any) -> None:
    assert ann.ok("POST", path, body)["namespace"] == "a"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/artifacts", ARTIFACT, "artifact.namespace"),
        ("/metrics", METRIC, "metric.namespace"),
        ("/tasks", {}, "namespace"),
        ("/artifacts:batchCreate", {"artifacts": [ARTIFACT]}, "artifacts[0].artifact.namespace"),
        ("/metrics:batchLog", {"metrics": [METRIC["metric"]]}, "metrics[0].namespace"),
    ],
)
def test_a_caller_with_several_namespaces_must_say_which(eve: CallerApi, path: str, body: Any, field: str) -> None:
    reply = eve.request("POST", path, body)

    assert (reply.status, fields_of(reply)) == (400, [field])
    assert "a, b" in error_of(reply)["message"]


def test_a_caller_with_several_namespaces_need_not_say_which_for_a_known_task(eve: CallerApi) -> None:
    eve.task(task_id="t", namespace="b")

    assert eve.artifact(request={"task_id": "t"})["namespace"] == "b"
    assert eve.metric(task_id="t")["namespace"] == "b"


def test_a_caller_who_may_create_nowhere_gets_403(ann: CallerApi, known_callers: KnownCallers) -> None:
    known_callers.grants["ann"] = {"a": READ}

    assert outcome(ann.request("POST", "/artifacts", ARTIFACT)) == (403, 7)


@pytest.fixture
def root_with_default(database_url: str, known_callers: KnownCallers) -> Iterator[Api]:
    """A caller who may do everything everywhere, where a default namespace is set."""
    settings = Settings(port=0, access_log=False, default_namespace="default")
    with running_app(database_url, settings, authenticator=known_callers) as (url, _), CallerApi(url, "root") as api:
        yield api


@pytest.mark.parametrize(("path", "body"), [("/artifacts", ARTIFACT), ("/metrics", METRIC), ("/tasks", {})])
def test_a_caller_of_every_namespace_creates_in_the_default_one(root_with_default: Api, path: str, body: Any) -> None:
    assert root_with_default.ok("POST", path, body)["namespace"] == "default"


def test_the_default_namespace_is_empty_by_default(api: Api) -> None:
    assert api.artifact()["namespace"] == ""


NOUNS = [("/artifacts", "artifacts"), ("/metrics", "metrics"), ("/tasks", "tasks"), ("/runs", "runs")]
NOUNS += [("/artifact_tasks?type=OUTPUT", "artifact_tasks")]


@pytest.mark.parametrize(("path", "field"), NOUNS)
def test_lists_show_what_the_caller_may_list_with_its_total(
    eve: CallerApi, guarded_url: str, path: str, field: str
) -> None:
    for namespace in "aabbb":
        number = eve.get("/tasks")["total_size"]
        names = {"task_id": f"t{number}", "run_id": f"r{number}"}
        eve.artifact(namespace=namespace, request=names)
        eve.metric(**names)

    totals = {}
    for name in ("ann", "bob", "eve", "root"):
        with CallerApi(guarded_url, name) as api:
            answer = api.ok("GET", path)
            assert len(answer[field]) == answer["total_size"]
            totals[name] = answer["total_size"]
    assert totals == {"ann": 2, "bob": 3, "eve": 5, "root": 5}


def test_filtered_totals_count_what_the_caller_may_list(eve: CallerApi, ann: CallerApi) -> None:
    for namespace in "aabbb":
        eve.artifact(namespace=namespace, name=f"of {namespace}")
    query = {"filter": '{"predicates": [{"operation": "IS_SUBSTRING", "key": "name", "string_value": "of"}]}'}

    assert eve.get("/artifacts", **query)["total_size"] == 5
    assert ann.get("/artifacts", **query)["total_size"] == 2


def test_ids_of_another_namespace_find_nothing(ann: CallerApi, bob: CallerApi) -> None:
    artifact_id = in_b(bob)

    assert ann.get("/artifact_tasks", artifact_ids=artifact_id, type="OUTPUT")["artifact_tasks"] == []
    assert ann.get("/metrics", task_ids="tb")["total_size"] == 0
    assert ann.get("/tasks", run_id="rb")["total_size"] == 0


def test_a_page_token_shows_another_caller_nothing_of_its_namespace(ann: CallerApi, bob: CallerApi) -> None:
    for _ in range(3):
        bob.artifact()
    token = bob.get("/artifacts", page_size=1)["next_page_token"]

    assert ann.get("/artifacts", page_token=token)["artifacts"] == []


def test_a_page_token_of_a_namespace_that_is_not_the_callers_is_403(ann: CallerApi, bob: CallerApi) -> None:
    for _ in range(3):
        bob.artifact()
    token = bob.get("/artifacts", page_size=1, namespace="b")["next_page_token"]

    assert outcome(ann.request("GET", "/artifacts", query={"page_token": token})) == (403, 7)


def test_a_caller_who_may_list_nothing_sees_an_empty_list(bob: CallerApi, known_callers: KnownCallers) -> None:
    bob.artifact()
    known_callers.grants["bob"] = {}

    assert bob.get("/artifacts") == {"artifacts": [], "total_size": 0, "next_page_token": ""}


def test_reuse_if_exists_does_not_cross_namespaces(ann: CallerApi, bob: CallerApi) -> None:
    reuse = {"request": {"reuse_if_exists": True}}

    assert ann.artifact(**reuse)["artifact_id"] != bob.artifact(**reuse)["artifact_id"]


def test_a_walk_over_several_namespaces_is_in_order(eve: CallerApi) -> None:
    for number in range(9):
        eve.artifact(namespace="ab"[number % 2], name=str(number))

    walked = eve.walk("/artifacts", "artifacts", page_size=2, sort_by="name desc")

    assert [item["name"] for item in walked] == list("876543210")


def test_metrics_of_several_namespaces_are_in_the_order_of_first_logging(eve: CallerApi) -> None:
    for number in range(6):
        eve.metric(task_id=f"t{number}", namespace="ba"[number % 2])

    walked = eve.walk("/metrics", "metrics", page_size=4)

    assert [item["task_id"] for item in walked] == [f"t{number}" for number in range(6)]


def test_health_says_that_there_are_several_users(ann: CallerApi) -> None:
    assert ann.get("/healthz") == {"multi_user": True, "pipeline_store": "database"}


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_liveness_and_readiness_never_need_credentials(stranger: CallerApi, path: str) -> None:
    assert stranger.raw("GET", path).status == 200


@pytest.mark.parametrize("path", ["/metrics", "/openapi.json", "/apis/v2beta1/healthz"])
def test_everything_else_needs_credentials(stranger: CallerApi, ann: CallerApi, path: str) -> None:
    assert stranger.raw("GET", path).status == 401
    assert ann.raw("GET", path).status == 200


def test_a_caller_who_may_only_create_can_log(ann: CallerApi, known_callers: KnownCallers) -> None:
    known_callers.grants["ann"] = {"a": frozenset({Verb.CREATE})}

    assert ann.artifact(request={"task_id": "t"})["namespace"] == "a"
    assert ann.metric()["task_id"] == "t"
    assert ann.request("GET", "/metrics/t/loss").status == 404
    known_callers.grants["ann"] = {"a": ALL}
    assert ann.get("/metrics/t/loss")["task_id"] == "t"


def test_a_parent_shows_no_children_of_another_namespace(ann: CallerApi, bob: CallerApi) -> None:
    ann.task(task_id="child", parent_task_id="parent", pod_name="secret-pod")
    bob.task(task_id="parent")
    bob.task(task_id="own", parent_task_id="parent")

    assert [child["task_id"] for child in bob.get("/tasks/parent")["child_tasks"]] == ["own"]
    assert [task["task_id"] for task in bob.get("/tasks", parent_id="parent")["tasks"]] == ["own"]
    assert "secret-pod" not in str(bob.get("/tasks/parent"))
