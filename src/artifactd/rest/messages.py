"""Requests and responses as the endpoint sees them, between the protocol's bytes and the operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol

from artifactd.rest.responses import BadEnvelope, ClientGone


class Request:
    """A request whose head has arrived, and its body as far as that has.

    Attributes:
        method: in capitals, as sent.
        raw_path: the path as it was sent, not decoded.
        query: the query string as it was sent, without the `?`.
        headers: by lower-case name; of one given twice, the values joined by a comma (RFC 9110, 5.3).
        peer: the address that the connection comes from.
        keep_alive: whether the connection may carry another request after this one.
        body_bytes: how much of the body has arrived.
        is_complete: whether all of the body has.
    """

    __slots__ = (
        "_arrived",
        "_chunks",
        "_is_gone",
        "body_bytes",
        "body_bytes_max",
        "headers",
        "is_complete",
        "keep_alive",
        "method",
        "on_wait",
        "peer",
        "query",
        "raw_path",
    )

    def __init__(
        self,
        method: str,
        raw_path: bytes,
        query: bytes,
        headers: dict[str, str],
        peer: str,
        *,
        body_bytes_max: int,
        keep_alive: bool = True,
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        self.query = query
        self.headers = headers
        self.peer = peer
        self.keep_alive = keep_alive
        self.body_bytes = 0
        self.body_bytes_max = body_bytes_max
        self.is_complete = False
        self.on_wait: Callable[[], None] | None = None
        self._chunks: list[bytes] = []
        self._arrived: asyncio.Future[None] | None = None
        self._is_gone = False

    @classmethod
    def whole(cls, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Request:
        """A request that has not come over a connection, with all of its body."""
        path, _, query = target.encode().partition(b"?")
        request = cls(method, path, query, headers, "127.0.0.1", body_bytes_max=len(body))
        request.add(body)
        request.finish()
        return request

    def add(self, chunk: bytes) -> None:
        """Takes a piece of the body; of one that is too long, nothing more is kept."""
        self.body_bytes += len(chunk)
        if self.body_bytes <= self.body_bytes_max:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()
            self._wake()

    def finish(self) -> None:
        """Says that the body is whole."""
        self.is_complete = True
        self._wake()

    def lose(self) -> None:
        """Says that no more of the body will come."""
        self._is_gone = True
        self._wake()

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    @property
    def is_too_long(self) -> bool:
        """Whether more of the body has come than may."""
        return self.body_bytes > self.body_bytes_max

    def body(self) -> bytes:
        """What has arrived."""
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def wait_for_body(self) -> None:
        """Waits until the body is whole or too long.

        Raises:
            ClientGone: the connection ended before.
        """
        while not self.is_complete and not self.is_too_long:
            if self._is_gone:
                raise ClientGone("the connection ended before the body did")
            if self.on_wait is not None:
                self.on_wait()
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived


class Response:
    """An answer: a head that lacks only what depends on the connection, and a body.

    Attributes:
        status: the HTTP status.
        head: status line and header lines (`response_head`), each with its line end.
        body: the content; a HEAD gets only its length.
    """

    __slots__ = ("body", "head", "status")

    def __init__(self, status: int, head: bytes, body: bytes = b"") -> None:
        self.status = status
        self.head = head
        self.body = body

    def with_header(self, line: bytes) -> Response:
        """The same with one more header line (`header_line`)."""
        return Response(self.status, self.head + line, self.body)

    def encode(self, *, without_body: bool, closes: bool, date: bytes) -> bytes:
        """The bytes to send.

        Args:
            without_body: whether the request was a HEAD.
            closes: whether the connection is closed behind it.
            date: the header line of the date.
        """
        body = self.body
        end = b"connection: close\r\n\r\n" if closes else b"\r\n"
        if self.status == HTTPStatus.NOT_MODIFIED:
            return b"".join((self.head, date, end))
        length = b"content-length: %d\r\n" % len(body)
        return b"".join((self.head, date, length, end, b"" if without_body else body))


def response_head(status: int, headers: Mapping[str, str]) -> bytes:
    """A status line and header lines."""
    first = b"HTTP/1.1 %d %s\r\n" % (status, HTTPStatus(status).phrase.encode())
    return first + b"".join(header_line(name, value) for name, value in headers.items())


def header_line(name: str, value: str) -> bytes:
    """A header's line.

    Raises:
        ValueError: the value holds what could end the line.
    """
    if not value.isprintable():
        raise ValueError(f"the header {name} would reach into the next line")
    return f"{name}: {value}\r\n".encode("latin-1")


class Pending:
    """An answer that has to be waited for.

    Attributes:
        future: what is waited for; cancelled by whoever wants no answer any more.
        finish: makes the response once that is done, or tells what is waited for next. Raises nothing, unless the
            future was cancelled.
    """

    __slots__ = ("finish", "future")

    def __init__(
        self, future: asyncio.Future[Any], finish: Callable[[asyncio.Future[Any]], Response | Pending]
    ) -> None:
        self.future = future
        self.finish = finish

    def __await__(self) -> Generator[Any, None, Response]:
        """Waits for the response."""
        return self._response().__await__()

    async def _response(self) -> Response:
        answer: Response | Pending = self
        while isinstance(answer, Pending):
            with suppress(Exception):
                await answer.future
            answer = answer.finish(answer.future)
        return answer


class Application(Protocol):
    """What answers requests."""

    def answer(self, request: Request) -> Response | Pending:
        """Answers a request, at once where nothing has to be waited for. Raises nothing.

        The body may not be whole yet; what is returned then waits for it.
        """
        ...

    def refuse(self, request: Request, error: BadEnvelope) -> Response:
        """Answers a request that never became whole. Raises nothing."""
        ...

    def close(self) -> None:
        """Finishes what answering left for later; nothing more is asked after it."""
        ...
