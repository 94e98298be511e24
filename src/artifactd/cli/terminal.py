"""What a stream leads to: a terminal, how wide, and whether it takes colours."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, NamedTuple

import click

WIDTH_DEFAULT = 80
STATE_COLOURS = {
    "SUCCEEDED": "green",
    "CACHED": "green",
    "FAILED": "red",
    "CANCELED": "yellow",
    "CANCELING": "yellow",
    "RUNNING": "cyan",
    "PENDING": "cyan",
}


class Terminal(NamedTuple):
    """A stream's abilities. `width` is `None` where there is no terminal, and nothing has to fit."""

    is_terminal: bool
    width: int | None
    colour: bool

    def heading(self, text: str) -> str:
        """The text as a heading."""
        return click.style(text, bold=True) if self.colour and text else text

    def state(self, state: str, text: str) -> str:
        """The text in the colour of a task's or run's state."""
        colour = STATE_COLOURS.get(state) if self.colour else None
        return click.style(text, fg=colour) if colour else text


def terminal_of(stream: Any) -> Terminal:
    """What a stream leads to.

    COLUMNS says how wide the terminal is to be taken for. NO_COLOR and TERM=dumb keep colours away; FORCE_COLOR
    asks for them where there is no terminal.
    """
    try:
        is_terminal = bool(stream.isatty())
    except (AttributeError, ValueError):
        is_terminal = False
    width = _width(stream) if is_terminal else None
    wanted = is_terminal and os.environ.get("TERM") != "dumb"
    colour = not os.environ.get("NO_COLOR") and (wanted or bool(os.environ.get("FORCE_COLOR")))
    return Terminal(is_terminal, width, colour)


def speak_safely() -> None:
    """Lets no character that a stream cannot encode end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_utf8 = stream.encoding.lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="backslashreplace" if is_utf8 else "replace")


def speak_utf8() -> None:
    """Makes standard output UTF-8 whatever the locale says, for what a machine reads."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def _width(stream: Any) -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH_DEFAULT
    except (OSError, ValueError):
        return WIDTH_DEFAULT
