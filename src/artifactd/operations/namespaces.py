"""Namespaces, and how much each holds."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.listing import ListQuery, Page, Position
from artifactd.model import NamespaceCounts
from artifactd.operations.context import Context
from artifactd.storage import counts
from artifactd.storage.statements import Transaction


def list_namespaces(context: Context, transaction: Transaction, query: ListQuery) -> Page[NamespaceCounts]:
    """A page of the namespaces that hold something and that the caller may list, by name."""
    found = counts.select_by_namespace(transaction, context.caller.namespaces(Verb.LIST))
    after = query.position.values[0] if query.position else None
    rest = [item for item in found if after is None or item.namespace > str(after)]
    shown = rest[: query.page_size]
    position = Position(0, (shown[-1].namespace,)) if len(rest) > len(shown) else None
    return Page(shown, len(found), position)
