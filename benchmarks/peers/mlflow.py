"""MLflow's tracking server with SQLite, in its best sensible configuration."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import contents
from benchmarks.disk import StoreFacts, sqlite_facts
from benchmarks.load import SCRIPTS
from benchmarks.peers import mlflow_seeding
from benchmarks.peers.environments import MLFLOW
from benchmarks.servers import Server
from benchmarks.subjects import HttpService

NAME = "mlflow"
SETTINGS = (
    "MLflow: `mlflow server` with 4 workers, uvicorn on uvloop and httptools, no access log, no jobs, no telemetry, no "
    "proxy for artifacts. Its SQLite file is in WAL mode, which suits it better than how it makes it; every commit is "
    "synced, as it does by default. A thing to get or to search is a run, since those are what it filters; an artifact "
    "is a logged model."
)
_WORKERS = 4
_START_TIMEOUT_S = 120.0
_VARIABLES = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
_TABLES = {"artifacts": "logged_models", "metrics": "metrics"}
_SCRIPTS = {
    "get_artifact": "get_targets.lua",
    **{path.stem: f"mlflow/{path.name}" for path in (SCRIPTS / "mlflow").glob("*.lua")},
}
_SECONDS_MIN = dict.fromkeys(_SCRIPTS, 6) | {"get_artifact": 3}
"""At 16 clients a search takes seconds, and writes wait for the file's lock: once, none of 16 was answered in 3 s."""
_WARMING_CONNECTIONS = 64


class MlflowServer(Server):
    """The tracking server."""

    idle_s = 0.5
    """A writer that waits for the file's lock sleeps for up to a tenth of a second at a time."""

    def __init__(self, python: Path, database: Path, artifact_root: Path) -> None:
        self._port = _free_port()
        options = {
            "backend-store-uri": f"sqlite:///{database}",
            "default-artifact-root": str(artifact_root),
            "host": "127.0.0.1",
            "port": str(self._port),
            "workers": str(_WORKERS),
            "uvicorn-opts": "--loop uvloop --http httptools --log-level warning --no-access-log",
        }
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        super().__init__(
            [str(python.parent / "mlflow"), "server", "--no-serve-artifacts", *flags],
            _VARIABLES,
            database.with_suffix(".log"),
        )

    def wait_until_ready(self) -> None:
        """Asks for its health, again and again."""
        self.url = f"http://127.0.0.1:{self._port}"
        deadline, pause = time.monotonic() + _START_TIMEOUT_S, threading.Event()
        while not self._healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"MLflow did not start: run {' '.join(self.command)} to see why")
            pause.wait(0.2)

    def _healthy(self) -> bool:
        try:
            with contextlib.closing(self.connect()) as connection:
                connection.request("GET", "/health")
                return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def connect(self) -> http.client.HTTPConnection:
        """A connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)

    def ask(self, method: str, path: str, message: Any = None) -> Any:
        """The JSON of an answer.

        Raises:
            RuntimeError: any status but 200.
        """
        with contextlib.closing(self.connect()) as connection:
            body = None if message is None else json.dumps(message)
            connection.request(method, mlflow_seeding.API + path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"MLflow answers {answer.status} to {method} {path}: {text[:500]!r}")
        return json.loads(text)


@contextmanager
def mlflow(directory: Path, items: int, say: Callable[[str], None]) -> Iterator[HttpService]:
    """MLflow with a store of so many runs, ready to be driven.

    Raises:
        RuntimeError: it does not start, or does not show what was seeded, or does not keep what is written.
    """
    python = MLFLOW.make(say)
    database, artifact_root = directory / "mlflow.db", directory / "mlflow-artifacts"
    say("MLflow makes its schema")
    with MlflowServer(python, database, artifact_root) as server:
        server.ask("GET", "/experiments/get?experiment_id=0")
    say(f"filling MLflow's store with {items:,} runs")
    ids = mlflow_seeding.seed(database, artifact_root, items)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    targets = mlflow_seeding.targets(ids, directory)
    with MlflowServer(python, database, artifact_root) as server:
        _check(server, ids)
        _warm(server)
        yield HttpService(
            NAME, server, _SCRIPTS, targets, count=lambda: _facts(database),
            seconds_min=_SECONDS_MIN,
        )  # fmt: skip


def _facts(database: Path) -> StoreFacts:
    return sqlite_facts(database, _TABLES)


def _check(server: MlflowServer, ids: list[str]) -> None:
    """Makes sure that the API shows what was seeded, and that what is written through it can be read again."""
    number = len(ids) // 2
    wanted = contents.item(number, len(ids))
    run = server.ask("GET", f"/runs/get?run_id={ids[number]}")["run"]
    shown = {each["key"]: each["value"] for kind in ("tags", "params", "metrics") for each in run["data"][kind]}
    expected = {
        "type": wanted.type, "uri": wanted.uri, "mlflow.runName": wanted.name, "epochs": str(wanted.epochs),
        "framework": wanted.framework, "accuracy": wanted.accuracy,
    }  # fmt: skip
    _insist(shown == expected, f"shows {shown}, not {expected}")
    found = server.ask("POST", "/runs/search", mlflow_seeding.search(wanted.type, wanted.name)).get("runs", [])
    _insist(len(found) == min(20, len(ids) // (2 * contents.names_count(len(ids)))), f"finds {len(found)} runs")
    task = mlflow_seeding.logging_run_id(0)
    point = {"run_id": task, "key": contents.metric_name(0), "value": 0.25, "timestamp": 1_767_000_000_001, "step": 1}
    server.ask("POST", "/runs/log-metric", point)
    metrics = server.ask("GET", f"/runs/get?run_id={task}")["run"]["data"]["metrics"]
    _insist(
        any(each["key"] == point["key"] and each["value"] == 0.25 for each in metrics), "does not show a metric logged"
    )


def _warm(server: MlflowServer) -> None:
    """Makes every worker search once, before two searches can meet in it.

    A worker imports a module of its own at its first search, and one that comes meanwhile gets a 500.
    """
    body = json.dumps(mlflow_seeding.search(*next(contents.pairs(1))))
    with contextlib.ExitStack() as stack:
        connections = [server.connect() for _ in range(_WARMING_CONNECTIONS)]
        for connection in connections:
            stack.enter_context(contextlib.closing(connection))
            connection.connect()
        for connection in connections:
            connection.request("POST", f"{mlflow_seeding.API}/runs/search", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            _insist(answer.status == 200, f"gives {answer.status} to a search: {answer.read()[:500]!r}")


def _insist(holds: bool, wrong: str) -> None:  # noqa: FBT001
    if not holds:
        raise RuntimeError(f"MLflow's store is not what it should be: it {wrong}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
