"""The nouns of the service, their invariants and their limits (contract, Messages and Rules).

Values are plain: text, numbers, times as microseconds since the epoch in UTC (`…_us`), and JSON as canonical
text (`Json`). Records are named tuples because they are immutable and are made straight from database rows.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from artifactd.access import Role
from artifactd.errors import FieldViolation, InvalidArgument, quoted

Json = str
"""JSON as text: keys sorted, no blanks, NaN and the infinities already strings."""

NAME_CHARS_MAX = 256
URI_CHARS_MAX = 2_048
DESCRIPTION_CHARS_MAX = 4_096
NAMESPACE_CHARS_MAX = 63
ID_CHARS_MAX = 128
KEY_CHARS_MAX = 256
TEXT_CHARS_MAX = 4_096
JSON_BYTES_MAX = 1 << 20
JSON_DEPTH_MAX = 100
BATCH_ITEMS_MAX = 1_000
ID_LIST_MAX = 1_000
LABELS_MAX = 256
TASK_ARTIFACTS_MAX = 1_000
"""How many links of each direction, and how many child tasks, a task shows of itself."""
RUN_TASKS_MAX = 1_000
"""How many tasks a run shows of itself."""
API_KEYS_MAX = 10_000
"""How many good API keys a store holds."""
NAMESPACE_KEYS_MAX = 1_000
"""How many good API keys a namespace has."""
DEAD_KEY_DAYS = 90
"""How long a revoked or expired API key is still shown."""
KEY_NAMESPACES_MAX = 100
AUDITED_CHARS_MAX = 16_384
"""How much an audit entry says of the resources of one write."""
INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
TIME_US_MIN, TIME_US_MAX = -62_135_596_800_000_000, 253_402_300_799_999_999
"""0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z (protobuf Timestamp)."""

_IDS_REMEMBERED_MAX = 2_048
_ID_PATTERN = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def is_identifier(text: str) -> bool:
    """Whether a text is an identifier that clients may choose: of a task, a run (contract, log_metric)."""
    return 0 < len(text) <= ID_CHARS_MAX and _has_pattern(text)


@lru_cache(_IDS_REMEMBERED_MAX)
def _has_pattern(text: str) -> bool:
    """Whether a text of a bounded length has the pattern; the same task is named again and again."""
    return _ID_PATTERN.fullmatch(text) is not None


class ArtifactType(StrEnum):
    """What an artifact is; KFP's `ArtifactType` and its later additions."""

    ARTIFACT = "Artifact"
    MODEL = "Model"
    DATASET = "Dataset"
    HTML = "HTML"
    MARKDOWN = "Markdown"
    METRIC = "Metric"
    CLASSIFICATION_METRIC = "ClassificationMetric"
    SLICED_CLASSIFICATION_METRIC = "SlicedClassificationMetric"


class MetricSchema(StrEnum):
    """The form of a metric's value: a number, or JSON of a classification."""

    METRIC = "Metric"
    CLASSIFICATION_METRIC = "ClassificationMetric"
    SLICED_CLASSIFICATION_METRIC = "SlicedClassificationMetric"


class MetricType(StrEnum):
    """Whether the task read the metric or made it."""

    INPUT = "METRIC_INPUT"
    OUTPUT = "METRIC_OUTPUT"


class ArtifactTaskType(StrEnum):
    """How a task used an artifact; each finer kind counts as an input or an output."""

    INPUT = "INPUT"
    OUTPUT = "OUTPUT"
    COMPONENT_DEFAULT_INPUT = "COMPONENT_DEFAULT_INPUT"
    TASK_OUTPUT_INPUT = "TASK_OUTPUT_INPUT"
    COMPONENT_INPUT = "COMPONENT_INPUT"
    RUNTIME_VALUE_INPUT = "RUNTIME_VALUE_INPUT"
    COLLECTED_INPUTS = "COLLECTED_INPUTS"
    ITERATOR_INPUT = "ITERATOR_INPUT"
    ITERATOR_INPUT_RAW = "ITERATOR_INPUT_RAW"
    ITERATOR_OUTPUT = "ITERATOR_OUTPUT"
    ONE_OF_OUTPUT = "ONE_OF_OUTPUT"
    TASK_FINAL_STATUS_OUTPUT = "TASK_FINAL_STATUS_OUTPUT"


OUTPUT_TYPES = frozenset(
    {
        ArtifactTaskType.OUTPUT,
        ArtifactTaskType.ITERATOR_OUTPUT,
        ArtifactTaskType.ONE_OF_OUTPUT,
        ArtifactTaskType.TASK_FINAL_STATUS_OUTPUT,
    }
)
INPUT_TYPES = frozenset(ArtifactTaskType) - OUTPUT_TYPES


class RuntimeState(StrEnum):
    """The state of a task or a run, by KFP's names."""

    UNSPECIFIED = "RUNTIME_STATE_UNSPECIFIED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    PAUSED = "PAUSED"
    CACHED = "CACHED"


class StorageState(StrEnum):
    """Whether a run is in use or put away."""

    UNSPECIFIED = "STORAGE_STATE_UNSPECIFIED"
    AVAILABLE = "AVAILABLE"
    ARCHIVED = "ARCHIVED"


class Direction(StrEnum):
    """Which way a lineage is walked."""

    UPSTREAM = "UPSTREAM"
    DOWNSTREAM = "DOWNSTREAM"
    BOTH = "BOTH"


class Artifact(NamedTuple):
    """Something a pipeline made or read. `version` counts its changes, from 1."""

    artifact_id: str
    namespace: str
    name: str
    type: str
    uri: str | None
    description: str | None
    number_value: float | None
    metadata: Json | None
    created_at_us: int
    updated_at_us: int
    version: int


class Producer(NamedTuple):
    """Which task, by its name in the pipeline, made what a link carries, and in which iteration."""

    task_name: str | None
    iteration: int | None


LinkIdentity = tuple[str, str, str, str | None, int | None]
"""Artifact, task, type, key and iteration of a link: there is one of each."""


class ArtifactTask(NamedTuple):
    """A link: one task's use of one artifact."""

    id: str
    namespace: str
    artifact_id: str
    task_id: str
    type: str
    run_id: str | None
    key: str | None
    producer: Producer
    created_at_us: int

    @property
    def identity(self) -> LinkIdentity:
        """What it is told from other links by."""
        return self.artifact_id, self.task_id, self.type, self.key or None, self.producer.iteration


class Metric(NamedTuple):
    """One point of a metric: its current one, or one of its history.

    `value` is a number, or JSON where `schema` is one of the classifications.
    """

    task_id: str
    name: str
    namespace: str
    run_id: str | None
    schema: str
    type: str
    value: float | Json
    step: int | None
    created_at_us: int


class StateChange(NamedTuple):
    """A state, when the service was told of it, and the error told with it (canonical JSON)."""

    update_time_us: int
    state: str
    error: Json | None


class Task(NamedTuple):
    """A step of a run. A stub is a task that only its metrics or links have named so far.

    `executor_detail`, `error`, `input_parameters`, `output_parameters` and `labels` are JSON objects.
    """

    task_id: str
    namespace: str
    run_id: str | None
    name: str | None
    display_name: str | None
    state: str
    parent_task_id: str | None
    pod_name: str | None
    execution_id: str | None
    create_time_us: int
    start_time_us: int | None
    end_time_us: int | None
    executor_detail: Json | None
    error: Json | None
    input_parameters: Json | None
    output_parameters: Json | None
    labels: Json | None
    state_history: tuple[StateChange, ...]
    stub: bool


class ChildTask(NamedTuple):
    """A task's child, as the parent shows it."""

    task_id: str
    pod_name: str | None


class TaskDetail(NamedTuple):
    """A task with what is linked to it: artifact ids by key, and its children."""

    task: Task
    inputs: dict[str, list[str]]
    outputs: dict[str, list[str]]
    child_tasks: list[ChildTask]


class Run(NamedTuple):
    """One execution of a pipeline. `state` and `finished_at_us` are read off its tasks unless a client set them."""

    run_id: str
    namespace: str
    display_name: str | None
    pipeline_name: str | None
    experiment_id: str | None
    description: str | None
    state: str
    storage_state: str
    created_at_us: int
    scheduled_at_us: int | None
    finished_at_us: int | None
    updated_at_us: int
    error: Json | None
    pipeline_spec: Json | None
    pipeline_version_reference: Json | None
    runtime_config: Json | None
    labels: Json | None
    state_history: tuple[StateChange, ...]


class Lineage(NamedTuple):
    """What lies around a node: every artifact and task reached and the links among them."""

    artifacts: list[Artifact]
    tasks: list[TaskDetail]
    artifact_tasks: list[ArtifactTask]
    truncated: bool


class NamespaceCounts(NamedTuple):
    """How many of each noun a namespace holds."""

    namespace: str
    artifacts: int
    metrics: int
    runs: int
    tasks: int


class Found(NamedTuple):
    """What a search found, of each noun."""

    artifacts: list[Artifact]
    runs: list[Run]
    tasks: list[TaskDetail]


class ApiKey(NamedTuple):
    """What is kept of an API key: everything but its secret, of which there is a digest (`artifactd.api_keys`).

    Its role is that in each of its namespaces; `*` is every one.
    """

    key_id: str
    name: str
    role: Role
    namespaces: tuple[str, ...]
    digest: bytes
    created_at_us: int
    created_by: str
    expires_at_us: int | None
    revoked_at_us: int | None


class AuditEntry(NamedTuple):
    """One write that was done: who did what to which resources, when and from where, and the HTTP status answered."""

    at_us: int
    caller: str
    address: str
    operation: str
    namespaces: tuple[str, ...]
    resources: tuple[str, ...]
    status: int
    request_id: str


class Problems:
    """Collects what is wrong with a request, so that one answer names it all.

    Args:
        at: the path of the message in the request, empty or ending in a dot; it is put before each field.
    """

    def __init__(self, at: str = "") -> None:
        self._at = at
        self._violations: list[FieldViolation] = []

    def add(self, field: str, description: str) -> None:
        """Notes one violation."""
        self._violations.append(FieldViolation(self._at + field, description))

    def raise_if_any(self) -> None:
        """Raises InvalidArgument naming every violation noted, if there is one."""
        if self._violations:
            message = "; ".join(f"{field}: {description}" for field, description in self._violations[:10])
            raise InvalidArgument(message, violations=tuple(self._violations[:100]))

    def text(self, field: str, value: str | None, chars_max: int, *, required: bool = False) -> None:
        """Checks a text's length in code points; `required` refuses an absent or empty one."""
        if not value:
            if required:
                self.add(field, f"is required: give 1 to {chars_max} characters")
        elif len(value) > chars_max:
            self.add(field, f"has {len(value)} characters; at most {chars_max} are allowed")

    def identifier(self, field: str, value: str | None, *, required: bool = False) -> None:
        """Checks a task's, run's or similar identifier that clients choose (contract, log_metric)."""
        if not value:
            if required:
                self.add(field, f"is required: give 1 to {ID_CHARS_MAX} characters of A-Z a-z 0-9 . _ : -")
        elif not is_identifier(value):
            self.add(field, f"{quoted(value)} is not 1 to {ID_CHARS_MAX} characters of A-Z a-z 0-9 . _ : -")

    def member(self, field: str, value: str | None, allowed: type[StrEnum] | frozenset[str]) -> None:
        """Checks that a value is one of an enum's names."""
        if value is None:
            return
        names = _names_of(allowed)
        if value not in names:
            self.add(field, f"{quoted(value)} is not one of {', '.join(sorted(names))}")

    def json(self, field: str, value: Json | None) -> None:
        """Checks the size of a JSON value."""
        if value is None or len(value) * 4 <= JSON_BYTES_MAX:
            return
        size = len(value.encode())
        if size > JSON_BYTES_MAX:
            self.add(field, f"is {size} bytes of JSON; at most {JSON_BYTES_MAX} are allowed")

    def integer(self, field: str, value: int | None, *, minimum: int = INT64_MIN) -> None:
        """Checks that an integer fits into 64 bits and is at least `minimum`."""
        if value is not None and not minimum <= value <= INT64_MAX:
            self.add(field, f"{quoted(value)} is not an integer from {minimum} to {INT64_MAX}")

    def metric_name(self, field: str, value: str | None) -> None:
        """Checks a metric's name: 1 to 256 characters, and not one that no URL can carry."""
        self.text(field, value, NAME_CHARS_MAX, required=True)
        if value in (".", ".."):
            self.add(field, f"{quoted(value)} cannot be a metric's name, since no URL can carry it")


@cache
def _names_of(allowed: type[StrEnum] | frozenset[str]) -> frozenset[str]:
    return frozenset(map(str, allowed))


def metric_number_class(value: float) -> int:
    """Where a metric's number stands in the order of values: -Infinity 1, finite 2, Infinity 3, NaN 4.

    0 is for a metric without a number (a classification), which sorts as unset (contract, list_*).
    """
    # Of NaN and the infinities it is NaN.
    if value - value == 0:
        return 2
    if math.isnan(value):
        return 4
    return 3 if value > 0 else 1
