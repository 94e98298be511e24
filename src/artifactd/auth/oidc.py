"""OpenID Connect: tokens of one issuer, judged by the keys that it publishes (OpenID Connect Core, RFC 7515 ff.)."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from typing import Any

import jwt

from artifactd.access import Caller, grants_of
from artifactd.auth import Admitted, bad_credential
from artifactd.auth.claims import Grant, grants_in
from artifactd.auth.https import JsonService, check_url
from artifactd.errors import InvalidArgument, Unavailable

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
    "EdDSA",
)
"""Those with a public key. With a shared secret, or `none`, whoever can read the published key could sign."""
_FRESH_S = 3_600.0
"""How old a set of keys may be before it is fetched again, and so how long a withdrawn key is still taken."""
_STALE_S = 24 * 3_600.0
"""How old it may be while the issuer does not answer."""
_AGAIN_AFTER_S = 10.0
"""How soon an unknown key may make it be fetched again, so that made-up tokens do not send us asking without end."""
_LEEWAY_S = 30
_KEYS_MAX = 256
_NAME_CHARS_MAX = 512
_RELIED_ON_S_MAX = 60.0
_FOR_EVER_S = 10**12


class KeySet:
    """The issuer's keys by their ids, fetched when they are needed and again when they are rotated.

    Args:
        service: what fetches.
        issuer: whose they are; its discovery document tells where they are.
        url: where they are, if that is known.
        now_s: seconds since any moment.
    """

    def __init__(self, service: JsonService, issuer: str, url: str, now_s: Callable[[], float]) -> None:
        self._service = service
        self._issuer = issuer
        self._url = url
        self._now_s = now_s
        self._keys: list[dict[str, Any]] = []
        self._fetched_s = float("-inf")
        self._tried_s = float("-inf")
        self._fetching = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None) -> list[dict[str, Any]]:
        """The keys that may have signed a token which names that one, or none.

        Known ones are given at once, and fetched again beside where they are no longer fresh.

        Raises:
            Unavailable: there are none yet, or none that are young enough, and the issuer does not answer.
        """
        found = self._named(key_id)
        age_s = self._now_s() - self._fetched_s
        if found and age_s < _STALE_S:
            if age_s >= _FRESH_S and (self._renewing is None or self._renewing.done()):
                self._renewing = asyncio.create_task(self._renew())
            return found
        await self._renew()
        if self._now_s() - self._fetched_s >= _STALE_S:
            raise Unavailable("the keys of the issuer of tokens cannot be fetched: try again", retry_after_s=5)
        return self._named(key_id)

    async def _renew(self) -> None:
        """Fetches the keys, unless that was tried just now: whoever waited here meanwhile takes what came of it."""
        async with self._fetching:
            if self._now_s() - self._tried_s >= _AGAIN_AFTER_S:
                try:
                    await self._fetch()
                finally:
                    self._tried_s = self._now_s()

    async def _fetch(self) -> None:
        try:
            url = self._url or await self._discover()
            given = await self._service.ask(url)
        except Unavailable:
            # The keys that there are go on being good for a while.
            return
        keys = given.get("keys") if isinstance(given, dict) else None
        if isinstance(keys, list):
            self._keys = [key for key in keys[:_KEYS_MAX] if isinstance(key, dict)]
            self._fetched_s = self._now_s()

    async def _discover(self) -> str:
        document = await self._service.ask(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        url = document.get("jwks_uri") if isinstance(document, dict) else None
        if not isinstance(url, str) or document.get("issuer") != self._issuer:
            raise Unavailable("the issuer's discovery document is not its own")
        try:
            check_url("the issuer's keys", url)
        except InvalidArgument as error:
            raise Unavailable(error.message) from error
        return url

    def _named(self, key_id: str | None) -> list[dict[str, Any]]:
        usable = [key for key in self._keys if key.get("use", "sig") == "sig"]
        return usable if key_id is None else [key for key in usable if key.get("kid") == key_id]


class OidcDoor:
    """Admits who has a token of the issuer, made for us.

    Args:
        keys: the issuer's.
        issuer: what `iss` must be.
        audience: what `aud` must hold.
        algorithms: those that are taken, of `ALGORITHMS`.
        grants: what claims allow.
        name_claim: the claim that tells callers apart.
        seconds: how long a token that was found good is relied on.
        clock: microseconds since the epoch.
    """

    def __init__(
        self,
        keys: KeySet,
        *,
        issuer: str,
        audience: str,
        algorithms: Sequence[str],
        grants: Sequence[Grant],
        name_claim: str,
        seconds: float,
        clock: Callable[[], int],
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._algorithms = tuple(algorithms)
        self._grants = grants
        self._name_claim = name_claim
        self._seconds = min(seconds, _RELIED_ON_S_MAX)
        self._clock = clock

    def knows(self, credential: str) -> bool:
        """See `Door`: it says itself whose it is, which is believed only once its signature was checked."""
        parts = credential.split(".")
        return len(parts) == 3 and _part(parts[1]).get("iss") == self._issuer  # Head, claims, signature.

    async def admit(self, credential: str) -> Admitted:
        """See `Door`."""
        head = _part(credential.split(".", maxsplit=1)[0])
        algorithm = head.get("alg")
        if algorithm not in self._algorithms:
            raise bad_credential("its signature is of an algorithm that is not taken")
        key_id = head.get("kid")
        candidates = await self._keys.find(key_id if isinstance(key_id, str) else None)
        reason = "it is signed with a key that its issuer does not publish"
        for candidate in candidates:
            try:
                claims = self._verified(credential, str(algorithm), candidate)
            except jwt.InvalidTokenError as error:
                reason = _REASONS.get(type(error), "it is not right")
            except (jwt.PyJWTError, ArithmeticError, TypeError, ValueError):
                # A number beyond all bounds, or a key that is none.
                continue
            else:
                return self._admitted(claims)
        raise bad_credential(reason)

    def _verified(self, credential: str, algorithm: str, key: dict[str, Any]) -> dict[str, Any]:
        if key.get("alg", algorithm) != algorithm:
            raise jwt.InvalidAlgorithmError
        return jwt.decode(
            credential,
            jwt.PyJWK(key, algorithm),
            algorithms=[algorithm],
            audience=self._audience,
            issuer=self._issuer,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iss", "aud"]},
        )

    def _admitted(self, claims: dict[str, Any]) -> Admitted:
        name = claims.get(self._name_claim)
        if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= _NAME_CHARS_MAX:
            raise bad_credential(f"its claim {self._name_claim} names nobody")
        # A number beyond all bounds is no number of seconds.
        left_s = float(min(int(claims["exp"]), _FOR_EVER_S)) + _LEEWAY_S - self._clock() / 1_000_000
        caller = Caller(f"oidc:{name}", grants_of(grants_in(claims, self._grants)))
        return Admitted(caller, max(0.0, min(self._seconds, left_s)))


_REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidAudienceError: "it is meant for another audience",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.InvalidSignatureError: "its signature is not its issuer's",
    jwt.MissingRequiredClaimError: "it lacks exp, iss or aud",
}


def _part(text: str) -> dict[str, Any]:
    """The object in a part of a token; an empty one where there is none."""
    try:
        found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
