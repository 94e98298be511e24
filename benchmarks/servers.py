"""Servers under load, each a process of its own or several, and what the kernel knows of them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PPID, _UTIME, _STIME = 1, 11, 12
"""Where the fields of /proc/PID/stat stand behind the name of the program."""
_IDLE_MAX_S = 15.0
_STOP_TIMEOUT_S = 30


class Server:
    """A process that prints its address when it is ready.

    Args:
        command: what to run.
        variables: of its environment, over those of this process.
        log: where its log lines go; nowhere by default.
    """

    url = ""
    idle_s = 0.1
    """After so long without computing it works no more."""

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str] | None = None, log: Path = Path(os.devnull)
    ) -> None:
        self.command = list(command)
        self._variables = dict(variables or {})
        self._log = log

    def __enter__(self) -> Self:
        """Starts the process and waits until it is ready."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stops the process."""
        self.stop()

    def start(self) -> None:
        """Starts the process and waits until it is ready.

        Raises:
            RuntimeError: it ends before that.
        """
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, **self._variables}, cwd=ROOT, start_new_session=True,
            )  # fmt: skip
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self) -> None:
        """Takes the address from the first line printed.

        Raises:
            RuntimeError: there is none.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: run {' '.join(self.command)} to see why")
        self.url = line.split()[-1]

    def stop(self) -> None:
        """Stops the process; its whole group, if it does not end by itself."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def cpu_s(self) -> float:
        """Processor time used so far by it and all that it has started, and by the kernel for them."""
        return sum(process_cpu_s(pid) for pid in process_tree(self.process.pid))

    def resident_bytes(self) -> int:
        """Memory in use, of all its processes; what they share counts once."""
        return sum(process_resident_bytes(pid) for pid in process_tree(self.process.pid))

    def wait_until_idle(self) -> None:
        """Waits while it computes for requests whose clients have gone: the next is to have the machine to itself."""
        pause, deadline = threading.Event(), time.monotonic() + _IDLE_MAX_S
        before = self.cpu_s()
        while time.monotonic() < deadline:
            pause.wait(self.idle_s)
            before, last = self.cpu_s(), before
            if before - last < self.idle_s / 4:
                return


def process_tree(pid: int) -> list[int]:
    """A process and all that came from it and still run."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parents.setdefault(int(_stat(int(entry.name))[_PPID]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


def process_cpu_s(pid: int) -> float:
    """Processor time that a process has used so far; 0 for one that has ended."""
    try:
        fields = _stat(pid)
    except OSError:
        return 0.0
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS_PER_S


def process_resident_bytes(pid: int) -> int:
    """Memory of a process, its share of what others have too; 0 for one that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1_024 for line in text.splitlines() if line.startswith("Pss:"))


def artifactd(database_url: str, *options: str) -> Server:
    """`artifactd serve` with its default settings.

    Args:
        options: other settings, as flags.
    """
    return Server([sys.executable, "-m", "artifactd", "serve", "--port", "0", "--database-url", database_url, *options])
