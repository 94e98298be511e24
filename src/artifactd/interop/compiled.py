"""A compiled KFP pipeline, flattened: each task with where each of its inputs comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from artifactd.interop.sources import OutputOf, Source


class TaskKind(Enum):
    """What runs when a task does."""

    PYTHON = "a Python component, run by KFP's own executor"
    CONTAINER = "a container component: any program"
    IMPORTER = "dsl.importer: registers what exists, runs nothing"
    DAG = "a nested pipeline, a branch or a loop"


@dataclass(frozen=True, slots=True)
class ImportedArtifact:
    """What a `dsl.importer` task registers."""

    uri: Source
    schema_title: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompiledTask:
    """One task of a compiled pipeline.

    Attributes:
        path: its name, after those of the nested pipelines around it: `evaluation/score`.
        name: its name in the pipeline that calls it.
        display_name: the name that KFP's page shows.
        parent_path: the nested pipeline that it is part of, if any.
        component: the component's name, which is also the name of its folder in a run of `kfp.local`.
        kind: what runs.
        repeated: whether it is inside a loop, so that it may have run any number of times.
        input_artifacts: for each input key, the outputs that may have been handed in.
        input_parameters: for each input key, where its value comes from.
        integers: the names of those of its parameters, inputs and outputs, that are integers.
        output_artifacts: for each output key, the declared schema title (`system.Model`).
        output_parameters: for each output key, the declared parameter type (`STRING`).
        after: paths of the tasks that must have succeeded for this one to start.
        importer: what it registers, if it is a `dsl.importer`.
    """

    path: str
    name: str
    display_name: str
    parent_path: str | None
    component: str
    kind: TaskKind
    repeated: bool
    input_artifacts: Mapping[str, tuple[OutputOf, ...]]
    input_parameters: Mapping[str, Source]
    integers: frozenset[str]
    output_artifacts: Mapping[str, str]
    output_parameters: Mapping[str, str]
    after: frozenset[str]
    importer: ImportedArtifact | None = None


@dataclass(frozen=True, slots=True)
class CompiledPipeline:
    """A compiled pipeline: its tasks in an order that puts what calls before what is called.

    Attributes:
        name: the pipeline's name.
        tasks: every task, nested ones too.
        parameter_defaults: the defaults of the pipeline's own parameters, for those that have one.
        integers: the names of the pipeline's own parameters that are integers.
        spec: the whole document.
    """

    name: str
    tasks: tuple[CompiledTask, ...]
    parameter_defaults: Mapping[str, Any]
    integers: frozenset[str]
    spec: Mapping[str, Any] = field(repr=False)

    def task(self, path: str) -> CompiledTask:
        """The task of that path; `KeyError` if there is none."""
        for task in self.tasks:
            if task.path == path:
                return task
        raise KeyError(path)

    def tasks_in_folder(self, folder: str) -> tuple[CompiledTask, ...]:
        """The tasks that `kfp.local` runs in a folder of that name: several if they share a component."""
        return tuple(
            task
            for task in self.tasks
            if task.component == folder and task.kind in (TaskKind.PYTHON, TaskKind.CONTAINER)
        )


def as_declared(name: str, value: Any, integers: frozenset[str]) -> Any:
    """A parameter's value in the type that it was declared with: protobuf makes every number a double."""
    return int(value) if name in integers and isinstance(value, float) and value.is_integer() else value
