"""The ways of knowing callers, each with the same callers: roles in one namespace or in every one, and others."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from auth.clusters import Cluster
from auth.issuers import AUDIENCE, Issuer
from auth.peers import certificate, peer
from rest.callers import CallerApi
from support import Api, Clock, running_app

from artifactd.access import Role
from artifactd.cli.direct import in_store
from artifactd.operations.api_keys import create_key
from artifactd.requests import NewApiKey
from artifactd.settings import Settings

OWN, OTHER = "team-a", "team-b"
CALLERS: dict[str, tuple[Role, str] | None] = {
    "reader": (Role.READER, OWN),
    "writer": (Role.WRITER, OWN),
    "admin": (Role.ADMIN, OWN),
    "reader of all": (Role.READER, "*"),
    "writer of all": (Role.WRITER, "*"),
    "admin of all": (Role.ADMIN, "*"),
    "known": None,
}
"""Everybody who is known, and the role that they have where; the last one has none."""


class World(NamedTuple):
    """A server, and its clients by who they are: those of CALLERS, and a `stranger`."""

    url: str
    clients: dict[str, Api]


class _Proxied(CallerApi):
    """A client for whom a proxy speaks."""

    def raw(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        """Sends a request with the proxy's header, and no credential."""
        return Api.raw(self, method, target, body, {"kubeflow-userid": self._name} | (headers or {}))


@contextlib.contextmanager
def keys(folder: Path) -> Iterator[World]:
    """API keys. Whom no key can be, for it has a role, is one whose only namespace holds nothing."""
    store = f"sqlite:///{folder}/store.db"
    texts = {}
    for name, grant in CALLERS.items():
        role, namespace = grant or (Role.READER, "empty")
        new = NewApiKey(name, role, (namespace,), None)
        texts[name] = in_store(store, lambda context, t, new=new: create_key(context, t, new).text, write=True)  # type: ignore[misc]
    with _world(store, {name: f"Bearer {text}" for name, text in texts.items()}, auth=("keys",)) as world:
        yield world


@contextlib.contextmanager
def oidc(folder: Path) -> Iterator[World]:
    """Tokens of an issuer."""
    issuer = Issuer()
    with peer(issuer.answer) as server:
        issuer.server = server
        grants = tuple(f"sub={name}:{grant[0]}@{grant[1]}" for name, grant in CALLERS.items() if grant)
        credentials = {name: f"Bearer {issuer.token(sub=name)}" for name in CALLERS}
        settings: dict[str, Any] = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "oidc_grant": grants}
        with _world(f"sqlite:///{folder}/store.db", credentials, auth=("oidc",), **settings) as world:
            yield world


@contextlib.contextmanager
def kubernetes(folder: Path, *, proxied: bool = False) -> Iterator[World]:
    """Tokens of a cluster, or users that a proxy names."""
    cluster = Cluster()
    for name, grant in CALLERS.items():
        cluster.users[f"token-{name.replace(' ', '-')}"] = {"username": name}
        if grant:
            role, namespace = grant
            cluster.allow(name, *map(str, role.verbs), namespace="" if namespace == "*" else namespace)
    files = certificate(folder, "kubernetes")
    token = folder / "token"
    token.write_text("own")
    with peer(cluster.answer, files) as server:
        settings: dict[str, Any] = {
            "kubernetes_url": server.url,
            "kubernetes_ca_file": str(files.cert),
            "kubernetes_token_file": str(token),
            "trusted_proxies": ("127.0.0.1",) if proxied else (),
        }
        credentials = {name: name if proxied else f"Bearer token-{name.replace(' ', '-')}" for name in CALLERS}
        url = f"sqlite:///{folder}/store.db"
        with _world(url, credentials, client=_Proxied if proxied else CallerApi, auth=("kubernetes",), **settings) as w:
            yield w


@contextlib.contextmanager
def proxy(folder: Path) -> Iterator[World]:
    """Users that a trusted proxy names."""
    with kubernetes(folder, proxied=True) as world:
        yield world


MODES: dict[str, Callable[[Path], contextlib.AbstractContextManager[World]]] = {
    "keys": keys,
    "oidc": oidc,
    "kubernetes": kubernetes,
    "proxy": proxy,
}


@contextlib.contextmanager
def _world(
    store: str, credentials: dict[str, str], *, client: type[CallerApi] = CallerApi, **settings: Any
) -> Iterator[World]:
    given = Settings(port=0, access_log=False, failed_attempts_max=0, **settings)
    # A clock of now, since keys and tokens are judged by it.
    clock = Clock()
    clock.now_us = time.time_ns() // 1_000
    with running_app(store, given, clock=clock) as (url, _), contextlib.ExitStack() as stack:
        clients: dict[str, Api] = {
            name: stack.enter_context(client(url, credential)) for name, credential in credentials.items()
        }
        clients["stranger"] = stack.enter_context(contextlib.closing(Api(url)))
        yield World(url, clients)
