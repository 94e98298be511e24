"""Callers with grants, and clients that speak as one of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from support import Api, Reply

from artifactd.access import Caller, Verb
from artifactd.auth import Authenticator
from artifactd.errors import Unauthenticated

ALL = frozenset(Verb)
READ = frozenset({Verb.GET, Verb.LIST})


class KnownCallers(Authenticator):
    """Finds the caller by the name that the `Authorization` header carries.

    `grants` are the verbs that each caller has in each namespace.
    """

    def __init__(self, grants: dict[str, dict[str, frozenset[Verb]]]) -> None:
        self.grants = grants

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """The caller of that name."""
        del address
        name = headers.get("authorization", "")
        if name not in self.grants:
            raise Unauthenticated("say who you are in the Authorization header")
        return Caller(name, self.grants[name])


class CallerApi(Api):
    """A client that always says who it is."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url)
        self._name = name

    def raw(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
        """Sends a request with the caller's name."""
        return super().raw(method, target, body, {"Authorization": self._name} | (headers or {}))

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        self.close()
