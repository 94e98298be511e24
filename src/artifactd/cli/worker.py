"""One of several processes that serve an address: `python -m artifactd.cli.worker NUMBER`.

`artifactd.cli.workers` starts it. On standard input it is told what to do, in one line of JSON; on standard output it
says once, in one such line, that it is ready or why it cannot be. The end of its standard input tells it that whoever
started it is gone, however that came about: then it stops as on SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import shutil
import signal
import socket
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import structlog

from artifactd.cli.serve import new_loop, open_store_of
from artifactd.errors import ServiceError, Unavailable
from artifactd.settings import Settings

_INPUT, _OUTPUT, _ERRORS = 0, 1, 2
_TO_CLOSE_S = 5.0
"""Beyond the time to finish requests, how long an abandoned worker may take to let go of the store."""


class Orders(NamedTuple):
    """What a worker is told.

    `worker` is its number, from 1; `listener` the descriptor of the socket that it inherits; `directory` where
    workers keep their metrics, which the last one removes if nobody else is left to.
    """

    worker: int
    listener: int
    directory: str
    settings: Settings

    def encode(self) -> bytes:
        """The line that says so. It goes through a pipe, since a database's password may stand in it."""
        return json.dumps({**self._asdict(), "settings": asdict(self.settings)}).encode() + b"\n"


class Report(NamedTuple):
    """What a worker says about its start.

    `error` is why it cannot serve, or empty; `retriable` whether only the store is out of reach.
    """

    error: str = ""
    retriable: bool = False

    def encode(self) -> bytes:
        """The line that says so."""
        return json.dumps(self._asdict()).encode() + b"\n"


def take_orders() -> Orders:
    """Reads the orders from standard input, and not a byte more.

    Raises:
        EOFError: whoever would give them is gone.
    """
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(_INPUT, 65_536)
        if not piece:
            raise EOFError
        line += piece
    given: dict[str, Any] = json.loads(line)
    settings: dict[str, Any] = given["settings"]
    fields: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in settings.items()}
    return Orders(given["worker"], given["listener"], given["directory"], Settings(**fields))


class ReportPipe:
    """Standard output, kept for the one report: whatever else prints does so on standard error from now on."""

    def __init__(self) -> None:
        self._descriptor: int | None = os.dup(_OUTPUT)
        os.dup2(_ERRORS, _OUTPUT)

    def send(self, report: Report) -> bool:
        """Sends the report, and gives whether it was the first, which alone is listened to."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return False
        # If nobody is left to read it, the end of standard input tells so.
        with contextlib.suppress(BrokenPipeError):
            os.write(descriptor, report.encode())
        os.close(descriptor)
        return True


class Abandonment:
    """Notices on a thread that standard input has ended, whatever the event loop is at."""

    def __init__(self, timeout_s: float, directory: Path) -> None:
        self._timeout_s = timeout_s
        self._directory = directory
        self._happened = False
        threading.Thread(target=self._watch, name="artifactd-abandonment", daemon=True).start()

    def _watch(self) -> None:
        while os.read(_INPUT, 4_096):
            pass
        self._happened = True
        structlog.get_logger("artifactd").error("the process that started this worker is gone: stopping")
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(self._timeout_s)
        self.clean_up()
        os._exit(1)

    def clean_up(self) -> None:
        """Removes what the one who is gone would have removed."""
        if self._happened:
            shutil.rmtree(self._directory, ignore_errors=True)


def main() -> NoReturn:
    """Serves until SIGTERM, or until whoever started this is gone."""
    try:
        orders = take_orders()
    except EOFError:
        sys.exit(1)
    reports = ReportPipe()
    directory = Path(orders.directory)
    abandonment = Abandonment(orders.settings.shutdown_timeout_s + _TO_CLOSE_S, directory)
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(_work(orders, reports))
    except ServiceError as error:
        if not reports.send(Report(error.message, isinstance(error, Unavailable))):
            structlog.get_logger("artifactd").error("the worker fails", error=error.message)
        sys.exit(1)
    finally:
        abandonment.clean_up()
    sys.exit(0)


async def _work(orders: Orders, reports: ReportPipe) -> None:
    from artifactd.rest.app import create_app
    from artifactd.rest.monitoring import configure_logging
    from artifactd.rest.server import make_server
    from artifactd.rest.shared_monitoring import SharedMonitoring

    settings = orders.settings
    configure_logging(settings.log_level, settings.log_format, worker=orders.worker)
    store = await open_store_of(settings)
    try:
        monitoring = SharedMonitoring(store, orders.worker, Path(orders.directory))
        app = create_app(settings, store, monitoring=monitoring)
        server = make_server(app, settings, lambda _: _say_ready(reports))
        gc.freeze()
        refreshing = asyncio.create_task(monitoring.refresh_for_ever())
        await server.serve([socket.socket(fileno=orders.listener)])
        refreshing.cancel()
        # A service manager that tells every process sends the signal twice; the second must not end what is closing.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    finally:
        await store.close()


def _say_ready(reports: ReportPipe) -> None:
    reports.send(Report())


if __name__ == "__main__":
    main()
