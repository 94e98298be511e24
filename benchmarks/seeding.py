"""Fills an empty store through the API, and writes down what can be asked of it."""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

API = "/apis/v2beta1"
TASKS, NAMES, TASKS_OF_A_RUN = 100, 20, 5
"""As in log_metric.lua."""
CHAINS = 200
_BATCH = 500
_TARGETS_MAX = 20_000
_MATCHES = 50
"""How many artifacts share a name and a type."""
_TYPES = ("Model", "Dataset")


class Client:
    """Sends JSON and insists on success."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def send(self, method: str, target: str, message: Any = None) -> Any:
        """The answer's JSON.

        Raises:
            RuntimeError: any answer but 200.
        """
        body = None if message is None else json.dumps(message)
        self._connection.request(method, target, body, {"Content-Type": "application/json"} if body else {})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {target} gave {answer.status}: {text[:500]!r}")
        return json.loads(text)


def fill(url: str, artifacts: int, directory: Path) -> dict[str, Path]:
    """Makes artifacts, metrics and chains of tasks.

    Returns:
        For each read that is measured, a file with one target a line, in random order.
    """
    client = Client(url)
    ids = list(_make_artifacts(client, artifacts))
    _make_metrics(client)
    reports = [_make_chain(client, number) for number in range(CHAINS)]
    names = max(1, artifacts // (_MATCHES * len(_TYPES)))
    targets = {
        "get_artifact": (f"{API}/artifacts/{artifact_id}" for artifact_id in ids),
        "get_metric": (
            f"{API}/metrics/bench-task-{task}/{quote(_metric_name(name), safe='')}"
            for task in range(TASKS)
            for name in range(NAMES)
        ),
        "list_artifacts": (f"{API}/artifacts?page_size=20" for _ in range(1)),
        "filter_artifacts": (
            f"{API}/artifacts?" + urlencode({"page_size": 20, "filter": _filter(kind, f"model-{name}")})
            for kind in _TYPES
            for name in range(names)
        ),
        "get_lineage": (f"{API}/lineage?artifact_id={report}&direction=UPSTREAM&max_depth=4" for report in reports),
        "list_metrics": (
            f"{API}/metrics?run_ids=bench-run-{run}&page_size=20" for run in range(TASKS // TASKS_OF_A_RUN)
        ),
    }
    files = {name: _write(directory / f"{name}.targets", lines) for name, lines in targets.items()}
    for path in files.values():
        _check(client, path)
    return files


def _make_artifacts(client: Client, count: int) -> Iterator[str]:
    names = max(1, count // (_MATCHES * len(_TYPES)))
    for first in range(0, count, _BATCH):
        batch = [
            {
                "artifact": {
                    "name": f"model-{number % names}",
                    "type": _TYPES[number // names % len(_TYPES)],
                    "uri": f"s3://models/iris/{number}/model.joblib",
                    "metadata": {"accuracy": number % 997 / 997, "epochs": number % 50, "framework": "sklearn"},
                }
            }
            for number in range(first, min(count, first + _BATCH))
        ]
        made = client.send("POST", f"{API}/artifacts:batchCreate", {"artifacts": batch})
        yield from (artifact["artifact_id"] for artifact in made["artifacts"])


def _metric_name(number: int) -> str:
    return f"train/metric-{number}"


def _make_metrics(client: Client) -> None:
    for task in range(TASKS):
        points = [
            {
                "task_id": f"bench-task-{task}",
                "run_id": f"bench-run-{task // TASKS_OF_A_RUN}",
                "name": _metric_name(name),
                "value": 0.5,
                "step": 0,
            }
            for name in range(NAMES)
        ]
        client.send("POST", f"{API}/metrics:batchLog", {"metrics": points})


def _make_chain(client: Client, number: int) -> str:
    """Data, prepared, trained on, evaluated, reported: from the report to the data there are four hops and more.

    Returns:
        The report's id.
    """
    names = ("raw", "train-set", "test-set", "model", "report")
    requests = [{"artifact": {"name": f"chain-{number}-{name}", "type": "Artifact"}} for name in names]
    made = client.send("POST", f"{API}/artifacts:batchCreate", {"artifacts": requests})["artifacts"]
    raw, train_set, test_set, model, report = (artifact["artifact_id"] for artifact in made)
    steps = {"prepare": ([raw], [train_set, test_set]), "train": ([train_set], [model])}
    steps["evaluate"] = ([model, test_set], [report])
    links = [
        {"artifact_task": {"artifact_id": artifact, "task_id": f"chain-{number}-{step}", "type": kind, "key": "data"}}
        for step, (inputs, outputs) in steps.items()
        for kind, artifacts in (("INPUT", inputs), ("OUTPUT", outputs))
        for artifact in artifacts
    ]
    batch = {"artifact_tasks": [link["artifact_task"] for link in links]}
    client.send("POST", f"{API}/artifact_tasks:batchCreate", batch)
    return str(report)


def _filter(kind: str, name: str) -> str:
    pairs = {"type": kind, "name": name}
    predicates = [{"operation": "EQUALS", "key": key, "string_value": value} for key, value in pairs.items()]
    return json.dumps({"predicates": predicates}, separators=(",", ":"))


def _write(path: Path, targets: Iterable[str]) -> Path:
    lines = list(targets)
    random.Random(7).shuffle(lines)
    path.write_text("\n".join(lines[:_TARGETS_MAX]) + "\n", encoding="ascii")
    return path


def _check(client: Client, path: Path) -> None:
    """Makes sure that the first targets of a file have an answer with something in it: wrk only looks at the status.

    Raises:
        RuntimeError: one has not.
    """
    for target in path.read_text(encoding="ascii").split()[:5]:
        answer = client.send("GET", target)
        lists = [value for value in answer.values() if isinstance(value, list)]
        if not answer or (lists and not all(lists)):
            raise RuntimeError(f"GET {target} gave nothing: {answer}")
