"""Makes the same calls with urllib3 alone, with our client and with KFP's official one, in turn, in this one process.

Run by `benchmarks.client` as `python -m benchmarks.client_calls URL ROUNDS CALLS`; prints its rounds as JSON. What is
counted is the processor time of this process alone: the server is another one.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import artifactd_client
import urllib3

_ID = "01936f00-0000-7000-8000-000000000000"
_POINT = {"task_id": "task-1", "name": "train/loss", "value": 0.5}
_TURN = 10
"""Calls that one client makes before it is another one's turn."""
Call = Callable[[], Any]


class Round(NamedTuple):
    """One call made many times through one client: microseconds for each time."""

    call: str
    through: str
    number: int
    cpu_us: float
    wall_us: float


def _with_urllib3(url: str) -> dict[str, Call]:
    """What a program without a client would do: no messages, no credentials, no paths to quote."""
    pool = urllib3.PoolManager()
    root = f"{url}/apis/v2beta1"
    accept = {"Accept": "application/json"}
    sent = {**accept, "Content-Type": "application/json"}

    def read(path: str) -> Any:
        return json.loads(pool.request("GET", root + path, headers=accept).data)

    def write(path: str, message: Any) -> Any:
        return json.loads(pool.request("POST", root + path, body=json.dumps(message), headers=sent).data)

    return {
        "get_artifact": lambda: read(f"/artifacts/{_ID}"),
        "log_metric": lambda: write("/metrics", {"metric": {**_POINT}}),
        "list_artifacts": lambda: read("/artifacts?page_size=20"),
        "get_run": lambda: read("/runs/run-1"),
    }


def _with(artifacts: Any, runs: Any, request: Any, metric: Any) -> dict[str, Call]:
    return {
        "get_artifact": lambda: artifacts.get_artifact(_ID),
        "log_metric": lambda: artifacts.log_metric(request(metric=metric(**_POINT))),
        "list_artifacts": lambda: artifacts.list_artifacts(page_size=20),
        "get_run": lambda: runs.run_service_get_run("run-1"),
    }


def _with_ours(url: str) -> dict[str, Call]:
    ours = artifactd_client
    client = ours.ApiClient(ours.Configuration(host=url))
    artifacts, runs = ours.ArtifactServiceApi(client), ours.RunServiceApi(client)
    return _with(artifacts, runs, ours.V2beta1LogMetricRequest, ours.V2beta1Metric)


def _with_official(url: str) -> dict[str, Call]:
    from benchmarks import client_official

    official = client_official.official
    client = official.ApiClient(official.Configuration(host=url))
    artifacts, runs = client_official.ArtifactServiceApi(client), official.RunServiceApi(client)
    return _with(artifacts, runs, client_official.LogMetricRequest, client_official.Metric)


def _rounds(callers: dict[str, dict[str, Call]], count: int, calls: int) -> Iterator[Round]:
    """Every call through every client in each round, every second round in the opposite order."""
    for number in range(count + 1):
        for name in callers["urllib3"]:
            order = list(callers) if number % 2 else list(reversed(callers))
            done = _measured({through: callers[through][name] for through in order}, calls)
            if number:  # The first is a warm-up.
                yield from (Round(name, through, number, *done[through]) for through in order)


def _measured(by_client: dict[str, Call], calls: int) -> dict[str, tuple[float, float]]:
    """The clients take turns of a few calls, so that what disturbs the machine for a moment hits all alike."""
    spent = dict.fromkeys(by_client, (0.0, 0.0))
    for _ in range(0, calls, _TURN):
        for through, call in by_client.items():
            cpu_before, wall_before = time.process_time(), time.perf_counter()
            for _ in range(_TURN):
                call()
            cpu_s, wall_s = time.process_time() - cpu_before, time.perf_counter() - wall_before
            spent[through] = (spent[through][0] + cpu_s, spent[through][1] + wall_s)
    made = -(-calls // _TURN) * _TURN
    return {through: (cpu_s / made * 1e6, wall_s / made * 1e6) for through, (cpu_s, wall_s) in spent.items()}


if __name__ == "__main__":
    url, count, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    callers = {"urllib3": _with_urllib3(url), "artifactd-client": _with_ours(url)}
    if importlib.util.find_spec("kfp_server_api"):
        callers["kfp-server-api"] = _with_official(url)
    print(json.dumps([done._asdict() for done in _rounds(callers, count, calls)]))
