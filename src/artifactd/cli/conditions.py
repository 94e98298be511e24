r"""Conditions as people think, made into the API's filter: `value>0.9`, `type in Model,Dataset`, `created_at>2h`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from artifactd.cli.moments import Moment, parse_moment
from artifactd.cli.nouns import Listed
from artifactd.cli.suggestions import nearest
from artifactd.listing import Field, Kind
from artifactd.listing import Operation as Op
from artifactd.listing import ValueKind as V
from artifactd.model import INT64_MAX, INT64_MIN

EXAMPLES: Final = "'type=Model', 'value>0.9', 'name~iris', 'type in Model,Dataset', 'created_at>2h'"

_OPERATIONS = {
    "=": Op.EQUALS,
    "==": Op.EQUALS,
    "!=": Op.NOT_EQUALS,
    ">": Op.GREATER_THAN,
    ">=": Op.GREATER_THAN_EQUALS,
    "<": Op.LESS_THAN,
    "<=": Op.LESS_THAN_EQUALS,
    "~": Op.IS_SUBSTRING,
    "in": Op.IN,
}
_IN = re.compile(r"\s*([^=!<>~]*[^=!<>~\s])\s+(in)\s+(.*)", re.IGNORECASE | re.DOTALL)
_SCALAR = re.compile(r"([^=!<>~]*)(!=|>=|<=|==|=|>|<|~)(.*)", re.DOTALL)
_LIST_ITEM = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)', re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Value(NamedTuple):
    """A value and what it is compared as."""

    kind: V
    value: Any


def filter_of(predicates: Iterable[dict[str, Any]]) -> str | None:
    """The `filter` parameter for these predicates; `None` if there are none."""
    listed = list(predicates)
    return json.dumps({"predicates": listed}, separators=(",", ":")) if listed else None


def parse_condition(listed: Listed, text: str, now: datetime | None = None) -> list[dict[str, Any]]:
    """The predicates of a condition, all of which must hold: one, or two for a whole day.

    Args:
        listed: the noun whose fields it is about.
        text: key, operator and value, with blanks around the operator or without.
        now: what ages are counted back from; the clock's time if `None`.

    Raises:
        ValueError: saying what would be right.
    """
    key, operation, written = _split(text)
    field = _field(listed, key)
    if field is not None and field.kind is Kind.TIME:
        predicates = _time_predicates(field.name, operation, written, now or datetime.now(UTC))
    else:
        name = key if field is None else field.name
        values = _values(field, operation, written)
        if field is not None and operation in (Op.EQUALS, Op.NOT_EQUALS, Op.IN):
            _check_choice(listed, field, values)
        predicates = [_predicate(name, operation, values)]
    return predicates


def _split(text: str) -> tuple[str, Op, str]:
    match = _IN.fullmatch(text) or _SCALAR.fullmatch(text)
    if match is None and "!~" in text:
        raise ValueError("!~ is not an operator; there are = != > >= < <= ~ and in")
    if match is None:
        raise ValueError(f"{text!r} is not a condition: give a field, an operator and a value, such as {EXAMPLES}")
    key, operator, value = match[1].strip(), match[2].lower(), match[3].strip()
    if operator == "=" and value.startswith(("~", ">", "<")):
        raise ValueError(
            f"={value[0]} is not an operator; there are = != > >= < <= ~ and in. A value that begins with {value[0]} "
            "goes into double quotes"
        )
    return key, _OPERATIONS[operator], value


def _field(listed: Listed, key: str) -> Field | None:
    """The field that a key names; `None` for one of a JSON field's keys, and for a metric."""
    if listed.noun.metric_keys and key.startswith("metric.") and key != "metric.":
        return None
    json_field = listed.noun.json_field
    if json_field and key.startswith(f"{json_field}."):
        if all(re.split(r"(?<!\\)\.", key)):
            return None
        raise ValueError(f"{key!r} has an empty part; write a literal dot as \\.")
    field = listed.noun.field(key)
    if field is None:
        names = [each.name for each in listed.noun.fields]
        aliases = [alias for each in listed.noun.fields for alias in each.aliases]
        more = [f"{json_field}.KEY"] if json_field else []
        if json_field and key == json_field:
            raise ValueError(f"{json_field} has keys of its own: say which, such as '{json_field}.framework=sklearn'")
        raise ValueError(
            f"{listed.noun.name} have no field {key!r}{nearest(key, [*names, *aliases])}. "
            f"There are {', '.join([*names, *more])}"
        )
    return field


def _values(field: Field | None, operation: Op, written: str) -> list[Value]:
    """The values of a condition on a field; `None` for one on a JSON field's key."""
    if operation is Op.IS_SUBSTRING:
        if field is not None and field.kind is not Kind.TEXT:
            raise ValueError(f"~ looks for text, and {field.name} holds a number: use = != > >= < <=")
        return [Value(V.TEXT, _unquoted(written))]
    texts = _list_items(written) if operation is Op.IN else [written]
    if field is None:
        values = [_json_scalar(text) for text in texts]
    elif field.kind is Kind.TEXT:
        values = [Value(V.TEXT, _unquoted(text)) for text in texts]
    else:
        values = [_number(field.name, text) for text in texts]
    ordered = operation not in (Op.EQUALS, Op.NOT_EQUALS)
    if ordered and any(value.kind is V.BOOLEAN for value in values):
        raise ValueError("true and false are compared with = and != only; for the text, write it in double quotes")
    return values


def _predicate(key: str, operation: Op, values: list[Value]) -> dict[str, Any]:
    kinds = {value.kind for value in values}
    if V.DOUBLE in kinds and kinds <= {V.INTEGER, V.DOUBLE}:
        values = [Value(V.DOUBLE, float(value.value)) for value in values]
    elif len(kinds) > 1:
        raise ValueError("a list holds numbers or texts, not both; write a number that is text in double quotes")
    name = {V.INTEGER: "long_value", V.DOUBLE: "double_value", V.BOOLEAN: "bool_value", V.TEXT: "string_value"}[
        values[0].kind
    ]
    predicate: dict[str, Any] = {"operation": str(operation), "key": key}
    if operation is Op.IN:
        return predicate | {f"{name}s": {"values": [value.value for value in values]}}
    return predicate | {name: values[0].value}


def _time_predicates(key: str, operation: Op, written: str, now: datetime) -> list[dict[str, Any]]:
    """The predicates of a condition on a time. A day is all of it: `=` is within it, `>` after it, `<=` to its end."""
    if operation is Op.IS_SUBSTRING or operation is Op.IN:
        raise ValueError(f"{key} is a time: compare it with = != > >= < <=")
    moment: Moment = parse_moment(_unquoted(written), now)
    bounds: list[tuple[Op, str]] = [(operation, moment.begin)]
    if moment.end is not None:
        if operation is Op.NOT_EQUALS:
            raise ValueError(f"{key} cannot be compared with a whole day by !=; ask for what is before it or after it")
        whole_day: dict[Op, list[tuple[Op, str]]] = {
            Op.EQUALS: [(Op.GREATER_THAN_EQUALS, moment.begin), (Op.LESS_THAN, moment.end)],
            Op.GREATER_THAN: [(Op.GREATER_THAN_EQUALS, moment.end)],
            Op.LESS_THAN_EQUALS: [(Op.LESS_THAN, moment.end)],
        }
        bounds = whole_day.get(operation, bounds)
    return [{"operation": str(each), "key": key, "timestamp_value": time} for each, time in bounds]


def _list_items(written: str) -> list[str]:
    """The items of a list behind commas; one in double quotes may hold a comma. Brackets around it all may be."""
    text = written.strip()
    if len(text) > 1 and (text[0], text[-1]) in (("(", ")"), ("[", "]")):
        text = text[1:-1]
    items: list[str] = []
    place = 0
    while place <= len(text):
        match = _LIST_ITEM.match(text, place)
        if match is None:
            raise ValueError(f"{written!r} is not a list of values behind commas")
        items.append(match[1].strip())
        place = match.end() if match[0].endswith(",") else len(text) + 1
    if not all(items):
        raise ValueError("a list needs values behind commas, such as 'type in Model,Dataset'")
    return items


def _unquoted(text: str) -> str:
    """Text in double quotes is what the quotes hold; other text is itself."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    return text


def _json_scalar(text: str) -> Value:
    """A value for metadata: a JSON scalar is what it says, anything else is text."""
    if text == "null":
        raise ValueError('a filter cannot look for null; for the text, write "null" in double quotes')
    if text in ("true", "false"):
        return Value(V.BOOLEAN, text == "true")
    if _NUMBER.fullmatch(text):
        try:
            return _number("metadata", str(json.loads(text)))
        except ValueError:
            # A number that JSON does not know, such as 007 or 1e999, is text.
            return Value(V.TEXT, text)
    return Value(V.TEXT, _unquoted(text))


def _number(name: str, text: str) -> Value:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{name} is a number, and {text!r} is none that can be looked for")
    if re.fullmatch(r"[+-]?\d{1,19}", text, re.ASCII) and INT64_MIN <= int(text) <= INT64_MAX:
        return Value(V.INTEGER, int(text))
    if not math.isfinite(float(text)):
        raise ValueError(f"{text!r} is beyond the range of a double")
    return Value(V.DOUBLE, float(text))


def _check_choice(listed: Listed, field: Field, values: list[Value]) -> None:
    """Refuses a word that no such field ever holds, since a filter for it would find nothing, in silence."""
    choices = list(listed.choices.get(field.name, ()))
    for value in values if choices else ():
        if value.value not in choices:
            raise ValueError(
                f"no {field.name} is {value.value!r}{nearest(value.value, choices)}. There are {', '.join(choices)}"
            )
