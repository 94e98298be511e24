"""Servers under load, each a process of its own, and what the kernel knows of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12
"""Where the fields of /proc/PID/stat stand behind the name of the program."""


class Server:
    """A process that prints its address when it is ready. Its log lines go to /dev/null."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments

    def __enter__(self) -> Self:
        """Starts the process and waits until it is ready."""
        command = [sys.executable, "-m", *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: run {' '.join(command[1:])} to see why")
        self.url = line.split()[-1]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stops the process."""
        self._process.terminate()
        self._process.communicate(timeout=30)

    def cpu_s(self) -> float:
        """Processor time used so far, of all threads, by the program and by the kernel for it."""
        text = self._proc("stat").rpartition(")")[2].split()
        return (int(text[_UTIME]) + int(text[_STIME])) / _TICKS_PER_S

    def resident_bytes(self) -> int:
        """Memory in use."""
        line = next(line for line in self._proc("status").splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1_024

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self._process.pid}/{name}").read_text(encoding="ascii", errors="replace")


def artifactd(database: Path, synchronous: str) -> Server:
    """`artifactd serve` with its default settings, access log included."""
    return Server(
        "artifactd", "serve", "--port", "0", "--database-url", f"sqlite:///{database}",
        "--sqlite-synchronous", synchronous,
    )  # fmt: skip


def noop() -> Server:
    """The same stack doing nothing."""
    return Server("benchmarks.noop")
