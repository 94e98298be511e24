"""What was acknowledged survives kill -9 in the middle of writes, and nothing is half there.

`ARTIFACTD_TEST_KILLS` says how many times (default 5).
"""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import signal
import socket
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import apsw
import pytest
from sqlalchemy import text
from support import API, Api, LiveServer

from artifactd.storage.statements import Row, Statement
from artifactd.storage.store import open_store

KILLS = int(os.environ.get("ARTIFACTD_TEST_KILLS", "5"))
CLIENTS = 16


class Load:
    """What the clients of one round sent, and what of it was acknowledged.

    `groups` are the names that were sent in one request; `points` are the steps of each series in one request.
    """

    def __init__(self, round_: int) -> None:
        self.namespace = f"round-{round_}"
        self.round = round_
        self.enough = threading.Condition()
        self.acknowledged = 0
        self.groups: list[tuple[list[str], bool]] = []
        self.points: dict[tuple[str, str], list[tuple[list[int], bool]]] = {}

    def note(self) -> None:
        """Counts an acknowledged request."""
        with self.enough:
            self.acknowledged += 1
            self.enough.notify()

    def wait_for(self, count: int) -> None:
        """Waits until so many requests were acknowledged."""
        with self.enough:
            assert self.enough.wait_for(lambda: self.acknowledged >= count, 30)


class Client(threading.Thread):
    """A client that writes until the server is gone."""

    def __init__(self, url: str, load: Load, number: int) -> None:
        super().__init__(daemon=True)
        self.api = Api(url)
        self.load = load
        self.task_id = f"task-{load.round}-{number}"
        self.chance = random.Random(load.round * CLIENTS + number)
        self.sent = 0
        self.step = 0
        self.wrong: str | None = None

    def run(self) -> None:
        """Writes one thing after another."""
        kinds = [self.artifact, self.artifacts, self.metric, self.metrics]
        try:
            while self.wrong is None:
                self.chance.choices(kinds, [5, 2, 5, 2])[0]()
        except (OSError, http.client.HTTPException):
            self.api.close()

    def request(self, path: str, message: Any) -> bool:
        """Whether a request was acknowledged; notes any other answer."""
        reply = self.api.request("POST", path, message)
        if reply.status != 200:
            self.wrong = f"{path}: {reply}"
            return False
        self.load.note()
        return True

    def new(self) -> dict[str, Any]:
        """A new artifact of a name that no other has, made by this client's task."""
        self.sent += 1
        name = f"{self.task_id}-{self.sent}"
        return {"artifact": {"name": name, "namespace": self.load.namespace}, "task_id": self.task_id}

    def artifact(self) -> None:
        """Creates an artifact, its link, and perhaps its task."""
        new = self.new()
        self.finish_group([new], self.attempt("/artifacts", new))

    def artifacts(self) -> None:
        """Creates several artifacts at once."""
        batch = [self.new() for _ in range(self.chance.randint(2, 20))]
        self.finish_group(batch, self.attempt("/artifacts:batchCreate", {"artifacts": batch}))

    def finish_group(self, batch: list[dict[str, Any]], answer: bool | OSError | http.client.HTTPException) -> None:
        """Notes what became of artifacts; goes on to fail where the server is gone."""
        self.load.groups.append(([new["artifact"]["name"] for new in batch], answer is True))
        if isinstance(answer, Exception):
            raise answer

    def metric(self) -> None:
        """Logs a point."""
        self.log("/metrics", 1)

    def metrics(self) -> None:
        """Logs several points at once."""
        self.log("/metrics:batchLog", self.chance.randint(2, 20))

    def log(self, path: str, count: int) -> None:
        """Logs points with rising steps."""
        name = f"loss-{self.chance.randrange(3)}"
        steps = list(range(self.step + 1, self.step + 1 + count))
        self.step += count
        points = [
            {"task_id": self.task_id, "name": name, "value": step / 2, "step": step, "namespace": self.load.namespace}
            for step in steps
        ]
        answer = self.attempt(path, {"metric": points[0]} if path == "/metrics" else {"metrics": points})
        self.load.points.setdefault((self.task_id, name), []).append((steps, answer is True))
        if isinstance(answer, Exception):
            raise answer

    def attempt(self, path: str, message: Any) -> bool | OSError | http.client.HTTPException:
        """Whether a request was acknowledged, or how its connection broke."""
        try:
            return self.request(path, message)
        except (OSError, http.client.HTTPException) as error:
            return error


def under_load(server: LiveServer, load: Load) -> list[Client]:
    """Clients that have begun to write."""
    clients = [Client(server.url, load, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    return clients


def check_round(api: Api, load: Load) -> None:
    """Everything acknowledged is there once, everything else wholly or not at all, and the counts are right."""
    names = Counter(
        item["name"] for item in api.walk("/artifacts", "artifacts", namespace=load.namespace, page_size=200)
    )
    sent = [name for group, _ in load.groups for name in group]
    assert set(names) <= set(sent)
    for group, acknowledged in load.groups:
        there = [names[name] for name in group]
        assert there == [1] * len(group) or (not acknowledged and there == [0] * len(group)), (group, there)
    assert api.get("/artifacts", namespace=load.namespace)["total_size"] == names.total()
    tasks = sorted({name.rsplit("-", 1)[0] for name in names})
    links = api.get("/artifact_tasks", task_ids=tasks, type="OUTPUT")["total_size"] if tasks else 0
    assert links == names.total()
    for (task_id, name), attempts in load.points.items():
        check_series(api, task_id, name, attempts)


def check_series(api: Api, task_id: str, name: str, attempts: list[tuple[list[int], bool]]) -> None:
    """A series holds every acknowledged point once, and shows its last."""
    if api.request("GET", f"/metrics/{task_id}/{name}").status == 404:
        assert not any(acknowledged for _, acknowledged in attempts)
        return
    history = api.walk(f"/metric_history/{task_id}/{name}", "metrics", page_size=200)
    steps = Counter(point["step"] for point in history)
    assert all(point["value"] == point["step"] / 2 for point in history)
    assert set(steps) <= {step for group, _ in attempts for step in group}
    for group, acknowledged in attempts:
        there = [steps[step] for step in group]
        assert there == [1] * len(group) or (not acknowledged and there == [0] * len(group)), (group, there)
    assert api.get(f"/metrics/{task_id}/{name}")["step"] == max(steps)
    assert api.get(f"/metric_history/{task_id}/{name}")["total_size"] == steps.total()


def check_file(database_url: str) -> None:
    """The store is sound, and its kept counts are real."""
    if database_url.startswith("sqlite"):
        connection = apsw.Connection(database_url.removeprefix("sqlite:///"), flags=apsw.SQLITE_OPEN_READONLY)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
    for noun, kind in (("artifacts", "''"), ("metrics", "''"), ("tasks", "''"), ("artifact_tasks", "type")):
        kept = f"SELECT namespace_id, kind, sum(total) FROM counts WHERE noun = '{noun}' GROUP BY 1, 2 ORDER BY 1, 2"
        real = f"SELECT namespace_id, {kind}, count(*) FROM {noun} GROUP BY 1, 2 ORDER BY 1, 2"
        assert rows_of(database_url, kept) == rows_of(database_url, real)
    points = rows_of(database_url, "SELECT count(*) FROM metric_points")
    assert points == rows_of(database_url, "SELECT sum(points) FROM metrics")


def rows_of(database_url: str, sql: str) -> list[Row]:
    """What a query gives."""

    async def ask() -> list[Row]:
        store = await open_store(database_url)
        try:
            return await store.read(lambda transaction: transaction.rows(Statement(text(sql))), scan=True)
        finally:
            await store.close()

    return asyncio.run(ask())


@pytest.mark.slow
def test_kill_9_under_load_loses_nothing_acknowledged_and_leaves_nothing_half_done(
    live_server: LiveServer, engine: str
) -> None:
    loads: list[Load] = []
    # Where the database is a process of its own, it is not killed along: that is what tests/cluster does.
    for round_ in range(KILLS if engine == "sqlite" else max(1, KILLS // 4)):
        load = Load(round_)
        clients = under_load(live_server, load)
        load.wait_for(random.Random(round_).randint(1, 600))
        live_server.kill()
        for client in clients:
            client.join(30)
        assert [client.wrong for client in clients if client.wrong] == []

        live_server.start()
        api = Api(live_server.url)
        check_round(api, load)
        check_file(live_server.database_url)
        loads.append(load)
        api.close()
    api = Api(live_server.url)
    for load in loads:
        check_round(api, load)
    api.close()


def test_a_stop_under_load_keeps_what_was_acknowledged_and_exits_with_0(live_server: LiveServer) -> None:
    load = Load(0)
    clients = under_load(live_server, load)
    load.wait_for(200)

    assert live_server.stop() == 0
    for client in clients:
        client.join(30)

    live_server.start()
    api = Api(live_server.url)
    check_round(api, load)
    check_file(live_server.database_url)
    api.close()


def test_a_request_in_flight_at_a_stop_is_answered(live_server: LiveServer) -> None:
    host, port = urlsplit(live_server.url).hostname, urlsplit(live_server.url).port
    body = b'{"artifact":{"name":"in flight"}}'
    head = f"POST {API}/artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    in_flight = socket.create_connection((host, port), 30)
    in_flight.sendall(head.encode() + body[:10])
    api = Api(live_server.url)
    # The server has read what came before once it answers what came after.
    assert api.get("/artifacts")["total_size"] == 0
    api.close()

    live_server.process.send_signal(signal.SIGTERM)
    wait_until_refused(host, port)
    in_flight.sendall(body[10:])

    answer = http.client.HTTPResponse(in_flight, method="POST")
    answer.begin()
    assert answer.status == 200
    assert b'"name":"in flight"' in answer.read()
    in_flight.close()
    live_server.process.communicate(timeout=30)
    assert live_server.process.returncode == 0
    live_server.start()
    api = Api(live_server.url)
    assert [artifact["name"] for artifact in api.get("/artifacts")["artifacts"]] == ["in flight"]
    api.close()


def wait_until_refused(host: str | None, port: int | None) -> None:
    """Knocks until nobody listens any more."""
    for _ in range(100_000):
        try:
            socket.create_connection((host, port), 30).close()
        except ConnectionError:
            return
    raise AssertionError("the server still listens")
