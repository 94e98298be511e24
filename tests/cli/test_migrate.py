"""`artifactd migrate`, as a process, on each engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.processes import Done, environment, run
from storage.catalog import catalog_of, make_first_version, rows_of
from storage.catalog import run as run_sql

from artifactd.storage.migrate import SCHEMA_VERSION


@pytest.fixture
def old_url(empty_database_url: str) -> str:
    """A store of the first version."""
    make_first_version(empty_database_url)
    return empty_database_url


def migrate(tmp_path: Path, url: str, *flags: str) -> Done:
    """Runs the command on a store that the environment names."""
    return run(environment(tmp_path, ARTIFACTD_DATABASE_URL=url), "migrate", *flags)


def test_migrate_runs_what_is_lacking_and_then_nothing(tmp_path: Path, old_url: str) -> None:
    first = migrate(tmp_path, old_url)
    second = migrate(tmp_path, old_url)

    assert (first.code, first.out) == (0, "")
    assert "0002  " in first.err
    assert f"has the schema version {SCHEMA_VERSION} now" in first.err
    assert (second.code, second.out) == (0, "")
    assert "nothing to do" in second.err
    assert rows_of(old_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_VERSION,)]


def test_check_tells_by_its_exit_code_and_changes_nothing(tmp_path: Path, old_url: str) -> None:
    before = catalog_of(old_url)

    lacking = migrate(tmp_path, old_url, "--check")

    assert lacking.code == 1
    assert "has the schema version 0001 and lacks 2" in lacking.err
    assert catalog_of(old_url) == before
    migrate(tmp_path, old_url)
    assert migrate(tmp_path, old_url, "--check").code == 0


def test_a_dry_run_prints_the_sql_and_changes_nothing(tmp_path: Path, old_url: str) -> None:
    before = catalog_of(old_url)

    done = migrate(tmp_path, old_url, "--dry-run")

    assert done.code == 0
    assert "counts_in_stripes" in done.out
    assert "UPDATE alembic_version SET version_num='0002'" in done.out
    assert "CREATE TABLE artifacts " not in done.out
    assert catalog_of(old_url) == before


@pytest.mark.engines("postgresql", "mariadb")
def test_migrate_makes_the_tables_of_an_empty_database(tmp_path: Path, empty_database_url: str) -> None:
    done = migrate(tmp_path, empty_database_url)

    assert done.code == 0
    assert migrate(tmp_path, empty_database_url, "--check").code == 0


def test_a_newer_store_is_left_alone(tmp_path: Path, old_url: str) -> None:
    run_sql(old_url, "UPDATE alembic_version SET version_num = '9999'")

    done = migrate(tmp_path, old_url)

    assert done.code == 2
    assert "use a newer artifactd" in done.err


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = migrate(tmp_path, f"sqlite:///{tmp_path}/none.db")

    assert done.code == 2
    assert "there is no file" in done.err
    assert not (tmp_path / "none.db").exists()


def test_a_database_that_cannot_be_reached_is_said_so_without_its_password(tmp_path: Path) -> None:
    done = migrate(tmp_path, "postgresql://user:secret@127.0.0.1:1/none")

    assert done.code == 5
    assert "cannot use the database 'postgresql://127.0.0.1/none'" in done.err
    assert "secret" not in done.err + done.out


def test_check_and_dry_run_do_not_go_together(tmp_path: Path) -> None:
    assert migrate(tmp_path, "sqlite:///x.db", "--check", "--dry-run").code == 2
