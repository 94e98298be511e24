"""One structured log line a request, without headers, bodies or queries."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

from support import API, Api, LiveServer


def logged(database_url: str, *flags: str) -> str:
    """What a server logs that answers a write, a read and a request for what is not there."""
    server = LiveServer(database_url, "--access-log", *flags)
    api = Api(server.url)
    api.metric(task_id="t", name="loss")
    api.raw("GET", f"{API}/artifacts?filter=secret-query", headers={"Authorization": "secret-key"})
    api.raw("GET", f"{API}/metrics/t/%0Ainjected")
    api.close()
    assert server.stop() == 0
    return server.errors


def test_each_request_is_one_json_line_with_what_operators_look_for(database_url: str) -> None:
    lines = [json.loads(line) for line in logged(database_url).splitlines()]

    assert [(line["method"], line["status"], line["operation"]) for line in lines] == [
        ("POST", 200, "log_metric"),
        ("GET", 400, "list_artifacts"),
        ("GET", 404, "get_metric"),
    ]
    assert all(line["event"] == "request" and line["ms"] >= 0 and line["client"] == "127.0.0.1" for line in lines)
    assert len({line["request_id"] for line in lines}) == 3
    assert [line["caller"] for line in lines] == ["anonymous"] * 3


def test_no_query_header_or_line_break_of_a_client_reaches_the_log(database_url: str) -> None:
    text = logged(database_url)

    assert "secret" not in text
    assert len(text.splitlines()) == 3


def test_a_path_that_json_must_escape_is_told_as_it_came(database_url: str) -> None:
    server = LiveServer(database_url, "--access-log")
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(b'GET /a"b\\c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
        while line.recv(4_096):
            pass
    assert server.stop() == 0

    assert json.loads(server.errors)["path"] == '/a"b\\c'


def test_the_console_form_says_the_same_without_colours_in_a_file(database_url: str) -> None:
    lines = logged(database_url, "--log-format", "console").splitlines()

    assert len(lines) == 3
    assert "status=200" in lines[0]
    assert "\x1b" not in lines[0]


def test_a_log_level_above_info_leaves_requests_out(database_url: str) -> None:
    assert logged(database_url, "--log-level", "warning") == ""
