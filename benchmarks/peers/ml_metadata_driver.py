"""Drives ml-metadata, a library, in a process and an environment of its own.

Reads commands from its standard input, one JSON a line: `{"fill": artifacts}` or `{"work": name, "seconds": n, "round":
n}`; answers each with one line of JSON. Run by `benchmarks.peers.ml_metadata`.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from ml_metadata.metadata_store import metadata_store
from ml_metadata.metadata_store.metadata_store import ListOptions
from ml_metadata.proto import metadata_store_pb2 as pb

from benchmarks import contents

_AT_ONCE = 1_000
_BATCH = 100
_HOPS = 6
"""Artifact to task and task to artifact count as one each: from a report to its raw data it is three tasks."""
_MASK = ["artifacts", "executions", "events"]
_PROPERTIES = {"name": pb.STRING, "accuracy": pb.DOUBLE, "epochs": pb.INT, "framework": pb.STRING, "stage": pb.STRING}
_METRIC_PROPERTIES = {"task_id": pb.STRING, "name": pb.STRING, "value": pb.DOUBLE, "step": pb.INT}


class Driver:
    """A store, and each work in its best form."""

    def __init__(self, path: str) -> None:
        config = pb.ConnectionConfig()
        config.sqlite.filename_uri = path
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self._store = metadata_store.MetadataStore(config)
        kinds = dict.fromkeys(("Artifact", *contents.TYPES), _PROPERTIES) | {"Metrics": _METRIC_PROPERTIES}
        self._types = {name: self._make_type(name, properties) for name, properties in kinds.items()}
        self._ids: list[int] = []
        self._reports: list[int] = []
        self._pairs: list[tuple[str, str]] = []
        self._count = 0
        self.works: dict[str, Callable[[], Sequence[Any]]] = {
            "log_metric": lambda: self._store.put_artifacts([self._metric()]),
            "batch_log_metrics": lambda: self._store.put_artifacts([self._metric() for _ in range(_BATCH)]),
            "create_artifact": lambda: self._store.put_artifacts([self._new_model()]),
            "get_artifact": self._get,
            "filter_artifacts": self._filter,
            "get_lineage": self._lineage,
        }

    def fill(self, artifacts: int) -> dict[str, Any]:
        """Makes what is read, and gives what was seen of it: nodes of a lineage, items of a list."""
        for first in range(0, artifacts, _AT_ONCE):
            numbers = range(first, min(artifacts, first + _AT_ONCE))
            self._ids += self._store.put_artifacts([self._artifact(number, artifacts) for number in numbers])
        step = pb.ExecutionType(name="Step")
        step_type = self._store.put_execution_type(step)
        self._reports = [self._chain(number, step_type) for number in range(contents.CHAINS)]
        self._pairs = list(contents.pairs(artifacts))
        for each in (self._ids, self._reports, self._pairs):
            random.Random(7).shuffle(each)
        gc.freeze()
        return {"got": len(self._get()), "listed": len(self._filter()), "in_lineage": len(self._lineage())}

    def drive(self, work: str, seconds: float, number: int) -> dict[str, Any]:
        """Does a work again and again for so long; gives what wrk would, times in microseconds."""
        call = self.works[work]
        self._count = number * 1_000_000_000
        took: list[int] = []
        began = now = time.perf_counter_ns()
        end = began + int(seconds * 1e9)
        empty = 0
        while now < end:
            empty += not call()
            before, now = now, time.perf_counter_ns()
            took.append(now - before)
        took.sort()
        times_us = {f"p{percent}_us": took[len(took) * percent // 100] / 1_000 for percent in (50, 90, 99)}
        errors = {"empty": empty}
        counted = {"requests": len(took), "duration_us": (now - began) // 1_000, "bytes": 0, "errors": errors}
        return {**counted, **times_us, "max_us": took[-1] / 1_000}

    def _make_type(self, name: str, properties: dict[str, Any]) -> int:
        return int(self._store.put_artifact_type(pb.ArtifactType(name=name, properties=properties)))

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _artifact(self, number: int, artifacts: int) -> Any:
        made = contents.item(number, artifacts)
        artifact = pb.Artifact(type_id=self._types[made.type], uri=made.uri)
        # Names of one type are unique in its store, so what is found many times is a property.
        for name in ("name", "framework"):
            artifact.properties[name].string_value = getattr(made, name)
        artifact.properties["accuracy"].double_value = made.accuracy
        artifact.properties["epochs"].int_value = made.epochs
        return artifact

    def _new_model(self) -> Any:
        number = self._next()
        artifact = pb.Artifact(type_id=self._types["Model"], uri=f"s3://models/iris/{number}/model.joblib")
        properties = artifact.properties
        properties["name"].string_value = f"new-model-{number}"
        properties["accuracy"].double_value = 1 / number
        properties["epochs"].int_value = number % 100
        properties["framework"].string_value = "sklearn"
        properties["stage"].string_value = "candidate"
        return artifact

    def _metric(self) -> Any:
        number = self._next()
        artifact = pb.Artifact(type_id=self._types["Metrics"])
        properties = artifact.properties
        properties["task_id"].string_value = f"bench-task-{number % contents.TASKS}"
        properties["name"].string_value = contents.metric_name(number // contents.TASKS % contents.NAMES)
        properties["value"].double_value = 1 / number
        properties["step"].int_value = number
        return artifact

    def _chain(self, number: int, step_type: int) -> int:
        artifacts = [
            pb.Artifact(type_id=self._types["Artifact"], name=f"chain-{number}-{name}")
            for name in contents.CHAIN_ARTIFACTS
        ]
        ids = dict(zip(contents.CHAIN_ARTIFACTS, self._store.put_artifacts(artifacts), strict=True))
        for step, (inputs, outputs) in contents.CHAIN_STEPS.items():
            [task] = self._store.put_executions([pb.Execution(type_id=step_type, name=f"chain-{number}-{step}")])
            events = [
                pb.Event(artifact_id=ids[name], execution_id=task, type=kind)
                for kind, names in ((pb.Event.INPUT, inputs), (pb.Event.OUTPUT, outputs))
                for name in names
            ]
            self._store.put_events(events)
        return int(ids["report"])

    def _get(self) -> Sequence[Any]:
        ids = [self._ids[self._next() % len(self._ids)]]
        found: list[Any] = self._store.get_artifacts_by_id(ids)
        return found

    def _filter(self) -> Sequence[Any]:
        kind, name = self._pairs[self._next() % len(self._pairs)]
        query = f"type = '{kind}' AND properties.name.string_value = '{name}'"
        found: list[Any] = self._store.get_artifacts(ListOptions(limit=20, filter_query=query))
        return found

    def _lineage(self) -> Sequence[Any]:
        options = pb.LineageSubgraphQueryOptions(max_num_hops=_HOPS, direction=pb.LineageSubgraphQueryOptions.UPSTREAM)
        options.starting_artifacts.filter_query = f"id = {self._reports[self._next() % len(self._reports)]}"
        graph = self._store.get_lineage_subgraph(options, _MASK)
        return [*graph.artifacts, *graph.executions]


def main() -> None:
    """Does what its standard input asks for."""
    driver = Driver(sys.argv[1])
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "fill" in asked:
            answer = driver.fill(asked["fill"])
        else:
            answer = driver.drive(asked["work"], asked["seconds"], asked["round"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
