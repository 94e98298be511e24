"""One item as a card: a field on each line, what has keys as an indented tree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from artifactd.cli.characters import padded, printable, width_of
from artifactd.cli.moments import short_time
from artifactd.cli.rendering import summary
from artifactd.cli.terminal import Terminal

INDENT: Final = "  "
DEPTH_MAX: Final = 20


def card(item: Mapping[str, Any], names: Iterable[str], terminal: Terminal) -> list[str]:
    """The fields of an item that hold something, as lines; those with keys of their own come last.

    Args:
        item: as the API answers it.
        names: the fields, in the order to show them.
        terminal: what standard output leads to.
    """
    present = {name: item[name] for name in names if item.get(name) not in (None, "", {}, [])}
    simple = {name: value for name, value in present.items() if not isinstance(value, Mapping)}
    width = max(map(len, simple), default=0)
    lines = [
        f"{terminal.heading(padded(name, width))}  {terminal.state(str(value), _shown(name, value, terminal))}"
        for name, value in simple.items()
    ]
    for name, value in present.items():
        if isinstance(value, Mapping):
            lines += [terminal.heading(name), *tree(value, INDENT)]
    return lines


def tree(value: Mapping[str, Any], indent: str = "", depth: int = 1) -> list[str]:
    """An object as lines, each key's object indented below it."""
    plain = [printable(str(key)) for key, each in value.items() if not (isinstance(each, Mapping) and each)]
    width = min(max(map(width_of, plain), default=0), 32)
    lines: list[str] = []
    for key, each in value.items():
        name = printable(str(key))
        if isinstance(each, Mapping) and each and depth < DEPTH_MAX:
            lines += [f"{indent}{name}", *tree(each, indent + INDENT, depth + 1)]
        else:
            text = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
            lines.append(f"{indent}{padded(name, width)}  {printable(text)}")
    return lines


def _shown(name: str, value: Any, terminal: Terminal) -> str:
    if name == "value":
        return summary(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(short_time(text) if terminal.is_terminal and name.endswith(("_at", "_time")) else text)
