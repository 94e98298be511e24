"""`artifactd copy`, as a process."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli.processes import Done, environment, run, run_at_terminal
from storage.copies import api_of
from storage.store_files import big_store, small_store, url_of

ROWS = {
    "api_keys": 0,
    "artifact_tasks": 2,
    "artifacts": 1,
    "audit": 0,
    "counts": 6,
    "idempotency_keys": 0,
    "metric_points": 1,
    "metrics": 1,
    "namespaces": 1,
    "runs": 1,
    "tasks": 3,
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A small store."""
    return small_store(tmp_path / "store.db")


def artifactd_copy(folder: Path, *more: object, source: Path | None = None) -> Done:
    """Runs the command on the store in a folder, to a file beside it."""
    urls = ["--from", url_of(source or folder / "store.db"), "--to", url_of(folder / "copy.db")]
    return run(environment(folder), "copy", *urls, *more)


def test_a_store_is_copied_with_a_line_for_each_table(tmp_path: Path, store: Path) -> None:
    done = artifactd_copy(tmp_path)

    assert done.code == 0
    *tables, last = done.out.splitlines()
    assert {line.split()[0]: int(line.split()[1]) for line in tables} == ROWS
    assert re.fullmatch(r"copied \S+/store\.db to \S+/copy\.db: 16 rows in \d+\.\d s, the same on both sides", last)
    with api_of(url_of(store)) as before, api_of(url_of(tmp_path / "copy.db")) as after:
        assert after.get("/artifacts") == before.get("/artifacts")


@pytest.mark.usefixtures("store")
def test_progress_is_a_line_for_each_step_of_a_table_where_no_terminal_is(tmp_path: Path) -> None:
    lines = [line.split("% ")[1] for line in artifactd_copy(tmp_path).err.splitlines()]

    assert lines[:2] == ["copying artifact_tasks: 2 rows", "copying artifacts: 1 rows"]
    assert "making the indexes of metrics" in lines
    assert lines[-1] == "checking tasks: 3 rows"
    assert "copying idempotency_keys: 0 rows" not in lines


def test_progress_is_one_line_at_a_terminal_which_is_gone_in_the_end(tmp_path: Path) -> None:
    urls = ["--from", url_of(big_store(tmp_path / "store.db")), "--to", url_of(tmp_path / "copy.db")]

    done = run_at_terminal(environment(tmp_path), "copy", *urls, columns=60, out=False)

    shown = done.err.split("\r")
    assert re.search(r"% copying artifacts: [\d,]+ rows, [\d,]+ of [\d,]+ in all, [\d,]+", "".join(shown))
    assert max(map(len, shown)) < 60
    assert shown[-1] == ""
    assert "\n" not in done.err


@pytest.mark.usefixtures("store")
def test_the_summary_comes_as_json(tmp_path: Path) -> None:
    facts = json.loads(artifactd_copy(tmp_path, "--json").out)

    assert facts.pop("seconds") > 0
    tables = facts.pop("tables")
    assert {table["table"]: table["rows"] for table in tables} == ROWS
    assert all(table["written"] == table["rows"] and len(table["digest"]) == 32 for table in tables)
    assert facts == {
        "from": str(tmp_path / "store.db"),
        "to": str(tmp_path / "copy.db"),
        "resumed": False,
        "rows": 16,
        "written": 16,
    }


@pytest.mark.usefixtures("store")
def test_two_stores_are_compared_without_copying(tmp_path: Path) -> None:
    missing = artifactd_copy(tmp_path, "--verify-only")
    artifactd_copy(tmp_path)

    compared = artifactd_copy(tmp_path, "--verify-only")

    assert (missing.code, missing.err) == (2, f"Error: there is no file '{tmp_path}/copy.db' to copy\n")
    assert compared.code == 0
    assert "compared " in compared.out
    assert "checking tasks: 3 rows" in compared.err


@pytest.mark.usefixtures("store")
def test_a_target_that_is_not_empty_is_a_conflict(tmp_path: Path) -> None:
    small_store(tmp_path / "copy.db", "another")

    done = artifactd_copy(tmp_path)

    assert (done.code, done.out) == (6, "")
    assert "is not empty: it has rows in artifact_tasks. Copy into an empty database" in done.err


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = artifactd_copy(tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.err == f"Error: there is no file '{tmp_path}/store.db' to copy\n"
    assert not (tmp_path / "copy.db").exists()


def test_a_database_that_is_out_of_reach_says_how_to_go_on(tmp_path: Path, store: Path) -> None:
    env = environment(
        tmp_path, ARTIFACTD_COPY_FROM=url_of(store), ARTIFACTD_COPY_TO="postgresql://u:secret@127.0.0.1:1/x"
    )

    done = run(env, "copy")

    assert (done.code, done.out) == (5, "")
    assert "Run the same command again: it goes on where it stopped." in done.err
    assert "secret" not in done.err


def test_both_stores_have_to_be_named(tmp_path: Path) -> None:
    done = run(environment(tmp_path), "copy", "--from", "sqlite:///store.db")

    assert done.code == 2
    assert "Missing option '--to'" in done.err
