"""create_artifact_task and list_artifact_tasks (contract, list_artifact_tasks, Companions)."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, error_of, fields_of

from artifactd.model import INPUT_TYPES, OUTPUT_TYPES, ArtifactTaskType

UNKNOWN = "00000000-0000-7000-8000-00000000ffff"
INPUTS = [
    "INPUT", "COMPONENT_DEFAULT_INPUT", "TASK_OUTPUT_INPUT", "COMPONENT_INPUT", "RUNTIME_VALUE_INPUT",
    "COLLECTED_INPUTS", "ITERATOR_INPUT", "ITERATOR_INPUT_RAW",
]  # fmt: skip
OUTPUTS = ["OUTPUT", "ITERATOR_OUTPUT", "ONE_OF_OUTPUT", "TASK_FINAL_STATUS_OUTPUT"]


@pytest.fixture
def artifact_id(shared_api: Api) -> str:
    """An artifact without links."""
    return str(shared_api.artifact()["artifact_id"])


def send(api: Api, **fields: Any) -> Any:
    return api.request("POST", "/artifact_tasks", {"artifact_task": fields})


def links_of(api: Api, **query: Any) -> list[Any]:
    answer = api.get("/artifact_tasks", **query)
    assert answer["total_size"] == len(answer["artifact_tasks"])
    return list(answer["artifact_tasks"])


def test_the_tests_know_every_kind_of_link() -> None:
    assert (set(INPUTS), set(OUTPUTS)) == (set(INPUT_TYPES), set(OUTPUT_TYPES))


def test_a_link_answers_what_was_sent(shared_api: Api, artifact_id: str) -> None:
    sent: dict[str, Any]
    sent = {"artifact_id": artifact_id, "task_id": "t", "type": "OUTPUT", "key": "model", "run_id": "r"}
    sent |= {"producer": {"task_name": "train", "iteration": "3"}}

    made = shared_api.link(**sent)

    assert made | sent == made
    assert set(made) == {*sent, "id", "created_at"}


def test_a_link_carries_its_ids_type_and_time(shared_api: Api, artifact_id: str) -> None:
    made = shared_api.link(artifact_id=artifact_id, task_id="t2")

    assert set(made) == {"id", "artifact_id", "task_id", "type", "created_at"}
    assert made["type"] == "INPUT"


@pytest.mark.parametrize("kind", list(ArtifactTaskType))
def test_every_kind_of_link_is_returned_as_given(shared_api: Api, artifact_id: str, kind: str) -> None:
    assert shared_api.link(artifact_id=artifact_id, task_id="t3", type=kind)["type"] == kind


@pytest.mark.parametrize("bad", ["UNSPECIFIED", "input", "", 0, 1, "1", True])
def test_create_artifact_task_refuses_another_kind(shared_api: Api, artifact_id: str, bad: Any) -> None:
    reply = send(shared_api, artifact_id=artifact_id, task_id="t", type=bad)

    assert (reply.status, fields_of(reply)) == (400, ["artifact_task.type"])


@pytest.mark.parametrize(("iteration", "shown"), [(0, "0"), ("0", "0"), (7, "7"), ((1 << 63) - 1, str((1 << 63) - 1))])
def test_an_iteration_comes_in_as_number_or_string_and_goes_out_as_string(
    shared_api: Api, artifact_id: str, iteration: Any, shown: str
) -> None:
    made = shared_api.link(artifact_id=artifact_id, task_id="t", producer={"iteration": iteration})

    assert made["producer"] == {"iteration": shown}


@pytest.mark.parametrize("bad", [-1, "-1", "x", "", 1.5, True, 1 << 63, str(1 << 63), "9" * 30, [1]])
def test_create_artifact_task_refuses_a_bad_iteration(shared_api: Api, artifact_id: str, bad: Any) -> None:
    reply = send(shared_api, artifact_id=artifact_id, task_id="t", producer={"iteration": bad})

    assert (reply.status, fields_of(reply)) == (400, ["artifact_task.producer.iteration"])


@pytest.mark.parametrize("field", ["artifact_id", "task_id"])
def test_create_artifact_task_needs_an_artifact_and_a_task(shared_api: Api, artifact_id: str, field: str) -> None:
    reply = send(shared_api, **{"artifact_id": artifact_id, "task_id": "t", field: None})

    assert (reply.status, fields_of(reply)) == (400, [f"artifact_task.{field}"])


@pytest.mark.parametrize("body", [{}, {"artifact_task": None}])
def test_create_artifact_task_needs_a_link(shared_api: Api, body: Any) -> None:
    reply = shared_api.request("POST", "/artifact_tasks", body)

    assert (reply.status, fields_of(reply)) == (400, ["artifact_task"])


@pytest.mark.parametrize(
    ("field", "bad"), [("id", UNKNOWN), ("key", "k" * 257), ("run_id", "a b"), ("task_id", "a/b"), ("namespace", "a")]
)
def test_create_artifact_task_refuses_a_bad_field(shared_api: Api, artifact_id: str, field: str, bad: str) -> None:
    reply = send(shared_api, **{"artifact_id": artifact_id, "task_id": "t", field: bad})

    assert (reply.status, fields_of(reply)) == (400, [f"artifact_task.{field}"])


def test_create_artifact_task_ignores_created_at(shared_api: Api, artifact_id: str) -> None:
    made = shared_api.link(artifact_id=artifact_id, task_id="t", created_at="1999-01-01T00:00:00Z")

    assert made["created_at"] > "2025"


@pytest.mark.parametrize("artifact_id", [UNKNOWN, "nonsense"])
def test_a_link_to_an_unknown_artifact_is_404_and_makes_no_task(shared_api: Api, artifact_id: str) -> None:
    reply = send(shared_api, artifact_id=artifact_id, task_id="never")

    assert (reply.status, error_of(reply)["code"]) == (404, 5)
    assert shared_api.request("GET", "/tasks/never").status == 404


def test_a_link_to_an_unknown_task_makes_a_stub_in_the_artifacts_namespace(shared_api: Api) -> None:
    made = shared_api.artifact(namespace="team")

    shared_api.link(artifact_id=made["artifact_id"], task_id="stub", run_id="stub-run")

    task = shared_api.get("/tasks/stub")
    assert (task["namespace"], task["run_id"]) == ("team", "stub-run")


def test_a_link_across_namespaces_is_400(shared_api: Api, artifact_id: str) -> None:
    shared_api.task(task_id="elsewhere", namespace="elsewhere")

    reply = send(shared_api, artifact_id=artifact_id, task_id="elsewhere")

    assert (reply.status, fields_of(reply)) == (400, ["artifact_task.artifact_id"])


def test_a_link_with_another_run_than_the_tasks_is_400(shared_api: Api, artifact_id: str) -> None:
    shared_api.task(task_id="in-run", run_id="one")

    reply = send(shared_api, artifact_id=artifact_id, task_id="in-run", run_id="two")

    assert (reply.status, fields_of(reply)) == (400, ["artifact_task.run_id"])


def test_the_same_link_again_returns_the_one_that_exists(shared_api: Api, artifact_id: str) -> None:
    sent = {"artifact_id": artifact_id, "task_id": "t", "key": "k", "producer": {"task_name": "p", "iteration": 1}}
    first = shared_api.link(**sent)

    assert shared_api.link(**sent) == first
    assert shared_api.link(**sent | {"producer": {"iteration": "1"}}) == first
    assert len(links_of(shared_api, artifact_ids=artifact_id)) == 1


@pytest.mark.parametrize(
    "other",
    [{"type": "OUTPUT"}, {"key": "other"}, {"key": ""}, {"task_id": "t9"}, {"producer": {"iteration": 1}}],
    ids=str,
)
def test_type_key_task_and_iteration_make_another_link(
    shared_api: Api, artifact_id: str, other: dict[str, Any]
) -> None:
    sent = {"artifact_id": artifact_id, "task_id": "t", "key": "k"}
    first = shared_api.link(**sent)

    assert shared_api.link(**sent | other)["id"] != first["id"]
    assert len(links_of(shared_api, artifact_ids=artifact_id, type="UNSPECIFIED")) == 2


@pytest.mark.parametrize("other", [{"producer": {"task_name": "other"}}, {"run_id": "other"}], ids=str)
def test_the_same_link_with_another_producer_or_run_is_409(
    shared_api: Api, artifact_id: str, other: dict[str, Any]
) -> None:
    sent = {"artifact_id": artifact_id, "task_id": "tr", "run_id": "rr", "producer": {"task_name": "p"}}
    shared_api.link(**sent)

    reply = send(shared_api, **sent | other)

    assert (reply.status, error_of(reply)["code"]) == (409, 6)


def test_a_link_gets_the_run_that_its_task_turned_out_to_belong_to(shared_api: Api, artifact_id: str) -> None:
    shared_api.link(artifact_id=artifact_id, task_id="adopted")
    shared_api.task(task_id="adopted", run_id="adopting")

    assert links_of(shared_api, run_ids="adopting")[0]["artifact_id"] == artifact_id


def three_kinds(api: Api, artifact_id: str) -> None:
    for kind in ("INPUT", "ITERATOR_INPUT", "OUTPUT", "ONE_OF_OUTPUT"):
        api.link(artifact_id=artifact_id, task_id="kinds", type=kind)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({}, {"INPUT", "ITERATOR_INPUT"}),
        ({"type": ""}, {"INPUT", "ITERATOR_INPUT"}),
        ({"type": "INPUT"}, {"INPUT", "ITERATOR_INPUT"}),
        ({"type": "OUTPUT"}, {"OUTPUT", "ONE_OF_OUTPUT"}),
        ({"type": "UNSPECIFIED"}, {"INPUT", "ITERATOR_INPUT", "OUTPUT", "ONE_OF_OUTPUT"}),
        ({"type": "ITERATOR_INPUT"}, {"ITERATOR_INPUT"}),
        ({"type": "ONE_OF_OUTPUT"}, {"ONE_OF_OUTPUT"}),
        ({"type": "COLLECTED_INPUTS"}, set()),
    ],
)
def test_type_says_which_links_are_listed(
    shared_api: Api, artifact_id: str, query: dict[str, str], kinds: set[str]
) -> None:
    three_kinds(shared_api, artifact_id)

    assert {link["type"] for link in links_of(shared_api, artifact_ids=artifact_id, **query)} == kinds


@pytest.mark.parametrize("kind", INPUTS)
def test_every_input_kind_is_listed_as_an_input(shared_api: Api, artifact_id: str, kind: str) -> None:
    shared_api.link(artifact_id=artifact_id, task_id="t", type=kind)

    assert len(links_of(shared_api, artifact_ids=artifact_id)) == 1
    assert len(links_of(shared_api, artifact_ids=artifact_id, type="OUTPUT")) == 0


@pytest.mark.parametrize("kind", OUTPUTS)
def test_every_output_kind_is_listed_as_an_output(shared_api: Api, artifact_id: str, kind: str) -> None:
    shared_api.link(artifact_id=artifact_id, task_id="t", type=kind)

    assert len(links_of(shared_api, artifact_ids=artifact_id)) == 0
    assert len(links_of(shared_api, artifact_ids=artifact_id, type="OUTPUT")) == 1


@pytest.mark.parametrize("bad", ["input", "1", "0", "BOTH", "%F0%9F%9A%80"])
def test_list_artifact_tasks_refuses_another_type(shared_api: Api, bad: str) -> None:
    reply = shared_api.raw("GET", f"/apis/v2beta1/artifact_tasks?type={bad}")

    assert (reply.status, fields_of(reply)) == (400, ["type"])


def test_totals_without_a_filter_count_the_type_that_is_listed(api: Api) -> None:
    three_kinds(api, api.artifact()["artifact_id"])

    totals = {kind: api.get("/artifact_tasks", type=kind)["total_size"] for kind in ("INPUT", "ONE_OF_OUTPUT")}
    assert totals == {"INPUT": 2, "ONE_OF_OUTPUT": 1}
    assert api.get("/artifact_tasks", type="UNSPECIFIED")["total_size"] == 4


def test_id_lists_are_anded_with_each_other_and_ored_within(api: Api) -> None:
    first, second = (api.artifact()["artifact_id"] for _ in range(2))
    for task_id, run_id in (("t1", "r1"), ("t2", "r1"), ("t3", "r2")):
        for artifact_id in (first, second):
            api.link(artifact_id=artifact_id, task_id=task_id, run_id=run_id)

    def found(**query: Any) -> list[tuple[str, bool]]:
        return [(link["task_id"], link["artifact_id"] == first) for link in links_of(api, **query)]

    assert len(found()) == 6
    assert found(task_ids=["t1", "t3"], artifact_ids=first) == [("t1", True), ("t3", True)]
    assert found(run_ids="r2") == [("t3", True), ("t3", False)]
    assert found(run_ids=["r1", "r2"], task_ids=["t2"], artifact_ids=[first, second]) == [("t2", True), ("t2", False)]
    assert found(run_ids="r2", task_ids="t1") == []
    assert found(artifact_ids=[UNKNOWN, "nonsense"]) == []


def test_links_are_listed_by_time_whatever_their_kind(api: Api) -> None:
    artifact_id = api.artifact()["artifact_id"]
    kinds = ["OUTPUT", "INPUT", "ITERATOR_OUTPUT", "COMPONENT_INPUT"]
    for kind in kinds:
        api.link(artifact_id=artifact_id, task_id="t", type=kind)

    walked = api.walk("/artifact_tasks", "artifact_tasks", type="UNSPECIFIED", page_size=1)

    assert [link["type"] for link in walked] == kinds


def test_list_artifact_tasks_takes_no_namespace(shared_api: Api) -> None:
    reply = shared_api.request("GET", "/artifact_tasks", query={"namespace": "a"})

    assert (reply.status, fields_of(reply)) == (400, ["namespace"])


@pytest.mark.parametrize("name", ["task_ids", "run_ids", "artifact_ids"])
def test_an_id_list_holds_a_thousand_ids_and_no_more(shared_api: Api, name: str) -> None:
    assert shared_api.request("GET", "/artifact_tasks", query={name: ["x"] * 1_000}).status == 200
    reply = shared_api.request("GET", "/artifact_tasks", query={name: ["x"] * 1_001})
    assert (reply.status, fields_of(reply)) == (400, [name])


def test_all_id_lists_may_be_full(shared_api: Api) -> None:
    ids = [f"x{number}" for number in range(1_000)]

    query = {"task_ids": ids, "run_ids": ids, "artifact_ids": ids}

    assert shared_api.request("GET", "/artifact_tasks", query=query).json["artifact_tasks"] == []
