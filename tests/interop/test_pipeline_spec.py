"""Compiled pipelines: what is read from them, and what is no compiled pipeline."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from artifactd.errors import InvalidArgument
from artifactd.interop.compiled import CompiledPipeline, TaskKind
from artifactd.interop.kfp_local import describe_run
from artifactd.interop.pipeline_spec import SPEC_BYTES_MAX, load_pipeline, parse_pipeline
from artifactd.interop.sources import FirstKnown, OutputOf, Unknowable

ORIGIN = Path("compiled.yaml")


@pytest.fixture
def spec(nested_pipeline: CompiledPipeline) -> dict[str, Any]:
    """The document of `nested`, to change."""
    return copy.deepcopy(dict(nested_pipeline.spec))


def test_nested_pipelines_come_before_their_own_tasks(nested_pipeline: CompiledPipeline) -> None:
    assert [task.path for task in nested_pipeline.tasks] == [
        "evaluation",
        "evaluation/score",
        "fit",
        "importer",
        "make",
    ]


def test_each_task_knows_what_runs_in_it(nested_pipeline: CompiledPipeline) -> None:
    kinds = {task.path: task.kind for task in nested_pipeline.tasks}

    assert kinds == {
        "evaluation": TaskKind.DAG,
        "evaluation/score": TaskKind.PYTHON,
        "fit": TaskKind.PYTHON,
        "importer": TaskKind.IMPORTER,
        "make": TaskKind.PYTHON,
    }


def test_a_task_waits_for_what_the_pipelines_around_it_wait_for(nested_pipeline: CompiledPipeline) -> None:
    assert nested_pipeline.task("evaluation/score").after == {"make"}


def test_integers_come_out_as_integers(nested_pipeline: CompiledPipeline) -> None:
    assert nested_pipeline.parameter_defaults == {"count": 3, "label": "ab", "fail": False}
    assert isinstance(nested_pipeline.parameter_defaults["count"], int)


def test_an_output_of_a_nested_pipeline_is_that_of_the_task_in_it(nested_pipeline: CompiledPipeline) -> None:
    verdict = nested_pipeline.task("fit").input_parameters["pipelinechannel--evaluation-Output"]

    assert verdict == OutputOf("evaluation/score", "Output")


def test_an_output_that_branches_end_in_may_be_that_of_each(branches_pipeline: CompiledPipeline) -> None:
    comparing = branches_pipeline.task("compare")

    heads, tails = "condition-branches-2/condition-3/fit", "condition-branches-2/condition-4/fit-2"
    assert comparing.input_artifacts["model"] == (OutputOf(heads, "model"), OutputOf(tails, "model"))
    assert comparing.input_parameters["kind"] == FirstKnown((OutputOf(heads, "Output"), OutputOf(tails, "Output")))


def test_the_item_of_a_loop_is_unknowable(branches_pipeline: CompiledPipeline) -> None:
    in_loop = branches_pipeline.task("for-loop-5/fit-3")

    assert (in_loop.repeated, in_loop.input_parameters) == (True, {"kind": Unknowable()})


def test_the_branch_that_ran_is_what_the_task_after_it_read(
    branches_pipeline: CompiledPipeline, tmp_path: Path
) -> None:
    for component, output in (
        (
            "fit",
            {"parameterValues": {"Output": "heads"}, "artifacts": {"model": {"artifacts": [{"uri": "/m"}]}}},
        ),
        ("compare", {}),
    ):
        (tmp_path / component).mkdir()
        (tmp_path / component / "executor_output.json").write_text(json.dumps(output))

    run = describe_run(tmp_path, branches_pipeline)

    states = {task.name: task.state for task in run.tasks}
    assert {states[name] for name in ("fit", "condition-3", "condition-branches-2", "compare")} == {"SUCCEEDED"}
    assert {states[name] for name in ("fit-2", "condition-4", "fit-3", "clean")} == {None}
    (comparing,) = (task for task in run.tasks if task.name == "compare")
    assert comparing.input_parameters == {"kind": "heads"}


def test_a_text_that_goes_into_a_nested_pipeline_is_unknowable_there(spec: dict[str, Any]) -> None:
    note = {"runtimeValue": {"constant": "{{$.inputs.parameters['pipelinechannel--label']}}!"}}
    spec["root"]["dag"]["tasks"]["evaluation"]["inputs"]["parameters"]["note"] = note

    assert parse_pipeline(spec, origin=ORIGIN).task("evaluation/score").input_parameters["note"] == Unknowable()


def test_a_path_that_no_task_has_is_a_key_error(nested_pipeline: CompiledPipeline) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        nested_pipeline.task("nowhere")


def test_a_second_document_with_platform_settings_is_passed_over(tmp_path: Path, spec: dict[str, Any]) -> None:
    file = tmp_path / "compiled.yaml"
    file.write_text(yaml.safe_dump_all([spec, {"platforms": {"kubernetes": {}}}]))

    assert load_pipeline(file).name == "nested"


def test_an_exit_handler_proves_nothing_of_what_came_before(spec: dict[str, Any]) -> None:
    spec["root"]["dag"]["tasks"]["fit"]["triggerPolicy"] = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}

    assert parse_pipeline(spec, origin=ORIGIN).task("fit").after == frozenset()


def test_a_branch_that_may_be_left_out_is_not_proved_by_what_comes_after(spec: dict[str, Any]) -> None:
    spec["root"]["dag"]["tasks"]["evaluation"]["triggerPolicy"] = {"condition": "inputs.parameter_values['x'] == 'y'"}

    assert parse_pipeline(spec, origin=ORIGIN).task("fit").after == {"importer", "make"}


def test_the_state_of_a_task_that_an_exit_handler_is_told_is_unknowable(spec: dict[str, Any]) -> None:
    parameters = spec["root"]["dag"]["tasks"]["fit"]["inputs"]["parameters"]
    parameters["status"] = {"taskFinalStatus": {"producerTask": "evaluation"}}

    assert parse_pipeline(spec, origin=ORIGIN).task("fit").input_parameters["status"] == Unknowable()


def test_what_an_importer_registered_is_not_known_without_its_uri(spec: dict[str, Any], nested_run: Path) -> None:
    spec["deploymentSpec"]["executors"]["exec-importer"]["importer"]["artifactUri"] = {"runtimeParameter": "uri"}
    uri = {"uri": {"componentInputParameter": "label"}}
    spec["root"]["dag"]["tasks"]["importer"]["inputs"]["parameters"] = uri

    run = describe_run(nested_run, parse_pipeline(spec, origin=ORIGIN))

    assert [(task.state, task.outputs) for task in run.tasks if task.name == "importer"] == [("SUCCEEDED", ())]


def test_outputs_of_a_task_in_a_loop_are_left_out_and_told(spec: dict[str, Any], nested_run: Path) -> None:
    spec["root"]["dag"]["tasks"]["evaluation"]["parameterIterator"] = {
        "itemInput": "item",
        "items": {"raw": "[1, 2]"},
    }

    run = describe_run(nested_run, parse_pipeline(spec, origin=ORIGIN))

    (score,) = (task for task in run.tasks if task.path == "evaluation/score")
    assert (score.state, score.outputs, score.metrics) == (None, (), ())
    assert any("'evaluation/score' shares the folder 'score'" in warning for warning in run.warnings)


def test_outputs_of_tasks_that_share_a_component_are_left_out_and_told(spec: dict[str, Any], nested_run: Path) -> None:
    spec["root"]["dag"]["tasks"]["make-2"] = spec["root"]["dag"]["tasks"]["make"]

    run = describe_run(nested_run, parse_pipeline(spec, origin=ORIGIN))

    assert [task.outputs for task in run.tasks if task.name in ("make", "make-2")] == [(), ()]
    assert sum("shares the folder 'make'" in warning for warning in run.warnings) == 2


def test_an_output_of_a_container_component_does_not_prove_its_success(spec: dict[str, Any], nested_run: Path) -> None:
    spec["deploymentSpec"]["executors"]["exec-fit"]["container"]["command"] = ["fit"]

    run = describe_run(nested_run, parse_pipeline(spec, origin=ORIGIN))

    assert [task.state for task in run.tasks if task.name == "fit"] == [None]


def test_a_container_component_without_an_output_gave_out_what_lies_in_its_folder(
    spec: dict[str, Any], nested_run: Path
) -> None:
    spec["deploymentSpec"]["executors"]["exec-fit"]["container"]["command"] = ["fit"]
    (nested_run / "fit" / "executor_output.json").unlink()

    run = describe_run(nested_run, parse_pipeline(spec, origin=ORIGIN))

    (model,) = next(task.outputs for task in run.tasks if task.name == "fit")
    assert (model.type, model.uri) == ("Model", str(nested_run / "fit" / "model"))


def test_a_container_component_that_left_nothing_gave_out_nothing(spec: dict[str, Any], nested_run: Path) -> None:
    spec["deploymentSpec"]["executors"]["exec-fit"]["container"]["command"] = ["fit"]
    for file in (nested_run / "fit").iterdir():
        file.unlink()

    run = describe_run(nested_run, parse_pipeline(spec, origin=ORIGIN))

    assert [task.outputs for task in run.tasks if task.name == "fit"] == [()]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: [", "it is neither YAML nor JSON"),
        ("just a text", "it has no `pipelineInfo`"),
        ("pipelineInfo: {name: x}", "'root' is missing"),
        (
            "pipelineInfo: {name: x}\nroot: 7\ncomponents: {}\ndeploymentSpec: {executors: {}}",
            "its structure is another one",
        ),
    ],
)
def test_a_file_that_is_no_compiled_pipeline_is_refused_with_the_reason(
    tmp_path: Path, content: str, reason: str
) -> None:
    file = tmp_path / "compiled.yaml"
    file.write_text(content)

    with pytest.raises(InvalidArgument, match=r"is not a compiled KFP v2 pipeline") as refusal:
        load_pipeline(file)

    assert reason in refusal.value.message


def test_a_reference_to_nothing_is_refused_with_its_name(spec: dict[str, Any]) -> None:
    del spec["components"]["comp-make"]

    with pytest.raises(InvalidArgument, match="'comp-make' is missing or refers to nothing in it"):
        parse_pipeline(spec, origin=ORIGIN)


def test_a_component_that_contains_itself_is_refused(spec: dict[str, Any]) -> None:
    inner = spec["components"]["comp-evaluation"]["dag"]["tasks"]
    inner["again"] = spec["root"]["dag"]["tasks"]["evaluation"]

    with pytest.raises(InvalidArgument, match="is not a compiled KFP v2 pipeline"):
        parse_pipeline(spec, origin=ORIGIN)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="cannot be read: No such file or directory"):
        load_pipeline(tmp_path / "nowhere.yaml")


def test_a_document_over_the_services_limit_is_left_out_and_told(spec: dict[str, Any], nested_run: Path) -> None:
    spec["pipelineInfo"]["description"] = "x" * SPEC_BYTES_MAX

    run = describe_run(nested_run, parse_pipeline(spec, origin=ORIGIN))

    assert run.pipeline_spec is None
    assert any("is over 1 MiB and was left out" in warning for warning in run.warnings)
