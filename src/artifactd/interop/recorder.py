"""Records runs in a server, through its public REST API, so that recording something again changes nothing.

Ids are made from the run's identity, artifacts are reused where they exist, and each metric carries the
moment at which it was measured, so whatever is repeated the server recognises.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from artifactd.errors import AlreadyExists, NotFound
from artifactd.interop.description import ArtifactDescription, RunDescription, TaskDescription
from artifactd.interop.identity import task_id_of
from artifactd.interop.rest_client import RestClient
from artifactd.interop.sources import OutputOf

METRICS_PER_REQUEST_MAX: Final = 1_000
ITEMS_PER_REQUEST_MAX: Final = 100
# Half of what the server takes, since its limit counts the request's envelope too.
BYTES_PER_REQUEST_MAX: Final = 2 * 1024 * 1024

_API = "/apis/v2beta1"
# What a task is known by, and keeps.
_TASK_IDENTITY = frozenset({"task_id", "run_id", "namespace", "parent_task_id"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """How much of a run has been sent, whether or not the server had it already."""

    run_id: str
    tasks: int
    artifacts: int
    links: int
    metrics: int


@dataclass(slots=True)
class RunRecorder:
    """Sends one run to a server.

    Attributes:
        client: the connection.
        run_id: the run's id.
        namespace: where it is recorded; `None` for the server's default.
    """

    client: RestClient
    run_id: str
    namespace: str | None = None
    _artifact_ids: dict[OutputOf, list[str]] = field(default_factory=dict)
    _sent: dict[str, int] = field(default_factory=lambda: {"tasks": 0, "artifacts": 0, "links": 0, "metrics": 0})

    def task_id(self, task_path: str) -> str:
        """The id of the task of that path."""
        return task_id_of(self.run_id, task_path)

    def artifact_ids(self, source: OutputOf) -> list[str]:
        """The ids of the artifacts of a task's output, none if it has not been recorded."""
        return list(self._artifact_ids.get(source, ()))

    def recorded(self) -> Recorded:
        """How much has been sent so far."""
        return Recorded(run_id=self.run_id, **self._sent)

    def record(self, run: RunDescription, *, name: str | None = None) -> Recorded:
        """Sends a whole run that is over.

        Args:
            run: its description.
            name: what to call it instead of the description's name.

        Raises:
            ServiceError: the server cannot be reached or refuses. What has been sent stays; sending the same
                run again completes it.
        """
        self.refuse_other_pipeline(run.pipeline_name)
        self.put_run(
            {
                "display_name": name or run.name,
                "pipeline_name": run.pipeline_name,
                "pipeline_spec": run.pipeline_spec,
            }
        )
        for task in run.tasks:
            self.put_task(task)
        self.put_artifacts(run.tasks)
        self.put_inputs(run.tasks)
        self.put_metrics(run.tasks)
        return self.recorded()

    def refuse_other_pipeline(self, pipeline_name: str) -> None:
        """Raises `AlreadyExists` if the run id belongs to a run of another pipeline."""
        try:
            existing = self.client.get(f"{_API}/runs/{quote(self.run_id, safe='')}")
        except NotFound:
            return
        recorded_name = existing.get("pipeline_name")
        if recorded_name not in (None, pipeline_name):
            raise AlreadyExists(
                f"run {self.run_id!r} exists and is a run of pipeline {recorded_name!r}, not of "
                f"{pipeline_name!r}. Give --run-id another id, or leave it out."
            )

    def put_run(self, fields: Mapping[str, Any]) -> None:
        """Creates the run or changes the fields given.

        Args:
            fields: of the API's run, such as `display_name` or `state`.
        """
        self.client.patch(f"{_API}/runs/{quote(self.run_id, safe='')}", finite({**self._namespace(), **fields}))

    def put_task(self, task: TaskDescription) -> None:
        """Creates the task, or brings one that was recorded when less was known up to date."""
        body = self._task_body(task)
        try:
            self.client.post(f"{_API}/tasks", body)
        except AlreadyExists:
            self.update_task(task.path, {name: value for name, value in body.items() if name not in _TASK_IDENTITY})
        self._sent["tasks"] += 1

    def update_task(self, task_path: str, fields: Mapping[str, Any]) -> None:
        """Changes the fields given of a task.

        Args:
            task_path: which task.
            fields: of the API's task, such as `state`.
        """
        self.client.patch(f"{_API}/tasks/{self.task_id(task_path)}", finite(fields))

    def put_artifacts(self, tasks: Sequence[TaskDescription]) -> None:
        """Records what the tasks gave out, each artifact linked to its task under its output key."""
        outputs = [(task, artifact) for task in tasks for artifact in task.outputs]
        requests = [self._artifact_request(task, artifact) for task, artifact in outputs]
        ids = [
            artifact["artifact_id"]
            for batch in batches(requests, length_max=ITEMS_PER_REQUEST_MAX)
            for artifact in self.client.post(f"{_API}/artifacts:batchCreate", {"artifacts": batch})["artifacts"]
        ]
        for (task, artifact), artifact_id in zip(outputs, ids, strict=True):
            self._artifact_ids.setdefault(OutputOf(task.path, artifact.key), []).append(artifact_id)
        self._sent["artifacts"] += len(ids)
        self._sent["links"] += len(ids)

    def put_inputs(self, tasks: Sequence[TaskDescription]) -> None:
        """Records what the tasks read, as links under their input keys to artifacts that are recorded."""
        links = [
            {
                "artifact_id": artifact_id,
                "task_id": self.task_id(task.path),
                "run_id": self.run_id,
                "type": "INPUT",
                "key": each.key,
                "producer": {"task_name": each.producer_name},
            }
            for task in tasks
            for each in task.inputs
            for artifact_id in self.artifact_ids(each.source)
        ]
        for batch in batches(links, length_max=ITEMS_PER_REQUEST_MAX):
            self.client.post(f"{_API}/artifact_tasks:batchCreate", {"artifact_tasks": batch})
        self._sent["links"] += len(links)

    def put_metrics(self, tasks: Sequence[TaskDescription]) -> None:
        """Records what the tasks measured."""
        metrics = [
            {
                **self._namespace(),
                "task_id": self.task_id(task.path),
                "run_id": self.run_id,
                "name": metric.name,
                "schema": metric.schema,
                "type": "METRIC_OUTPUT",
                "value": metric.value,
                "created_at": timestamp(metric.created_at),
            }
            for task in tasks
            for metric in task.metrics
        ]
        for batch in batches(metrics, length_max=METRICS_PER_REQUEST_MAX):
            self.client.post(f"{_API}/metrics:batchLog", {"metrics": batch})
        self._sent["metrics"] += len(metrics)

    def _namespace(self) -> dict[str, str]:
        return {"namespace": self.namespace} if self.namespace else {}

    def _task_body(self, task: TaskDescription) -> dict[str, Any]:
        body = {
            **self._namespace(),
            "task_id": self.task_id(task.path),
            "run_id": self.run_id,
            "parent_task_id": None if task.parent_path is None else self.task_id(task.parent_path),
            "name": task.name,
            "display_name": task.display_name,
            "state": task.state,
            "start_time": None if task.started_at is None else timestamp(task.started_at),
            "end_time": None if task.ended_at is None else timestamp(task.ended_at),
            "input_parameters": dict(task.input_parameters) or None,
            "output_parameters": dict(task.output_parameters) or None,
        }
        known: dict[str, Any] = finite({name: value for name, value in body.items() if value is not None})
        return known

    def _artifact_request(self, task: TaskDescription, artifact: ArtifactDescription) -> dict[str, Any]:
        fields = {
            **self._namespace(),
            "name": artifact.name,
            "type": artifact.type,
            "uri": artifact.uri,
            "metadata": dict(artifact.metadata),
            # Part of what tells artifacts apart, so that two runs share none but those that are meant to be
            # shared.
            "description": "" if artifact.shared else self._origin(task, artifact),
        }
        return {
            "artifact": {name: value for name, value in fields.items() if value != ""},
            "task_id": self.task_id(task.path),
            "run_id": self.run_id,
            "producer_key": artifact.key,
            "reuse_if_exists": True,
        }

    def _origin(self, task: TaskDescription, artifact: ArtifactDescription) -> str:
        place = f"{artifact.key}[{artifact.position}]" if artifact.position else artifact.key
        return f"Output {place} of task {task.path} in run {self.run_id}"


def timestamp(moment: datetime) -> str:
    """A moment as the API writes it: RFC 3339 in UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def finite(value: Any) -> Any:
    """A JSON value with NaN and the infinities as proto3 JSON spells them; tasks and runs take no others."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {name: finite(each) for name, each in value.items()}
    if isinstance(value, list):
        return [finite(each) for each in value]
    return value


def batches(items: Sequence[dict[str, Any]], *, length_max: int) -> Iterator[list[dict[str, Any]]]:
    """The items in their order, in parts that the server takes in one request each.

    Args:
        items: as they will be sent.
        length_max: how many a part may have; one that is too long in bytes is cut sooner.
    """
    part: list[dict[str, Any]] = []
    part_bytes = 0
    for item in items:
        item_bytes = len(json.dumps(item))
        if part and (len(part) == length_max or part_bytes + item_bytes > BYTES_PER_REQUEST_MAX):
            yield part
            part, part_bytes = [], 0
        part.append(item)
        part_bytes += item_bytes
    if part:
        yield part
