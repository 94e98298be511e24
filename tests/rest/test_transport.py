"""What stands between a socket and a request: TLS, slow and crowding clients, and heads that two readers read apart."""

from __future__ import annotations

import contextlib
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from auth.peers import certificate
from rest.raw_http import answer_to, request_of
from support import Api, LiveServer, running_app

from artifactd.errors import InvalidArgument
from artifactd.rest.tls import Certificate
from artifactd.settings import Settings

pytestmark = pytest.mark.engines("sqlite")
LIST = b"/apis/v2beta1/artifacts"
Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def serve(database_url: str) -> Serve:
    """Serves with the settings given, and gives the address."""

    @contextlib.contextmanager
    def served(**settings: Any) -> Iterator[str]:
        with running_app(database_url, Settings(port=0, access_log=False, **settings)) as (url, _):
            yield url

    return served


def connect(url: str) -> socket.socket:
    """A connection that waits for half a minute at the most."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=30)


def everything_from(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            received += piece
    return received


def test_a_head_that_does_not_arrive_is_408(serve: Serve) -> None:
    with serve(head_timeout_s=0.1) as url, connect(url) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: loc")
        answer = everything_from(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":3' in answer


def test_a_head_that_drips_is_408_however_long_it_drips(serve: Serve) -> None:
    with serve(head_timeout_s=0.3) as url, connect(url) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\n")
        connection.settimeout(0.02)
        answer = b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for number in range(1_000):
                connection.sendall(b"X-%d: y\r\n" % number)
                with contextlib.suppress(TimeoutError):
                    answer += connection.recv(65_536)
                if answer:
                    break

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_says_nothing_is_closed(serve: Serve) -> None:
    with serve(head_timeout_s=0.1) as url, connect(url) as connection:
        assert everything_from(connection) == b""


def test_a_second_request_has_its_own_time(serve: Serve) -> None:
    with serve(head_timeout_s=1) as url, connect(url) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while not received.endswith(b"ok\n"):
            received += connection.recv(65_536)
        connection.sendall(b"GET /livez HTTP/1.1\r\n")
        assert b" 408 " in everything_from(connection)


def test_a_kept_connection_may_be_silent_for_longer_than_a_head(serve: Serve) -> None:
    with serve(head_timeout_s=1) as url:
        api = Api(url)
        assert api.raw("GET", "/livez").status == 200
        with connect(url) as silent:
            # When this one is closed, the time for a head is over.
            assert everything_from(silent) == b""
        assert api.raw("GET", "/livez").status == 200
        api.close()


def test_a_connection_too_many_is_503_and_the_others_are_served(serve: Serve) -> None:
    with serve(connections_max=2) as url:
        first, second = Api(url), Api(url)
        for api in (first, second):
            assert api.raw("GET", "/livez").status == 200
        with connect(url) as third:
            assert everything_from(third).startswith(b"HTTP/1.1 503 ")
        second.close()
        assert first.raw("GET", "/livez").status == 200
        first.close()


BODY = b'{"artifact": {"name": "x"}}'


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 27", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 27"),
        (b"Content-Length: 27", b"Content-Length: 5"),
        (b"Content-Length: 27, 27",),
        (b"Content-Length: +27",),
        (b"Content-Length: -1",),
        (b"Content-Length: 0x1b",),
        (b"Content-Length : 27",),
        (b"Content-Length: 27\r\n folded",),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"X\x00Y: 1", b"Content-Length: 27"),
        (b": nameless", b"Content-Length: 27"),
    ],
)
def test_a_head_that_two_readers_may_read_apart_is_refused(serve: Serve, headers: tuple[bytes, ...]) -> None:
    smuggled = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serve() as url:
        with connect(url) as connection:
            head = b"\r\n".join((b"POST " + LIST + b" HTTP/1.1", b"Host: localhost", *headers))
            connection.sendall(head + b"\r\n\r\n" + BODY + smuggled)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            answer = everything_from(connection)
        api = Api(url)
        total = api.get("/artifacts")["total_size"]
        api.close()

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 408 "))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert total == 0


@pytest.mark.parametrize("ending", [b"\n", b"\r"])
def test_lines_end_as_http_has_it(serve: Serve, ending: bytes) -> None:
    with serve() as url, connect(url) as connection:
        connection.sendall(ending.join((b"GET /livez HTTP/1.1", b"Host: localhost", b"Connection: close", b"", b"")))
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        answer = everything_from(connection)

    assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 200 "))
    assert answer.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd", b"gzip, gzip"])
def test_a_compressed_body_is_never_unpacked(serve: Serve, encoding: bytes) -> None:
    headers = (b"Content-Type: application/json", b"Content-Encoding: " + encoding, b"Content-Length: 20")
    with serve() as url:
        status, _ = answer_to(url, request_of("POST", LIST, *headers, body=b"\x1f\x8b" + b"\x00" * 18))

    assert status == 415


@pytest.mark.parametrize("path", ["/apis/v2beta1/artifacts", "/docs", "/livez", "/nowhere"])
def test_every_answer_forbids_to_be_more_than_data(serve: Serve, path: str) -> None:
    with serve() as url:
        api = Api(url)
        headers = api.raw("GET", path).headers
        api.close()

    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe-eval" not in headers["content-security-policy"]


def test_https_is_served_and_says_so(sqlite_url: str, tmp_path: Path) -> None:
    files = certificate(tmp_path)
    server = LiveServer(sqlite_url, "--tls-cert", str(files.cert), "--tls-key", str(files.key))
    try:
        assert server.url.startswith("https://127.0.0.1:")
        trust = ssl.create_default_context(cafile=str(files.cert))
        with trust.wrap_socket(connect(server.url), server_hostname="127.0.0.1") as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = everything_from(connection)
            assert connection.version() in ("TLSv1.2", "TLSv1.3")
        with connect(server.url) as plain:
            plain.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200" not in everything_from(plain)
    finally:
        server.kill()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"strict-transport-security: max-age=" in answer.lower()


def test_a_handshake_that_does_not_come_is_cut_off(sqlite_url: str, tmp_path: Path) -> None:
    files = certificate(tmp_path)
    flags = ("--tls-cert", str(files.cert), "--tls-key", str(files.key), "--head-timeout-s", "0.2")
    server = LiveServer(sqlite_url, *flags)
    try:
        with connect(server.url) as silent:
            assert everything_from(silent) == b""
    finally:
        server.kill()


def test_more_headers_than_anybody_needs_are_431(serve: Serve) -> None:
    with serve() as url:
        status, _ = answer_to(url, request_of("GET", b"/livez", *(b"a:" for _ in range(300))))

    assert status == 431


def test_an_old_version_of_tls_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    files = certificate(tmp_path)
    server = LiveServer(sqlite_url, "--tls-cert", str(files.cert), "--tls-key", str(files.key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with warnings.catch_warnings():
        # That it is deprecated is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            context.wrap_socket(connect(server.url))
    finally:
        server.kill()


def test_a_certificate_that_changes_is_read_again(tmp_path: Path) -> None:
    old, new = certificate(tmp_path, "old"), certificate(tmp_path, "new")
    cert, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    cert.symlink_to(old.cert)
    key.symlink_to(old.key)
    served = Certificate(str(cert), str(key))
    assert not served.renew()

    cert.unlink()
    cert.symlink_to(new.cert)
    # The chain is here before its key: nothing changes yet.
    assert not served.renew()
    key.unlink()
    key.symlink_to(new.key)

    assert served.renew()
    assert not served.renew()


@pytest.mark.parametrize("spoil", ["", "nonsense"])
def test_a_certificate_that_is_none_is_refused_at_the_start(tmp_path: Path, spoil: str) -> None:
    files = certificate(tmp_path)
    if spoil:
        files.key.write_text(spoil)
    else:
        files.key.unlink()

    with pytest.raises(InvalidArgument, match="cannot be used"):
        Certificate(str(files.cert), str(files.key))


def test_a_certificate_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="go together"):
        Certificate(str(certificate(tmp_path).cert), "")
