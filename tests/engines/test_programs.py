"""Which programs of database servers are taken, and what is said where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from engines.programs import Absent, find_mariadb, find_postgresql

POSTGRESQL = ("initdb", "postgres")
MARIADB = ("mariadb-install-db", "mariadbd")


@pytest.fixture(autouse=True)
def nothing_in_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


def installed(folder: Path, names: tuple[str, ...], shown: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{shown}'\n")
        program.chmod(0o755)
    return folder


def test_the_newest_postgresql_is_taken(tmp_path: Path) -> None:
    installed(tmp_path / "9", POSTGRESQL, "postgres (PostgreSQL) 9.6.24")
    installed(tmp_path / "15", POSTGRESQL, "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")
    newest = installed(tmp_path / "17", POSTGRESQL, "postgres (PostgreSQL) 17.2")

    found = find_postgresql([f"{tmp_path}/*"])

    assert found == ((17, 2), newest / "initdb", newest / "postgres")


def test_a_server_in_path_goes_before_a_newer_one(tmp_path: Path) -> None:
    in_path = installed(tmp_path / "path", POSTGRESQL, "postgres (PostgreSQL) 15.1")
    installed(tmp_path / "17", POSTGRESQL, "postgres (PostgreSQL) 17.2")

    assert find_postgresql([f"{tmp_path}/17"]).server == in_path / "postgres"


def test_a_beta_is_a_version(tmp_path: Path) -> None:
    installed(tmp_path / "18", POSTGRESQL, "postgres (PostgreSQL) 18beta1")

    assert find_postgresql([f"{tmp_path}/18"]).version == (18,)


def test_mariadbs_two_programs_may_be_in_two_folders(tmp_path: Path) -> None:
    server = installed(tmp_path / "sbin", MARIADB[1:], "mariadbd  Ver 10.6.0-MariaDB for Linux on x86_64 (Source)")
    installer = installed(tmp_path / "bin", MARIADB[:1], "")

    found = find_mariadb([str(server), str(installer)])

    assert found == ((10, 6, 0), installer / "mariadb-install-db", server / "mariadbd")


@pytest.mark.parametrize(
    ("find", "names", "shown", "reason"),
    [
        (find_postgresql, POSTGRESQL, "postgres (PostgreSQL) 14.9", "PostgreSQL 15 or newer is needed, and .* is 14.9"),
        (find_postgresql, POSTGRESQL, "something else 15.1", "is no PostgreSQL"),
        (
            find_mariadb,
            MARIADB,
            "mariadbd  Ver 10.5.29-MariaDB-0+deb11u1",
            "MariaDB 10.6 or newer is needed, and .* is 10.5.29",
        ),
        (find_mariadb, MARIADB, "mysqld  Ver 8.0.36 for Linux on x86_64", "is no MariaDB"),
        (
            find_postgresql,
            POSTGRESQL[:1],
            "15",
            "PostgreSQL is not installed: there is no initdb and postgres .15 or newer",
        ),
        (find_mariadb, (), "", "MariaDB is not installed: there is no .* .10.6 or newer"),
    ],
    ids=["old-postgresql", "not-postgresql", "old-mariadb", "mysql", "without-a-server", "nothing"],
)
def test_what_is_absent_or_too_old_is_told_with_the_reason(
    tmp_path: Path, find: type, names: tuple[str, ...], shown: str, reason: str
) -> None:
    folder = installed(tmp_path / "there", names, shown)

    with pytest.raises(Absent, match=reason):
        find([str(folder)])
