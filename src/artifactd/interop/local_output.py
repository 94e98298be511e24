"""Listens to `kfp.local` while it runs a pipeline: it tells what happens in its log, and nowhere else."""

from __future__ import annotations

import io
import logging
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TextIO

OUTPUT_LINES_MAX: Final = 200
ERROR_LENGTH_MAX: Final = 4_000

_COLOR = re.compile(r"\x1b\[[\d;]*m")
_STARTED = re.compile(r"Executing task '(?P<component>.+)'")
_ENDED = re.compile(r"Task '(?P<component>.+)' finished with status (?P<status>SUCCESS|FAILURE)")
_TRACEBACK = "Traceback (most recent call last):"


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """`kfp.local` has begun to run a component."""

    component: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """`kfp.local` has seen a component end."""

    component: str
    at: datetime
    succeeded: bool


class LogListener(logging.Filter):
    """Turns the lines of `kfp.local`'s log into events, and lets every line pass.

    It is a filter of the root logger, not a handler: `kfp.local` puts its own handler in the place of all
    others while it runs. What `on_event` raises stops the pipeline.

    Args:
        on_event: called with each event, in the thread that runs the pipeline.
    """

    def __init__(self, on_event: Callable[[TaskStarted | TaskEnded], None]) -> None:
        super().__init__()
        self._on_event = on_event

    def filter(self, record: logging.LogRecord) -> bool:
        """Reports the event that a line of the log tells of, if any; always true."""
        message = _COLOR.sub("", record.getMessage())
        at = datetime.fromtimestamp(record.created, UTC)
        if started := _STARTED.fullmatch(message):
            self._on_event(TaskStarted(started["component"], at))
        elif ended := _ENDED.fullmatch(message):
            self._on_event(TaskEnded(ended["component"], at, succeeded=ended["status"] == "SUCCESS"))
        return True


class OutputKeeper(io.TextIOBase):
    """A standard output that goes to a file, and whose last lines are kept to explain a failure.

    Args:
        file: where everything goes.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lines: deque[str] = deque(maxlen=OUTPUT_LINES_MAX)
        self._line = ""

    def write(self, text: str) -> int:
        """Keeps and passes on some output; gives its length."""
        *complete, self._line = (self._line + text).split("\n")
        self._lines.extend(complete)
        return self._file.write(text)

    def flush(self) -> None:
        """Passes on what is still held back."""
        self._file.flush()

    def forget(self) -> None:
        """Drops the lines kept so far: another task begins."""
        self._lines.clear()

    def error(self) -> str:
        """What went wrong, by the lines kept: the exception, an empty line, its traceback cut in front."""
        lines = [_plain(line).rstrip() for line in self._lines if line.strip()]
        traces = [place for place, line in enumerate(lines) if _TRACEBACK in line]
        if not traces:
            tail = "\n".join(lines)[-ERROR_LENGTH_MAX:]
            return f"the task ended without a Python exception; its last output was:\n{tail}"
        trace = lines[traces[-1] :]
        # Subprocesses are shown indented, all by the same width.
        indent = len(trace[0]) - len(trace[0].lstrip())
        trace = [line[indent:] for line in trace]
        exception = next((place for place, line in enumerate(trace[1:], 1) if not line.startswith(" ")), len(trace) - 1)
        return f"{trace[exception]}\n\n" + "\n".join(trace)[-ERROR_LENGTH_MAX:]


def _plain(line: str) -> str:
    """A line without colours, and with what neither a terminal nor the service should get as escapes."""
    line = _COLOR.sub("", line).expandtabs()
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
