"""One line a request, cheaply: the structured log's general way costs a third of a small read (docs/decisions/0005).

JSON lines are encoded at once, and those of one turn of the event loop are written together.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

from artifactd.rest.whole_lines import WholeLines
from artifactd.settings import Settings
from artifactd.wire.message import encode_anything


class AccessLog:
    """Writes the access log, if the settings ask for one. Belongs to one event loop.

    `worker` is this process' number, where several write to one standard error.
    """

    def __init__(self, settings: Settings, *, worker: int | None = None) -> None:
        self._wanted = settings.access_log and settings.log_level in ("debug", "info")
        self._is_json = settings.log_format == "json"
        self._log = structlog.get_logger("artifactd.access")
        self._lines: list[bytes] = []
        self._worker: dict[str, Any] = {} if worker is None else {"worker": worker}
        self._shared_file = None if worker is None else WholeLines()

    def request(
        self,
        *,
        method: str,
        path: bytes,
        status: int,
        seconds: float,
        operation: str,
        caller: str,
        client: str,
        request_id: str,
    ) -> None:
        """Notes an answered request, by the first bytes of its path."""
        if not self._wanted:
            return
        fields: dict[str, Any] = {
            "method": method,
            "path": path[:200].decode("ascii", "backslashreplace"),
            "status": status,
            "ms": round(seconds * 1_000, 3),
            "operation": operation,
            "caller": caller,
            "client": client,
            "request_id": request_id,
        }
        if not self._is_json:
            self._log.info("request", **fields)
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._flush)
        fields |= {"event": "request", "level": "info", "timestamp": datetime.now(UTC), **self._worker}
        self._lines.append(encode_anything(fields))

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        file = self._shared_file or sys.stderr.buffer
        file.write(b"\n".join((*lines, b"")))
        file.flush()
