"""The small file that keeps where the server is, the API key and the namespace."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple

from artifactd.cli.suggestions import nearest
from artifactd.errors import InvalidArgument

KEYS: Final = ("server", "api_key", "namespace")


class Config(NamedTuple):
    """What the file says, and what somebody should be told about it."""

    values: dict[str, str]
    warning: str | None = None


def config_path() -> Path:
    """Where the file is, or would be."""
    if named := os.environ.get("ARTIFACTD_CONFIG"):
        return Path(named)
    folder = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return Path(folder) / "artifactd" / "config.toml"


def read_config(path: Path) -> Config:
    """What the file says; nothing where there is none, unless ARTIFACTD_CONFIG names it.

    Raises:
        InvalidArgument: it cannot be read, or says what it should not.
    """
    import tomllib

    try:
        with path.open("rb") as file:
            others_may_read = bool(os.fstat(file.fileno()).st_mode & (stat.S_IRGRP | stat.S_IROTH))
            values = _checked(path, tomllib.loads(file.read().decode("utf-8")))
    except FileNotFoundError:
        if os.environ.get("ARTIFACTD_CONFIG"):
            raise InvalidArgument(
                f"ARTIFACTD_CONFIG names {path}, and there is no such file. `artifactd config set server URL` makes it."
            ) from None
        return Config({})
    except OSError as error:
        raise InvalidArgument(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidArgument(f"{path} is not a TOML file: {error}.") from error
    exposed = "api_key" in values and others_may_read
    return Config(values, f"{path} holds an API key that others may read: chmod 600 {path}" if exposed else None)


def write_config(path: Path, key: str, value: str) -> None:
    """Sets one key, or removes it where the value is empty. Other lines stay; only the owner may read the file.

    Raises:
        InvalidArgument: the file that is there is not right.
        OSError: it cannot be written.
    """
    try:
        text = path.read_text("utf-8")
        _checked(path, _parsed(path, text))
    except FileNotFoundError:
        text = ""
    except ValueError as error:
        raise InvalidArgument(f"{path} is not a TOML file: {error}.") from error
    line = f"{key} = {_toml(value)}\n" if value else ""
    pattern = re.compile(rf"^[ \t]*{key}[ \t]*=.*(?:\n|\Z)", re.MULTILINE)
    if pattern.search(text):
        text = pattern.sub(lambda _: line, text, count=1)
    else:
        text += ("\n" if text and not text.endswith("\n") else "") + line
    _checked(path, _parsed(path, text))
    _replace(Path(os.path.realpath(path)), text)


def _parsed(path: Path, text: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise InvalidArgument(f"{path} is not a TOML file: {error}.") from error


def _checked(path: Path, given: dict[str, object]) -> dict[str, str]:
    for key, value in given.items():
        if key not in KEYS:
            raise InvalidArgument(f"{path} has the key {key!r}{nearest(key, KEYS)}; it can have {', '.join(KEYS)}.")
        if not isinstance(value, str):
            raise InvalidArgument(f'{path}: {key} must be text in quotes, such as {key} = "…".')
    return {key: str(value) for key, value in given.items()}


def _toml(text: str) -> str:
    """A text as a TOML string."""
    escapes = {'"': '\\"', "\\": "\\\\"}
    return (
        '"'
        + "".join(escapes.get(char) or (char if char.isprintable() else f"\\U{ord(char):08x}") for char in text)
        + '"'
    )


def _replace(path: Path, text: str) -> None:
    """Writes the whole file or nothing of it; it is private before the key is in it."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".config-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
