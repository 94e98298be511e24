"""Speaks to a server's REST API, and says in a sentence what to do when that fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import urllib3

from artifactd.errors import InvalidArgument, PermissionDenied, ServiceError, Unauthenticated, Unavailable

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 60.0
ATTEMPTS_MAX: Final = 5
RETRY_AFTER_S_MAX: Final = 30.0

Query = Mapping[str, str | Sequence[str]]
"""Parameters of a query; one with several values is repeated."""

_TRY_AGAIN = frozenset({429, 503})
_ADVICE = {
    401: " Give the server's API key with --api-key or in ARTIFACTD_API_KEY.",
    403: " Give --namespace a namespace that this API key may use, or use another key.",
}


class TaggedAnswer(NamedTuple):
    """A JSON answer and its `ETag`, empty if it has none."""

    body: dict[str, Any]
    entity_tag: str


class RestClient:
    """A connection to one server.

    Args:
        server: its base URL.
        api_key: sent as a bearer token; `None` for a server without authentication.
        sleep: waits that many seconds before a request that the server has put off is sent again.
        read_timeout_s: how long the server may take to answer.

    Raises:
        InvalidArgument: `server` is not an http or https URL, or no header can carry the key.
    """

    def __init__(
        self,
        server: str,
        *,
        api_key: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        _check_server(server)
        self.server = server.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {_header_value('the API key', api_key)}"
        self._sleep = sleep
        self._read_timeout_s = read_timeout_s
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=read_timeout_s), retries=False
        )

    def get(self, path: str, query: Query | None = None) -> dict[str, Any]:
        """The JSON answer to a GET.

        Args:
            path: after the base URL, with its leading slash.
            query: the query's parameters.

        Raises:
            Unavailable: the server cannot be reached, or does not answer in time.
            ServiceError: the server refuses; the subclass is that of the answer's code.
        """
        return self._request("GET", path, fields=_pairs(query)).body

    def get_tagged(self, path: str) -> TaggedAnswer:
        """The JSON answer to a GET with its `ETag`, for a safe update; raises as `get` does."""
        return self._request("GET", path)

    def post(self, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> dict[str, Any]:
        """The JSON answer to a POST; raises as `get` does.

        Args:
            path: as for `get`.
            body: the message.
            idempotency_key: the server does what it has done under this key no second time.
        """
        headers = {} if idempotency_key is None else {"Idempotency-Key": _header_value("the key", idempotency_key)}
        return self._request("POST", path, body=_encoded(body), headers=headers).body

    def post_bytes(self, path: str, body: bytes, *, idempotency_key: str) -> None:
        """Sends a message that is JSON already, and looks at the answer for errors alone; raises as `get` does."""
        headers = {"Idempotency-Key": _header_value("the key", idempotency_key)}
        self._request("POST", path, body=body, headers=headers, wants_answer=False)

    def put(self, path: str, body: Mapping[str, Any], *, if_match: str | None = None) -> dict[str, Any]:
        """The JSON answer to a PUT; raises as `get` does, and Aborted where `if_match` is no longer the `ETag`."""
        headers = {} if if_match is None else {"If-Match": if_match}
        return self._request("PUT", path, body=_encoded(body), headers=headers).body

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON answer to a PATCH; raises as `get` does."""
        return self._request("PATCH", path, body=_encoded(body)).body

    def delete(self, path: str) -> dict[str, Any]:
        """The JSON answer to a DELETE; raises as `get` does."""
        return self._request("DELETE", path).body

    def _request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        fields: list[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        wants_answer: bool = True,
    ) -> TaggedAnswer:
        given = {**self._headers, **(headers or {})}
        attempts = 1
        while (response := self._send(method, path, body, fields, given)).status in _TRY_AGAIN:
            if attempts == ATTEMPTS_MAX:
                break
            attempts += 1
            self._sleep(_retry_after_s(response))
        if response.status == 200 and not wants_answer and response.data.startswith(b"{"):
            return TaggedAnswer({}, "")
        answer = _decoded(response)
        if response.status == 200 and answer is not None:
            return TaggedAnswer(answer, response.headers.get("ETag", ""))
        raise self._refusal(method, path, response.status, answer)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        fields: list[tuple[str, str]] | None,
        headers: dict[str, str],
    ) -> urllib3.BaseHTTPResponse:
        """One answer. What may be sent twice is, once, if the connection breaks: a proxy may have closed it idle."""
        may_repeat = method == "GET" or "Idempotency-Key" in headers
        url = self.server + path
        try:
            try:
                return self._pool.request(method, url, body=body, fields=fields, headers=headers)
            except urllib3.exceptions.ProtocolError:
                if not may_repeat:
                    raise
                return self._pool.request(method, url, body=body, fields=fields, headers=headers)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise Unavailable(
                f"{self.server} did not answer {method} {path} within {self._read_timeout_s:g} seconds. Give it "
                "longer with --timeout, or ask for less."
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(
                f"no artifactd server answers at {self.server} ({_cause(error)}). Start one with "
                "`artifactd serve`, or say where it is with --server or ARTIFACTD_SERVER."
            ) from error

    def _refusal(self, method: str, path: str, status: int, answer: dict[str, Any] | None) -> ServiceError:
        if answer is None or not isinstance(answer.get("message"), str):
            # A proxy that guards a server answers in its own words, and means the same by these two.
            kind = {401: Unauthenticated, 403: PermissionDenied}.get(status, Unavailable)
            return kind(
                f"{self.server} answers {method} {path} with HTTP {status} and no artifactd message. Is it "
                f"an artifactd server? Say where it is with --server or ARTIFACTD_SERVER.{_ADVICE.get(status, '')}"
            )
        classes = {each.code: each for each in ServiceError.__subclasses__()}
        refused = f"{self.server} refuses {method} {path}: {answer['message']}{_ADVICE.get(status, '')}"
        return classes.get(answer.get("code", -1), InvalidArgument)(refused)


def _encoded(body: Mapping[str, Any]) -> bytes:
    # Bare NaN and Infinity tokens are part of the contract, in metadata and in the values of metrics.
    return json.dumps(body, allow_nan=True, separators=(",", ":")).encode("ascii")


def _decoded(response: urllib3.BaseHTTPResponse) -> dict[str, Any] | None:
    """The answer's JSON object, `None` if it is something else."""
    try:
        answer = json.loads(response.data)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _retry_after_s(response: urllib3.BaseHTTPResponse) -> float:
    """How long the server asks to wait; a second if it doesn't say, never so long that we seem to hang."""
    stated = response.headers.get("Retry-After", "")
    return min(float(stated), RETRY_AFTER_S_MAX) if stated.isdecimal() else 1.0


def _cause(error: Exception) -> str:
    """What went wrong, without urllib3's representation of its own objects."""
    inner = error.args[-1] if error.args else None
    text = str(inner if isinstance(inner, Exception) else error)
    return text.rpartition(": ")[2] if ": " in text else text or type(error).__name__


def _check_server(server: str) -> None:
    try:
        parts = urlsplit(server)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not (parts.query or parts.fragment) and server.isprintable() and " " not in server
    except ValueError:
        usable = False
    if not usable:
        raise InvalidArgument(f"the server {server!r} is not a base URL; give one like http://127.0.0.1:8888.")


def _header_value(name: str, text: str) -> str:
    """The text, if a header can carry it: an error elsewhere would print it."""
    if not (text.isascii() and text.isprintable()):
        raise InvalidArgument(f"{name} holds a character that no header can carry: use ASCII without control codes.")
    return text


def _pairs(query: Query | None) -> list[tuple[str, str]]:
    """A query's parameters in their order, one pair for each value."""
    return [
        (name, value)
        for name, given in (query or {}).items()
        for value in ([given] if isinstance(given, str) else given)
    ]
