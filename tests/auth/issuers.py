"""Issuers of tokens that publish their keys."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from auth.peers import Peer
from cryptography.hazmat.primitives.asymmetric import ec, rsa

AUDIENCE = "artifactd"
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
OTHER = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def published(key: Any, key_id: str, algorithm: str) -> dict[str, Any]:
    """A key as an issuer publishes it."""
    family = jwt.algorithms.get_default_algorithms()[algorithm]
    public: dict[str, Any] = json.loads(family.to_jwk(key.public_key()))
    return public | {"kid": key_id, "alg": algorithm, "use": "sig"}


class Issuer:
    """An issuer of tokens, with a server that publishes its keys."""

    def __init__(self) -> None:
        self.keys = [published(RSA, "rsa-1", "RS256"), published(CURVE, "ec-1", "ES256")]
        self.down = False
        self.fetched = 0
        self.server: Peer | None = None

    @property
    def url(self) -> str:
        """Whose tokens they are."""
        assert self.server is not None
        return self.server.url

    def answer(self, path: str, _: Any, __: dict[str, str]) -> tuple[int, Any]:
        """What it publishes."""
        if self.down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.fetched += 1
        return 200, {"keys": self.keys}

    def token(self, *, key: Any = RSA, key_id: str | None = "rsa-1", algorithm: str = "RS256", **claims: Any) -> str:
        """A token that is good, but for the claims given; None leaves one out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "ann", "groups": ["ml"], "iat": now, "exp": now + 600}
        given = {name: value for name, value in (good | claims).items() if value is not None}
        return jwt.encode(given, key, algorithm, {"kid": key_id} if key_id else None)
