"""The HTTP server: listens, has a connection for each client, and stops cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog

from artifactd.errors import InvalidArgument
from artifactd.rest.messages import Application
from artifactd.rest.protocol import Bounds, Connection, Line
from artifactd.rest.tls import Certificate
from artifactd.settings import Settings

_BACKLOG = 2_048


class Server:
    """Serves an application until it is stopped. Belongs to the event loop that it serves on.

    Args:
        application: what answers requests.
        bounds: how much and for how long.
        stopping_s: how long requests in flight may take once it stops.
        certificate: for TLS; None serves plain HTTP.
        on_ready: is told the address once requests are answered there.
        handles_signals: whether SIGTERM and SIGINT stop it, which only a main thread can arrange.
    """

    def __init__(
        self,
        application: Application,
        bounds: Bounds,
        *,
        stopping_s: float,
        certificate: Certificate | None,
        on_ready: Callable[[str], None],
        handles_signals: bool,
    ) -> None:
        self._connections: set[Connection] = set()
        self._line = Line(application, bounds, self._connections)
        self._stopping_s = stopping_s
        self._certificate = certificate
        self._on_ready = on_ready
        self._signals = (signal.SIGTERM, signal.SIGINT) if handles_signals else ()
        self._stopped: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_in_haste = False

    def stop(self) -> None:
        """Makes `serve` end; a second time, without waiting for requests in flight. From any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                # It has ended already, and its loop with it.
                self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        assert self._stopped is not None
        self._is_in_haste = self._stopped.is_set()
        self._stopped.set()

    async def serve(self, sockets: Sequence[socket.socket]) -> None:
        """Serves on sockets that listen, until `stop` or a signal; then lets requests in flight finish."""
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        with self._signalled():
            listeners = [await self._listen(each) for each in sockets]
            renewing = asyncio.create_task(self._certificate.renew_for_ever()) if self._certificate else None
            self._on_ready(address_of(listeners[0].sockets[0], secure=self._certificate is not None))
            await self._stopped.wait()
            if renewing is not None:
                renewing.cancel()
            for listener in listeners:
                listener.close()
            await self._end_connections()
            self._line.application.close()

    async def _listen(self, listener: socket.socket) -> asyncio.Server:
        assert self._loop is not None
        context = self._certificate.context if self._certificate else None
        return await self._loop.create_server(
            lambda: Connection(self._line),
            sock=listener,
            backlog=_BACKLOG,
            ssl=context,
            ssl_handshake_timeout=self._line.bounds.head_timeout_s if context else None,
        )

    async def _end_connections(self) -> None:
        assert self._loop is not None
        deadline = self._loop.time() + self._stopping_s
        while self._connections:
            for connection in list(self._connections):
                connection.stop()
            if self._is_in_haste or self._loop.time() > deadline:
                structlog.get_logger("artifactd").warning("requests were cut off", connections=len(self._connections))
                for connection in list(self._connections):
                    connection.abort()
                return
            await asyncio.sleep(0.02)

    @contextlib.contextmanager
    def _signalled(self) -> Iterator[None]:
        assert self._loop is not None
        for number in self._signals:
            self._loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in self._signals:
                self._loop.remove_signal_handler(number)


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
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
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
    application: Application, settings: Settings, on_ready: Callable[[str], None], *, handles_signals: bool = True
) -> Server:
    """A server for the application.

    Args:
        on_ready: is told the address once requests are answered there.
        handles_signals: whether SIGTERM and SIGINT stop it, which only a main thread can arrange.

    Raises:
        InvalidArgument: the certificate and its key are not right.
    """
    bounds = Bounds(
        header_bytes_max=settings.header_bytes_max,
        request_line_bytes_max=settings.request_line_bytes_max,
        body_bytes_max=settings.body_bytes_max,
        connections_max=settings.connections_max,
        head_timeout_s=settings.head_timeout_s,
        body_timeout_s=settings.body_timeout_s,
        keep_alive_s=settings.keep_alive_s,
    )
    return Server(
        application,
        bounds,
        stopping_s=settings.shutdown_timeout_s,
        certificate=Certificate(settings.tls_cert, settings.tls_key) if settings.tls_cert else None,
        on_ready=on_ready,
        handles_signals=handles_signals,
    )
