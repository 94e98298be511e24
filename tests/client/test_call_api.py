"""Calls that are no operation of KFP's, through `call_api`: forms, files, lists in every format."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any, NamedTuple

import artifactd_client
import official_client
import pytest
from client.sides import Sides, assert_same

Fields = dict[str, Any]
MOMENT = dt.datetime(2026, 1, 31, 12, 30, 0, 123456, tzinfo=dt.UTC)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GENERIC: dict[str, tuple[str, Fields]] = {
    **{f"{verb} with a body": (verb, {"body": {"a": [1]}}) for verb in ("POST", "PUT", "PATCH", "DELETE")},
    **{f"{verb} without a body": (verb, {}) for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")},
    **{
        f"a list as {kind}": (
            "GET",
            {"query_params": [("a", ["x y", "z"]), ("b", "c")], "collection_formats": {"a": kind}},
        )
        for kind in ("multi", "csv", "ssv", "tsv", "pipes")
    },
    "a list in the path": (
        "GET",
        {"path_params": {"x": ["a/b", "c"]}, "collection_formats": {"x": "csv"}},
    ),
    "a form": ("POST", {"header_params": FORM, "post_params": [("a", "x y"), ("b", "ü&=")]}),
    "a form without fields": ("POST", {"header_params": FORM}),
    "text": ("POST", {"header_params": {"Content-Type": "text/plain"}, "body": "ünï"}),
    "bytes": ("POST", {"header_params": {"Content-Type": "application/octet-stream"}, "body": b"\x00\xff"}),
    "another kind of JSON": ("PATCH", {"header_params": {"Content-Type": "application/merge-patch+json"}, "body": []}),
    "a query with a body": ("POST", {"query_params": [("a", "x y")], "body": {}}),
    "an empty list": ("POST", {"body": []}),
    "text as JSON": ("POST", {"body": "text"}),
    "a number as JSON": ("POST", {"body": 0}),
    "a time in the query": ("GET", {"query_params": {"a": MOMENT}}),
    "a number in a header": ("GET", {"header_params": {"X-Count": 5}}),
}


@pytest.mark.parametrize(("verb", "given"), GENERIC.values(), ids=GENERIC)
def test_a_call_of_any_kind_is_sent_as_the_official_client_sends_it(both: Sides, verb: str, given: Fields) -> None:
    for client in (both.official, both.ours):
        # The official client adds to the headers that it is given.
        own = {name: dict(value) if name == "header_params" else value for name, value in given.items()}
        client.call_api("/x/{x}", verb, auth_settings=["Bearer"], **own)

    assert_same(*both.requests())


def test_files_are_sent_as_the_official_client_sends_them(both: Sides, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_bytes(b"\x00{}")
    for client in (both.official, both.ours):
        client.call_api(
            "/files",
            "POST",
            header_params={"Content-Type": "multipart/form-data"},
            post_params=[("name", "ü")],
            files={"file": str(file), "more": [str(file)], "none": None},
        )

    official, ours = both.requests()
    boundary = re.compile(rb"[0-9a-f]{32}")
    assert boundary.sub(b"BOUNDARY", ours.body) == boundary.sub(b"BOUNDARY", official.body)
    assert boundary.sub(b"", (ours.header("content-type") or "").encode()) == b"multipart/form-data; boundary="


class Answer(NamedTuple):
    """All that `deserialize` needs of an answer."""

    data: bytes


ANSWERS: dict[str, tuple[str, str]] = {
    "text": ("str", '"ü"'),
    "an integer": ("int", "5"),
    "a number": ("float", "0.25"),
    "true": ("bool", "true"),
    "anything": ("object", '{"a": [1, null]}'),
    "a time": ("datetime", '"2026-01-31T12:30:00.123456Z"'),
    "a date": ("date", '"2026-01-31"'),
    "a list": ("list[str]", '["a", "b", null]'),
    "an empty list": ("list[V2beta1Run]", "[]"),
    "an object of lists": ("dict(str, list[int])", '{"a": [1, 2], "b": []}'),
    "anything by its name": ("dict(str, object)", '{"a": {"b": null}}'),
}


@pytest.mark.parametrize(("kind", "body"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_read_as_the_official_client_reads_it(kind: str, body: str) -> None:
    answer = Answer(body.encode())

    ours = artifactd_client.ApiClient().deserialize(answer, kind)

    theirs = official_client.ApiClient().deserialize(answer, kind)
    assert (ours, type(ours)) == (theirs, type(theirs))


@pytest.mark.parametrize("package", [artifactd_client, official_client], ids=["ours", "the official client"])
def test_a_list_of_messages_is_read(package: Any) -> None:
    body = b'[{"run_id": "r", "state": "RUNNING", "created_at": "2026-01-31T12:30:00.123456Z"}, {}]'

    runs = package.ApiClient().deserialize(Answer(body), "list[V2beta1Run]")

    assert runs == [package.V2beta1Run(run_id="r", state="RUNNING", created_at=MOMENT), package.V2beta1Run()]


def test_a_class_may_stand_for_its_name() -> None:
    found = artifactd_client.ApiClient().deserialize(Answer(b'{"name": "model"}'), artifactd_client.V2beta1Artifact)

    assert found == artifactd_client.V2beta1Artifact(name="model")


def test_without_a_type_there_is_no_data(both: Sides) -> None:
    for client in (both.official, both.ours):
        assert client.call_api("/x", "GET", _return_http_data_only=True) is None


def test_bytes_come_as_they_are(both: Sides) -> None:
    assert both.ours.call_api("/x", "GET", response_type="bytes", _return_http_data_only=True) == b"{}"


@pytest.mark.parametrize("verb", ["GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT", "PATCH"])
def test_the_connections_below_have_a_method_for_each_verb(both: Sides, verb: str) -> None:
    for client in (both.official, both.ours):
        given = {"url": f"{both.recorder.url}/x", "query_params": [("a", "b c")], "headers": {"X-Team": "blue"}}
        response = getattr(client.rest_client, verb)(**given)
        assert (response.status, response.reason) == (200, "OK")

    assert_same(*both.requests())


MISTAKES: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "an unknown verb": ({"method": "BREW"}, artifactd_client.ApiValueError, "http method must be one of GET"),
    "two bodies": (
        {"method": "POST", "body": {"a": 1}, "post_params": {"b": "2"}},
        artifactd_client.ApiValueError,
        "body parameter cannot be used with post_params",
    ),
    "a body of another kind": (
        {"method": "POST", "body": {"a": 1}, "headers": {"Content-Type": "text/plain"}},
        artifactd_client.ApiException,
        "a body of type dict cannot be sent as text/plain",
    ),
}


@pytest.mark.parametrize(("given", "kind", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_request_that_makes_no_sense_is_not_sent(
    both: Sides, given: dict[str, Any], kind: type[Exception], told: str
) -> None:
    with pytest.raises(kind, match=told):
        both.ours.rest_client.request(url=f"{both.recorder.url}/x", **given)

    assert both.recorder.requests == []
