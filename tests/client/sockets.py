"""Servers made of bare sockets: they keep every byte of each request, and answer as a script says, however badly."""

from __future__ import annotations

import contextlib
import http.client
import json
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
WAIT_S = 20.0
"""Longer than any test takes: only a test that fails waits so long."""


class Request(NamedTuple):
    """A request as it came. Names of headers are as they were written."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    raw: bytes

    def header(self, name: str) -> str | None:
        """A header's value, whatever the case of its name."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


Answer = bytes | Callable[[socket.socket, Request], None]


def reply(
    body: Any = b"{}", status: str = "200 OK", headers: Sequence[str] = (), kind: str = "application/json"
) -> bytes:
    """The bytes of an answer after which the connection closes; a body that is no text becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers]
    if kind:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def silence(connection: socket.socket, _: Request) -> None:
    """Answers nothing until the client has gone."""
    while connection.recv(65536):
        pass


def one_byte_at_a_time(answer: bytes) -> Callable[[socket.socket, Request], None]:
    """Sends an answer in pieces as small as can be."""

    def send(connection: socket.socket, _: Request) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in answer:
            connection.sendall(bytes([byte]))

    return send


def forwarded(url: str, request: Request) -> bytes:
    """The answer of another server to a request."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=WAIT_S)
    try:
        headers = {name: value for name, value in request.headers if name.lower() != "host"}
        connection.request(request.method, request.target, request.body or None, headers)
        response = connection.getresponse()
        kept = [f"{name}: {value}" for name, value in response.getheaders() if name.lower() == "etag"]
        return reply(response.read(), f"{response.status} {response.reason}", kept)
    finally:
        connection.close()


def tunnel(connection: socket.socket, request: Request) -> None:
    """Does what a proxy does for `CONNECT`: joins two connections, and looks at nothing."""
    host, _, port = request.target.rpartition(":")
    with socket.create_connection((host, int(port)), WAIT_S) as upstream, selectors.DefaultSelector() as ready:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for here, there in ((connection, upstream), (upstream, connection)):
            ready.register(here, selectors.EVENT_READ, (here, there))
        while True:
            for key, _ in ready.select(WAIT_S):
                here, there = key.data
                if not (data := here.recv(65536)):
                    return
                there.sendall(data)


class RawServer:
    """A server of one thread, which serves one connection after the other.

    Args:
        answers: what is sent to one request after the other; the last one serves all further ones.
        tls: the server's certificate; without it the server speaks plain HTTP.

    Attributes:
        url: the server's base URL.
        requests: what has come so far.
        connections: how many clients have connected so far.
    """

    def __init__(self, answers: Sequence[Answer], tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.answers = list(answers)
        self._tls = tls
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{LOOPBACK}:{self.port}"
        self._stopping = False
        self._current: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, and whatever connection it is at."""
        self._stopping = True
        with contextlib.suppress(OSError):
            if self._current is not None:
                self._current.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            socket.create_connection((LOOPBACK, self.port), WAIT_S).close()
        self._thread.join(WAIT_S)
        self._listener.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            connection = self._listener.accept()[0]
            with connection:
                if self._stopping:
                    return
                self.connections += 1
                connection.settimeout(WAIT_S)
                self._current = connection
                # A client that goes away, or that trusts no certificate of ours, is what many tests are about.
                with contextlib.suppress(OSError):
                    self._secure_and_answer(connection)
                self._current = None

    def _secure_and_answer(self, connection: socket.socket) -> None:
        if self._tls is None:
            self._answer(connection)
            return
        with self._tls.wrap_socket(connection, server_side=True) as secured:
            self._current = secured
            self._answer(secured)

    def _answer(self, connection: socket.socket) -> None:
        request = read_request(connection)
        if request is None:
            return
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        if callable(answer):
            answer(connection, request)
        else:
            connection.sendall(answer)
        # The client reads to the end before the connection goes: closing over unread bytes would reset it.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)


def read_request(connection: socket.socket) -> Request | None:
    """The next request of a connection; `None` if the client closes it first."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        if not (more := connection.recv(65536)):
            return None
        raw += more
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    due = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    while len(body) < due:
        if not (more := connection.recv(65536)):
            return None
        body += more
        raw += more
    method, target, _ = first.split(" ")
    return Request(method, target, headers, body, raw)


@contextlib.contextmanager
def raw_server(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server that ends with the block; without answers each request gets an empty object."""
    server = RawServer(answers or [reply()], tls)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def refusing_port() -> Iterator[int]:
    """A port where nobody listens, and which nobody else gets meanwhile."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        yield taken.getsockname()[1]
