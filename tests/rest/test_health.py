"""Health, monitoring and the API's own pages (contract, Ours)."""

from __future__ import annotations

import json

import pytest
from support import API, Api


def test_healthz_is_kfps(shared_api: Api) -> None:
    assert shared_api.get("/healthz") == {"multi_user": False, "pipeline_store": "database"}


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_server_that_serves_is_alive_and_ready(shared_api: Api, path: str) -> None:
    reply = shared_api.raw("GET", path)

    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"ok\n", "text/plain; charset=utf-8")


def test_metrics_are_in_prometheus_format(shared_api: Api) -> None:
    shared_api.artifact()

    reply = shared_api.raw("GET", "/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b'artifactd_requests_total{operation="create_artifact",status="200"}' in reply.body


def test_the_openapi_document_is_served(shared_api: Api) -> None:
    document = json.loads(shared_api.raw("GET", "/openapi.json").body)

    assert document["openapi"].startswith("3.")
    assert f"{API}/artifacts" in document["paths"]


def test_the_document_is_rendered_with_no_asset_from_outside(shared_api: Api) -> None:
    reply = shared_api.raw("GET", "/docs")

    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"//" not in reply.body.replace(b"</", b"")
    assert "default-src 'none'" in reply.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/livez", "/docs", f"{API}/artifacts", f"{API}/nonsense"])
def test_no_answer_is_sniffed_for_its_type(shared_api: Api, path: str) -> None:
    assert shared_api.raw("GET", path).headers["x-content-type-options"] == "nosniff"
