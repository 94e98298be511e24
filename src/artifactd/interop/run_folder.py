"""What `kfp.local` leaves on disk: a PIPELINE_ROOT, the folder of each run in it, and each task's in that."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from artifactd.errors import InvalidArgument
from artifactd.interop.compiled import CompiledPipeline, CompiledTask, TaskKind, as_declared

EXECUTOR_OUTPUT = "executor_output.json"
RECORDED_AS = "artifactd-run.json"

# kfp.local names a run's folder after the pipeline and the moment of its start, in local time.
_RUN_FOLDER = re.compile(r"(?P<pipeline>.+)-\d{4}(-\d{2}){5}-\d{6}")


@dataclass(frozen=True, slots=True)
class TaskFiles:
    """What the folder of a task holds.

    Attributes:
        started: whether there is a folder, which `kfp.local` makes for a task only when its turn has come.
        finished_at: when the executor wrote its output, the last thing that it does; `None` if it did not.
        parameters: the output parameters.
        artifacts: for each output key, the artifacts as the executor wrote them: `name`, `uri`, `metadata`.
        warnings: what could not be read, as sentences.
    """

    started: bool = False
    finished_at: datetime | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def find_run_folders(root: Path, pipeline: CompiledPipeline) -> tuple[Path, ...]:
    """The folders of the pipeline's runs, oldest first.

    Args:
        root: a PIPELINE_ROOT, which holds any number of runs, also of other pipelines, or the folder of one
            run.
        pipeline: the compiled pipeline.

    Raises:
        InvalidArgument: `root` is no folder, or holds no run of this pipeline.
    """
    if not root.is_dir():
        raise InvalidArgument(
            f"PIPELINE_ROOT {str(root)!r} is not a folder. Give the folder that was passed to "
            "kfp.local.init(pipeline_root=…) (by default ./local_outputs), or the folder of one run in it."
        )
    root = root.resolve()
    named_after = _pipeline_of(root)
    if named_after == pipeline.name or (named_after is None and _holds_tasks_of(root, pipeline)):
        return (root,)
    if named_after is not None:
        raise InvalidArgument(
            f"PIPELINE_ROOT {str(root)!r} is a run of pipeline {named_after!r}, and --pipeline holds "
            f"{pipeline.name!r}. Give --pipeline the compiled file of the pipeline that was run."
        )
    runs = sorted(each for each in root.iterdir() if each.is_dir() and _pipeline_of(each) == pipeline.name)
    if not runs:
        raise InvalidArgument(f"PIPELINE_ROOT {str(root)!r} holds no run of pipeline {pipeline.name!r}. {_found(root)}")
    return tuple(runs)


def list_run_folders(root: Path, pipeline_name: str) -> frozenset[Path]:
    """The folders of a pipeline's runs in a PIPELINE_ROOT, none if it does not exist."""
    if not root.is_dir():
        return frozenset()
    return frozenset(each for each in root.iterdir() if each.is_dir() and _pipeline_of(each) == pipeline_name)


def read_task_files(run_folder: Path, task: CompiledTask) -> TaskFiles:
    """What a task has left in the folder of its run."""
    folder = run_folder / task.component
    if not folder.is_dir():
        return TaskFiles()
    output_file = folder / EXECUTOR_OUTPUT
    warnings: list[str] = []
    output: Any = None
    try:
        output = json.loads(output_file.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        warnings.append(f"{output_file} cannot be read ({error}), so the task {task.path!r} counts as unfinished.")
    if output is not None and not isinstance(output, dict):
        warnings.append(f"{output_file} holds no JSON object, so the task {task.path!r} counts as unfinished.")
        output = None
    return TaskFiles(
        started=True,
        finished_at=None if output is None else _modified_at(output_file),
        parameters=_parameters(folder, task, output or {}, warnings),
        artifacts=_artifacts(folder, task, output or {}),
        warnings=tuple(warnings),
    )


def read_recorded_as(run_folder: Path) -> str | None:
    """The id that a run was recorded under while it ran, if its recorder has noted it in its folder."""
    try:
        note = json.loads((run_folder / RECORDED_AS).read_bytes())
    except (OSError, ValueError):
        return None
    run_id = note.get("run_id") if isinstance(note, dict) else None
    return run_id if isinstance(run_id, str) else None


def write_recorded_as(run_folder: Path, run_id: str) -> None:
    """Notes in a run's folder what it has been recorded as, so that importing does not do that again."""
    (run_folder / RECORDED_AS).write_text(json.dumps({"run_id": run_id}) + "\n", encoding="utf-8")


def unexplained_folders(run_folder: Path, pipeline: CompiledPipeline) -> list[str]:
    """The names of the folders in a run's folder that belong to no component of the pipeline."""
    known = {task.component for task in pipeline.tasks}
    return sorted(each.name for each in run_folder.iterdir() if each.is_dir() and each.name not in known)


def _parameters(folder: Path, task: CompiledTask, output: Mapping[str, Any], warnings: list[str]) -> dict[str, Any]:
    """Output parameters: returned ones are in the executor's output, those of a `dsl.OutputPath` in files."""
    returned = output.get("parameterValues")
    values: dict[str, Any] = dict(returned) if isinstance(returned, dict) else {}
    for name, declared_type in task.output_parameters.items():
        file = folder / name
        try:
            if file.is_file():
                values[name] = _parsed(file.read_text(encoding="utf-8"), declared_type)
        except (OSError, ValueError) as error:
            warnings.append(f"{file} is no {declared_type} ({error}), so the output parameter {name!r} is left unset.")
    return {name: as_declared(name, value, task.integers) for name, value in values.items()}


def _parsed(text: str, declared_type: str) -> Any:
    """A parameter's text as KFP reads it: strings as they are, booleans in any case, the others as JSON."""
    match declared_type:
        case "STRING":
            return text
        case "BOOLEAN":
            return json.loads(text.lower())
        case _:
            return json.loads(text)


def _artifacts(folder: Path, task: CompiledTask, output: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    written = output.get("artifacts")
    artifacts: dict[str, list[Mapping[str, Any]]] = {}
    for key, each in (written if isinstance(written, dict) else {}).items():
        listed = each.get("artifacts") if isinstance(each, dict) else None
        artifacts[key] = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if task.kind is TaskKind.CONTAINER:
        # A program that is not KFP's executor reports nothing: what it gave out is what lies in its folder.
        for key in task.output_artifacts.keys() - artifacts.keys():
            if (folder / key).exists():
                artifacts[key] = [{"name": key, "uri": str(folder / key), "metadata": {}}]
    return artifacts


def _modified_at(file: Path) -> datetime:
    # Not from the float of st_mtime: its last digits are noise, and the same file must give the same time.
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=file.stat().st_mtime_ns // 1_000)


def _pipeline_of(folder: Path) -> str | None:
    """The name of the pipeline that a run's folder is named after; `None` if it is not named like a run's."""
    matched = _RUN_FOLDER.fullmatch(folder.name)
    return matched["pipeline"] if matched else None


def _holds_tasks_of(folder: Path, pipeline: CompiledPipeline) -> bool:
    """Whether it is the folder of a run under another name: somebody may have renamed or copied it."""
    components = {task.component for task in pipeline.tasks}
    return any((folder / component / EXECUTOR_OUTPUT).is_file() for component in components)


def _found(root: Path) -> str:
    others = sorted({name for each in root.iterdir() if each.is_dir() and (name := _pipeline_of(each))})
    if others:
        return f"It holds runs of {', '.join(map(repr, others))}: give --pipeline that pipeline's compiled file."
    return "A run's folder is named after its pipeline and start: 'my-pipeline-2026-01-31-12-00-00-000000'."
