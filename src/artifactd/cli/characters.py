"""Text as a terminal shows it: what would drive the terminal escaped, widths counted, too long text cut."""

from __future__ import annotations

import unicodedata
from typing import Final

SHORT_ID_LENGTH: Final = 8
ELLIPSIS: Final = "…"


def printable(text: str) -> str:
    """The text with every character that a terminal would act on, or not show, written as its escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_char_width, text))


def cut_right(text: str, width: int) -> str:
    """The beginning of a text that is too wide, ended by an ellipsis."""
    if width_of(text) <= width:
        return text
    return _beginning(text, width - 1) + ELLIPSIS[:width]


def cut_left(text: str, width: int) -> str:
    """The end of a text that is too wide, begun by an ellipsis: ids made one after the other begin alike."""
    if width_of(text) <= width:
        return text
    kept: list[str] = []
    room = width - 1
    for char in reversed(text):
        room -= _char_width(char)
        if room < 0:
            break
        kept.append(char)
    while kept and unicodedata.combining(kept[-1]):
        kept.pop()
    return ELLIPSIS[:width] + "".join(reversed(kept))


def short_id(identifier: str) -> str:
    """An id by its end, for where there is no room for more."""
    cut = len(identifier) > SHORT_ID_LENGTH
    return printable(f"{ELLIPSIS}{identifier[-SHORT_ID_LENGTH:]}" if cut else identifier)


def padded(text: str, width: int) -> str:
    """The text with blanks up to a width."""
    return text + " " * (width - width_of(text))


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _beginning(text: str, width: int) -> str:
    room = width
    for place, char in enumerate(text):
        room -= _char_width(char)
        if room < 0:
            return text[:place]
    return text
