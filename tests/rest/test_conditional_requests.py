"""ETag, If-Match and If-None-Match (contract, update_artifact)."""

from __future__ import annotations

import pytest
from support import Api, Reply, error_of, fields_of


def put(api: Api, artifact_id: str, if_match: str | None, name: str = "changed") -> Reply:
    headers = {} if if_match is None else {"If-Match": if_match}
    return api.request("PUT", f"/artifacts/{artifact_id}", {"name": name}, headers=headers)


def get(api: Api, artifact_id: str, if_none_match: str) -> Reply:
    return api.request("GET", f"/artifacts/{artifact_id}", headers={"If-None-Match": if_none_match})


@pytest.fixture
def artifact_id(shared_api: Api) -> str:
    """An artifact that was never updated."""
    return str(shared_api.artifact()["artifact_id"])


def test_every_answer_of_one_artifact_has_an_etag(shared_api: Api) -> None:
    made = shared_api.request("POST", "/artifacts", {"artifact": {"name": "x"}})
    path = f"/artifacts/{made.json['artifact_id']}"

    assert made.headers["etag"] == shared_api.request("GET", path).headers["etag"] == '"1"'
    assert shared_api.request("PUT", path, {"name": "y"}).headers["etag"] == '"2"'


def test_the_etag_changes_with_each_change_and_only_then(shared_api: Api, artifact_id: str) -> None:
    path = f"/artifacts/{artifact_id}"
    tags = [shared_api.request("PUT", path, {"name": name}).headers["etag"] for name in ("a", "a", "b")]

    assert tags == ['"2"', '"2"', '"3"']


@pytest.mark.parametrize("value", ['"1"', "*", '"7", "1"', '"7","1"', '  "1"  ', 'W/"1", "1"'])
def test_if_match_that_holds_the_etag_lets_the_update_through(shared_api: Api, artifact_id: str, value: str) -> None:
    assert put(shared_api, artifact_id, value).status == 200


@pytest.mark.parametrize("value", ['"2"', '"7", "8"', 'W/"1"', '"01"', '""'])
def test_if_match_that_does_not_hold_the_etag_is_409_aborted(shared_api: Api, artifact_id: str, value: str) -> None:
    reply = put(shared_api, artifact_id, value)

    assert (reply.status, error_of(reply)["code"]) == (409, 10)
    assert '"1"' in error_of(reply)["message"]
    assert shared_api.get(f"/artifacts/{artifact_id}")["name"] == "model"


@pytest.mark.parametrize("value", ["1", "", '"1', "nonsense", '"1" "2"', '"1",, x', "W/1"])
def test_if_match_that_is_no_entity_tag_is_400(shared_api: Api, artifact_id: str, value: str) -> None:
    reply = put(shared_api, artifact_id, value)

    assert reply.status == 400
    assert fields_of(reply) == ["If-Match"]


def test_a_lost_update_is_noticed(shared_api: Api, artifact_id: str) -> None:
    assert put(shared_api, artifact_id, '"1"', "mine").status == 200

    assert put(shared_api, artifact_id, '"1"', "theirs").status == 409
    assert shared_api.get(f"/artifacts/{artifact_id}")["name"] == "mine"


def test_if_match_on_an_unknown_artifact_is_404(shared_api: Api) -> None:
    assert put(shared_api, "00000000-0000-7000-8000-00000000ffff", "*").status == 404


def test_without_if_match_an_update_is_unconditional(shared_api: Api, artifact_id: str) -> None:
    assert put(shared_api, artifact_id, None).status == 200


@pytest.mark.parametrize("value", ['"1"', 'W/"1"', "*", '"7", "1"'])
def test_if_none_match_that_holds_the_etag_is_304_without_a_body(shared_api: Api, artifact_id: str, value: str) -> None:
    reply = get(shared_api, artifact_id, value)

    assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("value", ['"2"', 'W/"2"', '"7", "8"'])
def test_if_none_match_that_does_not_hold_the_etag_gives_the_artifact(
    shared_api: Api, artifact_id: str, value: str
) -> None:
    reply = get(shared_api, artifact_id, value)

    assert (reply.status, reply.json["artifact_id"]) == (200, artifact_id)


def test_if_none_match_that_is_no_entity_tag_is_400(shared_api: Api, artifact_id: str) -> None:
    reply = get(shared_api, artifact_id, "1")

    assert (reply.status, fields_of(reply)) == (400, ["If-None-Match"])


def test_an_artifact_is_new_again_after_an_update(shared_api: Api, artifact_id: str) -> None:
    put(shared_api, artifact_id, None)

    assert get(shared_api, artifact_id, '"1"').status == 200
    assert get(shared_api, artifact_id, '"2"').status == 304


def test_head_is_conditional_too(shared_api: Api, artifact_id: str) -> None:
    reply = shared_api.request("HEAD", f"/artifacts/{artifact_id}", headers={"If-None-Match": '"1"'})

    assert (reply.status, reply.body) == (304, b"")
