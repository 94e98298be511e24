"""Artifacts and runs by the values of their metrics: `metric.<name>` in a filter."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, fields_of, filter_of

VALUES = {"low": 0.2, "high": 0.9, "infinite": "Infinity", "odd": "NaN", "bottomless": "-Infinity"}


@pytest.fixture
def measured(api: Api) -> Api:
    """A run, a task and a model of each name with a metric of its value, and one of each without."""
    for name, value in VALUES.items():
        api.artifact(name=name, request={"task_id": f"{name}-task", "run_id": f"{name}-run"})
        api.metric(task_id=f"{name}-task", name="val/acc.1", value=value)
    api.artifact(name="unmeasured", request={"task_id": "unmeasured-task", "run_id": "unmeasured-run"})
    return api


def matching(api: Api, noun: str, operation: str, **value: Any) -> set[str]:
    """What matches a condition on the metric."""
    predicate = {"operation": operation, "key": "metric.val/acc.1", **value}
    answer = api.ok("GET", f"/{noun}", query={"filter": filter_of(predicate)})
    names = [item["name"] if noun == "artifacts" else item["run_id"].removesuffix("-run") for item in answer[noun]]
    assert answer["total_size"] == len(names)
    return set(names)


@pytest.mark.parametrize("noun", ["artifacts", "runs"])
@pytest.mark.parametrize(
    ("operation", "value", "expected"),
    [
        ("GREATER_THAN", {"double_value": 0.5}, {"high", "infinite"}),
        ("GREATER_THAN_EQUALS", {"double_value": 0.9}, {"high", "infinite"}),
        ("LESS_THAN", {"int_value": 1}, {"low", "high", "bottomless"}),
        ("EQUALS", {"double_value": 0.2}, {"low"}),
        ("NOT_EQUALS", {"double_value": 0.2}, {*VALUES, "unmeasured"} - {"low"}),
        ("IN", {"double_values": {"values": [0.2, 0.9, 7]}}, {"low", "high"}),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_filter_compares_the_metrics_of(
    measured: Api, noun: str, operation: str, value: dict[str, Any], expected: set[str]
) -> None:
    assert matching(measured, noun, operation, **value) == expected


def test_an_artifact_has_the_metrics_of_tasks_that_read_it_too(api: Api) -> None:
    made = api.artifact(name="iris", request={"task_id": "train"})
    link = {"artifact_id": made["artifact_id"], "task_id": "evaluate"}
    api.ok("POST", "/artifact_tasks", {"artifact_task": link})
    api.metric(task_id="evaluate", name="val/acc.1", value=0.97)

    assert matching(api, "artifacts", "GREATER_THAN", double_value=0.9) == {"iris"}


def test_a_metric_that_has_fallen_is_compared_by_its_current_point(api: Api) -> None:
    api.artifact(name="iris", request={"task_id": "train"})
    for step, value in enumerate((0.99, 0.5)):
        api.metric(task_id="train", name="val/acc.1", value=value, step=step)

    assert matching(api, "artifacts", "GREATER_THAN", double_value=0.9) == set()


def test_conditions_on_two_metrics_must_both_hold(measured: Api) -> None:
    measured.metric(task_id="high-task", name="loss", value=0.1)
    predicates = [
        {"operation": "GREATER_THAN", "key": "metric.val/acc.1", "double_value": 0.5},
        {"operation": "LESS_THAN", "key": "metric.loss", "double_value": 0.5},
    ]

    answer = measured.ok("GET", "/artifacts", query={"filter": filter_of(*predicates)})

    assert [item["name"] for item in answer["artifacts"]] == ["high"]


@pytest.mark.parametrize(
    "predicate",
    [
        {"operation": "EQUALS", "key": "metric.acc", "string_value": "0.9"},
        {"operation": "IS_SUBSTRING", "key": "metric.acc", "string_value": "9"},
        {"operation": "EQUALS", "key": "metric.", "double_value": 1},
    ],
    ids=["text", "substring", "no name"],
)
def test_a_condition_on_a_metric_that_makes_no_sense_is_refused(api: Api, predicate: dict[str, Any]) -> None:
    reply = api.request("GET", "/artifacts", query={"filter": filter_of(predicate)})

    assert reply.status == 400
    assert fields_of(reply)[0].startswith("filter.predicates[0]")


def test_other_nouns_have_no_metrics_to_filter_by(api: Api) -> None:
    predicate = {"operation": "EQUALS", "key": "metric.acc", "double_value": 1}

    assert api.request("GET", "/tasks", query={"filter": filter_of(predicate)}).status == 400
