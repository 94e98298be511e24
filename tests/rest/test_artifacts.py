"""create_artifact, get_artifact and their message (contract, create_artifact)."""

from __future__ import annotations

import re
import socket
import threading
from typing import Any

import pytest
from support import Api, error_of, fields_of

from artifactd.model import ArtifactType

UNKNOWN = "00000000-0000-7000-8000-00000000ffff"
EMOJI = "\N{ROCKET}"
FULL = {
    "name": "iris",
    "type": "Model",
    "uri": "s3://bucket/iris",
    "description": "a model",
    "metadata": {"framework": "sklearn", "deep": {"list": [1, None, {"a": True}]}},
    "number_value": 0.5,
}


def refusal(api: Api, artifact: dict[str, Any], **request: Any) -> list[str]:
    reply = api.request("POST", "/artifacts", {"artifact": artifact, **request})
    assert reply.status == 400, reply
    return fields_of(reply)


def test_create_artifact_answers_what_was_sent(shared_api: Api) -> None:
    made = shared_api.artifact(**FULL)

    assert {name: made[name] for name in FULL} == FULL


def test_get_artifact_answers_what_create_artifact_answered(shared_api: Api) -> None:
    made = shared_api.artifact(**FULL)

    assert shared_api.get(f"/artifacts/{made['artifact_id']}") == made


def test_an_artifact_omits_what_is_unset_but_carries_its_id_namespace_type_and_times(shared_api: Api) -> None:
    made = shared_api.artifact(name="bare")

    assert set(made) == {"artifact_id", "name", "type", "created_at", "updated_at", "namespace"}
    assert made["namespace"] == ""


def test_an_artifact_without_a_type_is_an_artifact(shared_api: Api) -> None:
    assert shared_api.artifact()["type"] == "Artifact"


@pytest.mark.parametrize("name", list(ArtifactType))
def test_every_artifact_type_comes_back_by_its_name(shared_api: Api, name: str) -> None:
    assert shared_api.artifact(type=name)["type"] == name


@pytest.mark.parametrize("bad", ["TYPE_UNSPECIFIED", "model", "MODEL", "", 1, 0, "1", True, [], {}])
def test_create_artifact_refuses_another_type(shared_api: Api, bad: Any) -> None:
    assert refusal(shared_api, {"name": "x", "type": bad}) == ["artifact.type"]


def test_the_id_is_a_uuid_in_textual_form(api: Api) -> None:
    pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    assert re.fullmatch(pattern, api.artifact()["artifact_id"])


def test_names_need_not_be_unique(shared_api: Api) -> None:
    first, second = shared_api.artifact(name="twin"), shared_api.artifact(name="twin")

    assert first["artifact_id"] != second["artifact_id"]


def test_create_artifact_refuses_an_id_from_the_client(shared_api: Api) -> None:
    assert refusal(shared_api, {"name": "x", "artifact_id": UNKNOWN}) == ["artifact.artifact_id"]


def test_create_artifact_ignores_created_at_from_the_client(shared_api: Api) -> None:
    made = shared_api.artifact(created_at="2001-01-01T00:00:00Z", updated_at="nonsense")

    assert made["created_at"] == made["updated_at"] > "2025"


def test_created_at_and_updated_at_are_the_servers_clock_to_the_microsecond(api: Api) -> None:
    made = api.artifact()

    assert made["created_at"] == made["updated_at"] == "2025-10-09T08:53:20.000001Z"


@pytest.mark.parametrize("body", [{}, {"artifact": None}, {"artifact": {}}, {"artifact": {"name": None}}])
def test_create_artifact_needs_an_artifact_with_a_name(shared_api: Api, body: Any) -> None:
    reply = shared_api.request("POST", "/artifacts", body)

    assert reply.status == 400
    assert fields_of(reply) == ["artifact.name" if body.get("artifact") is not None else "artifact"]


@pytest.mark.parametrize(
    ("field", "length"), [("name", 256), ("uri", 2_048), ("description", 4_096), ("namespace", 63)]
)
@pytest.mark.parametrize("letter", ["a", EMOJI])
def test_texts_may_be_as_long_as_their_limit_in_code_points(
    shared_api: Api, field: str, length: int, letter: str
) -> None:
    assert shared_api.artifact(**{field: letter * length})[field] == letter * length


@pytest.mark.parametrize(
    ("field", "length"), [("name", 257), ("uri", 2_049), ("description", 4_097), ("namespace", 64), ("name", 0)]
)
def test_create_artifact_refuses_texts_beyond_their_limit(shared_api: Api, field: str, length: int) -> None:
    assert refusal(shared_api, {"name": "x", field: EMOJI * length}) == [f"artifact.{field}"]


def test_one_refusal_names_every_bad_field(shared_api: Api) -> None:
    bad = {"name": "", "type": "Nonsense", "uri": "u" * 2_049}

    assert set(refusal(shared_api, bad)) == {"artifact.name", "artifact.type", "artifact.uri"}


WRONG: list[tuple[str, Any]]
WRONG = [(field, bad) for field in ("name", "uri", "description", "namespace") for bad in (True, 5, [1], {"a": 1})]
WRONG += [("metadata", bad) for bad in (True, 5, [1], "{}")]
WRONG += [("number_value", bad) for bad in (True, "5", "NaN", [1], {"a": 1})]


@pytest.mark.parametrize(("field", "bad"), WRONG, ids=str)
def test_create_artifact_refuses_a_wrong_json_type(shared_api: Api, field: str, bad: Any) -> None:
    assert refusal(shared_api, {"name": "x", field: bad}) == [f"artifact.{field}"]


def metadata_of(size: int) -> dict[str, str]:
    return {"a": "x" * (size - len('{"a":""}'))}


def test_metadata_may_have_one_mebibyte_of_json(shared_api: Api) -> None:
    assert shared_api.artifact(metadata=metadata_of(1 << 20))["metadata"] == metadata_of(1 << 20)


def test_create_artifact_refuses_metadata_over_one_mebibyte(shared_api: Api) -> None:
    assert refusal(shared_api, {"name": "x", "metadata": metadata_of((1 << 20) + 1)}) == ["artifact.metadata"]


def test_the_size_of_metadata_is_counted_in_bytes(shared_api: Api) -> None:
    half = "é" * (1 << 19)

    assert refusal(shared_api, {"name": "x", "metadata": {"a": half}}) == ["artifact.metadata"]


@pytest.mark.parametrize("value", [0.0, -0.5, 1e300, 5e-324, 3])
def test_number_value_comes_back_as_it_was(shared_api: Api, value: float) -> None:
    assert shared_api.artifact(number_value=value)["number_value"] == value


def test_get_artifact_of_an_unknown_id_is_404(shared_api: Api) -> None:
    reply = shared_api.request("GET", f"/artifacts/{UNKNOWN}")

    assert reply.status == 404
    assert error_of(reply)["code"] == 5


@pytest.mark.parametrize("artifact_id", ["x", "0", "%F0%9F%9A%80", "a%2Fb", UNKNOWN + "0", "%20"])
def test_get_artifact_of_what_is_no_uuid_is_404(shared_api: Api, artifact_id: str) -> None:
    assert shared_api.request("GET", f"/artifacts/{artifact_id}").status == 404


def test_an_id_is_compared_case_sensitively(api: Api) -> None:
    made = [api.artifact() for _ in range(10)][-1]

    assert api.request("GET", f"/artifacts/{made['artifact_id'].upper()}").status == 404


def test_create_artifact_with_a_task_makes_an_output_link_under_producer_key(api: Api) -> None:
    made = api.artifact(request={"task_id": "train", "producer_key": "model", "iteration_index": "2"})

    [link] = api.get("/artifact_tasks", type="OUTPUT")["artifact_tasks"]
    assert (link["artifact_id"], link["task_id"], link["key"]) == (made["artifact_id"], "train", "model")
    assert link["producer"] == {"iteration": "2"}


def test_create_artifact_registers_an_unknown_task(api: Api) -> None:
    api.artifact(request={"task_id": "train", "run_id": "r"})

    assert api.get("/tasks/train")["run_id"] == "r"
    assert api.get("/runs/r")["state"] == "RUNNING"


def test_create_artifact_takes_the_body_of_later_kfp(shared_api: Api) -> None:
    made = shared_api.artifact(
        name="later",
        type="Metric",
        uri="minio://x",
        description="d",
        number_value=2.0,
        request={"run_id": "later", "task_id": "later-1", "producer_key": "out", "type": "ITERATOR_OUTPUT"},
    )

    [link] = shared_api.get("/artifact_tasks", type="OUTPUT", run_ids="later")["artifact_tasks"]
    assert (link["type"], link["artifact_id"]) == ("ITERATOR_OUTPUT", made["artifact_id"])


@pytest.mark.parametrize("field", ["producer_key", "iteration_index"])
def test_create_artifact_takes_each_optional_field_alone(shared_api: Api, field: str) -> None:
    assert shared_api.artifact(name="alone", request={field: "1"})["name"] == "alone"


def test_a_run_without_a_task_is_registered_and_its_namespace_taken(api: Api) -> None:
    assert api.artifact(namespace="team", request={"run_id": "r"})["namespace"] == "team"
    assert api.artifact(request={"run_id": "r"})["namespace"] == "team"
    assert api.get("/runs/r")["namespace"] == "team"
    assert api.get("/artifact_tasks", type="UNSPECIFIED")["total_size"] == 0


@pytest.mark.parametrize("bad", [-1, "-1", "x", 1.5, True, 1 << 63, str(1 << 63)])
def test_create_artifact_refuses_a_bad_iteration_index(shared_api: Api, bad: Any) -> None:
    assert refusal(shared_api, {"name": "x"}, task_id="it", iteration_index=bad) == ["iteration_index"]


@pytest.mark.parametrize("field", ["task_id", "run_id"])
@pytest.mark.parametrize("bad", ["a b", "a/b", "é", "x" * 129])
def test_create_artifact_refuses_a_bad_identifier(shared_api: Api, field: str, bad: str) -> None:
    assert refusal(shared_api, {"name": "x"}, **{field: bad}) == [field]


def test_create_artifact_refuses_another_run_than_the_tasks(shared_api: Api) -> None:
    shared_api.task(task_id="of-run-1", run_id="run-1")

    assert refusal(shared_api, {"name": "x"}, task_id="of-run-1", run_id="run-2") == ["run_id"]


def test_create_artifact_refuses_another_namespace_than_the_tasks(shared_api: Api) -> None:
    shared_api.task(task_id="in-a", namespace="a")

    assert refusal(shared_api, {"name": "x", "namespace": "b"}, task_id="in-a") == ["artifact.namespace"]


def test_an_artifact_without_a_namespace_goes_to_the_tasks(shared_api: Api) -> None:
    shared_api.task(task_id="in-c", namespace="c")

    assert shared_api.artifact(request={"task_id": "in-c"})["namespace"] == "c"


def test_a_refused_create_artifact_leaves_neither_artifact_nor_task_nor_run(api: Api) -> None:
    api.task(task_id="in-a", namespace="a", run_id="ra")
    body = {"artifact": {"name": "x", "namespace": "b"}, "task_id": "new", "run_id": "ra"}

    assert api.request("POST", "/artifacts", body).status == 400

    assert api.get("/artifacts")["total_size"] == 0
    assert api.request("GET", "/tasks/new").status == 404


def reuse(api: Api, **fields: Any) -> Any:
    request = fields.pop("request", {})
    return api.artifact(**{"type": "Model", "uri": "s3://u", **fields}, request={"reuse_if_exists": True, **request})


def test_reuse_if_exists_returns_the_artifact_with_the_same_contents(api: Api) -> None:
    first = reuse(api, metadata={"a": 1, "b": [2]})

    assert reuse(api, metadata={"b": [2], "a": 1}) == first
    assert api.get("/artifacts")["total_size"] == 1


@pytest.mark.parametrize(
    "other",
    [
        {"name": "other"},
        {"type": "Dataset"},
        {"uri": "s3://other"},
        {"uri": ""},
        {"namespace": "other"},
        {"description": "other"},
        {"metadata": {"a": 2}},
        {"metadata": {"a": 1.0}},
        {"metadata": {}},
        {"number_value": 1.0},
    ],
    ids=str,
)
def test_reuse_if_exists_makes_a_second_artifact_for_other_contents(shared_api: Api, other: dict[str, Any]) -> None:
    first = reuse(shared_api, metadata={"a": 1})

    assert reuse(shared_api, **{"metadata": {"a": 1}, **other})["artifact_id"] != first["artifact_id"]


def test_reuse_if_exists_finds_an_artifact_made_without_it(shared_api: Api) -> None:
    first = shared_api.artifact(name="plain")

    assert shared_api.artifact(name="plain", request={"reuse_if_exists": True}) == first


def test_without_reuse_if_exists_a_second_artifact_is_made(shared_api: Api) -> None:
    first = shared_api.artifact(name="again")

    assert shared_api.artifact(name="again")["artifact_id"] != first["artifact_id"]


def test_a_reused_artifact_is_still_linked(api: Api) -> None:
    first = reuse(api)
    reuse(api, request={"task_id": "second", "producer_key": "k"})

    [link] = api.get("/artifact_tasks", type="OUTPUT")["artifact_tasks"]
    assert (link["artifact_id"], link["task_id"]) == (first["artifact_id"], "second")


def test_an_artifact_that_its_task_makes_again_is_reused_and_linked_once(api: Api) -> None:
    again = {"task_id": "train", "producer_key": "model"}
    first = reuse(api, request=again)

    assert reuse(api, request=again) == first
    assert api.get("/artifact_tasks", type="OUTPUT")["total_size"] == 1


def test_reuse_if_exists_follows_an_update(api: Api) -> None:
    first = reuse(api, metadata={"a": 1})
    api.ok("PUT", f"/artifacts/{first['artifact_id']}", {"metadata": {"a": 2}})

    assert reuse(api, metadata={"a": 2})["artifact_id"] == first["artifact_id"]
    assert reuse(api, metadata={"a": 1})["artifact_id"] != first["artifact_id"]


def test_reuse_if_exists_makes_one_artifact_for_concurrent_callers(api: Api) -> None:
    found: list[str] = []

    def create() -> None:
        mine = Api(api.url)
        found.extend(reuse(mine)["artifact_id"] for _ in range(5))
        mine.close()

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 40
    assert len(set(found)) == 1


def test_the_server_never_fetches_an_artifacts_uri(api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bait:
        bait.setblocking(False)
        made = api.artifact(type="HTML", uri=f"http://127.0.0.1:{bait.getsockname()[1]}/report.html")
        api.get(f"/artifacts/{made['artifact_id']}")
        api.get("/artifacts")
        api.get("/lineage", artifact_id=made["artifact_id"])

        with pytest.raises(BlockingIOError):
            bait.accept()
