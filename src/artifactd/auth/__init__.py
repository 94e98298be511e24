"""Who is calling: each way of finding out gives a `Caller`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from artifactd.access import ANYONE, Caller


class Authenticator(Protocol):
    """Finds out who sent a request."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """The caller.

        Args:
            headers: the request's headers by lower-case name.

        Raises:
            Unauthenticated: no credentials, or bad ones.
        """
        ...


class NoAuthentication:
    """Everyone is the same caller, who may do everything; credentials are ignored."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """Anyone."""
        del headers
        return ANYONE
