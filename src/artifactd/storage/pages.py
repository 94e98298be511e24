"""Pages of lists, by key: a page costs the same wherever it stands, and a walk sees every item once.

A list is cut into partitions (a namespace; for links a namespace and a type), each of which an index serves in order,
and its order into segments (where a value is unset, infinite or NaN, the rest of the order is the identifier alone).
A page takes what it needs of a segment from each partition, merges that, and goes on to the next segment. Rows and
their count come from one list of conditions.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from functools import partial
from hashlib import blake2b
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, union_all
from sqlalchemy.sql.expression import ClauseElement

from artifactd.errors import invalid
from artifactd.listing import ListQuery, Operation, Page, Position, Sort
from artifactd.storage.columns import Listing, SqlField, uuid_bytes, uuid_from
from artifactd.storage.counts import Partition, partitions
from artifactd.storage.engines.expressions import behind, in_part, is_unset, sorted_anew
from artifactd.storage.filters import conditions, predicate_shape, predicate_values
from artifactd.storage.json_filters import Matches, matcher
from artifactd.storage.schema import artifacts, runs, tasks
from artifactd.storage.statements import Row, Transaction, rows_of_ids

_LOOKED_AT_ONCE = 256
"""How many rows are fetched at a time where it is decided here, not in SQL, which of them match."""
PARTS_AT_ONCE = 16
"""How many partitions one statement asks for their first rows."""
_PARTS_FEW = 4
"""Asking so few partitions costs no more than asking first which of them it has to be."""
_Owner = tuple[str, ColumnElement[Any], ColumnElement[Any]]
_ARTIFACTS: _Owner = ("artifacts", artifacts.c.namespace_id, artifacts.c.artifact_id)
_TASKS: _Owner = ("tasks", tasks.c.namespace_id, tasks.c.task_id)
_CHILDREN: _Owner = ("children", tasks.c.namespace_id, tasks.c.parent_task_id)
_RUNS: _Owner = ("runs", runs.c.namespace_id, runs.c.run_id)


class Segment(NamedTuple):
    """A stretch of a list's order: what holds in it, and the fields that order it.

    `unset` is a column that is NULL throughout; that the order begins with it tells PostgreSQL which index serves.
    """

    conditions: tuple[ColumnElement[bool], ...]
    order: tuple[SqlField, ...]
    unset: ColumnElement[Any] | None = None


class _Stretch(NamedTuple):
    """A segment of a list that is being read, and its number."""

    transaction: Transaction
    listing: Listing
    query: ListQuery
    number: int
    segment: Segment


def select_page(
    transaction: Transaction,
    listing: Listing,
    query: ListQuery,
    namespaces: frozenset[str] | None,
    *,
    is_counted: bool = True,
) -> Page[Any]:
    """One page of a list.

    Args:
        namespaces: those that the caller asked for and may list; None for every one.
        is_counted: whether the size of a filtered list is looked for; without, it is 0.

    Raises:
        InvalidArgument: the query's position is not one of this list's.
        Unavailable: the filter takes too long.
    """
    segments, after = segments_of(listing, query.sort), query.position
    if after is not None and not _is_position(segments, after):
        raise invalid("page_token", "does not fit this list: start again without it")
    parts = _of_ids(transaction, query, partitions(transaction, listing.noun.name, namespaces, query.types))
    scope = _scope_of(namespaces)
    values = dict(_id_values(query)) | dict(predicate_values(listing, query.predicates))
    total = 0
    if is_counted:
        total = _total(transaction, listing, query, parts, values, scope)
        if not total:
            # Nothing matches, which a page would find out by looking at every row.
            return Page([], 0, None)
    found: list[Row] = []
    last = 0  # The segment of the page's last row.
    for number in range(after.segment if after else 0, len(segments)):
        if not _may_match(listing, query, segments[number]):
            after = None
            continue
        wanted = query.page_size + 1 - len(found)
        values["wanted"] = wanted
        stretch = _Stretch(transaction, listing, query, number, segments[number])
        rows = _segment_rows(stretch, parts, after, values)
        if len(found) < query.page_size:
            last = number
        found += rows
        if len(found) > query.page_size:
            break
        after = None
    items = [listing.make(row) for row in found[: query.page_size]]
    if len(found) <= query.page_size:
        return Page(items, total, None, scope)
    row = found[query.page_size - 1]
    position = Position(last, tuple(_to_position(segments[last], row, len(listing.selected))))
    return Page(items, total, position, scope)


def _total(
    transaction: Transaction,
    listing: Listing,
    query: ListQuery,
    parts: list[Partition],
    values: dict[str, Any],
    scope: str,
) -> int:
    """How many items a list has: kept where all of a namespace are in it, told by its token, or counted now."""
    if not query.selective:
        return sum(part.items for part in parts)
    if query.total_size is not None and (query.total_scope or "*") == scope:
        return query.total_size
    return sum(_count(transaction, listing, query, part, values) for part in parts)


def _may_match(listing: Listing, query: ListQuery, segment: Segment) -> bool:
    """Whether anything in a segment can match: not where the field is unset that the list is sorted and filtered by.

    Without this, an engine that begins with what is unset would look at all of it.
    """
    field = listing.fields.get(query.sort.field)
    if field is None or field.number_class is not None or segment.unset is not field.column:
        return True
    return not any(
        predicate.field.name == query.sort.field and predicate.operation is not Operation.NOT_EQUALS
        for predicate in query.predicates
        if not predicate.json_path and not predicate.metric
    )


def _scope_of(namespaces: frozenset[str] | None) -> str:
    """What tells these namespaces from others: a size that another caller was told must not go on to this one.

    A token of an earlier build says nothing; then there were only callers who may see everything.
    """
    if namespaces is None:
        return "*"
    return blake2b(json.dumps(sorted(namespaces)).encode(), digest_size=8).hexdigest()


def _of_ids(transaction: Transaction, query: ListQuery, parts: list[Partition]) -> list[Partition]:
    """The partitions that can hold what belongs to the ids of a query: each has one namespace, and all it meets too.

    Without this, a list of one task's metrics would ask every namespace for them.
    """
    asked = next(((owner, ids) for owner, ids in _owners(query) if ids), None)
    if asked is None or len(parts) < _PARTS_FEW:
        return parts
    (name, namespace_id, owner_id), ids = asked
    rows = rows_of_ids(
        transaction,
        f"namespaces of {name}",
        lambda names: select(namespace_id).where(owner_id.in_(names)).distinct(),
        list(ids),
    )
    found = {row[0] for row in rows}
    return [part for part in parts if part.key[0] in found]


def _owners(query: ListQuery) -> Iterable[tuple[_Owner, tuple[Any, ...]]]:
    """The id lists of a query, the form in which ids are kept, and where the namespaces of such ids stand."""
    yield _ARTIFACTS, tuple(map(uuid_bytes, query.artifact_ids))
    yield _TASKS, query.task_ids
    yield _RUNS, query.run_ids
    # A parent need not be known: its children tell where they are.
    yield _CHILDREN, () if query.parent_id is None else (query.parent_id,)


def segments_of(listing: Listing, sort: Sort) -> list[Segment]:
    """The stretches of a list's order, in the order of the walk."""
    known = _SEGMENTS.get((listing.noun.name, sort))
    if known is None:
        known = _SEGMENTS[listing.noun.name, sort] = _segments_of(listing, sort)
    return known


_SEGMENTS: dict[tuple[str, Sort], list[Segment]] = {}
"""As many as there are fields to sort by."""


def _segments_of(listing: Listing, sort: Sort) -> list[Segment]:
    if not sort.field:
        assert listing.serial is not None
        return [Segment((), (listing.serial,))]
    field = listing.fields[sort.field]
    ties = tuple(listing.fields[name] for name in listing.identity if name != sort.field)
    if field.number_class is not None:
        classes = (3, 2, 1, 0, 4) if sort.descending else (0, 1, 2, 3, 4)
        numbers = Segment((field.number_class == 2,), (field, *ties))
        # That there is no number says nothing new, but lets the index of the numbers serve the ties' order.
        return [
            numbers if rank == 2 else Segment((field.number_class == rank, is_unset(field.column)), ties, field.column)
            for rank in classes
        ]
    if field.nullable:
        unset = Segment((is_unset(field.column),), ties, field.column)
        rest = Segment((field.column.is_not(None),), (field, *ties))
        return [rest, unset] if sort.descending else [unset, rest]
    return [Segment((), (field, *ties))]


def _is_position(segments: list[Segment], position: Position) -> bool:
    if not 0 <= position.segment < len(segments):
        return False
    return len(position.values) == len(segments[position.segment].order)


def _segment_rows(
    stretch: _Stretch, parts: list[Partition], after: Position | None, values: dict[str, Any]
) -> list[Row]:
    """The next rows of one segment, of all partitions together; behind the selected columns stand the order's."""
    listing, query = stretch.listing, stretch.query
    decided_here = _decided_here(query)
    wanted = values["wanted"]
    begins: list[tuple[Partition, Position | None]] = []
    for part in parts:
        side = _side(listing, stretch.segment, part, after)
        if side != (1 if query.sort.descending else -1):
            begins.append((part, after if side == 0 else None))
    if len(begins) == 1 and decided_here is None:
        # As most lists are: what there is to merge and to pick costs as much as the query.
        ((part, begin),) = begins
        return _rows_behind(stretch, begin, values | _part_values(part.key))
    at_once = _LOOKED_AT_ONCE if decided_here is not None else _fair_share(wanted, len(parts))
    values = values | {"wanted": at_once}
    heads: dict[Partition, list[Row]] = {}
    if decided_here is None and len(begins) > _PARTS_FEW:
        heads = _heads(stretch, begins, values)
    found: list[Iterator[Row]] = []
    for part, begin in begins:
        rows = _part_rows(stretch, begin, values | _part_values(part.key), heads.get(part))
        if decided_here is not None:
            column = _json_index(listing)
            rows = (row for row in rows if decided_here(row[column]))
        found.append(rows)
    key = itemgetter(slice(len(listing.selected), None))
    return list(islice(heapq.merge(*found, key=key, reverse=query.sort.descending), wanted))


def _heads(
    stretch: _Stretch, begins: list[tuple[Partition, Position | None]], values: dict[str, Any]
) -> dict[Partition, list[Row]]:
    """The first rows of many partitions, several in one statement: to ask each by itself costs more than the rows."""
    transaction, listing, query, number, segment = stretch
    found: dict[Partition, list[Row]] = {part: [] for part, _ in begins}
    nothing: tuple[int | str, ...] = (0, *("" for _ in listing.partition[1:]))
    for begun in (False, True):
        group = [(part, begin) for part, begin in begins if (begin is not None) == begun]
        shape = ("heads", *_shape(listing, query), query.sort, number, begun)
        statement = transaction.shapes.get(shape, partial(_heads_statement, stretch, after=begun))
        for start in range(0, len(group), PARTS_AT_ONCE):
            chunk = group[start : start + PARTS_AT_ONCE]
            in_branches: dict[str, Any] = {}
            for index in range(PARTS_AT_ONCE):
                # A branch too many looks for what no part is.
                key = chunk[index][0].key if index < len(chunk) else nothing
                in_branches |= _part_values(key, f"branch_{index}_")
            position = _after_values(segment, chunk[0][1])
            for index, *row in transaction.rows(statement, values | in_branches | position):
                found[chunk[index][0]].append(tuple(row))
    return found


def _heads_statement(stretch: _Stretch, *, after: bool) -> ClauseElement:
    branches = []
    for index in range(PARTS_AT_ONCE):
        page = _page_statement(stretch, after=after, prefix=f"branch_{index}_").subquery()
        branches.append(select(literal(index), *page.c))
    return union_all(*branches)


def _fair_share(wanted: int, parts: int) -> int:
    """How many rows to fetch of each partition at first: of two hundred, nearly all would be fetched in vain."""
    return min(wanted, max(2, 2 * wanted // max(1, parts)))


def _part_rows(
    stretch: _Stretch, after: Position | None, values: dict[str, Any], head: list[Row] | None
) -> Iterator[Row]:
    """The rows of one segment of one partition that stand behind a position: `wanted` at first, then more at a time.

    Args:
        head: the first ones, if they were fetched before.
    """
    _, listing, _, number, segment = stretch
    more = True
    while more:
        rows, head = _rows_behind(stretch, after, values) if head is None else head, None
        yield from rows
        more = len(rows) == values["wanted"]
        if more:
            values = values | {"wanted": min(_LOOKED_AT_ONCE, values["wanted"] * 4)}
            after = Position(number, tuple(_to_position(segment, rows[-1], len(listing.selected))))


def _rows_behind(stretch: _Stretch, after: Position | None, values: dict[str, Any]) -> list[Row]:
    """The next `wanted` rows of one segment of one partition behind a position; the first ones without one."""
    transaction, listing, query, number, segment = stretch
    begun = after is not None
    shape = ("page", *_shape(listing, query), query.sort, number, begun)
    statement = transaction.shapes.get(shape, partial(_page_statement, stretch, after=begun))
    return transaction.rows(statement, values | _after_values(segment, after))


def _decided_here(query: ListQuery) -> Matches | None:
    """What decides on the predicates on values inside JSON; None if there are none."""
    in_json = tuple(predicate for predicate in query.predicates if predicate.json_path)
    return matcher(in_json) if in_json else None


def _json_index(listing: Listing) -> int:
    """Where the JSON text stands among the selected columns."""
    assert listing.noun.json_field is not None
    wanted = listing.fields[listing.noun.json_field].column
    return next(index for index, column in enumerate(listing.selected) if column is wanted)


def _side(listing: Listing, segment: Segment, part: Partition, after: Position | None) -> int:
    """Whether a partition stands before (-1) or behind (1) a position, where lists are cut by what orders them."""
    index = _index_in_partition(listing, segment)
    if after is None or index is None or part.key[index] == after.values[0]:
        return 0
    return 1 if str(part.key[index]) > str(after.values[0]) else -1


def _index_in_partition(listing: Listing, segment: Segment) -> int | None:
    first = segment.order[0].column
    return next((index for index, column in enumerate(listing.partition) if column is first), None)


def _page_statement(stretch: _Stretch, *, after: bool, prefix: str = "") -> Select[Any]:
    """A page of one partition; `prefix` tells its values from those of others in one statement."""
    _, listing, query, _, segment = stretch
    descending = query.sort.descending
    columns = [field.column for field in segment.order]
    where = [*_where(listing, query, prefix), *segment.conditions]
    if after:
        # A column that is the same in the whole partition would keep the index from being entered at the position.
        begin = 0 if _index_in_partition(listing, segment) is None else 1
        there: list[ColumnElement[Any]] = [bindparam(f"after_{index}") for index in range(begin, len(columns))]
        where.append(behind(columns[begin:], there, descending=descending))
    keys = [column.label(f"key_{index}") for index, column in enumerate(columns)]
    in_order: list[ColumnElement[Any]] = columns if segment.unset is None else [segment.unset, *columns]
    if not _id_counts(query):
        where[0] = in_part(listing.partition[0], bindparam(f"{prefix}part_0"))
        in_order = [listing.partition[0], *in_order]
    elif not _in_order_of_an_index(listing, query, in_order):
        where[0] = in_part(listing.partition[0], bindparam(f"{prefix}part_0"))
        in_order = [sorted_anew(column) for column in in_order]
    order = [column.desc() if descending else column.asc() for column in in_order]
    return select(*listing.selected, *keys).where(*where).order_by(*order).limit(bindparam("wanted"))


def _in_order_of_an_index(listing: Listing, query: ListQuery, in_order: list[ColumnElement[Any]]) -> bool:
    """Whether an index holds what has one id, and that in the list's order."""
    (name, count), *more = _id_counts(query)
    if count > 1 or more:
        return False
    wanted = [listing.fields[name].column, *in_order]
    indexes = [list(index.columns) for index in listing.table.indexes]
    of_parts = len(listing.partition)
    return any(wanted in (columns, columns[of_parts:]) for columns in indexes)


def _count(
    transaction: Transaction, listing: Listing, query: ListQuery, part: Partition, values: dict[str, Any]
) -> int:
    decided_here = _decided_here(query)

    def build() -> ClauseElement:
        counted = func.count() if decided_here is None else listing.selected[_json_index(listing)]
        return select(counted).select_from(listing.table).where(*_where(listing, query))

    statement = transaction.shapes.get(("count", *_shape(listing, query)), build)
    values = values | _part_values(part.key)
    if decided_here is not None:
        return sum(decided_here(text) for (text,) in transaction.stream(statement, values))
    row = transaction.row(statement, values)
    return int(row[0]) if row else 0


def _where(listing: Listing, query: ListQuery, prefix: str = "") -> list[ColumnElement[bool]]:
    """What rows and their count share."""
    return [
        *(column == bindparam(f"{prefix}part_{index}") for index, column in enumerate(listing.partition)),
        *(
            listing.fields[name].column.in_([bindparam(f"{name}_{index}") for index in range(count)])
            for name, count in _id_counts(query)
        ),
        *conditions(listing, query.predicates),
    ]


def _shape(listing: Listing, query: ListQuery) -> tuple[Any, ...]:
    """What of a query decides its conditions' SQL."""
    return (listing.noun.name, listing.view, _id_counts(query), tuple(map(predicate_shape, query.predicates)))


def _part_values(key: tuple[int | str, ...], prefix: str = "") -> dict[str, Any]:
    return {f"{prefix}part_{index}": value for index, value in enumerate(key)}


def _id_lists(query: ListQuery) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The id conditions by the name of their field; a list's length is rounded up, so that few shapes of SQL exist."""
    for name, ids in (
        ("task_id", query.task_ids),
        ("run_id", query.run_ids),
        ("artifact_id", query.artifact_ids),
        ("parent_task_id", () if query.parent_id is None else (query.parent_id,)),
        ("experiment_id", () if query.experiment_id is None else (query.experiment_id,)),
    ):
        if ids:
            rounded = 1 << (len(ids) - 1).bit_length()
            yield name, ids + (ids[-1],) * (rounded - len(ids))


def _id_counts(query: ListQuery) -> tuple[tuple[str, int], ...]:
    return tuple((name, len(ids)) for name, ids in _id_lists(query))


def _id_values(query: ListQuery) -> Iterable[tuple[str, Any]]:
    for name, ids in _id_lists(query):
        for index, value in enumerate(ids):
            yield f"{name}_{index}", uuid_bytes(value) if name == "artifact_id" else value


def _to_position(segment: Segment, row: Row, selected: int) -> Iterable[Any]:
    for field, value in zip(segment.order, row[selected:], strict=True):
        yield uuid_from(value) if field.is_uuid else value


def _after_values(segment: Segment, after: Position | None) -> dict[str, Any]:
    if after is None:
        return {}
    return {
        f"after_{index}": uuid_bytes(str(value)) if field.is_uuid else value
        for index, (field, value) in enumerate(zip(segment.order, after.values, strict=True))
    }
