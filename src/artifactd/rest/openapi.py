"""The OpenAPI document, made from the route table and the messages (version 3.0, which every generator reads)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from artifactd import __version__
from artifactd.listing import ARTIFACT_TASKS, ARTIFACTS, METRICS, RUNS, TASKS
from artifactd.rest.operation import Operation
from artifactd.rest.parameters import FILTER_EXAMPLE, HEADERS, PATH, QUERY, sorts
from artifactd.rest.routes import OPERATIONS
from artifactd.wire.message import Message
from artifactd.wire.status import Status

_NOUNS = {
    "list_artifacts": ARTIFACTS,
    "list_metrics": METRICS,
    "list_artifact_tasks": ARTIFACT_TASKS,
    "list_tasks": TASKS,
    "list_runs": RUNS,
}
_ERRORS = {
    400: "INVALID_ARGUMENT: malformed JSON, an unknown field, a bad value, token, filter or sort.",
    401: "UNAUTHENTICATED: no credentials, or bad ones.",
    403: "PERMISSION_DENIED: not allowed to do that in the namespace named, or a host or origin that is refused.",
    404: "NOT_FOUND: no such resource, or one that the caller may not know of.",
    408: "INVALID_ARGUMENT: the body did not arrive in time.",
    409: "ALREADY_EXISTS or ABORTED: it exists with other contents, or If-Match does not hold.",
    413: "INVALID_ARGUMENT: the body is too large.",
    414: "INVALID_ARGUMENT: path and query are too long.",
    415: "INVALID_ARGUMENT: the body is not JSON.",
    500: "INTERNAL: a bug; the message holds an id that the server's log explains.",
    503: "UNAVAILABLE: the store is busy, full or out of reach; try again after Retry-After.",
}
_ALWAYS = (400, 401, 403, 404, 414, 500, 503)
_WITH_BODY = (408, 413, 415)


def openapi_document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    messages: list[Any] = [Status]
    for operation in OPERATIONS:
        messages.extend(item for item in (operation.body, operation.response) if item and item not in messages)
    _, schemas = msgspec.json.schema_components(messages, ref_template="#/components/schemas/{name}")
    required = {message.__name__: list(message.required_fields) for message in _all_messages(Message)}
    components = {name: _plain(schema) for name, schema in sorted(schemas.items())}
    for name, schema in components.items():
        if required.get(name):
            schema["required"] = required[name]
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    paths["/apis/v2beta1/healthz"] = {"get": _healthz()}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "artifactd",
            "version": __version__,
            "description": "The artifact, lineage and metric service for Kubeflow Pipelines: KFP's v2beta1 "
            "ArtifactService, the tasks and runs around it, and lineage.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": "/", "description": "This server."}],
        "security": [{"Bearer": []}, {}],
        "tags": [
            {"name": "ArtifactService", "description": "Artifacts, metrics, links and lineage."},
            {"name": "RunService", "description": "Tasks and runs."},
            {"name": "HealthzService", "description": "Health."},
        ],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {f"Error{status}": _error(status) for status in _ERRORS},
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
    if not plain.get("required", True):
        # OpenAPI 3.0 has no empty list of required properties.
        del plain["required"]
    return plain


def _operation(operation: Operation) -> dict[str, Any]:
    statuses = [*_ALWAYS, *(_WITH_BODY if operation.body else ()), *((409,) if operation.writes else ())]
    success: dict[str, Any] = {
        "description": "A successful answer.",
        "content": {"application/json": {"schema": _ref(operation.response.__name__)}},
    }
    responses: dict[str, Any] = {"200": success}
    if operation.entity_tag:
        success["headers"] = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
        if not operation.writes:
            responses["304"] = {"description": "It is what If-None-Match says."}
    responses |= {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in sorted(statuses)}
    document: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [*_path(operation), *_query(operation), *_headers(operation)],
        "responses": responses,
    }
    if operation.description:
        document["description"] = operation.description
    if operation.body:
        content = {"schema": _ref(operation.body.__name__), "example": operation.example}
        document["requestBody"] = {"required": True, "content": {"application/json": content}}
    return document


def _path(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"\{([^}]*)\}", operation.path)
    return [
        {"name": name, "in": "path", "required": True, "schema": PATH[name][0], "description": PATH[name][1]}
        for name in names
    ]


def _query(operation: Operation) -> list[dict[str, Any]]:
    found = []
    for name in operation.parameters:
        schema, description = QUERY[name]
        noun = _NOUNS.get(operation.name)
        parameter: dict[str, Any] = {"name": name, "in": "query", "schema": schema, "description": description}
        if noun and name in ("sort_by", "order_by"):
            parameter["description"] += f" {sorts(noun)}"
            parameter["example"] = f"{noun.default_sort or 'name'} desc"
        if name == "filter" and noun:
            parameter["description"] += " Keys: " + ", ".join(field.name for field in noun.fields)
            parameter["description"] += f", {noun.json_field}.<key>." if noun.json_field else "."
            parameter["example"] = FILTER_EXAMPLE if noun in (ARTIFACTS, METRICS, ARTIFACT_TASKS) else None
            parameter = {key: value for key, value in parameter.items() if value is not None}
        found.append(parameter)
    return found


def _headers(operation: Operation) -> list[dict[str, Any]]:
    names = ["Idempotency-Key"] if operation.writes else []
    if operation.entity_tag and operation.method == "PUT":
        names.append("If-Match")
    if operation.entity_tag and not operation.writes:
        names.append("If-None-Match")
    return [{"name": name, "in": "header", "schema": _HEADER[name], "description": HEADERS[name]} for name in names]


_HEADER = {
    "Idempotency-Key": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~][ -~]*$"},
    "If-Match": {"type": "string", "example": '"1"'},
    "If-None-Match": {"type": "string", "example": '"1"'},
}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _error(status: int) -> dict[str, Any]:
    error: dict[str, Any] = {
        "description": _ERRORS[status],
        "content": {"application/json": {"schema": _ref("Status")}},
    }
    if status == 503:
        error["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    if status == 401:
        error["headers"] = {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}}
    return error


def _healthz() -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {"multi_user": {"type": "boolean"}, "pipeline_store": {"type": "string"}},
    }
    return {
        "operationId": "get_healthz",
        "tags": ["HealthzService"],
        "summary": "Says how the service is set up, if it is well.",
        "responses": {
            "200": {"description": "It is well.", "content": {"application/json": {"schema": schema}}},
            **{str(status): {"$ref": f"#/components/responses/Error{status}"} for status in _ALWAYS},
        },
    }
