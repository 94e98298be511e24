"""The second look at a JSON body: slower, knows proto3 JSON's other spellings, and says what is wrong where.

It takes lowerCamelCase field names, integers as decimal strings, bare NaN and infinities as data, and integers of any
size. Contract, JSON.
"""

from __future__ import annotations

import json
import math
import re
import types
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from artifactd.errors import InvalidArgument, invalid, quoted
from artifactd.model import INT64_MAX, INT64_MIN, JSON_DEPTH_MAX

StructType = TypeVar("StructType", bound=msgspec.Struct)

_INTEGER_TEXT = re.compile(r"-?(0|[1-9][0-9]*)")
_DIGITS_AT_ONCE = 4_000
"""Python refuses to convert an integer of more than 4,300 digits: longer ones stay text."""


class _Integer(str):
    """The digits of an integer that may be of any size."""

    __slots__ = ()


class _NonFinite(str):
    """One of the tokens NaN, Infinity and -Infinity."""

    __slots__ = ()


_decode_plain = json.JSONDecoder(parse_constant=_NonFinite).decode


class _Object(dict[str, Any]):
    """A JSON object, which remembers a key that stood twice in it."""

    repeated: str | None = None


def decode(struct_type: type[StructType], body: bytes) -> StructType:
    """The message that a body holds.

    Raises:
        InvalidArgument: naming the field, or the place in the text.
    """
    value = _parse(body)
    check_text(value, "")
    if not isinstance(value, dict):
        raise invalid("body", f"must be a JSON object, a {struct_type.__name__}, not {_name(value)}")
    return _message(struct_type, value, "")


def decode_json(text: str) -> Any:
    """Plain JSON from a query parameter, as plain Python values; integers of any size.

    Raises:
        ValueError: it is not JSON.
        InvalidArgument: it nests too deep, or holds U+0000 or lone surrogates.
    """
    value = _decode_plain(text)
    # Plain ASCII without an escape holds nothing that no store can keep, and without many brackets nothing is deep.
    if "\\" in text or not text.isascii() or text.count("{") + text.count("[") > JSON_DEPTH_MAX:
        check_text(value, "")
    return value


def _parse(body: bytes) -> Any:
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_int=_Integer,
            parse_float=_float,
            parse_constant=_NonFinite,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise invalid("body", f"is not UTF-8: bad byte at offset {error.start}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise invalid("body", f"is not JSON: {error.msg} at {place}") from None
    except RecursionError:
        raise _too_deep("") from None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                found.repeated = key
                break
            seen.add(key)
    return found


def _float(text: str) -> float | str:
    number = float(text)
    if math.isinf(number):
        raise invalid("body", f"the number {quoted(text)} is beyond the range of a double")
    return number


def _too_deep(path: str) -> InvalidArgument:
    return invalid(path.split(".", 1)[0] or "body", f"nests over {JSON_DEPTH_MAX} deep")


def check_text(value: Any, path: str) -> None:
    """Refuses what no store can keep: U+0000 and lone surrogates in any string or key, and too deep nesting.

    Raises:
        InvalidArgument: naming where.
    """
    pending: list[tuple[Any, str, int]] = [(value, path, 1)]
    while pending:
        item, at, depth = pending.pop()
        if isinstance(item, str):
            _check_string(item, at or "body")
        elif isinstance(item, dict):
            if depth > JSON_DEPTH_MAX:
                raise _too_deep(at)
            for key, inner in item.items():
                where = f"{at}.{key}" if at else key
                _check_string(key, where)
                pending.append((inner, where, depth + 1))
        elif isinstance(item, list):
            if depth > JSON_DEPTH_MAX:
                raise _too_deep(at)
            pending.extend((inner, f"{at}[{index}]", depth + 1) for index, inner in enumerate(item))


def _check_string(text: str, path: str) -> None:
    shown = path.replace("\x00", "\\u0000").encode("utf-8", "backslashreplace").decode()[:200]
    if "\x00" in text:
        raise invalid(shown, "holds U+0000, which no text may")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise invalid(shown, "holds a lone surrogate, which is not a character") from None


@cache
def _fields(struct_type: type[msgspec.Struct]) -> dict[str, tuple[str, Any]]:
    """A message's fields by each name that they may come under: attribute and type."""
    hints = get_type_hints(struct_type)
    found: dict[str, tuple[str, Any]] = {}
    for field in msgspec.structs.fields(struct_type):
        camel = re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), field.encode_name)
        found[field.encode_name] = found[camel] = (field.name, hints[field.name])
    return found


def _message(struct_type: type[StructType], value: dict[str, Any], path: str) -> StructType:
    fields = _fields(struct_type)
    if isinstance(value, _Object) and value.repeated in fields:
        raise invalid(_join(path, value.repeated), "is given twice")
    given: dict[str, Any] = {}
    for name, item in value.items():
        if name not in fields:
            allowed = ", ".join(field.encode_name for field in msgspec.structs.fields(struct_type))
            raise invalid(_join(path, name[:100]), f"is not a field of {struct_type.__name__}, which has: {allowed}")
        attribute, hint = fields[name]
        if attribute in given:
            raise invalid(_join(path, name), "is given twice, in both spellings")
        where = _join(path, name)
        if attribute not in getattr(struct_type, "non_finite_fields", ()):
            _check_finite(hint, item, where)
        given[attribute] = None if item is None else _convert(hint, item, where)
    return struct_type(**given)


def _check_finite(hint: Any, value: Any, path: str) -> None:
    """Refuses NaN and the infinities in the JSON of a field that does not take them (contract, JSON)."""
    if not _holds_json(hint):
        return
    pending: list[tuple[Any, str]] = [(value, path)]
    while pending:
        item, at = pending.pop()
        if isinstance(item, _NonFinite):
            raise invalid(at, f"must be finite, not {item}: only metadata and a metric's value may hold it")
        if isinstance(item, dict):
            pending.extend((inner, f"{at}.{key}") for key, inner in item.items())
        elif isinstance(item, list):
            pending.extend((inner, f"{at}[{index}]") for index, inner in enumerate(item))


def _holds_json(hint: Any) -> bool:
    return hint is Any or any(map(_holds_json, get_args(hint)))


def _join(path: str, name: str | None) -> str:
    return f"{path}.{name}" if path else str(name)


def _convert(hint: Any, value: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        hint = next(argument for argument in get_args(hint) if argument is not type(None))
        return _convert(hint, value, path)
    if hint is Any:
        return _plain(value)
    if origin is dict and isinstance(value, dict):
        inner = get_args(hint)[1]
        return {key: _convert(inner, item, f"{path}.{key}") for key, item in value.items()}
    if origin is list and isinstance(value, list):
        inner = get_args(hint)[0]
        return [_convert(inner, item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and isinstance(value, dict):
        return _message(hint, value, path)
    return _scalar(hint, value, path)


def _scalar(hint: Any, value: Any, path: str) -> Any:
    if hint in (str, bool) and type(value) is hint:
        return value
    if hint is int and isinstance(value, str):
        return _to_int(value, path)
    if hint is int and isinstance(value, float) and value.is_integer() and abs(value) < INT64_MAX:
        return int(value)
    if hint is float and isinstance(value, float):
        return value
    if hint is float and isinstance(value, _Integer):
        return _to_float(value, path)
    raise invalid(path, f"must be {_wanted(hint)}, not {_name(value)}")


def _to_int(value: str, path: str) -> int:
    if isinstance(value, _NonFinite) or not _INTEGER_TEXT.fullmatch(value):
        raise invalid(path, f"must be an integer, not {quoted(str(value))}")
    number = int(value) if len(value) < 21 else INT64_MAX + 1
    if not INT64_MIN <= number <= INT64_MAX:
        raise invalid(path, f"{quoted(str(value))} does not fit into 64 bits")
    return number


def _to_float(value: _Integer, path: str) -> float:
    number = float(str(value))
    if math.isinf(number):
        raise invalid(path, f"{quoted(str(value))} is beyond the range of a double")
    return number


def _plain(value: Any) -> Any:
    """Data: nothing is renamed or converted; what Python cannot hold stays the text that it was."""
    if isinstance(value, _Integer):
        return int(value) if len(value) < _DIGITS_AT_ONCE else msgspec.Raw(str(value))
    if isinstance(value, _NonFinite):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _wanted(hint: Any) -> str:
    named = {str: "a string", bool: "true or false", int: "an integer", float: "a finite number"}
    if hint in named:
        return named[hint]
    return "a list" if get_origin(hint) is list else "an object"


def _name(value: Any) -> str:
    if isinstance(value, _Integer | float | _NonFinite):
        return f"the number {quoted(str(value))}"
    if isinstance(value, str):
        return f"the string {quoted(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return "a list" if isinstance(value, list) else "an object"
