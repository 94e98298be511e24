"""Fixtures of property-based tests: stores that open fast, one for each example."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from support import DirectApi

from artifactd.storage.store import StoreOptions

NewApi = Callable[..., AbstractContextManager[DirectApi]]

# What a test of values asks of its store; what reaches the disk, and when, is tested in tests/storage.
_OPTIONS = StoreOptions(scan_threads=1, synchronous="NORMAL", cache_bytes=1 << 20, scan_timeout_s=60)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an empty store."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    DirectApi(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite"])
def new_api(sqlite_template: Path, tmp_path: Path) -> NewApi:
    """Gives a client of the application over an empty store of each engine, as often as it is called."""
    numbers = itertools.count()

    @contextlib.contextmanager
    def over_an_empty_store(
        clock: Callable[[], int] | None = None, new_id: Callable[[], str] | None = None
    ) -> Iterator[DirectApi]:
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_template, path)
        api = DirectApi(f"sqlite:///{path}", _OPTIONS, clock, new_id)
        try:
            yield api
        finally:
            api.close()
            path.unlink()

    return over_an_empty_store
