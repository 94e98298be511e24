"""Commands that work on a store itself, without a server: for what comes before the server, or beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from artifactd.access import EVERY, Caller, Verb
from artifactd.settings import setting_infos

if TYPE_CHECKING:
    from artifactd.operations.context import Context
    from artifactd.storage.statements import Transaction

_URL = next(info for info in setting_infos() if info.name == "database_url")
LOCAL = Caller("local", {EVERY: frozenset(Verb)})
"""Whoever can open the store may do everything with it."""
Found = TypeVar("Found")


def database_url_option(text: str, *, default: str | None = None) -> Callable[[Any], Any]:
    """The option that names the store. `text` says what for."""
    return click.option(
        _URL.flag,
        _URL.name,
        metavar="URL",
        default=default,
        show_default=default is not None,
        envvar=_URL.variable,
        show_envvar=True,
        help=text,
    )


def in_store(url: str, function: Callable[[Context, Transaction], Found], *, write: bool) -> Found:
    """Runs an operation in a transaction on the store of a URL.

    Raises:
        ServiceError: the store cannot be opened, or as the operation says.
    """
    import asyncio

    from artifactd.operations.context import Context, new_uuid, system_clock
    from artifactd.storage.store import StoreOptions, open_store

    async def run() -> Found:
        store = await open_store(url, StoreOptions(write_connections=1, read_connections=1, scan_threads=1))
        try:
            context = Context(LOCAL, system_clock(), new_uuid, "")
            if write:
                return await store.write(lambda transaction: function(context, transaction))
            return await store.read(lambda transaction: function(context, transaction))
        finally:
            await store.close()

    return asyncio.run(run())
