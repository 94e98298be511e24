"""Fixtures of property-based tests: stores that open fast, one for each example."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from engines.databases import Databases
from support import DirectApi

from artifactd.storage.store import StoreOptions

NewApi = Callable[..., AbstractContextManager[DirectApi]]

# What a test of values asks of its store; what reaches the disk, and when, is tested in tests/storage.
_OPTIONS = StoreOptions(scan_threads=1, synchronous="NORMAL", cache_bytes=1 << 20, scan_timeout_s=60)


@pytest.fixture
def new_api(engine: str, databases: Databases) -> NewApi:
    """Gives a client of the application over an empty store of each engine, as often as it is called."""

    @contextlib.contextmanager
    def over_an_empty_store(
        clock: Callable[[], int] | None = None, new_id: Callable[[], str] | None = None
    ) -> Iterator[DirectApi]:
        with databases.empty_store(engine) as url:
            api = DirectApi(url, _OPTIONS, clock, new_id)
            try:
                yield api
            finally:
                api.close()

    return over_an_empty_store
