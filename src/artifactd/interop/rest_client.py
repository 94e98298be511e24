"""Speaks to a server's REST API, and says in a sentence what to do when that fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3

from artifactd.errors import InvalidArgument, ServiceError, Unavailable

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 60.0
ATTEMPTS_MAX: Final = 5
RETRY_AFTER_S_MAX: Final = 30.0

_TRY_AGAIN = frozenset({429, 503})
_ADVICE = {
    401: " Give the server's API key with --api-key or in ARTIFACTD_API_KEY.",
    403: " Give --namespace a namespace that this API key may write, or use another key.",
}


class RestClient:
    """A connection to one server.

    Args:
        server: its base URL.
        api_key: sent as a bearer token; `None` for a server without authentication.
        sleep: waits that many seconds before a request that the server has put off is sent again.

    Raises:
        InvalidArgument: `server` is not an http or https URL.
    """

    def __init__(self, server: str, *, api_key: str | None = None, sleep: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidArgument(f"--server {server!r} is not a base URL; give one like http://127.0.0.1:8888.")
        self.server = server.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._sleep = sleep
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S), retries=False
        )

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON answer to a GET.

        Args:
            path: after the base URL, with its leading slash.
            query: the query's parameters.

        Raises:
            Unavailable: the server cannot be reached.
            ServiceError: the server refuses; the subclass is that of the answer's code.
        """
        return self._request("GET", path, fields=dict(query or {}))

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON answer to a POST; raises as `get` does."""
        return self._request("POST", path, body=_encoded(body))

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON answer to a PATCH; raises as `get` does."""
        return self._request("PATCH", path, body=_encoded(body))

    def _request(
        self, method: str, path: str, *, body: bytes | None = None, fields: dict[str, str] | None = None
    ) -> dict[str, Any]:
        attempts = 1
        while (response := self._send(method, path, body, fields)).status in _TRY_AGAIN:
            if attempts == ATTEMPTS_MAX:
                break
            attempts += 1
            self._sleep(_retry_after_s(response))
        answer = _decoded(response)
        if response.status == 200 and answer is not None:
            return answer
        raise self._refusal(method, path, response.status, answer)

    def _send(
        self, method: str, path: str, body: bytes | None, fields: dict[str, str] | None
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, self.server + path, body=body, fields=fields, headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(
                f"no artifactd server answers at {self.server} ({_cause(error)}). Start one with "
                "`artifactd serve`, or say where it is with --server or ARTIFACTD_SERVER."
            ) from error

    def _refusal(self, method: str, path: str, status: int, answer: dict[str, Any] | None) -> ServiceError:
        if answer is None or not isinstance(answer.get("message"), str):
            return Unavailable(
                f"{self.server} answers {method} {path} with HTTP {status} and no artifactd message. Is it "
                "an artifactd server? Say where it is with --server or ARTIFACTD_SERVER."
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
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _retry_after_s(response: urllib3.BaseHTTPResponse) -> float:
    """How long the server asks to wait; a second if it doesn't say, never so long that we seem to hang."""
    stated = response.headers.get("Retry-After", "")
    return min(float(stated), RETRY_AFTER_S_MAX) if stated.isdecimal() else 1.0


def _cause(error: Exception) -> str:
    """What went wrong, without urllib3's representation of its own objects."""
    text = str(error)
    return text.rpartition(": ")[2] if ": " in text else text or type(error).__name__
