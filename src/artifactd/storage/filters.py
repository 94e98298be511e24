"""Predicates to SQL conditions. The same rows match on every engine (contract, filter)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, not_, or_

from artifactd.listing import Kind, Operation, Predicate, Scalar, ValueKind
from artifactd.storage.columns import Listing, SqlField, uuid_bytes
from artifactd.storage.engines.expressions import (
    contains_text,
    json_kind,
    json_number,
    json_path,
    json_string,
    uuid_text,
)

_NUMBER_CLASS_FINITE = 2
_COMPARISONS: dict[Operation, Callable[..., Any]] = {
    Operation.EQUALS: operator.eq,
    Operation.NOT_EQUALS: operator.ne,
    Operation.GREATER_THAN: operator.gt,
    Operation.GREATER_THAN_EQUALS: operator.ge,
    Operation.LESS_THAN: operator.lt,
    Operation.LESS_THAN_EQUALS: operator.le,
}
_EQUALITIES = (Operation.EQUALS, Operation.NOT_EQUALS, Operation.IN)


def predicate_shape(predicate: Predicate) -> tuple[Any, ...]:
    """What of a predicate decides its SQL; the rest are bound values."""
    value: object = len(predicate.values)
    if predicate.value_kind is ValueKind.BOOLEAN:
        value = predicate.values[0]
    return (predicate.operation, predicate.field.name, bool(predicate.json_path), predicate.value_kind, value)


def predicate_values(listing: Listing, predicates: tuple[Predicate, ...]) -> Iterator[tuple[str, Any]]:
    """The bound values of the predicates, by the names that `conditions` gives them."""
    for index, predicate in enumerate(predicates):
        if predicate.json_path:
            yield f"path_{index}", json_path(predicate.json_path)
        for number, value in enumerate(predicate.values):
            yield f"value_{index}_{number}", _comparable(listing, predicate, value)


def conditions(listing: Listing, predicates: tuple[Predicate, ...]) -> list[ColumnElement[bool]]:
    """The SQL conditions that all must hold."""
    return [_condition(listing, predicate, index) for index, predicate in enumerate(predicates)]


def _comparable(listing: Listing, predicate: Predicate, value: Scalar) -> Any:
    """A value in the form in which its field is kept."""
    field = listing.fields.get(predicate.field.name)
    if field is not None and field.is_uuid and predicate.operation in _EQUALITIES:
        return uuid_bytes(str(value))
    if predicate.field.kind in (Kind.NUMBER, Kind.JSON) and predicate.value_kind is ValueKind.INTEGER:
        return float(value)
    return value


def _condition(listing: Listing, predicate: Predicate, index: int) -> ColumnElement[bool]:
    values: list[Any] = [bindparam(f"value_{index}_{number}") for number in range(len(predicate.values))]
    if predicate.json_path:
        return _json_condition(listing, predicate, bindparam(f"path_{index}"), values)
    field = listing.fields[predicate.field.name]
    if field.number_class is not None:
        return _classed_condition(field, predicate, values)
    column = field.column
    if field.is_uuid and predicate.operation not in _EQUALITIES:
        column = uuid_text(column)
    matches = _compare(column, predicate.operation, values)
    if predicate.operation is Operation.NOT_EQUALS and field.nullable:
        return or_(column.is_(None), matches)
    return matches


def _compare(column: ColumnElement[Any], operation: Operation, values: list[Any]) -> ColumnElement[bool]:
    """A comparison that is NULL, and so matches nothing, where the column is."""
    if operation is Operation.IN:
        return column.in_(values) if values else false()
    if operation is Operation.IS_SUBSTRING:
        return contains_text(column, *values)
    matches: ColumnElement[bool] = _COMPARISONS[operation](column, *values)
    return matches


def _classed_condition(field: SqlField, predicate: Predicate, values: list[Any]) -> ColumnElement[bool]:
    """A comparison of a double that may be infinite, NaN or unset, with finite values."""
    number_class = field.number_class
    assert number_class is not None
    finite = number_class == _NUMBER_CLASS_FINITE
    if predicate.operation is Operation.NOT_EQUALS:
        return or_(number_class != _NUMBER_CLASS_FINITE, field.column != values[0])
    matches = and_(finite, _compare(field.column, predicate.operation, values))
    if predicate.operation in (Operation.GREATER_THAN, Operation.GREATER_THAN_EQUALS):
        return or_(number_class == _NUMBER_CLASS_FINITE + 1, matches)
    if predicate.operation in (Operation.LESS_THAN, Operation.LESS_THAN_EQUALS):
        return or_(number_class == _NUMBER_CLASS_FINITE - 1, matches)
    return matches


def _json_condition(
    listing: Listing, predicate: Predicate, path: ColumnElement[Any], values: list[Any]
) -> ColumnElement[bool]:
    """A comparison with a value inside JSON: types are never converted, what is missing matches only NOT_EQUALS."""
    column = listing.fields[predicate.field.name].column
    operation = predicate.operation
    positive = Operation.EQUALS if operation is Operation.NOT_EQUALS else operation
    kind = json_kind(column, path)
    if predicate.value_kind is ValueKind.BOOLEAN:
        matches = kind == ("true" if predicate.values[0] else "false")
    elif predicate.value_kind is ValueKind.TEXT:
        matches = and_(kind == "text", _compare(json_string(column, path), positive, values))
    else:
        matches = and_(kind.in_(("integer", "real")), _compare(json_number(column, path), positive, values))
    return not_(func.coalesce(matches, false())) if operation is Operation.NOT_EQUALS else matches
