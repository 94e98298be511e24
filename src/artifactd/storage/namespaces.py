"""Namespaces, interned as small numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ScalarSelect, Table, Text, bindparam, cast, exists, insert, select

from artifactd.storage.schema import namespaces
from artifactd.storage.statements import Statement, Transaction

_SELECT_ALL = Statement(select(namespaces.c.namespace).order_by(namespaces.c.namespace_id))
_IS_KNOWN = exists().where(namespaces.c.namespace == bindparam("namespace"))
_INSERT_IF_NEW = Statement(
    insert(namespaces).from_select(["namespace"], select(cast(bindparam("namespace"), Text())).where(~_IS_KNOWN))
)


def namespace_of(namespace_id: Column[Any]) -> Any:
    """The name behind a table's `namespace_id`, as an expression that leaves the table's query plan alone."""
    return (
        select(namespaces.c.namespace)
        .where(namespaces.c.namespace_id == namespace_id)
        .correlate_except(namespaces)
        .scalar_subquery()
    )


def intern(transaction: Transaction, namespace: str) -> None:
    """Makes a namespace if it is new, without asking for its number: `number_of` tells it to a later statement."""
    known = transaction.known_namespaces
    if namespace not in known:
        transaction.run(_INSERT_IF_NEW, {"namespace": namespace})
        known.add(namespace)


def number_of(name: str) -> ScalarSelect[Any]:
    """The number of a namespace that there is, as an expression of the parameter that holds the namespace."""
    return select(namespaces.c.namespace_id).where(namespaces.c.namespace == bindparam(name)).scalar_subquery()


def insert_into(table: Table) -> Statement:
    """Inserts a row of a table whose rows the engine numbers, with the namespace by its name (after `intern`)."""
    values: dict[str, Any] = {c.name: bindparam(c.name) for c in table.c if c is not table.autoincrement_column}
    # What nobody asks for must not be returned either.
    return Statement(insert(table).inline().values(values | {"namespace_id": number_of("namespace")}))


def select_namespaces(transaction: Transaction) -> list[str]:
    """Every namespace, in the order in which they came into being."""
    return [name for (name,) in transaction.rows(_SELECT_ALL, {})]
