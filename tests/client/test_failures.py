"""What goes wrong between client and server: each fault gives one exception of the documented kind, at once.

`ApiException` for an answer that is no success or makes no sense, urllib3's `HTTPError` where there was no answer.
"""

from __future__ import annotations

import contextlib
import email.utils
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from artifactd_client import (
    ApiClient,
    ApiException,
    ApiTypeError,
    ApiValueError,
    ArtifactServiceApi,
    Configuration,
)
from client.conftest import NewClient
from client.faults import ARTIFACT, VERBS, every_verb, failure, service_of
from client.sockets import (
    LOOPBACK,
    WAIT_S,
    RawServer,
    Request,
    one_byte_at_a_time,
    raw_server,
    refusing_port,
    reply,
    silence,
)


@every_verb
def test_nobody_listening_is_urllib3s_error_that_names_host_and_port(new_client: NewClient, verb: str) -> None:
    with refusing_port() as port:
        service = service_of(new_client, f"http://{LOOPBACK}:{port}")
        with pytest.raises(urllib3.exceptions.MaxRetryError, match=f"(?s){LOOPBACK}.*{port}.*refused"):
            VERBS[verb](service)


def test_a_host_that_has_no_address_is_urllib3s_error_that_names_it(new_client: NewClient) -> None:
    with pytest.raises(urllib3.exceptions.MaxRetryError, match="nowhere\\.invalid"):
        service_of(new_client, "http://nowhere.invalid").list_artifacts()


@pytest.mark.parametrize("host", ["ftp://x", "http://", "http://[", "http://x:port"])
def test_a_host_that_is_no_url_is_urllib3s_error(new_client: NewClient, host: str) -> None:
    with pytest.raises(urllib3.exceptions.HTTPError, match=r"."):
        service_of(new_client, host).list_artifacts()


CUTS: dict[str, bytes] = {
    "before anything": b"",
    "in the first line": b"HTTP/1.1 20",
    "in the headers": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nContent-Ty",
    "before the body": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n",
    "in the body": b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"name": "model"',
    "in a chunk": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"name',
    "between chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "in a body without a length": b'HTTP/1.1 200 OK\r\n\r\n{"name": "mod',
}
NO_HTTP: dict[str, bytes] = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "noise": bytes(range(256)) * 4,
    "a bare document": b'{"artifacts": []}\n',
    "a status that is no number": b"HTTP/1.1 fine OK\r\n\r\n",
    "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    "thousands of headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n{}",
    "chunks of no length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("answer", CUTS.values(), ids=CUTS)
@every_verb
def test_an_answer_that_is_cut_off_is_one_exception(new_client: NewClient, answer: bytes, verb: str) -> None:
    with raw_server(answer) as server, pytest.raises((urllib3.exceptions.HTTPError, ApiException), match=r"."):
        VERBS[verb](service_of(new_client, server.url))


@pytest.mark.parametrize("answer", NO_HTTP.values(), ids=NO_HTTP)
@every_verb
def test_what_is_no_http_is_one_exception(new_client: NewClient, answer: bytes, verb: str) -> None:
    with raw_server(answer) as server, pytest.raises((urllib3.exceptions.HTTPError, ApiException), match=r"."):
        VERBS[verb](service_of(new_client, server.url))


@pytest.mark.parametrize(("verb", "sent"), [("GET", 4), ("PUT", 4), ("POST", 1), ("PATCH", 1)])
def test_after_a_lost_answer_only_what_can_be_done_twice_is_sent_again(
    new_client: NewClient, verb: str, sent: int
) -> None:
    with raw_server(b"") as server, pytest.raises(urllib3.exceptions.HTTPError, match="Connection aborted"):
        VERBS[verb](service_of(new_client, server.url))

    assert len(server.requests) == sent


@pytest.mark.parametrize("verb", ["GET", "PUT"])
def test_a_lost_answer_goes_unnoticed_if_the_next_one_comes(new_client: NewClient, verb: str) -> None:
    with raw_server(b"", CUTS["in the body"], reply(ARTIFACT)) as server:
        data = VERBS[verb](service_of(new_client, server.url))

    assert (data.name, len(server.requests)) == ("model", 3)


TIMEOUTS: dict[str, Any] = {
    "a number": 0.05,
    "a pair": (5, 0.05),
    "a pair with None": (None, 0.05),
    "a list": [5, 0.05],
    "urllib3's": urllib3.Timeout(read=0.05),
}


@pytest.mark.parametrize("timeout", TIMEOUTS.values(), ids=TIMEOUTS)
@every_verb
def test_a_server_that_never_answers_is_a_time_out(new_client: NewClient, timeout: Any, verb: str) -> None:
    with raw_server(silence) as server:
        service = service_of(new_client, server.url, retries=0, request_timeout=timeout)
        with pytest.raises(urllib3.exceptions.HTTPError, match=r"(?i)timed out"):
            VERBS[verb](service)


@pytest.mark.parametrize("timeout", TIMEOUTS.values(), ids=TIMEOUTS)
def test_the_time_out_of_a_call_goes_before_the_configurations(new_client: NewClient, timeout: Any) -> None:
    with raw_server(silence) as server:
        service = service_of(new_client, server.url, retries=0)
        with pytest.raises(urllib3.exceptions.HTTPError, match=r"(?i)timed out"):
            service.list_artifacts(_request_timeout=timeout)


def test_a_time_out_is_tried_again_and_then_told(new_client: NewClient) -> None:
    with raw_server(silence) as server, pytest.raises(urllib3.exceptions.MaxRetryError, match=r"(?i)timed out"):
        service_of(new_client, server.url, request_timeout=0.05).list_artifacts()

    assert server.connections == 4


def test_a_time_out_on_a_thread_is_raised_by_get(new_client: NewClient) -> None:
    with raw_server(silence) as server:
        thread: Any = service_of(new_client, server.url, retries=0).list_artifacts(
            async_req=True, _request_timeout=0.05
        )
        with pytest.raises(urllib3.exceptions.HTTPError, match=r"(?i)timed out"):
            thread.get(WAIT_S)


@pytest.mark.parametrize("timeout", [0, -1, (1, 0), float("-inf")])
def test_a_time_out_that_is_not_positive_is_an_api_value_error(recorder: RawServer, timeout: Any) -> None:
    with ApiClient(Configuration(recorder.url)) as client, pytest.raises(ApiValueError, match="_request_timeout"):
        ArtifactServiceApi(client).list_artifacts(_request_timeout=timeout)

    assert recorder.requests == []


@pytest.mark.parametrize("timeout", ["5", True, (1,), (1, 2, 3), {}, ("a", "b")])
def test_a_time_out_of_another_kind_is_an_error_that_says_what_to_give(recorder: RawServer, timeout: Any) -> None:
    with ApiClient(Configuration(recorder.url)) as client, pytest.raises((ApiTypeError, ApiValueError)) as caught:
        ArtifactServiceApi(client).list_artifacts(_request_timeout=timeout)

    assert "_request_timeout" in str(caught.value)
    assert recorder.requests == []


def test_an_answer_may_come_byte_by_byte(new_client: NewClient) -> None:
    with raw_server(one_byte_at_a_time(reply(ARTIFACT))) as server:
        assert service_of(new_client, server.url).get_artifact("1").name == "model"


@pytest.mark.parametrize("status", ["503 Service Unavailable", "429 Too Many Requests"])
@pytest.mark.parametrize("verb", ["GET", "PUT"])
def test_a_server_that_asks_to_come_again_is_asked_again(new_client: NewClient, verb: str, status: str) -> None:
    with raw_server(reply(status=status, headers=["Retry-After: 0"]), reply(ARTIFACT)) as server:
        data = VERBS[verb](service_of(new_client, server.url))

    assert (data.name, len(server.requests)) == ("model", 2)
    assert server.requests[0].raw == server.requests[1].raw


REFUSALS = ["503 Service Unavailable", "429 Too Many Requests", "500 Internal Server Error", "413 Content Too Large"]


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("headers", [[], ["Retry-After: 0"]], ids=["plain", "Retry-After"])
@every_verb
def test_a_server_that_keeps_refusing_is_an_api_exception_with_its_answer(
    new_client: NewClient, verb: str, status: str, headers: list[str]
) -> None:
    error = failure(new_client, reply({"code": 14, "message": "no store"}, status, headers), verb)

    assert (f"{error.status} {error.reason}", error.message) == (status, "no store")
    assert error.headers["content-type"] == "application/json"


@pytest.mark.parametrize("verb", ["POST", "PATCH"])
def test_a_refused_write_is_not_sent_again(new_client: NewClient, verb: str) -> None:
    with raw_server(reply(status=REFUSALS[0], headers=["Retry-After: 0"])) as server, pytest.raises(ApiException):
        VERBS[verb](service_of(new_client, server.url))

    assert len(server.requests) == 1


LONG_WAITS = ["86400", "31", str(10**30), email.utils.formatdate(4_000_000_000, usegmt=True)]


@pytest.mark.parametrize("wait", LONG_WAITS)
@every_verb
def test_a_server_that_asks_for_a_long_wait_is_an_api_exception_at_once(
    new_client: NewClient, verb: str, wait: str
) -> None:
    answer = reply(status=REFUSALS[0], headers=[f"Retry-After: {wait}"])
    with raw_server(answer) as server, pytest.raises(ApiException) as caught:
        VERBS[verb](service_of(new_client, server.url))

    assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, wait)
    assert len(server.requests) == 1


@pytest.mark.parametrize("wait", ["soon", "-5", "", "1.5", "1e9"])
@every_verb
def test_a_wait_that_makes_no_sense_is_none(new_client: NewClient, verb: str, wait: str) -> None:
    assert failure(new_client, reply(status=REFUSALS[0], headers=[f"Retry-After: {wait}"]), verb).status == 503


@pytest.mark.parametrize(("retries", "sent"), [(0, 1), (False, 1), (1, 2), (None, 4)])
def test_the_configuration_says_how_often_to_try_again(new_client: NewClient, retries: Any, sent: int) -> None:
    with raw_server(reply(status=REFUSALS[0], headers=["Retry-After: 0"])) as server, pytest.raises(ApiException):
        service_of(new_client, server.url, retries=retries).list_artifacts()

    assert len(server.requests) == sent


REDIRECTS = ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]


@pytest.mark.parametrize("status", REDIRECTS)
@every_verb
def test_a_redirect_without_end_is_an_api_exception_that_says_where_to(
    new_client: NewClient, verb: str, status: str
) -> None:
    with raw_server(reply(b"", status, ["Location: /round"])) as server, pytest.raises(ApiException) as caught:
        VERBS[verb](service_of(new_client, server.url))

    assert str(caught.value.status) == status[:3]
    assert "/round" in str(caught.value)
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_to_another_host_does_not_carry_credentials(new_client: NewClient, status: str) -> None:
    with raw_server(reply(ARTIFACT)) as other, contextlib.ExitStack() as stack:
        away = [f"Location: {other.url}/apis/v2beta1/artifacts/1"]
        server = stack.enter_context(raw_server(reply(b"", status, away)))
        client = new_client(server.url, api_key={"authorization": "KEY"}, api_key_prefix={"authorization": "Bearer"})
        client.cookie = "session=SECRET"

        assert ArtifactServiceApi(client).get_artifact("1").name == "model"

    assert server.requests[0].header("authorization") == "Bearer KEY"
    assert b"KEY" not in other.requests[0].raw
    assert b"SECRET" not in other.requests[0].raw


def test_a_redirect_on_the_same_host_is_followed_with_credentials(new_client: NewClient) -> None:
    with raw_server(reply(b"", REDIRECTS[0], ["Location: /moved"]), reply(ARTIFACT)) as server:
        client = new_client(server.url, api_key={"authorization": "KEY"})

        assert ArtifactServiceApi(client).get_artifact("1").name == "model"

    assert (server.requests[1].target, server.requests[1].header("authorization")) == ("/moved", "KEY")


@pytest.mark.parametrize("status", ["300 Multiple Choices", "304 Not Modified", "399 Odd", "600 Beyond"])
@every_verb
def test_what_is_neither_success_nor_error_is_an_api_exception_all_the_same(
    new_client: NewClient, verb: str, status: str
) -> None:
    error = failure(new_client, reply(ARTIFACT, status), verb)

    assert f"{error.status} {error.reason}" == status


@pytest.mark.parametrize("status", ["400 Bad Request", "503 Service Unavailable"])
def test_an_error_comes_as_an_api_exception_even_if_the_answer_is_wanted_unread(
    new_client: NewClient, status: str
) -> None:
    with raw_server(reply(b"no", status)) as server, pytest.raises(ApiException) as caught:
        service_of(new_client, server.url).list_artifacts(_preload_content=False)

    assert (str(caught.value.status), caught.value.body) == (status[:3], "no")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged; the loggers' levels are put back."""
    loggers = [logging.getLogger(name) for name in ("artifactd_client", "urllib3")]
    levels = [logger.level for logger in loggers]
    yield caplog
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@every_verb
def test_debugging_logs_requests_and_answers_but_no_credentials(
    new_client: NewClient, log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], verb: str
) -> None:
    with raw_server(reply(ARTIFACT)) as server:
        client = new_client(
            server.url,
            api_key={"authorization": "KEY-1"},
            api_key_prefix={"authorization": "Bearer"},
            debug=True,
        )
        client.cookie = "session=SECRET"
        VERBS[verb](ArtifactServiceApi(client))

    assert f"{verb} {server.url}/apis/v2beta1/" in log.text
    assert '"name": "model"' in log.text
    shown = log.text + "".join(capfd.readouterr())
    assert "KEY-1" not in shown
    assert "SECRET" not in shown


def test_without_debugging_nothing_is_logged(new_client: NewClient, log: pytest.LogCaptureFixture) -> None:
    with raw_server(reply(ARTIFACT)) as server:
        service_of(new_client, server.url).get_artifact("1")

    assert [record for record in log.records if record.name.startswith("artifactd_client")] == []


def test_a_connection_that_a_server_has_closed_is_not_used_again(new_client: NewClient) -> None:
    kept = reply(ARTIFACT).replace(b"Connection: close\r\n", b"")
    with raw_server(kept) as server:
        service = service_of(new_client, server.url)
        names = [service.get_artifact("1").name for _ in range(3)]

    assert (names, server.connections) == (["model"] * 3, 3)


def test_more_than_was_announced_is_not_taken_for_the_next_answer(new_client: NewClient) -> None:
    def twice(connection: socket.socket, _: Request) -> None:
        connection.sendall(reply(ARTIFACT).replace(b"Connection: close\r\n", b"") + reply({"name": "stolen"}))

    with raw_server(twice) as server:
        service = service_of(new_client, server.url)

        assert [service.get_artifact("1").name for _ in range(2)] == ["model", "model"]
