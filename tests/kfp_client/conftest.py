"""KFP's own client, unmodified, for a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kfp_client.operations import Service
from official_client import ApiClient, Configuration
from support import Api


@pytest.fixture
def client(api: Api) -> Iterator[ApiClient]:
    """A client with an API key."""
    with ApiClient(Configuration(host=api.url, api_key={"authorization": "KEY"})) as client:
        yield client
        client.rest_client.pool_manager.clear()


@pytest.fixture
def service(client: ApiClient) -> Service:
    """The eight operations."""
    return Service(client)
