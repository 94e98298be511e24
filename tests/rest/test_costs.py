"""What each operation costs, in counts that no machine's mood changes: a slow change is seen at once.

Statements are counted where SQLite runs them, and calls by the interpreter: those of Python functions and of built-in
ones, from the request to the response, without the HTTP of it. Before raising a figure, know what it buys.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import apsw
import pytest
from support import API, Clock, counted_ids

from artifactd.rest.app import create_app
from artifactd.rest.endpoint import Endpoint
from artifactd.rest.messages import Request, Response
from artifactd.settings import Settings
from artifactd.storage.store import StoreOptions, open_store

pytestmark = pytest.mark.engines("sqlite")
HEADERS = {"host": "localhost", "content-type": "application/json"}


class Counts:
    """How much was done since `begin`."""

    def __init__(self) -> None:
        self._connections: list[apsw.Connection] = []
        self.begin()

    def begin(self) -> None:
        """Begins to count anew."""
        self.statements: list[str] = []
        self.compiled = 0
        self.calls = 0
        self._pages_before = self._pages_written()

    def note_statement(self, _: Any, sql: str, __: Any) -> bool:
        """Counts a statement, and lets it run."""
        self.statements.append(sql.split(None, 1)[0])
        return True

    @property
    def pages(self) -> int:
        """How many pages were written to the write-ahead log."""
        return self._pages_written() - self._pages_before

    def _pages_written(self) -> int:
        written = 0
        for connection in self._connections:
            # Some are only there to look at the schema.
            with contextlib.suppress(apsw.ConnectionClosedError):
                written += connection.status(apsw.SQLITE_DBSTATUS_CACHE_WRITE)[0]
        return written

    def note_right(self, action: int, *_: Any) -> int:
        """Counts a query that is compiled: only then does SQLite ask whether it may select."""
        self.compiled += action == apsw.SQLITE_SELECT
        return apsw.SQLITE_OK

    def watch(self, connection: apsw.Connection) -> None:
        """Counts what is compiled and run on a connection."""
        connection.set_exec_trace(self.note_statement)
        connection.set_authorizer(self.note_right)
        self._connections.append(connection)

    def note_call(self, _: Any, event: str, __: Any) -> None:
        """Counts a call."""
        self.calls += event in ("call", "c_call")


class Service:
    """The application over a SQLite store, in this thread."""

    def __init__(self, runner: asyncio.Runner, app: Endpoint, counts: Counts) -> None:
        self._runner = runner
        self._app = app
        self.counts = counts

    def send(self, method: str, path: str, message: Any = None) -> Any:
        """The answer's JSON."""
        return self.send_all([(method, path, message)])[0]

    def send_all(self, requests: list[tuple[str, str, Any]]) -> list[Any]:
        """The answers' JSON, of requests that come at once. What they cost stands in `counts`."""
        made = [
            Request.whole(method, API + path, HEADERS, b"" if message is None else json.dumps(message).encode())
            for method, path, message in requests
        ]
        return [json.loads(response.body) for response in self._runner.run(self._answers(made))]

    async def _answers(self, requests: list[Request]) -> list[Response]:
        self.counts.begin()
        sys.setprofile(self.counts.note_call)
        try:
            answers = [self._app.answer(request) for request in requests]
            later = await asyncio.gather(*(answer for answer in answers if not isinstance(answer, Response)))
        finally:
            sys.setprofile(None)
        rest = iter(later)
        return [answer if isinstance(answer, Response) else next(rest) for answer in answers]


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    """An application with a task, a metric and an artifact of it, where everything has been done once."""
    counts = Counts()
    hook: Callable[[apsw.Connection], None] = counts.watch
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        apsw.connection_hooks.append(hook)
        stack.callback(apsw.connection_hooks.remove, hook)
        # On a busy machine a read would take longer than is usual, and be done a second time, on a thread; and the
        # view of the store that reads share would be old sooner.
        store = runner.run(open_store(database_url, StoreOptions(here_max_s=60, view_max_s=60)))
        stack.callback(lambda: runner.run(store.close()))
        app = create_app(Settings(access_log=False), store, clock=Clock(), new_id=counted_ids())
        service = Service(runner, app, counts)
        for _ in range(3):
            for request in REQUESTS.values():
                service.send(*request)
        yield service


def at(second: int) -> dict[str, str]:
    return {"created_at": f"2026-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"}


def a_point(name: str, step: int) -> dict[str, Any]:
    return {"task_id": "train", "name": name, "value": 0.5, "step": step}


ARTIFACT = {"artifact": {"name": "model", "type": "Model", "uri": "s3://models/1", "metadata": {"depth": 3}}}
FILTER = quote('{"predicates": [{"operation": "EQUALS", "key": "name", "string_value": "model"}]}')
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "log_metric": ("POST", "/metrics", {"metric": a_point("loss", 1)}),
    "create_artifact": ("POST", "/artifacts", ARTIFACT),
    "create_artifact of a task": ("POST", "/artifacts", ARTIFACT | {"task_id": "train"}),
    "batch_log_metrics": (
        "POST", "/metrics:batchLog", {"metrics": [a_point(f"m{name}", step) for step in range(5) for name in range(20)]}
    ),
    "batch_log_metrics, which was logged before": (
        "POST", "/metrics:batchLog", {"metrics": [a_point(f"m{n}", s) | at(s) for s in range(5) for n in range(9)]}
    ),
    "get_artifact": ("GET", "/artifacts/00000000-0000-4000-8000-000000000001", None),
    "get_metric": ("GET", "/metrics/train/loss", None),
    "list_artifacts": ("GET", "/artifacts?page_size=20", None),
    "list_artifacts by name": ("GET", f"/artifacts?page_size=20&filter={FILTER}", None),
    "list_metrics of a task": ("GET", "/metrics?task_ids=train&page_size=20", None),
}  # fmt: skip


READS = [name for name, (method, _, _) in REQUESTS.items() if method == "GET"]


class Cost(NamedTuple):
    """The statements of an operation beside those that begin and end its transaction, and its calls at the most."""

    statements: dict[str, int]
    calls_max: int


COSTS = {
    "log_metric": Cost({"SELECT": 2, "UPDATE": 1, "INSERT": 1}, 520),
    "create_artifact": Cost({"INSERT": 2}, 560),
    "create_artifact of a task": Cost({"SELECT": 1, "INSERT": 4}, 660),
    "batch_log_metrics": Cost({"SELECT": 2, "UPDATE": 20, "INSERT": 100}, 4_200),
    "batch_log_metrics, which was logged before": Cost({"SELECT": 3 + 9}, 2_400),
    "get_artifact": Cost({"SELECT": 1}, 140),
    "get_metric": Cost({"SELECT": 1}, 110),
    "list_artifacts": Cost({"SELECT": 2}, 300),
    "list_artifacts by name": Cost({"SELECT": 3}, 360),
    "list_metrics of a task": Cost({"SELECT": 3}, 480),
}
"""A fifth more calls than were counted on Python 3.11, since other versions count a little differently."""


@pytest.mark.parametrize("name", COSTS)
def test_an_operation_runs_these_statements_alone(service: Service, name: str) -> None:
    service.send(*REQUESTS[name])

    framing = ("BEGIN", "COMMIT", "END", "SAVEPOINT", "RELEASE")
    assert Counter(word for word in service.counts.statements if word not in framing) == COSTS[name].statements


@pytest.mark.parametrize("name", COSTS)
def test_an_operation_makes_no_more_calls(service: Service, name: str) -> None:
    service.send(*REQUESTS[name])

    assert service.counts.calls <= COSTS[name].calls_max


@pytest.mark.parametrize("name", READS)
def test_a_read_that_was_done_before_compiles_no_query(service: Service, name: str) -> None:
    service.send(*REQUESTS[name])

    assert service.counts.compiled == 0


def test_a_further_point_writes_its_page_the_metrics_and_those_of_the_indexes_of_what_changed(service: Service) -> None:
    service.send("POST", "/metrics", {"metric": a_point("loss", 2) | {"value": 0.25}})

    assert service.counts.pages == len(("metric_points", "metrics", "metrics_by_value", "metrics_by_created_at"))


def test_a_new_state_of_a_task_writes_its_row_and_the_indexes_of_state_and_time(service: Service) -> None:
    service.send("POST", "/tasks", {"task_id": "fit", "name": "fit", "run_id": "night", "state": "RUNNING"})

    service.send("PATCH", "/tasks/fit", {"state": "SUCCEEDED"})

    assert service.counts.pages == len(("tasks", "tasks_by_namespace_state", "tasks_by_namespace_updated_at"))


def test_writes_that_come_at_once_share_a_commit(service: Service) -> None:
    service.send_all([("POST", "/metrics", {"metric": a_point("loss", step)}) for step in range(2, 34)])

    assert service.counts.statements.count("COMMIT") == 1
    assert service.counts.statements.count("UPDATE") == 32
    assert "SAVEPOINT" not in service.counts.statements


def test_artifacts_that_come_at_once_are_counted_by_one_statement(service: Service) -> None:
    service.send_all([REQUESTS["create_artifact"]] * 32)

    assert service.counts.statements.count("INSERT") == 32 + 1


@pytest.mark.parametrize("path", ["/artifacts", f"/artifacts?filter={FILTER}", "/metrics?task_ids=train"])
def test_a_list_of_another_size_compiles_nothing_again(service: Service, path: str) -> None:
    sign = "&" if "?" in path else "?"
    service.send("GET", f"{path}{sign}page_size=3")

    service.send_all([("GET", f"{path}{sign}page_size={size}", None) for size in (1, 2, 20, 200)])

    assert service.counts.statements.count("SELECT") >= 8
    assert service.counts.compiled == 0


def test_reads_with_no_write_between_them_share_a_view(service: Service) -> None:
    service.send_all([REQUESTS["get_artifact"], REQUESTS["get_metric"]] * 4)

    assert service.counts.statements.count("BEGIN") <= 1
    assert service.counts.statements.count("SELECT") == 8


def test_a_batch_takes_a_tenth_of_the_calls_of_its_metrics_one_by_one(service: Service) -> None:
    points = [a_point(f"m{number % 20}", 100 + number) for number in range(100)]
    one_by_one = 0
    for point in points:
        service.send("POST", "/metrics", {"metric": point})
        one_by_one += service.counts.calls

    service.send("POST", "/metrics:batchLog", {"metrics": points})

    assert service.counts.calls <= one_by_one / 10


def test_points_of_one_metric_with_times_cost_the_same_each_however_many(service: Service) -> None:
    calls = {}
    for count, first in ((100, 0), (900, 100)):
        points = [a_point("curve", step) | at(step) for step in range(first, first + count)]
        service.send("POST", "/metrics:batchLog", {"metrics": points})
        calls[count] = service.counts.calls / count

    assert calls[900] < calls[100] * 1.1
