"""What a list can be asked: its fields, sort, filter, page and position, for each noun (contract, list_* and filter).

This module knows words and rules. `artifactd.wire` turns JSON and tokens into them, `artifactd.storage` turns them
into SQL.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from artifactd.errors import invalid, quoted

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 200
PREDICATES_MAX = 100
FILTER_VALUES_MAX = 1_000


class Kind(StrEnum):
    """The type of a field, by which it is compared."""

    TEXT = "text"
    TIME = "timestamp"
    NUMBER = "number"
    INTEGER = "integer"
    JSON = "JSON"


class Field(NamedTuple):
    """A field that a list can be filtered by, and sorted by where an index serves it."""

    name: str
    kind: Kind
    sortable: bool = False
    aliases: tuple[str, ...] = ()


class Noun(NamedTuple):
    """What can be asked of one kind of resource.

    `default_sort` is a field's name, or empty for the order of first logging; `json_field` is the field whose keys
    can be filtered by as `<json_field>.<key>`; `metric_keys` says whether it can be filtered by the values of its
    metrics as `metric.<name>`; `scanned_sorts` are fields whose order no index serves, because they are
    read off other resources.
    """

    name: str
    fields: tuple[Field, ...]
    default_sort: str
    json_field: str | None = None
    metric_keys: bool = False
    scanned_sorts: frozenset[str] = frozenset()

    def field(self, name: str) -> Field | None:
        """The field of that name or alias, in snake_case or lowerCamelCase; None if there is none."""
        wanted = re.sub(r"(?<=[a-z0-9])[A-Z]", lambda match: "_" + match[0].lower(), name)
        for field in self.fields:
            if wanted == field.name or wanted in field.aliases:
                return field
        return None


ARTIFACTS = Noun(
    "artifacts",
    (
        Field("artifact_id", Kind.TEXT, True, ("id",)),
        Field("name", Kind.TEXT, True),
        Field("type", Kind.TEXT, True),
        Field("created_at", Kind.TIME, True),
        Field("updated_at", Kind.TIME, True, ("last_update",)),
        Field("number_value", Kind.NUMBER, True, ("value",)),
        Field("uri", Kind.TEXT),
        Field("namespace", Kind.TEXT),
        Field("description", Kind.TEXT),
    ),
    "created_at",
    "metadata",
    metric_keys=True,
)
METRICS = Noun(
    "metrics",
    (
        Field("task_id", Kind.TEXT, True, ("id",)),
        Field("name", Kind.TEXT, True),
        Field("run_id", Kind.TEXT, True),
        Field("schema", Kind.TEXT, True),
        Field("type", Kind.TEXT, True),
        Field("value", Kind.NUMBER, True, ("number_value",)),
        Field("created_at", Kind.TIME, True, ("last_update", "updated_at")),
        Field("step", Kind.INTEGER),
        Field("namespace", Kind.TEXT),
    ),
    "",
)
ARTIFACT_TASKS = Noun(
    "artifact_tasks",
    (
        Field("id", Kind.TEXT, True),
        Field("artifact_id", Kind.TEXT, True),
        Field("task_id", Kind.TEXT, True),
        Field("run_id", Kind.TEXT, True),
        Field("type", Kind.TEXT, True),
        Field("created_at", Kind.TIME, True, ("last_update", "updated_at")),
        Field("key", Kind.TEXT),
    ),
    "created_at",
)
TASKS = Noun(
    "tasks",
    (
        Field("task_id", Kind.TEXT, True, ("id",)),
        Field("run_id", Kind.TEXT, True),
        Field("name", Kind.TEXT, True),
        Field("display_name", Kind.TEXT, True),
        Field("state", Kind.TEXT, True, ("status",)),
        Field("create_time", Kind.TIME, True, ("created_at",)),
        Field("start_time", Kind.TIME, True, ("started_at",)),
        Field("end_time", Kind.TIME, True, ("finished_at",)),
        Field("updated_at", Kind.TIME, True, ("last_update",)),
        Field("parent_task_id", Kind.TEXT),
        Field("pod_name", Kind.TEXT),
        Field("execution_id", Kind.TEXT),
        Field("namespace", Kind.TEXT),
    ),
    "create_time",
)
RUNS = Noun(
    "runs",
    (
        Field("run_id", Kind.TEXT, True, ("id",)),
        Field("display_name", Kind.TEXT, True, ("name",)),
        Field("created_at", Kind.TIME, True),
        Field("updated_at", Kind.TIME, True, ("last_update",)),
        Field("state", Kind.TEXT, True, ("status",)),
        Field("scheduled_at", Kind.TIME),
        Field("finished_at", Kind.TIME),
        Field("experiment_id", Kind.TEXT),
        Field("description", Kind.TEXT),
        Field("storage_state", Kind.TEXT),
        Field("pipeline_name", Kind.TEXT),
        Field("namespace", Kind.TEXT),
    ),
    "created_at",
    metric_keys=True,
    scanned_sorts=frozenset({"state"}),
)
METRIC_HISTORY = Noun("metrics", (Field("created_at", Kind.TIME, True),), "created_at")
NAMESPACES = Noun("namespaces", (Field("namespace", Kind.TEXT, True),), "namespace")
API_KEYS = Noun("api_keys", (Field("created_at", Kind.TIME, True),), "created_at")


class Sort(NamedTuple):
    """The order of a list; an empty field is the order of first logging."""

    field: str
    descending: bool = False


class Operation(StrEnum):
    """What a predicate compares; KFP's `Predicate.Operation`."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    GREATER_THAN = "GREATER_THAN"
    GREATER_THAN_EQUALS = "GREATER_THAN_EQUALS"
    LESS_THAN = "LESS_THAN"
    LESS_THAN_EQUALS = "LESS_THAN_EQUALS"
    IN = "IN"
    IS_SUBSTRING = "IS_SUBSTRING"


class ValueKind(StrEnum):
    """What a predicate's value is."""

    TEXT = "text"
    TIME = "timestamp"
    INTEGER = "integer"
    DOUBLE = "double"
    BOOLEAN = "boolean"


Scalar = str | int | float | bool


class Predicate(NamedTuple):
    """One condition. `values` holds one value, or several for `IN`; times are microseconds.

    `json_path` holds the keys to descend by in the noun's JSON field, and is empty for the message's own fields.
    `metric` is the name of the metric that is compared; empty for everything else.
    """

    operation: Operation
    field: Field
    json_path: tuple[str, ...]
    value_kind: ValueKind
    values: tuple[Scalar, ...]
    metric: str = ""


class Position(NamedTuple):
    """Where a walk stands: behind the item with this sort value and these identifiers, in this segment of the order.

    Values are JSON scalars; what they mean is the business of `artifactd.storage.pages`.
    """

    segment: int
    values: tuple[Scalar, ...]


class ListQuery(NamedTuple):
    """One page of a list.

    `namespace` None is every namespace that the caller may list. The id lists are AND-ed with each other and OR-ed
    within; empty ones ask for nothing. `types` are the link types asked for. `total_size` is the count that the
    first page found, where it is carried along, and `total_scope` tells which namespaces it was counted in. A basic
    list of runs leaves their pipelines out.
    """

    noun: Noun
    namespace: str | None
    sort: Sort
    predicates: tuple[Predicate, ...]
    page_size: int
    position: Position | None = None
    total_size: int | None = None
    task_ids: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    artifact_ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    parent_id: str | None = None
    experiment_id: str | None = None
    total_scope: str = ""
    is_basic: bool = False

    @property
    def selective(self) -> bool:
        """Whether the list is less than whole namespaces, so that its count has to be looked for."""
        return bool(
            self.predicates
            or self.task_ids
            or self.run_ids
            or self.artifact_ids
            or self.parent_id is not None
            or self.experiment_id is not None
        )

    @property
    def scans(self) -> bool:
        """Whether many rows may have to be looked at, so that the list belongs on a thread, under a time limit."""
        return self.selective or self.sort.field in self.noun.scanned_sorts


Item = TypeVar("Item")


class Page(NamedTuple, Generic[Item]):
    """A page's items, the size of the whole list, and where the next page begins (None on the last).

    `scope` tells in which namespaces the size was counted.
    """

    items: list[Item]
    total_size: int
    next_position: Position | None
    scope: str = ""


def parse_sort_by(noun: Noun, text: str | None, parameter: str = "sort_by") -> Sort:
    """The order that `field`, `field asc` or `field desc` asks for; case and extra blanks do not matter.

    Raises:
        InvalidArgument: listing the fields that an index serves.
    """
    if text is None:
        return Sort(noun.default_sort)
    words = text.split()
    field = (noun.field(words[0]) or noun.field(words[0].lower())) if words else None
    direction = words[1].lower() if len(words) == 2 else "asc"
    if field is None or not field.sortable or len(words) > 2 or direction not in ("asc", "desc"):
        allowed = ", ".join(item.name for item in noun.fields if item.sortable)
        raise invalid(parameter, f"{quoted(text)} is not one of these fields, alone or with asc or desc: {allowed}")
    return Sort(field.name, direction == "desc")


def parse_page_size(value: int | None) -> int:
    """How many items a page holds: 20 if unsaid or 0, at most 200.

    Raises:
        InvalidArgument: it is negative.
    """
    if value is not None and value < 0:
        raise invalid("page_size", f"{value} is negative; give 1 to {PAGE_SIZE_MAX}, or 0 for {PAGE_SIZE_DEFAULT}")
    return min(value or PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)


_FITTING = {
    Kind.TEXT: {ValueKind.TEXT},
    Kind.TIME: {ValueKind.TIME},
    Kind.NUMBER: {ValueKind.INTEGER, ValueKind.DOUBLE},
    Kind.INTEGER: {ValueKind.INTEGER, ValueKind.DOUBLE},
    Kind.JSON: {ValueKind.TEXT, ValueKind.INTEGER, ValueKind.DOUBLE, ValueKind.BOOLEAN},
}


def check_predicate(
    noun: Noun,
    path: str,
    operation: Operation,
    key: str,
    value_kind: ValueKind,
    values: tuple[Scalar, ...],
    *,
    many: bool,
) -> Predicate:
    r"""A predicate that makes sense for the noun.

    Args:
        path: the predicate's place in the filter, for messages (`filter.predicates[0]`).
        key: a field's name, `metadata.<key>` with dots that descend and `\.` for a literal dot, or `metric.<name>`.
        many: whether the value is one of the lists, which only `IN` takes.

    Raises:
        InvalidArgument: an unknown key, or a value or an operation that does not fit it.
    """
    field, json_path, metric = _field_of_key(noun, path, key)
    if value_kind not in _FITTING[field.kind]:
        wanted = " or ".join(sorted(_FITTING[field.kind]))
        raise invalid(path, f"{quoted(key)} is compared with: {wanted} values, not with: {value_kind} values")
    if (operation is Operation.IN) != many:
        wanted = "takes one of the lists (int_values, long_values, string_values, double_values)"
        raise invalid(path, f"operation {operation} " + (wanted if not many else "takes a single value, not a list"))
    if operation is Operation.IS_SUBSTRING and value_kind is not ValueKind.TEXT:
        raise invalid(path, f"operation IS_SUBSTRING takes a string_value, and {quoted(key)} must hold text")
    ordered = operation not in (Operation.EQUALS, Operation.NOT_EQUALS)
    if value_kind is ValueKind.BOOLEAN and ordered:
        raise invalid(path, "a bool_value can be compared with EQUALS and NOT_EQUALS only")
    return Predicate(operation, field, json_path, value_kind, values, metric)


_METRIC = "metric."
_METRIC_VALUE = Field("metric", Kind.NUMBER)


def _field_of_key(noun: Noun, path: str, key: str) -> tuple[Field, tuple[str, ...], str]:
    prefix = f"{noun.json_field}."
    if noun.json_field and key.startswith(prefix):
        parts = [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", key[len(prefix) :])]
        if all(parts):
            return Field(noun.json_field, Kind.JSON), tuple(parts), ""
        raise invalid(f"{path}.key", f"{quoted(key)} has an empty part; write a literal dot as \\.")
    if noun.metric_keys and key.startswith(_METRIC) and len(key) > len(_METRIC):
        return _METRIC_VALUE, (), key.removeprefix(_METRIC)
    field = noun.field(key)
    if field is None:
        allowed = ", ".join(item.name for item in noun.fields)
        more = f", {noun.json_field}.<key>" if noun.json_field else ""
        more += ", metric.<name>" if noun.metric_keys else ""
        raise invalid(f"{path}.key", f"{quoted(key)} is not one of {allowed}{more}")
    return field, (), ""
