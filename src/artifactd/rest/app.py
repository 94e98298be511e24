"""The ASGI application: Falcon in front, one endpoint behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

import falcon.asgi
from falcon.asgi import Request, Response

from artifactd.auth import Authenticator, NoAuthentication
from artifactd.auth.assembly import authenticator_of
from artifactd.auth.proxies import TrustedProxies
from artifactd.auth.rates import Limited, Rates
from artifactd.operations.api_keys import find_key, known_namespaces
from artifactd.operations.context import new_uuid, system_clock
from artifactd.rest.endpoint import Endpoint
from artifactd.rest.guards import Guards
from artifactd.rest.monitoring import Monitoring
from artifactd.rest.openapi import openapi_bytes
from artifactd.rest.pages import add_pages
from artifactd.rest.routes import OPERATIONS
from artifactd.rest.routing import Router
from artifactd.settings import Settings
from artifactd.storage.store import Store

_NOTHING_YET = {"type": "http.request", "body": b"", "more_body": True}


class Application(falcon.asgi.App[Request, Response]):
    """Falcon, which by itself waits without limit for the first bytes of a body before it serves a request.

    It is told that none are here yet, so that the endpoint does the waiting, within its time limit.
    """

    async def __call__(  # type: ignore[override]  # As Falcon's own, which is not WSGI's.
        self, scope: dict[str, Any], receive: Any, send: Any
    ) -> None:
        """Serves a request."""
        started = False

        async def after_nothing() -> Any:
            nonlocal started
            if started or scope["type"] != "http":
                return await receive()
            started = True
            return _NOTHING_YET

        await super().__call__(scope, after_nothing, send)


class _EveryMethod(dict[str, Any]):
    """A method map in which every method has the same responder, known to HTTP or not."""

    def __init__(self, responder: Any) -> None:
        super().__init__()
        self._responder = responder

    def __missing__(self, method: str) -> Any:
        return self._responder


class _OneRoute:
    """Falcon's router: everything goes to the endpoint, which splits the raw path itself.

    Falcon would match the decoded path, in which a `/` of a metric's name is no longer told from one of the path.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        async def respond(request: Request, response: Response) -> None:
            await endpoint.serve(request, response)

        self._found: Any = (self, _EveryMethod(respond), {}, None)

    def find(self, uri: str, req: Request | None = None) -> Any:
        """The one route."""
        del uri, req
        return self._found

    def add_route(self, *_: Any, **__: Any) -> None:  # pragma: no cover
        """Not used: routes stand in `artifactd.rest.routes`."""
        raise NotImplementedError


def create_app(
    settings: Settings,
    store: Store,
    *,
    authenticator: Authenticator | None = None,
    monitoring: Monitoring | None = None,
    clock: Callable[[], int] = system_clock,
    new_id: Callable[[], str] = new_uuid,
    now_s: Callable[[], float] = time.monotonic,
) -> Application:
    """The application over an open store.

    Args:
        authenticator: who finds out who is calling; without one, what the settings ask for.
        monitoring: counts requests; without one, a new one of this process alone.
        clock: microseconds since the epoch.
        new_id: a new UUID as text.
        now_s: seconds since any moment, by which rates are limited and what is known of callers ages.
    """
    router = Router()
    monitoring = monitoring or Monitoring(store)
    authenticator = authenticator or authenticator_of(
        settings,
        find_key=lambda key_id: store.read(lambda transaction: find_key(transaction, key_id)),
        known_namespaces=lambda: store.read(known_namespaces),
        clock=clock,
        now_s=now_s,
    )
    for operation in OPERATIONS:
        router.add(operation.path, operation.method, operation)
    add_pages(router, store, monitoring, openapi_bytes(), multi_user=authenticator is not None)
    check_host = authenticator is None or bool(settings.allowed_hosts)
    guards = Guards(settings.allowed_hosts, settings.allowed_origins, check_host=check_host)
    door = authenticator or NoAuthentication()
    if settings.rate_limit:
        rates = Rates(settings.rate_limit, settings.rate_burst, now_s)
        door = Limited(door, rates, TrustedProxies(settings.trusted_proxies))
    endpoint = Endpoint(
        settings,
        store,
        router,
        authenticator=door,
        guards=guards,
        monitoring=monitoring,
        clock=clock,
        new_id=new_id,
    )
    return Application(router=cast("Any", _OneRoute(endpoint)))
