"""One API operation as data: the route table is a list of these, and OpenAPI is made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from artifactd.access import Verb
from artifactd.operations.context import Context
from artifactd.storage.statements import Transaction
from artifactd.wire.message import Message
from artifactd.wire.query import Query


class Parts(NamedTuple):
    """A request taken apart: what an operation's decoder sees.

    `path` are the decoded path parameters, `body` is the decoded message (None where the operation takes none), and
    `if_match` are the entity tags of `If-Match` (None without that header).
    """

    path: Mapping[str, str]
    query: Query
    body: Any
    if_match: tuple[str, ...] | None


def _nothing(_: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of the API.

    Attributes:
        name: its `operationId`, the same in the client, the code and the docs.
        verb: what the caller must be allowed to do.
        body: the message that the request carries, if any.
        decode: the request in our words; raises InvalidArgument.
        run: the operation itself.
        encode: the answer's message, from the request in our words and the result.
        writes: whether it changes the store.
        heavy: whether the decoded request takes long (a large batch, or a read of many rows).
        entity_tag: the answer's `ETag`, for operations on one versioned resource.
        secret: whether the answer holds a secret, and so is kept nowhere.
        needs_mode: the mode of authentication without which the operation is refused, if there is one.
        namespaces: the namespaces that a write's result is in.
        resources: what a write's result is told apart by, for notes of writes.
        parameters: the names of the query parameters, for the documentation.
    """

    name: str
    method: str
    path: str
    verb: Verb
    tag: str
    summary: str
    response: type[Message]
    decode: Callable[[Parts], Any]
    run: Callable[[Context, Transaction, Any], Any]
    encode: Callable[[Any, Any], Message]
    description: str = ""
    body: type[Message] | None = None
    example: Any = None
    writes: bool = False
    heavy: Callable[[Any], bool] = _nothing
    entity_tag: Callable[[Any], str] | None = None
    secret: bool = False
    needs_mode: str = ""
    namespaces: Callable[[Any], list[str]] = lambda _: []
    resources: Callable[[Any], list[str]] = lambda _: []
    parameters: tuple[str, ...] = ()
