"""What happens on one connection: requests one behind the other, bodies in pieces, clients that stop or do not read."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import API, Api, LiveServer, running_app

from artifactd.settings import Settings

pytestmark = pytest.mark.engines("sqlite")
HOST = b"Host: localhost\r\n"
LIVE = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
LAST = b"GET /livez HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
METRICS = f"{API}/metrics".encode()


@pytest.fixture
def url(database_url: str) -> Iterator[str]:
    """A server's address."""
    settings = Settings(port=0, access_log=False, body_bytes_max=100_000, body_timeout_s=0.2)
    with running_app(database_url, settings) as (address, _):
        yield address


@pytest.fixture
def connection(url: str) -> Iterator[socket.socket]:
    """A connection to it, which waits for half a minute at the most."""
    with connected(url) as opened:
        yield opened


def connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=30)


def rest_of(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            received += piece
    return received


def answer_on(connection: socket.socket, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
    """The next answer: not a byte more is read, and it is none if the last one ended elsewhere."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    length = int(headers.get("content-length", "0")) if has_body else 0
    assert first.startswith("HTTP/1.1 ")
    return int(first.split()[1]), headers, connection.recv(length, socket.MSG_WAITALL) if length else b""


def statuses(received: bytes) -> list[bytes]:
    """The statuses of all answers, whose bodies hold no such words."""
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", received)


def a_write(name: str) -> bytes:
    body = json.dumps({"metric": {"task_id": "t", "name": name, "value": 1}}).encode()
    head = b"POST " + METRICS + b" HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def a_body(head: bytes, *pieces: bytes) -> bytes:
    lines = b"POST " + METRICS + b" HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n" + head + b"\r\n"
    return lines + b"".join(pieces)


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


POINT = b'{"metric":{"task_id":"t","name":"m","value":1}}'


def test_requests_sent_ahead_are_answered_in_their_order_though_the_first_has_to_wait(
    connection: socket.socket,
) -> None:
    connection.sendall(a_write("first") + LIVE + a_write("second") + LAST)

    bodies = rest_of(connection).split(b"HTTP/1.1 200 OK")[1:]

    assert [b'"first"' in bodies[0], b"ok\n" in bodies[1], b'"second"' in bodies[2], b"ok\n" in bodies[3]] == [True] * 4


def test_many_requests_sent_ahead_are_all_answered(connection: socket.socket) -> None:
    connection.sendall(LIVE * 200 + LAST)

    assert statuses(rest_of(connection)) == [b"200"] * 201


def test_more_requests_ahead_than_are_kept_end_the_connection_behind_those_that_are(connection: socket.socket) -> None:
    connection.sendall(a_write("slow") + LIVE * 2_000)

    found = statuses(rest_of(connection))

    assert found[-1] == b"503"
    assert set(found[:-1]) == {b"200"}
    assert len(found) < 1_000


def test_nothing_behind_the_last_request_of_a_connection_is_answered(connection: socket.socket) -> None:
    connection.sendall(LAST + LIVE + LIVE)

    assert statuses(rest_of(connection)) == [b"200"]


def test_a_good_request_is_answered_before_the_garbage_behind_it(connection: socket.socket) -> None:
    connection.sendall(a_write("good") + b"\x00\x01garbage\r\n\r\n")

    assert statuses(rest_of(connection)) == [b"200", b"400"]


def test_an_answer_to_head_has_the_length_of_the_get_and_no_body(connection: socket.socket) -> None:
    connection.sendall(LIVE.replace(b"GET", b"HEAD") + LIVE)

    _, head, nothing = answer_on(connection, has_body=False)
    status, headers, body = answer_on(connection)

    assert (nothing, head["content-length"]) == (b"", headers["content-length"])
    assert (status, body) == (200, b"ok\n")


def test_behind_an_answer_without_content_the_next_one_is_read_right(url: str, connection: socket.socket) -> None:
    api = Api(url)
    artifact_id = api.artifact(name="x")["artifact_id"]
    api.close()
    get = f"GET {API}/artifacts/{artifact_id} HTTP/1.1\r\n".encode() + HOST + b'If-None-Match: "1"\r\n\r\n'
    connection.sendall(get + LIVE)

    assert answer_on(connection)[0] == 304
    assert answer_on(connection)[2] == b"ok\n"


def test_an_old_client_gets_an_answer_and_the_end(connection: socket.socket) -> None:
    connection.sendall(b"GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n")

    received = rest_of(connection)

    assert statuses(received) == [b"200"]
    assert b"connection: close" in received


def test_line_ends_before_a_request_are_passed_over(connection: socket.socket) -> None:
    connection.sendall(b"\r\n\r\n" + LAST)

    assert statuses(rest_of(connection)) == [b"200"]


def test_a_request_for_another_protocol_is_answered_by_this_one(connection: socket.socket) -> None:
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    connection.sendall(b"GET /livez HTTP/1.1\r\n" + HOST + wish)

    assert statuses(rest_of(connection)) == [b"200"]


@pytest.mark.parametrize("target", [b"OPTIONS * HTTP/1.1", b"CONNECT other:443 HTTP/1.1"])
def test_what_is_no_path_is_not_there(connection: socket.socket, target: bytes) -> None:
    connection.sendall(target + b"\r\n" + HOST + b"Connection: close\r\n\r\n")

    assert statuses(rest_of(connection)) == [b"404"]


def test_a_client_that_sends_no_more_still_gets_its_answers(connection: socket.socket) -> None:
    connection.sendall(a_write("half"))
    connection.shutdown(socket.SHUT_WR)

    assert statuses(rest_of(connection)) == [b"200"]


def test_a_body_may_come_in_chunks_and_those_in_pieces(connection: socket.socket) -> None:
    whole = a_body(b"Transfer-Encoding: chunked\r\n", *(chunk(bytes((byte,))) for byte in POINT), b"0\r\n\r\n") + LAST
    for start in range(0, len(whole), 50):
        connection.sendall(whole[start : start + 50])

    assert statuses(rest_of(connection)) == [b"200", b"200"]


def test_what_is_said_behind_a_body_is_no_header(connection: socket.socket) -> None:
    end = b"0\r\nIdempotency-Key: late\r\nHost: elsewhere\r\n\r\n"
    connection.sendall(a_body(b"Transfer-Encoding: chunked\r\n", chunk(POINT), end) * 2 + LAST)
    first = rest_of(connection)

    assert statuses(first) == [b"200"] * 3


@pytest.mark.parametrize(
    "request_bytes",
    [
        a_body(b"Content-Length: 200000\r\n"),
        a_body(b"Content-Length: 200000\r\nExpect: 100-continue\r\n"),
        a_body(b"Transfer-Encoding: chunked\r\n", chunk(b" " * 60_000), chunk(b" " * 60_000)),
    ],
)
def test_a_body_over_the_limit_is_413_before_all_of_it_is_there(
    connection: socket.socket, request_bytes: bytes
) -> None:
    connection.sendall(request_bytes)

    assert statuses(rest_of(connection)) == [b"413"]


@pytest.mark.parametrize(
    "begun", [a_body(b"Content-Length: 100\r\n", b"{"), a_body(b"Transfer-Encoding: chunked\r\n", chunk(b"{"))]
)
def test_a_body_that_stops_half_way_is_408(connection: socket.socket, begun: bytes) -> None:
    connection.sendall(begun)

    received = rest_of(connection)

    assert statuses(received) == [b"408"]
    assert b'"field":"body"' in received


def test_a_client_that_waits_to_be_told_sends_its_body_then(connection: socket.socket) -> None:
    connection.sendall(a_body(b"Content-Length: %d\r\nExpect: 100-continue\r\n" % len(POINT)))
    told = b""
    while not told.endswith(b"\r\n\r\n"):
        told += connection.recv(1)
    connection.sendall(POINT)

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer_on(connection)[0] == 200


def test_a_client_that_goes_away_in_the_midst_of_a_body_leaves_the_server_well(url: str) -> None:
    for _ in range(5):
        with connected(url) as leaving:
            leaving.sendall(a_body(b"Transfer-Encoding: chunked\r\n", chunk(b'{"metric":')))
    api = Api(url)

    assert api.raw("GET", "/readyz").status == 200
    assert api.get("/metrics")["total_size"] == 0
    api.close()


def test_a_client_that_does_not_read_keeps_nobody_else_waiting(url: str) -> None:
    api = Api(url)
    for number in range(200):
        api.artifact(name=f"{number:04}", description="x" * 4_000)
    ask = f"GET {API}/artifacts?page_size=200 HTTP/1.1\r\n".encode() + HOST + b"\r\n"
    with connected(url) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.settimeout(0.5)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 100_000:
                deaf.sendall(ask)
                sent += 1
        assert api.raw("GET", "/readyz").status == 200

        # It is not read from for ever: what it would get has to be kept somewhere.
        assert sent < 100_000
    api.close()


def test_a_stop_lets_what_is_being_answered_be_answered_and_closes_the_rest(sqlite_url: str) -> None:
    server = LiveServer(sqlite_url, "--body-timeout-s", "20")
    with connected(server.url) as idle, connected(server.url) as busy:
        idle.sendall(LIVE)
        answer_on(idle)
        head = a_body(b"Transfer-Encoding: chunked\r\n", chunk(POINT[:10]))
        busy.sendall(head)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert rest_of(idle) == b""
        busy.sendall(chunk(POINT[10:]) + b"0\r\n\r\n")
        received = rest_of(busy)
        stopping.join()

    assert statuses(received) == [b"200"]
    assert b"connection: close" in received
    assert server.process.returncode == 0


def test_a_stop_does_not_wait_for_ever(sqlite_url: str) -> None:
    server = LiveServer(sqlite_url, "--body-timeout-s", "600", "--shutdown-timeout-s", "0")
    with connected(server.url) as stuck:
        stuck.sendall(a_body(b"Transfer-Encoding: chunked\r\n", chunk(b"{")) + b"")
        # The answer to another shows that this one has begun.
        connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
        connection.request("GET", "/livez")
        connection.getresponse().read()
        connection.close()

        assert server.stop() == 0
        assert rest_of(stuck) == b""


def test_a_header_that_is_given_twice_counts_as_one_list(url: str) -> None:
    api = Api(url)
    made: dict[str, Any] = api.artifact(name="x")
    with connected(url) as connection:
        tags = b'If-None-Match: "7"\r\nIf-None-Match: "1"\r\n\r\n'
        connection.sendall(f"GET {API}/artifacts/{made['artifact_id']} HTTP/1.1\r\n".encode() + HOST + tags)

        assert answer_on(connection)[0] == 304
    api.close()
