"""Host, Origin and Sec-Fetch-Site where authentication is off, and the Authorization header (contract, Credentials)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from rest.callers import CallerApi
from rest.raw_http import answer_to, request_of
from support import API, Api, error_of, running_app

from artifactd.settings import Settings

LIST = f"{API}/artifacts"


def asked_of(api: Api, host: str, path: str = LIST) -> tuple[int, bytes]:
    """What is answered to a request that names that host, and only that."""
    return answer_to(api.url, request_of("GET", path.encode(), host=host.encode()))


LOOPBACK = ["localhost", "LOCALHOST", "localhost:8888", "127.0.0.1", "127.0.0.1:1", "127.1.2.3", "[::1]", "[::1]:8888"]
LOOPBACK += ["app.localhost:8888"]
FOREIGN = [
    "evil.example",
    "evil.example:8888",
    "localhost.evil.example",
    "10.0.0.1",
    "[::2]:8888",
    "localhost@evil",
    "",
]
FOREIGN += ["notlocalhost", "localhost, evil.example", "127.0.0.1.evil.example", "0.0.0.0"]
FOREIGN += ["localhost:evil.example", "[::1", "[::1]evil", "localhost:1:2", "[localhost]x", "localhost/evil"]
CROSS = ["http://evil.example", "https://evil.example:8888", "null", "http://localhost:1", "http://[", "nonsense", ""]
CROSS += ["file://", "http://127.0.0.1.evil.example"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_loopback_host_is_served(shared_api: Api, host: str) -> None:
    assert asked_of(shared_api, host)[0] == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", [LIST, "/livez", "/metrics", "/docs", "/nonsense"])
def test_another_host_is_403_on_every_path(shared_api: Api, host: str, path: str) -> None:
    status, body = asked_of(shared_api, host, path)

    assert (status, json.loads(body)["code"]) == (403, 7)


def test_a_request_without_a_host_is_403(shared_api: Api) -> None:
    assert answer_to(shared_api.url, b"GET /livez HTTP/1.0\r\n\r\n")[0] == 403


def test_a_second_host_is_403(shared_api: Api) -> None:
    request = request_of("GET", LIST.encode(), b"Host: evil.example", host=b"localhost:1")

    assert answer_to(shared_api.url, request)[0] == 403


@pytest.mark.parametrize("origin", CROSS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_cross_origin_request_is_403(shared_api: Api, origin: str, method: str) -> None:
    body = b'{"artifact": {"name": "stolen"}}' if method == "POST" else None

    reply = shared_api.raw(method, LIST, body, {"Origin": origin})

    assert (reply.status, error_of(reply)["code"]) == (403, 7)
    assert "access-control-allow-origin" not in reply.headers


def test_a_request_of_the_same_origin_is_served(shared_api: Api) -> None:
    assert shared_api.raw("GET", LIST, headers={"Origin": shared_api.url}).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["cors", "no-cors", None])
def test_a_request_from_another_site_is_403(shared_api: Api, site: str, mode: str | None) -> None:
    headers = {"Sec-Fetch-Site": site} | ({"Sec-Fetch-Mode": mode} if mode else {})

    assert shared_api.raw("GET", LIST, headers=headers).status == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_request_of_the_users_own_is_served(shared_api: Api, site: str) -> None:
    assert shared_api.raw("GET", LIST, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors"}).status == 200


def test_a_link_from_another_site_may_be_followed(shared_api: Api) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert shared_api.raw("GET", "/docs", headers=headers).status == 200


@pytest.fixture
def open_api(database_url: str) -> Iterator[Api]:
    """A client of a server that is told of another host and another origin."""
    settings = Settings(
        port=0, access_log=False, allowed_hosts=("Pipelines.example",), allowed_origins=("https://ui.example/",)
    )
    with running_app(database_url, settings) as (url, _):
        api = Api(url)
        yield api
        api.close()


@pytest.mark.parametrize("host", ["pipelines.example", "PIPELINES.example:8888", "localhost"])
def test_a_host_that_a_setting_allows_is_served(open_api: Api, host: str) -> None:
    assert asked_of(open_api, host)[0] == 200


def test_another_host_than_the_allowed_is_403(open_api: Api) -> None:
    assert asked_of(open_api, "x.pipelines.example")[0] == 403


def test_an_origin_that_a_setting_allows_is_served_and_told_so(open_api: Api) -> None:
    reply = open_api.raw("GET", LIST, headers={"Origin": "https://ui.example"})

    assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, "https://ui.example")
    assert reply.headers["vary"] == "Origin"


def test_a_preflight_of_an_allowed_origin_names_methods_and_headers(open_api: Api) -> None:
    reply = open_api.raw("OPTIONS", LIST, headers={"Origin": "https://ui.example"})

    assert reply.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    assert "Idempotency-Key" in reply.headers["access-control-allow-headers"]


@pytest.mark.parametrize("origin", ["http://ui.example", "https://ui.example:8443", "https://ui.example.evil"])
def test_another_origin_than_the_allowed_is_403(open_api: Api, origin: str) -> None:
    assert open_api.raw("GET", LIST, headers={"Origin": origin}).status == 403


def test_a_star_allows_every_host(database_url: str) -> None:
    settings = Settings(port=0, access_log=False, allowed_hosts=("*",))
    with running_app(database_url, settings) as (url, _):
        assert asked_of(Api(url), "anything.example")[0] == 200


def test_with_authentication_the_host_is_not_checked(ann: CallerApi) -> None:
    request = request_of("GET", LIST.encode(), b"Authorization: ann", host=b"anything.example")

    assert answer_to(ann.url, request)[0] == 200


@pytest.mark.parametrize("value", ["KEY", "Bearer KEY", "bearer", "", "Basic x", "é"])
def test_credentials_are_ignored_where_authentication_is_off(shared_api: Api, value: str) -> None:
    assert shared_api.raw("GET", LIST, headers={"Authorization": value}).status == 200
