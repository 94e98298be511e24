"""JSON over HTTP(S) to those who know more about a caller, off the event loop, within stated limits."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import urllib3

from artifactd.errors import InvalidArgument, Unavailable, quoted
from artifactd.settings import is_loopback

_ANSWER_BYTES_MAX = 4 << 20
_THREADS = 16
_WAITING_MAX = 256


class JsonService:
    """A server that is asked in JSON.

    Args:
        what: what it is, for messages.
        url: its base URL. Plain `http` is taken for this machine alone: answers decide who may do what.
        ca_file: the certificates that it is trusted by; the system's where that is empty.
        timeout_s: how long an answer may take.

    Raises:
        InvalidArgument: the URL or the file is not right.
    """

    def __init__(self, what: str, url: str, *, ca_file: str, timeout_s: float) -> None:
        self._what = what
        self.url = url.rstrip("/")
        check_url(what, url)
        self._pool = urllib3.PoolManager(
            maxsize=_THREADS,
            timeout=urllib3.Timeout(total=timeout_s),
            retries=False,
            ssl_context=_context(what, ca_file) if url.startswith("https:") else None,
        )
        self._threads = ThreadPoolExecutor(_THREADS, f"artifactd-{what.split(maxsplit=1)[0].lower()}")
        self._waiting = 0

    async def ask(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON that a path of the server answers, or a URL of it.

        Args:
            body: is sent as JSON by POST; without one it is a GET.

        Raises:
            Unavailable: no answer, or none that can be relied on. What it says is not told.
        """
        if self._waiting >= _WAITING_MAX:
            raise self._unavailable("too many requests wait for it")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._ask, path, body, dict(headers or {}))
        finally:
            self._waiting -= 1

    def _ask(self, path: str, body: Any, headers: dict[str, str]) -> Any:
        url = path if "://" in path else self.url + path
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", **headers}
        if sent is not None:
            headers["Content-Type"] = "application/json"
        try:
            # Nobody is followed elsewhere: what is sent may hold a token.
            answer = self._pool.request(
                "GET" if sent is None else "POST", url, body=sent, headers=headers, redirect=False,
                preload_content=False,
            )  # fmt: skip
            try:
                data = answer.read(_ANSWER_BYTES_MAX + 1, decode_content=True)
            finally:
                answer.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._unavailable("it does not answer") from error
        if answer.status not in (200, 201):
            raise self._unavailable(f"it answers with {answer.status}")
        if len(data) > _ANSWER_BYTES_MAX:
            raise self._unavailable("its answer is too large")
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._unavailable("its answer is no JSON") from error

    def _unavailable(self, reason: str) -> Unavailable:
        return Unavailable(f"{self._what} cannot be asked ({reason}): try again", retry_after_s=1)


def check_url(what: str, url: str) -> None:
    """Makes sure that a URL may be relied on. Raises InvalidArgument where it may not."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return
    if parts.scheme != "http" or not is_loopback(host):
        raise InvalidArgument(f"the URL of {what}, {quoted(url)}, must begin with https://")


def _context(what: str, ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise InvalidArgument(f"the certificates of {what} cannot be read from {ca_file}: {error}") from error
