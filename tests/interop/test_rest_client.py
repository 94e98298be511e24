"""How requests are put off, refused and explained, against a server that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from artifactd.errors import (
    Aborted,
    AlreadyExists,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
)
from artifactd.interop.rest_client import ATTEMPTS_MAX, RETRY_AFTER_S_MAX, RestClient

Answer = tuple[int, dict[str, str], bytes]
HANG_UP = 0
"""In place of a status: the connection is closed without an answer."""


def status(http: int, code: int, message: str, **headers: str) -> Answer:
    """An error as artifactd gives it."""
    return http, headers, json.dumps({"code": code, "message": message, "details": []}).encode()


class ScriptedServer(ThreadingHTTPServer):
    """Gives the answers in their order, the last one for ever, and keeps the requests."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        http, headers, answer = self.server.answers[0]
        if len(self.server.answers) > 1:
            del self.server.answers[0]
        if http == HANG_UP:
            self.close_connection = True
            return
        self.send_response(http)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 -- http.server looks for these names.

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server names it so.
        """Stays silent."""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that answers `{}` until it is told something else."""
    with ScriptedServer([(200, {}, b"{}")]) as scripted:
        thread = threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield scripted
        scripted.shutdown()
        thread.join()


def test_a_successful_answer_is_given_as_json(server: ScriptedServer) -> None:
    server.answers = [(200, {}, b'{"tasks": []}')]

    assert RestClient(server.url).get("/tasks") == {"tasks": []}


def test_a_query_is_encoded(server: ScriptedServer) -> None:
    RestClient(server.url + "/").get("/lineage", {"artifact_id": "a b&c"})

    assert server.requests[0][1] == "/lineage?artifact_id=a+b%26c"


def test_a_parameter_of_several_values_is_repeated(server: ScriptedServer) -> None:
    RestClient(server.url).get("/metrics", {"task_ids": ["a", "b"], "sort_by": "name"})

    assert server.requests[0][1] == "/metrics?task_ids=a&task_ids=b&sort_by=name"


def test_a_tagged_answer_carries_its_entity_tag(server: ScriptedServer) -> None:
    server.answers = [(200, {"ETag": '"3"'}, b'{"name": "iris"}')]

    assert RestClient(server.url).get_tagged("/artifacts/1") == ({"name": "iris"}, '"3"')


def test_a_put_says_which_version_it_changes(server: ScriptedServer) -> None:
    RestClient(server.url).put("/artifacts/1", {"name": "iris"}, if_match='"3"')

    method, _, headers, body = server.requests[0]
    assert (method, headers["If-Match"], body) == ("PUT", '"3"', b'{"name":"iris"}')


def test_a_put_of_another_version_is_aborted(server: ScriptedServer) -> None:
    server.answers = [status(409, 10, "the artifact has changed")]

    with pytest.raises(Aborted, match="the artifact has changed"):
        RestClient(server.url).put("/artifacts/1", {}, if_match='"3"')


def test_a_post_with_a_key_is_sent_again_once_when_the_connection_breaks(server: ScriptedServer) -> None:
    server.answers = [(HANG_UP, {}, b""), (200, {}, b'{"done": true}')]

    assert RestClient(server.url).post("/metrics", {}, idempotency_key="k") == {"done": True}
    assert [headers["Idempotency-Key"] for _, _, headers, _ in server.requests] == ["k", "k"]


def test_a_post_without_a_key_is_not_sent_again_when_the_connection_breaks(server: ScriptedServer) -> None:
    server.answers = [(HANG_UP, {}, b""), (200, {}, b"{}")]

    with pytest.raises(Unavailable):
        RestClient(server.url).post("/metrics", {})

    assert len(server.requests) == 1


def test_a_key_that_no_header_can_carry_is_refused_without_being_printed() -> None:
    with pytest.raises(InvalidArgument, match="the API key holds a character that no header can carry") as caught:
        RestClient("http://localhost", api_key="secret\nkey")

    assert "secret" not in caught.value.message


def test_numbers_that_are_not_finite_go_out_as_bare_tokens(server: ScriptedServer) -> None:
    RestClient(server.url).post("/metrics", {"value": float("inf")})

    assert server.requests[0][3] == b'{"value":Infinity}'


def test_an_api_key_is_sent_as_a_bearer_token(server: ScriptedServer) -> None:
    RestClient(server.url, api_key="secret").get("/tasks")

    assert server.requests[0][2]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("http", [429, 503])
def test_a_request_that_is_put_off_is_sent_again_after_the_time_asked_for(server: ScriptedServer, http: int) -> None:
    server.answers = [status(http, 14, "later", Retry_After="2"), (200, {}, b'{"done": true}')]
    slept: list[float] = []

    answer = RestClient(server.url, sleep=slept.append).patch("/runs/r", {})

    assert (answer, slept) == ({"done": True}, [2.0])


def test_a_server_that_names_no_time_is_given_a_second(server: ScriptedServer) -> None:
    server.answers = [status(503, 14, "later"), (200, {}, b"{}")]
    slept: list[float] = []

    RestClient(server.url, sleep=slept.append).get("/tasks")

    assert slept == [1.0]


def test_a_server_that_asks_for_hours_is_not_waited_for_that_long(server: ScriptedServer) -> None:
    server.answers = [status(429, 8, "later", Retry_After="86400"), (200, {}, b"{}")]
    slept: list[float] = []

    RestClient(server.url, sleep=slept.append).get("/tasks")

    assert slept == [RETRY_AFTER_S_MAX]


def test_a_request_that_is_put_off_again_and_again_fails_with_the_servers_words(
    server: ScriptedServer,
) -> None:
    server.answers = [status(503, 14, "the write queue is full", Retry_After="1")]
    slept: list[float] = []

    with pytest.raises(Unavailable, match="refuses GET /tasks: the write queue is full"):
        RestClient(server.url, sleep=slept.append).get("/tasks")

    assert len(server.requests) == ATTEMPTS_MAX
    assert len(slept) == ATTEMPTS_MAX - 1


@pytest.mark.parametrize(
    ("http", "code", "error"),
    [
        (400, 3, InvalidArgument),
        (401, 16, Unauthenticated),
        (403, 7, PermissionDenied),
        (404, 5, NotFound),
        (409, 6, AlreadyExists),
    ],
)
def test_a_refusal_has_the_class_of_its_code_and_the_servers_words(
    server: ScriptedServer, http: int, code: int, error: type[Exception]
) -> None:
    server.answers = [status(http, code, "name: it is empty")]

    with pytest.raises(error, match="name: it is empty"):
        RestClient(server.url).post("/artifacts", {})


def test_a_refusal_for_lack_of_a_key_says_how_to_give_one(server: ScriptedServer) -> None:
    server.answers = [status(401, 16, "no credentials")]

    with pytest.raises(Unauthenticated, match="--api-key or in ARTIFACTD_API_KEY"):
        RestClient(server.url).get("/tasks")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"error": 1}'])
def test_a_server_of_another_kind_is_told_from_artifactd(server: ScriptedServer, body: bytes) -> None:
    server.answers = [(502, {}, body)]

    with pytest.raises(Unavailable, match=r"HTTP 502 and no artifactd message\. Is it an artifactd server"):
        RestClient(server.url).get("/tasks")


def test_a_page_that_answers_200_is_told_from_artifactd(server: ScriptedServer) -> None:
    server.answers = [(200, {}, b"<html>")]

    with pytest.raises(Unavailable, match="Is it an artifactd server"):
        RestClient(server.url).get("/tasks")


def test_a_server_that_cannot_be_reached_is_named_with_what_to_do(server: ScriptedServer) -> None:
    url = server.url
    server.shutdown()
    server.server_close()

    with pytest.raises(Unavailable, match=rf"no artifactd server answers at {url} .* Start one with `artifactd serve`"):
        RestClient(url).get("/tasks")


@pytest.mark.parametrize("url", ["localhost:8888", "ftp://localhost", "http://", ""])
def test_what_is_no_base_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(InvalidArgument, match=r"is not a base URL; give one like http://127\.0\.0\.1:8888"):
        RestClient(url)
