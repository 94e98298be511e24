"""Two servers over one database, which are to behave as one, on each engine that allows it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from engines.databases import Databases
from support import Api, LiveServer, Reply

Result = TypeVar("Result")


class Replicas:
    """The servers' addresses, and requests that are sent through all of them at once."""

    def __init__(self, urls: list[str]) -> None:
        self.urls = urls
        self.apis = [Api(url) for url in urls]

    def close(self) -> None:
        """Closes the clients."""
        for api in self.apis:
            api.close()

    def at_once(self, number: int, send: Callable[[Api, int], Result]) -> list[Result]:
        """Calls `send` with a client and a number, from so many threads at the same time, on alternating servers."""
        ready = threading.Barrier(number)

        def one(index: int) -> Result:
            api = Api(self.urls[index % len(self.urls)])
            try:
                ready.wait()
                return send(api, index)
            finally:
                api.close()

        with ThreadPoolExecutor(number) as threads:
            return list(threads.map(one, range(number)))


@pytest.fixture(scope="module")
def replicas(engine: str, databases: Databases) -> Iterator[Replicas]:
    """Two `artifactd serve` over one empty store; tests keep apart by their names."""
    with databases.empty_store(engine) as url:
        servers = [LiveServer(url) for _ in range(2)]
        try:
            replicas = Replicas([server.url for server in servers])
            yield replicas
            replicas.close()
        finally:
            for server in servers:
                server.kill()


def all_ok(replies: list[Reply]) -> list[Any]:
    """The answers, which all have to be successes."""
    assert [reply for reply in replies if reply.status != 200] == []
    return [reply.json for reply in replies]
