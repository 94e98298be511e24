"""The answers in the OpenAPI document: successes with what they lead to, errors with examples, and the plain pages."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from artifactd import errors
from artifactd.access import Verb
from artifactd.errors import FieldViolation, InvalidArgument, ServiceError
from artifactd.rest.operation import Operation
from artifactd.rest.routes import OPERATIONS
from artifactd.wire.artifacts import Artifact
from artifactd.wire.runs import Run
from artifactd.wire.status import encode_error
from artifactd.wire.tasks import PipelineTaskDetail

_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "example": 1},
    }
}
_AGE = {
    "Age": {
        "description": "Seconds that the answer may be old, rounded up; absent where it is not old.",
        "schema": {"type": "integer", "minimum": 0, "example": 2},
    }
}
_NAME_MISSING = FieldViolation("artifact.name", "is required: give 1 to 256 characters")
ERRORS: dict[int, tuple[str, ServiceError]] = {
    400: (
        "INVALID_ARGUMENT: malformed JSON, an unknown field, a bad value, token, filter or sort.",
        InvalidArgument(f"artifact.name: {_NAME_MISSING.description}", violations=(_NAME_MISSING,)),
    ),
    401: (
        "UNAUTHENTICATED: no credentials, or bad ones.",
        errors.Unauthenticated("credentials are required: give an API key in the Authorization header"),
    ),
    403: (
        "PERMISSION_DENIED: not allowed to do that in the namespace named, or a host or origin that is refused.",
        errors.PermissionDenied("you may not create in the namespace 'team-b'"),
    ),
    404: (
        "NOT_FOUND: no such resource, or one that the caller may not know of.",
        errors.NotFound("there is no task 'train-1'"),
    ),
    408: (
        "INVALID_ARGUMENT: the body did not arrive in time.",
        InvalidArgument("the body did not arrive within 30.0 s"),
    ),
    409: (
        "ALREADY_EXISTS or ABORTED: it exists with other contents, or If-Match or an Idempotency-Key does not fit.",
        errors.AlreadyExists("a task 'train-1' exists with other contents (state): change it with PATCH"),
    ),
    413: (
        "INVALID_ARGUMENT: the body is too large.",
        InvalidArgument("the body has 5000000 bytes; at most 4194304 are allowed"),
    ),
    414: (
        "INVALID_ARGUMENT: path and query are too long.",
        InvalidArgument("path and query are 200000 bytes; at most 131072 are allowed"),
    ),
    415: (
        "INVALID_ARGUMENT: the body is not JSON.",
        InvalidArgument("Content-Type 'text/plain' is not application/json"),
    ),
    500: (
        "INTERNAL: a bug; the message holds an id that the server's log explains.",
        errors.Internal("an internal error; the server's log tells more under 5f2b9c0e1d3a4b67"),
    ),
    503: (
        "UNAVAILABLE: the store is busy, full or out of reach; try again after Retry-After.",
        errors.Unavailable("too many writes are waiting for the store: try again", retry_after_s=1),
    ),
}
HEALTH_SCHEMA: dict[str, Any] = {
    "title": "GetHealthzResponse",
    "description": "How the service is set up.",
    "type": "object",
    "properties": {
        "multi_user": {"type": "boolean", "description": "Whether callers are told apart."},
        "pipeline_store": {"type": "string", "description": "Where pipelines are kept, as KFP has it."},
    },
    "required": ["multi_user", "pipeline_store"],
}
_LINEAGE_STARTS = {Artifact: "artifact_id", PipelineTaskDetail: "task_id", Run: "run_id"}
_ALWAYS = (400, 401, 403, 414, 500, 503)
_WITH_BODY = (408, 413, 415)


def responses(operation: Operation) -> dict[str, Any]:
    """Every answer of an operation, by status."""
    success: dict[str, Any] = {
        "description": "A successful answer.",
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{operation.response.__name__}"}}},
    }
    if links := _links(operation):
        success["links"] = links
    found: dict[str, Any] = {"200": success}
    headers: dict[str, Any] = {} if operation.writes else dict(_AGE)
    if operation.entity_tag:
        headers["ETag"] = {
            "description": "The version.",
            "required": True,
            "schema": {"type": "string", "example": '"1"'},
        }
        if not operation.writes:
            found["304"] = {"description": "It is what If-None-Match says.", "headers": headers}
    if headers:
        success["headers"] = headers
    # A request without a body is never another one under the same Idempotency-Key.
    may_conflict = operation.writes and operation.body is not None and not operation.secret
    may_miss = "{" in operation.path or not (operation.verb is Verb.LIST or operation.needs_mode)
    statuses = [
        *_ALWAYS,
        *(_WITH_BODY if operation.body else ()),
        *((409,) if may_conflict else ()),
        *((404,) if may_miss else ()),
    ]
    return found | {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in sorted(statuses)}


def error_responses() -> dict[str, Any]:
    """The errors that operations refer to."""
    return {f"Error{status}": _error(status) for status in ERRORS}


def _error(status: int) -> dict[str, Any]:
    description, example = ERRORS[status]
    content = {"schema": {"$ref": "#/components/schemas/Status"}, "example": msgspec.json.decode(encode_error(example))}
    error: dict[str, Any] = {"description": description, "content": {"application/json": content}}
    if status == 503:
        error["headers"] = _RETRY_AFTER
    if status == 401:
        error["headers"] = {
            "WWW-Authenticate": {
                "description": "How to authenticate.",
                "required": True,
                "schema": {"type": "string", "enum": ["Bearer"]},
            }
        }
    return error


def _links(operation: Operation) -> dict[str, Any]:
    """What an answer leads to: its next page, and each operation whose path the answer's fields fill."""
    fields = {field.encode_name for field in msgspec.structs.fields(operation.response)}
    found: dict[str, Any] = {}
    if "next_page_token" in fields:
        path = {name: f"$request.path.{name}" for name in path_parameters(operation)}
        token = {"page_token": "$response.body#/next_page_token"}
        found["next_page"] = {"operationId": operation.name, "parameters": path | token}
    for other in OPERATIONS:
        names = path_parameters(other)
        # A name alone means nothing: only a metric's answer holds the name of a metric.
        if (
            other is operation
            or not names
            or not fields.issuperset(names)
            or ("name" in names and "value" not in fields)
        ):
            continue
        found[other.name] = {
            "operationId": other.name,
            "parameters": {name: f"$response.body#/{name}" for name in names},
        }
    if start := _LINEAGE_STARTS.get(operation.response):
        found["get_lineage"] = {"operationId": "get_lineage", "parameters": {start: f"$response.body#/{start}"}}
    return found


def path_parameters(operation: Operation) -> list[str]:
    """The names of the parameters in an operation's path."""
    return re.findall(r"\{([^}]*)\}", operation.path)


def page_paths() -> dict[str, Any]:
    """The pages that are no operations, but that programs read: health, and the service's own metrics."""
    health = {"$ref": "#/components/schemas/GetHealthzResponse"}
    text = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "/apis/v2beta1/healthz": _page(
            "get_healthz", "Says how the service is set up, if it is well.", {"application/json": {"schema": health}}
        ),
        "/livez": _page("get_livez", "Answers while the process lives.", text, public=(403, 414)),
        "/readyz": _page("get_readyz", "Answers while the store can be reached.", text, public=(403, 414, 503)),
        "/metrics": _page("get_prometheus_metrics", "The service's own metrics in Prometheus' text format.", text),
    }


def _page(name: str, summary: str, content: dict[str, Any], *, public: tuple[int, ...] = ()) -> dict[str, Any]:
    """A page; `public` are the errors of one that asks for no credentials."""
    statuses = public or [status for status in _ALWAYS if status != 400]
    page: dict[str, Any] = {
        "operationId": name,
        "tags": ["HealthzService"],
        "summary": summary,
        "responses": {
            "200": {"description": "It is well.", "content": content},
            **{str(status): {"$ref": f"#/components/responses/Error{status}"} for status in statuses},
        },
    }
    if public:
        page["security"] = []
    return {"get": page}
