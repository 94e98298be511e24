"""The one adapter between HTTP and operations: guard, authenticate, decode, run, encode, log."""

from __future__ import annotations

import asyncio
import itertools
import math
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import structlog
from falcon.asgi import Request, Response

from artifactd.access import Caller, Undecided
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
    invalid,
    quoted,
)
from artifactd.operations.auditing import Audit, note_write
from artifactd.operations.context import Context
from artifactd.operations.idempotency import Answer, Once, perform_once
from artifactd.rest.access_log import AccessLog
from artifactd.rest.cache_control import max_age_s
from artifactd.rest.guards import Guards
from artifactd.rest.monitoring import Monitoring
from artifactd.rest.operation import Operation, Parts
from artifactd.rest.pages import StaticPage
from artifactd.rest.responses import (
    BodyTimeout,
    BodyTooLarge,
    HeadersTooLarge,
    MethodNotAllowed,
    RequestLineTooLong,
    UnsupportedMediaType,
    error_headers,
    http_status,
)
from artifactd.rest.routing import Router
from artifactd.settings import Settings
from artifactd.storage.statements import Transaction
from artifactd.storage.store import Store
from artifactd.wire.message import decode_body, encode
from artifactd.wire.query import Query
from artifactd.wire.status import encode_error

_JSON = "application/json"
_ENTITY_TAG = re.compile(r'\s*((?:W/)?"[^"]*"|\*)\s*(?:,|$)')
_KEY = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    # An answer is data: opened as a page it may do nothing, whatever a name or a value in it says.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
_FOREIGN_HEADERS = {"Access-Control-Expose-Headers": "Age, ETag, Retry-After", "Vary": "Origin"}
_QUESTIONS_MAX = 128
"""How many rights may have to be asked for elsewhere before one request is decided."""
_REFUSED_PATH_BYTES = 500
_REFUSALS_NOTED_A_MINUTE = 60
_HEADERS_MAX = 256
_Found = TypeVar("_Found")
_FOREIGN_MAY_SEND = "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match"


class _Served:
    """What is known of a request so far, for the log and the metrics."""

    __slots__ = ("address", "caller", "operation")

    def __init__(self, address: str) -> None:
        self.operation = "none"
        self.caller = ""
        self.address = address


class _Asked(NamedTuple):
    """A request that is known and allowed to come in: what it asks for, who asks, and where it came from."""

    operation: Operation
    path: dict[str, str]
    headers: dict[str, str]
    caller: Caller
    method: str
    raw_path: bytes
    address: str
    request_id: str


class Endpoint:
    """Serves every request of the application."""

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
        self._store = store
        self._router = router
        self._authenticator = authenticator
        self._guards = guards
        self._proxies = TrustedProxies(settings.trusted_proxies)
        # Who may write nothing could else fill the store with notes of it.
        self._noted_refusals = Rates(_REFUSALS_NOTED_A_MINUTE / 60, _REFUSALS_NOTED_A_MINUTE, time.monotonic)
        self._monitoring = monitoring
        self._security_headers = _SECURITY_HEADERS | (_HTTPS_HEADERS if settings.tls_cert else {})
        self._clock = clock
        self._new_id = new_id
        self._access_log = AccessLog(settings, worker=monitoring.worker)
        self._process_id = secrets.token_hex(4)
        self._request_numbers = itertools.count()

    async def serve(self, request: Request, response: Response) -> None:
        """Answers a request. Every error becomes a `google.rpc.Status`; none leaves here."""
        began = time.perf_counter()
        request_id = f"{self._process_id}{next(self._request_numbers):08x}"
        raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        peer = (request.scope.get("client") or ("",))[0]
        served = _Served(peer)
        response.set_headers(self._security_headers)
        try:
            await self._answer(request, response, raw_path, served, (peer, request_id))
        except ServiceError as error:
            _write_error(response, error)
        except Exception as error:
            structlog.get_logger("artifactd").error("request failed", request_id=request_id, exc_info=error)
            _write_error(response, Internal(f"an internal error; the server's log tells more under {request_id}"))
        seconds = time.perf_counter() - began
        status = int(response.status_code)
        self._monitoring.count(served.operation, status, seconds)
        self._access_log.request(
            method=request.method,
            path=raw_path,
            status=status,
            seconds=seconds,
            operation=served.operation,
            caller=served.caller,
            client=served.address,
            request_id=request_id,
        )

    async def _answer(
        self, request: Request, response: Response, raw_path: bytes, served: _Served, origin: tuple[str, str]
    ) -> None:
        """Answers a request; notes what was asked for and by whom as soon as it is known, for errors too."""
        scope = request.scope
        length = len(raw_path) + len(scope["query_string"])
        if length > self._settings.request_line_bytes_max:
            limit = self._settings.request_line_bytes_max
            raise RequestLineTooLong(f"path and query are {length} bytes; at most {limit} are allowed")
        headers = _headers(scope)
        peer, request_id = origin
        if self._settings.trusted_proxies:
            served.address = self._proxies.client_of(headers, peer)
        if foreign_origin := self._guards.check(headers):
            response.set_headers({**_FOREIGN_HEADERS, "Access-Control-Allow-Origin": foreign_origin})
        route, path = self._router.match(raw_path)
        method = "GET" if request.method == "HEAD" and "GET" in route.methods else request.method
        if method == "OPTIONS":
            _write_options(response, route.methods, foreign=bool(foreign_origin))
            served.operation = "options"
            return
        target = route.methods.get(method)
        if target is None:
            raise MethodNotAllowed(method, _allowed(route.methods))
        served.operation = target.name
        if isinstance(target, StaticPage):
            if target.needs_caller:
                await self._let_in(headers, peer, served)
            if target.strict:
                Query(scope["query_string"]).only(())
            await target.answer(request, response)
            return
        caller = await self._let_in(headers, peer, served)
        asked = _Asked(target, path, headers, caller, request.method, raw_path, served.address, request_id)
        await self._operate(request, response, asked)

    async def _let_in(self, headers: dict[str, str], peer: str, served: _Served) -> Caller:
        """Finds out who is calling."""
        caller = await self._authenticator.authenticate(headers, peer)
        served.caller = caller.name
        return caller

    async def _operate(self, request: Request, response: Response, asked: _Asked) -> None:
        operation, headers = asked.operation, asked.headers
        if operation.needs_mode and operation.needs_mode not in self._settings.auth:
            # Whoever comes in without a key now could else make one that is good once keys are asked for.
            mode = operation.needs_mode
            raise PermissionDenied(f"this server takes no {mode}: start it with --auth {mode}")
        query = Query(request.scope["query_string"])
        body = b""
        message = None
        if operation.body is not None:
            body = await self._read_body(request, headers)
            message = decode_body(operation.body, body)
        parts = Parts(asked.path, query, message, _entity_tags(headers.get("if-match"), "If-Match"))
        decoded = operation.decode(parts)
        context = Context(asked.caller, self._clock(), self._new_id, self._settings.default_namespace)
        if operation.writes:
            once = _once(asked, body)
            answer = await _decided(lambda: self._write(asked, context, decoded, once))
        else:
            limit_s = self._max_age_s(headers)
            found, age_s = await _decided(lambda: self._read(operation, context, decoded, limit_s))
            if age_s is not None:
                response.set_header("Age", str(math.ceil(age_s)))
            if isinstance(found, ServiceError):
                raise found
            answer = found
        if answer.etag is not None:
            response.set_header("ETag", answer.etag)
            known = _entity_tags(headers.get("if-none-match"), "If-None-Match")
            if not operation.writes and known and _matches_weakly(answer.etag, known):
                response.status = 304
                return
        if operation.secret:
            response.set_header("Cache-Control", "no-store")
        response.content_type = _JSON
        response.data = answer.body

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

    async def _write(self, asked: _Asked, context: Context, decoded: Any, once: Once | None) -> Answer:
        operation = asked.operation
        noted = None
        if self._settings.audits:
            noted = Audit(operation.name, asked.address, asked.request_id, self._settings.audit_days)

        def write(transaction: Transaction) -> Answer:
            result = operation.run(context, transaction, decoded)
            answer = _answer_of(operation, decoded, result)
            if noted is not None:
                note_write(context, transaction, noted, answer.namespaces, operation.resources(result))
            return answer

        def perform(transaction: Transaction) -> Answer:
            if once is None:
                return write(transaction)
            return perform_once(context, transaction, once, operation.verb, lambda: write(transaction))

        try:
            return await self._store.write(perform, heavy=operation.heavy(decoded))
        except Undecided:
            raise
        except (PermissionDenied, NotFound) as refusal:
            if noted is not None:
                await self._note_refusal(context, noted, asked, http_status(refusal))
            raise

    async def _note_refusal(self, context: Context, noted: Audit, asked: _Asked, status: int) -> None:
        """Notes a write that was refused to a known caller; that it cannot be noted changes nothing of the answer."""
        path = asked.raw_path[:_REFUSED_PATH_BYTES].decode("ascii", "backslashreplace")
        try:
            self._noted_refusals.check(context.caller.name)
            await self._store.write(lambda transaction: note_write(context, transaction, noted, (), (path,), status))
        except ResourceExhausted:
            # The log has a line for each.
            return
        except ServiceError as error:
            structlog.get_logger("artifactd").error("a refused write cannot be noted", error=error.message)

    async def _read_body(self, request: Request, headers: dict[str, str]) -> bytes:
        """The whole body, within the limits of type, size and time."""
        content_type = headers.get("content-type")
        if content_type not in (None, _JSON) and not _is_json(content_type):
            raise UnsupportedMediaType(
                f"{quoted(content_type)} is not application/json: send the header Content-Type: application/json"
            )
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType("a compressed body is not supported: send it as plain JSON")
        limit = self._settings.body_bytes_max
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise BodyTooLarge(f"the body has {declared} bytes; at most {limit} are allowed")
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):
                async for chunk in request.stream:
                    size += len(chunk)
                    if size > limit:
                        raise BodyTooLarge(f"the body has over {limit} bytes, which is the most that is allowed")
                    chunks.append(chunk)
        except TimeoutError:
            raise BodyTimeout(f"the body did not arrive within {self._settings.body_timeout_s} s") from None
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _headers(scope: dict[str, Any]) -> dict[str, str]:
    """The headers by lower-case name; of one given twice, the values joined by a comma (RFC 9110, 5.3)."""
    given = scope["headers"]
    if len(given) > _HEADERS_MAX:
        raise HeadersTooLarge(f"there are {len(given)} headers; at most {_HEADERS_MAX} are allowed")
    found: dict[str, str] = {}
    for name, value in given:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _is_json(content_type: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [value.strip("\"' ") for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    return (kind == _JSON or (kind.startswith("application/") and kind.endswith("+json"))) and all(
        charset in ("utf-8", "utf8", "us-ascii") for charset in charsets
    )


def _allowed(methods: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())}))


def _write_options(response: Response, methods: dict[str, Any], *, foreign: bool) -> None:
    """Says which methods a path takes, also to a browser that asks on behalf of an allowed origin."""
    allowed = ", ".join(_allowed(methods))
    response.set_header("Allow", allowed)
    if foreign:
        response.set_header("Access-Control-Allow-Methods", allowed)
        response.set_header("Access-Control-Allow-Headers", _FOREIGN_MAY_SEND)


def _entity_tags(header: str | None, name: str) -> tuple[str, ...] | None:
    """The entity tags of a conditional header (RFC 9110, 13.1)."""
    if header is None:
        return None
    tags = tuple(match[1] for match in _ENTITY_TAG.finditer(header))
    if not tags or _ENTITY_TAG.sub("", header).strip():
        raise invalid(name, 'must be * or entity tags in quotes, such as "3"')
    return tags


def _matches_weakly(etag: str, tags: tuple[str, ...]) -> bool:
    return "*" in tags or etag in {tag.removeprefix("W/") for tag in tags}


def _once(asked: _Asked, body: bytes) -> Once | None:
    key = asked.headers.get("idempotency-key")
    if key is None:
        return None
    if asked.operation.secret:
        raise invalid("Idempotency-Key", "is not taken here: the answer holds a secret, which is kept nowhere")
    if not _KEY.fullmatch(key):
        raise invalid("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
    return Once(key, asked.method, asked.raw_path.decode("ascii", "backslashreplace"), body)


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


def _write_error(response: Response, error: ServiceError) -> None:
    response.status = http_status(error)
    response.set_headers(error_headers(error))
    response.content_type = _JSON
    response.data = encode_error(error)
