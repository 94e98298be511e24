"""Guards against a browser being used against its user (contract, Credentials).

Without authentication, whoever reaches the service may do everything; a web page that the user visits must not be
able to, neither by a cross-origin request nor by a name that it lets resolve to loopback (DNS rebinding).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from artifactd.errors import PermissionDenied, quoted
from artifactd.settings import is_loopback

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:,@/\[\]]+)(?::[0-9]*)?", re.ASCII)
"""A `Host` in lower case: a name or an address, and perhaps a port (RFC 9110, 7.2). Two of them are none."""
_KNOWN_HOSTS_MAX = 64
"""How many allowed values of `Host` are remembered, so that an address is not parsed again for each request."""


class Guards:
    """Checks `Host`, `Origin` and `Sec-Fetch-Site`."""

    def __init__(self, allowed_hosts: tuple[str, ...], allowed_origins: tuple[str, ...], *, check_host: bool) -> None:
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in allowed_origins)
        self._check_host = check_host
        self._known_hosts: set[str] = set()

    def check(self, headers: Mapping[str, str]) -> str | None:
        """The allowed foreign origin that asks, or None.

        Raises:
            PermissionDenied: a host or an origin that is not allowed.
        """
        host = headers.get("host", "")
        if self._check_host and not self._host_allowed(host):
            raise PermissionDenied(
                f"the Host {quoted(host)} is not allowed: use localhost, or start the server with --allowed-hosts"
            )
        origin = headers.get("origin")
        if origin is not None:
            if origin.lower() in self._origins:
                return origin
            if _authority(origin) != host.lower():
                raise PermissionDenied(
                    f"requests from the web origin {quoted(origin)} are refused: "
                    "start the server with --allowed-origins to allow it"
                )
        elif headers.get("sec-fetch-site") in ("cross-site", "same-site") and (
            headers.get("sec-fetch-mode") != "navigate"
        ):
            raise PermissionDenied("requests from another web site are refused")
        return None

    def _host_allowed(self, host: str) -> bool:
        if "*" in self._hosts or host in self._known_hosts:
            return True
        name = host.lower()
        if name not in self._hosts:
            match = _HOST.fullmatch(name)
            if match is None or (match[1] not in self._hosts and not is_loopback(match[1].strip("[]"))):
                return False
        if len(self._known_hosts) < _KNOWN_HOSTS_MAX:
            self._known_hosts.add(host)
        return True


def _authority(origin: str) -> str | None:
    """The host and port of an origin; None for `null`, and for what is no URL."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
