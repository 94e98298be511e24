"""Fills an empty store through the API, and writes down what can be asked of it."""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from benchmarks import contents

API = "/apis/v2beta1"
_BATCH = 500
_TARGETS_MAX = 20_000


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
    reports = [_make_chain(client, number) for number in range(contents.CHAINS)]
    runs = range(contents.TASKS // contents.TASKS_OF_A_RUN)
    targets = {
        "get_artifact": (f"{API}/artifacts/{artifact_id}" for artifact_id in ids),
        "get_metric": (
            f"{API}/metrics/bench-task-{task}/{quote(contents.metric_name(name), safe='')}"
            for task in range(contents.TASKS)
            for name in range(contents.NAMES)
        ),
        "list_artifacts": (f"{API}/artifacts?page_size=20" for _ in range(1)),
        "filter_artifacts": (
            f"{API}/artifacts?" + urlencode({"page_size": 20, "filter": filter_text({"type": kind, "name": name})})
            for kind, name in contents.pairs(artifacts)
        ),
        "get_lineage": (f"{API}/lineage?artifact_id={report}&direction=UPSTREAM&max_depth=4" for report in reports),
        "list_metrics": (f"{API}/metrics?run_ids=bench-run-{run}&page_size=20" for run in runs),
    }
    files = {name: _write(directory / f"{name}.targets", lines) for name, lines in targets.items()}
    for path in files.values():
        _check(client, path)
    return files


def filter_text(pairs: dict[str, str]) -> str:
    """A filter of keys that equal texts."""
    predicates = [{"operation": "EQUALS", "key": key, "string_value": value} for key, value in pairs.items()]
    return json.dumps({"predicates": predicates}, separators=(",", ":"))


def _make_artifacts(client: Client, count: int) -> Iterator[str]:
    for first in range(0, count, _BATCH):
        numbers = range(first, min(count, first + _BATCH))
        batch = [{"artifact": _artifact(contents.item(number, count))} for number in numbers]
        made = client.send("POST", f"{API}/artifacts:batchCreate", {"artifacts": batch})
        yield from (artifact["artifact_id"] for artifact in made["artifacts"])


def _artifact(item: contents.Item) -> dict[str, Any]:
    metadata = {"accuracy": item.accuracy, "epochs": item.epochs, "framework": item.framework}
    return {"name": item.name, "type": item.type, "uri": item.uri, "metadata": metadata}


def _make_metrics(client: Client) -> None:
    for task in range(contents.TASKS):
        points = [
            {
                "task_id": f"bench-task-{task}",
                "run_id": f"bench-run-{task // contents.TASKS_OF_A_RUN}",
                "name": contents.metric_name(name),
                "value": 0.5,
                "step": 0,
            }
            for name in range(contents.NAMES)
        ]
        client.send("POST", f"{API}/metrics:batchLog", {"metrics": points})


def _make_chain(client: Client, number: int) -> str:
    """From the report to the data there are four hops and more.

    Returns:
        The report's id.
    """
    requests = [{"artifact": {"name": f"chain-{number}-{name}"}} for name in contents.CHAIN_ARTIFACTS]
    made = client.send("POST", f"{API}/artifacts:batchCreate", {"artifacts": requests})["artifacts"]
    names = contents.CHAIN_ARTIFACTS
    ids = {name: artifact["artifact_id"] for name, artifact in zip(names, made, strict=True)}
    links = [
        {"artifact_id": ids[name], "task_id": f"chain-{number}-{step}", "type": kind, "key": "data"}
        for step, (inputs, outputs) in contents.CHAIN_STEPS.items()
        for kind, linked in (("INPUT", inputs), ("OUTPUT", outputs))
        for name in linked
    ]
    client.send("POST", f"{API}/artifact_tasks:batchCreate", {"artifact_tasks": links})
    return str(ids["report"])


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
