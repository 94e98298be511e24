"""A real API server of Kubernetes, with etcd behind it: `make test-kubernetes` builds one and runs this."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from auth.conftest import Serve, Ticks, as_caller
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

pytestmark = [pytest.mark.kubernetes, pytest.mark.engines("sqlite")]
AUDIENCE = "pipelines.kubeflow.org"
ADMIN = "admin-token"
START_TIMEOUT_S = 120


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Cluster:
    """An API server, asked as its admin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        etcd, peers, port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{port}"
        self.ca_file = folder / "certs" / "apiserver.crt"
        signing = folder / "signing.key"
        key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        signing.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
        tokens = folder / "tokens.csv"
        tokens.write_text(f'{ADMIN},admin,1,"system:masters"\n')
        client = f"http://127.0.0.1:{etcd}"
        self._processes = [
            self._start(
                "etcd", f"--data-dir={folder}/etcd", f"--listen-client-urls={client}",
                f"--advertise-client-urls={client}", f"--listen-peer-urls=http://127.0.0.1:{peers}",
            ),
            self._start(
                os.environ["KUBE_APISERVER"], f"--etcd-servers={client}", "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={folder}/certs",
                "--authorization-mode=RBAC", f"--token-auth-file={tokens}", "--service-cluster-ip-range=10.0.0.0/24",
                f"--service-account-key-file={signing}", f"--service-account-signing-key-file={signing}",
                "--service-account-issuer=https://kubernetes.default.svc", "--disable-admission-plugins=ServiceAccount",
                f"--api-audiences=https://kubernetes.default.svc,{AUDIENCE}",
            ),
        ]  # fmt: skip
        self._wait()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{Path(command[0]).name}.log").open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        pause = threading.Event()
        while True:
            with contextlib.suppress(URLError, OSError):
                self.ask("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:auth-delegator")
                return
            assert time.monotonic() < deadline, (self.folder / "kube-apiserver.log").read_text()[-3_000:]
            pause.wait(0.3)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the API server answers."""
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"},
            method=method,
        )
        context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file.exists() else None)
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return json.load(answer)

    def account(self, namespace: str, name: str) -> None:
        """Makes a service account, and its namespace."""
        with contextlib.suppress(HTTPError):
            self.ask("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        self.ask("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": name}})

    def token(self, namespace: str, name: str, audience: str) -> str:
        """A token of a service account for an audience."""
        spec = {"spec": {"audiences": [audience], "expirationSeconds": 3_600}}
        answer = self.ask("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", spec)
        return str(answer["status"]["token"])

    def allow(self, namespace: str, name: str, *verbs: str) -> None:
        """Lets a service account do that to runs of pipelines in its namespace."""
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        rules = [{"apiGroups": ["pipelines.kubeflow.org"], "resources": ["runs"], "verbs": list(verbs)}]
        self.ask("POST", f"{rbac}/roles", {"metadata": {"name": name}, "rules": rules})
        self._bind(f"{rbac}/rolebindings", "Role", name, namespace, name)

    def delegate(self, namespace: str, name: str) -> None:
        """Lets a service account ask who others are and what they may do."""
        self._bind(
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            "ClusterRole",
            "system:auth-delegator",
            namespace,
            name,
        )

    def _bind(self, path: str, kind: str, role: str, namespace: str, name: str) -> None:
        subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role}
        self.ask("POST", path, {"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]})

    def close(self) -> None:
        """Ends both."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with two teams, and an account for this service."""
    assert shutil.which("etcd"), "etcd is not installed: Debian's package is etcd-server"
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        for namespace, name in (("kubeflow", "artifactd"), ("team-a", "bot"), ("team-b", "bot")):
            made.account(namespace, name)
        made.delegate("kubeflow", "artifactd")
        made.allow("team-a", "bot", "get", "list", "create", "update")
        yield made
    finally:
        made.close()


@pytest.fixture
def url(serve: Serve, cluster: Cluster, tmp_path: Path) -> Iterator[str]:
    """The address of a server that asks it, with the service account's own token."""
    own = tmp_path / "token"
    own.write_text(cluster.token("kubeflow", "artifactd", "https://kubernetes.default.svc"))
    settings = {
        "kubernetes_url": cluster.url,
        "kubernetes_ca_file": str(cluster.ca_file),
        "kubernetes_token_file": str(own),
    }
    with serve(auth=("kubernetes",), **settings) as address:
        yield address


def test_an_account_may_do_what_the_roles_of_its_namespace_say(url: str, cluster: Cluster) -> None:
    with as_caller(url, cluster.token("team-a", "bot", AUDIENCE)) as bot:
        made = bot.artifact(namespace="team-a")["artifact_id"]
        assert bot.ok("PUT", f"/artifacts/{made}", {"name": "y"})["name"] == "y"
        assert bot.get("/artifacts")["total_size"] == 1
        assert bot.request("POST", "/artifacts", {"artifact": {"name": "x", "namespace": "team-b"}}).status == 403
    with as_caller(url, cluster.token("team-b", "bot", AUDIENCE)) as other:
        assert other.request("GET", f"/artifacts/{made}").status == 404
        assert other.get("/artifacts")["total_size"] == 0


def test_a_token_for_another_audience_is_401(url: str, cluster: Cluster) -> None:
    with as_caller(url, cluster.token("team-a", "bot", "https://kubernetes.default.svc")) as bot:
        assert bot.request("GET", "/artifacts").status == 401


@pytest.mark.parametrize("spoil", [lambda token: token[:-4] + "AAAA", lambda _: "nonsense"])
def test_a_token_that_the_cluster_did_not_give_is_401(url: str, cluster: Cluster, spoil: Any) -> None:
    with as_caller(url, spoil(cluster.token("team-a", "bot", AUDIENCE))) as bot:
        assert bot.request("GET", "/artifacts").status == 401


def test_a_right_that_is_taken_away_is_gone_after_some_seconds(url: str, cluster: Cluster, ticks: Ticks) -> None:
    cluster.account("team-c", "bot")
    cluster.allow("team-c", "bot", "get", "list", "create")
    body = {"artifact": {"name": "x", "namespace": "team-c"}}
    with as_caller(url, cluster.token("team-c", "bot", AUDIENCE)) as bot:
        assert bot.request("POST", "/artifacts", body).status == 200
        cluster.ask("DELETE", "/apis/rbac.authorization.k8s.io/v1/namespaces/team-c/rolebindings/bot")
        deadline = time.monotonic() + 30
        while bot.request("POST", "/artifacts", body).status == 200:
            ticks.now_s += 10
            assert time.monotonic() < deadline
        assert bot.request("POST", "/artifacts", body).status == 403


def test_an_account_that_is_gone_is_401(url: str, cluster: Cluster, ticks: Ticks) -> None:
    cluster.account("team-d", "bot")
    token = cluster.token("team-d", "bot", AUDIENCE)
    with as_caller(url, token) as bot:
        assert bot.request("GET", "/artifacts").status == 200
        cluster.ask("DELETE", "/api/v1/namespaces/team-d/serviceaccounts/bot")
        deadline = time.monotonic() + 30
        while bot.request("GET", "/artifacts").status == 200:
            ticks.now_s += 10
            assert time.monotonic() < deadline
        assert bot.request("GET", "/artifacts").status == 401
