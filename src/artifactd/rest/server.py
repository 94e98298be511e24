"""The HTTP server: uvicorn, with bounds on a request's head and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from artifactd.errors import InvalidArgument
from artifactd.rest.responses import BadEnvelope, HeadersTooLarge, RequestLineTooLong, http_status
from artifactd.settings import Settings
from artifactd.wire.status import encode_error

_LINGER_S = 2.0
"""How long a refused client may go on sending: one that is cut off at once may never read why."""
_PARSED_URL_BYTES_MAX = 65_535
"""httptools keeps places in a URL in 16 bits, and takes a longer one for no HTTP at all."""


def _refusal(error: BadEnvelope) -> bytes:
    """A whole answer to a request whose head is never parsed to its end."""
    body = encode_error(error)
    status = HTTPStatus(http_status(error))
    head = f"HTTP/1.1 {status} {status.phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class BoundedProtocol(HttpToolsProtocol):
    """The HTTP protocol, with a bound on a request's head; uvicorn's own keeps it however large it grows."""

    header_bytes_max: int
    request_line_bytes_max: int
    _head_bytes = 0
    _refused = False

    def data_received(self, data: bytes) -> None:
        """Parses what has arrived, unless the request was refused."""
        if self._refused:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > self.header_bytes_max and not self.transport.is_closing():
            self._refuse()

    def _refuse(self) -> None:
        self._refused = True
        error: BadEnvelope
        if len(self.url) > self.request_line_bytes_max:
            error = RequestLineTooLong(f"path and query are over {self.request_line_bytes_max} bytes, the most allowed")
        else:
            error = HeadersTooLarge(f"the headers are over {self.header_bytes_max} bytes, the most allowed")
        self.transport.write(_refusal(error))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.close)

    def on_headers_complete(self) -> None:
        """Begins to serve the request, with its whole target, however long."""
        target = self.url
        if len(target) > _PARSED_URL_BYTES_MAX:
            self.url = b"/"
        super().on_headers_complete()
        if len(target) > _PARSED_URL_BYTES_MAX:
            # The request is served in a task that has not begun yet: it sees what is put in here.
            self.scope["raw_path"], _, self.scope["query_string"] = target.partition(b"?")
        self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Takes a piece of the body, which has a bound of its own."""
        super().on_body(body)
        self._head_bytes = 0

    def on_message_complete(self) -> None:
        """Ends the request; what follows is the head of the next."""
        super().on_message_complete()
        self._head_bytes = 0


class Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready and ends without an error on SIGTERM and SIGINT."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str], None], *, handles_signals: bool) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._signals = (signal.SIGTERM, signal.SIGINT) if handles_signals else ()

    async def startup(self, sockets: Any = None) -> None:
        """Begins to listen, then tells the address."""
        await super().startup(sockets)
        if self.started:
            self._on_ready(address_of(self.servers[0].sockets[0]))

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and SIGINT; uvicorn would raise them again once it has stopped."""
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in self._signals:
                loop.remove_signal_handler(number)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a port that is taken is known before anything else is done.

    Raises:
        InvalidArgument: the address is not to be had.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        raise InvalidArgument(f"--host {host} cannot be resolved: give an address of this machine") from error
    try:
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = (
                f"{host} port {port} is in use by another program: choose another with --port (make run PORT=9000)"
            )
            raise InvalidArgument(message) from error
        raise InvalidArgument(f"cannot listen on {host} port {port}: {error.strerror or error}") from error


def address_of(listener: Any) -> str:
    """The base URL at which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def make_server(
    app: Any, settings: Settings, on_ready: Callable[[str], None], *, handles_signals: bool = True
) -> Server:
    """A server for the application.

    Args:
        on_ready: is told the address once requests are answered there.
        handles_signals: whether SIGTERM and SIGINT stop it, which only a main thread can arrange.
    """
    bounds = {
        "header_bytes_max": settings.header_bytes_max,
        "request_line_bytes_max": settings.request_line_bytes_max,
    }
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=type("Protocol", (BoundedProtocol,), bounds),
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    return Server(config, on_ready, handles_signals=handles_signals)
