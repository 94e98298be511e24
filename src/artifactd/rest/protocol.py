"""HTTP/1.1 on one connection: bytes to requests, responses to bytes (docs/decisions/0015).

llhttp parses (by httptools); what is decided here is whose turn it is, how long may be waited for what, and how much
of anything is taken. Requests that come one behind the other on a connection are answered in their order.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from email.utils import formatdate
from typing import Any, NamedTuple, cast

import httptools

from artifactd.errors import ServiceError, Unavailable
from artifactd.rest.deadlines import Deadline, Wait
from artifactd.rest.messages import Application, Pending, Request, Response, response_head
from artifactd.rest.responses import (
    BadEnvelope,
    BodyTimeout,
    HeadersTooLarge,
    HeadTimeout,
    NoHttp,
    RequestLineTooLong,
    http_status,
)
from artifactd.wire.status import encode_error

_LINGER_S = 2.0
"""How long a refused client may go on sending: one that is cut off at once may never read why."""
_AWAITED_BODY_BYTES = 65_536
"""A body that is said to be no longer is waited for before anything is done; most arrive a moment after their head."""
_AHEAD_MAX = 256
"""How many requests of one connection are kept that came while an earlier one was being answered."""
_ANSWERS_AT_ONCE = 32
"""How many requests of one connection are answered before others have their turn."""
_NAMES_MAX = 256
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Bounds(NamedTuple):
    """How much and for how long; see `artifactd.settings`."""

    header_bytes_max: int
    request_line_bytes_max: int
    body_bytes_max: int
    connections_max: int
    head_timeout_s: float
    body_timeout_s: float
    keep_alive_s: float
    headers_max: int = 256


class Line(NamedTuple):
    """What the connections of one server share."""

    application: Application
    bounds: Bounds
    connections: set[Connection]


class _Dates:
    """The `Date` of answers, made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._line = b""

    def line(self) -> bytes:
        """The header's line."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._line = f"date: {formatdate(second, usegmt=True)}\r\n".encode()
        return self._line


class _Names:
    """Header names in lower case, as text; those that are often sent are remembered."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def of(self, name: bytes) -> str:
        """The name."""
        found = self._known.get(name)
        if found is None:
            found = name.decode("latin-1").lower()
            if len(self._known) < _NAMES_MAX:
                self._known[name] = found
        return found


_DATES = _Dates()
_NAMES = _Names()


class Connection(asyncio.Protocol):
    """One connection, from its first byte to its last."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._bounds = line.bounds
        self._application = line.application
        self._loop = asyncio.get_running_loop()
        self._deadline = Deadline(self._loop, self._give_up)
        self._transport: asyncio.Transport
        self._peer = ""
        self._parser = httptools.HttpRequestParser(self)
        # What comes behind a request that is the last of its connection is nobody's fault, and is not read.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        # The head that is arriving.
        self._in_head = False
        self._target = b""
        self._headers: dict[str, str] = {}
        self._headers_given = 0
        self._head_bytes = 0
        # The request whose body is arriving, those that are whole, and the one that is being answered.
        self._incoming: Request | None = None
        self._whole: deque[Request] = deque()
        self._answering: Request | None = None
        self._pending: Pending | None = None
        self._fault: ServiceError | None = None
        self._is_ending = False
        self._is_stopping = False
        self._is_writing_paused = False
        self._is_reading_paused = False

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes a connection, which has to say something soon, or refuses one too many."""
        self._transport = cast("asyncio.Transport", transport)
        self._peer = str((transport.get_extra_info("peername") or ("",))[0])
        connections, limit = self._line.connections, self._bounds.connections_max
        connections.add(self)
        if len(connections) > limit:
            self._refuse(Unavailable(f"{limit} connections are open, the most that this takes"))
        else:
            self._deadline.set(Wait.FIRST, self._bounds.head_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets a connection. What is being answered goes on: others may share its transaction."""
        del exc
        self._is_ending = True
        self._deadline.cancel()
        self._line.connections.discard(self)
        self._whole.clear()
        for request in (self._incoming, self._answering):
            if request is not None:
                request.lose()

    def eof_received(self) -> bool:
        """Lets a client that has said all still read its answers, where that can be (TLS closes both ways)."""
        self._is_stopping = True
        is_plain = self._transport.get_extra_info("ssl_object") is None
        return is_plain and (self._answering is not None or bool(self._whole))

    def data_received(self, data: bytes) -> None:
        """Parses what has arrived, and answers what is whole."""
        if self._is_ending or self._fault is not None:
            return
        self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No other protocol is spoken here. The request was answered as the last of its connection.
            pass
        except httptools.HttpParserError as error:
            self._fault = self._fault or NoHttp(f"this is not HTTP/1.1: {error}")
        if self._in_head and self._fault is None and self._head_bytes > self._bounds.header_bytes_max:
            self._fault = self._too_large()
        self._go_on()

    def pause_writing(self) -> None:
        """Answers no more while the client does not read."""
        self._is_writing_paused = True

    def resume_writing(self) -> None:
        """Goes on."""
        self._is_writing_paused = False
        self._go_on()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begins to read a request's head."""
        self._in_head = True
        self._target = b""
        self._headers = {}
        self._headers_given = 0

    def on_url(self, url: bytes) -> None:
        """Takes a piece of the request's target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; one behind a body changes nothing of what was decided by those before it."""
        if not self._in_head:
            return
        key, text = _NAMES.of(name), value.decode("latin-1")
        headers = self._headers
        self._headers_given += 1
        if self._headers_given <= self._bounds.headers_max:
            headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        """Makes the head a request."""
        parser = self._parser
        raw_path, query = _split(self._target)
        self._incoming = Request(
            parser.get_method().decode("latin-1"),
            raw_path,
            query,
            self._headers,
            self._peer,
            body_bytes_max=self._bounds.body_bytes_max,
            keep_alive=parser.should_keep_alive()
            and parser.get_http_version() == "1.1"
            and not parser.should_upgrade(),
        )
        self._in_head = False
        if self._headers_given > self._bounds.headers_max or self._head_bytes > self._bounds.header_bytes_max:
            self._fault = self._too_large()
        self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Takes a piece of the body, which has a bound of its own."""
        self._head_bytes = 0
        if self._incoming is not None:
            self._incoming.add(body)

    def on_message_complete(self) -> None:
        """Ends the request; what follows is the head of the next."""
        self._head_bytes = 0
        request, self._incoming = self._incoming, None
        if request is None or self._fault is not None:
            return
        request.finish()
        if request is self._answering:
            return
        if len(self._whole) < _AHEAD_MAX:
            self._whole.append(request)
        else:
            self._fault = Unavailable(f"{_AHEAD_MAX} requests came ahead of their turn, the most that are kept")

    # Whose turn it is.

    def _go_on(self) -> None:
        """Answers what can be answered now, then waits for whatever comes next."""
        turns = 0
        while self._answering is None and not self._is_writing_paused and not self._is_ending:
            turns += 1
            if turns > _ANSWERS_AT_ONCE:
                # Others have their turn first.
                self._loop.call_soon(self._go_on)
                break
            if self._whole:
                self._begin(self._whole.popleft())
            elif self._fault is not None:
                self._refuse(self._fault)
            elif self._incoming is not None and not self._is_awaited(self._incoming):
                self._begin(self._incoming)
            else:
                self._wait_for_more()
                break
        self._pause_or_resume()

    def _is_awaited(self, request: Request) -> bool:
        """Whether a body is waited for before the request is looked at."""
        headers = request.headers
        length = headers.get("content-length", "")
        return "expect" not in headers and length.isdecimal() and int(length) <= _AWAITED_BODY_BYTES

    def _wait_for_more(self) -> None:
        """Sets the time by which a head that has begun, or a body, has to be whole."""
        deadline = self._deadline
        if self._in_head:
            if deadline.waits_for is not Wait.HEAD:
                deadline.set(Wait.HEAD, self._bounds.head_timeout_s)
        elif self._incoming is not None and deadline.waits_for is not Wait.BODY:
            deadline.set(Wait.BODY, self._bounds.body_timeout_s)

    def _pause_or_resume(self) -> None:
        """Reads no more while there is enough to do, or nothing more is wanted."""
        incoming = self._incoming
        enough = not self._is_ending and (
            bool(self._whole) or self._is_writing_paused or (incoming is not None and incoming.is_too_long)
        )
        if enough != self._is_reading_paused:
            self._is_reading_paused = enough
            if enough:
                self._transport.pause_reading()
            elif not self._transport.is_closing():
                self._transport.resume_reading()

    def _begin(self, request: Request) -> None:
        if "expect" in request.headers and not request.is_complete:
            request.on_wait = self._say_continue
        answer = self._application.answer(request)
        if isinstance(answer, Response):
            self._send(request, answer)
            return
        self._answering = request
        self._deadline.clear()
        self._wait_for(answer)

    def _wait_for(self, pending: Pending) -> None:
        self._pending = pending
        pending.future.add_done_callback(self._answered)

    def _say_continue(self) -> None:
        """Tells a client that waits for it that its body is wanted (RFC 9110, 10.1.1)."""
        request = self._answering
        if request is not None and not self._is_ending:
            request.on_wait = None
            if request.headers["expect"].lower() == "100-continue":
                self._transport.write(_CONTINUE)

    def _answered(self, future: asyncio.Future[Any]) -> None:
        request, pending = self._answering, self._pending
        assert request is not None
        assert pending is not None
        self._pending = None
        if future.cancelled():
            self._transport.abort()
            return
        answer = pending.finish(future)
        if isinstance(answer, Pending):
            self._wait_for(answer)
            return
        self._answering = None
        if self._transport.is_closing():
            self._transport.abort()
            return
        self._send(request, answer)
        self._go_on()

    def _send(self, request: Request, response: Response) -> None:
        """Sends an answer. Behind one that was given before the body was whole, nothing more is read."""
        closes = self._is_stopping or not request.keep_alive or not request.is_complete
        data = response.encode(without_body=request.method == "HEAD", closes=closes, date=_DATES.line())
        self._transport.write(data)
        if not closes:
            self._deadline.set(Wait.NEXT, self._bounds.keep_alive_s)
        elif request.is_complete:
            self._close()
        else:
            self._linger()

    # What is refused, and how it ends.

    def _too_large(self) -> BadEnvelope | None:
        """What is too large of the head that has arrived so far, if anything is."""
        bounds = self._bounds
        pending = self._head_bytes if self._in_head else 0
        if len(self._target) > max(bounds.request_line_bytes_max, bounds.header_bytes_max) or (
            pending > bounds.header_bytes_max and len(self._target) > bounds.request_line_bytes_max
        ):
            return RequestLineTooLong(
                f"path and query are over {bounds.request_line_bytes_max} bytes, the most allowed"
            )
        if self._headers_given > bounds.headers_max:
            return HeadersTooLarge(f"there are {self._headers_given} headers; at most {bounds.headers_max} are allowed")
        size = sum(len(name) + len(value) + 4 for name, value in self._headers.items())
        if max(size, pending) > bounds.header_bytes_max:
            return HeadersTooLarge(f"the headers are over {bounds.header_bytes_max} bytes, the most allowed")
        return None

    def _give_up(self, waited_for: Wait) -> None:
        """Ends what has been waited for in vain."""
        if waited_for is Wait.HEAD:
            self._refuse(HeadTimeout(f"the head did not arrive within {self._bounds.head_timeout_s:g} s"))
        elif waited_for is Wait.BODY and self._incoming is not None:
            request = self._incoming
            error = BodyTimeout(f"the body did not arrive within {self._bounds.body_timeout_s:g} s")
            self._send(request, self._application.refuse(request, error))
        else:
            # Nothing was asked, so nothing is answered.
            self._close()

    def _refuse(self, error: ServiceError) -> None:
        """Answers what never became a request, and reads no more."""
        status = http_status(error)
        head = response_head(status, {"content-type": "application/json"})
        response = Response(status, head, encode_error(error))
        self._transport.write(response.encode(without_body=False, closes=True, date=_DATES.line()))
        self._linger()

    def _linger(self) -> None:
        """Ends the answer, and reads on for a while without looking at it."""
        self._is_ending = True
        self._deadline.cancel()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._loop.call_later(_LINGER_S, self._transport.close)

    def _close(self) -> None:
        self._is_ending = True
        self._deadline.cancel()
        self._transport.close()

    def stop(self) -> None:
        """Ends the connection once what is being answered is answered."""
        self._is_stopping = True
        if self._answering is None and not self._whole and self._incoming is None:
            self._close()

    def abort(self) -> None:
        """Ends the connection now."""
        if self._pending is not None:
            self._pending.future.cancel()
        self._transport.abort()


def _split(target: bytes) -> tuple[bytes, bytes]:
    """The raw path and query of a request's target; the path of one that is no URL is itself."""
    if not target.startswith(b"/"):
        try:
            url = httptools.parse_url(target)
        except httptools.HttpParserInvalidURLError:
            return target, b""
        return url.path or b"/", url.query or b""
    path, _, query = target.partition(b"?")
    return path, query.partition(b"#")[0] if b"#" in query else query
