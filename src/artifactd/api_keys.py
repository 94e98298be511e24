"""API keys: the text that a client sends, and what a store keeps of it.

A key is `artd_ID_SECRET`. The id, of 12 characters, is no secret: logs and lists tell keys apart by it. The secret has
256 bits, so a digest without salt or stretching says nothing about it, and a key can be checked at each request. The
beginning lets those who scan repositories for secrets find one.
"""

from __future__ import annotations

import hmac
from base64 import b32encode, urlsafe_b64encode
from hashlib import sha256

ENTROPY_BYTES = 40
"""How many random bytes make a key: 8 for its id (of which 60 bits are used), 32 for its secret."""
_MARK = "artd_"
_ID_CHARS = 12
_SECRET_CHARS = 43


def make_key(entropy: bytes) -> str:
    """The text of a new key, from `ENTROPY_BYTES` random bytes."""
    key_id = b32encode(entropy[:8])[:_ID_CHARS].decode().lower()
    secret = urlsafe_b64encode(entropy[8:]).rstrip(b"=").decode()
    return f"{_MARK}{key_id}_{secret}"


def is_marked(text: str) -> bool:
    """Whether a text begins as our keys do."""
    return text.startswith(_MARK)


def key_id_of(text: str) -> str | None:
    """The id in a key's text; None for what is no key of ours."""
    if not is_marked(text) or len(text) != len(_MARK) + _ID_CHARS + 1 + _SECRET_CHARS or not text.isascii():
        return None
    key_id, separator = text[len(_MARK) : len(_MARK) + _ID_CHARS], text[len(_MARK) + _ID_CHARS]
    return key_id if separator == "_" and key_id.isalnum() else None


def key_digest(text: str) -> bytes:
    """What a store keeps of a key: 32 bytes."""
    return sha256(text.encode()).digest()


def is_key(text: str, digest: bytes) -> bool:
    """Whether a digest is of that key, in a time that tells nothing of how much of it is right."""
    return hmac.compare_digest(key_digest(text), digest)
