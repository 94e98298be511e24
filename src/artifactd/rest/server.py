"""The HTTP server: uvicorn, with bounds on a request's head and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from artifactd.errors import InvalidArgument
from artifactd.settings import Settings

_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def _bounded_protocol(header_bytes_max: int) -> type[HttpToolsProtocol]:
    """The HTTP protocol, with a bound on a request's head; uvicorn's own keeps it however large it grows."""

    class BoundedProtocol(HttpToolsProtocol):
        _head_bytes = 0

        def data_received(self, data: bytes) -> None:
            self._head_bytes += len(data)
            super().data_received(data)
            if self._head_bytes > header_bytes_max and not self.transport.is_closing():
                self.transport.write(_HEAD_TOO_LARGE)
                self.transport.close()

        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            self._head_bytes = 0

        def on_body(self, body: bytes) -> None:
            super().on_body(body)
            self._head_bytes = 0

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._head_bytes = 0

    return BoundedProtocol


class Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready and ends without an error on SIGTERM and SIGINT."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: Any = None) -> None:
        """Begins to listen, then tells the address."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._on_ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and SIGINT; uvicorn would raise them again once it has stopped."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a port that is taken is known before anything else is done.

    Raises:
        InvalidArgument: the address is not to be had.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise InvalidArgument(
            f"cannot listen on {host} port {port} ({error.strerror or error}): choose another with --host or --port"
        ) from error


def make_server(app: Any, settings: Settings, on_ready: Callable[[str], None]) -> Server:
    """A server for the application.

    Args:
        on_ready: is told the address once requests are answered there.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=_bounded_protocol(settings.header_bytes_max),
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    return Server(config, on_ready)
