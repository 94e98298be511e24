"""update_artifact (contract, update_artifact)."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, error_of, fields_of

FULL = {
    "name": "iris",
    "type": "Model",
    "uri": "s3://bucket/iris",
    "description": "a model",
    "metadata": {"framework": "sklearn"},
    "number_value": 0.5,
    "namespace": "team",
}


def update(api: Api, artifact: Any, **fields: Any) -> Any:
    return api.ok("PUT", f"/artifacts/{artifact['artifact_id']}", fields)


def refusal(api: Api, artifact: Any, /, **fields: Any) -> list[str]:
    reply = api.request("PUT", f"/artifacts/{artifact['artifact_id']}", fields)
    assert reply.status == 400, reply
    assert api.get(f"/artifacts/{artifact['artifact_id']}") == artifact
    return fields_of(reply)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "rose"),
        ("type", "Dataset"),
        ("description", "another"),
        ("metadata", {"other": [1]}),
        ("number_value", -2.5),
    ],
)
def test_a_field_in_the_body_replaces_and_absent_fields_stay(shared_api: Api, field: str, value: Any) -> None:
    made = shared_api.artifact(**FULL)

    changed = update(shared_api, made, **{field: value})

    assert changed == made | {field: value, "updated_at": changed["updated_at"]}
    assert shared_api.get(f"/artifacts/{made['artifact_id']}") == changed


@pytest.mark.parametrize(("was", "becomes"), [(0.0, -0.0), (-0.0, 0.0)])
def test_a_zero_of_the_other_sign_is_kept_with_its_sign(shared_api: Api, was: float, becomes: float) -> None:
    made = shared_api.artifact(number_value=was)

    update(shared_api, made, name="other", number_value=becomes)

    assert str(shared_api.get(f"/artifacts/{made['artifact_id']}")["number_value"]) == str(becomes)


def test_metadata_replaces_as_a_whole(shared_api: Api) -> None:
    made = shared_api.artifact(metadata={"a": 1, "b": 2})

    assert update(shared_api, made, metadata={"c": 3})["metadata"] == {"c": 3}


def test_empty_metadata_clears_it(shared_api: Api) -> None:
    made = shared_api.artifact(metadata={"a": 1})

    assert "metadata" not in update(shared_api, made, metadata={})


def test_an_empty_description_clears_it(shared_api: Api) -> None:
    made = shared_api.artifact(description="d")

    assert "description" not in update(shared_api, made, description="")


@pytest.mark.parametrize("field", [*FULL, "artifact_id", "created_at", "updated_at"])
def test_a_null_field_is_an_absent_one(shared_api: Api, field: str) -> None:
    made = shared_api.artifact(**FULL)

    assert update(shared_api, made, **{field: None}) == made


def test_an_update_that_changes_nothing_answers_the_artifact(shared_api: Api) -> None:
    made = shared_api.artifact(**FULL)

    assert update(shared_api, made) == made


def test_an_update_moves_updated_at_and_not_created_at(api: Api) -> None:
    made = api.artifact()
    assert api.clock
    api.clock.advance(5)

    changed = update(api, made, name="later")

    assert changed["created_at"] == made["created_at"]
    assert changed["updated_at"] == "2025-10-09T08:53:25.000002Z"


def test_what_get_answers_can_be_sent_back(shared_api: Api) -> None:
    made = shared_api.artifact(**FULL)

    assert update(shared_api, made, **made) == made


def test_times_in_the_body_change_nothing(shared_api: Api) -> None:
    made = shared_api.artifact()

    assert update(shared_api, made, created_at="1999-01-01T00:00:00Z", updated_at="1999-01-01T00:00:00Z") == made


def test_the_id_in_the_body_must_match_the_path(shared_api: Api) -> None:
    made, other = shared_api.artifact(), shared_api.artifact()

    assert refusal(shared_api, made, artifact_id=other["artifact_id"]) == ["artifact_id"]


@pytest.mark.parametrize("other", ["other", ""])
def test_the_namespace_never_changes(shared_api: Api, other: str) -> None:
    made = shared_api.artifact(namespace="team")

    assert refusal(shared_api, made, namespace=other) == ["namespace"]


def test_an_empty_namespace_never_changes(shared_api: Api) -> None:
    assert refusal(shared_api, shared_api.artifact(), namespace="team") == ["namespace"]


@pytest.mark.parametrize("other", ["s3://b", ""])
def test_a_uri_that_is_set_never_changes(shared_api: Api, other: str) -> None:
    made = shared_api.artifact(uri="s3://a")

    assert refusal(shared_api, made, uri=other) == ["uri"]


def test_a_uri_may_be_set_once(shared_api: Api) -> None:
    made = shared_api.artifact(uri="")

    assert update(shared_api, made, uri="s3://a")["uri"] == "s3://a"


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("name", ""),
        ("name", "x" * 257),
        ("type", "TYPE_UNSPECIFIED"),
        ("type", ""),
        ("type", 1),
        ("uri", "u" * 2_049),
        ("description", "d" * 4_097),
        ("metadata", {"a": "x" * (1 << 20)}),
        ("metadata", [1]),
        ("number_value", "1"),
        ("nonsense", 1),
    ],
    ids=lambda value: str(value)[:12],
)
def test_update_artifact_refuses_a_bad_field_and_changes_nothing(shared_api: Api, field: str, bad: Any) -> None:
    assert refusal(shared_api, shared_api.artifact(name="kept"), **{field: bad}) == [field]


def test_one_bad_field_keeps_the_good_ones_from_being_stored(shared_api: Api) -> None:
    made = shared_api.artifact(uri="s3://a")

    refusal(shared_api, made, name="changed", uri="s3://b")


def test_update_artifact_takes_the_artifact_itself_and_no_wrapper(shared_api: Api) -> None:
    assert refusal(shared_api, shared_api.artifact(), artifact={"name": "x"}) == ["artifact"]


@pytest.mark.parametrize("artifact_id", ["00000000-0000-7000-8000-00000000ffff", "nonsense"])
def test_update_artifact_of_an_unknown_id_is_404(shared_api: Api, artifact_id: str) -> None:
    reply = shared_api.request("PUT", f"/artifacts/{artifact_id}", {"name": "x"})

    assert (reply.status, error_of(reply)["code"]) == (404, 5)
