"""Walks a list page by page, and shows how far it is to whoever waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from artifactd.cli.characters import cut_right, width_of
from artifactd.cli.terminal import terminal_of
from artifactd.errors import Unavailable
from artifactd.listing import PAGE_SIZE_MAX

if TYPE_CHECKING:
    from artifactd.interop.rest_client import RestClient

Query = Mapping[str, str | Sequence[str]]
NOT_A_LIST: Final = "Is it an artifactd server? Say where it is with --server or ARTIFACTD_SERVER."


class Page(NamedTuple):
    """A page of a list; `next_page_token` is empty on the last. `more` says whether the walk goes on behind it."""

    items: list[dict[str, Any]]
    total_size: int
    next_page_token: str
    more: bool = False


def pages(client: RestClient, path: str, name: str, query: Query, limit: int | None) -> Iterator[Page]:
    """A list's pages, as few as can be.

    Args:
        client: of the server.
        path: of the list.
        name: of the answer's field that holds the items.
        query: the list's parameters.
        limit: how many items at most; `None` for all of them.

    Raises:
        ServiceError: as the client does, and Unavailable for an answer that is no page of a list.
    """
    given: dict[str, str | Sequence[str]] = dict(query)
    wanted = limit
    while True:
        size = PAGE_SIZE_MAX if wanted is None else min(wanted, PAGE_SIZE_MAX)
        page = _page(client, path, name, {**given, "page_size": str(size)})
        if page.next_page_token and page.next_page_token == given.get("page_token"):
            raise Unavailable(f"{client.server} answers GET {path} with the same page for ever. {NOT_A_LIST}")
        wanted = None if wanted is None else wanted - len(page.items)
        more = bool(page.next_page_token) and (wanted is None or wanted > 0)
        yield page._replace(more=more)
        if not more:
            return
        given["page_token"] = page.next_page_token


def _page(client: RestClient, path: str, name: str, query: Query) -> Page:
    answer = client.get(path, query)
    items, total, token = answer.get(name), answer.get("total_size"), answer.get("next_page_token")
    is_page = isinstance(items, list) and isinstance(total, int) and isinstance(token, str)
    if not is_page or not all(isinstance(item, dict) for item in items or ()):
        raise Unavailable(f"{client.server} answers GET {path} with no list of {name}. {NOT_A_LIST}")
    return Page(items or [], total or 0, token or "")


class Progress:
    """A line on standard error that says how far something is; nothing where that is no terminal."""

    def __init__(self) -> None:
        terminal = terminal_of(sys.stderr)
        self._width = terminal.width
        self._shown = 0

    def show(self, text: str) -> None:
        """Puts the line there, in place of the one before."""
        if self._width is not None:
            line = cut_right(text, self._width - 1)
            sys.stderr.write("\r" + line + " " * (self._shown - width_of(line)))
            sys.stderr.flush()
            self._shown = width_of(line)

    def clear(self) -> None:
        """Takes the line away."""
        if self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()
            self._shown = 0
