"""Expressions that each engine writes in its own way, under one name."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Double, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class contains_text(FunctionElement[bool]):
    """Whether a text holds another, by code point: `contains_text(text, part)`; NULL where the text is."""

    inherit_cache = True
    name = "contains_text"


class uuid_text(FunctionElement[str]):
    """The textual form of a UUID that is kept as 16 bytes: `uuid_text(column)`."""

    inherit_cache = True
    name = "uuid_text"
    type = Text()


class json_kind(FunctionElement[str]):
    """What stands at a path of a JSON text, as `text`, `integer`, `real`, `true`, `false` or another word."""

    inherit_cache = True
    name = "json_kind"
    type = Text()


class json_number(FunctionElement[float]):
    """The number at a path of a JSON text, as a double; meaningless where no number stands."""

    inherit_cache = True
    name = "json_number"
    type = Double()


class json_string(FunctionElement[str]):
    """The string at a path of a JSON text; meaningless where no string stands."""

    inherit_cache = True
    name = "json_string"
    type = Text()


def json_path(keys: tuple[str, ...]) -> str:
    """The path to a value inside objects, for the functions above."""
    return "$" + "".join("." + json.dumps(key, ensure_ascii=False) for key in keys)


@compiles(contains_text, "sqlite")
def _sqlite_contains_text(element: contains_text, compiler: Any, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(uuid_text, "sqlite")
def _sqlite_uuid_text(element: uuid_text, compiler: Any, **kw: Any) -> str:
    hexadecimal = f"lower(hex({compiler.process(element.clauses, **kw)}))"
    pieces = [f"substr({hexadecimal}, {start}, {length})" for start, length in _UUID_PIECES]
    return "(" + " || '-' || ".join(pieces) + ")"


@compiles(json_kind, "sqlite")
def _sqlite_json_kind(element: json_kind, compiler: Any, **kw: Any) -> str:
    return f"json_type({compiler.process(element.clauses, **kw)})"


@compiles(json_number, "sqlite")
def _sqlite_json_number(element: json_number, compiler: Any, **kw: Any) -> str:
    # An integer beyond 64 bits is extracted as a double anyhow, so all are compared as doubles.
    return f"CAST(json_extract({compiler.process(element.clauses, **kw)}) AS REAL)"


@compiles(json_string, "sqlite")
def _sqlite_json_string(element: json_string, compiler: Any, **kw: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **kw)})"


_UUID_PIECES = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
