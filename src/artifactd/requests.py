"""What operations are asked for: the client's side of a write, with its limits (contract, Rules of each operation).

An absent field is None. `check` collects what is wrong under the client's own field names.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from artifactd.access import EVERY, Role
from artifactd.errors import quoted
from artifactd.model import (
    DESCRIPTION_CHARS_MAX,
    INT64_MAX,
    JSON_BYTES_MAX,
    KEY_CHARS_MAX,
    KEY_NAMESPACES_MAX,
    LABELS_MAX,
    NAME_CHARS_MAX,
    NAMESPACE_CHARS_MAX,
    OUTPUT_TYPES,
    TEXT_CHARS_MAX,
    URI_CHARS_MAX,
    ArtifactTaskType,
    ArtifactType,
    Direction,
    Json,
    MetricSchema,
    MetricType,
    Problems,
    RuntimeState,
    StorageState,
    is_identifier,
)

_OUTPUT_TYPES = frozenset(map(str, OUTPUT_TYPES))
_ARTIFACT_TYPES = frozenset(map(str, ArtifactType))
_METRIC_TYPES = frozenset(map(str, MetricType))
_METRIC = str(MetricSchema.METRIC)


class NewArtifact(NamedTuple):
    """An artifact to create, and the task that made it, if one is named."""

    name: str | None
    type: str | None
    uri: str | None
    description: str | None
    number_value: float | None
    metadata: Json | None
    namespace: str | None
    run_id: str | None = None
    task_id: str | None = None
    link_type: str | None = None
    producer_key: str | None = None
    iteration_index: int | None = None
    reuse_if_exists: bool = False

    def is_plain(self) -> bool:
        """Whether this is an artifact as nearly all are, of which `check` has nothing to say."""
        return (
            self.name is not None
            and 0 < len(self.name) <= NAME_CHARS_MAX
            and (self.type is None or self.type in _ARTIFACT_TYPES)
            and (self.uri is None or len(self.uri) <= URI_CHARS_MAX)
            and (self.metadata is None or len(self.metadata) * 4 <= JSON_BYTES_MAX)
            and (self.namespace is None or len(self.namespace) <= NAMESPACE_CHARS_MAX)
            and (self.run_id is None or is_identifier(self.run_id))
            and (self.task_id is None or is_identifier(self.task_id))
            and self.description is None
            and self.number_value is None
            and self.link_type is None
            and self.producer_key is None
            and self.iteration_index is None
        )

    def check(self, problems: Problems) -> None:
        """Collects what is wrong; the artifact itself stands under `artifact.`."""
        if self.is_plain():
            return
        problems.text("artifact.name", self.name, NAME_CHARS_MAX, required=True)
        _check_artifact(problems, "artifact.", self)
        problems.text("artifact.namespace", self.namespace, NAMESPACE_CHARS_MAX)
        problems.identifier("run_id", self.run_id)
        problems.identifier("task_id", self.task_id)
        problems.member("type", self.link_type, _OUTPUT_TYPES)
        problems.text("producer_key", self.producer_key, KEY_CHARS_MAX)
        problems.integer("iteration_index", self.iteration_index, minimum=0)


class ArtifactChanges(NamedTuple):
    """What to change of an artifact. An empty text or metadata clears the field."""

    artifact_id: str
    body_artifact_id: str | None
    name: str | None
    type: str | None
    uri: str | None
    description: str | None
    number_value: float | None
    metadata: Json | None
    namespace: str | None
    if_match: tuple[str, ...] | None = None

    def check(self, problems: Problems) -> None:
        """Collects what is wrong."""
        problems.text("name", self.name, NAME_CHARS_MAX, required=self.name is not None)
        _check_artifact(problems, "", self)
        if self.body_artifact_id is not None and self.body_artifact_id != self.artifact_id:
            problems.add("artifact_id", f"{quoted(self.body_artifact_id)} is not the id in the path: leave it out")


def _check_artifact(problems: Problems, at: str, artifact: NewArtifact | ArtifactChanges) -> None:
    problems.member(f"{at}type", artifact.type, ArtifactType)
    problems.text(f"{at}uri", artifact.uri, URI_CHARS_MAX)
    problems.text(f"{at}description", artifact.description, DESCRIPTION_CHARS_MAX)
    problems.json(f"{at}metadata", artifact.metadata)
    if artifact.number_value is not None and not math.isfinite(artifact.number_value):
        problems.add(f"{at}number_value", "must be a finite number")


class NewMetric(NamedTuple):
    """A point to log. `value` is a number, or JSON for the classification schemas."""

    task_id: str | None
    name: str | None
    value: float | Json | None
    schema: str | None
    type: str | None
    step: int | None
    created_at_us: int | None
    namespace: str | None
    run_id: str | None

    def is_plain(self) -> bool:
        """Whether this is a point as nearly all are, of which `check` has nothing to say: a fifth of its cost."""
        return (
            isinstance(self.value, float)
            and (self.schema is None or self.schema == _METRIC)
            and (self.type is None or self.type in _METRIC_TYPES)
            and (self.namespace is None or len(self.namespace) <= NAMESPACE_CHARS_MAX)
            and self.name is not None
            and 0 < len(self.name) <= NAME_CHARS_MAX
            and self.name[0] != "."
            and self.task_id is not None
            and is_identifier(self.task_id)
            and (self.step is None or 0 <= self.step <= INT64_MAX)
            and (self.run_id is None or is_identifier(self.run_id))
        )

    def check(self, problems: Problems) -> None:
        """Collects what is wrong."""
        problems.identifier("task_id", self.task_id, required=True)
        problems.metric_name("name", self.name)
        problems.member("schema", self.schema, MetricSchema)
        problems.member("type", self.type, MetricType)
        problems.integer("step", self.step)
        problems.text("namespace", self.namespace, NAMESPACE_CHARS_MAX)
        problems.identifier("run_id", self.run_id)
        if isinstance(self.value, str):
            problems.json("value", self.value)


class NewArtifactTask(NamedTuple):
    """A link to make."""

    artifact_id: str | None
    task_id: str | None
    type: str | None
    run_id: str | None
    key: str | None
    producer_task_name: str | None
    iteration: int | None

    def check(self, problems: Problems) -> None:
        """Collects what is wrong."""
        if not self.artifact_id:
            problems.add("artifact_id", "is required")
        problems.identifier("task_id", self.task_id, required=True)
        problems.member("type", self.type, ArtifactTaskType)
        problems.identifier("run_id", self.run_id)
        problems.text("key", self.key, KEY_CHARS_MAX)
        problems.text("producer.task_name", self.producer_task_name, NAME_CHARS_MAX)
        problems.integer("producer.iteration", self.iteration, minimum=0)


class TaskFields(NamedTuple):
    """A task to create, or the changes to one.

    `inputs` and `outputs` give artifact ids by key; the JSON fields are objects.
    """

    task_id: str | None = None
    run_id: str | None = None
    namespace: str | None = None
    name: str | None = None
    display_name: str | None = None
    state: str | None = None
    parent_task_id: str | None = None
    pod_name: str | None = None
    execution_id: str | None = None
    create_time_us: int | None = None
    start_time_us: int | None = None
    end_time_us: int | None = None
    executor_detail: Json | None = None
    error: Json | None = None
    input_parameters: Json | None = None
    output_parameters: Json | None = None
    labels: Json | None = None
    inputs: dict[str, list[str]] | None = None
    outputs: dict[str, list[str]] | None = None

    def check(self, problems: Problems) -> None:
        """Collects what is wrong."""
        problems.identifier("task_id", self.task_id)
        problems.identifier("run_id", self.run_id)
        problems.identifier("parent_task_id", self.parent_task_id)
        problems.text("namespace", self.namespace, NAMESPACE_CHARS_MAX)
        problems.text("name", self.name, NAME_CHARS_MAX)
        problems.text("display_name", self.display_name, NAME_CHARS_MAX)
        problems.text("pod_name", self.pod_name, NAME_CHARS_MAX)
        problems.text("execution_id", self.execution_id, NAME_CHARS_MAX)
        problems.member("state", self.state, RuntimeState)
        for field in ("executor_detail", "error", "input_parameters", "output_parameters"):
            problems.json(f"{field}", getattr(self, field))
        for field, links in (("inputs", self.inputs), ("outputs", self.outputs)):
            for key in links or ():
                problems.text(f"{field} key", key, KEY_CHARS_MAX)


class RunChanges(NamedTuple):
    """What to change of a run, or what to create it with."""

    run_id: str
    body_run_id: str | None = None
    namespace: str | None = None
    display_name: str | None = None
    pipeline_name: str | None = None
    experiment_id: str | None = None
    description: str | None = None
    state: str | None = None
    storage_state: str | None = None
    created_at_us: int | None = None
    scheduled_at_us: int | None = None
    finished_at_us: int | None = None
    error: Json | None = None
    pipeline_spec: Json | None = None
    pipeline_version_reference: Json | None = None
    runtime_config: Json | None = None
    labels: Json | None = None

    def check(self, problems: Problems) -> None:
        """Collects what is wrong."""
        problems.identifier("run_id", self.run_id, required=True)
        if self.body_run_id is not None and self.body_run_id != self.run_id:
            problems.add("run_id", f"{quoted(self.body_run_id)} is not the id in the path: leave it out")
        problems.text("namespace", self.namespace, NAMESPACE_CHARS_MAX)
        problems.text("display_name", self.display_name, NAME_CHARS_MAX)
        problems.text("pipeline_name", self.pipeline_name, NAME_CHARS_MAX)
        problems.text("experiment_id", self.experiment_id, NAME_CHARS_MAX)
        problems.text("description", self.description, TEXT_CHARS_MAX)
        problems.member("state", self.state, RuntimeState)
        problems.member("storage_state", self.storage_state, StorageState)
        for field in ("error", "pipeline_spec", "pipeline_version_reference", "runtime_config"):
            problems.json(f"{field}", getattr(self, field))


def check_labels(problems: Problems, field: str, labels: dict[str, str] | None) -> None:
    """Bounds a map of labels: their number, and the length of each key and value."""
    if labels is None:
        return
    if len(labels) > LABELS_MAX:
        problems.add(field, f"has {len(labels)} labels; at most {LABELS_MAX} are allowed")
    for key, value in labels.items():
        problems.text(f"{field} key", key, KEY_CHARS_MAX)
        problems.text(f"{field}.{key[:40]}", value, TEXT_CHARS_MAX)


class NewApiKey(NamedTuple):
    """An API key to make."""

    name: str | None
    role: Role | None
    namespaces: tuple[str, ...]
    expires_at_us: int | None

    def check(self, problems: Problems) -> None:
        """Collects what is wrong."""
        problems.text("name", self.name, NAME_CHARS_MAX, required=True)
        if self.name is not None and not self.name.isprintable():
            problems.add("name", "must hold printable characters alone, since logs and lists show it")
        if not 1 <= len(self.namespaces) <= KEY_NAMESPACES_MAX:
            problems.add("namespaces", f"has {len(self.namespaces)}: give 1 to {KEY_NAMESPACES_MAX}, or *")
        for index, namespace in enumerate(self.namespaces):
            problems.text(f"namespaces[{index}]", namespace, NAMESPACE_CHARS_MAX)
        if EVERY in self.namespaces and len(self.namespaces) > 1:
            problems.add("namespaces", "holds *, which is every one: leave out the others")


class SearchQuery(NamedTuple):
    """What to look for: what a name or an id begins with, where, and how many of each noun to give."""

    text: str
    namespace: str | None
    page_size: int


class LineageQuery(NamedTuple):
    """What to walk from, which way, and how far. One of the three ids is given; `max_depth` None is any distance."""

    artifact_id: str | None
    task_id: str | None
    run_id: str | None
    direction: Direction
    max_depth: int | None
    max_nodes: int
