"""Kubernetes as KFP asks it, over TLS: whose a token is, and what they may do, with the API's own shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from auth.clusters import Cluster
from auth.conftest import Serve, Ticks, as_caller
from auth.peers import Certificate, certificate, peer
from rest.callers import CallerApi
from support import Api, error_of

AUDIENCE = "pipelines.kubeflow.org"
Given = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The API server's certificate."""
    return certificate(tmp_path_factory.mktemp("kubernetes"), "kubernetes")


@pytest.fixture
def cluster() -> Cluster:
    """What the API server knows."""
    return Cluster()


@pytest.fixture
def given(serve: Serve, cluster: Cluster, files: Certificate, tmp_path: Path) -> Iterator[Given]:
    """Serves with the API server behind it."""
    token = tmp_path / "token"
    token.write_text("own-token\n")
    with ExitStack() as stack:
        server = stack.enter_context(peer(cluster.answer, files))

        def start(**more: Any) -> AbstractContextManager[str]:
            settings = {
                "auth": ("kubernetes",),
                "kubernetes_url": server.url,
                "kubernetes_ca_file": str(files.cert),
                "kubernetes_token_file": str(token),
            }
            return serve(**(settings | more))

        yield start


ALL = ("get", "list", "create", "update", "delete")


@pytest.fixture
def url(given: Given) -> Iterator[str]:
    """The address of a server that asks Kubernetes."""
    with given() as address:
        yield address


def status_of(url: str, credential: str, path: str = "/artifacts") -> int:
    with as_caller(url, credential) as api:
        return api.request("GET", path).status


def test_a_token_of_the_cluster_may_do_what_its_rules_allow(url: str, cluster: Cluster) -> None:
    cluster.allow("ann@example.com", "get", "list", "create", namespace="team-a")
    with as_caller(url, "token-ann") as api:
        made = api.artifact(namespace="team-a")["artifact_id"]
        assert api.request("GET", f"/artifacts/{made}").status == 200
        assert api.request("PUT", f"/artifacts/{made}", {"name": "y"}).status == 403
        assert api.request("POST", "/artifacts", {"artifact": {"name": "x", "namespace": "team-b"}}).status == 403
    assert cluster.credentials == {"Bearer own-token"}


def test_a_review_names_the_user_as_the_token_review_told_it(url: str, cluster: Cluster) -> None:
    status_of(url, "token-bot", "/artifacts?namespace=team-a")

    spec = cluster.reviews[-1]["spec"]
    assert cluster.reviews[0]["spec"] == {"token": "token-bot", "audiences": [AUDIENCE]}
    assert {name: spec[name] for name in ("user", "uid", "groups", "extra")} == {
        "user": "system:serviceaccount:team-a:bot",
        "uid": "2",
        "groups": ["system:serviceaccounts", "system:authenticated"],
        "extra": {"authentication.kubernetes.io/pod-name": ["bot-1"]},
    }
    assert spec["resourceAttributes"] == {
        "namespace": "team-a",
        "verb": "list",
        "group": "pipelines.kubeflow.org",
        "version": "v2beta1",
        "resource": "runs",
    }


def test_the_resource_and_the_audience_are_settings(given: Given, cluster: Cluster) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="team-a", resource="artifacts")
    with given(kubernetes_resource="artifacts", kubernetes_audience="") as url, as_caller(url, "token-ann") as api:
        api.artifact(namespace="team-a")
    assert cluster.reviews[0]["spec"] == {"token": "token-ann"}


@pytest.mark.parametrize("credential", ["unknown", "e30.e30.e30", "artd_aaaaaaaaaaaa_" + "A" * 43])
def test_a_token_that_kubernetes_does_not_know_is_401(url: str, credential: str) -> None:
    assert status_of(url, credential) == 401


def test_a_token_that_was_not_checked_for_our_audience_is_401(url: str, cluster: Cluster) -> None:
    cluster.ignores_audiences = True

    assert status_of(url, "token-ann") == 401


def test_a_resource_of_a_namespace_that_may_not_be_read_is_404(url: str, cluster: Cluster) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="team-a")
    cluster.allow("system:serviceaccount:team-a:bot", *ALL, namespace="team-b")
    with as_caller(url, "token-ann") as ann, as_caller(url, "token-bot") as bot:
        made = bot.artifact(namespace="team-b", request={"task_id": "t"})["artifact_id"]
        for path in (f"/artifacts/{made}", "/tasks/t", "/lineage?task_id=t"):
            assert ann.request("GET", path).status == 404
        assert ann.request("PUT", f"/artifacts/{made}", {"name": "y"}).status == 404
        assert ann.request("POST", "/metrics", {"metric": {"task_id": "t", "name": "n", "value": 1}}).status == 404


def test_a_list_without_a_namespace_covers_just_those_that_may_be_listed(url: str, cluster: Cluster) -> None:
    cluster.allow("system:serviceaccount:team-a:bot", *ALL, namespace="")
    cluster.allow("ann@example.com", "list", namespace="team-a")
    cluster.allow("ann@example.com", "list", namespace="team-c")
    with as_caller(url, "token-bot") as bot, as_caller(url, "token-ann") as ann:
        for namespace in ("team-a", "team-b", "team-b", "team-c"):
            bot.artifact(namespace=namespace)
        bot.artifact()
        assert bot.get("/artifacts")["total_size"] == 5
        page = ann.get("/artifacts", page_size=1)
        rest = ann.get("/artifacts", page_token=page["next_page_token"])

    assert (page["total_size"], rest["total_size"]) == (2, 2)
    assert [item["namespace"] for item in page["artifacts"] + rest["artifacts"]] == ["team-a", "team-c"]


def test_what_has_no_namespace_needs_a_right_in_every_one(url: str, cluster: Cluster) -> None:
    cluster.allow("system:serviceaccount:team-a:bot", *ALL, namespace="")
    cluster.allow("ann@example.com", *ALL, namespace="team-a")
    with as_caller(url, "token-bot") as bot, as_caller(url, "token-ann") as ann:
        made = bot.artifact()["artifact_id"]

        assert ann.request("GET", f"/artifacts/{made}").status == 404


def test_what_was_asked_once_is_asked_again_only_after_some_seconds(url: str, cluster: Cluster, ticks: Ticks) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="team-a")
    path = "/artifacts?namespace=team-a"
    assert status_of(url, "token-ann", path) == 200
    asked = len(cluster.reviews)
    cluster.rules.clear()
    ticks.now_s += 9
    assert status_of(url, "token-ann", path) == 200
    assert len(cluster.reviews) == asked
    ticks.now_s += 1

    assert status_of(url, "token-ann", path) == 403


def test_a_refusal_is_not_relied_on_for_longer_either(url: str, cluster: Cluster, ticks: Ticks) -> None:
    path = "/artifacts?namespace=team-a"
    assert status_of(url, "token-ann", path) == 403
    cluster.allow("ann@example.com", *ALL, namespace="team-a")
    ticks.now_s += 10

    assert status_of(url, "token-ann", path) == 200


@pytest.mark.parametrize("status", [500, 403, 401, 302])
def test_an_api_server_that_does_not_answer_is_503_and_no_open_door(url: str, cluster: Cluster, status: int) -> None:
    cluster.status = status
    with as_caller(url, "token-ann") as api:
        reply = api.request("GET", "/artifacts")

    assert (reply.status, error_of(reply)["code"], "retry-after" in reply.headers) == (503, 14, True)


def test_rights_that_cannot_be_asked_for_are_503_and_nothing_is_written(
    url: str, cluster: Cluster, ticks: Ticks
) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="team-a")
    assert status_of(url, "token-ann") == 200
    cluster.status = 500
    with as_caller(url, "token-ann") as api:
        assert api.request("POST", "/artifacts", {"artifact": {"name": "x", "namespace": "team-b"}}).status == 503
        cluster.status = 201
        ticks.now_s += 10
        assert api.get("/artifacts", namespace="team-a")["total_size"] == 0


def test_an_api_server_with_another_certificate_is_503(given: Given, tmp_path: Path) -> None:
    other = certificate(tmp_path, "other")
    with given(kubernetes_ca_file=str(other.cert)) as url:
        assert status_of(url, "token-ann") == 503


def test_a_token_of_ours_that_cannot_be_read_is_503(given: Given, tmp_path: Path) -> None:
    with given(kubernetes_token_file=str(tmp_path / "missing")) as url:
        assert status_of(url, "token-ann") == 503


class Proxied(CallerApi):
    """A client that says what a proxy would."""

    def __init__(self, url: str, user: str, **more: str) -> None:
        super().__init__(url, "")
        self._headers = {"kubeflow-userid": user, **more}

    def raw(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        """Sends a request with the proxy's header, and no credential."""
        return Api.raw(self, method, target, body, self._headers | (headers or {}))


def test_a_user_that_a_trusted_proxy_names_may_do_what_their_rules_allow(given: Given, cluster: Cluster) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="team-a")
    with given(trusted_proxies=("127.0.0.0/8",)) as url, Proxied(url, "ann@example.com") as api:
        assert api.artifact(namespace="team-a")["namespace"] == "team-a"
        assert api.request("POST", "/artifacts", {"artifact": {"name": "x", "namespace": "team-b"}}).status == 403
    assert {review["kind"] for review in cluster.reviews} == {"SubjectAccessReview"}


def test_the_header_of_a_user_is_nothing_from_anywhere_else(given: Given, cluster: Cluster) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="")
    for proxies in ((), ("10.0.0.0/8",)):
        with given(trusted_proxies=proxies) as url, Proxied(url, "ann@example.com") as api:
            assert api.request("GET", "/artifacts").status == 401


@pytest.mark.parametrize("user", ["", "x" * 600])
def test_a_trusted_proxy_that_names_nobody_lets_nobody_in(given: Given, user: str) -> None:
    with given(trusted_proxies=("127.0.0.1",)) as url, Proxied(url, user) as api:
        assert api.request("GET", "/artifacts").status == 401


def test_a_prefix_before_the_user_is_taken_away_and_insisted_on(given: Given, cluster: Cluster) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="team-a")
    prefix = "accounts.example:"
    with given(trusted_proxies=("127.0.0.1",), user_prefix=prefix, user_header="X-User") as url:
        with Proxied(url, "ignored", **{"x-user": prefix + "ann@example.com"}) as api:
            assert api.artifact(namespace="team-a")["namespace"] == "team-a"
        with Proxied(url, "ignored", **{"x-user": "ann@example.com"}) as api:
            assert api.request("GET", "/artifacts").status == 401


def test_a_user_named_twice_is_one_that_nobody_is(given: Given, cluster: Cluster) -> None:
    cluster.allow("ann@example.com", *ALL, namespace="")
    with given(trusted_proxies=("127.0.0.1",)) as url, Proxied(url, "ann@example.com, ann@example.com") as api:
        assert api.request("GET", "/artifacts", query={"namespace": "team-a"}).status == 403
