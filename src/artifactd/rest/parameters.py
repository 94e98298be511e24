"""The query and path parameters and headers of the API, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from artifactd.listing import FILTER_VALUES_MAX, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PREDICATES_MAX, Noun
from artifactd.model import ID_LIST_MAX, NAME_CHARS_MAX, NAMESPACE_CHARS_MAX, Direction
from artifactd.wire.lineage import MAX_DEPTH_MAX, MAX_NODES_DEFAULT, MAX_NODES_MAX
from artifactd.wire.lists import ARTIFACT_TASK_TYPES, VIEWS
from artifactd.wire.message import ID, ID_OR_EMPTY

_ID = {"type": "string", **ID_OR_EMPTY}
_IDS = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": ID_LIST_MAX}

QUERY: dict[str, tuple[dict[str, Any], str]] = {
    "page_token": ({"type": "string"}, "The next_page_token of the last answer. The other parameters may be left out."),
    "page_size": (
        {"type": "integer", "format": "int64", "minimum": 0, "default": PAGE_SIZE_DEFAULT},
        f"How many items to give: 0 means {PAGE_SIZE_DEFAULT}, more than {PAGE_SIZE_MAX} means {PAGE_SIZE_MAX}.",
    ),
    "sort_by": ({"type": "string"}, "A field, alone or with asc or desc behind it; ties are broken by the id."),
    "order_by": ({"type": "string"}, "A field, alone or with asc or desc behind it; ties are broken by the id."),
    "filter": (
        {"type": "string"},
        "A JSON Filter, percent-encoded: predicates, all of which must hold, of an operation (EQUALS, NOT_EQUALS, "
        "GREATER_THAN, GREATER_THAN_EQUALS, LESS_THAN, LESS_THAN_EQUALS, IN, IS_SUBSTRING), a key and a value "
        "(int_value, long_value, string_value, timestamp_value, double_value, bool_value; int_values, long_values, "
        f"string_values, double_values for IN). At most {PREDICATES_MAX} predicates and {FILTER_VALUES_MAX} values.",
    ),
    "query": (
        {"type": "string", "minLength": 1, "maxLength": NAME_CHARS_MAX},
        "What a name or an id begins with.",
    ),
    "namespace": (
        {"type": "string", "maxLength": NAMESPACE_CHARS_MAX},
        "Only this namespace; every one that the caller may list if absent.",
    ),
    "task_ids": (_IDS, "Only of these tasks; repeat the parameter."),
    "run_ids": (_IDS, "Only of these runs; repeat the parameter."),
    "artifact_ids": (_IDS, "Only of these artifacts; repeat the parameter."),
    "type": (
        {"type": "string", "enum": list(ARTIFACT_TASK_TYPES), "default": "INPUT"},
        "INPUT lists all inputs, OUTPUT all outputs, UNSPECIFIED both; a finer kind itself.",
    ),
    "parent_id": (_ID, "Only the children of this task."),
    "run_id": (_ID, "Only of this run."),
    "task_id": (_ID, "The task to begin at."),
    "artifact_id": (_ID, "The artifact to begin at."),
    "experiment_id": ({"type": "string", "maxLength": NAME_CHARS_MAX}, "The experiment that runs belong to."),
    "view": (
        {"type": "string", "enum": list(VIEWS), "default": VIEWS[0]},
        "BASIC leaves pipeline_spec out, which may be a megabyte of each run.",
    ),
    "direction": (
        {"type": "string", "enum": list(Direction), "default": "BOTH"},
        "Towards what made it, what was made of it, or both.",
    ),
    "max_depth": (
        {"type": "integer", "minimum": 0, "maximum": MAX_DEPTH_MAX},
        "How many links away a node may be; any distance if absent.",
    ),
    "max_nodes": (
        {"type": "integer", "minimum": 1, "maximum": MAX_NODES_MAX, "default": MAX_NODES_DEFAULT},
        "How many nodes to give at the most.",
    ),
}
PATH = {
    "artifact_id": ({"type": "string", "minLength": 1}, "The artifact's id."),
    "task_id": ({"type": "string", **ID}, "The task's id."),
    "run_id": ({"type": "string", **ID}, "The run's id."),
    "key_id": ({"type": "string", "minLength": 1, "maxLength": 64}, "The key's id, which is no secret."),
    "name": (
        {"type": "string", "minLength": 1, "maxLength": NAME_CHARS_MAX},
        "The metric's name: all that is left of the path, percent-decoded once, so that it may hold /.",
    ),
}
_ENTITY_TAGS = {
    "type": "string",
    "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$',
    "maxLength": 1_000,
    "example": '"1"',
}
HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "If-Match": (_ENTITY_TAGS, "Update only if the ETag is one of these, or anything exists for *; else 409."),
    "If-None-Match": (_ENTITY_TAGS, "Answer 304 if the ETag is one of these, or anything exists for *."),
    "Cache-Control": (
        {"type": "string", "maxLength": 1_000, "example": "max-age=10"},
        "With max-age=SECONDS the answer may be so old: then a replica of the database may give it. Without it, and "
        "with no-cache, it is never old.",
    ),
    "Idempotency-Key": (
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~][ -~]*$"},
        "The same key and body within a day gets the first answer again; another body with it is a 409.",
    ),
}
_PREDICATES = {
    "artifacts": '{"operation": "EQUALS", "key": "type", "string_value": "Model"}',
    "metrics": '{"operation": "GREATER_THAN", "key": "value", "double_value": 0.9}',
    "artifact_tasks": '{"operation": "EQUALS", "key": "key", "string_value": "model"}',
    "tasks": '{"operation": "IN", "key": "state", "string_values": {"values": ["FAILED", "CANCELED"]}}',
    "runs": '{"operation": "IS_SUBSTRING", "key": "display_name", "string_value": "nightly"}',
}
FILTER_EXAMPLES = {noun: f'{{"predicates": [{predicate}]}}' for noun, predicate in _PREDICATES.items()}


def sorts(noun: Noun) -> str:
    """A sentence that lists what a noun can be sorted by."""
    return "Fields: " + ", ".join(field.name for field in noun.fields if field.sortable) + "."
