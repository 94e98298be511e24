"""Answers and arguments that make no sense: each gives one exception of the client's, which says what and where."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import artifactd_client
import pytest
from artifactd_client import ApiException, ApiTypeError, ApiValueError, ArtifactServiceApi
from client.conftest import NewClient
from client.faults import ARTIFACT, every_verb, failure, service_of
from client.sockets import RawServer, raw_server, reply

PAGE = b"<!doctype html><title>Sign in</title><h1>Who are you?</h1>"


@pytest.mark.parametrize("status", ["502 Bad Gateway", "404 Not Found", "401 Unauthorized", "200 OK"])
@every_verb
def test_a_page_of_a_proxy_is_an_api_exception_that_has_it(new_client: NewClient, verb: str, status: str) -> None:
    error = failure(new_client, reply(PAGE, status, kind="text/html"), verb)

    assert f"{error.status}" == status[:3]
    assert error.body == PAGE.decode()
    assert "Sign in" in str(error)


def test_a_page_for_a_success_is_told_apart_from_artifactd(new_client: NewClient) -> None:
    error = failure(new_client, reply(PAGE, kind="text/html"))

    assert str(error.reason).startswith("The answer makes no sense (expected JSON, but got '<!doctype html>")
    assert str(error.reason).endswith("content type text/html). Is this an artifactd server?")


NONSENSE: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b"  \n",
    "null": b"null",
    "half an object": b'{"name": "mod',
    "two objects": b"{}{}",
    "bytes that are no UTF-8": b'{"name": "\xff\xfe\xfa"}',
    "brackets without end": b"[" * 200_000,
    "braces without end": b'{"a":' * 200_000,
    "a number of thousands of digits": b'{"number_value": ' + b"9" * 5_000 + b"}",
    "zeros": b"\x00" * 64,
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
@every_verb
def test_a_success_that_is_no_json_is_an_api_exception(new_client: NewClient, verb: str, body: bytes) -> None:
    error = failure(new_client, reply(body), verb)

    assert error.status == 200
    assert "The answer makes no sense" in str(error.reason)


def test_what_is_shown_of_a_long_answer_is_short(new_client: NewClient) -> None:
    assert len(str(failure(new_client, reply(b"x" * 1_000_000)).reason)) < 500


TIMES: list[Any] = [
    "yesterday",
    "2026-02-30T00:00:00Z",
    "2026-02-30T00:00:00.000000Z",
    "2026-01-31T25:00:00Z",
    "2026-01-31T00:00:00+99:99",
    "0000-01-01T00:00:00Z",
    "",
    1_760_000_000,
    {},
]
MISFITS: dict[str, tuple[str, Any, str]] = {
    "a list for an object": ("list_artifacts", [], "expected an object, but got []"),
    "text for an object": ("list_artifacts", "artifacts", "expected an object, but got 'artifacts'"),
    "a number for an object": ("list_artifacts", 5, "expected an object, but got 5"),
    "true for an object": ("list_artifacts", True, "expected an object, but got True"),
    "an object for a list": ("list_artifacts", {"artifacts": {}}, "expected a list at ['artifacts'], but got {}"),
    "text in a list": ("list_artifacts", {"artifacts": [{}, "b"]}, "an object at ['artifacts'][1], but got 'b'"),
    "text for a number": (
        "list_artifacts",
        {"artifacts": [{"number_value": "low"}]},
        "expected a number at ['artifacts'][0]['number_value'], but got 'low'",
    ),
    "an object for a number": ("list_artifacts", {"artifacts": [{"number_value": {}}]}, "expected a number at"),
    "a number that no double holds": (
        "list_artifacts",
        {"artifacts": [{"number_value": 10**400}]},
        "expected a number at ['artifacts'][0]['number_value']",
    ),
    "text for an integer": ("list_artifacts", {"total_size": "many"}, "an integer at ['total_size'], but got 'many'"),
    "a fraction for an integer": ("list_artifacts", {"total_size": 1.5}, "an integer at ['total_size'], but got 1.5"),
    "infinity for an integer": ("list_artifacts", {"total_size": float("inf")}, "an integer at ['total_size']"),
    "true for an integer": ("list_artifacts", {"total_size": True}, "expected an integer at ['total_size']"),
    "a list for text": ("list_artifacts", {"next_page_token": []}, "expected text at ['next_page_token'], but got []"),
    "true for text": ("list_artifacts", {"next_page_token": True}, "expected text at ['next_page_token']"),
    "a list for metadata": ("list_artifacts", {"artifacts": [{"metadata": []}]}, "an object at ['artifacts'][0]['meta"),
    "a list for an enumeration": ("list_artifacts", {"artifacts": [{"type": []}]}, "expected text at"),
    **{
        f"{text!r} for a time": (
            "list_metrics",
            {"metrics": [{"created_at": text}]},
            "expected a time at ['metrics'][0]['created_at'], but got",
        )
        for text in TIMES
    },
    "deep inside": (
        "run_service_list_runs",
        {"runs": [{"run_details": {"task_details": [{"outputs": {"model": {"artifact_ids": [[]]}}}]}}]},
        "at ['runs'][0]['run_details']['task_details'][0]['outputs']['model']['artifact_ids'][0], but got []",
    ),
    "text for true": ("healthz_service_get_healthz", {"multi_user": "no"}, "true or false at ['multi_user']"),
}


@pytest.mark.parametrize(("name", "answer", "told"), MISFITS.values(), ids=MISFITS)
def test_json_of_the_wrong_kind_is_an_api_exception_that_says_where(
    new_client: NewClient, name: str, answer: Any, told: str
) -> None:
    with raw_server(reply(answer)) as server:
        client = new_client(server.url)
        services = ("ArtifactServiceApi", "RunServiceApi", "HealthzServiceApi", "SearchServiceApi")
        [method] = [
            getattr(service, name)
            for service in (getattr(artifactd_client, each)(client) for each in services)
            if hasattr(service, name)
        ]
        with pytest.raises(ApiException) as caught:
            method()

    assert told in str(caught.value.reason)
    assert (caught.value.status, json.loads(caught.value.body)) == (200, answer)


def test_a_compressed_answer_is_read(new_client: NewClient) -> None:
    answer = reply(gzip.compress(json.dumps(ARTIFACT).encode()), headers=["Content-Encoding: gzip"])
    with raw_server(answer) as server:
        assert service_of(new_client, server.url).get_artifact("1").name == "model"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@every_verb
def test_an_answer_that_is_not_compressed_as_it_says_is_an_api_exception(
    new_client: NewClient, verb: str, encoding: str
) -> None:
    error = failure(new_client, reply(ARTIFACT, headers=[f"Content-Encoding: {encoding}"]), verb)

    assert encoding in str(error)


@every_verb
def test_a_success_without_a_body_is_an_api_exception(new_client: NewClient, verb: str) -> None:
    assert "an empty body" in str(failure(new_client, b"HTTP/1.1 204 No Content\r\n\r\n", verb).reason)


KEYS = {"a line break at its end": "KEY-1\n", "a line break inside": "KEY-1\r\nX-Evil: 1", "Chinese": "KEY-1损失"}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_that_no_header_can_carry_is_an_api_value_error_that_does_not_show_it(
    recorder: RawServer, new_client: NewClient, key: str
) -> None:
    with pytest.raises(ApiValueError, match="authorization") as caught:
        service_of(new_client, recorder.url, api_key={"authorization": key}).list_artifacts()

    assert "KEY-1" not in str(caught.value)
    assert recorder.requests == []


@pytest.mark.parametrize("value", [b"bytes", 10**5000, {1j: 1}], ids=["bytes", "thousands of digits", "a complex key"])
def test_what_cannot_be_sent_is_an_error_of_the_clients(recorder: RawServer, new_client: NewClient, value: Any) -> None:
    with pytest.raises((ApiTypeError, ApiValueError), match="JSON"):
        service_of(new_client, recorder.url).create_artifact({"artifact": {"metadata": {"a": value}}})

    assert recorder.requests == []


@pytest.mark.parametrize(
    "call", [lambda it: it.get_artifact("\ud800"), lambda it: it.list_artifacts(namespace="\ud800")]
)
def test_half_a_character_in_a_url_is_a_value_error(
    recorder: RawServer, new_client: NewClient, call: Callable[[ArtifactServiceApi], Any]
) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        call(service_of(new_client, recorder.url))

    assert recorder.requests == []
