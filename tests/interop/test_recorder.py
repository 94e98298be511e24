"""Recording a described run in a real server, once and again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support import LiveServer

from artifactd.errors import AlreadyExists, InvalidArgument
from artifactd.interop.compiled import CompiledPipeline
from artifactd.interop.description import MetricDescription, RunDescription, TaskDescription
from artifactd.interop.kfp_local import describe_run
from artifactd.interop.recorder import BYTES_PER_REQUEST_MAX, Recorded, RunRecorder, batches, finite
from artifactd.interop.rest_client import RestClient

API = "/apis/v2beta1"
NAMES = ("artifacts", "tasks", "runs", "metrics", "artifact_tasks")


@pytest.fixture
def client(live_server: LiveServer) -> RestClient:
    """A connection to a server whose store is empty."""
    return RestClient(live_server.url)


def listed(client: RestClient, noun: str, **query: str) -> list[dict[str, Any]]:
    if noun == "artifact_tasks":
        query["type"] = "UNSPECIFIED"
    answer = client.get(f"{API}/{noun}", {"page_size": "200", **query})
    assert not answer["next_page_token"]
    found: list[dict[str, Any]] = answer[noun]
    return found


def everything(client: RestClient) -> dict[str, Any]:
    """All that the server holds, with every value that its metrics ever had."""
    held: dict[str, Any] = {noun: listed(client, noun) for noun in NAMES}
    held["history"] = [
        client.get(f"{API}/metric_history/{each['task_id']}/{quote(each['name'], safe='')}") for each in held["metrics"]
    ]
    return held


def record(client: RestClient, run: RunDescription, run_id: str = "the-run") -> Recorded:
    return RunRecorder(client, run_id).record(run)


@pytest.fixture
def run(breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline) -> RunDescription:
    """The recorded run of `breast-cancer`."""
    return describe_run(breast_cancer_run, breast_cancer_pipeline)


def test_a_recorded_run_is_all_there(client: RestClient, run: RunDescription) -> None:
    recorded = record(client, run)

    assert recorded == Recorded("the-run", tasks=8, artifacts=13, links=29, metrics=16)
    counts = {noun: len(each) for noun, each in everything(client).items()}
    assert counts == {
        "artifacts": 13,
        "tasks": 8,
        "runs": 1,
        "metrics": 16,
        "artifact_tasks": 29,
        "history": 16,
    }


def test_recording_a_run_again_changes_nothing(client: RestClient, run: RunDescription) -> None:
    first = record(client, run)
    before = everything(client)

    again = record(client, run)

    assert again == first
    assert everything(client) == before


def test_recording_a_nested_run_again_changes_nothing(
    client: RestClient, nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    record(client, describe_run(nested_run, nested_pipeline))
    before = everything(client)

    record(client, describe_run(nested_run, nested_pipeline))

    assert everything(client) == before


def test_a_run_that_was_recorded_unfinished_is_completed(
    client: RestClient, nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    output = nested_run / "fit" / "executor_output.json"
    set_aside = output.rename(nested_run / "set aside")
    record(client, describe_run(nested_run, nested_pipeline))
    shutil.move(set_aside, output)

    record(client, describe_run(nested_run, nested_pipeline))

    states = {task["name"]: task.get("state") for task in listed(client, "tasks")}
    assert states == dict.fromkeys(("make", "importer", "evaluation", "score", "fit"), "SUCCEEDED")


def test_a_run_is_called_what_it_was_and_keeps_its_pipeline(client: RestClient, run: RunDescription) -> None:
    record(client, run)

    (recorded,) = listed(client, "runs")
    assert recorded["display_name"] == "breast-cancer-2026-11-23-10-37-06-490499"
    assert recorded["pipeline_name"] == "breast-cancer"
    assert recorded["state"] == "SUCCEEDED"
    assert recorded["pipeline_spec"]["pipelineInfo"]["name"] == "breast-cancer"


def test_states_and_times_that_nobody_knows_stay_unset(
    client: RestClient, failed_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    record(client, describe_run(failed_run, nested_pipeline))

    (fit,) = (task for task in listed(client, "tasks") if task["name"] == "fit")
    assert not {"start_time", "end_time", "error"} & fit.keys()
    assert fit.get("state", "RUNTIME_STATE_UNSPECIFIED") == "RUNTIME_STATE_UNSPECIFIED"


def test_a_link_has_the_tasks_key_and_names_the_producer(client: RestClient, run: RunDescription) -> None:
    record(client, run)

    (picking,) = (task for task in listed(client, "tasks") if task["name"] == "pick-better")
    links = listed(client, "artifact_tasks", task_ids=picking["task_id"])
    assert {(each["type"], each["key"], each.get("producer", {}).get("task_name")) for each in links} >= {
        ("INPUT", "first", "train-logistic-regression"),
        ("INPUT", "second", "train-random-forest"),
        ("INPUT", "first_metrics", "evaluate"),
        ("INPUT", "second_metrics", "evaluate-2"),
    }
    assert [each["key"] for each in links if each["type"] == "OUTPUT"] == ["chosen"]


def test_the_lineage_of_the_chosen_model_leads_back_to_the_data(client: RestClient, run: RunDescription) -> None:
    record(client, run)
    (chosen,) = (each for each in listed(client, "artifacts") if each["name"] == "chosen")

    lineage = client.get(f"{API}/lineage", {"artifact_id": chosen["artifact_id"], "direction": "UPSTREAM"})

    assert sorted(each["name"] for each in lineage["artifacts"]) == sorted(
        ["chosen", "model", "model", "metrics", "metrics", "train", "test", "data"]
    )


def test_an_infinite_threshold_comes_back(client: RestClient, run: RunDescription) -> None:
    record(client, run)

    curves = [each for each in listed(client, "metrics") if each["name"] == "roc_curve"]
    assert [each["value"]["confidenceMetrics"][0]["confidenceThreshold"] for each in curves] == ["Infinity"] * 2
    assert {each["schema"] for each in curves} == {"ClassificationMetric"}


def test_a_bare_infinity_of_a_component_comes_back(
    client: RestClient, breast_cancer_run: Path, breast_cancer_pipeline: CompiledPipeline
) -> None:
    output = breast_cancer_run / "evaluate" / "executor_output.json"
    output.write_text(output.read_text().replace('"Infinity"', "Infinity"))

    record(client, describe_run(breast_cancer_run, breast_cancer_pipeline))

    curves = [each for each in listed(client, "metrics") if each["name"] == "roc_curve"]
    assert [each["value"]["confidenceMetrics"][0]["confidenceThreshold"] for each in curves] == ["Infinity"] * 2


def test_two_runs_share_only_what_an_importer_registered(
    client: RestClient, nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    first = describe_run(nested_run, nested_pipeline)

    record(client, first, "first")
    record(client, first, "second")

    names = [each["name"] for each in listed(client, "artifacts")]
    assert sorted(names) == sorted([*["data", "page", "curves", "slices", "test", "train", "model"] * 2, "artifact"])


def test_a_task_of_a_nested_pipeline_has_it_as_its_parent(
    client: RestClient, nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    record(client, describe_run(nested_run, nested_pipeline))

    tasks = {task["name"]: task for task in listed(client, "tasks")}
    assert tasks["score"]["parent_task_id"] == tasks["evaluation"]["task_id"]


def test_a_run_can_be_recorded_in_a_namespace(client: RestClient, run: RunDescription) -> None:
    RunRecorder(client, "the-run", "research").record(run)

    held = everything(client)
    assert {each["namespace"] for noun in ("artifacts", "tasks", "runs", "metrics") for each in held[noun]} == {
        "research"
    }


def test_a_run_id_of_another_pipeline_is_refused(
    client: RestClient, run: RunDescription, nested_run: Path, nested_pipeline: CompiledPipeline
) -> None:
    record(client, run)

    with pytest.raises(
        AlreadyExists, match=r"is a run of pipeline 'breast-cancer', not of 'nested'\. Give --run-id another"
    ):
        record(client, describe_run(nested_run, nested_pipeline))


def test_parameters_that_are_not_finite_are_spelled_as_proto3_json_does(
    client: RestClient, run: RunDescription
) -> None:
    loss = TaskDescription(path="loss", name="loss", display_name="loss", output_parameters={"loss": float("nan")})

    record(client, replace(run, tasks=(loss,)))

    (task,) = listed(client, "tasks")
    assert task["output_parameters"] == {"loss": "NaN"}


def test_a_metric_that_is_not_finite_comes_back(client: RestClient, run: RunDescription, written_at: Any) -> None:
    loss = MetricDescription(name="loss", schema="Metric", value=float("-inf"), created_at=written_at)
    task = TaskDescription(path="fit", name="fit", display_name="fit", metrics=(loss,))

    record(client, replace(run, tasks=(task,)))

    assert [each["value"] for each in listed(client, "metrics")] == ["-Infinity"]


def test_a_refusal_carries_the_servers_words(client: RestClient, run: RunDescription) -> None:
    task = TaskDescription(path="fit", name="fit", display_name="fit", state="FINISHED")

    with pytest.raises(InvalidArgument, match="FINISHED"):
        record(client, replace(run, tasks=(task,)))


def test_batches_are_cut_where_they_would_be_too_long() -> None:
    items = [{"n": number} for number in range(5)]

    assert [len(batch) for batch in batches(items, length_max=2)] == [2, 2, 1]


def test_batches_are_cut_where_they_would_be_too_large() -> None:
    items = [{"text": "x" * (BYTES_PER_REQUEST_MAX // 2)} for _ in range(3)]

    assert [len(batch) for batch in batches(items, length_max=100)] == [1, 1, 1]


def test_an_item_that_is_too_large_by_itself_is_sent_for_the_server_to_refuse() -> None:
    assert [len(batch) for batch in batches([{"text": "x" * 2 * BYTES_PER_REQUEST_MAX}], length_max=100)] == [1]


def test_no_items_make_no_batch() -> None:
    assert list(batches([], length_max=100)) == []


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        ({"a": [float("-inf"), 1.5]}, {"a": ["-Infinity", 1.5]}),
        (None, None),
        (2**70, 2**70),
    ],
)
def test_only_numbers_that_are_not_finite_are_spelled_out(value: Any, spelled: Any) -> None:
    assert finite(value) == spelled
