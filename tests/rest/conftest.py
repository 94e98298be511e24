"""Fixtures for tests over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engines.databases import Databases
from rest.callers import ALL, CallerApi, KnownCallers
from support import Api, Clock, running_app


@pytest.fixture(scope="module")
def shared_api(engine: str, databases: Databases) -> Iterator[Api]:
    """A client whose store a whole file of tests shares: for requests that change nothing that another test sees."""
    clock = Clock()
    with databases.empty_store(engine) as store, running_app(store, clock=clock) as (url, _):
        api = Api(url, clock)
        yield api
        api.close()


@pytest.fixture
def known_callers() -> KnownCallers:
    """Who may do what; tests change the grants as they go."""
    return KnownCallers({"ann": {"a": ALL}, "bob": {"b": ALL}, "eve": {"a": ALL, "b": ALL}, "root": {"*": ALL}})


@pytest.fixture
def guarded_url(database_url: str, clock: Clock, known_callers: KnownCallers) -> Iterator[str]:
    """The address of the real application, with authentication, over an empty store of each engine."""
    with running_app(database_url, clock=clock, authenticator=known_callers) as (url, _):
        yield url


@pytest.fixture
def ann(guarded_url: str) -> Iterator[CallerApi]:
    """A caller who may do everything in the namespace a, and nothing elsewhere."""
    with CallerApi(guarded_url, "ann") as api:
        yield api


@pytest.fixture
def bob(guarded_url: str) -> Iterator[CallerApi]:
    """A caller who may do everything in the namespace b, and nothing elsewhere."""
    with CallerApi(guarded_url, "bob") as api:
        yield api


@pytest.fixture
def eve(guarded_url: str) -> Iterator[CallerApi]:
    """A caller who may do everything in the namespaces a and b."""
    with CallerApi(guarded_url, "eve") as api:
        yield api


@pytest.fixture
def stranger(guarded_url: str) -> Iterator[CallerApi]:
    """Somebody whom the service does not know."""
    with CallerApi(guarded_url, "stranger") as api:
        yield api
