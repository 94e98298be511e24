"""The OpenAPI document: valid, the same wherever it is given, and complete."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate
from support import Api, running_app

from artifactd.auth import NoAuthentication
from artifactd.model import ArtifactTaskType, ArtifactType, MetricSchema, MetricType, RuntimeState
from artifactd.rest.openapi import openapi_document
from artifactd.rest.operation import Operation
from artifactd.rest.routes import OPERATIONS
from artifactd.settings import Settings
from artifactd.wire.message import decode_body

DOCUMENT = openapi_document()
BY_NAME = {
    document["operationId"]: (path, method, document)
    for path, methods in DOCUMENT["paths"].items()
    for method, document in methods.items()
}
FIELDS = [
    (name, field, schema)
    for name, message in DOCUMENT["components"]["schemas"].items()
    for field, schema in message["properties"].items()
]
PARAMETERS = [
    (name, parameter) for name, (_, _, document) in BY_NAME.items() for parameter in document.get("parameters", [])
]
KFP_OPERATIONS = {
    "create_artifact",
    "get_artifact",
    "list_artifacts",
    "update_artifact",
    "log_metric",
    "get_metric",
    "list_metrics",
    "list_artifact_tasks",
}


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_the_server_serves_the_document(api: Api) -> None:
    assert api.raw("GET", "/openapi.json").json == DOCUMENT


def test_what_is_done_to_a_document_changes_no_other() -> None:
    def spoil(value: object) -> None:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            spoil(inner)
        if isinstance(value, dict | list):
            value.clear()

    spoil(openapi_document())

    assert openapi_document() == DOCUMENT


def test_the_command_prints_the_document() -> None:
    printed = subprocess.run([sys.executable, "-m", "artifactd", "openapi"], capture_output=True, check=True).stdout

    assert json.loads(printed) == DOCUMENT


def test_every_route_stands_in_the_document_under_its_name() -> None:
    routes = {operation.name: (operation.path, operation.method.lower()) for operation in OPERATIONS}

    assert {name: BY_NAME[name][:2] for name in routes} == routes


def test_the_operations_of_kfp_have_its_names_and_tag() -> None:
    assert {name for name in KFP_OPERATIONS if BY_NAME[name][2]["tags"] == ["ArtifactService"]} == KFP_OPERATIONS


@pytest.fixture(scope="module")
def open_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A client of a server that has every operation, and lets everybody in."""
    url = f"sqlite:///{tmp_path_factory.mktemp('document')}/store.db"
    settings = Settings(port=0, access_log=False, auth=("keys",))
    with running_app(url, settings, authenticator=NoAuthentication()) as (address, _):
        api = Api(address)
        yield api
        api.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_parameters_of_an_operation_are_those_that_its_query_takes(operation: Operation, open_api: Api) -> None:
    reply = open_api.raw(operation.method, operation.path.replace("{", "").replace("}", "") + "?nonsense=1", b"{}")
    documented = {item["name"] for item in BY_NAME[operation.name][2]["parameters"] if item["in"] == "query"}

    _, _, listed = reply.json["message"].partition("this operation takes ")
    assert set(listed.split(", ")) == (documented or {"none"})


@pytest.mark.parametrize(("message", "field", "schema"), FIELDS, ids=[f"{name}.{field}" for name, field, _ in FIELDS])
def test_every_field_has_a_description(message: str, field: str, schema: dict[str, Any]) -> None:
    assert schema.get("description"), f"{message}.{field}"


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS, ids=[f"{name}-{item['name']}" for name, item in PARAMETERS])
def test_every_parameter_has_a_type_and_a_description(name: str, parameter: dict[str, Any]) -> None:
    assert parameter["schema"]["type"], name
    assert parameter["description"], name


@pytest.mark.parametrize("name", BY_NAME)
def test_every_operation_has_a_summary_that_is_a_sentence(name: str) -> None:
    assert BY_NAME[name][2]["summary"].endswith(".")


@pytest.mark.parametrize("operation", [item for item in OPERATIONS if item.body], ids=lambda operation: operation.name)
def test_the_example_of_a_body_is_one_that_the_operation_can_decode(operation: Operation) -> None:
    [content] = BY_NAME[operation.name][2]["requestBody"]["content"].values()
    assert operation.body is not None

    decoded = decode_body(operation.body, json.dumps(content["example"]).encode())

    assert msgspec.to_builtins(decoded) == content["example"]


@pytest.mark.parametrize(
    "name", [name for name in BY_NAME if name.startswith("list_") and name not in ("list_keys", "list_namespaces")]
)
def test_the_example_of_a_filter_or_a_sort_is_one_that_the_list_takes(name: str, api: Api) -> None:
    path, _, document = BY_NAME[name]
    examples = {item["name"]: item["example"] for item in document["parameters"] if "example" in item}
    assert set(examples) & {"sort_by", "order_by"}
    assert "filter" in examples

    api.get(path.removeprefix("/apis/v2beta1"), **examples)


@pytest.mark.parametrize(
    ("message", "field", "names"),
    [
        ("Artifact", "type", ArtifactType),
        ("ArtifactTask", "type", ArtifactTaskType),
        ("Metric", "schema", MetricSchema),
        ("Metric", "type", MetricType),
        ("PipelineTaskDetail", "state", RuntimeState),
    ],
)
def test_enums_are_listed_whole(message: str, field: str, names: Any) -> None:
    assert set(DOCUMENT["components"]["schemas"][message]["properties"][field]["enum"]) == set(map(str, names))


def test_every_link_names_an_operation_and_parameters_that_it_has() -> None:
    links = [
        link for _, _, document in BY_NAME.values() for link in document["responses"]["200"].get("links", {}).values()
    ]

    assert links
    for link in links:
        known = {parameter["name"] for parameter in BY_NAME[link["operationId"]][2]["parameters"]}
        assert set(link["parameters"]) <= known


def test_every_error_is_shown_by_an_example_that_is_a_status() -> None:
    for response in DOCUMENT["components"]["responses"].values():
        [content] = response["content"].values()
        assert content["schema"] == {"$ref": "#/components/schemas/Status"}
        assert set(content["example"]) == {"code", "message", "details"}
