"""Looking for artifacts, runs and tasks by what their names and ids begin with."""

from __future__ import annotations

from typing import Any

from artifactd.listing import ListQuery, Noun, Operation, Predicate, Sort, ValueKind
from artifactd.model import Found, TaskDetail
from artifactd.operations.context import Context, listed_namespaces
from artifactd.requests import SearchQuery
from artifactd.storage import artifacts, pages, runs, tasks
from artifactd.storage.columns import Listing
from artifactd.storage.statements import Transaction

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def search(context: Context, transaction: Transaction, wanted: SearchQuery) -> Found:
    """The artifacts, runs and tasks whose name or id begins with a text, each noun at most `page_size` of them.

    Each field is a stretch of an index, so that the cost depends on what is given and not on what there is.

    Raises:
        PermissionDenied: the caller may not list the namespace named.
    """
    found_tasks = _found(context, transaction, wanted, tasks.LISTING, ("display_name", "name", "task_id"))
    return Found(
        artifacts=_found(context, transaction, wanted, artifacts.LISTING, ("artifact_id", "name")),
        runs=_found(context, transaction, wanted, runs.BASIC_LISTING, ("display_name", "run_id")),
        tasks=[TaskDetail(task, {}, {}, []) for task in found_tasks],
    )


def _found(
    context: Context, transaction: Transaction, wanted: SearchQuery, listing: Listing, fields: tuple[str, ...]
) -> list[Any]:
    """What any of the fields finds, each once, in the order of the fields."""
    found: dict[str, Any] = {}
    for field in fields:
        query = _query(listing.noun, field, wanted)
        page = pages.select_page(transaction, listing, query, listed_namespaces(context, query), is_counted=False)
        for item in page.items:
            found.setdefault(getattr(item, listing.identity[0]), item)
    return list(found.values())[: wanted.page_size]


def _query(noun: Noun, name: str, wanted: SearchQuery) -> ListQuery:
    field = noun.field(name)
    assert field is not None
    if name == "artifact_id":
        # Kept as bytes, of which a piece of text is no beginning.
        bounds = [(Operation.EQUALS, wanted.text)]
    else:
        bounds = [(Operation.GREATER_THAN_EQUALS, wanted.text)]
        if (end := behind_prefix(wanted.text)) is not None:
            bounds.append((Operation.LESS_THAN, end))
    predicates = tuple(Predicate(operation, field, (), ValueKind.TEXT, (value,)) for operation, value in bounds)
    return ListQuery(noun, wanted.namespace, Sort(name), predicates, wanted.page_size)


def behind_prefix(prefix: str) -> str | None:
    """The first text, by code point, behind all that begin with a prefix; None where there is none."""
    kept = prefix.rstrip(chr(_LAST))
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)
