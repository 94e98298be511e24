"""What a run of `kfp.local` that is over tells, and what it leaves open."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from artifactd.errors import InvalidArgument
from artifactd.interop.compiled import CompiledPipeline
from artifactd.interop.description import RunDescription, TaskDescription
from artifactd.interop.kfp_local import describe_run
from artifactd.interop.run_folder import (
    find_run_folders,
    list_run_folders,
    read_recorded_as,
    read_task_files,
    write_recorded_as,
)
from artifactd.interop.sources import OutputOf


def task_of(run: RunDescription, path: str) -> TaskDescription:
    return next(task for task in run.tasks if task.path == path)


def test_artifact_types_come_from_the_compiled_pipeline(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    run = describe_run(breast_cancer_run, breast_cancer_pipeline)

    types = {(task.name, each.key): each.type for task in run.tasks for each in task.outputs}
    assert types == {
        ("load-data", "data"): "Dataset",
        ("split-data", "train"): "Dataset",
        ("split-data", "test"): "Dataset",
        ("train-logistic-regression", "model"): "Model",
        ("train-random-forest", "model"): "Model",
        ("evaluate", "metrics"): "Artifact",
        ("evaluate", "confusion_matrix"): "Artifact",
        ("evaluate", "roc_curve"): "Artifact",
        ("evaluate-2", "metrics"): "Artifact",
        ("evaluate-2", "confusion_matrix"): "Artifact",
        ("evaluate-2", "roc_curve"): "Artifact",
        ("pick-better", "chosen"): "Model",
        ("write-report", "report"): "Markdown",
    }


def test_an_html_output_is_an_html_artifact(nested_run: Path, nested_pipeline: CompiledPipeline) -> None:
    made = task_of(describe_run(nested_run, nested_pipeline), "make")

    assert {each.key: each.type for each in made.outputs} == {"data": "Dataset", "page": "HTML"}


def test_an_artifact_keeps_the_uri_and_the_metadata_that_its_task_gave_it(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    (model,) = task_of(describe_run(breast_cancer_run, breast_cancer_pipeline), "train-random-forest").outputs

    assert model.uri == "/pipelines/breast-cancer-2026-11-23-10-37-06-490499/train-random-forest/model"
    assert model.metadata == {"framework": "scikit-learn", "algorithm": "random forest", "trees": 100}


def test_inputs_are_linked_under_the_reading_tasks_keys_with_their_producers(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    picking = task_of(describe_run(breast_cancer_run, breast_cancer_pipeline), "pick-better")

    assert {(each.key, each.source, each.producer_name) for each in picking.inputs} == {
        ("first", OutputOf("train-logistic-regression", "model"), "train-logistic-regression"),
        ("second", OutputOf("train-random-forest", "model"), "train-random-forest"),
        ("first_metrics", OutputOf("evaluate", "metrics"), "evaluate"),
        ("second_metrics", OutputOf("evaluate-2", "metrics"), "evaluate-2"),
    }


def test_a_task_of_a_nested_pipeline_reads_what_was_made_outside(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    assert [(each.key, each.source) for each in score.inputs] == [("data", OutputOf("make", "data"))]
    assert score.parent_path == "evaluation"


def test_a_display_name_comes_from_the_compiled_pipeline(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    evaluating = task_of(describe_run(breast_cancer_run, breast_cancer_pipeline), "evaluate-2")

    assert evaluating.display_name == "evaluate-random-forest"


def test_what_an_importer_registers_is_known_once_a_task_after_it_has_started(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    importer = task_of(describe_run(nested_run, nested_pipeline), "importer")

    (base,) = importer.outputs
    assert (importer.state, base.type, base.uri, base.metadata) == (
        "SUCCEEDED",
        "Model",
        "s3://models/base",
        {"version": "7"},
    )
    assert base.shared


def test_nothing_is_known_of_an_importer_that_no_started_task_waited_for(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    shutil.rmtree(nested_run / "fit")

    importer = task_of(describe_run(nested_run, nested_pipeline), "importer")

    assert (importer.state, importer.outputs) == (None, ())


def test_each_number_of_a_metrics_artifact_is_a_metric(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    evaluating = task_of(describe_run(breast_cancer_run, breast_cancer_pipeline), "evaluate")

    scalars = {each.name: each.value for each in evaluating.metrics if each.schema == "Metric"}
    assert scalars.keys() == {"accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"}
    assert scalars["accuracy"] == 0.9766081871345029


def test_a_curve_and_a_matrix_are_classification_metrics_named_after_their_outputs(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    evaluating = task_of(describe_run(breast_cancer_run, breast_cancer_pipeline), "evaluate")

    values = {each.name: each.value for each in evaluating.metrics if each.schema == "ClassificationMetric"}
    assert {name: list(value) for name, value in values.items()} == {
        "confusion_matrix": ["confusionMatrix"],
        "roc_curve": ["confidenceMetrics"],
    }
    assert values["confusion_matrix"]["confusionMatrix"]["rows"] == [{"row": [63, 1]}, {"row": [3, 104]}]


def test_an_infinite_threshold_of_a_curve_survives(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    evaluating = task_of(describe_run(breast_cancer_run, breast_cancer_pipeline), "evaluate")

    (curve,) = (each.value for each in evaluating.metrics if each.name == "roc_curve")
    assert curve["confidenceMetrics"][0]["confidenceThreshold"] == "Infinity"


def test_a_bare_infinity_that_a_component_wrote_is_read_as_one(
    breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    output = breast_cancer_run / "evaluate" / "executor_output.json"
    output.write_text(output.read_text().replace('"Infinity"', "Infinity"))

    evaluating = task_of(describe_run(breast_cancer_run, breast_cancer_pipeline), "evaluate")

    (curve,) = (each.value for each in evaluating.metrics if each.name == "roc_curve")
    assert curve["confidenceMetrics"][0]["confidenceThreshold"] == math.inf


def test_an_artifact_with_a_curve_and_a_matrix_gives_a_metric_for_each(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    names = {each.name for each in score.metrics if each.schema == "ClassificationMetric"}
    assert names == {"curves/confidenceMetrics", "curves/confusionMatrix"}


def test_slices_are_a_sliced_classification_metric(nested_run: Path, nested_pipeline: CompiledPipeline) -> None:
    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    (sliced,) = (each for each in score.metrics if each.schema == "SlicedClassificationMetric")
    assert sliced.name == "slices"
    assert [each["slice"] for each in sliced.value["evaluationSlices"]] == ["small"]


def test_a_key_that_two_outputs_use_is_told_apart_by_the_outputs(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    values = {each.name: each.value for each in score.metrics if each.schema == "Metric"}
    assert values == {"train/accuracy": 0.75, "test/accuracy": 0.5, "loss": 2, "diverged": "NaN"}


def test_a_metric_artifact_without_slices_gives_none(nested_run: Path, nested_pipeline: CompiledPipeline) -> None:
    output = nested_run / "score" / "executor_output.json"
    output.write_text(output.read_text().replace("evaluationSlices", "slices of another kind"))

    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    assert "SlicedClassificationMetric" not in {each.schema for each in score.metrics}


def test_a_number_whose_key_cannot_be_a_metrics_name_gets_its_outputs(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    output = nested_run / "score" / "executor_output.json"
    output.write_text(output.read_text().replace('"loss"', '"."'))

    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    assert "test/." in {each.name for each in score.metrics}


def test_a_metric_was_measured_when_its_file_was_written(
    nested_run: Path, nested_pipeline: CompiledPipeline, written_at: datetime
) -> None:
    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    assert {each.created_at for each in score.metrics} == {written_at}


def test_a_task_with_an_executors_output_succeeded_when_that_was_written(
    nested_run: Path, nested_pipeline: CompiledPipeline, written_at: datetime
) -> None:
    fit = task_of(describe_run(nested_run, nested_pipeline), "fit")

    assert (fit.state, fit.ended_at) == ("SUCCEEDED", written_at)


def test_no_start_time_is_made_up(nested_run: Path, nested_pipeline: CompiledPipeline) -> None:
    run = describe_run(nested_run, nested_pipeline)

    assert {task.started_at for task in run.tasks} == {None}


def test_a_task_that_wrote_no_output_has_no_state_and_no_end(
    failed_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    fit = task_of(describe_run(failed_run, nested_pipeline), "fit")

    assert (fit.state, fit.ended_at, fit.outputs) == (None, None, ())


def test_a_task_that_never_started_has_no_state_and_read_nothing(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    shutil.rmtree(nested_run / "fit")

    fit = task_of(describe_run(nested_run, nested_pipeline), "fit")

    assert (fit.state, fit.inputs) == (None, ())


def test_a_nested_pipeline_succeeded_if_everything_in_it_did(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    assert task_of(describe_run(nested_run, nested_pipeline), "evaluation").state == "SUCCEEDED"


def test_a_nested_pipeline_has_no_state_while_a_task_in_it_has_none(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    (nested_run / "score" / "executor_output.json").unlink()
    shutil.rmtree(nested_run / "fit")

    assert task_of(describe_run(nested_run, nested_pipeline), "evaluation").state is None


def test_a_task_that_a_started_one_waited_for_succeeded_whatever_it_wrote(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    (nested_run / "make" / "executor_output.json").unlink()

    made = task_of(describe_run(nested_run, nested_pipeline), "make")

    assert (made.state, made.ended_at) == ("SUCCEEDED", None)


def test_an_output_that_was_cut_short_counts_as_none_and_is_told(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    (nested_run / "fit" / "executor_output.json").write_text('{"artifacts": {')

    run = describe_run(nested_run, nested_pipeline)

    assert task_of(run, "fit").state is None
    assert any("executor_output.json cannot be read" in warning for warning in run.warnings)


@pytest.mark.parametrize("content", ["[]", "7", '"text"'])
def test_an_output_that_is_no_object_counts_as_none_and_is_told(
    nested_run: Path, nested_pipeline: CompiledPipeline, content: str
) -> None:
    (nested_run / "fit" / "executor_output.json").write_text(content)

    run = describe_run(nested_run, nested_pipeline)

    assert task_of(run, "fit").state is None
    assert any("holds no JSON object" in warning for warning in run.warnings)


@pytest.mark.parametrize("content", ["{}", '{"artifacts": 7, "parameterValues": []}', '{"artifacts": {"model": []}}'])
def test_an_output_of_another_shape_gives_no_artifacts(
    nested_run: Path, nested_pipeline: CompiledPipeline, content: str
) -> None:
    (nested_run / "fit" / "executor_output.json").write_text(content)

    fit = task_of(describe_run(nested_run, nested_pipeline), "fit")

    assert (fit.state, fit.outputs, fit.output_parameters) == ("SUCCEEDED", (), {})


def test_parameters_that_the_compiled_pipeline_and_the_outputs_tell_are_known(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    run = describe_run(nested_run, nested_pipeline)

    assert task_of(run, "make").input_parameters == {"count": 2, "label": "ab"}
    assert task_of(run, "fit").input_parameters == {"verdict": "AB at 0.5"}


def test_what_the_run_was_started_with_is_not_known(nested_run: Path, nested_pipeline: CompiledPipeline) -> None:
    score = task_of(describe_run(nested_run, nested_pipeline), "evaluation/score")

    assert score.input_parameters == {"weight": 0.25}


def test_output_parameters_come_from_the_output_and_from_files_as_declared(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    made = task_of(describe_run(nested_run, nested_pipeline), "make")

    assert made.output_parameters == {"Output": 0.5, "size": 2}
    assert isinstance(made.output_parameters["size"], int)


def test_a_file_of_a_boolean_is_read_in_any_case_and_one_of_a_string_as_it_is(
    nested_pipeline: CompiledPipeline, nested_run: Path
) -> None:
    fit = replace(nested_pipeline.task("fit"), output_parameters={"good": "BOOLEAN", "note": "STRING"})
    (nested_run / "fit" / "good").write_text("True")
    (nested_run / "fit" / "note").write_text('"quoted"')

    assert read_task_files(nested_run, fit).parameters == {"good": True, "note": '"quoted"'}


def test_a_parameter_file_of_another_type_is_left_out_and_told(
    nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    (nested_run / "make" / "size").write_text("two")

    run = describe_run(nested_run, nested_pipeline)

    assert task_of(run, "make").output_parameters == {"Output": 0.5}
    assert any("is no NUMBER_INTEGER" in warning for warning in run.warnings)


def test_a_folder_that_belongs_to_no_component_is_told(nested_run: Path, nested_pipeline: CompiledPipeline) -> None:
    (nested_run / "stranger").mkdir()

    run = describe_run(nested_run, nested_pipeline)

    assert any("'stranger'" in warning and "belongs to no component" in warning for warning in run.warnings)


def test_a_root_gives_all_runs_of_the_pipeline_oldest_first(
    pipeline_root: Path, nested_run: Path, failed_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    assert find_run_folders(pipeline_root, nested_pipeline) == (nested_run, failed_run)


def test_the_folder_of_one_run_gives_that_run(nested_run: Path, nested_pipeline: CompiledPipeline) -> None:
    assert find_run_folders(nested_run, nested_pipeline) == (nested_run,)


def test_the_folder_of_a_run_may_have_been_renamed(
    tmp_path: Path, nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    renamed = nested_run.rename(tmp_path / "best run")

    assert find_run_folders(renamed, nested_pipeline) == (renamed,)


def test_the_folder_of_another_pipelines_run_is_refused(
    breast_cancer_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    with pytest.raises(InvalidArgument, match="is a run of pipeline 'breast-cancer', and --pipeline holds 'nested'"):
        find_run_folders(breast_cancer_run, nested_pipeline)


def test_a_root_without_runs_of_the_pipeline_is_refused_with_the_names_of_those_it_has(
    pipeline_root: Path, nested_run: Path, failed_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    shutil.rmtree(nested_run)
    shutil.rmtree(failed_run)

    with pytest.raises(InvalidArgument, match="It holds runs of 'breast-cancer'"):
        find_run_folders(pipeline_root, nested_pipeline)


def test_an_empty_root_is_refused_with_what_a_run_looks_like(tmp_path: Path, nested_pipeline: CompiledPipeline) -> None:
    with pytest.raises(InvalidArgument, match="A run's folder is named after its pipeline and start"):
        find_run_folders(tmp_path, nested_pipeline)


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path, nested_pipeline: CompiledPipeline) -> None:
    with pytest.raises(InvalidArgument, match="is not a folder"):
        find_run_folders(tmp_path / "nowhere", nested_pipeline)


def test_a_run_without_any_task_of_the_pipeline_is_refused(
    breast_cancer_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    with pytest.raises(InvalidArgument, match="holds no task of pipeline 'nested'"):
        describe_run(breast_cancer_run, nested_pipeline)


def test_a_note_of_what_a_run_was_recorded_as_is_read_back(nested_run: Path) -> None:
    write_recorded_as(nested_run, "the-run")

    assert read_recorded_as(nested_run) == "the-run"


@pytest.mark.parametrize("content", ["", "[]", '{"run_id": 7}', "{"])
def test_a_damaged_note_of_what_a_run_was_recorded_as_counts_as_none(nested_run: Path, content: str) -> None:
    (nested_run / "artifactd-run.json").write_text(content)

    assert read_recorded_as(nested_run) is None


def test_a_root_that_does_not_exist_holds_no_runs(tmp_path: Path) -> None:
    assert list_run_folders(tmp_path / "nowhere", "nested") == frozenset()
