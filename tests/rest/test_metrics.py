"""log_metric, get_metric, list_metrics and metrics:batchLog (contract, log_metric and get_metric)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support import Api, error_of, fields_of, quoted

CLASSIFICATIONS = ["ClassificationMetric", "SlicedClassificationMetric"]
ROC = {"confidenceMetrics": [{"confidenceThreshold": 0.5, "recall": 1.0, "falsePositiveRate": 0.25}]}
MATRIX = {"confusionMatrix": {"annotationSpecs": [{"displayName": "a"}], "rows": [{"row": [1, 2]}]}}
SLICES = {"evaluationSlices": [{"slice": "x", "sliceClassificationMetrics": ROC}]}
_names = itertools.count()


def new_name() -> str:
    return f"metric-{next(_names)}"


def refusal(api: Api, **fields: Any) -> list[str]:
    reply = api.request("POST", "/metrics", {"metric": {"task_id": "t", "name": "bad", "value": 1, **fields}})
    assert reply.status == 400, reply
    return fields_of(reply)


def current(api: Api, name: str, task_id: str = "t") -> Any:
    return api.get(f"/metrics/{task_id}/{quoted(name)}")


def test_log_metric_answers_the_point_that_it_logged(shared_api: Api) -> None:
    point = {"task_id": "t", "name": new_name(), "value": 0.5, "step": 3, "type": "METRIC_OUTPUT"}

    logged = shared_api.metric(**point)

    assert logged | point == logged
    assert set(logged) == {*point, "schema", "created_at", "namespace"}


def test_get_metric_answers_what_log_metric_answered(shared_api: Api) -> None:
    logged = shared_api.metric(name=new_name(), step=1)

    assert current(shared_api, logged["name"]) == logged


def test_a_metric_carries_its_defaults(shared_api: Api) -> None:
    logged = shared_api.metric(name=new_name())

    assert (logged["schema"], logged["type"], logged["namespace"]) == ("Metric", "METRIC_INPUT", "")
    assert "step" not in logged


@pytest.mark.parametrize("body", [{}, {"metric": None}, {"metric": {}}])
def test_log_metric_needs_a_metric(shared_api: Api, body: Any) -> None:
    reply = shared_api.request("POST", "/metrics", body)

    assert reply.status == 400
    assert set(fields_of(reply)) <= {"metric", "metric.task_id", "metric.name", "metric.value"}


@pytest.mark.parametrize("field", ["task_id", "name", "value"])
def test_log_metric_needs_each_required_field(shared_api: Api, field: str) -> None:
    assert refusal(shared_api, **{field: None}) == [f"metric.{field}"]


@pytest.mark.parametrize("task_id", ["a", "A.z_0:9-", "x" * 128, "..", "-", ":"])
def test_log_metric_takes_every_allowed_task_id(shared_api: Api, task_id: str) -> None:
    assert shared_api.metric(task_id=task_id, name="n")["task_id"] == task_id


@pytest.mark.parametrize("task_id", ["", "x" * 129, "a b", "a/b", "é", "a\n", "a%", "日", 5, True, ["a"]])
def test_log_metric_refuses_another_task_id(shared_api: Api, task_id: Any) -> None:
    assert refusal(shared_api, task_id=task_id) == ["metric.task_id"]


@pytest.mark.parametrize(
    "name",
    [
        "val/loss",
        "/",
        "a/",
        "/a",
        "a//b",
        "...",
        "é",
        "🚀" * 256,
        " ",
        "a b",
        "%2F",
        "a%b",
        "a+b",
        "?",
        "#",
        "\n",
        "\\",
    ],
)
def test_a_metric_of_any_name_is_found_by_its_quoted_name(shared_api: Api, name: str) -> None:
    logged = shared_api.metric(task_id="named", name=name)

    assert current(shared_api, name, "named") == logged


def test_log_metric_refuses_a_name_over_256_characters(shared_api: Api) -> None:
    assert refusal(shared_api, name="🚀" * 257) == ["metric.name"]


@pytest.mark.parametrize("name", ["", ".", "..", "a\0", 5, True, None, ["a"]])
def test_log_metric_refuses_a_name_that_no_url_can_carry_or_that_is_no_text(shared_api: Api, name: Any) -> None:
    assert refusal(shared_api, name=name) == ["metric.name"]


@pytest.mark.parametrize("value", [0, 1, -1.5, 1e308, 5e-324, 0.1 + 0.2, -0.0, 2**53])
def test_a_scalar_metric_is_a_double_to_the_last_bit(shared_api: Api, value: float) -> None:
    name = shared_api.metric(name=new_name(), value=value)["name"]

    found = current(shared_api, name)["value"]
    assert (found, str(float(found))) == (value, str(float(value)))


def test_an_integer_beyond_53_bits_becomes_the_nearest_double(shared_api: Api) -> None:
    assert shared_api.metric(name=new_name(), value=2**53 + 1)["value"] == float(2**53)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_the_names_of_nan_and_the_infinities_are_doubles(shared_api: Api, text: str) -> None:
    name = shared_api.metric(name=new_name(), value=text)["name"]

    assert current(shared_api, name)["value"] == text


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
def test_bare_nan_and_infinities_are_taken_and_go_out_as_strings(shared_api: Api, token: str) -> None:
    body = f'{{"metric": {{"task_id": "t", "name": "bare{token}", "value": {token}}}}}'

    assert shared_api.raw("POST", "/apis/v2beta1/metrics", body.encode()).json["value"] == token
    assert current(shared_api, f"bare{token}")["value"] == token


@pytest.mark.parametrize("bad", ["0.5", "nan", "inf", "", "Infinity ", "+Infinity", True, False, None, {}, [], [1]])
def test_the_schema_metric_refuses_what_is_no_number(shared_api: Api, bad: Any) -> None:
    assert refusal(shared_api, value=bad) == ["metric.value"]


def test_the_schema_metric_refuses_an_integer_beyond_a_double(shared_api: Api) -> None:
    assert refusal(shared_api, value=10**400) == ["metric.value"]


def test_a_number_beyond_a_double_is_refused(shared_api: Api) -> None:
    reply = shared_api.raw("POST", "/apis/v2beta1/metrics", b'{"metric":{"task_id":"t","name":"n","value":1e400}}')

    assert reply.status == 400
    assert fields_of(reply)


@pytest.mark.parametrize("schema", CLASSIFICATIONS)
@pytest.mark.parametrize("value", [ROC, MATRIX, SLICES, {}, [], {"any": [None, True, 2**70, "x"]}, [[1]]], ids=str)
def test_a_classification_keeps_any_json_object_or_array(shared_api: Api, schema: str, value: Any) -> None:
    name = shared_api.metric(name=new_name(), schema=schema, value=value)["name"]

    assert current(shared_api, name)["value"] == value


@pytest.mark.parametrize("schema", CLASSIFICATIONS)
@pytest.mark.parametrize("bad", [1, 0.5, "text", "NaN", True, None])
def test_a_classification_refuses_what_is_no_object_or_array(shared_api: Api, schema: str, bad: Any) -> None:
    assert refusal(shared_api, schema=schema, value=bad) == ["metric.value"]


def test_a_classification_keeps_an_infinite_threshold(shared_api: Api) -> None:
    body = (
        b'{"metric": {"task_id": "t", "name": "roc-inf", "schema": "ClassificationMetric", '
        b'"value": {"confidenceMetrics": [{"confidenceThreshold": Infinity, "recall": 0, "falsePositiveRate": NaN}]}}}'
    )

    assert shared_api.raw("POST", "/apis/v2beta1/metrics", body).status == 200
    assert current(shared_api, "roc-inf")["value"] == {
        "confidenceMetrics": [{"confidenceThreshold": "Infinity", "recall": 0, "falsePositiveRate": "NaN"}]
    }


def value_of(size: int) -> list[str]:
    return ["x" * (size - len('[""]'))]


def test_a_classification_may_have_one_mebibyte_of_json(shared_api: Api) -> None:
    logged = shared_api.metric(name=new_name(), schema="ClassificationMetric", value=value_of(1 << 20))

    assert logged["value"] == value_of(1 << 20)


def test_log_metric_refuses_json_over_one_mebibyte(shared_api: Api) -> None:
    bad = refusal(shared_api, schema="ClassificationMetric", value=value_of((1 << 20) + 1))

    assert bad == ["metric.value"]


@pytest.mark.parametrize("field", ["schema", "type"])
@pytest.mark.parametrize("bad", ["", "Nonsense", "METRIC", "metric_input", 0, 1, "1", True, {}])
def test_log_metric_refuses_another_enum_value(shared_api: Api, field: str, bad: Any) -> None:
    assert refusal(shared_api, **{field: bad}) == [f"metric.{field}"]


@pytest.mark.parametrize("step", [0, 5, -5, (1 << 63) - 1, -(1 << 63)])
def test_a_step_is_an_integer_of_64_bits_as_number_or_string(shared_api: Api, step: int) -> None:
    assert shared_api.metric(name=new_name(), step=step)["step"] == step
    assert shared_api.metric(name=new_name(), step=str(step))["step"] == step


@pytest.mark.parametrize(
    "bad", [1.5, "1.5", "x", "", " 1", "+1", "01", "1_0", "٣", True, [], {}, 1 << 63, str(1 << 63)]
)
def test_log_metric_refuses_a_step_that_is_no_integer_of_64_bits(shared_api: Api, bad: Any) -> None:
    assert refusal(shared_api, step=bad) == ["metric.step"]


def test_a_metric_is_never_refused_for_arriving_before_its_task(api: Api) -> None:
    api.metric(task_id="early", namespace="team", run_id="r")

    task = api.get("/tasks/early")
    assert (task["namespace"], task["run_id"], task["state"]) == ("team", "r", "RUNTIME_STATE_UNSPECIFIED")


def test_create_task_fills_in_the_stub_that_a_metric_made(api: Api) -> None:
    api.metric(task_id="early")

    made = api.task(task_id="early", run_id="r", display_name="train", state="SUCCEEDED")

    assert (made["display_name"], made["run_id"]) == ("train", "r")
    assert current(api, "loss", "early")["run_id"] == "r"


def test_a_metric_belongs_to_its_tasks_namespace_and_run(shared_api: Api) -> None:
    shared_api.task(task_id="owned", namespace="team", run_id="owned-run")

    logged = shared_api.metric(task_id="owned")

    assert (logged["namespace"], logged["run_id"]) == ("team", "owned-run")


@pytest.mark.parametrize(("field", "other"), [("namespace", "other"), ("run_id", "other-run")])
def test_log_metric_refuses_another_namespace_or_run_than_the_tasks(shared_api: Api, field: str, other: str) -> None:
    if shared_api.request("GET", "/tasks/fixed").status == 404:
        shared_api.task(task_id="fixed", namespace="team", run_id="fixed-run")

    assert refusal(shared_api, task_id="fixed", **{field: other}) == [f"metric.{field}"]


def test_log_metric_refuses_a_run_of_another_namespace(shared_api: Api) -> None:
    shared_api.task(run_id="run-of-team", namespace="team")

    assert refusal(shared_api, task_id="stray", run_id="run-of-team", namespace="other") == ["metric.run_id"]
    assert shared_api.request("GET", "/tasks/stray").status == 404


def test_a_stub_without_a_namespace_goes_to_that_of_its_run(shared_api: Api) -> None:
    shared_api.task(run_id="run-of-crew", namespace="crew")

    assert shared_api.metric(task_id="in-crew", run_id="run-of-crew")["namespace"] == "crew"


@pytest.mark.parametrize(("task_id", "name"), [("t", "unknown"), ("unknown", "n"), ("a%20b", "n")])
def test_get_metric_of_an_unknown_key_is_404(shared_api: Api, task_id: str, name: str) -> None:
    reply = shared_api.request("GET", f"/metrics/{task_id}/{name}")

    assert (reply.status, error_of(reply)["code"]) == (404, 5)


def test_metric_names_are_case_sensitive_and_keep_trailing_blanks(shared_api: Api) -> None:
    for value, name in enumerate(("loss", "Loss", "loss ")):
        shared_api.metric(task_id="cases", name=name, value=value)

    assert [current(shared_api, name, "cases")["value"] for name in ("loss", "Loss", "loss ")] == [0, 1, 2]


def test_list_metrics_shows_each_metric_once_in_the_order_of_first_logging(api: Api) -> None:
    for name in ("b", "a", "b", "c"):
        api.metric(name=name)

    assert [item["name"] for item in api.get("/metrics")["metrics"]] == ["b", "a", "c"]


def test_list_metrics_by_tasks_and_runs(api: Api) -> None:
    for task_id, run_id in (("t1", "r1"), ("t2", "r1"), ("t3", "r2")):
        api.metric(task_id=task_id, run_id=run_id)

    def tasks_of(**query: Any) -> list[str]:
        answer = api.get("/metrics", **query)
        assert answer["total_size"] == len(answer["metrics"])
        return [item["task_id"] for item in answer["metrics"]]

    assert tasks_of(task_ids=["t1", "t3"]) == ["t1", "t3"]
    assert tasks_of(run_ids="r1") == ["t1", "t2"]
    assert tasks_of(run_ids=["r1", "r2"], task_ids=["t2", "t3"]) == ["t2", "t3"]
    assert tasks_of(run_ids="r2", task_ids="t1") == []


def test_list_metrics_of_one_namespace(api: Api) -> None:
    api.metric(task_id="t1", namespace="a")
    api.metric(task_id="t2", namespace="b")

    assert [item["task_id"] for item in api.get("/metrics", namespace="b")["metrics"]] == ["t2"]


def test_batch_log_answers_every_point_in_order(api: Api) -> None:
    points = [{"task_id": "t", "name": "loss", "value": value, "step": value} for value in (2, 1, 3)]

    answer = api.ok("POST", "/metrics:batchLog", {"metrics": points})

    assert set(answer) == {"metrics"}
    assert [item["value"] for item in answer["metrics"]] == [2, 1, 3]
    assert current(api, "loss")["value"] == 3


def test_batch_log_keeps_every_kind_of_value_and_step(api: Api) -> None:
    values = [0.5, 3, -0.0, "NaN", "-Infinity", 1e308, 12_345_678_901, {"rows": ["é%(a)s%%", "\\x00"]}]
    steps = [None, 0, 70_000, 2**40]
    points = [
        {"task_id": "task", "name": f"mixed {kind}", "value": value, "created_at": f"2026-01-0{day}T00:00:00Z"}
        | ({"schema": "ClassificationMetric"} if isinstance(value, dict) else {})
        | ({} if step is None else {"step": step})
        for kind, value in enumerate(values)
        for day, step in enumerate(steps, 1)
    ]
    answer = api.ok("POST", "/metrics:batchLog", {"metrics": points})

    for kind in range(len(values)):
        kept = api.get(f"/metric_history/task/mixed%20{kind}")
        assert kept["metrics"] == [each for each in answer["metrics"] if each["name"] == f"mixed {kind}"]


def test_batch_log_is_all_or_nothing(api: Api) -> None:
    api.task(task_id="in-a", namespace="a")
    points = [
        {"task_id": "t", "name": "loss", "value": 1},
        {"task_id": "in-a", "name": "loss", "value": 1, "namespace": "b"},
    ]

    reply = api.request("POST", "/metrics:batchLog", {"metrics": points})

    assert (reply.status, fields_of(reply)) == (400, ["metrics[1].namespace"])
    assert api.get("/metrics")["total_size"] == 0
    assert api.request("GET", "/tasks/t").status == 404


@pytest.mark.parametrize("body", [{}, {"metrics": []}, {"metrics": None}])
def test_batch_log_refuses_an_empty_batch(shared_api: Api, body: Any) -> None:
    reply = shared_api.request("POST", "/metrics:batchLog", body)

    assert (reply.status, fields_of(reply)) == (400, ["metrics"])


def test_batch_log_takes_a_thousand_points_and_no_more(shared_api: Api) -> None:
    points = [{"task_id": "many", "name": "loss", "value": 1, "step": step} for step in range(1_001)]

    assert len(shared_api.ok("POST", "/metrics:batchLog", {"metrics": points[:1_000]})["metrics"]) == 1_000
    reply = shared_api.request("POST", "/metrics:batchLog", {"metrics": points})
    assert (reply.status, fields_of(reply)) == (400, ["metrics"])


@pytest.mark.parametrize(
    ("bad", "field"),
    [({"value": None}, ".value"), ({"name": ".."}, ".name"), ({"nonsense": 1}, ".nonsense"), ({"step": "x"}, ".step")],
)
def test_batch_log_names_the_item_that_is_wrong(shared_api: Api, bad: dict[str, Any], field: str) -> None:
    good = {"task_id": "t", "name": "loss", "value": 1}

    reply = shared_api.request("POST", "/metrics:batchLog", {"metrics": [good, good | bad]})

    assert (reply.status, fields_of(reply)) == (400, [f"metrics[1]{field}"])
