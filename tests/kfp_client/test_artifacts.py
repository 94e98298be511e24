"""Artifacts through KFP's generated client."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from kfp_client.operations import Artifact, CreateArtifactRequest, Service

NESTED = {
    "framework": "sklearn",
    "camelCase": {"stays": [1, 2.5, None, True, {"tief": "größer ✓"}]},
    "huge": 2**80,
    "tiny": 5e-324,
    "a/b.c": "",
}


def create(service: Service, **fields: Any) -> Artifact:
    made = service.call("create_artifact", CreateArtifactRequest(artifact=Artifact(**{"name": "iris", **fields})))
    assert isinstance(made, Artifact)
    return made


def names(page: Any) -> list[str]:
    return [artifact.name for artifact in page.artifacts]


def filter_of(key: str, operation: str = "EQUALS", **value: Any) -> str:
    return json.dumps({"predicates": [{"operation": operation, "key": key, **value}]})


def test_create_artifact_gives_an_id_and_a_time_in_utc(service: Service) -> None:
    made = create(service)

    assert made.artifact_id
    assert made.created_at.utcoffset() == dt.timedelta(0)


def test_get_artifact_gives_what_create_artifact_gave(service: Service) -> None:
    made = create(service, type="Model", uri="s3://bucket/iris", namespace="team-a", metadata=NESTED)

    assert service.call("get_artifact", artifact_id=made.artifact_id) == made


def test_nested_metadata_comes_back_as_it_went_in(service: Service) -> None:
    made = create(service, metadata=NESTED)

    assert service.call("get_artifact", artifact_id=made.artifact_id).metadata == NESTED


def test_a_datetime_in_metadata_goes_out_as_its_isoformat(service: Service) -> None:
    moment = dt.datetime(2026, 1, 31, 12, 30, 0, 123456, tzinfo=dt.UTC)

    made = create(service, metadata={"when": moment, "day": moment.date()})

    assert made.metadata == {"when": moment.isoformat(), "day": "2026-01-31"}


def test_an_absent_type_is_artifact(service: Service) -> None:
    assert create(service).type == "Artifact"


def test_the_later_generation_names_the_task_that_made_it(service: Service) -> None:
    request = CreateArtifactRequest(
        artifact=Artifact(name="loss", type="Metric", number_value=0.25, description="of the last epoch"),
        run_id="run-1",
        task_id="train-1",
        producer_key="loss",
        iteration_index="3",
    )

    made = service.call("create_artifact", request)

    [link] = service.call("list_artifact_tasks", artifact_ids=[made.artifact_id], type="OUTPUT").artifact_tasks
    assert (link.task_id, link.run_id, link.key, link.producer.iteration) == ("train-1", "run-1", "loss", "3")


def test_a_number_of_an_artifact_is_a_float(service: Service) -> None:
    assert create(service, type="Metric", number_value=0.25).number_value == 0.25


def test_update_artifact_with_only_metadata_keeps_the_rest(service: Service) -> None:
    made = create(service, type="Model", uri="s3://bucket/iris", metadata={"stage": "new"})

    service.call("update_artifact", Artifact(metadata={"stage": "old"}), artifact__artifact_id=made.artifact_id)

    made.metadata = {"stage": "old"}
    assert service.call("get_artifact", artifact_id=made.artifact_id) == made


def test_update_artifact_takes_back_the_whole_artifact_that_it_gave(service: Service) -> None:
    made = create(service, uri="s3://bucket/iris", metadata=NESTED, namespace="team-a")

    assert service.call("update_artifact", made, artifact__artifact_id=made.artifact_id) == made


def test_list_artifacts_gives_all_three_fields_when_there_is_nothing(service: Service) -> None:
    page = service.call("list_artifacts")

    assert (page.artifacts, page.total_size, page.next_page_token) == ([], 0, "")


def test_a_walk_by_page_tokens_sees_every_artifact_once(service: Service) -> None:
    for number in range(5):
        create(service, name=f"a{number}")
    seen, token = [], ""

    while True:
        page = service.call("list_artifacts", page_size=2, page_token=token)
        seen += names(page)
        token = page.next_page_token
        if not token:
            break

    assert seen == ["a0", "a1", "a2", "a3", "a4"]


def test_the_total_size_is_on_every_page(service: Service) -> None:
    for _ in range(3):
        create(service)

    page = service.call("list_artifacts", page_size=1)

    assert page.total_size == 3
    assert service.call("list_artifacts", page_token=page.next_page_token).total_size == 3


def test_parameters_that_are_none_are_left_out(service: Service) -> None:
    create(service)

    page = service.call("list_artifacts", namespace=None, page_token=None, page_size=None, sort_by=None, filter=None)

    assert page.total_size == 1


def test_parameters_that_are_empty_are_absent(service: Service) -> None:
    create(service)

    assert service.call("list_artifacts", namespace="", page_token="", sort_by="", filter="").total_size == 1


def test_sort_by_takes_a_field_and_a_direction(service: Service) -> None:
    for name in ("b", "c", "a"):
        create(service, name=name)

    assert names(service.call("list_artifacts", sort_by="name desc")) == ["c", "b", "a"]


@pytest.mark.parametrize("encode", [str, quote, quote_plus], ids=["once", "twice", "twice with + for a blank"])
def test_a_filter_may_be_percent_encoded_once_or_twice(service: Service, encode: Any) -> None:
    for name in ("50% größer + 1", "other"):
        create(service, name=name)

    page = service.call("list_artifacts", filter=encode(filter_of("name", string_value="50% größer + 1")))

    assert names(page) == ["50% größer + 1"]


def test_a_filter_finds_by_a_key_of_the_metadata(service: Service) -> None:
    for epochs in (1, 2):
        create(service, name=f"after {epochs}", metadata={"epochs": epochs})

    page = service.call("list_artifacts", filter=filter_of("metadata.epochs", "GREATER_THAN", long_value="1"))

    assert names(page) == ["after 2"]


def test_a_filters_operation_may_be_its_number(service: Service) -> None:
    create(service)

    found = service.call(
        "list_artifacts",
        filter=json.dumps({"predicates": [{"operation": 9, "key": "name", "stringValue": "iri"}]}),
    )

    assert found.total_size == 1


def test_list_artifacts_of_a_namespace_gives_no_others(service: Service) -> None:
    create(service, name="mine", namespace="team-a")
    create(service, name="theirs", namespace="team-b")

    assert names(service.call("list_artifacts", namespace="team-a")) == ["mine"]
