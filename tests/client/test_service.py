"""Every method of our client against our real server."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from typing import Any

import artifactd_client
import pytest
from artifactd_client import (
    ApiClient,
    ApiException,
    ArtifactArtifactType,
    ArtifactServiceApi,
    GooglerpcStatus,
    HealthzServiceApi,
    PipelineTaskDetailChildTask,
    PredicateStringValues,
    ProtobufAny,
    RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired,
    RunServiceApi,
    V2beta1Artifact,
    V2beta1ArtifactList,
    V2beta1ArtifactTask,
    V2beta1ArtifactTaskType,
    V2beta1BatchLogMetricsRequest,
    V2beta1CreateArtifactRequest,
    V2beta1CreateArtifactsBulkRequest,
    V2beta1CreateArtifactTaskRequest,
    V2beta1CreateArtifactTasksBulkRequest,
    V2beta1Filter,
    V2beta1IOProducer,
    V2beta1LogMetricRequest,
    V2beta1Metric,
    V2beta1MetricSchema,
    V2beta1MetricType,
    V2beta1PipelineTaskDetail,
    V2beta1PipelineTaskExecutorDetail,
    V2beta1PipelineVersionReference,
    V2beta1Predicate,
    V2beta1PredicateOperation,
    V2beta1Run,
    V2beta1RuntimeConfig,
    V2beta1RuntimeState,
    every,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Api

MOMENT = dt.datetime(2026, 1, 31, 12, 30, 0, 123456, tzinfo=dt.UTC)
NAMES = ["val/loss", "50%", "%2F", "two words", "ünïcode 🙂", "a+b;c?d#e&f=g", "../up", "'\"<>\\", "x" * 256]
DOUBLES: list[float] = [0, -1, 2**53 + 1, 0.1, 5e-324, -0.0, 1.7976931348623157e308, math.nan, math.inf, -math.inf]
NUMBERS = [0, -1, 2**53 + 1, 10**400, 0.1 + 0.2, 5e-324, -0.0, 1.7976931348623157e308]


def create(artifacts: ArtifactServiceApi, **fields: Any) -> V2beta1Artifact:
    """An artifact; fields of the request itself go under `request`."""
    request = fields.pop("request", {})
    artifact = V2beta1Artifact(**{"name": "model", **fields})
    return artifacts.create_artifact(V2beta1CreateArtifactRequest(artifact=artifact, **request))


def point(**fields: Any) -> V2beta1Metric:
    """A point of a metric."""
    return V2beta1Metric(**{"task_id": "train", "name": "loss", "value": 0.5, **fields})


def log(artifacts: ArtifactServiceApi, **fields: Any) -> V2beta1Metric:
    """A point that is logged."""
    return artifacts.log_metric(V2beta1LogMetricRequest(metric=point(**fields)))


def id_of(artifact: V2beta1Artifact) -> str:
    """An artifact's id, which the server has made."""
    assert artifact.artifact_id
    return artifact.artifact_id


def shown(message: Any, given: Any) -> dict[str, Any]:
    """The fields of a message that another one has set."""
    return {name: getattr(message, name) for name in given.set_fields()}


def test_every_field_of_an_artifact_comes_back(artifacts: ArtifactServiceApi) -> None:
    sent = V2beta1Artifact(
        name="ünïcode / model",
        type=ArtifactArtifactType.MODEL,
        uri="s3://bucket/a b?c=d#e",
        metadata={"a": {"b": [1, 2.5, None, True, "🙂"]}, "": {}, "numbers": NUMBERS},
        namespace="team",
        description="line\nbreak",
        number_value=0.1,
    )

    made = artifacts.create_artifact(V2beta1CreateArtifactRequest(artifact=sent))

    assert shown(made, sent) == shown(sent, sent)
    assert made.artifact_id
    assert made.created_at == made.updated_at
    assert made.created_at is not None
    assert made.created_at.tzinfo is not None
    assert artifacts.get_artifact(made.artifact_id) == made


def test_an_artifact_may_be_given_as_a_dictionary(artifacts: ArtifactServiceApi) -> None:
    made = artifacts.create_artifact({"artifact": {"name": "model", "metadata": {"at": MOMENT}}})

    assert made.metadata == {"at": MOMENT.isoformat()}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_metadata_may_hold_numbers_that_are_not_finite(artifacts: ArtifactServiceApi, value: float) -> None:
    made = create(artifacts, metadata={"n": value})

    assert made.metadata is not None
    assert repr(float(made.metadata["n"])) == repr(value)


def test_an_artifact_of_a_task_is_its_output(artifacts: ArtifactServiceApi) -> None:
    request = {"run_id": "run-1", "task_id": "train", "producer_key": "out", "iteration_index": "3"}

    made = create(artifacts, request=request)

    [link] = artifacts.list_artifact_tasks(task_ids=["train"], type="OUTPUT").artifact_tasks or []
    assert (link.artifact_id, link.run_id, link.key) == (made.artifact_id, "run-1", "out")
    assert link.producer == V2beta1IOProducer(iteration="3")


def test_an_artifact_that_exists_is_reused_if_that_is_asked(artifacts: ArtifactServiceApi) -> None:
    reuse = {"reuse_if_exists": True}

    assert create(artifacts, request=reuse) == create(artifacts, request=reuse)
    assert artifacts.list_artifacts().total_size == 1


def test_an_update_keeps_what_is_unset(artifacts: ArtifactServiceApi) -> None:
    made = create(artifacts, description="old", metadata={"a": 1}, uri="s3://a", number_value=1.5)

    changed = artifacts.update_artifact(
        id_of(made), RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired(metadata={"b": 2})
    )

    assert changed.metadata == {"b": 2}
    kept = ("artifact_id", "name", "type", "description", "uri", "number_value", "created_at", "namespace")
    assert [getattr(changed, name) for name in kept] == [getattr(made, name) for name in kept]


def test_what_was_read_may_be_changed_and_sent_back(artifacts: ArtifactServiceApi) -> None:
    made = create(artifacts)
    made.description = "new"

    changed = artifacts.update_artifact(id_of(made), made)

    assert changed.description == "new"
    assert artifacts.get_artifact(id_of(made)) == changed


def test_headers_hold_the_version_for_a_conditional_update(client: ApiClient, artifacts: ArtifactServiceApi) -> None:
    made = create(artifacts)
    tags = [artifacts.get_artifact_with_http_info(id_of(made))[2]["ETag"]]
    tags.append(artifacts.update_artifact_with_http_info(id_of(made), {"name": "new"})[2]["etag"])
    client.set_default_header("If-Match", tags[0])

    with pytest.raises(ApiException) as caught:
        artifacts.update_artifact(id_of(made), {"name": "newer"})

    assert len(set(tags)) == 2
    assert (caught.value.status, caught.value.code) == (409, 10)


def test_artifacts_are_listed_in_pages(artifacts: ArtifactServiceApi) -> None:
    for name in "abc":
        create(artifacts, name=name)

    first = artifacts.list_artifacts(page_size=2, sort_by="name desc")
    second = artifacts.list_artifacts(page_size=2, page_token=first.next_page_token)

    assert [each.name for page in (first, second) for each in page.artifacts or []] == ["c", "b", "a"]
    assert (first.total_size, second.next_page_token) == (3, "")


def test_every_gives_all_pages(artifacts: ArtifactServiceApi) -> None:
    for name in "abcde":
        create(artifacts, name=name)

    assert [each.name for each in every(artifacts.list_artifacts, page_size=2, sort_by="name")] == list("abcde")


def test_an_empty_page_has_its_three_fields(artifacts: ArtifactServiceApi) -> None:
    page = artifacts.list_artifacts(page_token="", namespace="nobody")

    assert (page.artifacts, page.total_size, page.next_page_token) == ([], 0, "")


PREDICATES: dict[str, dict[str, Any]] = {
    "text": {"operation": "EQUALS", "key": "name", "string_value": "a/b+c 50%"},
    "a substring": {"operation": "IS_SUBSTRING", "key": "name", "string_value": "+c 50%"},
    "texts": {
        "operation": V2beta1PredicateOperation.IN,
        "key": "name",
        "string_values": PredicateStringValues(["x", "a/b+c 50%"]),
    },
    "a number": {"operation": "GREATER_THAN", "key": "number_value", "double_value": 1.25},
    "an integer": {"operation": "EQUALS", "key": "metadata.epoch", "long_value": "3"},
    "true": {"operation": "EQUALS", "key": "metadata.best", "bool_value": True},
    "a time": {"operation": "LESS_THAN", "key": "created_at", "timestamp_value": dt.datetime(2025, 10, 9, 8, 53, 21)},  # noqa: DTZ001 - a time without an offset is UTC.
}  # fmt: skip


@pytest.mark.parametrize("predicate", PREDICATES.values(), ids=PREDICATES)
@pytest.mark.parametrize("form", ["message", "dictionary", "text"])
def test_a_filter_may_be_a_message_a_dictionary_or_text(
    api: Api, client: ApiClient, artifacts: ArtifactServiceApi, predicate: dict[str, Any], form: str
) -> None:
    create(artifacts, name="a/b+c 50%", number_value=1.5, metadata={"epoch": 3, "best": True})
    assert api.clock is not None
    api.clock.advance(10)
    create(artifacts, name="a/b+c 50", number_value=1.0, metadata={"epoch": 4, "best": False})
    message = V2beta1Filter(predicates=[V2beta1Predicate(**predicate)])
    plain = client.sanitize_for_serialization(message)
    forms: dict[str, Any] = {"message": message, "dictionary": plain, "text": json.dumps(plain)}

    page = artifacts.list_artifacts(filter=forms[form])

    assert [each.name for each in page.artifacts or []] == ["a/b+c 50%"]


def test_artifacts_are_created_in_batches(artifacts: ArtifactServiceApi) -> None:
    requests = [V2beta1CreateArtifactRequest(artifact=V2beta1Artifact(name=name)) for name in "ab"]

    made = artifacts.batch_create_artifacts(V2beta1CreateArtifactsBulkRequest(artifacts=requests))

    assert [each.name for each in made.artifacts or []] == ["a", "b"]
    assert artifacts.list_artifacts().artifacts == made.artifacts


def test_every_field_of_a_metric_comes_back(artifacts: ArtifactServiceApi) -> None:
    sent = point(
        schema=V2beta1MetricSchema.METRIC,
        type=V2beta1MetricType.OUTPUT,
        created_at=MOMENT,
        step=2**40,
        namespace="team",
        run_id="run-1",
    )

    logged = artifacts.log_metric(V2beta1LogMetricRequest(metric=sent))

    assert shown(logged, sent) == shown(sent, sent)
    assert artifacts.get_metric("train", "loss") == logged


@pytest.mark.parametrize("value", DOUBLES, ids=repr)
def test_a_number_comes_back_as_the_double_that_it_is(artifacts: ArtifactServiceApi, value: float) -> None:
    log(artifacts, value=value)

    [listed] = artifacts.list_metrics().metrics or []
    found = [artifacts.get_metric("train", "loss").value, listed.value]
    assert [repr(float(each)) for each in found] == [repr(float(value))] * 2


def test_a_curve_comes_back_as_it_is(artifacts: ArtifactServiceApi) -> None:
    value: Any = {"confidenceMetrics": [{"confidenceThreshold": 10**30, "recall": 0.1}], "null": None, "deep": [[[]]]}

    log(artifacts, schema=V2beta1MetricSchema.CLASSIFICATIONMETRIC, value=value)

    assert artifacts.get_metric("train", "loss").value == value


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_of_any_name_is_found(artifacts: ArtifactServiceApi, name: str) -> None:
    logged = log(artifacts, name=name)

    assert artifacts.get_metric("train", name) == logged
    assert artifacts.get_metric_history("train", name).metrics == [logged]


@given(
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=256).filter(
        lambda name: name not in (".", "..")
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_server_decodes_the_name_that_the_client_was_given(artifacts: ArtifactServiceApi, name: str) -> None:
    log(artifacts, name=name)

    assert artifacts.get_metric("train", name).name == name


def test_a_metric_has_a_history(artifacts: ArtifactServiceApi) -> None:
    for step in range(5):
        log(artifacts, step=step, value=float(step))

    assert [each.value for each in every(artifacts.get_metric_history, "train", "loss", page_size=2)] == [0, 1, 2, 3, 4]
    assert artifacts.get_metric("train", "loss").step == 4


def test_metrics_are_logged_in_batches(artifacts: ArtifactServiceApi) -> None:
    batch = V2beta1BatchLogMetricsRequest(metrics=[point(name=name, value=math.nan) for name in "ab"])

    logged = artifacts.batch_log_metrics(batch)

    assert [(each.name, repr(each.value)) for each in logged.metrics or []] == [("a", "nan"), ("b", "nan")]


def test_metrics_are_listed_by_task_and_run(artifacts: ArtifactServiceApi) -> None:
    for task_id, run_id in (("a", "r"), ("b", "r"), ("c", "s")):
        log(artifacts, task_id=task_id, run_id=run_id)

    def found(**query: Any) -> list[Any]:
        return [each.task_id for each in artifacts.list_metrics(**query).metrics or []]

    assert found(task_ids=["a", "c"]) == ["a", "c"]
    assert found(run_ids=("r",), sort_by="task_id desc") == ["b", "a"]
    assert found(task_ids="b", run_ids=[]) == ["b"]
    assert found(filter=V2beta1Filter([V2beta1Predicate("EQUALS", "task_id", string_value="c")])) == ["c"]


def test_links_are_made_one_by_one_and_in_batches(artifacts: ArtifactServiceApi) -> None:
    made = create(artifacts)
    link = V2beta1ArtifactTask(
        artifact_id=made.artifact_id,
        task_id="train",
        type=V2beta1ArtifactTaskType.ITERATOR_INPUT,
        run_id="run-1",
        key="data",
        producer=V2beta1IOProducer(task_name="load", iteration="4"),
    )

    first = artifacts.create_artifact_task(V2beta1CreateArtifactTaskRequest(artifact_task=link))
    batch = artifacts.batch_create_artifact_tasks(V2beta1CreateArtifactTasksBulkRequest(artifact_tasks=[link]))

    assert shown(first, link) == shown(link, link)
    assert batch.artifact_tasks == [first]
    assert artifacts.list_artifact_tasks(artifact_ids=[id_of(made)]).artifact_tasks == [first]
    assert artifacts.list_artifact_tasks(type="OUTPUT").total_size == 0


def test_lineage_tells_what_lies_around(artifacts: ArtifactServiceApi) -> None:
    made = create(artifacts, request={"task_id": "train"})

    around = artifacts.get_lineage(artifact_id=made.artifact_id, direction="UPSTREAM", max_depth=3, max_nodes=10)

    assert around.artifacts == [made]
    assert [task.task_id for task in around.tasks or []] == ["train"]
    assert [link.artifact_id for link in around.artifact_tasks or []] == [made.artifact_id]
    assert around.truncated is False


def whole_task(**fields: Any) -> V2beta1PipelineTaskDetail:
    """A task with every field that may be sent."""
    detail = ProtobufAny(type="type.googleapis.com/x", value=base64.b64encode(b"why").decode())
    given: dict[str, Any] = {
        "run_id": "run-1",
        "task_id": "train",
        "display_name": "Train",
        "create_time": MOMENT,
        "start_time": MOMENT,
        "end_time": MOMENT,
        "executor_detail": V2beta1PipelineTaskExecutorDetail(main_job="job", failed_main_jobs=["job-0"]),
        "state": V2beta1RuntimeState.FAILED,
        "execution_id": "7",
        "error": GooglerpcStatus(code=13, message="out of memory", details=[detail]),
        "parent_task_id": "root",
        "pod_name": "pod-1",
        "namespace": "team",
        "name": "train-step",
        "input_parameters": {"epochs": 3, "rate": 0.1, "nothing": None},
        "output_parameters": {"best": [1, {"a": True}]},
        "labels": {"team": "blue"},
    }
    return V2beta1PipelineTaskDetail(**given | fields)


def test_every_field_of_a_task_comes_back(artifacts: ArtifactServiceApi, runs: RunServiceApi) -> None:
    made = create(artifacts, namespace="team")
    sent = whole_task(outputs={"model": V2beta1ArtifactList(artifact_ids=[id_of(made)])})

    task = runs.create_task(sent)

    assert shown(task, sent) == shown(sent, sent)
    assert [status.state for status in task.state_history or []] == ["FAILED"]
    assert runs.get_task("train") == task
    assert runs.list_tasks(run_id="run-1").tasks == [task]


def test_a_task_knows_those_that_it_started(runs: RunServiceApi) -> None:
    for name, parent in (("root", None), ("train", "root")):
        runs.create_task(V2beta1PipelineTaskDetail(task_id=name, run_id="r", parent_task_id=parent, pod_name="pod"))

    assert runs.get_task("root").child_tasks == [PipelineTaskDetailChildTask(task_id="train", pod_name="pod")]


def test_an_update_of_a_task_keeps_what_is_unset(runs: RunServiceApi) -> None:
    task = runs.create_task(whole_task())

    changed = runs.update_task("train", V2beta1PipelineTaskDetail(state=V2beta1RuntimeState.SUCCEEDED))

    assert [status.state for status in changed.state_history or []] == ["FAILED", "SUCCEEDED"]
    changed.state, changed.state_history = task.state, task.state_history
    assert changed == task


def test_tasks_are_listed_by_parent_and_order(runs: RunServiceApi) -> None:
    for name, parent in (("a", "root"), ("b", "root"), ("c", "other")):
        runs.create_task(V2beta1PipelineTaskDetail(task_id=name, run_id="r", parent_task_id=parent))

    page = runs.list_tasks(parent_id="root", order_by="create_time desc", page_size=1)
    rest = runs.list_tasks(page_token=page.next_page_token)

    assert [task.task_id for tasks in (page, rest) for task in tasks.tasks or []] == ["b", "a"]
    assert page.total_size == 2


def test_every_field_of_a_run_comes_back(runs: RunServiceApi) -> None:
    sent = V2beta1Run(
        display_name="nightly",
        experiment_id="exp-1",
        description="every night",
        state=V2beta1RuntimeState.FAILED,
        storage_state="ARCHIVED",
        error=GooglerpcStatus(code=13, message="oops"),
        pipeline_spec={"components": {"a": {"executorLabel": "exec"}}},
        pipeline_version_reference=V2beta1PipelineVersionReference("p", "v"),
        runtime_config=V2beta1RuntimeConfig(parameters={"epochs": 3, "none": None}, pipeline_root="s3://bucket"),
        scheduled_at=MOMENT,
        finished_at=MOMENT,
        namespace="team",
        pipeline_name="training",
        labels={"team": "blue"},
    )

    run = runs.update_run("run-1", sent)

    assert shown(run, sent) == shown(sent, sent)
    assert runs.run_service_get_run("run-1", experiment_id="exp-1").display_name == "nightly"
    assert [each.run_id for each in runs.run_service_list_runs(experiment_id="exp-1").runs or []] == ["run-1"]


def test_runs_are_listed_without_their_specifications_where_that_is_asked_for(runs: RunServiceApi) -> None:
    runs.update_run("run-1", {"pipeline_spec": {"root": {}}})

    [whole] = runs.run_service_list_runs(view="FULL").runs or []
    [basic] = runs.run_service_list_runs(view="BASIC").runs or []

    assert whole.pipeline_spec == {"root": {}}
    assert (basic.run_id, basic.pipeline_spec) == ("run-1", None)


def test_a_run_has_its_tasks(runs: RunServiceApi) -> None:
    task = runs.create_task(V2beta1PipelineTaskDetail(task_id="train", run_id="run-1", state="RUNNING"))

    run = runs.run_service_get_run("run-1")

    assert run.state == "RUNNING"
    assert run.run_details is not None
    assert [each.task_id for each in run.run_details.task_details or []] == [task.task_id]


def test_healthz_says_what_kind_of_server_it_is(health: HealthzServiceApi) -> None:
    for found in (health.healthz_service_get_healthz(), health.get_healthz()):
        assert (found.multi_user, found.pipeline_store) == (False, "database")


def test_an_unknown_artifact_is_an_api_exception_with_the_servers_words(artifacts: ArtifactServiceApi) -> None:
    with pytest.raises(ApiException, match="Not Found") as caught:
        artifacts.get_artifact("a/b")

    assert (caught.value.status, caught.value.code) == (404, 5)
    assert "a/b" in (caught.value.message or "")


def test_bad_input_is_an_api_exception_that_names_the_field(artifacts: ArtifactServiceApi) -> None:
    with pytest.raises(ApiException) as caught:
        artifacts.create_artifact({"artifact": {"nmae": "model"}})

    assert caught.value.status == 400
    assert "nmae" in (caught.value.message or "")


def test_the_package_shows_every_class_that_is_used_here_under_kfps_name() -> None:
    import kfp_server_api

    for name in artifactd_client.__all__:
        if name != "__version__":
            assert getattr(kfp_server_api, name) is getattr(artifactd_client, name)
