"""Standard error as several processes share it: what one of them writes never lands inside a line of another."""

from __future__ import annotations

import os
import select

_STANDARD_ERROR = 2


class WholeLines:
    """A file that hands whole lines to the system, so many in one call as a pipe takes without tearing them.

    A pipe keeps up to `PIPE_BUF` bytes of one call together, whoever else writes. A single line that is longer goes
    in one call as well: only a pipe that is full can come between its parts.
    """

    def __init__(self, descriptor: int = _STANDARD_ERROR) -> None:
        self._descriptor = descriptor

    def write(self, text: bytes | str) -> int:
        """Writes lines, each with its line break; gives their length."""
        data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
        begin = 0
        while begin < len(data):
            end = _end_of_lines(data, begin)
            _write_all(self._descriptor, data[begin:end])
            begin = end
        return len(text)

    def flush(self) -> None:
        """Does nothing: nothing is held back."""


def _end_of_lines(data: bytes, begin: int) -> int:
    """Where the lines from here end that go in one call."""
    longest = begin + select.PIPE_BUF
    if longest >= len(data):
        return len(data)
    return data.rfind(b"\n", begin, longest) + 1 or data.find(b"\n", longest) + 1 or len(data)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
