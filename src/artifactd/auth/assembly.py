"""Makes the authenticator that the settings ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from artifactd.auth import Authenticator, Door
from artifactd.auth.doors import Doors
from artifactd.auth.failures import FailedAttempts
from artifactd.auth.keys import KeyDoor
from artifactd.auth.proxies import TrustedProxies
from artifactd.errors import InvalidArgument, quoted
from artifactd.model import ApiKey
from artifactd.settings import Settings, setting_infos

_MODES = next(info.choices for info in setting_infos() if info.name == "auth")


def check_auth(settings: Settings) -> None:
    """Makes sure that the settings of authentication are right, before anything else is done.

    Raises:
        InvalidArgument: one is not, saying what to do.
    """
    unknown = [mode for mode in settings.auth if mode not in _MODES]
    if unknown or not settings.auth:
        raise InvalidArgument(f"--auth {quoted(','.join(settings.auth))}: give some of {', '.join(_MODES)}")
    if "none" in settings.auth and len(settings.auth) > 1:
        raise InvalidArgument("--auth none cannot go with another: leave none out to ask everybody for credentials")
    TrustedProxies(settings.trusted_proxies)
    if "oidc" in settings.auth:
        from artifactd.auth.claims import parse_grant
        from artifactd.auth.oidc import ALGORITHMS

        for name in ("oidc_issuer", "oidc_audience", "oidc_grant"):
            if not getattr(settings, name):
                raise InvalidArgument(f"--auth oidc needs --{name.replace('_', '-')}")
        wrong = [name for name in settings.oidc_algorithms if name not in ALGORITHMS]
        if wrong or not settings.oidc_algorithms:
            raise InvalidArgument(f"--oidc-algorithms {quoted(','.join(wrong))}: give some of {', '.join(ALGORITHMS)}")
        for line in settings.oidc_grant:
            parse_grant(line)
    if "kubernetes" in settings.auth and not settings.kubernetes_url:
        raise InvalidArgument("--auth kubernetes needs --kubernetes-url where this does not run inside a cluster")


def authenticator_of(
    settings: Settings,
    *,
    find_key: Callable[[str], Awaitable[ApiKey | None]],
    known_namespaces: Callable[[], Awaitable[list[str]]],
    clock: Callable[[], int],
    now_s: Callable[[], float],
) -> Authenticator | None:
    """What finds out who is calling; None where the settings let everybody in.

    Args:
        find_key: the API key of an id, as the store has it now.
        known_namespaces: every namespace that the store knows.
        clock: microseconds since the epoch.
        now_s: seconds since any moment.

    Raises:
        InvalidArgument: as `check_auth`.
    """
    check_auth(settings)
    if not settings.authenticates:
        return None
    doors: list[Door] = []
    by_proxy = None
    if "keys" in settings.auth:
        doors.append(KeyDoor(find_key, clock))
    if "oidc" in settings.auth:
        doors.append(_oidc(settings, clock, now_s))
    if "kubernetes" in settings.auth:
        from artifactd.auth.https import JsonService
        from artifactd.auth.kubernetes import KubernetesDoor, named_by_proxy, token_in

        service, rights = (
            JsonService(
                "Kubernetes",
                settings.kubernetes_url,
                ca_file=settings.kubernetes_ca_file,
                timeout_s=settings.kubernetes_timeout_s,
            )
            for _ in range(2)
        )
        door = KubernetesDoor(
            service,
            rights,
            token_in(settings.kubernetes_token_file),
            audience=settings.kubernetes_audience,
            resource=settings.kubernetes_resource,
            known_namespaces=known_namespaces,
            seconds=settings.auth_cache_s,
            now_s=now_s,
        )
        # Any other credential is a token for Kubernetes, so this one is asked last.
        doors.append(door)
        by_proxy = named_by_proxy(door, settings.user_header.lower(), settings.user_prefix)
    return Doors(
        doors,
        by_proxy=by_proxy,
        proxies=TrustedProxies(settings.trusted_proxies),
        failures=FailedAttempts(settings.failed_attempts_max, now_s),
        now_s=now_s,
    )


def _oidc(settings: Settings, clock: Callable[[], int], now_s: Callable[[], float]) -> Door:
    from artifactd.auth.claims import parse_grant
    from artifactd.auth.https import JsonService
    from artifactd.auth.oidc import KeySet, OidcDoor

    issuer = JsonService("the issuer of tokens", settings.oidc_issuer, ca_file=settings.oidc_ca_file, timeout_s=10)
    return OidcDoor(
        KeySet(issuer, settings.oidc_issuer, settings.oidc_jwks_url, now_s),
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithms=settings.oidc_algorithms,
        grants=[parse_grant(line) for line in settings.oidc_grant],
        name_claim=settings.oidc_name_claim,
        seconds=settings.auth_cache_s,
        clock=clock,
    )
