"""The application: what its settings ask for, put together."""

from __future__ import annotations

import time
from collections.abc import Callable

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
from artifactd.rest.page_files import add_page, page_files
from artifactd.rest.pages import add_pages
from artifactd.rest.routes import OPERATIONS
from artifactd.rest.routing import Router
from artifactd.settings import Settings
from artifactd.storage.store import Store


def create_app(
    settings: Settings,
    store: Store,
    *,
    authenticator: Authenticator | None = None,
    monitoring: Monitoring | None = None,
    clock: Callable[[], int] = system_clock,
    new_id: Callable[[], str] = new_uuid,
    now_s: Callable[[], float] = time.monotonic,
) -> Endpoint:
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
    add_page(router, page_files())
    check_host = authenticator is None or bool(settings.allowed_hosts)
    guards = Guards(settings.allowed_hosts, settings.allowed_origins, check_host=check_host)
    door = authenticator or NoAuthentication()
    if settings.rate_limit:
        rates = Rates(settings.rate_limit, settings.rate_burst, now_s)
        door = Limited(door, rates, TrustedProxies(settings.trusted_proxies))
    return Endpoint(
        settings,
        store,
        router,
        authenticator=door,
        guards=guards,
        monitoring=monitoring,
        clock=clock,
        new_id=new_id,
    )
