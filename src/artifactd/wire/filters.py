"""The `filter` parameter: a JSON `Filter` of KFP (contract, filter)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from artifactd.errors import InvalidArgument, invalid, quoted
from artifactd.listing import (
    FILTER_VALUES_MAX,
    PREDICATES_MAX,
    Noun,
    Operation,
    Predicate,
    Scalar,
    ValueKind,
    check_predicate,
)
from artifactd.model import INT64_MAX, INT64_MIN
from artifactd.wire.times import parse_time
from artifactd.wire.tolerant import decode_json

_INT32_MAX = (1 << 31) - 1
_OPERATION_NUMBERS = {
    1: Operation.EQUALS,
    2: Operation.NOT_EQUALS,
    3: Operation.GREATER_THAN,
    5: Operation.GREATER_THAN_EQUALS,
    6: Operation.LESS_THAN,
    7: Operation.LESS_THAN_EQUALS,
    8: Operation.IN,
    9: Operation.IS_SUBSTRING,
}
_VALUE_KINDS = {
    "int_value": ValueKind.INTEGER,
    "long_value": ValueKind.INTEGER,
    "string_value": ValueKind.TEXT,
    "timestamp_value": ValueKind.TIME,
    "double_value": ValueKind.DOUBLE,
    "bool_value": ValueKind.BOOLEAN,
    "int_values": ValueKind.INTEGER,
    "long_values": ValueKind.INTEGER,
    "string_values": ValueKind.TEXT,
    "double_values": ValueKind.DOUBLE,
}
_LISTS = frozenset(name for name in _VALUE_KINDS if name.endswith("s"))
_REMEMBERED_MAX, _REMEMBERED_CHARS_MAX = 512, 2_048
_EXAMPLE = '{"predicates": [{"operation": "EQUALS", "key": "name", "string_value": "x"}]}'
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
_PREDICATE_MEMBERS = ("operation", "key", *_VALUE_KINDS)
_INTEGER_TEXT = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def decode_filter(noun: Noun, text: str | None) -> tuple[Predicate, ...]:
    """The predicates of a filter that was percent-decoded once already.

    Args:
        text: JSON, or JSON that is still percent-encoded, as KFP's SDK sends it.

    Raises:
        InvalidArgument: naming the predicate and what is wrong with it.
    """
    if text is None:
        return ()
    return _remembered(noun, text) if len(text) <= _REMEMBERED_CHARS_MAX else _decode_filter(noun, text)


def _decode_filter(noun: Noun, text: str) -> tuple[Predicate, ...]:
    document = _decode(text)
    if not isinstance(document, dict):
        raise invalid("filter", 'must be a JSON object, such as {"predicates": [...]}')
    given = _members(document, "filter", ("predicates",)).get("predicates")
    predicates = [] if given is None else given
    if not isinstance(predicates, list):
        raise invalid("filter.predicates", "must be a list")
    if len(predicates) > PREDICATES_MAX:
        raise invalid("filter.predicates", f"has {len(predicates)} predicates; at most {PREDICATES_MAX} are allowed")
    decoded = tuple(_predicate(noun, item, f"filter.predicates[{index}]") for index, item in enumerate(predicates))
    count = sum(len(predicate.values) for predicate in decoded)
    if count > FILTER_VALUES_MAX:
        raise invalid("filter", f"has {count} values in all; at most {FILTER_VALUES_MAX} are allowed")
    return decoded


@lru_cache(_REMEMBERED_MAX)
def _remembered(noun: Noun, text: str) -> tuple[Predicate, ...]:
    """As `_decode_filter`: whoever looks at a list again and again sends the same filter each time."""
    return _decode_filter(noun, text)


def _decode(text: str) -> Any:
    """JSON as it is, or else behind one more percent-decoding."""
    for candidate in (str, _decoded_again):
        try:
            return decode_json(candidate(text))
        except InvalidArgument as error:
            raise invalid("filter", error.message) from None
        except (ValueError, RecursionError):
            continue
    raise invalid("filter", f"{quoted(text)} is not JSON, percent-encoded once or twice, such as " + _EXAMPLE)


def _decoded_again(text: str) -> str:
    return unquote_plus(text, errors="strict")


def _members(value: dict[str, Any], path: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    """An object's members by their snake_case names; null ones are absent."""
    found: dict[str, Any] = {}
    for name, item in value.items():
        snake = name if name in allowed else _CAPITAL.sub(lambda match: "_" + match[0].lower(), name)
        if snake not in allowed:
            raise invalid(f"{path}.{name[:100]}", f"is not known; it can be {', '.join(allowed)}")
        if item is not None:
            if snake in found:
                raise invalid(f"{path}.{name}", "is given twice, in both spellings")
            found[snake] = item
    return found


def _predicate(noun: Noun, item: Any, path: str) -> Predicate:
    if not isinstance(item, dict):
        raise invalid(path, 'must be an object, such as {"operation": "EQUALS", "key": "name", "string_value": "x"}')
    members = _members(item, path, _PREDICATE_MEMBERS)
    operation = _operation(members.pop("operation", None), f"{path}.operation")
    key = members.pop("key", None)
    if not isinstance(key, str) or not key:
        raise invalid(f"{path}.key", "is required: the name of a field")
    if len(members) != 1:
        given = ", ".join(members) or "none"
        raise invalid(path, f"must have one value, and has {given}; it can be {', '.join(_VALUE_KINDS)}")
    [(name, value)] = members.items()
    many = name in _LISTS
    values = _list(value, f"{path}.{name}") if many else [value]
    scalars = tuple(_scalar(name.removesuffix("s") if many else name, item, f"{path}.{name}") for item in values)
    return check_predicate(noun, path, operation, key, _VALUE_KINDS[name], scalars, many=many)


def _operation(value: Any, path: str) -> Operation:
    if value is None:
        raise invalid(path, f"is required: one of {', '.join(Operation)}")
    if isinstance(value, int) and not isinstance(value, bool) and value in _OPERATION_NUMBERS:
        return _OPERATION_NUMBERS[value]
    if isinstance(value, str) and value in Operation.__members__:
        return Operation(value)
    raise invalid(path, f"{quoted(value)} is not one of {', '.join(Operation)}")


def _list(value: Any, path: str) -> list[Any]:
    if isinstance(value, dict):
        value = _members(value, path, ("values",)).get("values", [])
        if isinstance(value, list):
            return value
    raise invalid(path, 'must be an object with a list, such as {"values": [...]}')


def _scalar(name: str, value: Any, path: str) -> Scalar:
    match name:
        case "string_value" if type(value) is str:
            return value
        case "bool_value" if isinstance(value, bool):
            return value
        case "timestamp_value" if type(value) is str:
            time = parse_time(path, value)
            assert time is not None
            return time
        case "double_value" if type(value) in (int, float):
            return _double(value, path)
        case "int_value" | "long_value":
            return _integer(value, path, _INT32_MAX if name == "int_value" else INT64_MAX)
    raise invalid(path, f"{quoted(value)} is not a {name.removesuffix('_value')}")


def _double(value: float, path: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number in (float("inf"), float("-inf")):
        raise invalid(path, "is beyond the range of a double")
    return number


def _integer(value: Any, path: str, maximum: int) -> int:
    if type(value) is str and _INTEGER_TEXT.fullmatch(value):
        value = int(value)
    if type(value) is float and value.is_integer() and abs(value) < INT64_MAX:
        value = int(value)
    if type(value) is not int:
        raise invalid(path, f"{quoted(value)} is not an integer")
    if not (INT64_MIN if maximum == INT64_MAX else -maximum - 1) <= value <= maximum:
        raise invalid(path, f"{quoted(value)} does not fit into {maximum.bit_length() + 1} bits")
    return value
