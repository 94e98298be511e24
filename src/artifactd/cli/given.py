"""What a command is given besides flags: JSON, files, standard input, and `key=value` settings."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import click


def open_input(source: str) -> BinaryIO:
    """A file for reading, or standard input for `-`.

    Raises:
        click.BadParameter: saying why it cannot be read.
    """
    if source == "-":
        return sys.stdin.buffer
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise click.BadParameter(f"{source} cannot be read: {error.strerror}.") from error


def text_of(given: str) -> str:
    """The text itself, or for `@FILE` and `-` what the file or standard input holds.

    Raises:
        click.BadParameter: saying why it cannot be read.
    """
    if given != "-" and not given.startswith("@"):
        return given
    source = given if given == "-" else given[1:]
    try:
        with open_input(source) as file:
            return file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{source} is not UTF-8: {error.reason} at byte {error.start}.") from error
    except OSError as error:
        raise click.BadParameter(f"{source} cannot be read: {error.strerror}.") from error


def json_of(text: str) -> Any:
    """A JSON document; NaN and the infinities are taken as Python writes them.

    Raises:
        click.BadParameter: saying where it is wrong.
    """
    # Metadata may hold integers of any size, and Python refuses to read those of over 4,300 digits unasked.
    sys.set_int_max_str_digits(0)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(
            "is not JSON that can be sent: it is nested too deep, or a number too long."
        ) from error


def json_or_text(text: str) -> Any:
    """A JSON scalar is what it says (0.9, 3, true, null, "3" for the text), and so is {…} or […]; the rest is text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def with_changes(metadata: dict[str, Any], settings: Iterable[str], unset: Iterable[str] = ()) -> dict[str, Any]:
    r"""Metadata with keys set and removed. Dots in a key descend, `\.` is a literal dot.

    Args:
        metadata: what there is; it stays as it is.
        settings: `key=value` each.
        unset: keys to remove, if they are there.

    Raises:
        click.BadParameter: a setting has no `=`, or a key leads through what has no keys.
    """
    changed: dict[str, Any] = json.loads(json.dumps(metadata))
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise click.BadParameter(f"{setting!r} has no =; give KEY=VALUE, such as epochs=3.")
        *parents, last = _key_parts(key.strip())
        level = changed
        for parent in parents:
            level = level.setdefault(parent, {})
            if not isinstance(level, dict):
                raise click.BadParameter(f"{key!r} leads through {parent!r}, which has a value and no keys.")
        level[last] = json_or_text(value)
    for key in unset:
        *parents, last = _key_parts(key)
        found: Any = changed
        for parent in parents:
            found = found.get(parent) if isinstance(found, dict) else None
        if isinstance(found, dict):
            found.pop(last, None)
    return changed


def _key_parts(key: str) -> list[str]:
    parts = [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", key)]
    if not all(parts):
        raise click.BadParameter(f"{key!r} has an empty part; write a literal dot as \\. and leave no key empty.")
    return parts


class JsonObject(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """A JSON object, given as it is, as `@FILE`, or as `-` for standard input."""

    name = "JSON"

    def convert(self, value: Any, param: Any, ctx: Any) -> dict[str, Any]:
        """The object."""
        if isinstance(value, dict):
            return value
        try:
            given = json_of(text_of(value))
        except click.BadParameter as error:
            self.fail(error.message, param, ctx)
        if not isinstance(given, dict):
            self.fail('is not a JSON object, such as {"framework": "sklearn"}.', param, ctx)
        return given


class NumberValue(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """A metric's value: a number, NaN, Infinity, or JSON, given as it is, as `@FILE`, or as `-`."""

    name = "VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value."""
        if not isinstance(value, str):
            return value
        try:
            text = text_of(value.strip()).strip()
        except click.BadParameter as error:
            self.fail(error.message, param, ctx)
        try:
            return float(text) if not re.fullmatch(r"-?\d+", text) else int(text)
        except ValueError:
            pass
        try:
            given = json_of(text)
        except click.BadParameter:
            given = None
        if not isinstance(given, (dict, list)):
            self.fail(f"{text[:80]!r} is no number, and no JSON object or array.", param, ctx)
        return given
