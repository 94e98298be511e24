"""The official client and ours over one server that keeps what they send."""

from __future__ import annotations

from typing import Any, NamedTuple

import artifactd_client
import official_client
from client.sockets import RawServer, Request


class Sides(NamedTuple):
    """Both clients over one recorder."""

    official: Any
    ours: Any
    recorder: RawServer

    def requests(self) -> tuple[Request, Request]:
        """The official client's last request, and ours."""
        official, ours = self.recorder.requests[-2:]
        return official, ours


def sides(recorder: RawServer, host: str = "", **given: Any) -> Sides:
    """Both clients with equal settings. Attributes of the configuration go under `configuration`."""
    attributes = given.pop("configuration", {})
    clients = []
    for package in (official_client, artifactd_client):
        configuration = package.Configuration(host=host or recorder.url)
        for name, value in attributes.items():
            setattr(configuration, name, value)
        clients.append(package.ApiClient(configuration, **given))
    return Sides(clients[0], clients[1], recorder)


def headers_of(request: Request) -> list[tuple[str, str]]:
    """Names as they were written, and values, but for how the client names itself."""
    return sorted((name, "" if name == "User-Agent" else value) for name, value in request.headers)


def assert_same(official: Request, ours: Request) -> None:
    """Holds two requests to be the same, byte for byte."""
    assert_alike(official, ours)
    assert ours.body == official.body


def assert_alike(official: Request, ours: Request) -> None:
    """Holds two requests to be the same, but for the order of the bytes in the body."""
    assert (ours.method, ours.target) == (official.method, official.target)
    assert headers_of(ours) == headers_of(official)
    assert sorted(ours.body) == sorted(official.body)
