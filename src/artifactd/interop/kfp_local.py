"""Describes a run of `kfp.local` that is over, from its compiled pipeline and the files that it has left.

Links and types come from the compiled pipeline, times and values from the files, and what neither tells stays
unset. That a task succeeded is known in two ways. KFP's executor writes its output as the last thing, after
the component's function has returned, so a Python component that has one succeeded. And `kfp.local` starts a
task only after those that it waits for have succeeded, so a task whose folder exists vouches for these,
whatever runs in them. A task that has started and written nothing may have failed, been killed or still be
running: no state is made up for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactd.errors import InvalidArgument
from artifactd.interop.compiled import CompiledPipeline, CompiledTask, TaskKind
from artifactd.interop.description import (
    ArtifactDescription,
    InputDescription,
    MetricDescription,
    RunDescription,
    TaskDescription,
)
from artifactd.interop.flattening import is_channel
from artifactd.interop.kfp_metrics import MetricsArtifact, metrics_of
from artifactd.interop.pipeline_spec import recordable
from artifactd.interop.run_folder import TaskFiles, read_task_files, unexplained_folders
from artifactd.interop.sources import UNKNOWN, OutputOf, evaluate

_ARTIFACT_TYPES = {
    "system.Model": "Model",
    "system.Dataset": "Dataset",
    "system.HTML": "HTML",
    "system.Markdown": "Markdown",
}
_NAME_LENGTH_MAX = 256


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is known of a run as a whole."""

    files: Mapping[str, TaskFiles]
    outputs: Mapping[OutputOf, Any]
    arguments: Mapping[str, Any]
    succeeded: AbstractSet[str]


def describe_run(run_folder: Path, pipeline: CompiledPipeline) -> RunDescription:
    """The description of one run that is over.

    Args:
        run_folder: the folder of the run.
        pipeline: the compiled pipeline that was run.

    Raises:
        InvalidArgument: nothing in the folder belongs to the pipeline.
    """
    unexplained = unexplained_folders(run_folder, pipeline)
    files, warnings = _read_files(run_folder, pipeline)
    if not any(each.started for each in files.values()):
        raise InvalidArgument(
            f"run folder {str(run_folder)!r} holds no task of pipeline {pipeline.name!r} (it holds "
            f"{', '.join(map(repr, unexplained)) or 'no folder at all'}). Give --pipeline the file as it was "
            "compiled for this run."
        )
    warnings += [
        f"folder {name!r} in {run_folder} belongs to no component of the compiled pipeline and was left out."
        for name in unexplained
    ]
    spec = recordable(pipeline.spec)
    if spec is None:
        warnings.append("the compiled pipeline itself is over 1 MiB and was left out; all that it tells is recorded.")
    evidence = _Evidence(
        files=files,
        outputs=known_parameters(files),
        arguments={},
        succeeded=_succeeded(pipeline, files),
    )
    return RunDescription(
        name=run_folder.name,
        pipeline_name=pipeline.name,
        pipeline_spec=spec,
        tasks=tuple(_describe(task, pipeline, evidence) for task in pipeline.tasks),
        warnings=tuple(warnings),
    )


def known_parameters(files: Mapping[str, TaskFiles]) -> dict[OutputOf, Any]:
    """The output parameters of tasks, each by where it comes from.

    Args:
        files: for each task's path, what the task has left.
    """
    return {OutputOf(path, key): value for path, each in files.items() for key, value in each.parameters.items()}


def describe_inputs(task: CompiledTask, pipeline: CompiledPipeline) -> tuple[InputDescription, ...]:
    """The artifacts that a task reads, as the compiled pipeline links them."""
    return tuple(
        InputDescription(key=key, source=source, producer_name=pipeline.task(source.task_path).name)
        for key, sources in task.input_artifacts.items()
        for source in sources
        if task.kind is not TaskKind.DAG
    )


def describe_input_parameters(
    task: CompiledTask, *, outputs: Mapping[OutputOf, Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of a task's input parameters, those that are known; KFP's own channels are left out."""
    values = {
        name: evaluate(source, outputs=outputs, arguments=arguments)
        for name, source in task.input_parameters.items()
        if not is_channel(name)
    }
    return {name: value for name, value in values.items() if value is not UNKNOWN}


def describe_outputs(task: CompiledTask, files: TaskFiles) -> tuple[ArtifactDescription, ...]:
    """The artifacts that a task has given out, with the types that the compiled pipeline declares."""
    return tuple(
        ArtifactDescription(
            key=key,
            position=position,
            name=str(each.get("name") or key)[:_NAME_LENGTH_MAX],
            type=artifact_type(task.output_artifacts.get(key, "")),
            uri=str(each.get("uri") or ""),
            metadata=each.get("metadata") or {},
        )
        for key, listed in sorted(files.artifacts.items())
        for position, each in enumerate(listed)
    )


def describe_imported(
    task: CompiledTask, *, outputs: Mapping[OutputOf, Any], arguments: Mapping[str, Any]
) -> tuple[ArtifactDescription, ...]:
    """The artifact that a `dsl.importer` task registers; none for another task, or if its URI is unknown."""
    if task.importer is None:
        return ()
    uri = evaluate(task.importer.uri, outputs=outputs, arguments=arguments)
    if not isinstance(uri, str):
        return ()
    # KFP's own key and name for what an importer gives out.
    key = "artifact"
    return (
        ArtifactDescription(
            key=key,
            position=0,
            name=key,
            type=artifact_type(task.importer.schema_title),
            uri=uri,
            metadata=task.importer.metadata,
            shared=True,
        ),
    )


def describe_metrics(task: CompiledTask, files: TaskFiles) -> tuple[MetricDescription, ...]:
    """The metrics in a task's metric artifacts; none if it has not finished."""
    if files.finished_at is None:
        return ()
    artifacts = (
        MetricsArtifact(key, task.output_artifacts.get(key, ""), each.get("metadata") or {})
        for key, listed in sorted(files.artifacts.items())
        for each in listed
    )
    return metrics_of(artifacts, created_at=files.finished_at)


def artifact_type(schema_title: str) -> str:
    """The service's artifact type for a KFP schema title (`system.Model`); `Artifact` where it has none."""
    return _ARTIFACT_TYPES.get(schema_title, "Artifact")


def _describe(task: CompiledTask, pipeline: CompiledPipeline, evidence: _Evidence) -> TaskDescription:
    files = evidence.files.get(task.path, TaskFiles())
    succeeded = task.path in evidence.succeeded
    outputs, arguments = evidence.outputs, evidence.arguments
    imported = describe_imported(task, outputs=outputs, arguments=arguments) if succeeded else ()
    return TaskDescription(
        path=task.path,
        name=task.name,
        display_name=task.display_name,
        parent_path=task.parent_path,
        state="SUCCEEDED" if succeeded else None,
        ended_at=files.finished_at,
        input_parameters=describe_input_parameters(task, outputs=outputs, arguments=arguments),
        output_parameters=files.parameters,
        # What has not started has read nothing.
        inputs=describe_inputs(task, pipeline) if files.started or succeeded else (),
        outputs=describe_outputs(task, files) + imported,
        metrics=describe_metrics(task, files),
    )


def _read_files(run_folder: Path, pipeline: CompiledPipeline) -> tuple[dict[str, TaskFiles], list[str]]:
    """What each task has left, by its path, and warnings."""
    files: dict[str, TaskFiles] = {}
    warnings: list[str] = []
    for task in pipeline.tasks:
        sharing = pipeline.tasks_in_folder(task.component)
        if task not in sharing:
            continue
        found = read_task_files(run_folder, task)
        if found.started and (task.repeated or len(sharing) > 1):
            # Each run of the component has overwritten the files of the one before it.
            warnings.append(
                f"task {task.path!r} shares the folder {task.component!r} with other runs of its component, "
                "so nobody knows whose outputs lie there; they were left out."
            )
            found = TaskFiles(started=task.repeated and len(sharing) == 1)
        files[task.path] = found
        warnings += found.warnings
    return files, warnings


def _succeeded(pipeline: CompiledPipeline, files: Mapping[str, TaskFiles]) -> frozenset[str]:
    """The paths of the tasks that are known to have succeeded."""
    known: set[str] = set()
    for task in pipeline.tasks:
        found = files.get(task.path, TaskFiles())
        if found.started:
            known |= task.after
        if found.finished_at is not None and task.kind is TaskKind.PYTHON:
            known.add(task.path)
    # From the innermost out: a nested pipeline has succeeded if everything in it has.
    for task in reversed(pipeline.tasks):
        inner = list(_children(pipeline.tasks, task.path))
        if task.kind is TaskKind.DAG and inner and all(each.path in known for each in inner):
            known.add(task.path)
    return frozenset(known)


def _children(tasks: Iterable[CompiledTask], path: str) -> Iterator[CompiledTask]:
    return (task for task in tasks if task.parent_path == path)
