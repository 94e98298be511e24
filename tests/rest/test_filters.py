"""The filter parameter: its form, what fits what, and its limits (contract, filter)."""

from __future__ import annotations

import itertools
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from support import API, Api, error_of, fields_of, filter_of

from artifactd.errors import InvalidArgument
from artifactd.wire.tolerant import decode_json

OPERATIONS = ["EQUALS", "NOT_EQUALS", "GREATER_THAN", "GREATER_THAN_EQUALS", "LESS_THAN", "LESS_THAN_EQUALS"]
OPERATIONS += ["IN", "IS_SUBSTRING"]
NUMBERS = [1, 2, 3, 5, 6, 7, 8, 9]
VALUES: dict[str, Any] = {
    "int_value": 1,
    "long_value": "1",
    "string_value": "x",
    "timestamp_value": "2026-01-31T00:00:00Z",
    "double_value": 0.5,
    "bool_value": True,
    "int_values": {"values": [1, "2"]},
    "long_values": {"values": [1, "2"]},
    "string_values": {"values": ["x"]},
    "double_values": {"values": [0.5, 1]},
}
TEXT, TIME, NUMBER, JSON = "text", "time", "number", "json"
KINDS = {
    TEXT: {"string_value", "string_values"},
    TIME: {"timestamp_value"},
    NUMBER: {"int_value", "long_value", "double_value", "int_values", "long_values", "double_values"},
    JSON: set(VALUES) - {"timestamp_value"},
}
KEYS = {
    "artifacts": {
        **dict.fromkeys(["artifact_id", "id", "name", "type", "uri", "namespace", "description"], TEXT),
        **dict.fromkeys(["created_at", "updated_at"], TIME),
        "number_value": NUMBER,
        "metadata.a": JSON,
        "metadata.a.b": JSON,
        "metadata.a\\.b": JSON,
    },
    "metrics": {
        **dict.fromkeys(["task_id", "name", "run_id", "schema", "type", "namespace"], TEXT),
        "created_at": TIME,
        **dict.fromkeys(["value", "step"], NUMBER),
    },
    "artifact_tasks": {
        **dict.fromkeys(["id", "artifact_id", "task_id", "run_id", "type", "key"], TEXT),
        "created_at": TIME,
    },
    "tasks": {
        **dict.fromkeys(["task_id", "run_id", "name", "display_name", "state", "parent_task_id", "pod_name"], TEXT),
        **dict.fromkeys(["execution_id", "namespace"], TEXT),
        **dict.fromkeys(["create_time", "start_time", "end_time"], TIME),
    },
    "runs": {
        **dict.fromkeys(["run_id", "display_name", "state", "experiment_id", "description", "storage_state"], TEXT),
        **dict.fromkeys(["pipeline_name", "namespace"], TEXT),
        **dict.fromkeys(["created_at", "scheduled_at", "finished_at"], TIME),
    },
}
EVERY = [(noun, key, kind) for noun, keys in KEYS.items() for key, kind in keys.items()]


def ask(api: Api, filter_: Any, noun: str = "artifacts") -> Any:
    text = filter_ if isinstance(filter_, str) else json.dumps(filter_)
    return api.request("GET", f"/{noun}", query={"filter": text})


def refusal(api: Api, filter_: Any, noun: str = "artifacts") -> str:
    reply = ask(api, filter_, noun)
    assert reply.status == 400, (filter_, reply)
    assert all(field == "filter" or field.startswith("filter.") for field in fields_of(reply))
    return str(error_of(reply)["message"])


def fits(kind: str, operation: str, name: str) -> bool:
    if name not in KINDS[kind] or (operation == "IN") != name.endswith("s"):
        return False
    if operation == "IS_SUBSTRING":
        return name == "string_value"
    return name != "bool_value" or operation in ("EQUALS", "NOT_EQUALS")


@pytest.mark.parametrize(("noun", "key", "kind"), EVERY)
def test_every_operation_takes_the_values_that_fit_the_field_and_no_others(
    shared_api: Api, noun: str, key: str, kind: str
) -> None:
    wrong = []
    for operation, (name, value) in itertools.product(OPERATIONS, VALUES.items()):
        reply = ask(shared_api, {"predicates": [{"operation": operation, "key": key, name: value}]}, noun)
        if reply.status != (200 if fits(kind, operation, name) else 400):
            wrong.append((operation, name, reply.status))

    assert wrong == []


@pytest.mark.parametrize("noun", KEYS)
@pytest.mark.parametrize(
    "key", ["nonsense", "", "created_at_us", "metadata", "metadata.", "metadata..a", "metadata.a.", "a.b", " name", "1",
            "inputs", "labels", "labels.a", "error", "state_history", "producer", "total_size", "🚀", "name;"],
)  # fmt: skip
def test_an_unknown_key_is_400(shared_api: Api, noun: str, key: str) -> None:
    message = refusal(shared_api, {"predicates": [{"operation": "EQUALS", "key": key, "string_value": "x"}]}, noun)

    assert repr(key) in message or "key" in message


def test_metadata_keys_are_for_artifacts_alone(shared_api: Api) -> None:
    predicate = {"operation": "EQUALS", "key": "metadata.a", "string_value": "x"}

    assert ask(shared_api, {"predicates": [predicate]}).status == 200
    for noun in set(KEYS) - {"artifacts"}:
        refusal(shared_api, {"predicates": [predicate]}, noun)


@pytest.mark.parametrize("key", ["createdAt", "created_at", "artifactId", "numberValue"])
def test_keys_come_in_either_spelling(shared_api: Api, key: str) -> None:
    value = {"createdAt": "timestamp_value", "created_at": "timestamp_value", "numberValue": "int_value"}
    name = value.get(key, "string_value")

    assert ask(shared_api, {"predicates": [{"operation": "EQUALS", "key": key, name: VALUES[name]}]}).status == 200


@pytest.mark.parametrize(("number", "name"), list(zip(NUMBERS, OPERATIONS, strict=True)))
def test_an_operation_comes_as_its_number_too(api: Api, number: int, name: str) -> None:
    for text in ("a", "b", "ab", "c"):
        api.artifact(name=text)
    value = {"string_values": {"values": ["b", "c"]}} if name == "IN" else {"string_value": "b"}

    by_number, by_name = (
        ask(api, {"predicates": [{"operation": operation, "key": "name", **value}]}) for operation in (number, name)
    )

    assert by_number.status == 200
    assert by_number.json == by_name.json


@pytest.mark.parametrize("bad", [0, 4, 10, -1, 1.0, "1", True, None, "equals", "LIKE", "OPERATION_UNSPECIFIED", [], {}])
def test_an_unknown_operation_is_400(shared_api: Api, bad: Any) -> None:
    message = refusal(shared_api, {"predicates": [{"operation": bad, "key": "name", "string_value": "x"}]})

    assert "EQUALS" in message


BAD_NUMBERS: list[tuple[str, Any]]
BAD_NUMBERS = [("int_value", bad) for bad in (1 << 31, -(1 << 31) - 1, "x", 1.5, True, "", "1.0", "+1", " 1")]
BAD_NUMBERS += [("long_value", bad) for bad in (1 << 63, str(1 << 63), "x", 1.5, True, "9" * 50)]
BAD_NUMBERS += [("double_value", bad) for bad in ("x", "0.5", True, 10**400, "NaN")]
BAD_NUMBERS += [(name, [1]) for name in ("int_value", "long_value", "double_value")]


@pytest.mark.parametrize(("name", "bad"), BAD_NUMBERS, ids=lambda value: str(value)[:20])
def test_a_bad_number_is_400(shared_api: Api, name: str, bad: Any) -> None:
    refusal(shared_api, {"predicates": [{"operation": "EQUALS", "key": "number_value", name: bad}]})


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("place", ['"double_value": %s', '"int_value": %s', '"string_value": %s', '"bool_value": %s'])
def test_nan_and_the_infinities_are_400(shared_api: Api, place: str, token: str) -> None:
    refusal(shared_api, '{"predicates": [{"operation": "EQUALS", "key": "metadata.a", ' + place % token + "}]}")


@pytest.mark.parametrize("bad", ["yesterday", "", 5, True, {}, "2026-13-01", "1700000000"])
def test_a_bad_timestamp_is_400(shared_api: Api, bad: Any) -> None:
    refusal(shared_api, {"predicates": [{"operation": "EQUALS", "key": "created_at", "timestamp_value": bad}]})


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("string_value", 5),
        ("string_value", ["x"]),
        ("bool_value", "true"),
        ("bool_value", 1),
        ("string_values", ["x"]),
        ("string_values", "x"),
        ("string_values", {"values": "x"}),
        ("string_values", {"values": [1]}),
        ("string_values", {"values": [None]}),
        ("string_values", {"value": ["x"]}),
        ("int_values", {"values": [1.5]}),
        ("int_values", {"values": [1 << 31]}),
        ("long_values", {"values": [[]]}),
        ("double_values", {"values": ["x"]}),
    ],
)
def test_a_value_of_another_form_is_400(shared_api: Api, name: str, bad: Any) -> None:
    operation = "IN" if name.endswith("s") else "EQUALS"

    refusal(shared_api, {"predicates": [{"operation": operation, "key": "metadata.a", name: bad}]})


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        None,
        "x",
        [],
        {"operation": "EQUALS", "key": "name"},
        {"operation": "EQUALS", "key": "name", "string_value": None},
        {"operation": "EQUALS", "key": "name", "string_value": "x", "int_value": 1},
        {"operation": "EQUALS", "string_value": "x"},
        {"operation": "EQUALS", "key": None, "string_value": "x"},
        {"operation": "EQUALS", "key": 5, "string_value": "x"},
        {"key": "name", "string_value": "x"},
        {"operation": "EQUALS", "key": "name", "string_value": "x", "nonsense": 1},
        {"operation": "EQUALS", "key": "name", "string_value": "x", "stringValue": "x"},
    ],
    ids=str,
)
def test_a_malformed_predicate_is_400(shared_api: Api, predicate: Any) -> None:
    refusal(shared_api, {"predicates": [predicate]})


@pytest.mark.parametrize(
    "text",
    ["x", "[]", "null", "1", '"x"', "{", "{}}", '{"predicates": {}}', '{"predicates": [}', '{"nonsense": []}',
     '{"predicates": [], "predicate": []}', "%7B", "%257B%257D%", "{'predicates': []}", "name = 'x'", "NaN"],
)  # fmt: skip
def test_what_is_no_filter_is_400(shared_api: Api, text: str) -> None:
    refusal(shared_api, text)


@pytest.mark.parametrize("text", ["{}", '{"predicates": []}', '{"predicates": null}', " {} ", "%7B%7D", "%7B%7D+"])
def test_a_filter_without_predicates_holds_for_everything(api: Api, text: str) -> None:
    api.artifact()

    assert ask(api, text).json["total_size"] == 1


def test_predicates_come_in_lower_camel_case_and_with_nulls(api: Api) -> None:
    api.artifact(name="a")
    camel = {"operation": "IN", "key": "name", "stringValues": {"values": ["a"]}, "intValue": None, "long_value": None}

    assert ask(api, {"predicates": [camel]}).json["total_size"] == 1


@pytest.mark.parametrize("name", ["plain", "a b", "a+b", "100%", "%41", "é🚀", '"', "&=#", "%2B"])
def test_a_filter_is_percent_encoded_once_or_twice(api: Api, name: str) -> None:
    api.artifact(name=name)
    api.artifact(name="other")
    text = filter_of({"operation": "EQUALS", "key": "name", "string_value": name})

    for encoded in (quote(text, safe=""), quote_plus(text), quote(quote(text)), quote(quote_plus(text, safe=""))):
        answer = api.raw("GET", f"{API}/artifacts?filter={encoded}").json
        assert [item["name"] for item in answer["artifacts"]] == [name], encoded


@pytest.mark.parametrize("bad", ["%25FF", "%25C3", "%25ED%25A0%2580"])
def test_bad_utf8_behind_the_second_decoding_is_400(shared_api: Api, bad: str) -> None:
    text = quote(quote(filter_of({"operation": "EQUALS", "key": "name", "string_value": "HERE"}))).replace("HERE", bad)

    assert fields_of(shared_api.raw("GET", f"{API}/artifacts?filter={text}")) == ["filter"]


@pytest.mark.parametrize("bad", [r"\u0000", r"\ud800", r"\udc00"])
@pytest.mark.parametrize("place", ['"key": "name", "string_value": "%s"', '"key": "metadata.%s", "string_value": "x"'])
def test_nul_and_lone_surrogates_are_400(shared_api: Api, place: str, bad: str) -> None:
    refusal(shared_api, '{"predicates": [{"operation": "EQUALS", ' + place % bad + "}]}")


def test_a_text_that_no_store_can_keep_is_refused_without_an_escape_too() -> None:
    with pytest.raises(InvalidArgument, match="lone surrogate"):
        decode_json('{"a": "\ud800"}')


@pytest.mark.parametrize("depth", [101, 1_000, 20_000])
def test_a_deep_filter_is_400(shared_api: Api, depth: int) -> None:
    refusal(shared_api, "[" * depth + "]" * depth)


def predicates(count: int, name: str = "x") -> list[dict[str, Any]]:
    return [{"operation": "NOT_EQUALS", "key": "name", "string_value": name}] * count


def test_a_filter_has_100_predicates_and_no_more(shared_api: Api) -> None:
    assert ask(shared_api, {"predicates": predicates(100)}).status == 200
    assert "100" in refusal(shared_api, {"predicates": predicates(101)})


def test_a_filter_has_a_thousand_values_in_all_and_no_more(shared_api: Api) -> None:
    def in_list(count: int) -> dict[str, Any]:
        return {"operation": "IN", "key": "name", "string_values": {"values": ["x"] * count}}

    assert ask(shared_api, {"predicates": [in_list(1_000)]}).status == 200
    assert ask(shared_api, {"predicates": [in_list(500), in_list(499), *predicates(1)]}).status == 200
    assert "1000" in refusal(shared_api, {"predicates": [in_list(1_001)]})
    assert "1000" in refusal(shared_api, {"predicates": [in_list(500), in_list(500), *predicates(1)]})


def test_all_predicates_must_hold(api: Api) -> None:
    for name, kind in (("a", "Model"), ("b", "Model"), ("a", "HTML")):
        api.artifact(name=name, type=kind)
    both = [{"operation": "EQUALS", "key": "name", "string_value": "a"}]
    both += [{"operation": "EQUALS", "key": "type", "string_value": "Model"}]

    [found] = ask(api, {"predicates": both}).json["artifacts"]
    assert (found["name"], found["type"]) == ("a", "Model")
