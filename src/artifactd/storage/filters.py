"""Predicates to SQL conditions. The same rows match on every engine (contract, filter).

What a predicate on a value inside JSON means is decided in `artifactd.storage.json_filters`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, literal, or_

from artifactd.listing import Kind, Operation, Predicate, Scalar, ValueKind
from artifactd.model import INT64_MAX, INT64_MIN
from artifactd.storage.columns import Listing, SqlField, uuid_bytes
from artifactd.storage.engines.expressions import behind, contains_text, uuid_text
from artifactd.storage.json_filters import necessary_text
from artifactd.storage.schema import metrics

_NUMBER_CLASS_FINITE = 2
_COMPARISONS: dict[Operation, Callable[..., Any]] = {
    Operation.EQUALS: operator.eq,
    Operation.NOT_EQUALS: operator.ne,
    Operation.GREATER_THAN: operator.gt,
    Operation.GREATER_THAN_EQUALS: operator.ge,
    Operation.LESS_THAN: operator.lt,
    Operation.LESS_THAN_EQUALS: operator.le,
}
_BEYOND = (
    Operation.GREATER_THAN,
    Operation.GREATER_THAN_EQUALS,
    Operation.LESS_THAN,
    Operation.LESS_THAN_EQUALS,
)
_LESS = (Operation.LESS_THAN, Operation.LESS_THAN_EQUALS)
_BEYOND_INT64 = 1e19
_EQUALITIES = (Operation.EQUALS, Operation.NOT_EQUALS, Operation.IN)


def predicate_shape(predicate: Predicate) -> tuple[Any, ...]:
    """What of a predicate decides its SQL; the rest are bound values."""
    in_json = bool(predicate.json_path)
    of_metric = bool(predicate.metric)
    narrows = in_json and necessary_text(predicate) is not None
    kinds = (in_json, narrows, of_metric, predicate.value_kind)
    return (predicate.operation, predicate.field.name, *kinds, len(predicate.values))


def predicate_values(listing: Listing, predicates: tuple[Predicate, ...]) -> Iterator[tuple[str, Any]]:
    """The bound values of the predicates, by the names that `conditions` gives them."""
    for index, predicate in enumerate(predicates):
        if predicate.json_path:
            yield f"value_{index}_0", necessary_text(predicate)
            continue
        if predicate.metric:
            yield f"metric_{index}", predicate.metric
        for number, value in enumerate(predicate.values):
            yield f"value_{index}_{number}", _comparable(listing, predicate, value)


def conditions(listing: Listing, predicates: tuple[Predicate, ...]) -> list[ColumnElement[bool]]:
    """The SQL conditions that all must hold. Of predicates on values inside JSON they only keep what may match."""
    found: list[ColumnElement[bool]] = []
    for index, predicate in enumerate(predicates):
        if predicate.metric:
            found.append(_metric_condition(listing, predicate, index))
        elif not predicate.json_path:
            bounded = _is_bounded(predicate, predicates)
            found.append(_condition(listing, predicate, index, bounded=bounded))
        elif necessary_text(predicate) is not None:
            column = listing.fields[predicate.field.name].column
            found.append(contains_text(column, bindparam(f"value_{index}_0")))
    return found


def _comparable(listing: Listing, predicate: Predicate, value: Scalar) -> Any:
    """A value in the form in which its field is kept."""
    field = listing.fields.get(predicate.field.name)
    if field is not None and field.is_uuid and predicate.operation in _EQUALITIES:
        return uuid_bytes(str(value))
    if predicate.field.kind is Kind.NUMBER and predicate.value_kind is ValueKind.INTEGER:
        return float(value)
    if predicate.field.kind is Kind.INTEGER and isinstance(value, float) and value.is_integer():
        # The servers would compare both as doubles, of which several large integers are one.
        return int(value) if INT64_MIN <= value <= INT64_MAX else math.copysign(_BEYOND_INT64, value)
    return value


def _is_bounded(predicate: Predicate, predicates: tuple[Predicate, ...]) -> bool:
    """Whether others keep its field from the infinity that it alone would let in."""
    less = predicate.operation in _LESS
    return any(
        other.field is predicate.field and other.operation in _BEYOND and (other.operation in _LESS) != less
        for other in predicates
    )


def _condition(listing: Listing, predicate: Predicate, index: int, *, bounded: bool) -> ColumnElement[bool]:
    values: list[Any] = [bindparam(f"value_{index}_{number}") for number in range(len(predicate.values))]
    field = listing.fields[predicate.field.name]
    if field.number_class is not None:
        return _classed_condition(field, predicate, values, bounded=bounded)
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


def _classed_condition(
    field: SqlField, predicate: Predicate, values: list[Any], *, bounded: bool
) -> ColumnElement[bool]:
    """A comparison of a double that may be infinite, NaN or unset, with finite values."""
    number_class = field.number_class
    assert number_class is not None
    finite = number_class == _NUMBER_CLASS_FINITE
    if predicate.operation is Operation.NOT_EQUALS:
        return or_(number_class != _NUMBER_CLASS_FINITE, field.column != values[0])
    matches = and_(finite, _compare(field.column, predicate.operation, values))
    if predicate.operation not in _BEYOND or bounded:
        # PostgreSQL enters an index at one of two such places as below, not between them.
        return matches
    less = predicate.operation in _LESS
    infinity = number_class == _NUMBER_CLASS_FINITE + (-1 if less else 1)
    # The same once more, as a place in the index, which two such conditions cut a piece out of; an OR cannot do that.
    at = predicate.operation in (Operation.LESS_THAN_EQUALS, Operation.GREATER_THAN_EQUALS)
    place = behind([number_class, field.column], [literal(_NUMBER_CLASS_FINITE), *values], descending=less, at=at)
    # And where it ends: beyond an infinity stand all that are NaN, or all that are no numbers.
    end = number_class >= _NUMBER_CLASS_FINITE - 1 if less else number_class <= _NUMBER_CLASS_FINITE + 1
    return and_(place, end, or_(infinity, matches))


def _metric_condition(listing: Listing, predicate: Predicate, index: int) -> ColumnElement[bool]:
    """Whether any metric of that name compares: of a run, its tasks'; of an artifact, those of tasks linked to it.

    What has no such metric matches only NOT_EQUALS, as everywhere.
    """
    assert listing.metrics_of is not None
    values: list[Any] = [bindparam(f"value_{index}_{number}") for number in range(len(predicate.values))]
    value = SqlField(metrics.c.value, nullable=True, number_class=metrics.c.value_class)
    differs = predicate.operation is Operation.NOT_EQUALS
    compared = predicate._replace(operation=Operation.EQUALS) if differs else predicate
    # Its place in an index is of no use here: a metric is found by its task or run, and its name.
    matches = _simply_classed(value, compared, values)
    found = exists().where(listing.metrics_of, metrics.c.name == bindparam(f"metric_{index}"), matches)
    return ~found if differs else found


def _simply_classed(field: SqlField, predicate: Predicate, values: list[Any]) -> ColumnElement[bool]:
    number_class = field.number_class
    assert number_class is not None
    matches = and_(number_class == _NUMBER_CLASS_FINITE, _compare(field.column, predicate.operation, values))
    if predicate.operation not in _BEYOND:
        return matches
    return or_(number_class == _NUMBER_CLASS_FINITE + (-1 if predicate.operation in _LESS else 1), matches)
