"""What is asked for credentials: everything but what says nothing of anybody's data."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from auth.conftest import Serve, as_caller
from rest.raw_http import answer_to, request_of
from support import Api

from artifactd.rest.openapi import openapi_document
from artifactd.settings import Settings

pytestmark = pytest.mark.engines("sqlite")
OPEN = {
    "/docs/openapi.json",
    "/livez",
    "/readyz",
    "/docs",
    "/docs/start.js",
    "/docs/swagger-ui.css",
    "/docs/swagger-ui-bundle.js",
    "/",
}
GUARDED = {"/metrics", "/openapi.json", "/apis/v2beta1/healthz"}


def test_every_route_but_the_open_ones_asks_for_credentials(keyed: str) -> None:
    document = openapi_document()
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    routes |= {("GET", path) for path in OPEN | GUARDED}
    api = Api(keyed)
    for method, path in sorted(routes):
        for target in (path, path.replace("{", "").replace("}", "")):
            status = api.raw(method, target, b"{}" if method in ("POST", "PUT", "PATCH") else None).status
            assert (status == 401) == (path not in OPEN), (method, target, status)
    api.close()


@pytest.mark.parametrize(
    "target",
    [
        "/apis/v2beta1//artifacts",
        "//apis/v2beta1/artifacts",
        "/livez/../apis/v2beta1/artifacts",
        "/docs/../apis/v2beta1/artifacts",
        "/apis/v2beta1/artifacts?x=/livez",
        "/apis/v2beta1/artifacts#/livez",
        "/apis/v2beta1/%61rtifacts",
        "/apis/v2beta1/artifacts%00/livez",
        "/apis/v2beta1/artifacts;/livez",
        "http://localhost/apis/v2beta1/artifacts",
        "/docs/%2e%2e/%2e%2e/etc/passwd",
        "/docs/..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_trick_with_a_path_leads_past_the_door(keyed: str, new_key: Callable[..., str], target: str) -> None:
    api = Api(keyed)
    with as_caller(keyed, new_key("writer", "a")) as known:
        known.artifact(name="secret")
    reply = api.raw("GET", target)
    api.close()

    assert reply.status in (400, 401, 404)
    assert b"secret" not in reply.body
    assert b"root:" not in reply.body


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "FOO"])
def test_no_other_method_leads_past_the_door(keyed: str, method: str) -> None:
    api = Api(keyed)
    reply = api.raw(method, "/apis/v2beta1/artifacts")
    api.close()

    # What is no method of HTTP the parser refuses itself.
    assert reply.status == {"HEAD": 401, "OPTIONS": 200, "FOO": 400}.get(method, 405)


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-User", "kubeflow-userid"]
)
def test_no_header_of_another_world_lets_anybody_in(keyed: str, name: str) -> None:
    api = Api(keyed)
    reply = api.request("GET", "/artifacts", headers={name: "/livez"})
    api.close()

    assert reply.status == 401


def test_a_host_is_checked_with_authentication_too_where_a_setting_names_some(
    serve: Serve, new_key: Callable[..., str]
) -> None:
    key = new_key("reader", "a")
    credential = f"Authorization: Bearer {key}".encode()
    with serve(auth=("keys",), allowed_hosts=("artifacts.example",)) as url:
        statuses = [
            answer_to(url, request_of("GET", b"/apis/v2beta1/artifacts", credential, host=host))[0]
            for host in (b"artifacts.example", b"evil.example", b"localhost")
        ]

    assert statuses == [200, 403, 200]


def test_a_health_check_tells_that_there_are_several_users(keyed: str, new_key: Callable[..., str]) -> None:
    with as_caller(keyed, new_key("reader", "a")) as api:
        assert api.get("/healthz") == {"multi_user": True, "pipeline_store": "database"}


def test_nobody_has_to_say_who_they_are_unless_a_mode_asks() -> None:
    assert not Settings().authenticates
    assert Settings(auth=("keys",)).authenticates
