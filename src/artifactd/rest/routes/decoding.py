"""What the entries of the route table share: how requests are taken apart, and what is said of results."""

from __future__ import annotations

from typing import Any

from artifactd.rest.operation import Parts
from artifactd.wire.lists import decode_list

ROOT = "/apis/v2beta1"
PAGED = ("page_token", "page_size")


def always(_: Any) -> bool:
    """True of every request: for operations that always take long."""
    return True


_BATCH_ITEMS_HERE_MAX = 100
"""A batch of no more items takes about as long as a commit."""


def is_large(batch: Any) -> bool:
    """Whether a batch takes much longer than a commit."""
    return len(batch) > _BATCH_ITEMS_HERE_MAX


def scans(request: Any) -> bool:
    """Whether a list may have to look at many rows."""
    return bool(request.query.scans)


def of_each(result: list[Any]) -> list[str]:
    """The namespaces of a batch that was written."""
    return [item.namespace for item in result]


def of_one(result: Any) -> list[str]:
    """The namespace of what was written."""
    return [result.namespace]


def ids(*names: str) -> Any:
    """What a result, or each of several, is told apart by in notes of writes."""

    def resources(result: Any) -> list[str]:
        items = result if isinstance(result, list) else [result]
        return ["/".join(str(getattr(item, name)) for name in names) for item in items]

    return resources


def only_path(name: str) -> Any:
    """A decoder of a request that is its path alone: the parameter of that name."""

    def decode(parts: Parts) -> str:
        parts.query.only(())
        return parts.path[name]

    return decode


def body_of(decode: Any) -> Any:
    """A decoder of a request that is its body alone."""

    def decode_parts(parts: Parts) -> Any:
        parts.query.only(())
        return decode(parts.body)

    return decode_parts


def list_of(shape: Any) -> Any:
    """A decoder of a list."""
    return lambda parts: decode_list(shape, parts.query)


def paged(run: Any) -> Any:
    """Runs an operation on a list by its query."""
    return lambda context, transaction, request: run(context, transaction, request.query)


def with_path(name: str, decode: Any) -> Any:
    """A decoder of a request that is a path parameter and a body."""

    def decode_parts(parts: Parts) -> Any:
        parts.query.only(())
        return parts.path[name], decode(parts.body)

    return decode_parts
