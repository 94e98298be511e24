"""The one adapter between HTTP and operations: guard, authenticate, decode, run, encode, log."""

from __future__ import annotations

import asyncio
import itertools
import math
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NoReturn, TypeVar

import structlog

from artifactd.access import Undecided
from artifactd.auth import Authenticator
from artifactd.auth.proxies import TrustedProxies
from artifactd.auth.rates import Rates
from artifactd.errors import (
    Internal,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    ServiceError,
    Unavailable,
)
from artifactd.operations.auditing import Audit, note_write
from artifactd.operations.context import Context
from artifactd.operations.idempotency import Answer, perform_once
from artifactd.rest.access_log import AccessLog
from artifactd.rest.cache_control import max_age_s
from artifactd.rest.exchange import JSON, Exchange, allowed_methods, entity_tags, is_known, once_of, require_json
from artifactd.rest.guards import Guards
from artifactd.rest.messages import Pending, Request, Response, header_line, response_head
from artifactd.rest.monitoring import Monitoring
from artifactd.rest.operation import Operation, Parts
from artifactd.rest.page_files import PageTarget, wants_page
from artifactd.rest.pages import StaticPage
from artifactd.rest.responses import (
    BadEnvelope,
    BodyTimeout,
    BodyTooLarge,
    MethodNotAllowed,
    RequestLineTooLong,
    error_headers,
    http_status,
)
from artifactd.rest.routing import Router
from artifactd.settings import Settings
from artifactd.storage.statements import ReadFunction, Transaction
from artifactd.storage.store import Store, TooLongHereError
from artifactd.wire.message import decode_body, encode
from artifactd.wire.query import Query
from artifactd.wire.status import encode_error

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    # An answer is data: opened as a page it may do nothing, whatever a name or a value in it says.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
_FOREIGN_LINES = header_line("Access-Control-Expose-Headers", "Age, ETag, Retry-After") + header_line("Vary", "Origin")
_QUESTIONS_MAX = 128
"""How many rights may have to be asked for elsewhere before one request is decided."""
_REFUSED_PATH_BYTES = 500
_REFUSALS_NOTED_A_MINUTE = 60
_Found = TypeVar("_Found")
_FOREIGN_MAY_SEND = "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match"


class Endpoint:
    """Answers every request of the application; see `artifactd.rest.messages.Application`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        router: Router,
        *,
        authenticator: Authenticator,
        guards: Guards,
        monitoring: Monitoring,
        clock: Callable[[], int],
        new_id: Callable[[], str],
    ) -> None:
        self._settings = settings
        self._audits = settings.audits
        self._store = store
        self._router = router
        self._authenticator = authenticator
        self._guards = guards
        self._proxies = TrustedProxies(settings.trusted_proxies)
        # Who may write nothing could else fill the store with notes of it.
        self._noted_refusals = Rates(_REFUSALS_NOTED_A_MINUTE / 60, _REFUSALS_NOTED_A_MINUTE, time.monotonic)
        self._monitoring = monitoring
        self._headers = _SECURITY_HEADERS | (_HTTPS_HEADERS if settings.tls_cert else {})
        self._ok = response_head(200, self._headers | {"Content-Type": JSON})
        self._clock = clock
        self._new_id = new_id
        self._access_log = AccessLog(settings, worker=monitoring.worker)
        self._process_id = secrets.token_hex(4)
        self._numbers = itertools.count()

    def answer(self, request: Request) -> Response | Pending:
        """Answers a request: at once where only memory and an index have to be looked at.

        Every error becomes a `google.rpc.Status`; none leaves here.
        """
        exchange = Exchange(request, time.perf_counter(), next(self._numbers))
        try:
            answer = self._find(exchange) or self._at_once(exchange)
        except Exception as error:
            answer = self._failed(exchange, error)
        if answer is None:
            return self._waiting(exchange, self._serve(exchange))
        return self._done(exchange, answer) if isinstance(answer, Response) else answer

    def refuse(self, request: Request, error: BadEnvelope) -> Response:
        """Answers a request that never became whole."""
        exchange = Exchange(request, time.perf_counter(), next(self._numbers))
        return self._done(exchange, self._failed(exchange, error))

    def close(self) -> None:
        """Writes the lines of the access log that are still held."""
        self._access_log.write()

    def _waiting(self, exchange: Exchange, response: Awaitable[Response]) -> Pending:
        """An answer that more than one thing has to be waited for."""
        return Pending(asyncio.ensure_future(response), partial(self._finished, exchange))

    def _finished(self, exchange: Exchange, future: asyncio.Future[Response]) -> Response:
        try:
            response = future.result()
        except Exception as error:
            response = self._failed(exchange, error)
        return self._done(exchange, response)

    def _done(self, exchange: Exchange, response: Response) -> Response:
        """Counts and logs an answer."""
        if exchange.origin is not None:
            allowed = header_line("Access-Control-Allow-Origin", exchange.origin)
            response = response.with_header(_FOREIGN_LINES + allowed)
        seconds = time.perf_counter() - exchange.began_s
        self._monitoring.count(exchange.operation, response.status, seconds)
        if self._access_log.is_wanted:
            self._access_log.request(exchange, response.status, seconds, self._request_id(exchange))
        return response

    def _request_id(self, exchange: Exchange) -> str:
        return f"{self._process_id}{exchange.number:08x}"

    def _failed(self, exchange: Exchange, error: Exception) -> Response:
        if not isinstance(error, ServiceError):
            request_id = self._request_id(exchange)
            structlog.get_logger("artifactd").error("request failed", request_id=request_id, exc_info=error)
            error = Internal(f"an internal error; the server's log tells more under {request_id}")
        status = http_status(error)
        if exchange.target is None and isinstance(error, NotFound) and wants_page(exchange.request):
            page = self._router.for_strays
            if isinstance(page, PageTarget):
                return page.respond(exchange.request, self._headers, status)
        head = response_head(status, self._headers | {"Content-Type": JSON} | error_headers(error))
        return Response(status, head, encode_error(error))

    # Finding out what is asked for, and by whom.

    def _find(self, exchange: Exchange) -> Response | None:
        """Finds what is asked for; answers at once only what needs nothing more."""
        request = exchange.request
        headers = request.headers
        length, limit = len(request.raw_path) + len(request.query), self._settings.request_line_bytes_max
        if length > limit:
            raise RequestLineTooLong(f"path and query are {length} bytes; at most {limit} are allowed")
        if self._settings.trusted_proxies:
            exchange.address = self._proxies.client_of(headers, request.peer)
        exchange.origin = self._guards.check(headers)
        route, exchange.path = self._router.match(request.raw_path)
        target = route.methods.get(request.method)
        if target is None:
            if request.method == "OPTIONS":
                exchange.operation = "options"
                return self._options(exchange, route.methods)
            target = route.methods.get("GET") if request.method == "HEAD" else None
            if target is None:
                raise MethodNotAllowed(request.method, allowed_methods(route.methods))
        exchange.operation = target.name
        exchange.target = target
        return None

    def _options(self, exchange: Exchange, methods: dict[str, Any]) -> Response:
        """Says which methods a path takes, also to a browser that asks on behalf of an allowed origin."""
        allowed = ", ".join(allowed_methods(methods))
        headers = {"Allow": allowed}
        if exchange.origin is not None:
            headers |= {"Access-Control-Allow-Methods": allowed, "Access-Control-Allow-Headers": _FOREIGN_MAY_SEND}
        return Response(200, response_head(200, self._headers | headers))

    async def _let_in(self, exchange: Exchange) -> None:
        """Finds out who is calling, unless that is known."""
        if exchange.caller is None:
            request = exchange.request
            exchange.caller = await self._authenticator.authenticate(request.headers, request.peer)

    async def _serve(self, exchange: Exchange) -> Response:
        target, request = exchange.target, exchange.request
        if isinstance(target, StaticPage | PageTarget):
            return await self._page(exchange, target)
        assert target is not None
        await self._let_in(exchange)
        if exchange.decoded is None:
            if target.body is not None:
                await self._wait_for_body(exchange.request)
                self._take_body(exchange)
            exchange.decoded = self._decode(exchange, target)
        context = self._context(exchange)
        if target.writes:
            writing = self._writing(exchange, target, context)
            return self._answered(exchange, target, await _decided(lambda: self._write(exchange, target, writing)))
        limit_s = self._max_age_s(request.headers)
        found, age_s = await _decided(lambda: self._read(target, context, exchange.decoded, limit_s))
        if isinstance(found, ServiceError):
            response = self._failed(exchange, found)
        else:
            response = self._answered(exchange, target, found)
        return response if age_s is None else response.with_header(header_line("Age", str(math.ceil(age_s))))

    async def _page(self, exchange: Exchange, target: StaticPage | PageTarget) -> Response:
        if isinstance(target, PageTarget):
            return target.respond(exchange.request, self._headers)
        if target.needs_caller:
            await self._let_in(exchange)
        if target.strict:
            Query(exchange.request.query).only(())
        page = await target.answer()
        headers = self._headers | {"Content-Type": page.content_type} | dict(page.headers)
        return Response(page.status, response_head(page.status, headers), page.body)

    # Reading and writing.

    def _decode(self, exchange: Exchange, operation: Operation) -> Any:
        """The request in our words."""
        request = exchange.request
        if operation.needs_mode and operation.needs_mode not in self._settings.auth:
            # Whoever comes in without a key now could else make one that is good once keys are asked for.
            mode = operation.needs_mode
            raise PermissionDenied(f"this server takes no {mode}: start it with --auth {mode}")
        message = None if operation.body is None else decode_body(operation.body, exchange.body)
        tags = entity_tags(request.headers.get("if-match"), "If-Match")
        return operation.decode(Parts(exchange.path, Query(request.query), message, tags))

    def _context(self, exchange: Exchange) -> Context:
        assert exchange.caller is not None
        return Context(exchange.caller, self._clock(), self._new_id, self._settings.default_namespace)

    def _at_once(self, exchange: Exchange) -> Response | Pending | None:
        """What can be done without asking anybody who is calling, and without waiting for a body."""
        operation, request = exchange.target, exchange.request
        if not isinstance(operation, Operation) or not request.is_complete:
            return None
        exchange.caller = self._authenticator.recognise(request.headers, request.peer)
        if exchange.caller is None:
            return None
        if operation.body is not None:
            self._take_body(exchange)
        exchange.decoded = self._decode(exchange, operation)
        return self._write_now(exchange, operation) if operation.writes else self._read_here(exchange, operation)

    def _read_here(self, exchange: Exchange, operation: Operation) -> Response | None:
        """A read's answer, where a store in this process gives it at once; None where it has to be waited for."""
        if not self._store.reads_here:
            return None
        decoded, context = exchange.decoded, self._context(exchange)
        try:
            scan = operation.heavy(decoded)
            result = self._store.read_here(lambda transaction: operation.run(context, transaction, decoded), scan=scan)
        except (Undecided, TooLongHereError):
            return None
        return self._answered(exchange, operation, _answer_of(operation, decoded, result))

    def _answered(self, exchange: Exchange, operation: Operation, answer: Answer) -> Response:
        head = self._ok
        if answer.etag is not None:
            tag = header_line("ETag", answer.etag)
            headers = exchange.request.headers
            if not operation.writes and "if-none-match" in headers and is_known(answer.etag, headers):
                return Response(304, response_head(304, self._headers) + tag)
            head += tag
        elif operation.secret:
            head = response_head(200, self._headers | {"Cache-Control": "no-store", "Content-Type": JSON})
        return Response(200, head, answer.body)

    async def _read(
        self, operation: Operation, context: Context, decoded: Any, max_age_s: int
    ) -> tuple[Answer | ServiceError, float | None]:
        """An answer and its age. That there is no such thing is an answer too, and may be as old as another."""

        def perform(transaction: Transaction) -> Answer | ServiceError:
            try:
                return _answer_of(operation, decoded, operation.run(context, transaction, decoded))
            except Undecided:
                raise
            except ServiceError as error:
                return error

        return await self._store.read_within(perform, max_age_s=max_age_s, scan=operation.heavy(decoded))

    def _max_age_s(self, headers: dict[str, str]) -> int:
        """How old an answer may be, in seconds: what the request says, else what is set for pages in a browser."""
        asked_s = max_age_s(headers.get("cache-control"))
        if asked_s is not None:
            return asked_s
        return self._settings.page_max_age_s if headers.get("sec-fetch-site") == "same-origin" else 0

    def _writing(self, exchange: Exchange, operation: Operation, context: Context) -> ReadFunction[Answer]:
        """What a write does in its transaction.

        Raises:
            InvalidArgument: its `Idempotency-Key` is not right.
        """
        decoded, once = exchange.decoded, once_of(exchange, operation)
        noted = self._noted(exchange) if self._audits else None

        def write(transaction: Transaction) -> Answer:
            result = operation.run(context, transaction, decoded)
            answer = _answer_of(operation, decoded, result)
            if noted is not None:
                note_write(context, transaction, noted, answer.namespaces, operation.resources(result))
            return answer

        if once is None:
            return write
        return lambda transaction: perform_once(context, transaction, once, operation.verb, lambda: write(transaction))

    def _write_now(self, exchange: Exchange, operation: Operation) -> Pending:
        """Hands a write to the store, which is all that mostly has to be waited for."""
        writing = self._writing(exchange, operation, self._context(exchange))
        written = self._store.write(writing, heavy=operation.heavy(exchange.decoded))
        future = written if isinstance(written, asyncio.Future) else asyncio.ensure_future(written)
        return Pending(future, partial(self._written, exchange, operation))

    def _written(self, exchange: Exchange, operation: Operation, future: asyncio.Future[Answer]) -> Response | Pending:
        try:
            response = self._answered(exchange, operation, future.result())
        except Undecided:
            return self._waiting(exchange, self._serve(exchange))
        except (PermissionDenied, NotFound) as refusal:
            return self._waiting(exchange, self._refused(exchange, refusal))
        except Exception as error:
            response = self._failed(exchange, error)
        return self._done(exchange, response)

    async def _write(self, exchange: Exchange, operation: Operation, writing: ReadFunction[Answer]) -> Answer:
        try:
            return await self._store.write(writing, heavy=operation.heavy(exchange.decoded))
        except Undecided:
            raise
        except (PermissionDenied, NotFound) as refusal:
            await self._refused(exchange, refusal)

    async def _refused(self, exchange: Exchange, refusal: ServiceError) -> NoReturn:
        """Notes a write that was refused, where writes are noted."""
        if self._audits:
            await self._note_refusal(exchange, http_status(refusal))
        raise refusal

    def _noted(self, exchange: Exchange) -> Audit:
        return Audit(exchange.operation, exchange.address, self._request_id(exchange), self._settings.audit_days)

    async def _note_refusal(self, exchange: Exchange, status: int) -> None:
        """Notes a write that was refused to a known caller; that it cannot be noted changes nothing of the answer."""
        context, noted = self._context(exchange), self._noted(exchange)
        path = exchange.request.raw_path[:_REFUSED_PATH_BYTES].decode("ascii", "backslashreplace")
        try:
            self._noted_refusals.check(context.caller.name)
            await self._store.write(lambda transaction: note_write(context, transaction, noted, (), (path,), status))
        except ResourceExhausted:
            # The log has a line for each.
            return
        except ServiceError as error:
            structlog.get_logger("artifactd").error("a refused write cannot be noted", error=error.message)

    async def _wait_for_body(self, request: Request) -> None:
        """Waits until the body is whole, unless its head says already that it will not do."""
        require_json(request.headers, self._settings.body_bytes_max)
        if request.is_complete:
            return
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):
                await request.wait_for_body()
        except TimeoutError:
            raise BodyTimeout(f"the body did not arrive within {self._settings.body_timeout_s:g} s") from None

    def _take_body(self, exchange: Exchange) -> None:
        """Takes a body that has arrived, within the limits of type and size."""
        request, limit = exchange.request, self._settings.body_bytes_max
        require_json(request.headers, limit)
        if request.is_too_long:
            raise BodyTooLarge(f"the body has over {limit} bytes, which is the most that is allowed")
        exchange.body = request.body()


async def _decided(perform: Callable[[], Awaitable[_Found]]) -> _Found:
    """Performs something, again each time that another right of the caller has been asked for."""
    for _ in range(_QUESTIONS_MAX):
        try:
            return await perform()
        except Undecided as question:
            await question.decide()
    raise Unavailable("too many rights had to be asked for: send less at once", retry_after_s=1)


def _answer_of(operation: Operation, decoded: Any, result: Any) -> Answer:
    body = encode(operation.encode(decoded, result))
    etag = operation.entity_tag(result) if operation.entity_tag else None
    return Answer(body, etag, operation.namespaces(result))
