"""Notes of writes, each kept in the write's own transaction and forgotten after some days."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, or_, select

from artifactd.model import AuditEntry
from artifactd.storage.engines.expressions import contains_text
from artifactd.storage.schema import audit
from artifactd.storage.statements import Insert, Statement, Transaction

_FORGOTTEN_AT_ONCE = 256
_FORGETTING_EVERY = 64
"""One in so many notes forgets old ones."""
_table = audit.c
_COLUMNS = [_table[name] for name in AuditEntry._fields]
_INSERT = Insert(audit)
_SELECT_OLD = Statement(
    select(_table.audit_pk)
    .where(_table.at_us < bindparam("oldest_us"))
    .order_by(_table.at_us)
    .limit(_FORGOTTEN_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_NUMBERS = tuple(f"number_{index}" for index in range(_FORGOTTEN_AT_ONCE))
_FORGET = Statement(delete(audit).where(_table.audit_pk.in_([bindparam(name) for name in _NUMBERS])))


class AuditQuery(NamedTuple):
    """Which notes to read: all that fit what is given. Times are microseconds since the epoch."""

    since_us: int
    until_us: int
    caller: str | None = None
    namespace: str | None = None
    operation: str | None = None
    resource: str | None = None


def insert_entry(transaction: Transaction, entry: AuditEntry, oldest_us: int | None) -> None:
    """Keeps a note, and forgets some of those from before `oldest_us`, if that is given."""
    lists = {name: json.dumps(getattr(entry, name), ensure_ascii=False) for name in ("namespaces", "resources")}
    number = transaction.insert(_INSERT, entry._asdict() | lists)
    if oldest_us is not None and number % _FORGETTING_EVERY == 0:
        old = [number for (number,) in transaction.rows(_SELECT_OLD, {"oldest_us": oldest_us})]
        if old:
            # The last one stands for the rest, so that there is one statement for any number.
            transaction.run(_FORGET, dict(zip(_NUMBERS, old + old[-1:] * (len(_NUMBERS) - len(old)), strict=True)))


def select_entries(
    transaction: Transaction, query: AuditQuery, behind: int, at_most: int
) -> list[tuple[int, AuditEntry]]:
    """Notes in the order of their time, each with its number.

    Args:
        behind: the number of the last one that was read of the moment `query.since_us`; -1 for none.
    """
    values: dict[str, Any] = query._asdict()
    conditions: list[ColumnElement[bool]] = []
    for name, column in (("caller", _table.caller), ("operation", _table.operation)):
        if values[name] is not None:
            conditions.append(column == bindparam(name))
    for name, column in (("namespace", _table.namespaces), ("resource", _table.resources)):
        if values[name] is not None:
            conditions.append(contains_text(column, bindparam(name)))
    if query.namespace is not None:
        values["namespace"] = json.dumps(query.namespace, ensure_ascii=False)
    if query.resource is not None:
        # As it stands inside the quotes.
        values["resource"] = json.dumps(query.resource, ensure_ascii=False)[1:-1]
    statement = transaction.shapes.get(
        ("audit", tuple(name for name, value in values.items() if value is not None)),
        lambda: (
            select(_table.audit_pk, *_COLUMNS)
            .where(
                _table.at_us >= bindparam("since_us"),
                _table.at_us < bindparam("until_us"),
                or_(_table.at_us > bindparam("since_us"), _table.audit_pk > bindparam("behind")),
                *conditions,
            )
            .order_by(_table.at_us, _table.audit_pk)
            .limit(bindparam("at_most"))
        ),
    )
    given = {name: value for name, value in values.items() if value is not None}
    rows = transaction.rows(statement, given | {"behind": behind, "at_most": at_most})
    return [(row[0], _make(row[1:])) for row in rows]


def _make(row: tuple[Any, ...]) -> AuditEntry:
    entry = AuditEntry(*row)
    return entry._replace(namespaces=tuple(json.loads(row[4])), resources=tuple(json.loads(row[5])))
