"""Messages and enumerations, held to the documented facts and to the official client's own classes."""

from __future__ import annotations

import copy
import datetime as dt
import enum
import inspect
import json
import pickle
import uuid
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, NamedTuple

import official_client
import pytest
from artifactd_client import ApiClient
from client.surface import ENUMERATIONS, MESSAGES, NOT_IN_THE_RELEASE, WIRE_NAMES

UTC_NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
ONE = {"str": "text", "int": 3, "float": 0.5, "bool": True, "datetime": UTC_NOON, "object": {"a": [1, None]}}
"""A value of each type that is no message."""

every_message = pytest.mark.parametrize("name", MESSAGES)
every_enumeration = pytest.mark.parametrize("name", ENUMERATIONS)
every_class = pytest.mark.parametrize("name", [*MESSAGES, *ENUMERATIONS])
every_released_message = pytest.mark.parametrize("name", [name for name in MESSAGES if name not in NOT_IN_THE_RELEASE])
every_released_enumeration = pytest.mark.parametrize(
    "name", [name for name in ENUMERATIONS if name not in NOT_IN_THE_RELEASE]
)


class Answer(NamedTuple):
    """All that `deserialize` needs of an answer."""

    data: bytes


def value_of(package: Any, openapi_type: str, depth: int = 2) -> Any:
    """A value of a type as the documentation writes it; messages hold others two levels deep."""
    if openapi_type.startswith("list["):
        return [value_of(package, openapi_type[5:-1], depth)]
    if openapi_type.startswith("dict("):
        return {"key": value_of(package, openapi_type[10:-1], depth)}
    if openapi_type in ENUMERATIONS:
        return list(ENUMERATIONS[openapi_type].values())[-1]
    return ONE[openapi_type] if openapi_type in ONE else whole(package, openapi_type, depth - 1)


def whole(package: Any, name: str, depth: int = 2) -> Any:
    """A message with a value in each documented field."""
    fields = MESSAGES[name].items() if depth >= 0 else ()
    return getattr(package, name)(**{field: value_of(package, kind, depth) for field, kind in fields})


def read(name: str, /, **fields: Any) -> Any:
    """The message that an answer becomes."""
    return ApiClient().deserialize(Answer(json.dumps(fields).encode()), name)


@every_message
def test_fields_have_the_documented_order_and_types(package: ModuleType, name: str) -> None:
    types = getattr(package, name).openapi_types

    assert list(types.items())[: len(MESSAGES[name])] == list(MESSAGES[name].items())


@every_message
def test_fields_have_the_documented_names_on_the_wire(package: ModuleType, name: str) -> None:
    names = getattr(package, name).attribute_map

    assert {field: names[field] for field in MESSAGES[name]} == {
        field: WIRE_NAMES.get((name, field), field) for field in MESSAGES[name]
    }
    assert set(names) == set(getattr(package, name).openapi_types)


@every_released_message
def test_the_official_clients_fields_come_first_in_its_order(package: ModuleType, name: str) -> None:
    theirs, ours = getattr(official_client, name), getattr(package, name)

    assert list(theirs.openapi_types.items()) == list(ours.openapi_types.items())[: len(theirs.openapi_types)]
    assert theirs.attribute_map.items() <= ours.attribute_map.items()


@every_released_message
def test_the_facts_agree_with_the_official_client(name: str) -> None:
    assert getattr(official_client, name).openapi_types == MESSAGES[name]


@every_message
def test_positions_are_the_documented_order(package: ModuleType, name: str) -> None:
    values = [object() for _ in MESSAGES[name]]

    message = getattr(package, name)(*values)

    assert [getattr(message, field) for field in MESSAGES[name]] == values


@every_released_message
def test_the_constructor_takes_what_the_official_one_takes(package: ModuleType, name: str) -> None:
    theirs, ours = (list(inspect.signature(getattr(each, name)).parameters) for each in (official_client, package))

    assert ours[: len(theirs) - 1] == theirs[:-1]
    assert ours[-1] == theirs[-1] == "local_vars_configuration"


@every_message
def test_every_field_is_unset_at_first(package: ModuleType, name: str) -> None:
    message = getattr(package, name)()

    assert {getattr(message, field) for field in MESSAGES[name]} == {None}


@every_message
def test_every_field_can_be_set_later(package: ModuleType, name: str) -> None:
    message = getattr(package, name)()
    for field, kind in MESSAGES[name].items():
        setattr(message, field, value_of(package, kind))

    assert message == whole(package, name)


@every_class
def test_there_is_no_discriminator(package: ModuleType, name: str) -> None:
    assert getattr(package, name)().discriminator is None


@every_class
def test_a_configuration_may_be_given_and_is_kept(package: ModuleType, name: str) -> None:
    configuration = package.Configuration()

    assert getattr(package, name)(local_vars_configuration=configuration).local_vars_configuration is configuration


@every_class
def test_without_a_configuration_there_is_a_new_one(package: ModuleType, name: str) -> None:
    assert isinstance(getattr(package, name)().local_vars_configuration, package.Configuration)


@every_message
def test_an_unknown_field_is_a_type_error(package: ModuleType, name: str) -> None:
    with pytest.raises(TypeError):
        getattr(package, name)(colour="red")


@every_released_message
def test_to_dict_is_as_the_official_clients(package: ModuleType, name: str) -> None:
    theirs, ours = whole(official_client, name).to_dict(), whole(package, name).to_dict()

    assert without_none(ours) == without_none(theirs)
    assert list(ours)[: len(theirs)] == list(theirs)


def without_none(value: Any) -> Any:
    """A dictionary without what is unset, at every depth: ours has fields that theirs has not."""
    if isinstance(value, dict):
        return {key: without_none(each) for key, each in value.items() if each is not None}
    return [without_none(each) for each in value] if isinstance(value, list) else value


@every_message
def test_to_dict_has_every_field_and_makes_dictionaries_of_messages_inside(package: ModuleType, name: str) -> None:
    message = whole(package, name)

    shown = message.to_dict()

    assert set(shown) == set(message.openapi_types)
    assert not any(hasattr(each, "to_dict") for each in everything_in(shown))


def everything_in(value: Any) -> list[Any]:
    """A value and all that it holds."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(deeper for each in inside for deeper in everything_in(each))]


@every_message
def test_repr_is_to_str_and_names_the_fields_that_are_set(package: ModuleType, name: str) -> None:
    message = whole(package, name)

    assert repr(message) == message.to_str()
    assert [field for field in MESSAGES[name] if field not in repr(message)] == []


@every_message
def test_messages_of_the_same_fields_are_equal(package: ModuleType, name: str) -> None:
    assert whole(package, name) == whole(package, name)
    assert not whole(package, name) != whole(package, name)  # noqa: SIM202  # Both operators are tried.


@every_message
def test_messages_that_differ_in_one_field_are_not_equal(package: ModuleType, name: str) -> None:
    for field in MESSAGES[name]:
        changed = whole(package, name)
        setattr(changed, field, None)

        assert changed != whole(package, name)


@every_message
def test_a_message_equals_nothing_of_another_kind(package: ModuleType, name: str) -> None:
    message = whole(package, name)

    assert message != message.to_dict()
    assert package.V2beta1ArtifactList() != package.PredicateIntValues()


@every_class
def test_nothing_is_hashable(package: ModuleType, name: str) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(getattr(package, name)())


@every_message
def test_a_message_can_be_pickled(package: ModuleType, name: str) -> None:
    message = whole(package, name)

    assert pickle.loads(pickle.dumps(message)) == message


@every_message
def test_a_deep_copy_shares_nothing_that_can_change(package: ModuleType, name: str) -> None:
    message = whole(package, name)

    copied = copy.deepcopy(message)

    assert copied == message
    mutable = {id(each) for each in everything_in(vars(message)) if isinstance(each, (dict, list))}
    assert mutable.isdisjoint(id(each) for each in everything_in(vars(copied)) if isinstance(each, (dict, list)))


@every_released_message
def test_a_message_is_sent_as_the_official_client_sends_it(package: ModuleType, name: str) -> None:
    theirs = official_client.ApiClient().sanitize_for_serialization(whole(official_client, name))
    ours = package.ApiClient().sanitize_for_serialization(whole(package, name))

    assert json.dumps(ours) == json.dumps(theirs)


@every_message
def test_a_message_comes_back_as_it_was_sent(package: ModuleType, name: str) -> None:
    client = package.ApiClient()
    sent = json.dumps(client.sanitize_for_serialization(whole(package, name))).encode()

    assert client.deserialize(Answer(sent), name) == whole(package, name)


@every_message
def test_what_is_unset_is_not_sent(package: ModuleType, name: str) -> None:
    assert package.ApiClient().sanitize_for_serialization(getattr(package, name)()) == {}


@every_message
def test_unknown_fields_of_an_answer_are_left_out(name: str) -> None:
    assert read(name, colour="red", deep={"colours": ["red"]}) == read(name)


@every_message
def test_a_null_in_an_answer_is_unset(name: str) -> None:
    assert read(name, **{WIRE_NAMES.get((name, field), field): None for field in MESSAGES[name]}) == read(name)


@every_enumeration
def test_an_enumeration_has_its_constants_which_are_plain_strings(package: ModuleType, name: str) -> None:
    found = {constant: getattr(getattr(package, name), constant) for constant in ENUMERATIONS[name]}

    assert found == ENUMERATIONS[name]
    assert {type(value) for value in found.values()} == {str}


@every_enumeration
def test_an_enumeration_allows_its_constants_and_what_ours_adds(package: ModuleType, name: str) -> None:
    allowed = getattr(package, name).allowable_values

    assert set(ENUMERATIONS[name].values()) <= set(allowed)
    assert len(allowed) == len(set(allowed))


@every_released_enumeration
def test_the_official_clients_names_come_first(package: ModuleType, name: str) -> None:
    theirs = getattr(official_client, name)

    assert getattr(package, name).allowable_values[: len(theirs.allowable_values)] == theirs.allowable_values
    assert theirs.allowable_values == list(ENUMERATIONS[name].values())


@every_enumeration
def test_an_enumeration_is_a_message_without_fields(package: ModuleType, name: str) -> None:
    made = getattr(package, name)()

    assert (made.openapi_types, made.attribute_map, made.to_dict()) == ({}, {}, {})
    assert made == getattr(package, name)()


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("V2beta1Artifact", "type"),
        ("V2beta1Metric", "schema"),
        ("V2beta1Metric", "type"),
        ("V2beta1ArtifactTask", "type"),
        ("V2beta1Run", "state"),
        ("V2beta1Predicate", "operation"),
    ],
)
def test_a_name_that_the_enumeration_lacks_is_taken_as_it_is(message: str, field: str) -> None:
    assert getattr(read(message, **{field: "OF_A_NEWER_SERVER"}), field) == "OF_A_NEWER_SERVER"


def test_a_detail_is_at_type_on_the_wire(package: ModuleType) -> None:
    detail = package.ProtobufAny(type="type.googleapis.com/x")

    assert package.ApiClient().sanitize_for_serialization(detail) == {"@type": "type.googleapis.com/x"}
    assert read("ProtobufAny", **{"@type": "type.googleapis.com/x"}) == detail
    assert detail.to_dict()["type"] == "type.googleapis.com/x"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T12:00:00Z", UTC_NOON),
        ("2026-01-31t12:00:00z", UTC_NOON),
        ("2026-01-31 12:00:00Z", UTC_NOON),
        ("2026-01-31T12:00:00", UTC_NOON),
        ("2026-01-31T14:30:00+02:30", UTC_NOON),
        ("2026-01-31T09:30:00-0230", UTC_NOON),
        ("2026-01-31T12:00:00.000001Z", UTC_NOON.replace(microsecond=1)),
        ("2026-01-31T12:00:00.5Z", UTC_NOON.replace(microsecond=500_000)),
        ("2026-01-31T12:00:00.123456789Z", UTC_NOON.replace(microsecond=123_456)),
    ],
)
def test_a_time_of_an_answer_is_aware(text: str, moment: dt.datetime) -> None:
    found = read("V2beta1Artifact", created_at=text).created_at

    assert found == moment
    assert found.tzinfo is not None


@pytest.mark.parametrize(("sent", "kept"), [("5", 5), (5, 5), (5.0, 5), ("-9223372036854775808", -(2**63))])
def test_an_integer_of_an_answer_may_be_a_number_or_decimal_text(sent: Any, kept: int) -> None:
    found = read("V2beta1Metric", step=sent).step

    assert (found, type(found)) == (kept, int)


@pytest.mark.parametrize(("sent", "kept"), [(1, "1.0"), ("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf")])
def test_a_number_of_an_answer_is_a_float_finite_or_not(sent: Any, kept: str) -> None:
    assert repr(read("V2beta1Artifact", number_value=sent).number_value) == kept


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_a_metrics_value_that_is_no_finite_number_becomes_the_number(name: str) -> None:
    assert repr(read("V2beta1Metric", value=name).value) == repr(float(name))


def test_other_text_in_a_metrics_value_stays_text() -> None:
    assert read("V2beta1Metric", value={"a": "NaN"}).value == {"a": "NaN"}


class Colour(enum.Enum):
    """An enumeration of somebody else."""

    RED = "red"


class Text(str):
    """Text that is more than text."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, None),
        (1, 1),
        (True, True),
        ("text", "text"),
        ([1, (2, 3)], [1, [2, 3]]),
        (UTC_NOON, "2026-01-31T12:00:00+00:00"),
        (UTC_NOON.replace(tzinfo=None), "2026-01-31T12:00:00"),
        (dt.date(2026, 1, 31), "2026-01-31"),
        (Colour.RED, "red"),
        (Text("text"), "text"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("a/b"), "a/b"),
        ({"a": None, "b": [UTC_NOON]}, {"a": None, "b": ["2026-01-31T12:00:00+00:00"]}),
    ],
    ids=repr,
)
def test_a_value_is_sent_as_what_json_can_say(package: ModuleType, value: Any, sent: Any) -> None:
    assert json.loads(json.dumps(package.ApiClient().sanitize_for_serialization(value))) == sent


@pytest.mark.parametrize("value", [object(), lambda: None, ModuleType], ids=["object", "function", "class"])
def test_what_json_cannot_say_is_an_api_type_error_that_names_its_type(package: ModuleType, value: Any) -> None:
    with pytest.raises(package.ApiTypeError, match="cannot be sent as JSON"):
        package.ApiClient().sanitize_for_serialization({"a": [value]})


@pytest.mark.parametrize("key", [1, 1.5, True, None, "a"])
def test_the_keys_of_an_object_go_out_as_the_official_client_sends_them(package: ModuleType, key: Any) -> None:
    theirs = official_client.ApiClient().sanitize_for_serialization({key: 1})

    assert json.dumps(package.ApiClient().sanitize_for_serialization({key: 1})) == json.dumps(theirs)


def test_a_class_derived_from_a_message_keeps_its_fields(package: ModuleType) -> None:
    derived = type("Derived", (package.V2beta1Artifact,), {"__module__": __name__})

    assert package.ApiClient().sanitize_for_serialization(derived(name="model")) == {"name": "model"}
