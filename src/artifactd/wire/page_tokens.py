"""Page tokens: opaque to clients, good on every replica, without SQL (contract, list_*).

A token holds the list's parameters by their wire names, so that they can be left out with it, the position behind
which the next page begins, and the size of a filtered list. A digest tells a damaged token from a good one; it is not
a secret, since a token allows nothing that the parameters themselves would not.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Any

import msgspec

from artifactd.errors import InvalidArgument, invalid
from artifactd.listing import Position
from artifactd.model import INT64_MAX, INT64_MIN

_VERSION = 1
_TOKEN_BYTES_MAX = 1 << 20
_DIGEST_BYTES = 6
_PLAIN_BYTES_MAX = 512
"""A longer token is compressed, which for a short one costs more than all the rest of it."""


class PageToken(msgspec.Struct, array_like=True):
    """What a token says. `parameters` are wire names with texts, or lists of ids."""

    version: int
    list_name: str
    parameters: dict[str, str | list[str]]
    segment: int
    position: list[str | int | float]
    total_size: int | None
    scope: str = ""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(PageToken)


def encode_page_token(
    list_name: str, parameters: dict[str, Any], position: Position | None, total_size: int | None, scope: str = ""
) -> str:
    """The token of the page that begins behind a position; empty where there is none.

    `scope` tells in which namespaces `total_size` was counted.
    """
    if position is None:
        return ""
    token = PageToken(_VERSION, list_name, parameters, position.segment, list(position.values), total_size, scope)
    payload = _encoder.encode(token)
    if len(payload) > _PLAIN_BYTES_MAX:
        payload = zlib.compress(payload, 1)
    digest = blake2b(payload, digest_size=_DIGEST_BYTES).digest()
    return urlsafe_b64encode(digest + payload).rstrip(b"=").decode()


def decode_page_token(list_name: str, text: str) -> PageToken:
    """What a token says.

    Raises:
        InvalidArgument: it is not one of this list's tokens.
    """
    try:
        whole = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        if urlsafe_b64encode(whole).rstrip(b"=").decode() != text:
            raise bad_page_token()
        digest, payload = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
        if digest != blake2b(payload, digest_size=_DIGEST_BYTES).digest():
            raise bad_page_token()
        if not payload.startswith(b"["):
            payload = zlib.decompressobj().decompress(payload, _TOKEN_BYTES_MAX)
        token = _decoder.decode(payload)
    except (ValueError, zlib.error, msgspec.MsgspecError):
        raise bad_page_token() from None
    numbers = [value for value in (token.segment, *token.position) if isinstance(value, int)]
    if token.version != _VERSION or token.list_name != list_name:
        raise bad_page_token()
    if not all(INT64_MIN <= number <= INT64_MAX for number in numbers):
        raise bad_page_token()
    return token


def bad_page_token() -> InvalidArgument:
    """The error for a text that is not one of a list's tokens."""
    return invalid("page_token", "is not a token of this list: give the next_page_token of its last answer")
