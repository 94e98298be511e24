"""API keys, kept in the store: by their ids and digests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from artifactd.access import Caller, grants_of
from artifactd.api_keys import is_key, is_marked, key_id_of
from artifactd.auth import Admitted, bad_credential
from artifactd.model import ApiKey

RELIED_ON_S = 2.0
"""How long a key that was found good is good without another look: a revoked one is refused everywhere after that."""
_NO_DIGEST = bytes(32)


class KeyDoor:
    """Admits who has a key.

    Args:
        find_key: the key of an id, as the store has it now; raises Unavailable where the store cannot be asked.
        clock: microseconds since the epoch.
    """

    def __init__(self, find_key: Callable[[str], Awaitable[ApiKey | None]], clock: Callable[[], int]) -> None:
        self._find_key = find_key
        self._clock = clock

    def knows(self, credential: str) -> bool:
        """See `Door`: a damaged one too, which must not go on to somebody else."""
        return is_marked(credential)

    async def admit(self, credential: str) -> Admitted:
        """See `Door`. An unknown id takes as long as a wrong secret, and says the same."""
        key_id = key_id_of(credential)
        key = None if key_id is None else await self._find_key(key_id)
        if not is_key(credential, key.digest if key else _NO_DIGEST) or key is None:
            raise bad_credential("no such key")
        now_us = self._clock()
        if key.revoked_at_us is not None:
            raise bad_credential("the key is revoked")
        if key.expires_at_us is not None and key.expires_at_us <= now_us:
            raise bad_credential("the key has expired")
        left_s = RELIED_ON_S if key.expires_at_us is None else (key.expires_at_us - now_us) / 1_000_000
        return Admitted(caller_of(key), min(RELIED_ON_S, left_s))


def caller_of(key: ApiKey) -> Caller:
    """Who comes with a key. The id makes the name unique, since several keys may have one name."""
    grants = grants_of((namespace, key.role) for namespace in key.namespaces)
    return Caller(f"key:{key.key_id} {key.name}", grants, key.expires_at_us)
