"""The doors together: takes a credential to the one that knows its kind, and remembers for a moment whose it is."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from artifactd.access import Caller
from artifactd.auth import Admitted, Door, bad_credential
from artifactd.auth.failures import FailedAttempts
from artifactd.auth.proxies import TrustedProxies
from artifactd.errors import Unauthenticated

_CREDENTIAL = re.compile(r"(?:bearer +)?([\x21-\x2b\x2d-\x7e]{1,16384})", re.IGNORECASE | re.ASCII)
"""A credential, bare or after `Bearer`. Without commas: of a header given twice the values are joined by one."""
_ADMITTED_MAX = 10_000


class Doors:
    """Authenticates by any of several doors.

    Args:
        doors: asked in their order which of them knows a credential.
        by_proxy: who a trusted proxy says is calling, if proxies may say so.
        proxies: those that are trusted.
        failures: counts bad credentials.
        now_s: seconds since any moment.
    """

    def __init__(
        self,
        doors: Sequence[Door],
        *,
        by_proxy: Callable[[Mapping[str, str]], Caller | None] | None,
        proxies: TrustedProxies,
        failures: FailedAttempts,
        now_s: Callable[[], float],
    ) -> None:
        self._doors = doors
        self._by_proxy = by_proxy
        self._proxies = proxies
        self._failures = failures
        self._now_s = now_s
        self._admitted: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()
        self._judging: dict[bytes, asyncio.Future[Caller]] = {}

    def recognise(self, headers: Mapping[str, str], address: str) -> Caller | None:
        """See `Authenticator`."""
        if self._by_proxy is not None and self._proxies.trusts(address):
            caller = self._by_proxy(headers)
            if caller is not None:
                return caller
        return self._remembered(_digest_of(credential_of(headers)))

    def _remembered(self, digest: bytes) -> Caller | None:
        known = self._admitted.get(digest)
        return known[0] if known is not None and self._now_s() < known[1] else None

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """See `Authenticator`."""
        caller = self.recognise(headers, address)
        if caller is not None:
            return caller
        credential = credential_of(headers)
        digest = _digest_of(credential)
        judging = self._judging.get(digest)
        if judging is None:
            client = self._proxies.client_of(headers, address)
            self._failures.begin(client, digest)
            # Once for all who come with it at the same time; it goes on if the first of them goes away.
            judging = asyncio.ensure_future(self._judge(credential, digest, client))
            self._judging[digest] = judging
            judging.add_done_callback(lambda done: self._judged(digest, done))
        return await asyncio.shield(judging)

    async def _judge(self, credential: str, digest: bytes, client: str) -> Caller:
        good: bool | None = None
        try:
            admitted = await self._admit(credential)
            good = True
        except Unauthenticated:
            self._admitted.pop(digest, None)
            good = False
            raise
        finally:
            self._failures.end(client, digest, good=good)
        self._remember(digest, admitted)
        return admitted.caller

    def _judged(self, digest: bytes, done: asyncio.Future[Caller]) -> None:
        self._judging.pop(digest, None)
        if not done.cancelled():
            # Whoever waits for it hears of it; there may be nobody.
            done.exception()

    async def _admit(self, credential: str) -> Admitted:
        for door in self._doors:
            if door.knows(credential):
                return await door.admit(credential)
        raise bad_credential("it is of no kind that this server takes")

    def _remember(self, digest: bytes, admitted: Admitted) -> None:
        self._admitted[digest] = (admitted.caller, self._now_s() + admitted.seconds)
        self._admitted.move_to_end(digest)
        if len(self._admitted) > _ADMITTED_MAX:
            self._admitted.popitem(last=False)


def _digest_of(credential: str) -> bytes:
    return sha256(credential.encode()).digest()


def credential_of(headers: Mapping[str, str]) -> str:
    """The credential that a request carries, bare or after `Bearer` (contract, Credentials).

    Raises:
        Unauthenticated: none, or one of another scheme.
    """
    header = headers.get("authorization", "").strip()
    if not header:
        raise Unauthenticated("credentials are needed: send the header Authorization: Bearer KEY")
    match = _CREDENTIAL.fullmatch(header)
    if match is None:
        raise Unauthenticated("the Authorization header must hold one key or token, bare or as: Bearer KEY")
    return match[1]
