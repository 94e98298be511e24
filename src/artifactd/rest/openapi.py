"""The OpenAPI document, made from the route table and the messages (version 3.0, which every generator reads)."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from artifactd import __version__
from artifactd.listing import ARTIFACT_TASKS, ARTIFACTS, METRICS, RUNS, TASKS
from artifactd.rest.openapi_responses import HEALTH_SCHEMA, error_responses, page_paths, path_parameters, responses
from artifactd.rest.operation import Operation
from artifactd.rest.parameters import FILTER_EXAMPLES, HEADERS, PATH, QUERY, sorts
from artifactd.rest.routes import OPERATIONS
from artifactd.wire.message import Message, encode
from artifactd.wire.status import Status

_NOUNS = {
    "list_artifacts": ARTIFACTS,
    "list_metrics": METRICS,
    "list_artifact_tasks": ARTIFACT_TASKS,
    "list_tasks": TASKS,
    "list_runs": RUNS,
}
_DESCRIPTION = """\
The artifact, lineage and metric service for Kubeflow Pipelines: KFP's v2beta1 ArtifactService, the tasks and runs \
around it, and lineage.

**JSON.** Names go out in snake_case; lowerCamelCase is accepted too. A null field is an absent one. A field or query \
parameter that an operation does not have is an error. Times are RFC 3339 in UTC, with microseconds. Integers come in \
as decimal strings too. NaN and the infinities are data in a metric's value and in metadata, and go out as "NaN", \
"Infinity" and "-Infinity". U+0000 and nesting over 100 deep are refused.

**Lists** come in pages: give next_page_token back as page_token for the next one, until it is empty.

**Errors** have a google.rpc.Status as their body; for bad input it names the fields.

**HEAD** answers as GET without a body, and OPTIONS gives Allow. A method that a path does not have is a 405.
"""


@cache
def openapi_bytes() -> bytes:
    """The whole document as it is served; made once, since it takes longer than the rest of a server's start."""
    return encode(_document())


def openapi_document() -> dict[str, Any]:
    """The whole document, as JSON values of the caller's own: what is done to them changes no other document."""
    document: dict[str, Any] = msgspec.json.decode(openapi_bytes())
    return document


def _document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "artifactd",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": "/", "description": "This server."}],
        "security": [{"Bearer": []}, {}],
        "tags": [
            {"name": "ArtifactService", "description": "Artifacts, metrics, links and lineage."},
            {"name": "RunService", "description": "Tasks and runs."},
            {"name": "SearchService", "description": "What there is, over all nouns."},
            {"name": "KeyService", "description": "API keys, for those who look after a namespace."},
            {"name": "HealthzService", "description": "Health, and metrics of the service itself."},
        ],
        "paths": paths | page_paths(),
        "components": {
            "schemas": _schemas() | {"GetHealthzResponse": HEALTH_SCHEMA},
            "responses": error_responses(),
            "securitySchemes": {
                "Bearer": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The API key, bare or behind 'Bearer '. Ignored where authentication is off.",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    """Every message that is sent or received."""
    messages: list[Any] = [Status]
    for operation in OPERATIONS:
        messages.extend(item for item in (operation.body, operation.response) if item and item not in messages)
    _, found = msgspec.json.schema_components(messages, ref_template="#/components/schemas/{name}")
    required = {message.__name__: list(message.required_fields) for message in _all_messages(Message)}
    schemas = {name: _plain(schema) for name, schema in sorted(found.items())}
    for name, schema in schemas.items():
        if required.get(name):
            schema["required"] = required[name]
    return schemas


def _all_messages(message: type[Message]) -> list[type[Message]]:
    return [message, *(inner for item in message.__subclasses__() for inner in _all_messages(item))]


def _plain(schema: Any) -> Any:
    """A JSON Schema of today as OpenAPI 3.0 writes it: no null types, one example, no null defaults."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value) for key, value in schema.items() if not (key == "default" and value is None)}
    choices = [choice for choice in plain.pop("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1 and "$ref" in choices[0]:
        # In OpenAPI 3.0 nothing may stand beside a $ref.
        plain = {"allOf": choices, **plain} if plain else choices[0]
    elif len(choices) == 1:
        plain = {**choices[0], **plain}
    elif choices:
        plain["anyOf"] = choices
    if examples := plain.pop("examples", None):
        plain["example"] = examples[0]
    if isinstance(plain.get("enum"), list):
        plain["enum"] = sorted(plain["enum"])
    if plain.get("required") == []:
        # Nor may a list of required properties be empty.
        del plain["required"]
    return plain


def _operation(operation: Operation) -> dict[str, Any]:
    document: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [*_path(operation), *_query(operation), *_headers(operation)],
        "responses": responses(operation),
    }
    if operation.description:
        document["description"] = operation.description
    if operation.body:
        schema = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
        content = {"application/json": {"schema": schema, "example": operation.example}}
        document["requestBody"] = {"required": True, "content": content}
    return document


def _path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": PATH[name][0], "description": PATH[name][1]}
        for name in path_parameters(operation)
    ]


def _query(operation: Operation) -> list[dict[str, Any]]:
    noun = _NOUNS.get(operation.name)
    found = []
    for name in operation.parameters:
        schema, description = QUERY[name]
        parameter: dict[str, Any] = {"name": name, "in": "query", "schema": schema, "description": description}
        if noun and name in ("sort_by", "order_by"):
            parameter["description"] += f" {sorts(noun)}"
            parameter["example"] = f"{noun.default_sort or 'name'} desc"
        if noun and name == "filter":
            keys = [field.name for field in noun.fields] + ([f"{noun.json_field}.<key>"] if noun.json_field else [])
            parameter["description"] += f" Keys: {', '.join(keys)}."
            parameter["example"] = FILTER_EXAMPLES[noun.name]
        found.append(parameter)
    return found


def _headers(operation: Operation) -> list[dict[str, Any]]:
    names = ([] if operation.secret else ["Idempotency-Key"]) if operation.writes else ["Cache-Control"]
    if operation.entity_tag and operation.method == "PUT":
        names.append("If-Match")
    if operation.entity_tag and not operation.writes:
        names.append("If-None-Match")
    return [
        {"name": name, "in": "header", "schema": HEADERS[name][0], "description": HEADERS[name][1]} for name in names
    ]
