"""The base of every JSON message, and the strict, fast decoding of one."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, ClassVar, TypeVar

import msgspec

from artifactd.errors import invalid
from artifactd.model import ID_CHARS_MAX, JSON_DEPTH_MAX, Json
from artifactd.wire import tolerant

ID = {"minLength": 1, "maxLength": ID_CHARS_MAX, "pattern": "^[A-Za-z0-9._:-]+$"}
"""The JSON Schema of an identifier that clients choose."""
ID_OR_EMPTY = {"maxLength": ID_CHARS_MAX, "pattern": "^[A-Za-z0-9._:-]*$"}
"""The same, where an empty one is an absent one."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NEITHER_BRACKET_NOR_QUOTE = bytes(set(range(256)) - set(b'{}[]"'))
MessageType = TypeVar("MessageType", bound="Message")


class Message(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A JSON object with known fields. An absent field is None, and None is left out."""

    required_fields: ClassVar[tuple[str, ...]] = ()
    non_finite_fields: ClassVar[tuple[str, ...]] = ()
    """The fields in whose JSON the tokens NaN, Infinity and -Infinity are data."""


@cache
def _decoder(message_type: type[MessageType]) -> msgspec.json.Decoder[MessageType]:
    return msgspec.json.Decoder(message_type)


def decode_body(message_type: type[MessageType], body: bytes) -> MessageType:
    """The message that a request's body holds.

    The usual body takes one pass. What that refuses, or what might hide something (depth, U+0000), gets a second,
    slower look, which knows proto3 JSON's other spellings and says exactly what is wrong.

    Raises:
        InvalidArgument: naming the field.
    """
    if not body.strip():
        raise invalid("body", f"is required: a {message_type.__name__} in JSON")
    if b"\\u0000" not in body and _is_shallow(body):
        try:
            message: MessageType = _decoder(message_type).decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return tolerant.decode(message_type, body)
        return message
    return tolerant.decode(message_type, body)


def _is_shallow(body: bytes) -> bool:
    """Whether a body's JSON is surely no deeper than it may be; a batch has many brackets, but few in one another."""
    if body.count(b"{") + body.count(b"[") <= JSON_DEPTH_MAX:
        return True
    if b"\\" in body:
        body = _STRING.sub(b"", body)
    brackets = body.translate(None, _NEITHER_BRACKET_NOR_QUOTE).replace(b'""', b"")
    for _ in range(JSON_DEPTH_MAX // 2):
        # Each turn takes the innermost level away, and at most two.
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not brackets:
            return True
    return False


def to_json(value: Any) -> Json:
    """A decoded JSON value as canonical text: keys sorted, no blanks."""
    return msgspec.json.encode(value, order="sorted").decode()


def raw(text: Json | None) -> Any:
    """Canonical JSON text, to be put into an answer as it is."""
    return None if text is None else msgspec.Raw(text)


encode = msgspec.json.Encoder().encode
"""A message, or anything else that JSON holds, as UTF-8 JSON."""

encode_anything = msgspec.json.Encoder(enc_hook=str).encode
"""Any value as UTF-8 JSON, what JSON does not hold by its text: for log lines."""
