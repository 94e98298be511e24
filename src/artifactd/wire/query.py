"""The query string: strict, by name, each parameter known to its operation (contract, JSON)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from artifactd.errors import invalid, quoted
from artifactd.model import ID_LIST_MAX, INT64_MAX

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_REMEMBERED_MAX, _REMEMBERED_BYTES_MAX = 512, 4_096
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)


def percent_decoded(raw: bytes, what: str) -> str:
    """Percent-decodes bytes of a URL once.

    Raises:
        InvalidArgument: a bad escape, bytes that are not UTF-8, or U+0000; `what` names the place.
    """
    if b"%" in raw:
        if _BAD_ESCAPE.search(raw):
            raise invalid(what, "has a % that two hexadecimal digits do not follow: write % as %25")
        raw = _unquoted(raw) if len(raw) <= _REMEMBERED_BYTES_MAX else unquote_to_bytes(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise invalid(what, "is not UTF-8 when percent-decoded") from None
    if "\x00" in text:
        raise invalid(what, "holds U+0000, which no text may")
    return text


# A filter that is sent again and again is all escapes, and the same ones each time.
_unquoted = lru_cache(_REMEMBERED_MAX)(unquote_to_bytes)


class Query:
    """A request's query parameters, decoded. Every parameter must be asked for by `only`."""

    def __init__(self, raw: bytes) -> None:
        """Splits and decodes a raw query string.

        Raises:
            InvalidArgument: a bad escape or bytes that are not UTF-8.
        """
        self._values: dict[str, list[str]] = {}
        if raw:
            for name, value in _pairs(raw):
                self._values.setdefault(name, []).append(value)

    def only(self, allowed: tuple[str, ...], repeated: tuple[str, ...] = ()) -> None:
        """Refuses parameters that the operation does not have, and ones given twice that are not lists.

        Names may be in lowerCamelCase, as proto3 JSON's.

        Raises:
            InvalidArgument: naming the parameter.
        """
        for name, values in list(self._values.items()):
            if name in allowed and len(values) == 1:
                continue
            snake = _CAPITAL.sub(lambda match: "_" + match[0].lower(), name)
            if snake != name and snake in allowed and snake not in self._values:
                self._values[snake] = self._values.pop(name)
            elif name not in allowed:
                known = f"this operation takes {', '.join(allowed)}" if allowed else "this operation takes none"
                raise invalid(name[:100], f"is not a query parameter here; {known}")
            if len(values) > 1 and snake not in repeated:
                raise invalid(name, f"is given {len(values)} times; give it once")

    def text(self, name: str) -> str | None:
        """A parameter's value; None where it is absent or empty."""
        values = self._values.get(name)
        return values[0] or None if values else None

    def integer(self, name: str) -> int | None:
        """An integer parameter.

        Raises:
            InvalidArgument: it is not a decimal integer of 64 bits.
        """
        text = self.text(name)
        if text is None:
            return None
        if not _INTEGER.fullmatch(text) or abs(int(text)) > INT64_MAX:
            raise invalid(name, f"{quoted(text)} is not an integer")
        return int(text)

    def ids(self, name: str) -> tuple[str, ...]:
        """A repeated parameter of ids, each once.

        Raises:
            InvalidArgument: an element is empty, or there are too many.
        """
        values = self._values.get(name, [])
        if "" in values:
            raise invalid(name, "has an empty element: leave the parameter out, or give an id")
        if len(values) > ID_LIST_MAX:
            raise invalid(name, f"has {len(values)} elements; at most {ID_LIST_MAX} are allowed")
        return tuple(dict.fromkeys(values))


def _pairs(raw: bytes) -> Iterator[tuple[str, str]]:
    for piece in raw.split(b"&"):
        if not piece:
            continue
        name, _, value = piece.replace(b"+", b" ").partition(b"=")
        decoded = percent_decoded(name, "query")
        yield decoded, percent_decoded(value, decoded)
