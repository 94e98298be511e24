"""Predicates on values inside JSON: narrowed down in SQL by what a text must hold, decided here.

Each engine has JSON functions of its own, which disagree: over depth, over integers beyond 64 bits, over the keys that
a path can name. Here one function decides for all of them (docs/decisions/0010). The text is canonical
(`artifactd.wire.message.to_json`), so a key, and a text or a truth behind it, stands in it in one form only.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from typing import Any

from artifactd.listing import Operation, Predicate, Scalar, ValueKind

Matches = Callable[[str | None], bool]
"""Whether a JSON text, or none, fulfils predicates."""

_MISSING = object()
_COMPARISONS: dict[Operation, Callable[[Any, Any], bool]] = {
    Operation.EQUALS: operator.eq,
    Operation.GREATER_THAN: operator.gt,
    Operation.GREATER_THAN_EQUALS: operator.ge,
    Operation.LESS_THAN: operator.lt,
    Operation.LESS_THAN_EQUALS: operator.le,
    Operation.IS_SUBSTRING: lambda text, part: part in text,
}


def necessary_text(predicate: Predicate) -> str | None:
    """What every JSON text that fulfils a predicate holds; None if there is no such thing."""
    if predicate.operation is Operation.NOT_EQUALS:
        return None
    key = f"{_encode(predicate.json_path[-1])}:"
    if predicate.operation is Operation.EQUALS and predicate.value_kind in (ValueKind.TEXT, ValueKind.BOOLEAN):
        return key + _encode(predicate.values[0])
    return key


def _encode(value: Scalar) -> str:
    return json.dumps(value, ensure_ascii=False)


def matcher(predicates: tuple[Predicate, ...]) -> Matches:
    """Decides whether a JSON text fulfils all of some predicates."""
    tests = [(predicate.json_path, _test(predicate)) for predicate in predicates]

    def matches(text: str | None) -> bool:
        # Numbers compare as doubles, integers of any size too.
        value = json.loads(text, parse_int=float) if text else None
        return all(test(_at(value, path)) for path, test in tests)

    return matches


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return _MISSING
        value = value[key]
    return value


def _test(predicate: Predicate) -> Callable[[Any], bool]:
    """The test of one value. Types are never converted; what is missing matches only NOT_EQUALS (contract, filter)."""
    kind = {ValueKind.TEXT: str, ValueKind.BOOLEAN: bool}.get(predicate.value_kind, float)
    wanted = [kind(value) for value in predicate.values]
    if predicate.operation is Operation.NOT_EQUALS:
        return lambda value: not (type(value) is kind and value == wanted[0])
    if predicate.operation is Operation.IN:
        return lambda value: type(value) is kind and value in wanted
    compare = _COMPARISONS[predicate.operation]
    return lambda value: type(value) is kind and compare(value, wanted[0])
