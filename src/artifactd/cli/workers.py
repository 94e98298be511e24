"""Several processes that serve one address as one service: starts them, replaces those that die, stops them all.

Each is a new program, not a fork: a database driver, a thread or an event loop that this process has used cannot be
carried into it half alive, one that takes another's place is as fresh as the first, and macOS allows nothing else.
They share one listening socket. Over it, workers were found to get their connections as evenly as over one socket each
(`SO_REUSEPORT`), while what waits at a worker that dies goes to the others, and a second program cannot join the port
unnoticed. Why, with figures: docs/decisions/0008-workers.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from artifactd.cli.serve import open_store_of
from artifactd.cli.worker import Orders, Report
from artifactd.errors import ServiceError, Unavailable
from artifactd.rest.server import address_of, listen
from artifactd.rest.shared_monitoring import DIRECTORY_VARIABLE, forget_gauges
from artifactd.settings import Settings


class Patience(NamedTuple):
    """How long and how often workers are waited for. Times are in seconds.

    A life below `short_life_s` counts as a failed start. After the first in a row `delay_s` passes before the next,
    then twice as long each time, up to `delay_max_s`; `short_lives_max` in a row end everything. `closing_s` is what a
    worker may take to stop beyond the time that its requests have to finish.
    """

    short_life_s: float = 10.0
    delay_s: float = 0.25
    delay_max_s: float = 10.0
    short_lives_max: int = 8
    closing_s: float = 5.0


class _Life(NamedTuple):
    """How a worker's process went: how it ended, what it said of its start if anything, and how long it lived."""

    end: str
    report: Report | None
    seconds: float

    @property
    def was_ready(self) -> bool:
        """Whether it served at all."""
        return self.report is not None and not self.report.error

    @property
    def is_retriable(self) -> bool:
        """Whether it only could not reach the store."""
        return self.report is not None and self.report.retriable

    @property
    def cause(self) -> str:
        """Why it ended, as well as is known."""
        return (self.report.error if self.report else "") or self.end


def worker_command(worker: int) -> list[str]:
    """The command line of a worker, which looks for modules where this process does."""
    # A file of the working folder must not stand in for a module, unless it does so here already.
    safe = [] if sys.path and sys.path[0] in ("", str(Path.cwd())) else ["-P"]
    return [sys.executable, *safe, "-m", "artifactd.cli.worker", str(worker)]


async def supervise(
    settings: Settings,
    on_ready: Callable[[str], None],
    *,
    command: Callable[[int], list[str]] = worker_command,
    patience: Patience | None = None,
) -> None:
    """Serves with `settings.workers` processes until SIGTERM or SIGINT.

    Args:
        settings: what each worker is told.
        on_ready: is told the address once all workers answer there.
        command: the command line of the worker of that number; it does as `artifactd.cli.worker` says.
        patience: how long and how often workers are waited for.

    Raises:
        InvalidArgument: the address is not to be had, or the store is not right.
        Unavailable: the store cannot be opened, workers do not stay alive, or one did not stop cleanly.
    """
    with listen(settings.host, settings.port) as listener, tempfile.TemporaryDirectory(prefix="artifactd-") as name:
        # What is wrong with the store is said here once, and an empty one gets its tables before workers meet in it.
        store = await open_store_of(settings)
        await store.close()
        await _Supervisor(settings, listener, Path(name), command, patience or Patience()).run(on_ready)


class _Supervisor:
    """Keeps the workers alive. Belongs to the event loop that runs it."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        directory: Path,
        command: Callable[[int], list[str]],
        patience: Patience,
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._directory = directory
        self._command = command
        self._patience = patience
        self._processes: dict[int, Process] = {}
        self._ready: set[int] = set()
        self._on_all_ready: Callable[[], None] | None = None
        self._stopping = asyncio.Event()
        self._is_overdue = False
        self._failure: ServiceError | None = None
        self._log = structlog.get_logger("artifactd")

    async def run(self, on_ready: Callable[[str], None]) -> None:
        """Starts all workers, and returns when all have stopped as they should."""
        address = address_of(self._listener, secure=bool(self._settings.tls_cert))
        self._on_all_ready = lambda: on_ready(address)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_on, number)
        deadline = asyncio.create_task(self._kill_after_deadline())
        try:
            async with asyncio.TaskGroup() as group:
                for worker in range(1, self._settings.workers + 1):
                    group.create_task(self._keep(worker))
        except BaseExceptionGroup as group_of_errors:
            # A standard output that nobody reads, or a bug of ours: it ends the program as it would with one process.
            raise group_of_errors.exceptions[0] from None
        finally:
            deadline.cancel()
            self._signal_all(signal.SIGKILL)
        if self._failure is not None:
            raise self._failure

    def _stop_on(self, number: signal.Signals) -> None:
        """Stops everything; a second Ctrl-C does so without waiting for requests, as with one process."""
        if self._stopping.is_set():
            self._signal_all(number)
        else:
            self._stop()

    def _stop(self) -> None:
        if not self._stopping.is_set():
            self._stopping.set()
            # Whoever connects from now on is refused at once instead of waiting for what never comes.
            self._listener.close()
            self._signal_all(signal.SIGTERM)

    def _give_up(self, sentence: str) -> None:
        """Stops everything for the first reason that there was."""
        self._failure = self._failure or Unavailable(sentence)
        self._stop()

    def _signal_all(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            _send(process, number)

    async def _kill_after_deadline(self) -> None:
        await self._stopping.wait()
        await asyncio.sleep(self._settings.shutdown_timeout_s + self._patience.closing_s)
        self._is_overdue = True
        self._signal_all(signal.SIGKILL)

    async def _keep(self, worker: int) -> None:
        """Starts a worker, and again whenever it has ended, until everything stops."""
        failures = 0
        while not self._stopping.is_set():
            life = await self._live(worker)
            self._ready.discard(worker)
            forget_gauges(worker, self._directory)
            if self._stopping.is_set():
                self._judge_stop(worker, life)
                return
            if self._on_all_ready is not None:
                self._give_up(life.cause if life.report else f"worker {worker} ended before it was ready: {life.end}")
                return
            failures = failures + 1 if life.seconds < self._patience.short_life_s or not life.was_ready else 0
            # While the store is out of reach the other workers say so, and go on when it is back; so does this one.
            if failures >= self._patience.short_lives_max and not life.is_retriable:
                self._give_up(f"worker {worker} ended {failures} times in a row soon after its start: {life.cause}")
                return
            await self._pause(worker, life, failures)

    async def _pause(self, worker: int, life: _Life, failures: int) -> None:
        """Says why the worker ended, and waits until it may be started again, or everything stops."""
        longest = self._patience.delay_max_s
        delay_s = min(self._patience.delay_s * 2 ** (min(failures, 32) - 1), longest) if failures else 0.0
        self._log.error("a worker ended and is replaced", worker=worker, cause=life.cause, delay_s=delay_s)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay_s)

    async def _live(self, worker: int) -> _Life:
        """Starts a worker's process and waits for its end."""
        began = asyncio.get_running_loop().time()
        listener = self._listener.fileno()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command(worker),
                stdin=PIPE,
                stdout=PIPE,
                pass_fds=(listener,),
                env={**os.environ, DIRECTORY_VARIABLE: str(self._directory)},
                # In a session of its own, Ctrl-C reaches it through this process only, and so but once.
                start_new_session=True,
            )
        except OSError as error:
            return _Life(f"it could not be started: {error.strerror}", None, 0.0)
        self._processes[worker] = process
        if self._stopping.is_set():
            _send(process, signal.SIGTERM)
        report = await _told(process, Orders(worker, listener, str(self._directory), self._settings))
        if report is not None and not report.error:
            self._note_ready(worker, process.pid)
        code = await process.wait()
        del self._processes[worker]
        return _Life(_end(code), report, asyncio.get_running_loop().time() - began)

    def _note_ready(self, worker: int, pid: int) -> None:
        self._log.info("a worker is ready", worker=worker, pid=pid)
        self._ready.add(worker)
        if self._on_all_ready is not None and len(self._ready) == self._settings.workers:
            on_all_ready, self._on_all_ready = self._on_all_ready, None
            if not self._stopping.is_set():
                on_all_ready()

    def _judge_stop(self, worker: int, life: _Life) -> None:
        """A worker should have stopped by itself; one that was not ready yet is stopped by the signal."""
        if life.end == _end(0) or not life.was_ready or self._failure is not None:
            return
        why = "it took too long and was killed" if self._is_overdue else life.end
        self._failure = Unavailable(f"worker {worker} did not stop cleanly: {why}")


async def _told(process: Process, orders: Orders) -> Report | None:
    """Gives a worker its orders, and what it reports, or None if it ended without a word."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(orders.encode())
        await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        return None
    given: dict[str, Any] = json.loads(line)
    return Report(**given)


def _send(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _end(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"
