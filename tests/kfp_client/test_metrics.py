"""Metrics through KFP's generated client."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from kfp_client.operations import LogMetricRequest, Metric, Service

NAMES = [
    "accuracy",
    "val/accuracy",
    "/begins and ends/",
    "größe ✓ 🙂",
    "100% + 1?#&=",
    "a%2Fb",
    "back\\slash",
    "...",
    " blank ",
]
ROC = {"confidenceMetrics": [{"confidenceThreshold": 0.5, "recall": 1.0, "falsePositiveRate": 0.0}]}
CONFUSION = {"confusionMatrix": {"annotationSpecs": [{"displayName": "cat"}], "rows": [{"row": [3]}]}}
SLICES = {"evaluationSlices": [{"slice": "all", "sliceClassificationMetrics": ROC}]}


def log(service: Service, **fields: Any) -> Metric:
    metric = Metric(**{"task_id": "train-1", "name": "loss", "value": 0.5, **fields})
    logged = service.call("log_metric", LogMetricRequest(metric=metric))
    assert isinstance(logged, Metric)
    return logged


def test_log_metric_gives_the_point_with_its_defaults(service: Service) -> None:
    logged = log(service)

    assert (logged.value, logged.schema, logged.type) == (0.5, "Metric", "METRIC_INPUT")


@pytest.mark.parametrize("name", NAMES)
def test_get_metric_finds_a_metric_by_any_name(service: Service, name: str) -> None:
    logged = log(service, name=name)

    assert service.call("get_metric", task_id="train-1", name=name) == logged


@pytest.mark.parametrize(
    ("schema", "value"),
    [("ClassificationMetric", ROC), ("ClassificationMetric", CONFUSION), ("SlicedClassificationMetric", SLICES)],
    ids=["ROC", "confusion matrix", "slices"],
)
def test_a_classification_comes_back_as_it_went_in(service: Service, schema: str, value: Any) -> None:
    log(service, name="report", schema=schema, value=value, type="METRIC_OUTPUT")

    found = service.call("get_metric", task_id="train-1", name="report")

    assert (found.schema, found.value, found.type) == (schema, value, "METRIC_OUTPUT")


@pytest.mark.parametrize(
    ("value", "shown"), [(float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")]
)
def test_a_number_that_is_not_finite_goes_in_as_a_token_and_comes_back_as_its_name(
    service: Service, value: float, shown: str
) -> None:
    assert log(service, value=value).value == shown


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (dt.datetime(2026, 1, 31, 12, 30, 0, 123456, tzinfo=dt.UTC), "2026-01-31T12:30:00.123456+00:00"),
        (
            dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=5.5))),
            "2026-01-31T07:00:00+00:00",
        ),
        (dt.datetime(2026, 1, 31, 12, 30), "2026-01-31T12:30:00+00:00"),  # noqa: DTZ001  # This is the case.
        (dt.date(2026, 1, 31), "2026-01-31T00:00:00+00:00"),
    ],
    ids=["UTC", "an offset", "no offset", "a date"],
)
def test_a_time_is_kept_whichever_way_python_writes_it(service: Service, sent: Any, kept: str) -> None:
    assert log(service, created_at=sent).created_at == dt.datetime.fromisoformat(kept)


def test_logging_again_changes_the_current_value(service: Service) -> None:
    log(service, value=0.5)
    log(service, value=0.25)

    assert service.call("get_metric", task_id="train-1", name="loss").value == 0.25


def test_list_metrics_takes_several_tasks(service: Service) -> None:
    for task_id in ("a", "b", "c"):
        log(service, task_id=task_id)

    page = service.call("list_metrics", task_ids=["a", "c"])

    assert [metric.task_id for metric in page.metrics] == ["a", "c"]


def test_list_metrics_takes_an_empty_list_for_none(service: Service) -> None:
    log(service)

    assert service.call("list_metrics", task_ids=[], run_ids=[]).total_size == 1


def test_list_metrics_is_in_the_order_of_first_logging(service: Service) -> None:
    for name in ("b", "a", "b", "c"):
        log(service, name=name)

    assert [metric.name for metric in service.call("list_metrics").metrics] == ["b", "a", "c"]


def test_list_metrics_sorts_by_value(service: Service) -> None:
    for name, value in (("x", 1.0), ("y", 3.0), ("z", 2.0)):
        log(service, name=name, value=value)

    page = service.call("list_metrics", sort_by="value desc", page_size=2)

    assert [metric.value for metric in page.metrics] == [3.0, 2.0]


def test_a_page_token_carries_the_other_parameters(service: Service) -> None:
    for task_id in ("a", "b", "c"):
        log(service, task_id=task_id)
    first = service.call("list_metrics", task_ids=["a", "c"], sort_by="task_id desc", page_size=1)

    second = service.call("list_metrics", page_token=first.next_page_token, page_size=1)

    assert [metric.task_id for metric in (*first.metrics, *second.metrics)] == ["c", "a"]
    assert second.next_page_token == ""
