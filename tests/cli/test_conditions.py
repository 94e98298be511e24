"""Conditions as people write them, and the filters that they become."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifactd.cli.asking import SortType
from artifactd.cli.conditions import filter_of, parse_condition
from artifactd.cli.nouns import ARTIFACT, METRIC, RUN, TASK, Listed
from artifactd.listing import Kind, Operation, ValueKind
from artifactd.wire.filters import decode_filter

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOUNS = (ARTIFACT, METRIC, TASK, RUN)


def predicates(text: str, listed: Listed = ARTIFACT) -> list[dict[str, Any]]:
    return parse_condition(listed, text, NOW)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("type=Model", {"operation": "EQUALS", "key": "type", "string_value": "Model"}),
        ("type == Model", {"operation": "EQUALS", "key": "type", "string_value": "Model"}),
        ("name != iris", {"operation": "NOT_EQUALS", "key": "name", "string_value": "iris"}),
        ("name~iris", {"operation": "IS_SUBSTRING", "key": "name", "string_value": "iris"}),
        ("name=", {"operation": "EQUALS", "key": "name", "string_value": ""}),
        ("uri=s3://b/k?a=1", {"operation": "EQUALS", "key": "uri", "string_value": "s3://b/k?a=1"}),
        ('name="> 3"', {"operation": "EQUALS", "key": "name", "string_value": "> 3"}),
        ("value>0.9", {"operation": "GREATER_THAN", "key": "number_value", "double_value": 0.9}),
        ("value >= 3", {"operation": "GREATER_THAN_EQUALS", "key": "number_value", "long_value": 3}),
        ("value<-1e-3", {"operation": "LESS_THAN", "key": "number_value", "double_value": -0.001}),
        ("value<=99999999999999999999", {"operation": "LESS_THAN_EQUALS", "key": "number_value", "double_value": 1e20}),
        ("metadata.framework=sklearn", {"operation": "EQUALS", "key": "metadata.framework", "string_value": "sklearn"}),
        ("metadata.lr<0.9", {"operation": "LESS_THAN", "key": "metadata.lr", "double_value": 0.9}),
        ("metadata.epochs=3", {"operation": "EQUALS", "key": "metadata.epochs", "long_value": 3}),
        ('metadata.epochs="3"', {"operation": "EQUALS", "key": "metadata.epochs", "string_value": "3"}),
        ("metadata.epochs~3", {"operation": "IS_SUBSTRING", "key": "metadata.epochs", "string_value": "3"}),
        ("metadata.done=true", {"operation": "EQUALS", "key": "metadata.done", "bool_value": True}),
        ("metadata.loss=NaN", {"operation": "EQUALS", "key": "metadata.loss", "string_value": "NaN"}),
        ("metadata.code=007", {"operation": "EQUALS", "key": "metadata.code", "string_value": "007"}),
        ("metadata.a\\.b=x", {"operation": "EQUALS", "key": "metadata.a\\.b", "string_value": "x"}),
        (
            "metadata.note=cats in hats",
            {"operation": "EQUALS", "key": "metadata.note", "string_value": "cats in hats"},
        ),
        (
            "type in Model, Dataset",
            {"operation": "IN", "key": "type", "string_values": {"values": ["Model", "Dataset"]}},
        ),
        ("type IN (Model)", {"operation": "IN", "key": "type", "string_values": {"values": ["Model"]}}),
        ('name in "a,b",c', {"operation": "IN", "key": "name", "string_values": {"values": ["a,b", "c"]}}),
        ("value in 1,2.5", {"operation": "IN", "key": "number_value", "double_values": {"values": [1.0, 2.5]}}),
        (
            "created_at>2h",
            {"operation": "GREATER_THAN", "key": "created_at", "timestamp_value": "2026-11-23T10:00:00Z"},
        ),
        (
            "createdAt <= 2026-01-31T12:30:00+01:00",
            {"operation": "LESS_THAN_EQUALS", "key": "created_at", "timestamp_value": "2026-01-31T11:30:00Z"},
        ),
        (
            "created_at>2026-01-31",
            {"operation": "GREATER_THAN_EQUALS", "key": "created_at", "timestamp_value": "2026-02-01T00:00:00Z"},
        ),
    ],
)
def test_a_condition_becomes_the_predicate_that_it_means(text: str, predicate: dict[str, Any]) -> None:
    assert predicates(text) == [predicate]
    assert decode_filter(ARTIFACT.noun, filter_of([predicate]))


def test_a_day_is_all_of_it() -> None:
    assert predicates("created_at=2026-01-31") == [
        {"operation": "GREATER_THAN_EQUALS", "key": "created_at", "timestamp_value": "2026-01-31T00:00:00Z"},
        {"operation": "LESS_THAN", "key": "created_at", "timestamp_value": "2026-02-01T00:00:00Z"},
    ]


@pytest.mark.parametrize("age", ["7200s", "120m", "120 min", "2h", "0.5d"])
def test_an_age_is_that_long_ago(age: str) -> None:
    (predicate,) = predicates(f"created_at<{age}")

    assert predicate["timestamp_value"] in ("2026-11-23T10:00:00Z", "2026-11-23T00:00:00Z")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("typ=Model", r"artifacts have no field 'typ' \(did you mean 'type'\?\)\. There are artifact_id, name, type"),
        ("type=model", r"no type is 'model' \(did you mean 'Model'\?\)"),
        ("Model", "is not a condition: give a field, an operator and a value, such as 'type=Model'"),
        ("value=big", "number_value is a number, and 'big' is none that can be looked for"),
        ("value=NaN", "'NaN' is none that can be looked for"),
        ("value>1e999", "beyond the range of a double"),
        ("value~3", "~ looks for text, and number_value holds a number"),
        ("created_at~2026", "created_at is a time: compare it with"),
        ("created_at>soon", "'soon' is not a time: give 2026-01-31T12:30:00Z"),
        ("created_at>9999999999d", "is not a time"),
        ("created_at!=2026-01-31", "cannot be compared with a whole day by !="),
        ("metadata=x", r"metadata has keys of its own: say which, such as 'metadata\.framework=sklearn'"),
        ("metadata.a..b=x", "has an empty part"),
        ("metadata.x=null", "cannot look for null"),
        ("metadata.x>true", "true and false are compared with = and != only"),
        ("metadata.x in 1,a", "a list holds numbers or texts, not both"),
        ("name in ", "a list needs values behind commas"),
        ("name in a,,b", "a list needs values behind commas"),
        ("name!~x", "!~ is not an operator"),
        ("name=~x", "=~ is not an operator"),
        ("name=>x", "=> is not an operator"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_with_what_would(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        predicates(text)


def test_no_conditions_are_no_filter() -> None:
    assert filter_of([]) is None


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
_VALUES = {
    Kind.TEXT: _TEXTS.map(json.dumps),
    Kind.NUMBER: st.one_of(st.integers(-(1 << 70), 1 << 70), st.floats(allow_nan=False, allow_infinity=False)).map(str),
    Kind.INTEGER: st.integers(-(1 << 63), (1 << 63) - 1).map(str),
    Kind.TIME: st.one_of(
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.sampled_from([None, UTC])).map(  # noqa: DTZ001
            datetime.isoformat
        ),
        st.integers(0, 1_000).map("{}h".format),
    ),
}


@settings(deadline=None, database=None, derandomize=True)
@given(st.data())
def test_the_server_takes_every_condition_that_is_not_refused(data: st.DataObject) -> None:
    listed = data.draw(st.sampled_from(NOUNS))
    field = data.draw(st.sampled_from([each for each in listed.noun.fields if each.name not in listed.choices]))
    operators = {Kind.TEXT: ["=", "!=", ">", ">=", "<", "<=", "~"]}.get(field.kind, ["=", "!=", ">", ">=", "<", "<="])
    operator = data.draw(st.sampled_from(operators))
    blank = data.draw(st.sampled_from(["", " "]))
    text = f"{field.name}{blank}{operator}{blank}{data.draw(_VALUES[field.kind])}"

    found = decode_filter(listed.noun, filter_of(parse_condition(listed, text, NOW)))

    assert [predicate.field for predicate in found] == [field]


@settings(deadline=None, database=None, derandomize=True)
@given(st.lists(_TEXTS, min_size=1, max_size=5))
def test_a_list_of_texts_in_quotes_is_looked_for_as_it_is(texts: list[str]) -> None:
    text = "name in " + ",".join(map(json.dumps, texts))

    (predicate,) = decode_filter(ARTIFACT.noun, filter_of(parse_condition(ARTIFACT, text, NOW)))

    assert (predicate.operation, predicate.values) == (Operation.IN, tuple(texts))


@settings(deadline=None, database=None, derandomize=True)
@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), _TEXTS))
def test_a_json_scalar_is_looked_for_in_metadata_as_what_it_is(value: Any) -> None:
    (predicate,) = decode_filter(
        ARTIFACT.noun, filter_of(parse_condition(ARTIFACT, f"metadata.k={json.dumps(value)}", NOW))
    )

    assert predicate.values == (value,)
    assert (predicate.value_kind is ValueKind.TEXT) == isinstance(value, str)


@settings(deadline=None, database=None, derandomize=True)
@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_condition(ARTIFACT, text, NOW)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("name", "name asc"),
        ("-name", "name desc"),
        ("name desc", "name desc"),
        ("name:desc", "name desc"),
        ("value", "number_value asc"),
    ],
)
def test_an_order_can_be_written_in_several_ways(text: str, order: str) -> None:
    assert SortType(ARTIFACT).convert(text, None, None) == order
