"""Fixtures for tests of who may come in: servers with authentication, whose clocks the tests move."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from rest.callers import CallerApi
from support import Clock, running_app

from artifactd.access import EVERY, Caller, Role, Verb
from artifactd.cli.direct import in_store
from artifactd.operations.api_keys import create_key
from artifactd.operations.context import Context, new_uuid
from artifactd.requests import NewApiKey
from artifactd.settings import Settings

Serve = Callable[..., AbstractContextManager[str]]
ROOT = Caller("root", {EVERY: frozenset(Verb)})


class Ticks:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        """The seconds."""
        return self.now_s


@pytest.fixture
def ticks() -> Ticks:
    """The seconds by which what is known of callers ages."""
    return Ticks()


@pytest.fixture
def serve(database_url: str, clock: Clock, ticks: Ticks) -> Serve:
    """Serves an empty store of each engine with the settings given, and gives the address."""

    @contextlib.contextmanager
    def served(**settings: Any) -> Iterator[str]:
        given = Settings(port=0, access_log=False, **settings)
        with running_app(database_url, given, clock=clock, now_s=ticks) as (url, _):
            yield url

    return served


@pytest.fixture
def new_key(database_url: str, clock: Clock) -> Callable[..., str]:
    """Makes a key in the store, and gives its text."""

    def make(role: str, *namespaces: str, name: str = "ci", expires_at_us: int | None = None) -> str:
        new = NewApiKey(name, Role(role), namespaces, expires_at_us)

        def create(_: Context, transaction: Any) -> str:
            return create_key(Context(ROOT, clock.now_us, new_uuid, ""), transaction, new).text

        return in_store(database_url, create, write=True)

    return make


@pytest.fixture
def keyed(serve: Serve) -> Iterator[str]:
    """The address of a server that takes keys."""
    with serve(auth=("keys",)) as url:
        yield url


def as_caller(url: str, credential: str) -> CallerApi:
    """A client that sends a credential after `Bearer`."""
    return CallerApi(url, f"Bearer {credential}")
