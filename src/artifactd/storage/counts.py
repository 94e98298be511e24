"""Kept counts: how many items of a noun each namespace holds, so that a total needs no scan (docs/decisions/0004).

They are kept at the end of the transaction that inserts. A list also learns from them which partitions hold anything at
all. Where several transactions write at once, each counts in a stripe of its own, so that none waits for another's
commit.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from artifactd.model import NamespaceCounts
from artifactd.storage.engines.expressions import insert_or_add
from artifactd.storage.namespaces import namespace_of, number_of
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
# Where writes run one after the other there is one stripe, or few in a copy: to group them costs five times the look.
_SELECT_STRIPES = (
    select(counts.c.namespace_id, counts.c.kind, counts.c.total, namespace_of(counts.c.namespace_id))
    .where(counts.c.noun == bindparam("noun"))
    .order_by(counts.c.namespace_id, counts.c.kind)
)
_SELECT_ALL = Statement(lambda dialect: _SELECT_STRIPES if dialect == "sqlite" else _SELECT)
_SELECT_ONE = Statement(
    lambda dialect: (
        _SELECT_STRIPES.where(counts.c.namespace_id == number_of("namespace"))
        if dialect == "sqlite"
        else _SELECT.where(namespaces.c.namespace == bindparam("namespace"))
    )
)


def add(transaction: Transaction, noun: str, namespace: str, kind: str = "", added: int = 1) -> None:
    """Counts new items of a namespace that is interned. `kind` is a link's type, and empty for other nouns."""
    key = (("noun", noun), ("namespace", namespace), ("kind", kind), ("stripe", transaction.stripe))
    transaction.add_up(_ADD, key, added)


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
    found: dict[tuple[int | str, ...], int] = {}
    for namespace_id, kind, items, namespace in rows:
        if (namespaces_asked is None or namespace in namespaces_asked) and (not kinds or kind in kinds):
            key = (namespace_id, kind) if kind else (namespace_id,)
            found[key] = found.get(key, 0) + int(items)
    return [Partition(key, items) for key, items in found.items() if items > 0]


def select_by_namespace(transaction: Transaction, asked: frozenset[str] | None) -> list[NamespaceCounts]:
    """The namespaces that hold anything, by name, and how much. `asked` None is every namespace."""
    found: dict[str, dict[str, int]] = {}
    for namespace, noun, total in transaction.rows(_BY_NAMESPACE, {}):
        if asked is None or namespace in asked:
            found.setdefault(namespace, dict.fromkeys(_COUNTED, 0))[noun] = int(total)
    return [NamespaceCounts(namespace, **found[namespace]) for namespace in sorted(found)]
