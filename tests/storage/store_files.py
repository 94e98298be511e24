"""Files of stores for the tests of backups: made, looked into, and left in the middle of something."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
from support import DirectApi

_SCRIPT = """
import resource, sys
from pathlib import Path
from artifactd.storage.backup import backup_store, restore_store

def progress(doing, pages, of_pages):
    if doing == sys.argv[1] and pages < max(of_pages, 1):
        print("in the middle", flush=True)
        sys.stdin.read()

if sys.argv[2] != "None":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
"""


def url_of(path: Path) -> str:
    """A store's URL."""
    return f"sqlite:///{path}"


def silent(doing: str, pages: int, of_pages: int) -> None:
    """Shows no progress."""


def small_store(path: Path, name: str = "model") -> Path:
    """Makes a store that holds something of everything."""
    path.write_bytes(_small_store(name))
    return path


def big_store(path: Path) -> Path:
    """Makes a store of some 20 MB, which is copied in several steps."""
    path.write_bytes(_big_store())
    return path


@functools.cache
def _small_store(name: str) -> bytes:
    def fill(api: DirectApi) -> None:
        made = api.artifact(name=name, metadata={"depth": 3}, request={"task_id": "t", "producer_key": "out"})
        api.link(artifact_id=made["artifact_id"], task_id="u", type="INPUT")
        api.metric()
        api.task(task_id="v", run_id="r")
        api.ok("PATCH", "/runs/r", {"display_name": "first"})

    return _store_filled(fill)


@functools.cache
def _big_store() -> bytes:
    def fill(api: DirectApi) -> None:
        for number in range(20):
            api.artifact(name=f"big {number}", metadata={"filling": "x" * 1_000_000})
        small = [{"artifact": {"name": f"small {number}"}} for number in range(200)]
        api.ok("POST", "/artifacts:batchCreate", {"artifacts": small})

    return _store_filled(fill)


def _store_filled(fill: Callable[[DirectApi], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        api = DirectApi(url_of(path))
        fill(api)
        api.close()
        return path.read_bytes()


def rows_of(path: Path) -> dict[str, list[Any]]:
    """Every row of every table.

    Files are looked into by the very library that the program uses: of two SQLite libraries in one process, neither
    sees the other's locks.
    """
    with contextlib.closing(apsw.Connection(str(path))) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}


@contextlib.contextmanager
def in_the_middle(call: str, doing: str, *, file_bytes_max: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """A process that makes a call and stands still in the middle of it, until its standard input is closed.

    Args:
        call: of `backup_store` or `restore_store`, with `progress=progress`.
        doing: the part of the work in which it stands still.
        file_bytes_max: how large its files may become; beyond, writing fails as on a full disk.
    """
    arguments = [sys.executable, "-c", _SCRIPT + call, doing, str(file_bytes_max)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == "in the middle\n" or file_bytes_max is not None, process.communicate()[1]
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
