"""Clients that write through any host's artifactd, each write with a key, until it is acknowledged."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from typing import Any, NamedTuple

from cluster.hosts import Host
from cluster.service import PORT
from cluster.waiting import wait_until
from support import API

NAMESPACE = "load"
PAUSE_S = 0.1
ANSWER_S = 45
"""How long an artifactd may take to answer, whatever has become of its database."""
TRIES_S = 180
"""How long a write may have to be repeated."""
SHARED_FOR = 40
"""After so many acknowledged writes, the artifacts that all clients want to reuse are others."""


class Reply(NamedTuple):
    """An answer, and when its request was begun."""

    status: int
    message: Any
    begun: float


class Load:
    """What all clients have seen."""

    def __init__(self, hosts: list[Host], seed: int, clients: int) -> None:
        self.hosts = hosts
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        self.wrong: list[str] = []
        self.acknowledged = 0
        self.slowest_s = 0.0
        self.may_break: Host | None = None
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._served = dict.fromkeys((host.name for host in hosts), 0.0)
        self.clients = [Client(self, number, random.Random(f"{seed} {number}")) for number in range(clients)]

    def start(self) -> None:
        """Starts the clients."""
        for client in self.clients:
            client.start()

    def stop(self) -> None:
        """Lets the clients finish what they are at: afterwards everything that was begun is acknowledged."""
        self.ended.set()
        for client in self.clients:
            client.join(TRIES_S + ANSWER_S)

    def note(self, host: Host, reply: Reply) -> None:
        """Notes an answer."""
        with self._lock:
            self.statuses[reply.status] += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - reply.begun)
            if reply.status not in {200, 503}:
                self.wrong.append(f"{host.name} answered {reply.status}: {reply.message}")

    def note_acknowledged(self, host: Host, reply: Reply) -> None:
        """Notes an acknowledged write."""
        with self._lock:
            self.acknowledged += 1
            self._served[host.name] = max(self._served[host.name], reply.begun)

    def note_broken(self, host: Host, error: Exception) -> None:
        """Notes a connection that broke, as it may where the host's artifactd was killed."""
        with self._lock:
            self.broken += 1
            if host is not self.may_break:
                self.wrong.append(f"{host.name}: {error!r}")

    def wait_until_some_served(self, since: float, seconds: float) -> float:
        """Waits until some host has acknowledged a write that was begun later than `since`; how long it took."""
        wait_until(lambda: any(self._served_since(since)), seconds, "an acknowledged write")
        return time.monotonic() - since

    def wait_until_served(self, hosts: list[Host], since: float, seconds: float) -> float:
        """Waits until each of some hosts has done so; how long it took."""
        names = {host.name for host in hosts}
        wait_until(lambda: names <= self._served_since(since), seconds, f"acknowledged writes through {sorted(names)}")
        return time.monotonic() - since

    def _served_since(self, since: float) -> set[str]:
        assert not self.wrong, self.wrong
        return {name for name, begun in self._served.items() if begun > since}


class Client(threading.Thread):
    """One client. What it has written, all of it acknowledged, is in its lists."""

    def __init__(self, load: Load, number: int, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.load = load
        self.task_id = f"task-{number}"
        self.chance = chance
        self.writes = 0
        self.artifacts: list[tuple[str, str]] = []
        self.shared: list[tuple[str, str]] = []
        self.links: list[tuple[str, str, str, str]] = []
        self.steps = 0

    def run(self) -> None:
        """Writes one thing after another."""
        kinds = [self.artifact, self.reuse, self.metric, self.metrics, self.link]
        while not self.load.ended.wait(PAUSE_S) and not self.load.wrong:
            try:
                self.chance.choice(kinds)()
            except Exception as error:
                self.load.wrong.append(f"{self.task_id}: {error!r}")

    def artifact(self) -> None:
        """Creates an artifact that no other client makes, with its link."""
        key = f"out-{self.writes}"
        name = f"{self.task_id}-{self.writes}"
        made = self.write("/artifacts", self.new(name, key))
        self.artifacts.append((name, made["artifact_id"]))
        self.links.append((made["artifact_id"], self.task_id, "OUTPUT", key))
        self.read(f"/artifacts/{made['artifact_id']}")

    def reuse(self) -> None:
        """Asks for an artifact that others ask for at the same time."""
        key = f"shared-{self.writes}"
        name = f"shared-{self.load.acknowledged // SHARED_FOR}"
        found = self.write("/artifacts", self.new(name, key) | {"reuse_if_exists": True})
        self.shared.append((name, found["artifact_id"]))
        self.links.append((found["artifact_id"], self.task_id, "OUTPUT", key))

    def new(self, name: str, key: str) -> dict[str, Any]:
        """A request for an artifact."""
        return {"artifact": {"name": name, "namespace": NAMESPACE}, "task_id": self.task_id, "producer_key": key}

    def link(self) -> None:
        """Links an artifact of the client to its task, as an input."""
        if self.artifacts:
            artifact_id = self.chance.choice(self.artifacts)[1]
            key = f"in-{self.writes}"
            link = {"artifact_id": artifact_id, "task_id": self.task_id, "type": "INPUT", "key": key}
            self.write("/artifact_tasks", {"artifact_task": link})
            self.links.append((artifact_id, self.task_id, "INPUT", key))

    def metric(self) -> None:
        """Logs the next step."""
        self.write("/metrics", {"metric": self.points(1)[0]})
        self.steps += 1

    def metrics(self) -> None:
        """Logs the next steps at once."""
        count = self.chance.randint(2, 10)
        self.write("/metrics:batchLog", {"metrics": self.points(count)})
        self.steps += count
        self.read(f"/metrics/{self.task_id}/loss")

    def points(self, count: int) -> list[dict[str, Any]]:
        """The next points of the client's series."""
        steps = range(self.steps + 1, self.steps + 1 + count)
        series = {"task_id": self.task_id, "name": "loss", "namespace": NAMESPACE}
        return [series | {"step": step, "value": step / 2} for step in steps]

    def write(self, path: str, message: Any) -> Any:
        """Sends a write with a key of its own, through one host after another, until it is acknowledged."""
        self.writes += 1
        key = f"{self.task_id}-{self.writes}"
        end = time.monotonic() + TRIES_S
        while time.monotonic() < end:
            host = self.chance.choice(self.load.hosts)
            reply = self.send(host, "POST", path, message, key)
            if reply and reply.status == 200:
                self.load.note_acknowledged(host, reply)
                return reply.message
            if self.load.wrong:
                break
            # The server asks for a second; what has just begun to work again shows sooner with less.
            threading.Event().wait(PAUSE_S)
        raise TimeoutError(f"{path} was not acknowledged within {TRIES_S} s")

    def read(self, path: str) -> None:
        """Reads what was just written through some host. It may be out of reach, but not missing."""
        if self.chance.random() < 0.5:
            self.send(self.chance.choice(self.load.hosts), "GET", path)

    def send(self, host: Host, method: str, path: str, message: Any = None, key: str = "") -> Reply | None:
        """An answer; nothing when the connection broke."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection(host.door, PORT, timeout=ANSWER_S)
        try:
            body = None if message is None else json.dumps(message)
            headers = {"Content-Type": "application/json", "Idempotency-Key": key} if key else {}
            connection.request(method, API + path, body, headers)
            response = connection.getresponse()
            reply = Reply(response.status, json.loads(response.read()), begun)
        except (OSError, http.client.HTTPException) as error:
            self.load.note_broken(host, error)
            return None
        finally:
            connection.close()
        self.load.note(host, reply)
        return reply
