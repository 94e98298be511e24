"""A run as plain data, ready to be recorded: what it did, what came in and out, and when.

Nothing in here knows where the facts come from or how they are sent. `None` and empty mean that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from artifactd.interop.sources import OutputOf


@dataclass(frozen=True, slots=True)
class ArtifactDescription:
    """An artifact that a task gave out.

    Attributes:
        key: the task's output key.
        position: its place in the output, counted from 0: an output may be a list of artifacts.
        name: what it is called.
        type: one of the service's artifact types (`Model`).
        uri: where its contents are.
        metadata: whatever the task noted on it.
        shared: whether other runs may give out the very same artifact, as those that `dsl.importer`
            registers.
    """

    key: str
    position: int
    name: str
    type: str
    uri: str
    metadata: Mapping[str, Any]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class InputDescription:
    """That a task read what another gave out.

    Attributes:
        key: the reading task's input key.
        source: which output of which task it read; an output that is a list was read whole.
        producer_name: the name of the task that gave it out.
    """

    key: str
    source: OutputOf
    producer_name: str


@dataclass(frozen=True, slots=True)
class MetricDescription:
    """A metric that a task measured.

    Attributes:
        name: unique within the task.
        schema: one of the service's metric schemas (`ClassificationMetric`).
        value: a number, or KFP's JSON for the classification schemas.
        created_at: when it was measured.
    """

    name: str
    schema: str
    value: Any
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TaskDescription:
    """One task of a run.

    Attributes:
        path: its name after those of the nested pipelines around it; identifies it within the run.
        name: its name in the pipeline that calls it.
        display_name: the name to show.
        parent_path: the task of the nested pipeline that it is part of, if any.
        state: a KFP `RuntimeState`, if it is known.
        started_at, ended_at: when, if it is known.
        input_parameters, output_parameters: those whose values are known.
        inputs: the artifacts that it read.
        outputs: the artifacts that it gave out.
        metrics: what it measured.
    """

    path: str
    name: str
    display_name: str
    parent_path: str | None = None
    state: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    input_parameters: Mapping[str, Any] = field(default_factory=dict)
    output_parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[InputDescription, ...] = ()
    outputs: tuple[ArtifactDescription, ...] = ()
    metrics: tuple[MetricDescription, ...] = ()


@dataclass(frozen=True, slots=True)
class RunDescription:
    """One run of a pipeline.

    Attributes:
        name: what the run is called; the name of its folder, for a run of `kfp.local`.
        pipeline_name: the pipeline's name.
        pipeline_spec: the compiled pipeline, unless it is too large to be recorded.
        tasks: every task of the compiled pipeline, a nested pipeline before the tasks in it.
        warnings: what could not be read or told apart, as sentences for a person.
    """

    name: str
    pipeline_name: str
    pipeline_spec: Mapping[str, Any] | None
    tasks: tuple[TaskDescription, ...]
    warnings: tuple[str, ...] = ()
