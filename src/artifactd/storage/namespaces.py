"""Namespaces, interned as small numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, bindparam, select

from artifactd.storage.schema import namespaces
from artifactd.storage.statements import Insert, Statement, Transaction

_SELECT = Statement(select(namespaces.c.namespace_id).where(namespaces.c.namespace == bindparam("namespace")))
_SELECT_ALL = Statement(select(namespaces.c.namespace).order_by(namespaces.c.namespace_id))
_INSERT = Insert(namespaces)


def namespace_of(namespace_id: Column[Any]) -> Any:
    """The name behind a table's `namespace_id`, as an expression that leaves the table's query plan alone."""
    return (
        select(namespaces.c.namespace)
        .where(namespaces.c.namespace_id == namespace_id)
        .correlate_except(namespaces)
        .scalar_subquery()
    )


def intern(transaction: Transaction, namespace: str) -> int:
    """The number of a namespace, which is made if it is new."""
    row = transaction.row(_SELECT, {"namespace": namespace})
    return int(row[0]) if row else transaction.insert(_INSERT, {"namespace": namespace})


def select_namespaces(transaction: Transaction) -> list[str]:
    """Every namespace, in the order in which they came into being."""
    return [name for (name,) in transaction.rows(_SELECT_ALL, {})]
