"""JSON to messages: one function for each type, made when the type is first met and kept."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any, Callable, Dict, Final, List, Tuple, Union

from artifactd_client.exceptions import render_path
from artifactd_client.models.model import Model, model_named

Decode = Callable[[Any], Any]


class Mismatch(Exception):
    """What an answer holds is not of its type; the path to it grows on the way out."""

    def __init__(self, wanted: str, value: Any) -> None:
        super().__init__(wanted, value)
        self.wanted = wanted
        self.value = value
        self.path: List[Union[str, int]] = []

    def __str__(self) -> str:
        where = f" at {render_path(reversed(self.path))}" if self.path else ""
        text = repr(self.value)
        return f"expected {self.wanted}{where}, but got {text if len(text) <= 80 else text[:79] + '…'}"


def decode(value: Any, openapi_type: Union[str, type]) -> Any:
    """A JSON value as the type says; `None` stays.

    Args:
        value: as `json.loads` gives it.
        openapi_type: as KFP's documentation writes it (`list[V2beta1Artifact]`), or a class.

    Raises:
        Mismatch: the value is of another type.
        ValueError: there is no such type.
    """
    return None if value is None else _decoder(openapi_type)(value)


def _decoder(openapi_type: Union[str, type]) -> Decode:
    """The function for a type."""
    if isinstance(openapi_type, type):
        openapi_type = openapi_type.__name__
    found = _DECODERS.get(openapi_type)
    if found is None:
        found = _DECODERS[openapi_type] = _new_decoder(openapi_type)
    return found


def _new_decoder(openapi_type: str) -> Decode:
    if match := re.fullmatch(r"list\[(.*)\]", openapi_type):
        return _list_decoder(match[1])
    if match := re.fullmatch(r"dict\(([^,]*), (.*)\)", openapi_type):
        return _dict_decoder(match[2])
    model = model_named(openapi_type)
    if model is None:
        raise ValueError(f"there is no message {openapi_type!r}")
    # A server that is newer than the client may know more names than its enumerations.
    return _model_decoder(model) if model.openapi_types else _text  # type: ignore[attr-defined]  # Each model has it.


def _list_decoder(of: str) -> Decode:
    one = _decoder(of)

    def decode_list(value: Any) -> List[Any]:
        if type(value) is not list:
            raise Mismatch("a list", value)
        index = 0
        try:
            result = []
            for each in value:
                result.append(None if each is None else one(each))
                index += 1
        except Mismatch as error:
            error.path.append(index)
            raise
        else:
            return result

    return decode_list


def _dict_decoder(of: str) -> Decode:
    one = _decoder(of)
    plain = one is _anything

    def decode_dict(value: Any) -> Dict[str, Any]:
        if type(value) is not dict:
            raise Mismatch("an object", value)
        if plain:
            return value
        key = ""
        try:
            result = {}
            for key, each in value.items():
                result[key] = None if each is None else one(each)
        except Mismatch as error:
            error.path.append(key)
            raise
        else:
            return result

    return decode_dict


def _model_decoder(model: Any) -> Decode:
    """The function for a message. It fills the slots of the message's properties without calling them."""
    blank = {f"_{name}": None for name in model.openapi_types}
    fields: List[Tuple[str, str, Any, Decode]] = []
    finishes = model.finish is not Model.finish

    def decode_model(value: Any) -> Any:
        if type(value) is not dict:
            raise Mismatch("an object", value)
        if not fields:
            # Only now: a message may hold others of its own type. All at once: another thread may be reading.
            decoders = [(name, _decoder(text)) for name, text in model.openapi_types.items()]
            fields[:] = [(model.attribute_map[name], f"_{name}", _AS_IT_IS.get(one), one) for name, one in decoders]
        result = model.__new__(model)
        slots = result.__dict__
        slots.update(blank)
        name = ""
        try:
            for name, slot, kind, one in fields:
                each = value.get(name)
                if each is not None:
                    # Most values need no call, which would take longer than all the rest.
                    slots[slot] = each if type(each) is kind else one(each)
        except Mismatch as error:
            error.path.append(name)
            raise
        if finishes:
            result.finish()
        return result

    return decode_model


def _anything(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is int:
        # Proto3's JSON leaves open whether a 64-bit integer is a number or text.
        return str(value)
    raise Mismatch("text", value)


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if (type(value) is str and re.fullmatch(r"-?[0-9]{1,20}", value)) or (type(value) is float and value.is_integer()):
        return int(value)
    raise Mismatch("an integer", value)


def _number(value: Any) -> float:
    if type(value) in (float, int):
        try:
            return float(value)
        except OverflowError:
            raise Mismatch("a number", value) from None
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    raise Mismatch("a number", value)


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise Mismatch("true or false", value)


_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:([Zz])|([+-])(\d\d):?(\d\d))?"
)


def _time(value: Any) -> datetime:
    """RFC 3339, to the microsecond; without an offset it is UTC."""
    if type(value) is str and len(value) == 27 and value[4:20:3] == "--T::." and value[26] == "Z":
        # As artifactd writes them, the standard library reads times several times as fast as the pattern does.
        try:
            return datetime.fromisoformat(value[:26] + "+00:00")
        except ValueError:
            pass
    match = _TIME.fullmatch(value) if type(value) is str else None
    if match is None:
        raise Mismatch("a time", value)
    year, month, day, hour, minute, second, fraction, zulu, sign, hours, minutes = match.groups()
    zone = timezone.utc
    try:
        if not zulu and sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(offset if sign == "+" else -offset)
        microsecond = int(fraction[:6].ljust(6, "0")) if fraction else 0
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), microsecond, zone)
    except ValueError:
        raise Mismatch("a time", value) from None


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError, LookupError):
        raise Mismatch("a date", value) from None


# The type that JSON gives a value which is already what its field holds.
_AS_IT_IS: Final[Dict[Decode, type]] = {_text: str, _integer: int, _number: float, _boolean: bool}
_DECODERS: Final[Dict[str, Decode]] = {
    "object": _anything,
    "str": _text,
    "int": _integer,
    "long": _integer,
    "float": _number,
    "bool": _boolean,
    "datetime": _time,
    "date": _date,
}
