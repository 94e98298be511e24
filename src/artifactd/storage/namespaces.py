"""Namespaces, interned as small numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, bindparam, insert, select

from artifactd.storage.schema import namespaces
from artifactd.storage.statements import Statement, Transaction

_SELECT = Statement(select(namespaces.c.namespace_id).where(namespaces.c.namespace == bindparam("namespace")))
_INSERT = Statement(insert(namespaces).values(namespace=bindparam("namespace")).returning(namespaces.c.namespace_id))


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
    row = transaction.row(_SELECT, {"namespace": namespace}) or transaction.row(_INSERT, {"namespace": namespace})
    assert row is not None
    return int(row[0])
