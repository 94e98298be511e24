"""Records a pipeline while `kfp.local` runs it: real states and times, as they happen."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from artifactd.errors import InvalidArgument, ServiceError
from artifactd.interop.compiled import CompiledPipeline, CompiledTask, TaskKind
from artifactd.interop.description import TaskDescription
from artifactd.interop.kfp_local import (
    describe_imported,
    describe_input_parameters,
    describe_inputs,
    describe_metrics,
    describe_outputs,
    known_parameters,
)
from artifactd.interop.local_output import LogListener, OutputKeeper, TaskEnded, TaskStarted
from artifactd.interop.pipeline_spec import recordable
from artifactd.interop.recorder import RunRecorder, timestamp
from artifactd.interop.run_folder import TaskFiles, list_run_folders, read_task_files, write_recorded_as

# google.rpc.Code UNKNOWN: of an exception in a component no other code is known to be right.
_UNKNOWN_ERROR = 2


class PipelineFailed(Exception):
    """The pipeline has failed, and is recorded as failed."""


def _say_nothing(task: TaskDescription) -> None:
    """The report of somebody who wants none."""


@dataclass(slots=True)
class LiveRecording:
    """One run of a pipeline under `kfp.local`, recorded as it happens.

    Attributes:
        pipeline: the compiled pipeline.
        recorder: records the run.
        pipeline_root: what `kfp.local.init` was given.
        arguments: the parameters that the run is given; the pipeline's defaults fill in the others.
        output: takes what the pipeline and its tasks print.
        report: called with each task that runs code when its state has changed.
        clock: tells the time.

    Raises:
        InvalidArgument: two tasks share a component, so that `kfp.local` does not tell them apart.
    """

    pipeline: CompiledPipeline
    recorder: RunRecorder
    pipeline_root: Path
    arguments: Mapping[str, Any]
    output: TextIO
    report: Callable[[TaskDescription], None] = _say_nothing
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _tasks: dict[str, CompiledTask] = field(init=False)
    _keeper: OutputKeeper = field(init=False)
    _folders_before: frozenset[Path] = frozenset()
    _running: dict[str, TaskDescription] = field(default_factory=dict)
    _files: dict[str, TaskFiles] = field(default_factory=dict)
    _succeeded: set[str] = field(default_factory=set)
    _failure: str | None = None
    _folder: Path | None = None

    def __post_init__(self) -> None:
        """Completes the arguments and finds the tasks; raises as the class says."""
        self.arguments = {**self.pipeline.parameter_defaults, **self.arguments}
        self._tasks = _tasks_by_component(self.pipeline)
        self._keeper = OutputKeeper(self.output)

    def run(self, pipeline: Callable[[], object], *, name: str) -> None:
        """Runs the pipeline and records what it does.

        Args:
            pipeline: starts it, and returns when it is over.
            name: what to call the run.

        Raises:
            PipelineFailed: a task, or `kfp.local` itself, has failed.
            ServiceError: the server cannot be reached or refuses; the pipeline is stopped.
        """
        self._folders_before = list_run_folders(self.pipeline_root, self.pipeline.name)
        self._open(name)
        try:
            with self._listening():
                pipeline()
        except ServiceError:
            raise
        except KeyboardInterrupt:
            self._close("CANCELED")
            raise
        except Exception as error:
            failure = self._failure or f"kfp.local could not go on: {type(error).__name__}: {error}"
            self._close("FAILED", failure)
            raise PipelineFailed(failure) from error
        self._close("SUCCEEDED")

    def _open(self, name: str) -> None:
        self.recorder.put_run(
            {
                "display_name": name,
                "pipeline_name": self.pipeline.name,
                "pipeline_spec": recordable(self.pipeline.spec),
                "runtime_config": {
                    "parameters": dict(self.arguments),
                    "pipeline_root": str(self.pipeline_root),
                },
                "state": "RUNNING",
            }
        )

    def _close(self, state: str, failure: str | None = None) -> None:
        """Ends what has not ended by itself, and the run."""
        # What is left of a run that succeeded is a nested pipeline, a branch of which had nothing to do.
        for path in list(self._running):
            self._end(path, self.clock(), state, failure)
        error = {} if failure is None else {"error": {"code": _UNKNOWN_ERROR, "message": failure}}
        self.recorder.put_run({"state": state, **error})

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        listener = LogListener(self._on_event)
        root = logging.getLogger()
        root.addFilter(listener)
        try:
            with contextlib.redirect_stdout(self._keeper):
                yield
        finally:
            root.removeFilter(listener)

    def _on_event(self, event: TaskStarted | TaskEnded) -> None:
        task = self._tasks.get(event.component)
        if task is None:
            raise InvalidArgument(
                f"kfp.local runs component {event.component!r}, which pipeline {self.pipeline.name!r} does "
                "not have. Record the pipeline with the file that it was compiled to."
            )
        match event:
            case TaskStarted():
                self._keeper.forget()
                for each in (*self._around(task), task):
                    self._start(each, event.at)
            case TaskEnded(succeeded=True):
                self._succeed(task, event.at)
            case _:
                self._fail(task, event.at)

    def _start(self, task: CompiledTask, at: datetime) -> None:
        if task.path in self._running:
            return
        started = TaskDescription(
            path=task.path,
            name=task.name,
            display_name=task.display_name,
            parent_path=task.parent_path,
            state="RUNNING",
            started_at=at,
            input_parameters=describe_input_parameters(
                task, outputs=known_parameters(self._files), arguments=self.arguments
            ),
            inputs=describe_inputs(task, self.pipeline),
        )
        self._running[task.path] = started
        self.recorder.put_task(started)
        self.recorder.put_inputs([started])
        if task.kind is not TaskKind.DAG:
            self.report(started)

    def _succeed(self, task: CompiledTask, at: datetime) -> None:
        folder = self._run_folder()
        files = TaskFiles() if folder is None else read_task_files(folder, task)
        self._files[task.path] = files
        outputs = known_parameters(self._files)
        ended = replace(
            self._running[task.path],
            state="SUCCEEDED",
            ended_at=at,
            output_parameters=files.parameters,
            outputs=describe_outputs(task, files) + describe_imported(task, outputs=outputs, arguments=self.arguments),
            metrics=describe_metrics(task, files),
        )
        self.recorder.put_artifacts([ended])
        self.recorder.put_metrics([ended])
        self._end(task.path, at, "SUCCEEDED", output_parameters=files.parameters)
        self.report(ended)
        for each in reversed(self._around(task)):
            inside = (other.path for other in self.pipeline.tasks if other.parent_path == each.path)
            if self._succeeded.issuperset(inside):
                self._end(each.path, at, "SUCCEEDED")

    def _fail(self, task: CompiledTask, at: datetime) -> None:
        error = self._keeper.error()
        self._failure = f"task {task.path!r} failed: {error.partition(chr(10))[0]}"
        self.report(replace(self._running[task.path], state="FAILED", ended_at=at))
        self._end(task.path, at, "FAILED", error)
        for each in reversed(self._around(task)):
            self._end(each.path, at, "FAILED", self._failure)

    def _end(
        self,
        path: str,
        at: datetime,
        state: str,
        failure: str | None = None,
        *,
        output_parameters: Mapping[str, Any] | None = None,
    ) -> None:
        """Records that a task is over."""
        del self._running[path]
        fields: dict[str, Any] = {"state": state, "end_time": timestamp(at)}
        if output_parameters:
            fields["output_parameters"] = dict(output_parameters)
        if failure is not None:
            fields["error"] = {"code": _UNKNOWN_ERROR, "message": failure}
        if state == "SUCCEEDED":
            self._succeeded.add(path)
        self.recorder.update_task(path, fields)

    def _around(self, task: CompiledTask) -> list[CompiledTask]:
        """The nested pipelines that a task is in, the outermost first."""
        found: list[CompiledTask] = []
        while task.parent_path is not None:
            task = self.pipeline.task(task.parent_path)
            found.insert(0, task)
        return found

    def _run_folder(self) -> Path | None:
        """The run's folder, which `kfp.local` makes with the first task that writes something."""
        if self._folder is not None:
            return self._folder
        new = list_run_folders(self.pipeline_root, self.pipeline.name) - self._folders_before
        if len(new) > 1:
            raise InvalidArgument(
                f"more than one run of pipeline {self.pipeline.name!r} writes to {str(self.pipeline_root)!r}"
                ", and kfp.local does not tell them apart. Give each run a --pipeline-root of its own."
            )
        for folder in new:
            write_recorded_as(folder, self.recorder.run_id)
            self._folder = folder
        return self._folder


def _tasks_by_component(pipeline: CompiledPipeline) -> dict[str, CompiledTask]:
    """The tasks that run, by the name under which `kfp.local` speaks of them."""
    tasks: dict[str, CompiledTask] = {}
    for task in pipeline.tasks:
        if task.kind is TaskKind.DAG:
            continue
        if task.repeated or task.component in tasks:
            raise InvalidArgument(
                f"component {task.component!r} of pipeline {pipeline.name!r} may run several times (a loop, "
                "or for several tasks), and kfp.local does not tell its runs apart. Run the pipeline without "
                "recording it, and import what it leaves with `artifactd import kfp-local`."
            )
        tasks[task.component] = task
    return tasks
