"""Recording while `kfp.local` runs; a stand-in for it logs and writes what it would, the server is real."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import LiveServer

from artifactd.errors import InvalidArgument, ServiceError
from artifactd.interop.compiled import CompiledPipeline
from artifactd.interop.description import TaskDescription
from artifactd.interop.live import LiveRecording, PipelineFailed
from artifactd.interop.pipeline_spec import parse_pipeline
from artifactd.interop.recorder import RunRecorder
from artifactd.interop.rest_client import RestClient
from artifactd.interop.run_folder import read_recorded_as

API = "/apis/v2beta1"
RUN_ID = "the-run"


class LocalRunner:
    """Does what `kfp.local` does to its surroundings when it runs `nested`; its files are a real run's."""

    def __init__(self, root: Path, recorded_run: Path) -> None:
        self.folder = root / "nested-2026-01-02-03-04-05-678901"
        self._recorded_run = recorded_run

    def start(self, component: str) -> None:
        """Begins a task."""
        logging.getLogger().warning("Executing task \x1b[96m%r\x1b[0m", component)

    def succeed(self, component: str) -> None:
        """Ends a task, with its files written."""
        for file in self._recorded_run.glob(f"{component}/*"):
            copy = self.folder / component / file.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
        logging.getLogger().warning("Task %r finished with status SUCCESS", component)

    def fail(self, component: str, exception: str) -> None:
        """Ends a task with an exception."""
        print(f"    Traceback (most recent call last):\n    {exception}")
        logging.getLogger().error("Task %r finished with status FAILURE", component)
        raise RuntimeError("Pipeline 'nested' finished with status FAILURE.")

    def run(self, *components: str) -> None:
        """Runs tasks, one after the other."""
        for component in components:
            self.start(component)
            self.succeed(component)


@pytest.fixture
def runner(tmp_path: Path, nested_run: Path) -> LocalRunner:
    """Runs `nested` in a PIPELINE_ROOT of its own."""
    return LocalRunner(tmp_path / "root", nested_run)


@pytest.fixture
def client(live_server: LiveServer) -> RestClient:
    """A connection to a server whose store is empty."""
    return RestClient(live_server.url)


def recording_of(pipeline: CompiledPipeline, client: RestClient, root: Path) -> LiveRecording:
    return LiveRecording(
        pipeline=pipeline,
        recorder=RunRecorder(client, RUN_ID),
        pipeline_root=root,
        arguments={"label": "cd"},
        output=io.StringIO(),
    )


@pytest.fixture
def recording(client: RestClient, tmp_path: Path, nested_pipeline: CompiledPipeline) -> LiveRecording:
    """A recording of `nested`, started with the label "cd"."""
    return recording_of(nested_pipeline, client, tmp_path / "root")


def tasks_of(client: RestClient) -> dict[str, dict[str, Any]]:
    return {task["name"]: task for task in client.get(f"{API}/tasks", {"page_size": "200"})["tasks"]}


def run_of(client: RestClient) -> dict[str, Any]:
    return client.get(f"{API}/runs/{RUN_ID}")


def complete(runner: LocalRunner) -> Callable[[], None]:
    return lambda: runner.run("importer", "make", "score", "fit")


def test_a_run_that_succeeds_is_recorded_with_all_that_it_made(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    recording.run(complete(runner), name="my run")

    assert {name: task["state"] for name, task in tasks_of(client).items()} == dict.fromkeys(
        ("importer", "make", "evaluation", "score", "fit"), "SUCCEEDED"
    )
    assert (run_of(client)["state"], run_of(client)["display_name"]) == ("SUCCEEDED", "my run")
    assert client.get(f"{API}/artifacts")["total_size"] == 8
    assert client.get(f"{API}/metrics")["total_size"] == 7


def test_every_task_that_ran_has_its_times(recording: LiveRecording, runner: LocalRunner, client: RestClient) -> None:
    recording.run(complete(runner), name="my run")

    assert all(task["start_time"] <= task["end_time"] for task in tasks_of(client).values())


def test_a_task_is_running_while_it_runs(recording: LiveRecording, runner: LocalRunner, client: RestClient) -> None:
    states: list[str] = []

    def pipeline() -> None:
        runner.start("make")
        states.extend((tasks_of(client)["make"]["state"], run_of(client)["state"]))
        runner.succeed("make")

    recording.run(pipeline, name="my run")

    assert states == ["RUNNING", "RUNNING"]


def test_a_nested_pipeline_runs_from_its_first_task_to_its_last(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    states: list[str] = []

    def pipeline() -> None:
        runner.run("make")
        runner.start("score")
        states.append(tasks_of(client)["evaluation"]["state"])
        runner.succeed("score")
        states.append(tasks_of(client)["evaluation"]["state"])

    recording.run(pipeline, name="my run")

    assert states == ["RUNNING", "SUCCEEDED"]


def test_a_nested_pipeline_runs_until_all_in_it_have_succeeded(
    client: RestClient, tmp_path: Path, runner: LocalRunner, nested_pipeline: CompiledPipeline
) -> None:
    spec = json.loads(json.dumps(nested_pipeline.spec))
    inner = spec["components"]["comp-evaluation"]["dag"]["tasks"]
    inner["again"] = {**inner["score"], "componentRef": {"name": "comp-again"}}
    spec["components"]["comp-again"] = spec["components"]["comp-score"]
    recording = recording_of(parse_pipeline(spec, origin=tmp_path), client, tmp_path / "root")
    states: list[str] = []

    def pipeline() -> None:
        for component in ("score", "again"):
            runner.run(component)
            states.append(tasks_of(client)["evaluation"]["state"])

    recording.run(pipeline, name="my run")

    assert states == ["RUNNING", "SUCCEEDED"]


def test_a_nested_pipeline_with_a_part_that_had_nothing_to_do_ends_with_the_run(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    recording.run(lambda: runner.start("score"), name="my run")

    assert tasks_of(client)["evaluation"]["state"] == "SUCCEEDED"


def test_parameters_have_the_values_that_the_run_was_started_with(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    recording.run(complete(runner), name="my run")

    assert tasks_of(client)["score"]["input_parameters"] == {"note": "cd", "weight": 0.25}
    assert run_of(client)["runtime_config"]["parameters"] == {"count": 3, "label": "cd", "fail": False}


def test_a_task_that_fails_is_recorded_as_failed_with_its_error(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    def pipeline() -> None:
        runner.run("importer", "make", "score")
        runner.start("fit")
        runner.fail("fit", "ValueError: cannot fit")

    with pytest.raises(PipelineFailed, match="task 'fit' failed: ValueError: cannot fit"):
        recording.run(pipeline, name="my run")

    fit = tasks_of(client)["fit"]
    assert (fit["state"], fit["error"]["message"].splitlines()[0]) == ("FAILED", "ValueError: cannot fit")
    assert run_of(client)["state"] == "FAILED"
    assert tasks_of(client)["score"]["state"] == "SUCCEEDED"


def test_a_nested_pipeline_fails_with_a_task_in_it(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    def pipeline() -> None:
        runner.run("make")
        runner.start("score")
        runner.fail("score", "ValueError: no")

    with pytest.raises(PipelineFailed):
        recording.run(pipeline, name="my run")

    assert tasks_of(client)["evaluation"]["state"] == "FAILED"


def test_an_end_of_kfp_local_itself_is_a_failure_of_the_run(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    def pipeline() -> None:
        runner.run("make")
        raise TypeError("outputs of another kind")

    with pytest.raises(PipelineFailed, match=r"kfp\.local could not go on: TypeError: outputs of another kind"):
        recording.run(pipeline, name="my run")

    assert run_of(client)["state"] == "FAILED"
    assert tasks_of(client)["make"]["state"] == "SUCCEEDED"


def test_a_run_that_is_stopped_from_the_keyboard_is_canceled(
    recording: LiveRecording, runner: LocalRunner, client: RestClient
) -> None:
    def pipeline() -> None:
        runner.start("make")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recording.run(pipeline, name="my run")

    assert (tasks_of(client)["make"]["state"], run_of(client)["state"]) == ("CANCELED", "CANCELED")


def test_the_folder_of_the_run_notes_what_it_was_recorded_as(recording: LiveRecording, runner: LocalRunner) -> None:
    recording.run(complete(runner), name="my run")

    assert read_recorded_as(runner.folder) == RUN_ID


def test_each_task_is_reported_when_it_starts_and_ends(recording: LiveRecording, runner: LocalRunner) -> None:
    reports: list[TaskDescription] = []
    recording.report = reports.append

    recording.run(lambda: runner.run("make", "score"), name="my run")

    assert [(task.path, task.state) for task in reports] == [
        ("make", "RUNNING"),
        ("make", "SUCCEEDED"),
        ("evaluation/score", "RUNNING"),
        ("evaluation/score", "SUCCEEDED"),
    ]


def test_a_component_that_the_pipeline_lacks_stops_the_run(recording: LiveRecording, runner: LocalRunner) -> None:
    with pytest.raises(ServiceError, match="'stranger', which pipeline 'nested' does not have"):
        recording.run(lambda: runner.start("stranger"), name="my run")


def test_two_runs_in_one_root_at_a_time_are_refused(recording: LiveRecording, runner: LocalRunner) -> None:
    def pipeline() -> None:
        (runner.folder.parent / "nested-2026-01-02-03-04-06-000000").mkdir(parents=True)
        runner.run("make")

    with pytest.raises(InvalidArgument, match="Give each run a --pipeline-root of its own"):
        recording.run(pipeline, name="my run")


def test_a_component_that_may_run_several_times_is_refused_before_anything_runs(
    client: RestClient, tmp_path: Path, nested_pipeline: CompiledPipeline
) -> None:
    spec = json.loads(json.dumps(nested_pipeline.spec))
    spec["root"]["dag"]["tasks"]["make-2"] = spec["root"]["dag"]["tasks"]["make"]

    with pytest.raises(InvalidArgument, match="component 'make' of pipeline 'nested' may run several times"):
        recording_of(parse_pipeline(spec, origin=tmp_path), client, tmp_path)
