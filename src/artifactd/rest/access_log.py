"""One line a request, cheaply: the structured log's general way costs a third of a small read (docs/decisions/0005).

JSON lines are put together from pieces that are made once, and those of a moment are written together.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
import time
from datetime import UTC, datetime

import structlog

from artifactd.rest.exchange import Exchange
from artifactd.rest.whole_lines import WholeLines
from artifactd.settings import Settings
from artifactd.wire.message import encode_anything

_PATH_BYTES = 200
_PLAIN_PATH = re.compile(rb"[ !#-\[\]-~]*").fullmatch
"""Whether a path stands in JSON as it is."""
_HELD_S = 0.01
"""Lines are written at most so much later: a write for each turn of a busy event loop costs more than its lines."""
_BEGINNINGS_MAX = 1_024
_Kind = tuple[str, int, str, str, str]
"""Method, status, operation, caller and client's address."""


class AccessLog:
    """Writes the access log, if the settings ask for one. Belongs to one event loop.

    `worker` is this process' number, where several write to one standard error.
    """

    def __init__(self, settings: Settings, *, worker: int | None = None) -> None:
        self.is_wanted = settings.access_log and settings.log_level in ("debug", "info")
        self._is_json = settings.log_format == "json"
        self._log = structlog.get_logger("artifactd.access")
        self._noted: list[tuple[_Kind, bytes, float, str, int]] = []
        self._beginnings: dict[_Kind, str] = {}
        self._second = 0
        self._second_text = ""
        self._worker = worker
        self._shared_file = None if worker is None else WholeLines()

    def request(self, exchange: Exchange, status: int, seconds: float, request_id: str) -> None:
        """Notes an answered request, by the first bytes of its path."""
        request, caller = exchange.request, exchange.caller
        name = "" if caller is None else caller.name
        path = request.raw_path[:_PATH_BYTES]
        if self._is_json:
            if not self._noted:
                asyncio.get_running_loop().call_later(_HELD_S, self.write)
            kind = (request.method, status, exchange.operation, name, exchange.address)
            self._noted.append((kind, path, seconds, request_id, time.time_ns()))
            return
        self._log.info(
            "request",
            method=request.method,
            path=path.decode("ascii", "backslashreplace"),
            status=status,
            ms=round(seconds * 1_000, 3),
            operation=exchange.operation,
            caller=name,
            client=exchange.address,
            request_id=request_id,
        )

    def write(self) -> None:
        """Writes the lines that are held."""
        noted, self._noted = self._noted, []
        if noted:
            file = self._shared_file or sys.stderr.buffer
            file.write("".join(itertools.starmap(self._line, noted)).encode())
            file.flush()

    def _line(self, kind: _Kind, path: bytes, seconds: float, request_id: str, at_ns: int) -> str:
        beginning = self._beginnings.get(kind) or self._beginning(kind)
        shown = path.decode() if _PLAIN_PATH(path) else _inside(path.decode("ascii", "backslashreplace"))
        second, ns = divmod(at_ns, 1_000_000_000)
        if second != self._second:
            self._second, self._second_text = second, f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}"
        return (
            f'{beginning}"path":"{shown}","ms":{seconds * 1_000:.3f},"request_id":"{request_id}",'
            f'"timestamp":"{self._second_text}.{ns // 1_000:06}Z"}}\n'
        )

    def _beginning(self, kind: _Kind) -> str:
        """What lines of such requests have in common."""
        fields: dict[str, object] = {"event": "request", "level": "info"}
        if self._worker is not None:
            fields["worker"] = self._worker
        fields |= zip(("method", "status", "operation", "caller", "client"), kind, strict=True)
        text = encode_anything(fields).decode().removesuffix("}") + ","
        if len(self._beginnings) >= _BEGINNINGS_MAX:
            self._beginnings.clear()
        self._beginnings[kind] = text
        return text


def _inside(text: str) -> str:
    """A text as it stands between the quotes of JSON."""
    return encode_anything(text).decode()[1:-1]
