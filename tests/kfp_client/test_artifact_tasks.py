"""Links between artifacts and tasks through KFP's generated client."""

from __future__ import annotations

from typing import Any

import pytest
from kfp_client.operations import Service
from support import Api


def keys(page: Any) -> list[str]:
    return [link.key for link in page.artifact_tasks]


@pytest.fixture
def artifact_id(api: Api) -> str:
    """An artifact that the task `train` made and the task `evaluate` read."""
    request = {"task_id": "train", "run_id": "run-1", "producer_key": "made"}
    made = api.artifact(request=request)["artifact_id"]
    api.link(
        artifact_id=made,
        task_id="evaluate",
        type="COMPONENT_INPUT",
        key="read",
        producer={"task_name": "train", "iteration": 2},
    )
    assert isinstance(made, str)
    return made


@pytest.mark.usefixtures("artifact_id")
def test_without_a_type_inputs_are_listed(service: Service) -> None:
    assert keys(service.call("list_artifact_tasks")) == ["read"]


@pytest.mark.parametrize(
    ("type_", "found"), [("INPUT", ["read"]), ("OUTPUT", ["made"]), ("UNSPECIFIED", ["made", "read"])]
)
@pytest.mark.usefixtures("artifact_id")
def test_a_type_lists_its_links(service: Service, type_: str, found: list[str]) -> None:
    assert keys(service.call("list_artifact_tasks", type=type_)) == found


def test_a_link_holds_what_the_later_generation_knows_of_it(service: Service, artifact_id: str) -> None:
    [link] = service.call("list_artifact_tasks", task_ids=["evaluate"]).artifact_tasks

    assert (link.artifact_id, link.task_id, link.type) == (artifact_id, "evaluate", "COMPONENT_INPUT")
    assert (link.producer.task_name, link.producer.iteration) == ("train", "2")


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"task_ids": ["train", "evaluate"]}, 2),
        ({"task_ids": ["train"], "run_ids": ["run-1"]}, 1),
        ({"task_ids": ["evaluate"], "run_ids": ["run-1"]}, 0),
        ({"task_ids": [], "run_ids": [], "artifact_ids": []}, 2),
    ],
)
@pytest.mark.usefixtures("artifact_id")
def test_the_lists_of_ids_are_joined_by_and(service: Service, parameters: dict[str, list[str]], count: int) -> None:
    assert service.call("list_artifact_tasks", type="UNSPECIFIED", **parameters).total_size == count


def test_the_links_of_an_artifact_come_in_pages(service: Service, artifact_id: str) -> None:
    first = service.call("list_artifact_tasks", artifact_ids=[artifact_id], type="UNSPECIFIED", page_size=1)

    second = service.call("list_artifact_tasks", page_token=first.next_page_token)

    assert keys(first) + keys(second) == ["made", "read"]
