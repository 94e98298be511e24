"""Whole lists, however many pages they have."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, Tuple

from artifactd_client.exceptions import ApiTypeError
from artifactd_client.models.showing import items_of

PAGE_SIZE = 200


def every(method: Callable[..., Any], *args: Any, **query: Any) -> Iterator[Any]:
    """Every item of a list, asking for a page when the one before has been used up.

    An item that is there all the time comes exactly once, whatever is written meanwhile.

    Args:
        method: `api.list_artifacts`, `api.get_metric_history` or another one that gives pages.
        args: what the method needs.
        query: what the list is asked; pages have 200 items unless `page_size` says otherwise.

    Raises:
        ApiTypeError: the method gives no pages.
    """
    query.setdefault("page_size", PAGE_SIZE)
    while True:
        page = _page(method, args, query)
        _, items = items_of(page) or ("", [])
        yield from items
        if not page.next_page_token:
            return
        query["page_token"] = page.next_page_token


def _page(method: Callable[..., Any], args: Tuple[Any, ...], query: Dict[str, Any]) -> Any:
    """One page. A method that gives none is refused by its arguments, or by what it answers."""
    try:
        page = method(*args, **query)
    except ApiTypeError as error:
        if "'page_size'" not in str(error):
            raise
        page = None
    if not hasattr(page, "next_page_token"):
        name = getattr(method, "__name__", repr(method))
        raise ApiTypeError(f"every() takes a method that gives pages, such as api.list_artifacts; {name} gives none")
    return page
