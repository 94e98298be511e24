"""Who is calling: each door finds out in its own way and gives a `Caller`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from artifactd.access import ANYONE, Caller
from artifactd.errors import Unauthenticated


class Authenticator(Protocol):
    """Finds out who sent a request."""

    def recognise(self, headers: Mapping[str, str], address: str) -> Caller | None:
        """The caller, where that is known without asking anybody; None where `authenticate` has to be awaited.

        Takes and raises what `authenticate` does.
        """
        del headers, address
        return None

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """The caller.

        Args:
            headers: the request's headers by lower-case name.
            address: where the request comes from.

        Raises:
            Unauthenticated: no credentials, or bad ones.
            ResourceExhausted: too many bad ones came from that address.
            Unavailable: who would know cannot be asked.
        """
        ...


class NoAuthentication:
    """Everyone is the same caller, who may do everything; credentials are ignored."""

    def recognise(self, headers: Mapping[str, str], address: str) -> Caller | None:
        """Anyone."""
        del headers, address
        return ANYONE

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """Anyone."""
        del headers, address
        return ANYONE


class Admitted(NamedTuple):
    """A caller whose credential was found good, and for how many seconds that may be relied on."""

    caller: Caller
    seconds: float


class Door(Protocol):
    """One way of judging a credential."""

    def knows(self, credential: str) -> bool:
        """Whether the credential is of the kind that this door judges."""
        ...

    async def admit(self, credential: str) -> Admitted:
        """Whose credential it is.

        Raises:
            Unauthenticated: nobody's, or it is no longer good.
            Unavailable: who would know cannot be asked.
        """
        ...


def bad_credential(reason: str) -> Unauthenticated:
    """The error for a credential that is not good. The reason says nothing of the credential itself."""
    return Unauthenticated(f"the credential in the Authorization header is not accepted: {reason}")
