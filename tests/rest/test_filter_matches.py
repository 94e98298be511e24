"""What a filter matches (contract, filter): compared with a plain Python predicate over all items."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engines.databases import Databases
from support import Api, Clock, filter_of, running_app

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_EQUALS": operator.le,
    "IS_SUBSTRING": lambda text, part: part in text,
}
ABSENT = object()
TEXTS = ["a", "A", "b", "a ", " a", "a%", "a_b", "axb", "%", "_", "é", "e\u0301", "🚀", "\uffff", "10", "9", "1", "NaN"]
TEXTS += ["[", "*", "?", "\\", "'", '"', "\n", "true", "null", "\u0130", "ss", "ß"]
DATA: list[Any] = [ABSENT, None, True, False, 0, 1, -1, 1.5, -0.0, 2**53 + 1, 2**70, -(2**63), 1e300, 5e-324]
DATA += ["", *TEXTS, [], [1], {}, {"a": 1}, ["a"]]
NUMBERS: list[Any] = [0, 1, -1, 1.5, 2**53, 2**62, -(2**63), 1e300, -1e300, 5e-324]
METRICS: list[Any] = [0.0, 1.0, -1.0, 1.5, 1e300, 5e-324, float(2**53), "NaN", "Infinity", "-Infinity", [1]]
TIMES = ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "2026-01-31T12:00:00.000001Z"]
TIMES += ["2026-01-31T12:00:00Z", "9999-12-31T23:59:59Z"]


@pytest.fixture(scope="module")
def data_api(engine: str, databases: Databases) -> Iterator[Api]:
    """A client of a store that holds each of the values above; an item's name is its value's place."""
    clock = Clock()
    with databases.empty_store(engine) as store, running_app(store, clock=clock) as (url, _):
        api = Api(url, clock)
        for number, value in enumerate(DATA):
            metadata = {} if value is ABSENT else {"x": value, "in": {"x": value}, "a.b": value}
            uri = {"uri": value} if isinstance(value, str) and value else {}
            api.artifact(name=str(number), metadata=metadata, **uri)
        for number, value in enumerate(METRICS):
            schema = {"schema": "ClassificationMetric"} if isinstance(value, list) else {}
            step = {} if number % 3 == 0 else {"step": number}
            api.metric(task_id=f"m{number}", value=value, **schema, **step)
        for number, time in enumerate(TIMES):
            api.task(task_id=f"z{number}", create_time=time, **({"end_time": time} if number % 2 else {}))
        yield api
        api.close()


def found_in(api: Api, noun: str, name: str, *predicates: dict[str, Any]) -> set[str]:
    return {item[name] for item in api.walk(f"/{noun}", noun, page_size=200, filter=filter_of(*predicates))}


def holds(operation: str, kept: Any, asked: Any) -> bool:
    """The rule: types are never converted, numbers compare as doubles, what is missing matches only NOT_EQUALS."""
    if operation == "NOT_EQUALS":
        return not holds("EQUALS", kept, asked)
    if isinstance(asked, bool) or isinstance(kept, bool):
        return kept is asked
    if isinstance(asked, str) != isinstance(kept, str) or not isinstance(kept, (str, int, float)):
        return False
    if isinstance(asked, str):
        return COMPARISONS[operation](kept, asked)
    return COMPARISONS[operation](float(kept), float(asked))


def value_of(asked: Any) -> dict[str, Any]:
    if isinstance(asked, bool):
        return {"bool_value": asked}
    if isinstance(asked, str):
        return {"string_value": asked}
    return {"long_value": asked} if isinstance(asked, int) else {"double_value": asked}


ASKED = [(operation, text) for operation in COMPARISONS for text in ("", *TEXTS)]
ASKED += [("NOT_EQUALS", text) for text in TEXTS]
ASKED_NUMBERS = list(itertools.product([*COMPARISONS, "NOT_EQUALS"], NUMBERS))


@pytest.mark.parametrize("key", ["metadata.x", "metadata.in.x", "metadata.a\\.b"])
def test_metadata_is_compared_by_json_type(data_api: Api, key: str) -> None:
    wrong = []
    for operation, asked in [*ASKED, *ASKED_NUMBERS, *itertools.product(("EQUALS", "NOT_EQUALS"), (True, False))]:
        if operation == "IS_SUBSTRING" and not isinstance(asked, str):
            continue
        predicate = {"operation": operation, "key": key, **value_of(asked)}
        expected = {str(number) for number, kept in enumerate(DATA) if holds(operation, kept, asked)}
        if found_in(data_api, "artifacts", "name", predicate) != expected:
            wrong.append((operation, asked, found_in(data_api, "artifacts", "name", predicate) ^ expected))

    assert wrong == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("string_values", ["a", "9", "é", "\uffff"]),
        ("string_values", []),
        ("int_values", [0, 1, "-1"]),
        ("long_values", [str(-(2**63)), 1]),
        ("double_values", [1.5, 1, 1e300]),
    ],
)
def test_in_matches_any_of_its_values(data_api: Api, name: str, values: list[Any]) -> None:
    wanted = [int(value) if name in ("int_values", "long_values") else value for value in values]
    predicate = {"operation": "IN", "key": "metadata.x", name: {"values": values}}

    found = found_in(data_api, "artifacts", "name", predicate)

    assert found == {str(n) for n, kept in enumerate(DATA) if any(holds("EQUALS", kept, value) for value in wanted)}


@pytest.mark.parametrize("operation", [*COMPARISONS, "NOT_EQUALS"])
def test_texts_are_compared_by_code_point(data_api: Api, operation: str) -> None:
    kept = {str(number): value if isinstance(value, str) and value else ABSENT for number, value in enumerate(DATA)}

    for asked in TEXTS:
        found = found_in(data_api, "artifacts", "name", {"operation": operation, "key": "uri", "string_value": asked})
        assert found == {name for name, value in kept.items() if holds(operation, value, asked)}, asked


def as_double(value: Any) -> Any:
    return ABSENT if isinstance(value, list) else float(value)


@pytest.mark.parametrize("operation", [*(item for item in COMPARISONS if item != "IS_SUBSTRING"), "NOT_EQUALS"])
@pytest.mark.parametrize("name", ["double_value", "long_value"])
def test_a_metrics_value_is_compared_as_a_double(data_api: Api, operation: str, name: str) -> None:
    for asked in NUMBERS:
        if name == "long_value" and not isinstance(asked, int):
            continue
        found = found_in(data_api, "metrics", "task_id", {"operation": operation, "key": "value", name: asked})
        kept = {f"m{number}": as_double(value) for number, value in enumerate(METRICS)}
        expected = {task_id for task_id, value in kept.items() if holds(operation, value, asked)}
        assert found == expected, asked


def test_nan_matches_only_not_equals(data_api: Api) -> None:
    kept = next(f"m{n}" for n, value in enumerate(METRICS) if value == "NaN")

    for operation in (item for item in COMPARISONS if item != "IS_SUBSTRING"):
        predicate = {"operation": operation, "key": "value", "double_value": 0}
        assert kept not in found_in(data_api, "metrics", "task_id", predicate)
    assert math.isnan(float("NaN"))
    not_equals = {"operation": "NOT_EQUALS", "key": "value", "double_value": 0}
    assert kept in found_in(data_api, "metrics", "task_id", not_equals)


@pytest.mark.parametrize("operation", [*(item for item in COMPARISONS if item != "IS_SUBSTRING"), "NOT_EQUALS"])
def test_a_step_is_compared_as_a_number_and_missing_where_none_was_given(data_api: Api, operation: str) -> None:
    kept = {f"m{number}": ABSENT if number % 3 == 0 else number for number in range(len(METRICS))}

    for asked in (0, 1, 2, 2.5, 4):
        predicate = {"operation": operation, "key": "step", **value_of(asked)}
        expected = {task_id for task_id, value in kept.items() if holds(operation, value, asked)}
        assert found_in(data_api, "metrics", "task_id", predicate) == expected, asked


@pytest.mark.parametrize("operation", [*(item for item in COMPARISONS if item != "IS_SUBSTRING"), "NOT_EQUALS"])
@pytest.mark.parametrize("key", ["create_time", "end_time"])
def test_times_are_compared_as_moments(data_api: Api, operation: str, key: str) -> None:
    compare = operator.ne if operation == "NOT_EQUALS" else COMPARISONS[operation]
    for asked, time in enumerate(TIMES):
        offset = time.replace("T12:00:00", "T14:30:00").replace("Z", "+02:30") if "T12" in time else time
        predicate = {"operation": operation, "key": key, "timestamp_value": offset}
        found = found_in(
            data_api, "tasks", "task_id", {"operation": "IS_SUBSTRING", "key": "id", "string_value": "z"}, predicate
        )
        ranks = [0, 1, 2, 4, 3, 5]
        expected = {
            f"z{number}"
            for number in range(len(TIMES))
            if (
                compare(ranks[number], ranks[asked])
                if key == "create_time" or number % 2
                else operation == "NOT_EQUALS"
            )
        }
        assert found == expected, time


@pytest.mark.parametrize("operation", [*COMPARISONS, "NOT_EQUALS"])
def test_ids_are_compared_as_texts(data_api: Api, operation: str) -> None:
    ids = [item["artifact_id"] for item in data_api.get("/artifacts", page_size=200)["artifacts"]]

    for asked in (ids[3], ids[3].upper(), ids[3][:-1], "", "8000", "nonsense", ids[3] + "0", "00000000-0000-7000"):
        predicate = {"operation": operation, "key": "artifact_id", "string_value": asked}
        assert found_in(data_api, "artifacts", "artifact_id", predicate) == {
            item for item in ids if holds(operation, item, asked)
        }, asked


@pytest.mark.parametrize(
    "key", ["a b", "a.b", "a\\b", 'a"b', "a'b", "$", "#", "[0]", "*", "é", "🚀", "\n", "\t", "\x7f", "\u2028",
            "A", "a", "0", "-1", "%", "\x01", "a/b", "\\", '"', "\\n", "\\u0041", "'"],
)  # fmt: skip
def test_a_key_of_any_spelling_is_found(api: Api, key: str) -> None:
    for name, metadata in (("hit", {key: "x"}), ("other", {"other": "x", "\\" + key: "x", key + "x": "x"})):
        api.artifact(name=name, metadata=metadata)
    predicate = {"operation": "EQUALS", "key": "metadata." + key.replace(".", "\\."), "string_value": "x"}

    assert found_in(api, "artifacts", "name", predicate) == {"hit"}


def test_dots_descend_into_objects_and_not_into_lists(api: Api) -> None:
    api.artifact(name="object", metadata={"a": {"0": {"c": 1}}})
    api.artifact(name="list", metadata={"a": [{"c": 1}]})
    api.artifact(name="flat", metadata={"a.0.c": 1})

    def found(key: str) -> set[str]:
        return found_in(api, "artifacts", "name", {"operation": "EQUALS", "key": key, "int_value": 1})

    assert found("metadata.a.0.c") == {"object"}
    assert found("metadata.a\\.0\\.c") == {"flat"}
    assert found("metadata.a.c") == found("metadata.a.[0].c") == set()


def test_numbers_that_are_one_double_are_equal(api: Api) -> None:
    api.artifact(name="one", metadata={"x": 2**53})
    api.artifact(name="other", metadata={"x": 2**53 + 1})
    predicate = {"operation": "EQUALS", "key": "metadata.x", "long_value": str(2**53)}

    assert found_in(api, "artifacts", "name", predicate) == {"one", "other"}
