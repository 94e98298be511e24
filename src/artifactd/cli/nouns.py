"""What the command line knows of each noun: where it is listed, its fields, and which of them people look at.

A test holds the fields to the API's own messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from artifactd.listing import ARTIFACTS, METRIC_HISTORY, METRICS, NAMESPACES, RUNS, TASKS, Kind, Noun
from artifactd.model import ArtifactType, MetricSchema, MetricType, RuntimeState, StorageState

API: Final = "/apis/v2beta1"


class Listed(NamedTuple):
    """A noun that can be listed.

    `fields` are those of its message; `columns` are what a table shows unasked, those that end in `?` only where
    they hold something; `identity` is what names one; `choices` are the words that a field can hold; `unasked_sort`
    is the order where none is asked for, empty for the API's own.
    """

    noun: Noun
    path: str
    fields: tuple[str, ...]
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    choices: Mapping[str, type[StrEnum]]
    unasked_sort: str = ""
    sort_parameter: str = "sort_by"

    @property
    def items(self) -> str:
        """The field of a list's answer that holds its items."""
        return self.noun.name

    def kind(self, column: str) -> Kind:
        """How a column's values are compared and shown; JSON for what is below a field."""
        field = next((each for each in self.noun.fields if each.name == column), None)
        return Kind.JSON if field is None else field.kind


ARTIFACT = Listed(
    noun=ARTIFACTS,
    path=f"{API}/artifacts",
    fields=(
        "artifact_id",
        "name",
        "type",
        "uri",
        "description",
        "number_value",
        "metadata",
        "created_at",
        "updated_at",
        "namespace",
    ),
    columns=("artifact_id", "name", "type", "number_value?", "created_at", "namespace?"),
    identity=("artifact_id",),
    choices={"type": ArtifactType},
    unasked_sort="created_at desc",
)
_METRIC_FIELDS = ("task_id", "name", "schema", "value", "type", "step", "created_at", "namespace", "run_id")
METRIC = Listed(
    noun=METRICS,
    path=f"{API}/metrics",
    fields=_METRIC_FIELDS,
    columns=("name", "value", "step?", "task_id", "created_at", "namespace?"),
    identity=("task_id", "name"),
    choices={"schema": MetricSchema, "type": MetricType},
)
POINT = Listed(
    noun=METRIC_HISTORY,
    path=f"{API}/metric_history",
    fields=_METRIC_FIELDS,
    columns=("step?", "value", "created_at"),
    identity=("created_at",),
    choices={},
)
TASK = Listed(
    noun=TASKS,
    path=f"{API}/tasks",
    fields=(
        "task_id",
        "run_id",
        "namespace",
        "name",
        "display_name",
        "state",
        "create_time",
        "start_time",
        "end_time",
        "duration",
        "parent_task_id",
        "pod_name",
        "execution_id",
        "executor_detail",
        "error",
        "inputs",
        "outputs",
        "input_parameters",
        "output_parameters",
        "labels",
        "state_history",
        "child_tasks",
    ),
    columns=("task_id", "display_name", "state", "duration?", "create_time", "run_id?", "namespace?"),
    identity=("task_id",),
    choices={"state": RuntimeState},
    unasked_sort="create_time desc",
    sort_parameter="order_by",
)
RUN = Listed(
    noun=RUNS,
    path=f"{API}/runs",
    fields=(
        "run_id",
        "namespace",
        "display_name",
        "pipeline_name",
        "experiment_id",
        "description",
        "state",
        "storage_state",
        "created_at",
        "scheduled_at",
        "finished_at",
        "duration",
        "error",
        "pipeline_spec",
        "pipeline_version_reference",
        "runtime_config",
        "labels",
        "state_history",
        "run_details",
    ),
    columns=("run_id", "display_name", "state", "created_at", "duration?", "pipeline_name?", "namespace?"),
    identity=("run_id",),
    choices={"state": RuntimeState, "storage_state": StorageState},
    unasked_sort="created_at desc",
)
_COUNTED = ("namespace", "artifacts", "metrics", "runs", "tasks")
NAMESPACE = Listed(
    noun=NAMESPACES,
    path=f"{API}/namespaces",
    fields=_COUNTED,
    columns=_COUNTED,
    identity=("namespace",),
    choices={},
)
