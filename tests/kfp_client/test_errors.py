"""Errors as KFP's generated client raises them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kfp_client.operations import Artifact, CreateArtifactRequest, LogMetricRequest, Metric, Service
from official_client import ApiException

CASES: dict[str, tuple[str, Any, dict[str, Any], int, int]] = {
    "no name": ("create_artifact", CreateArtifactRequest(artifact=Artifact(type="Model")), {}, 400, 3),
    "no artifact": ("create_artifact", CreateArtifactRequest(), {}, 400, 3),
    "an id of its own": ("create_artifact", CreateArtifactRequest(artifact=Artifact(artifact_id="x")), {}, 400, 3),
    "an unspecified type": (
        "create_artifact",
        CreateArtifactRequest(artifact=Artifact(name="x", type="TYPE_UNSPECIFIED")),
        {},
        400,
        3,
    ),
    "a value that is text": (
        "log_metric",
        LogMetricRequest(metric=Metric(task_id="t", name="loss", value="low")),
        {},
        400,
        3,
    ),
    "no value": ("log_metric", LogMetricRequest(metric=Metric(task_id="t", name="loss")), {}, 400, 3),
    "a field that no index serves": ("list_artifacts", None, {"sort_by": "uri"}, 400, 3),
    "a filter that is no JSON": ("list_artifacts", None, {"filter": "nonsense"}, 400, 3),
    "a token that is none": ("list_metrics", None, {"page_token": "nonsense"}, 400, 3),
    "a negative page": ("list_artifact_tasks", None, {"page_size": -1}, 400, 3),
    "a type that is none": ("list_artifact_tasks", None, {"type": "SIDEWAYS"}, 400, 3),
    "an unknown artifact": ("get_artifact", None, {"artifact_id": "unknown"}, 404, 5),
    "an artifact of a name with /": ("get_artifact", None, {"artifact_id": "a/b"}, 404, 5),
    "an update of nothing": ("update_artifact", Artifact(name="x"), {"artifact__artifact_id": "unknown"}, 404, 5),
    "an unknown metric": ("get_metric", None, {"task_id": "t", "name": "a/b"}, 404, 5),
}


@pytest.mark.parametrize(("name", "body", "parameters", "status", "code"), CASES.values(), ids=CASES)
def test_an_error_is_an_exception_whose_body_is_a_status(
    service: Service, name: str, body: Any, parameters: dict[str, Any], status: int, code: int
) -> None:
    with pytest.raises(ApiException) as caught:
        service.call(name, body, **parameters)

    assert caught.value.status == status
    assert json.loads(caught.value.body)["code"] == code


def test_an_exception_carries_reason_and_headers(service: Service) -> None:
    with pytest.raises(ApiException) as caught:
        service.call("get_artifact", artifact_id="unknown")

    assert caught.value.reason == "Not Found"
    assert caught.value.headers["Content-Type"] == "application/json"


def test_an_exception_names_the_field_that_is_wrong(service: Service) -> None:
    with pytest.raises(ApiException) as caught:
        service.call("create_artifact", CreateArtifactRequest(artifact=Artifact(type="Model")))

    [detail] = json.loads(caught.value.body)["details"]
    assert [violation["field"] for violation in detail["field_violations"]] == ["artifact.name"]


def test_a_failed_create_leaves_nothing(service: Service) -> None:
    with pytest.raises(ApiException):
        service.call("create_artifact", CreateArtifactRequest(artifact=Artifact(name="x", type="Nonsense")))

    assert service.call("list_artifacts").total_size == 0
