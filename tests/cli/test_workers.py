"""Several workers behind one address: one service, whatever happens to one of them or to who started them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cli.processes import TIMEOUT_S, environment, run
from support import API, Api

HERE = Path(__file__).parent
HASTE = {"delay_s": 0.01, "delay_max_s": 0.02, "short_lives_max": 3}


def until(condition: Callable[[], Any], what: str) -> Any:
    """Waits until something is so, and gives what it is."""
    pause = threading.Event()
    for _ in range(TIMEOUT_S * 50):
        if found := condition():
            return found
        pause.wait(0.02)
    raise AssertionError(f"not within {TIMEOUT_S} s: {what}")


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for whoever should take note of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def is_empty(folder: Path) -> bool:
    """Whether a folder has nothing in it."""
    return not list(folder.iterdir())


class Service:
    """A supervisor's process with its workers."""

    def __init__(self, folder: Path, *worker: str, hints: bool = False, patience: Any = None, **settings: Any) -> None:
        self.out, self.err, self.private = folder / "out", folder / "err", folder / "private"
        self.private.mkdir()
        defaults = {"port": 0, "workers": 2, "database_url": f"sqlite:///{folder}/store.db"}
        told = {"settings": defaults | settings, "worker": worker, "hints": hints, "patience": patience or HASTE}
        env = environment(folder, TMPDIR=str(self.private))
        with self.out.open("wb") as out, self.err.open("wb") as err:
            command = [sys.executable, str(HERE / "serving_workers.py"), json.dumps(told)]
            self.process = subprocess.Popen(command, env=env, stdout=out, stderr=err)

    def url(self) -> str:
        """The address, once it is told."""

        def told() -> list[str]:
            assert self.process.poll() is None, self.err.read_text()
            return re.findall(r"ready at (\S+)\n", self.out.read_text())

        return str(until(told, "the service is ready")[0])

    def lines(self, **fields: Any) -> list[Any]:
        """The log's lines that have these fields."""
        whole = self.err.read_text().rpartition("\n")[0].splitlines()
        lines = [json.loads(line) for line in whole if line.startswith("{")]
        return [line for line in lines if fields.items() <= line.items()]

    def pids(self, worker: int) -> list[int]:
        """The process ids that a worker's number has had, the newest last."""
        return [line["pid"] for line in self.lines(event="a worker is ready", worker=worker)]

    def has_replaced(self, worker: int) -> bool:
        """Whether a second process is ready in a worker's place."""
        return len(self.pids(worker)) == 2

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ends it by a signal, or lets it end; gives its exit code."""
        if number:
            self.process.send_signal(number)
        return self.process.wait(TIMEOUT_S)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts a service, which the test may leave running."""
    started: list[Service] = []

    def start_it(*worker: str, **more: Any) -> Service:
        started.append(Service(tmp_path, *worker, **more))
        return started[-1]

    yield start_it
    for service in started:
        service.process.kill()
        service.process.wait(TIMEOUT_S)
        until(partial(is_empty, service.private), "nothing is left behind")


@pytest.fixture
def odd(start: Callable[..., Service], tmp_path: Path) -> Callable[..., Service]:
    """Starts a service whose workers misbehave."""
    return lambda how, **more: start(str(HERE / "odd_worker.py"), how, str(tmp_path / "starts"), **more)


def ask_all(service: Service, requests: int = 0) -> int:
    """Lists artifacts, each time on a new connection, until both workers have answered and so many have; how many."""
    asked = 0
    while asked < requests or {line["worker"] for line in service.lines(event="request")} != {1, 2}:
        with contextlib.closing(Api(service.url())) as api:
            api.get("/artifacts")
        asked += 1
        assert asked < 500
    return asked


def metric(service: Service, name: str) -> float:
    """A metric's value as the service shows it to a new connection."""
    with contextlib.closing(Api(service.url())) as api:
        text = api.raw("GET", "/metrics").body.decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_all_workers_answer_at_one_address_that_is_told_once(start: Callable[..., Service]) -> None:
    service = start()

    ask_all(service)

    assert service.out.read_text() == f"artifactd is ready at {service.url()}\n"
    assert [len(service.pids(worker)) for worker in (1, 2)] == [1, 1]


def test_hints_are_told_once_and_ctrl_c_ends_with_0(start: Callable[..., Service]) -> None:
    service = start(hints=True)
    service.url()
    assert service.end(signal.SIGINT) == 0

    said = service.out.read_text()

    assert [said.count(each) for each in ("ready at", "Register the model", "has stopped")] == [1, 1, 1]


def test_sigterm_stops_every_worker_and_ends_with_0(start: Callable[..., Service]) -> None:
    service = start()
    url = service.url()

    assert service.end() == 0

    assert all(has_ended(pid) for worker in (1, 2) for pid in service.pids(worker))
    assert service.lines(level="error") == []
    assert list(service.private.iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


def test_a_request_in_flight_is_answered_before_the_stop(start: Callable[..., Service]) -> None:
    service = start()
    host, _, port = service.url().removeprefix("http://").partition(":")
    head = b"POST %s/artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 27\r\nExpect: 100-continue\r\n\r\n"

    with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
        connection.sendall(head % API.encode())
        assert connection.recv(1_000).startswith(b"HTTP/1.1 100")
        service.process.terminate()
        until(lambda: refuses(host, int(port)), "no new connection is taken")
        connection.sendall(b'{"artifact": {"name": "n"}}')
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 200")
    assert service.end(0) == 0


def refuses(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    try:
        socket.create_connection((host, port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize(
    ("number", "cause"),
    [(signal.SIGKILL, "it was ended by SIGKILL"), (signal.SIGTERM, "it ended with exit code 0")],
)
def test_a_worker_that_ends_is_replaced_and_the_log_says_why(
    start: Callable[..., Service], number: int, cause: str
) -> None:
    service = start()
    service.url()
    os.kill(service.pids(2)[0], number)

    until(partial(service.has_replaced, 2), "the worker is replaced")

    assert service.lines(worker=2, event="a worker ended and is replaced")[0]["cause"] == cause
    assert len(service.pids(1)) == 1
    ask_all(service)
    assert service.end() == 0


def test_workers_end_by_themselves_when_who_started_them_is_killed(start: Callable[..., Service]) -> None:
    service = start()
    service.url()

    service.process.kill()

    until(lambda: all(has_ended(pid) for worker in (1, 2) for pid in service.pids(worker)), "the workers have ended")
    assert len(service.lines(event="the process that started this worker is gone: stopping")) == 2


def test_metrics_are_the_sum_over_all_workers_and_outlive_one(start: Callable[..., Service]) -> None:
    service = start()
    asked = ask_all(service, requests=20)
    with contextlib.closing(Api(service.url())) as api:
        for _ in range(5):
            api.metric()
    requests = 'artifactd_requests_total{operation="list_artifacts",status="200"}'
    seconds = 'artifactd_request_seconds_bucket{le="+Inf",operation="list_artifacts"}'

    assert {metric(service, requests) for _ in range(10)} == {asked}
    assert metric(service, seconds) == asked
    until(lambda: metric(service, "artifactd_writes") == 5, "every worker has shown its gauges")
    for worker in (1, 2):
        os.kill(service.pids(worker)[0], signal.SIGKILL)
        until(partial(service.has_replaced, worker), "the worker is replaced")
    assert metric(service, requests) == asked
    assert metric(service, "artifactd_writes") == 5
    assert metric(service, "artifactd_writes_waiting") == 0
    assert metric(service, 'artifactd_build_info{version="0.1.0"}') == 1


def test_every_line_of_the_log_names_its_worker(start: Callable[..., Service]) -> None:
    service = start(log_format="console")
    service.url()
    with contextlib.closing(Api(service.url())) as api:
        api.get("/artifacts")
    service.end()

    assert re.search(r"request .*worker=[12]\b", service.err.read_text())


def test_a_port_that_is_taken_is_told_once_before_any_worker_starts(start: Callable[..., Service]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        service = start(port=other.getsockname()[1])

        assert service.end(0) == 1

    assert service.err.read_text().count("is in use by another program") == 1


def test_a_store_that_is_not_right_is_told_once_before_any_worker_starts(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    (tmp_path / "store.db").write_bytes(b"no database at all" * 1_000)
    service = start()

    assert service.end(0) == 1

    assert service.err.read_text().count("cannot open the database") == 1
    assert service.out.read_text() == ""


def test_several_workers_over_sqlite_are_refused_with_what_to_do_instead(tmp_path: Path) -> None:
    done = run(environment(tmp_path), "serve", "--workers", "2", "--database-url", f"sqlite:///{tmp_path}/store.db")

    assert (done.code, done.out) == (1, "")
    assert "cannot share a SQLite store" in done.err
    assert "PostgreSQL or MariaDB" in done.err
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize(
    ("how", "said"),
    [("refused", "the store is full of bees\n"), ("silent", "ended before it was ready: it ended with exit code 7\n")],
)
def test_a_worker_that_cannot_begin_ends_everything_with_its_sentence(
    odd: Callable[..., Service], how: str, said: str
) -> None:
    service = odd(how)

    assert service.end(0) == 1

    assert service.err.read_text().endswith(said)
    assert service.err.read_text().count(said) == 1
    assert service.out.read_text() == ""


def test_workers_that_end_at_once_again_and_again_end_everything(odd: Callable[..., Service], tmp_path: Path) -> None:
    service = odd("short-lived", workers=1)

    assert service.end(0) == 1

    assert "worker 1 ended 3 times in a row soon after its start: it ended with exit code 0" in service.err.read_text()
    assert (tmp_path / "starts").read_text() == "1\n" * 3
    delays = [line["delay_s"] for line in service.lines(event="a worker ended and is replaced")]
    assert delays == [0.01, 0.02]


def test_a_worker_that_is_refused_later_is_tried_again_before_everything_ends(odd: Callable[..., Service]) -> None:
    service = odd("refused-later")
    service.url()
    os.kill(service.pids(1)[0], signal.SIGKILL)

    assert service.end(0) == 1

    assert "worker 1 ended 3 times in a row soon after its start: the store is full of bees" in service.err.read_text()


def test_a_store_that_is_out_of_reach_for_a_while_ends_nothing(odd: Callable[..., Service]) -> None:
    service = odd("unreachable-for-a-while")
    service.url()
    os.kill(service.pids(1)[0], signal.SIGKILL)

    until(partial(service.has_replaced, 1), "the worker is back")

    causes = [line["cause"] for line in service.lines(worker=1, event="a worker ended and is replaced")]
    assert causes == ["it was ended by SIGKILL", *["the store is out of reach"] * 6]
    assert service.end() == 0


def test_a_worker_that_does_not_stop_is_killed_and_told(odd: Callable[..., Service]) -> None:
    service = odd("stubborn", shutdown_timeout_s=0, patience={"closing_s": 0.1})
    service.url()

    assert service.end() == 1

    assert re.search(r"worker [12] did not stop cleanly: it took too long and was killed\n", service.err.read_text())
    assert all(has_ended(pid) for worker in (1, 2) for pid in service.pids(worker))


def test_what_waits_at_a_dead_worker_is_answered_by_the_others(odd: Callable[..., Service]) -> None:
    service = odd("stubborn", patience={"closing_s": 0.1, "delay_s": 3_600.0, "delay_max_s": 3_600.0})
    url = service.url()
    os.kill(service.pids(1)[0], signal.SIGKILL)
    until(lambda: service.lines(event="a worker ended and is replaced"), "the end is noticed")

    for _ in range(10):
        with contextlib.closing(Api(url)) as api:
            assert int(api.raw("GET", "/").body) == service.pids(2)[0]
