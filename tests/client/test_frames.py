"""Lists become pandas frames, whole, with columns and types that do not depend on what happens to be listed."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from artifactd_client import (
    ApiTypeError,
    ArtifactServiceApi,
    V2beta1Artifact,
    V2beta1ListArtifactResponse,
    V2beta1ListMetricsResponse,
    V2beta1Metric,
    artifacts_frame,
    every,
    metrics_frame,
)
from support import Api

METRIC_COLUMNS = ["run_id", "task_id", "name", "value", "step", "schema", "type", "created_at", "namespace"]
ARTIFACT_COLUMNS = [
    "artifact_id", "name", "type", "uri", "description", "number_value", "created_at", "updated_at", "namespace",
]  # fmt: skip


def test_a_frame_holds_every_page_of_metrics(api: Api, artifacts: ArtifactServiceApi) -> None:
    points = [{"task_id": f"t{number}", "name": "loss", "value": number} for number in range(450)]
    api.ok("POST", "/metrics:batchLog", {"metrics": points})

    frame = metrics_frame(artifacts)

    assert list(frame["value"]) == list(range(450))


def test_a_frame_holds_every_page_of_artifacts(api: Api, artifacts: ArtifactServiceApi) -> None:
    requests = [{"artifact": {"name": f"model-{number}"}} for number in range(410)]
    api.ok("POST", "/artifacts:batchCreate", {"artifacts": requests})

    assert list(artifacts_frame(artifacts)["name"]) == [f"model-{number}" for number in range(410)]


def test_a_query_narrows_what_a_service_gives(api: Api, artifacts: ArtifactServiceApi) -> None:
    for run in ("a", "b"):
        api.metric(task_id=f"task-{run}", run_id=run)

    assert list(metrics_frame(artifacts, run_ids=["b"])["run_id"]) == ["b"]


def test_values_that_are_numbers_have_a_column_of_numbers(api: Api, artifacts: ArtifactServiceApi) -> None:
    for number, value in enumerate([1, 0.5, "NaN", "Infinity", "-Infinity"]):
        api.metric(task_id=f"t{number}", value=value)

    values = metrics_frame(artifacts)["value"]

    assert values.dtype == "float64"
    assert list(values)[:2] == [1.0, 0.5]
    assert math.isnan(values[2])
    assert list(values)[3:] == [math.inf, -math.inf]


def test_values_that_are_whole_numbers_are_floats_too(api: Api, artifacts: ArtifactServiceApi) -> None:
    api.metric(value=3)

    assert metrics_frame(artifacts)["value"].dtype == "float64"


def test_a_curve_stays_the_object_that_it_is(api: Api, artifacts: ArtifactServiceApi) -> None:
    curve = {"confidenceMetrics": [{"falsePositiveRate": 0.0, "recall": 1.0, "confidenceThreshold": 0.5}]}
    api.metric(task_id="a", value=0.5)
    api.metric(task_id="b", name="roc", value=curve, schema="ClassificationMetric")

    frame = metrics_frame(artifacts)

    assert list(frame["value"]) == [0.5, curve]


def test_steps_are_whole_numbers_and_may_be_missing() -> None:
    steps = metrics_frame([V2beta1Metric(task_id="a", step=2**53 + 1), V2beta1Metric(task_id="b")])["step"]

    assert steps.dtype == "Int64"
    assert steps[0] == 2**53 + 1
    assert steps[1] is pd.NA


def test_times_are_in_utc_and_exact(api: Api, artifacts: ArtifactServiceApi) -> None:
    made = api.artifact()

    frame = artifacts_frame(artifacts)

    for column in ("created_at", "updated_at"):
        assert str(frame[column].dt.tz) == "UTC"
        assert frame[column][0] == pd.Timestamp(made[column])


def test_each_key_of_metadata_has_a_column(api: Api, artifacts: ArtifactServiceApi) -> None:
    api.artifact(name="a", metadata={"accuracy": 0.97, "tags": ["x", "y"]})
    api.artifact(name="b", metadata={"accuracy": 0.5, "framework": "sklearn"})
    api.artifact(name="c")

    frame = artifacts_frame(artifacts)

    assert list(frame.columns) == [*ARTIFACT_COLUMNS, "metadata.accuracy", "metadata.tags", "metadata.framework"]
    assert list(frame["metadata.accuracy"][:2]) == [0.97, 0.5]
    assert frame["metadata.accuracy"].dtype == "float64"
    assert frame["metadata.tags"][0] == ["x", "y"]
    assert frame["metadata.framework"].isna().tolist() == [True, False, True]


def test_empty_lists_keep_their_columns_and_types(artifacts: ArtifactServiceApi) -> None:
    metrics, found = metrics_frame(artifacts), artifacts_frame(artifacts)

    assert list(metrics.columns) == METRIC_COLUMNS
    assert list(found.columns) == ARTIFACT_COLUMNS
    assert (len(metrics), len(found)) == (0, 0)
    assert (str(metrics["created_at"].dt.tz), str(found["updated_at"].dt.tz)) == ("UTC", "UTC")
    assert (metrics["step"].dtype, metrics["value"].dtype, found["number_value"].dtype) == (
        "Int64",
        "float64",
        "float64",
    )


def some_metrics() -> Iterator[V2beta1Metric]:
    yield from (V2beta1Metric(task_id="t", name=name, value=1.0) for name in "ab")


@pytest.mark.parametrize(
    "source",
    [
        V2beta1ListMetricsResponse(metrics=list(some_metrics()), next_page_token="more"),
        list(some_metrics()),
        tuple(some_metrics()),
        some_metrics(),
    ],
    ids=["page", "list", "tuple", "generator"],
)
def test_a_frame_is_made_of_whatever_holds_metrics(source: Any) -> None:
    assert list(metrics_frame(source)["name"]) == ["a", "b"]


def test_a_frame_is_made_of_one_artifact() -> None:
    assert list(artifacts_frame(V2beta1Artifact(name="iris"))["name"]) == ["iris"]


def test_a_history_becomes_a_frame(api: Api, artifacts: ArtifactServiceApi) -> None:
    for step in range(3):
        api.metric(step=str(step), value=1 / (step + 1))

    frame = metrics_frame(every(artifacts.get_metric_history, "t", "loss", page_size=2))

    assert list(frame["step"]) == [0, 1, 2]


def test_runs_by_metrics_are_one_line(api: Api, artifacts: ArtifactServiceApi) -> None:
    for run, accuracy in (("first", 0.9), ("second", 0.95)):
        api.metric(run_id=run, task_id=f"train-{run}", name="accuracy", value=accuracy)
        api.metric(run_id=run, task_id=f"train-{run}", name="loss", value=1 - accuracy)

    table = metrics_frame(artifacts).pivot_table(index="run_id", columns="name", values="value")

    assert table["accuracy"].to_dict() == {"first": 0.9, "second": 0.95}
    assert table["accuracy"].idxmax() == "second"


@pytest.mark.parametrize(
    ("frame", "source", "message"),
    [
        (metrics_frame, [V2beta1Artifact()], "a frame of V2beta1Metric cannot hold a V2beta1Artifact"),
        (artifacts_frame, [V2beta1Metric()], "a frame of V2beta1Artifact cannot hold a V2beta1Metric"),
        (metrics_frame, V2beta1ListArtifactResponse(artifacts=[V2beta1Artifact()]), "cannot hold a V2beta1Artifact"),
        (artifacts_frame, [{"name": "iris"}], "cannot hold a dict"),
    ],
)
def test_what_is_of_another_kind_is_refused(frame: Any, source: Any, message: str) -> None:
    with pytest.raises(ApiTypeError, match=message):
        frame(source)


def test_a_query_without_a_service_is_refused() -> None:
    with pytest.raises(ApiTypeError, match="run_ids: a query goes with a service"):
        metrics_frame([], run_ids=["a"])


def test_an_unknown_word_in_a_query_is_refused(artifacts: ArtifactServiceApi) -> None:
    with pytest.raises(ApiTypeError, match="unexpected keyword argument 'runs'"):
        metrics_frame(artifacts, runs=["a"])


def test_without_pandas_a_frame_says_what_to_install_and_all_else_works() -> None:
    script = (
        "import sys\n"
        "sys.modules['pandas'] = None\n"
        "import artifactd_client\n"
        "print(artifactd_client.V2beta1Metric(name='loss'))\n"
        "try: artifactd_client.metrics_frame([])\n"
        "except artifactd_client.OpenApiException as error: print(error)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.stdout.splitlines() == ["V2beta1Metric(name='loss')", "frames need pandas: pip install pandas"]
    assert done.stderr == ""


def test_importing_the_client_does_not_import_pandas() -> None:
    script = "import sys, artifactd_client; sys.exit('pandas' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
