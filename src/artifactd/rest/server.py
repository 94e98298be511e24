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

from artifactd.errors import InvalidArgument, ServiceError, Unavailable
from artifactd.rest.responses import BadEnvelope, HeadersTooLarge, HeadTimeout, RequestLineTooLong, http_status
from artifactd.rest.tls import Certificate
from artifactd.settings import Settings
from artifactd.wire.status import encode_error

_LINGER_S = 2.0
"""How long a refused client may go on sending: one that is cut off at once may never read why."""
_PARSED_URL_BYTES_MAX = 65_535
"""httptools keeps places in a URL in 16 bits, and takes a longer one for no HTTP at all."""


def _refusal(error: ServiceError) -> bytes:
    """A whole answer to a request whose head is never parsed to its end."""
    body = encode_error(error)
    status = HTTPStatus(http_status(error))
    head = f"HTTP/1.1 {status} {status.phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class BoundedProtocol(HttpToolsProtocol):
    """The HTTP protocol, with a bound on a request's head; uvicorn's own keeps it however large it grows."""

    header_bytes_max: int
    request_line_bytes_max: int
    connections_max: int
    head_timeout_s: float
    _head_bytes = 0
    _refused = False
    _head_timer: asyncio.TimerHandle | None = None
    _in_head = False

    def connection_made(self, transport: Any) -> None:
        """Takes a connection, which has to say something soon, or refuses one too many."""
        super().connection_made(transport)
        if len(self.connections) > self.connections_max:
            self._refuse_with(Unavailable(f"{self.connections_max} connections are open, the most that this takes"))
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets a connection."""
        self._head_is_here()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begins to read a request's head."""
        super().on_message_begin()
        self._in_head = True

    def _await_head(self) -> None:
        self._head_is_here()
        self._head_timer = self.loop.call_later(self.head_timeout_s, self._give_up_on_head)

    def _head_is_here(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up_on_head(self) -> None:
        self._head_timer = None
        if self.transport.is_closing() or self._refused:
            return
        if self.cycle is not None and not self.cycle.response_complete:
            # An answer is on its way; a refusal must not get into the midst of it.
            self._await_head()
            return
        if self._head_bytes:
            self._refuse_with(HeadTimeout(f"the head did not arrive within {self.head_timeout_s:g} s"))
        else:
            # Nothing was asked, so nothing is answered.
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Parses what has arrived, unless the request was refused."""
        if self._refused:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        # Nearly every head comes in one piece, and needs no timer.
        if self._in_head and self._head_timer is None:
            self._await_head()
        if self._head_bytes > self.header_bytes_max and not self.transport.is_closing():
            self._refuse()

    def _refuse(self) -> None:
        error: BadEnvelope
        if len(self.url) > self.request_line_bytes_max:
            error = RequestLineTooLong(f"path and query are over {self.request_line_bytes_max} bytes, the most allowed")
        else:
            error = HeadersTooLarge(f"the headers are over {self.header_bytes_max} bytes, the most allowed")
        self._refuse_with(error)

    def _refuse_with(self, error: ServiceError) -> None:
        self._refused = True
        self._head_is_here()
        self.transport.write(_refusal(error))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.close)

    def on_headers_complete(self) -> None:
        """Begins to serve the request, with its whole target, however long."""
        self._in_head = False
        self._head_is_here()
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

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[str], None],
        certificate: Certificate | None,
        *,
        handles_signals: bool,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._certificate = certificate
        self._renewing: asyncio.Task[None] | None = None
        self._signals = (signal.SIGTERM, signal.SIGINT) if handles_signals else ()

    async def startup(self, sockets: Any = None) -> None:
        """Begins to listen, then tells the address."""
        if self._certificate is None:
            await super().startup(sockets)
        else:
            await self._start_securely(sockets or [listen(self.config.host, self.config.port)])
        if self.started:
            if self._certificate is not None:
                self._renewing = asyncio.create_task(self._certificate.renew_for_ever())
            self._on_ready(address_of(self.servers[0].sockets[0], secure=self._certificate is not None))

    async def _start_securely(self, listeners: list[socket.socket]) -> None:
        """Listens for TLS, with a limit on a handshake's time that uvicorn leaves at a minute."""
        loop = asyncio.get_running_loop()
        protocol: Any = self.config.http_protocol_class

        def make_protocol() -> asyncio.Protocol:
            made: asyncio.Protocol = protocol(config=self.config, server_state=self.server_state, app_state={})
            return made

        self.servers = [
            await loop.create_server(
                make_protocol,
                sock=listener,
                ssl=self.config.ssl,
                ssl_handshake_timeout=protocol.head_timeout_s,
                backlog=self.config.backlog,
            )
            for listener in listeners
        ]
        self.started = True

    async def shutdown(self, sockets: Any = None) -> None:
        """Stops listening, and lets requests in flight finish."""
        if self._renewing is not None:
            self._renewing.cancel()
        await super().shutdown(sockets)

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


def address_of(listener: Any, *, secure: bool = False) -> str:
    """The base URL at which a listening socket is reached."""
    scheme = "https" if secure else "http"
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def make_server(
    app: Any, settings: Settings, on_ready: Callable[[str], None], *, handles_signals: bool = True
) -> Server:
    """A server for the application.

    Args:
        on_ready: is told the address once requests are answered there.
        handles_signals: whether SIGTERM and SIGINT stop it, which only a main thread can arrange.

    Raises:
        InvalidArgument: the certificate and its key are not right.
    """
    bounds = {
        "header_bytes_max": settings.header_bytes_max,
        "request_line_bytes_max": settings.request_line_bytes_max,
        "connections_max": settings.connections_max,
        "head_timeout_s": settings.head_timeout_s,
    }
    certificate = Certificate(settings.tls_cert, settings.tls_key) if settings.tls_cert else None
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
    if certificate is not None:
        config.load()
        config.ssl = certificate.context
    return Server(config, on_ready, certificate, handles_signals=handles_signals)
