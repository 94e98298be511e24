"""One value of an item, as a table and as a CSV file show it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import click

from artifactd.cli.characters import printable
from artifactd.cli.graph import seconds_between
from artifactd.cli.moments import short_time
from artifactd.cli.rendering import summary
from artifactd.cli.terminal import speak_utf8
from artifactd.listing import Kind


def cell_of(item: Mapping[str, Any], column: str) -> Any:
    r"""What an item holds in a column; dots descend, `\.` is a literal dot. `None` if there is nothing."""
    if column == "duration":
        begin = item.get("start_time") or item.get("created_at")
        return seconds_between(begin, item.get("end_time") or item.get("finished_at"))
    found: Any = item
    for part in re.split(r"(?<!\\)\.", column):
        found = found.get(part.replace("\\.", ".")) if isinstance(found, Mapping) else None
    return found


def shown(value: Any, column: str, kind: Kind, *, short: bool) -> str:
    """A value for a table, with nothing in it that would drive the terminal.

    Args:
        value: as `cell_of` gives it.
        column: where it stands.
        kind: how the column's values are compared.
        short: times without fractions of a second.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if column == "duration":
        return f"{value:.1f} s"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) or column == "value":
        return summary(value)
    if kind is Kind.TIME and short:
        return printable(short_time(str(value)))
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def raw(value: Any) -> str:
    """A value for a machine: text as it is, numbers to the last digit, the rest as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON for a machine that somebody may look at: what would drive a terminal is escaped, as JSON allows."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def print_json(value: Any) -> None:
    """Prints a JSON document, indented for whoever reads it."""
    speak_utf8()
    click.echo(json_text(value, indent=2))
