"""Where the programs of PostgreSQL and MariaDB are on this machine."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

POSTGRESQL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",
    "/usr/local/bin",
)
"""Where distributions put `initdb` and `postgres`, most of which are not in PATH."""

MARIADB_PLACES = (
    "/usr/sbin",
    "/usr/bin",
    "/usr/libexec",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/local/libexec",
    "/usr/local/mysql/bin",
    "/usr/local/mysql/scripts",
    "/opt/homebrew/opt/mariadb*/bin",
    "/usr/local/opt/mariadb*/bin",
)
"""Where distributions put `mariadbd` and `mariadb-install-db`."""


class Absent(Exception):
    """A server cannot be started here; the message is the reason."""


class Programs(NamedTuple):
    """What makes a server's data and what serves it."""

    version: tuple[int, ...]
    installer: Path
    server: Path


def find_postgresql(places: Iterable[str] = POSTGRESQL_PLACES) -> Programs:
    """The PostgreSQL in PATH, else the newest of those elsewhere.

    Args:
        places: patterns of folders to look in beside PATH.

    Raises:
        Absent: there is none of version 15 or newer.
    """
    found = _pairs("PostgreSQL", "initdb", "postgres", _together(places))
    return _newest("PostgreSQL", found, (15,), wanted="initdb and postgres")


def find_mariadb(places: Iterable[str] = MARIADB_PLACES) -> Programs:
    """The MariaDB in PATH, else the newest of those elsewhere.

    Args:
        places: patterns of folders to look in beside PATH.

    Raises:
        Absent: there is none of version 10.6 or newer.
    """
    folders = [folder for group in _together(places) for folder in group]
    found = _pairs("MariaDB", "mariadb-install-db", "mariadbd", [folders])
    return _newest("MariaDB", found, (10, 6), wanted="mariadb-install-db and mariadbd")


def _together(places: Iterable[str]) -> list[list[Path]]:
    """Groups of folders, the first ones first, in which the programs of one version may be found."""
    in_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    elsewhere = [path for place in places for path in Path("/").glob(place.removeprefix("/"))]
    return [in_path, *([folder] for folder in elsewhere)]


def _pairs(name: str, installer: str, server: str, groups: Iterable[list[Path]]) -> Iterator[Programs]:
    for folders in groups:
        first = {
            program: next((f / program for f in folders if os.access(f / program, os.X_OK)), None)
            for program in (installer, server)
        }
        installer_path, server_path = first[installer], first[server]
        if installer_path and server_path:
            yield Programs(_version(name, server_path), installer_path, server_path)


def _version(name: str, server: Path) -> tuple[int, ...]:
    """The version that a server's program gives; nothing where it is another server."""
    shown = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    pattern = {"PostgreSQL": r"\(PostgreSQL\) (\d+(?:\.\d+)*)", "MariaDB": r"(\d+(?:\.\d+)+)-MariaDB"}[name]
    match = re.search(pattern, shown)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _newest(name: str, found: Iterable[Programs], oldest: tuple[int, ...], *, wanted: str) -> Programs:
    candidates = list(found)
    good = [programs for programs in candidates if programs.version >= oldest]
    needed = f"{'.'.join(map(str, oldest))} or newer"
    if not candidates:
        raise Absent(f"{name} is not installed: there is no {wanted} ({needed})")
    if not good:
        shown = ", ".join(f"{one.server} is {'.'.join(map(str, one.version)) or 'no ' + name}" for one in candidates)
        raise Absent(f"{name} {needed} is needed, and {shown}")
    # A version in PATH is a choice that somebody made.
    in_path = set(os.environ.get("PATH", "").split(os.pathsep))
    return max(good, key=lambda programs: (str(programs.server.parent) in in_path, programs.version))
