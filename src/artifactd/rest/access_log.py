"""One line a request, cheaply: the structured log's general way costs a third of a small read (docs/decisions/0005).

JSON lines are encoded at once, and those of one turn of the event loop are written together.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

from artifactd.rest.exchange import Exchange
from artifactd.rest.whole_lines import WholeLines
from artifactd.settings import Settings
from artifactd.wire.message import encode_anything

_PATH_BYTES = 200


class AccessLog:
    """Writes the access log, if the settings ask for one. Belongs to one event loop.

    `worker` is this process' number, where several write to one standard error.
    """

    def __init__(self, settings: Settings, *, worker: int | None = None) -> None:
        self.is_wanted = settings.access_log and settings.log_level in ("debug", "info")
        self._is_json = settings.log_format == "json"
        self._log = structlog.get_logger("artifactd.access")
        self._lines: list[bytes] = []
        self._worker = worker
        self._shared_file = None if worker is None else WholeLines()

    def request(self, exchange: Exchange, status: int, seconds: float, request_id: str) -> None:
        """Notes an answered request, by the first bytes of its path."""
        request, caller = exchange.request, exchange.caller
        fields: dict[str, Any] = {
            "method": request.method,
            "path": request.raw_path[:_PATH_BYTES].decode("ascii", "backslashreplace"),
            "status": status,
            "ms": round(seconds * 1_000, 3),
            "operation": exchange.operation,
            "caller": "" if caller is None else caller.name,
            "client": exchange.address,
            "request_id": request_id,
        }
        if not self._is_json:
            self._log.info("request", **fields)
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._flush)
        fields["event"] = "request"
        fields["level"] = "info"
        fields["timestamp"] = datetime.now(UTC)
        if self._worker is not None:
            fields["worker"] = self._worker
        self._lines.append(encode_anything(fields))

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        file = self._shared_file or sys.stderr.buffer
        file.write(b"\n".join((*lines, b"")))
        file.flush()
