"""The contract's section Errors, and the limits of a request."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from rest.raw_http import answer_to, request_of
from support import API, Api, error_of, fields_of, running_app

from artifactd.settings import Settings

MEBIBYTE = 1 << 20
GOOD = b'{"artifact": {"name": "n"}}'


def padded(size: int) -> bytes:
    return GOOD + b" " * (size - len(GOOD))


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def post(api: Api, *headers: bytes, body: bytes = b"") -> tuple[int, Any]:
    status, answer = answer_to(api.url, request_of("POST", f"{API}/artifacts".encode(), *headers, body=body))
    return status, json.loads(answer)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/artifacts", {}, 400, 3),
        ("GET", "/artifacts?sort_by=x", None, 400, 3),
        ("GET", "/artifacts?page_token=x", None, 400, 3),
        ("GET", "/artifacts?filter=x", None, 400, 3),
        ("GET", "/artifacts?nonsense=1", None, 400, 3),
        ("GET", "/artifacts/x", None, 404, 5),
        ("GET", "/nonsense", None, 404, 5),
        ("DELETE", "/artifacts/x", None, 405, 12),
    ],
)
def test_every_error_is_a_google_rpc_status_with_its_code(
    shared_api: Api, method: str, path: str, body: Any, status: int, code: int
) -> None:
    reply = shared_api.request(method, path, body)

    assert (reply.status, error_of(reply)["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/json"


def test_the_message_says_what_was_wrong_with_which_value_and_what_would_be_right(shared_api: Api) -> None:
    reply = shared_api.request("POST", "/artifacts", {"artifact": {"name": "n", "type": "Modle"}})

    status = error_of(reply)
    assert all(text in status["message"] for text in ("artifact.type", "'Modle'", "Model"))
    assert status["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "field_violations": [{"field": "artifact.type", "description": status["message"].split(": ", 1)[1]}],
        }
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/artifacts", None),
        ("POST", "/artifacts", []),
        ("POST", "/artifacts", {}),
        ("GET", "/lineage", None),
        ("GET", "/artifacts?page_size=x", None),
        ("GET", "/artifacts?page_token=x", None),
        ("GET", "/artifacts?filter=[]", None),
        ("GET", "/artifacts?%FF=1", None),
        ("GET", "/metrics/t/%", None),
    ],
)
def test_bad_input_always_names_a_field(shared_api: Api, method: str, path: str, body: Any) -> None:
    reply = shared_api.request(method, path, body)

    assert reply.status == 400
    assert fields_of(reply)


def test_a_client_value_is_cut_in_a_message(shared_api: Api) -> None:
    reply = shared_api.request("POST", "/artifacts", {"artifact": {"name": "n", "type": "x" * 1_000_000}})

    assert reply.status == 400
    assert len(reply.body) < 2_000


@pytest.mark.parametrize("bad", ["\n", "\x1b[31m", '"', "\u2028", "é"])
def test_odd_characters_do_not_break_an_error(shared_api: Api, bad: str) -> None:
    reply = shared_api.request("POST", "/artifacts", {"artifact": {"name": "n", "type": bad}, bad: 1})

    assert error_of(reply)["code"] == 3


def test_a_body_of_four_mebibytes_is_read(shared_api: Api) -> None:
    assert shared_api.raw("POST", f"{API}/artifacts", padded(4 * MEBIBYTE)).status == 200


def test_a_body_over_four_mebibytes_is_413(shared_api: Api) -> None:
    status, answer = post(shared_api, b"Content-Length: %d" % (4 * MEBIBYTE + 1))

    assert (status, answer["code"]) == (413, 3)
    assert str(4 * MEBIBYTE) in answer["message"]


def test_a_huge_content_length_is_413(shared_api: Api) -> None:
    assert post(shared_api, b"Content-Length: 9223372036854775807")[0] == 413


def test_a_chunked_body_is_read(shared_api: Api) -> None:
    status, answer = post(shared_api, b"Transfer-Encoding: chunked", body=chunked(GOOD[:5], GOOD[5:9], GOOD[9:]))

    assert (status, answer["name"]) == (200, "n")


def test_a_chunked_body_of_four_mebibytes_is_read(shared_api: Api) -> None:
    whole = padded(4 * MEBIBYTE)
    pieces = [whole[start : start + MEBIBYTE] for start in range(0, len(whole), MEBIBYTE)]

    assert post(shared_api, b"Transfer-Encoding: chunked", body=chunked(*pieces))[0] == 200


def test_a_chunked_body_over_four_mebibytes_is_413(shared_api: Api) -> None:
    status, answer = post(shared_api, b"Transfer-Encoding: chunked", body=chunked(*[b" " * MEBIBYTE] * 4, b"xx"))

    assert (status, answer["code"]) == (413, 3)


def test_a_request_line_over_the_limit_is_414(shared_api: Api) -> None:
    reply = shared_api.raw("GET", f"{API}/artifacts?filter={'x' * (128 << 10)}")

    assert (reply.status, error_of(reply)["code"]) == (414, 3)


def test_a_request_line_within_the_limit_is_read(shared_api: Api) -> None:
    path = f"{API}/artifacts?filter="
    filter_ = f'{{"predicates":[]{"%20" * 40_000}}}'.replace('"', "%22")

    assert shared_api.raw("GET", path + filter_).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/merge-patch+json",
        "application/json;odata=verbose",
    ],
)
def test_json_is_taken_under_each_of_its_types(shared_api: Api, content_type: str) -> None:
    reply = shared_api.raw("POST", f"{API}/artifacts", GOOD, {"Content-Type": content_type})

    assert reply.status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "json",
        "",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "text/json",
    ],
)
def test_what_is_not_json_is_415(shared_api: Api, content_type: str) -> None:
    reply = shared_api.raw("POST", f"{API}/artifacts", GOOD, {"Content-Type": content_type})

    assert (reply.status, error_of(reply)["code"]) == (415, 3)


def test_a_compressed_body_is_415(shared_api: Api) -> None:
    reply = shared_api.raw("POST", f"{API}/artifacts", GOOD, {"Content-Encoding": "gzip"})

    assert (reply.status, error_of(reply)["code"]) == (415, 3)


def test_a_body_without_a_content_type_is_taken_for_json(shared_api: Api) -> None:
    assert post(shared_api, b"Content-Length: %d" % len(GOOD), body=GOOD)[0] == 200


def test_a_body_of_a_get_is_not_looked_at(shared_api: Api) -> None:
    assert shared_api.raw("GET", f"{API}/artifacts", b"nonsense", {"Content-Type": "text/plain"}).status == 200
    assert shared_api.get("/artifacts")


@pytest.fixture
def hasty_api(database_url: str) -> Iterator[Api]:
    """A client of a server that waits a tenth of a second for a body, and takes 2 KiB of it."""
    settings = Settings(port=0, access_log=False, body_timeout_s=0.1, body_bytes_max=2_048)
    with running_app(database_url, settings) as (url, _):
        api = Api(url)
        yield api
        api.close()


def test_a_body_that_does_not_arrive_is_408_and_hangs_nobody(hasty_api: Api) -> None:
    began = time.monotonic()

    status, answer = post(hasty_api, b"Content-Length: 100", body=b"{")

    assert (status, answer["code"]) == (408, 3)
    assert time.monotonic() - began < 10


def test_the_limit_of_a_body_is_a_setting(hasty_api: Api) -> None:
    assert hasty_api.raw("POST", f"{API}/artifacts", padded(2_048)).status == 200
    assert hasty_api.raw("POST", f"{API}/artifacts", padded(2_049)).status == 413


def test_the_connection_serves_on_after_an_error(shared_api: Api) -> None:
    for _ in range(3):
        assert shared_api.raw("POST", f"{API}/artifacts", b"{").status == 400
        assert shared_api.request("GET", "/artifacts").status == 200


def test_bad_input_stores_nothing(api: Api) -> None:
    for path, body in (
        ("/artifacts", {"artifact": {"name": "n"}, "task_id": "t", "iteration_index": -1}),
        ("/metrics", {"metric": {"task_id": "t", "name": "n", "value": "x"}}),
        ("/tasks", {"task_id": "t", "run_id": "r", "state": "x"}),
        ("/artifact_tasks", {"artifact_task": {"artifact_id": "x", "task_id": "t", "type": "x"}}),
    ):
        assert api.request("POST", path, body).status == 400

    for path in ("/artifacts", "/metrics", "/tasks", "/runs", "/artifact_tasks?type=UNSPECIFIED"):
        assert api.ok("GET", path)["total_size"] == 0
