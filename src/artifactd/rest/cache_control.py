"""How old an answer may be, as the Cache-Control header of a request says it (RFC 9111, 5.2)."""

from __future__ import annotations

import re

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_DIRECTIVE = re.compile(rf'[ \t]*(?:({_WORD})(?:=({_WORD}|"(?:[^"\\]|\\.)*"))?[ \t]*)?(?:,|\Z)')
_SECONDS = re.compile(r'([0-9]+)|"([0-9]+)"')
_DIGITS_MAX = 9
_SECONDS_MAX = 2**31
"""What a larger number counts as, as the RFC has it (1.2.2)."""


def max_age_s(header: str | None) -> int | None:
    """The oldest answer that a request takes, in seconds; None where it does not say.

    Of several limits the smallest counts; `no-cache`, and what cannot be understood, take no old answer at all.
    """
    if header is None:
        return None
    found: list[int] = []
    position = 0
    while position < len(header):
        directive = _DIRECTIVE.match(header, position)
        if directive is None:
            return 0
        position = directive.end()
        name, value = directive[1] or "", directive[2] or ""
        if name.lower() == "no-cache":
            return 0
        if name.lower() == "max-age":
            found.append(_seconds(value))
    return min(found, default=None)


def _seconds(value: str) -> int:
    seconds = _SECONDS.fullmatch(value)
    if seconds is None:
        return 0
    digits = (seconds[1] or seconds[2]).lstrip("0") or "0"
    return int(digits) if len(digits) <= _DIGITS_MAX else _SECONDS_MAX
