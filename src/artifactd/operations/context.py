"""What an operation knows besides its transaction and its request."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from artifactd.access import Caller, Verb, require
from artifactd.errors import invalid, quoted
from artifactd.listing import ListQuery


class Context(NamedTuple):
    """Who asks, what time it is, how ids are made, and the settings that operations obey.

    `now_us` is one moment for the whole request, in microseconds since the epoch; `new_id` gives a new UUID as text.
    """

    caller: Caller
    now_us: int
    new_id: Callable[[], str]
    default_namespace: str


def system_clock() -> int:
    """The time in microseconds since the epoch."""
    return time.time_ns() // 1_000


_last_uuid = 0
_one_at_a_time = threading.Lock()


def new_uuid() -> str:
    """A new UUID of version 7 (RFC 9562), greater than the last.

    So indexes grow at their end, and what one request makes is listed in the order of the request.
    """
    global _last_uuid  # noqa: PLW0603  # One counter for the process, as the RFC has it (6.2).
    milliseconds = time.time_ns() // 1_000_000
    value = int.from_bytes(os.urandom(10), "big") | milliseconds << 80
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    # Operations run on several threads: two of them must not both follow the same last one.
    with _one_at_a_time:
        value = _last_uuid = max(value, _last_uuid + 1)
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def listed_namespaces(context: Context, query: ListQuery) -> frozenset[str] | None:
    """The namespaces that a list covers: the one that it names, else all that the caller may list (None: every one).

    Raises:
        PermissionDenied: the caller may not list the namespace that the request names.
    """
    if query.namespace is not None:
        require(context.caller, Verb.LIST, query.namespace)
        return frozenset((query.namespace,))
    return context.caller.namespaces(Verb.LIST)


def same_namespace(field: str, what: str, theirs: str, ours: str) -> None:
    """Refuses to let things of two namespaces meet (contract, Companions).

    Raises:
        InvalidArgument: naming both.
    """
    if theirs != ours:
        raise invalid(
            field,
            f"{what} is in the namespace {quoted(theirs)}, and this would be in {quoted(ours)}: "
            "what meets must share one",
        )
