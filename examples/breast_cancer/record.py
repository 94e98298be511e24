"""Runs the breast cancer pipeline on this machine and records it in an artifactd server while it runs.

`make demo` does this. By hand: install `requirements.txt` into an environment of its own, start `artifactd
serve`, then

    PYTHONPATH=src python examples/breast_cancer/record.py

The pipeline is run by `kfp.local`; everything that is not about this one pipeline is in
`artifactd.interop.live`.
"""

from __future__ import annotations

import argparse
import os
import sys
import uuid
import warnings
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

try:
    from artifactd.cli.rendering import lineage_tree, metrics_table, printable
    from artifactd.errors import ServiceError
    from artifactd.interop.description import TaskDescription
    from artifactd.interop.live import LiveRecording, PipelineFailed
    from artifactd.interop.pipeline_spec import load_pipeline
    from artifactd.interop.recorder import RunRecorder
    from artifactd.interop.rest_client import RestClient
    from artifactd.interop.sources import OutputOf
except ModuleNotFoundError as missing:
    sys.exit(f"record.py needs {missing.name!r}. Run `make demo`, or set PYTHONPATH to artifactd's src folder.")

warnings.simplefilter("ignore", FutureWarning)
try:
    from kfp import compiler, local
    from pipeline import breast_cancer
except ModuleNotFoundError as missing:
    sys.exit(f"record.py needs {missing.name!r}. Run `make demo`, or install the requirements.txt beside it.")

PICKING_TASK, PICKED_KEY = "pick-better", "chosen"
API = "/apis/v2beta1"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs, records and shows the pipeline.

    Args:
        argv: the command line without the program's name; the process's own if `None`.

    Returns:
        The exit code: 0 it succeeded, 1 it failed or could not be recorded.
    """
    options = _options().parse_args(argv)
    try:
        client = RestClient(options.server, api_key=options.api_key)
        recorder = RunRecorder(client, str(uuid.uuid4()), options.namespace)
        failure = _run(recorder, options)
        if failure is None:
            _show(recorder)
    except ServiceError as error:
        return _complain(error.message)
    except KeyboardInterrupt:
        return _complain("stopped from the keyboard; the run is recorded as CANCELED")
    _show_next_steps(recorder)
    return 0 if failure is None else _complain(failure)


def _run(recorder: RunRecorder, options: argparse.Namespace) -> str | None:
    """Runs the pipeline and records it; gives what went wrong, if anything did."""
    root: Path = options.pipeline_root.resolve()
    root.mkdir(parents=True, exist_ok=True)
    compiled_file, log_file = root / "breast-cancer.yaml", root / "breast-cancer.log"
    compiler.Compiler().compile(breast_cancer, str(compiled_file))
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=str(root))
    arguments = dict(options.parameter)
    print(f"Running pipeline breast-cancer with kfp.local, recording it in {recorder.client.server}", flush=True)
    with log_file.open("w", encoding="utf-8") as log:
        recording = LiveRecording(
            pipeline=load_pipeline(compiled_file),
            recorder=recorder,
            pipeline_root=root,
            arguments=arguments,
            output=log,
            report=_report,
        )
        try:
            recording.run(lambda: breast_cancer(**arguments), name=_run_name())
        except PipelineFailed as error:
            return f"the run is recorded as FAILED: {error}\nAll that the pipeline printed is in {log_file}"
    return None


def _show(recorder: RunRecorder) -> None:
    """Prints where the chosen model comes from and how good it is, as the server tells it."""
    chosen_id = recorder.artifact_ids(OutputOf(PICKING_TASK, PICKED_KEY))[0]
    lineage = recorder.client.get(f"{API}/lineage", {"artifact_id": chosen_id, "direction": "UPSTREAM"})
    picking = recorder.client.get(f"{API}/tasks/{recorder.task_id(PICKING_TASK)}")
    (algorithm,) = (each["metadata"]["algorithm"] for each in lineage["artifacts"] if each["artifact_id"] == chosen_id)
    print(f"\nLineage of the chosen model\n\n{lineage_tree(lineage, chosen_id)}")
    print(f"\nMetrics of the chosen model ({printable(algorithm)})\n")
    print(metrics_table(_metrics_of_chosen(recorder, lineage, picking["output_parameters"]["Output"])))


def _metrics_of_chosen(recorder: RunRecorder, lineage: dict[str, Any], place: str) -> list[dict[str, Any]]:
    """The metrics that tasks which read the chosen model measured.

    Args:
        recorder: of the run.
        lineage: upstream of what was picked.
        place: the input key under which the picking task read the model that it picked.
    """
    links = [each for each in lineage["artifact_tasks"] if each["type"] == "INPUT"]
    picking_id = recorder.task_id(PICKING_TASK)
    models = {each["artifact_id"] for each in links if each["task_id"] == picking_id and each["key"] == place}
    readers = {each["task_id"] for each in links if each["artifact_id"] in models}
    listed = recorder.client.get(f"{API}/metrics", {"run_ids": recorder.run_id, "page_size": "200"})["metrics"]
    return [metric for metric in listed if metric["task_id"] in readers]


def _show_next_steps(recorder: RunRecorder) -> None:
    server = recorder.client.server
    key = ' -H "Authorization: Bearer $ARTIFACTD_API_KEY"' if os.environ.get("ARTIFACTD_API_KEY") else ""
    print(f"\nRun {recorder.run_id}. Next, try\n")
    print(f"  curl{key} '{server}{API}/runs/{recorder.run_id}'")
    print(f"  curl{key} '{server}{API}/metrics?run_ids={recorder.run_id}'", flush=True)


def _report(task: TaskDescription) -> None:
    """Tells that a task has ended."""
    if task.started_at is not None and task.ended_at is not None:
        seconds = (task.ended_at - task.started_at).total_seconds()
        print(f"  {task.display_name:<32} {task.state:<10} {seconds:5.1f} s", file=sys.__stdout__, flush=True)


def _complain(message: str) -> int:
    print(f"\nError: {message}", file=sys.stderr)
    return 1


def _run_name() -> str:
    return f"breast-cancer {datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Run the breast cancer pipeline and record it in an artifactd server.")
    parser.add_argument(
        "--server",
        default=os.environ.get("ARTIFACTD_SERVER") or "http://127.0.0.1:8888",
        help="where the server is (ARTIFACTD_SERVER; default %(default)s)",
    )
    parser.add_argument(
        "--api-key",
        default=os.environ.get("ARTIFACTD_API_KEY"),
        help="for a server with authentication (ARTIFACTD_API_KEY)",
    )
    parser.add_argument("--namespace", help="where to record (default: the server's default)")
    parser.add_argument(
        "--pipeline-root",
        type=Path,
        default=Path("data/pipelines"),
        help="the folder for what the pipeline writes (default %(default)s)",
    )
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=_parameter,
        help="a parameter of the pipeline, such as trees=50; regularization=0 shows a run that fails",
    )
    return parser


def _parameter(text: str) -> tuple[str, int | float]:
    """A parameter from the command line, with the type that the pipeline declares."""
    name, _, value = text.partition("=")
    inputs = breast_cancer.component_spec.inputs
    if name not in inputs:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE with a NAME of {', '.join(inputs)}")
    declared = int if inputs[name].type == "Integer" else float
    try:
        return name, declared(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} in {text!r} is not of type {declared.__name__}") from None


if __name__ == "__main__":
    sys.exit(main())
