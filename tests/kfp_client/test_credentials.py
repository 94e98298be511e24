"""What KFP's generated client sends besides the message: the API key, and asynchronous and raw calls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from kfp_client.operations import Service
from official_client import ApiClient, ApiException, Configuration
from support import running_app

from artifactd.access import ANYONE, Caller
from artifactd.auth import Authenticator
from artifactd.errors import Unauthenticated


class OneKey(Authenticator):
    """An authenticator that knows one `Authorization` header."""

    def __init__(self, header: str) -> None:
        self.header = header

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """Anyone who sends it."""
        del address
        if headers.get("authorization") != self.header:
            raise Unauthenticated("give the key")
        return ANYONE


def list_with(url: str, configuration: Configuration) -> int:
    configuration.host = url
    with ApiClient(configuration) as client:
        status = Service(client).call_with_http_info("list_artifacts")[1]
        client.rest_client.pool_manager.clear()
    assert isinstance(status, int)
    return status


@pytest.fixture
def url(database_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that knows the header that the test names."""
    with running_app(database_url, authenticator=OneKey(request.param)) as (url, _):
        yield url


@pytest.mark.parametrize("url", ["KEY"], indirect=True)
def test_an_api_key_goes_out_as_the_whole_header(url: str) -> None:
    assert list_with(url, Configuration(api_key={"authorization": "KEY"})) == 200


@pytest.mark.parametrize("url", ["Bearer KEY"], indirect=True)
def test_a_prefix_goes_before_the_key(url: str) -> None:
    configuration = Configuration(api_key={"authorization": "KEY"}, api_key_prefix={"authorization": "Bearer"})

    assert list_with(url, configuration) == 200


@pytest.mark.parametrize("url", ["KEY"], indirect=True)
def test_no_key_is_an_exception_that_says_how_to_authenticate(url: str) -> None:
    with pytest.raises(ApiException) as caught:
        list_with(url, Configuration())

    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"] == "Bearer"
    assert json.loads(caught.value.body)["code"] == 16


def test_a_key_is_ignored_where_nobody_asks_for_one(service: Service) -> None:
    assert service.call("list_artifacts").total_size == 0


def test_an_answer_carries_status_and_headers(service: Service) -> None:
    _, status, headers = service.call_with_http_info("list_artifacts")

    assert (status, headers["Content-Type"]) == (200, "application/json")


def test_a_call_may_run_on_a_thread(client: ApiClient) -> None:
    thread = client.call_api("/apis/v2beta1/artifacts", "GET", response_type="object", async_req=True)

    assert thread.get()[0] == {"artifacts": [], "total_size": 0, "next_page_token": ""}


def test_a_call_may_give_the_raw_answer(client: ApiClient) -> None:
    response = client.call_api("/apis/v2beta1/artifacts", "GET", _preload_content=False, _return_http_data_only=True)

    assert json.loads(response.read())["total_size"] == 0
