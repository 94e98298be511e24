"""Kept counts: how many items of a noun each namespace holds, so that a total needs no scan (docs/decisions/0004).

They are kept in the transaction that inserts. A list also learns from them which partitions hold anything at all.
Where several transactions write at once, each counts in a stripe of its own, so that none waits for another's commit.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from artifactd.model import NamespaceCounts
from artifactd.storage.engines.expressions import insert_or_add
from artifactd.storage.namespaces import number_of
from artifactd.storage.schema import counts, namespaces
from artifactd.storage.statements import Statement, Transaction


class Partition(NamedTuple):
    """A part of a noun's lists: its values of the partitioning columns, and how many items it holds."""

    key: tuple[int | str, ...]
    items: int


_ADD = Statement(lambda dialect: insert_or_add(dialect, counts, "total", {"namespace_id": number_of("namespace")}))
_TOTAL = func.sum(counts.c.total)
_SELECT = (
    select(counts.c.namespace_id, counts.c.kind, _TOTAL, namespaces.c.namespace)
    .where(counts.c.noun == bindparam("noun"), counts.c.namespace_id == namespaces.c.namespace_id)
    .group_by(counts.c.namespace_id, counts.c.kind, namespaces.c.namespace)
    .having(_TOTAL > 0)
    .order_by(counts.c.namespace_id, counts.c.kind)
)
_COUNTED = ("artifacts", "metrics", "runs", "tasks")
_BY_NAMESPACE = Statement(
    select(namespaces.c.namespace, counts.c.noun, _TOTAL)
    .where(counts.c.noun.in_(_COUNTED), counts.c.namespace_id == namespaces.c.namespace_id)
    .group_by(namespaces.c.namespace, counts.c.noun)
    .having(_TOTAL > 0)
)
_SELECT_ALL = Statement(_SELECT)
_SELECT_ONE = Statement(_SELECT.where(namespaces.c.namespace == bindparam("namespace")))


def add(transaction: Transaction, noun: str, namespace: str, kind: str = "", added: int = 1) -> None:
    """Counts new items of a namespace that is interned. `kind` is a link's type, and empty for other nouns."""
    key = {"noun": noun, "namespace": namespace, "kind": kind, "stripe": transaction.stripe}
    transaction.run(_ADD, key | {"total": added})


def partitions(
    transaction: Transaction, noun: str, namespaces_asked: frozenset[str] | None, kinds: tuple[str, ...] = ()
) -> list[Partition]:
    """The parts of a noun's lists that hold anything.

    Args:
        namespaces_asked: None for every namespace.
        kinds: the link types asked for; empty for every one.
    """
    if namespaces_asked is not None and len(namespaces_asked) == 1:
        rows = transaction.rows(_SELECT_ONE, {"noun": noun, "namespace": next(iter(namespaces_asked))})
    else:
        rows = transaction.rows(_SELECT_ALL, {"noun": noun})
    return [
        Partition((namespace_id, kind) if kind else (namespace_id,), int(items))
        for namespace_id, kind, items, namespace in rows
        if (namespaces_asked is None or namespace in namespaces_asked) and (not kinds or kind in kinds)
    ]


def select_by_namespace(transaction: Transaction, asked: frozenset[str] | None) -> list[NamespaceCounts]:
    """The namespaces that hold anything, by name, and how much. `asked` None is every namespace."""
    found: dict[str, dict[str, int]] = {}
    for namespace, noun, total in transaction.rows(_BY_NAMESPACE, {}):
        if asked is None or namespace in asked:
            found.setdefault(namespace, dict.fromkeys(_COUNTED, 0))[noun] = int(total)
    return [NamespaceCounts(namespace, **found[namespace]) for namespace in sorted(found)]
