"""Namespaces in JSON, with how much each holds."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from artifactd import model
from artifactd.errors import invalid
from artifactd.listing import NAMESPACES, ListQuery, Page, Position, Sort, parse_page_size
from artifactd.wire.message import Message
from artifactd.wire.page_tokens import decode_page_token, encode_page_token
from artifactd.wire.query import Query

_LIST = "namespaces"


class NamespaceCounts(Message, omit_defaults=False):
    """A namespace, and how many of each noun it holds."""

    namespace: Annotated[str, Meta(description="Its name; empty for what is in none in particular.")]
    artifacts: Annotated[int, Meta(description="How many artifacts it holds.")]
    metrics: Annotated[int, Meta(description="How many metrics, each counted once however often it was logged.")]
    runs: Annotated[int, Meta(description="How many runs.")]
    tasks: Annotated[int, Meta(description="How many tasks.")]


class ListNamespacesResponse(Message, omit_defaults=False):
    """One page of namespaces."""

    namespaces: Annotated[list[NamespaceCounts], Meta(description="The namespaces, by name.")]
    total_size: Annotated[int, Meta(description="How many there are on all pages.")]
    next_page_token: Annotated[str, Meta(description="Empty on the last page.")]


def decode_list_namespaces(query: Query) -> ListQuery:
    """The namespaces to list. Raises InvalidArgument naming the parameter."""
    query.only(("page_token", "page_size"))
    position = None
    if text := query.text("page_token"):
        token = decode_page_token(_LIST, text)
        match token.position:
            case [str()]:
                position = Position(0, tuple(token.position))
            case _:
                raise invalid("page_token", "is not a token of this list")
    return ListQuery(NAMESPACES, None, Sort("namespace"), (), parse_page_size(query.integer("page_size")), position)


def encode_namespace_page(page: Page[model.NamespaceCounts]) -> ListNamespacesResponse:
    """A page's JSON message."""
    return ListNamespacesResponse(
        namespaces=[NamespaceCounts(**item._asdict()) for item in page.items],
        total_size=page.total_size,
        next_page_token=encode_page_token(_LIST, {}, page.next_position, None),
    )
