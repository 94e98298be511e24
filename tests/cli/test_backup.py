"""`artifactd backup` and `artifactd restore`, as processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cli.processes import Done, environment, run, run_at_terminal
from storage.store_files import big_store, rows_of, small_store, url_of
from support import Api, LiveServer

from artifactd.storage.migrate import SCHEMA_VERSION

COUNTS = "1 artifact, 2 links, 1 metric, 3 tasks, 1 run"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A small store."""
    return small_store(tmp_path / "store.db")


def artifactd(tmp_path: Path, *arguments: object, store: Path | None = None) -> Done:
    """Runs a command on a store that the environment names."""
    more = {} if store is None else {"ARTIFACTD_DATABASE_URL": url_of(store)}
    return run(environment(tmp_path, **more), *arguments)


def test_a_store_goes_into_a_file_and_out_of_it(tmp_path: Path, store: Path) -> None:
    file, other = tmp_path / "file.db", tmp_path / "other.db"

    saved = artifactd(tmp_path, "backup", file, store=store)
    restored = artifactd(tmp_path, "restore", file, "--database-url", url_of(other))

    assert re.fullmatch(rf"backed up {COUNTS} to \S+/file\.db \(\d+ KiB\) in \d+\.\d s\n", saved.out)
    assert re.fullmatch(rf"restored {COUNTS} from \S+/file\.db \(\d+ KiB\) in \d+\.\d s\n", restored.out)
    assert (saved.code, saved.err, restored.code, restored.err) == (0, "", 0, "")
    assert rows_of(other) == rows_of(store)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_the_counts_come_as_json(tmp_path: Path, store: Path, command: str) -> None:
    file = tmp_path / "file.db"
    if command == "restore":
        artifactd(tmp_path, "backup", file, store=store)
        store = tmp_path / "other.db"

    facts = json.loads(artifactd(tmp_path, command, file, "--json", store=store).out)

    assert facts.pop("seconds") > 0
    assert facts == {
        "file": str(file), "schema_version": SCHEMA_VERSION, "bytes": file.stat().st_size,
        "artifacts": 1, "artifact_tasks": 2, "metrics": 1, "tasks": 3, "runs": 1,
    }  # fmt: skip


def test_a_busy_server_is_backed_up_and_loses_nothing(tmp_path: Path) -> None:
    store = big_store(tmp_path / "store.db")
    server = LiveServer(url_of(store))
    api = Api(server.url)
    answered = [api.artifact(name="before")["artifact_id"]]
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            batch = [{"artifact": {"name": "meanwhile"}, "task_id": "t", "producer_key": "k"} for _ in range(20)]
            api.ok("POST", "/artifacts:batchCreate", {"artifacts": batch})

    writer = threading.Thread(target=write)
    writer.start()
    done = artifactd(tmp_path, "backup", tmp_path / "file.db", store=store)
    stop.set()
    writer.join()

    assert done.code == 0, done.err
    rows = rows_of(tmp_path / "file.db")
    assert answered[0].replace("-", "") in {row[1].hex() for row in rows["artifacts"]}
    meanwhile = sum(1 for row in rows["artifacts"] if "meanwhile" in row)
    assert meanwhile % 20 == 0, "a batch is in the backup as a whole or not at all"
    assert meanwhile == len(rows["artifact_tasks"])
    assert {row[0]: row[4] for row in rows["counts"]}["artifacts"] == len(rows["artifacts"])
    api.close()
    assert server.stop() == 0


def test_progress_is_shown_at_a_terminal(tmp_path: Path) -> None:
    store = big_store(tmp_path / "store.db")
    env = environment(tmp_path, ARTIFACTD_DATABASE_URL=url_of(store))

    done = run_at_terminal(env, "backup", tmp_path / "file.db", out=False)

    assert re.search(r"\rcopying: 1,024 of \d,\d\d\d pages …", done.err)
    assert "\rchecking …" in done.err
    assert done.err.endswith(" \r")
    assert done.out.startswith("backed up 220 artifacts, 0 links, ")


def test_a_file_that_exists_ends_with_6_and_force_replaces_it(tmp_path: Path, store: Path) -> None:
    (tmp_path / "file.db").touch()

    refused = artifactd(tmp_path, "backup", tmp_path / "file.db", store=store)
    forced = artifactd(tmp_path, "backup", "--force", tmp_path / "file.db", store=store)

    assert (refused.code, refused.out) == (6, "")
    assert "say --force to replace it" in refused.err
    assert forced.code == 0


def test_a_store_that_holds_something_ends_with_6_and_force_replaces_it(tmp_path: Path, store: Path) -> None:
    artifactd(tmp_path, "backup", tmp_path / "file.db", store=store)
    other = small_store(tmp_path / "other.db", "another")

    refused = artifactd(tmp_path, "restore", tmp_path / "file.db", store=other)
    forced = artifactd(tmp_path, "restore", tmp_path / "file.db", "--force", store=other)

    assert (refused.code, forced.code) == (6, 0)
    assert rows_of(other) == rows_of(store)


def test_a_served_store_ends_with_6_even_with_force(tmp_path: Path, store: Path) -> None:
    artifactd(tmp_path, "backup", tmp_path / "file.db", store=store)
    server = LiveServer(url_of(store))

    done = artifactd(tmp_path, "restore", "--force", tmp_path / "file.db", store=store)

    assert (done.code, done.out) == (6, "")
    assert "stop the server that uses it first" in done.err
    assert server.stop() == 0


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_what_is_not_there_ends_with_3(tmp_path: Path, command: str) -> None:
    done = artifactd(tmp_path, command, tmp_path / "file.db", store=tmp_path / "store.db")

    assert (done.code, done.out) == (3, "")


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_another_engine_ends_with_2_and_its_tools(tmp_path: Path, command: str) -> None:
    done = artifactd(tmp_path, command, "file", "--database-url", "postgresql://u:secret@db/a")

    assert (done.code, done.out) == (2, "")
    assert "PostgreSQL's pg_basebackup or pg_dump, or `artifactd copy`" in done.err
    assert "secret" not in done.err


def test_an_older_schema_is_told_with_what_to_do(tmp_path: Path, store: Path) -> None:
    import apsw

    connection = apsw.Connection(str(store))
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    artifactd(tmp_path, "backup", tmp_path / "file.db", store=store)

    done = artifactd(tmp_path, "restore", tmp_path / "file.db", store=tmp_path / "other.db")

    assert done.code == 0
    assert "has the schema version 0000" in done.err
    assert "run `artifactd migrate` before it is served" in done.err


def test_a_backup_does_without_the_web_framework(tmp_path: Path, store: Path) -> None:
    script = (
        "import sys\nfrom artifactd.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('loaded', sorted({'httptools', 'uvloop', 'msgspec', 'alembic'} & set(sys.modules)))\n"
    )
    arguments = ["backup", str(tmp_path / "file.db"), "--database-url", url_of(store)]

    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "loaded []"
