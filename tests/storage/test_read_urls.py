"""What `--read-database-url` takes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from artifactd.errors import InvalidArgument
from artifactd.storage.store import open_store

POSTGRESQL = "postgresql://user:secret@127.0.0.1:1/store"
MYSQL = "mysql://user:secret@127.0.0.1:1/store"


@pytest.mark.parametrize(
    ("url", "read_url", "message"),
    [
        (POSTGRESQL, MYSQL, "read-database-url 'mysql://127.0.0.1:1/store' is no replica of 'postgresql://127.0.0.1:1"),
        (MYSQL, POSTGRESQL, "is no replica of 'mysql://127.0.0.1:1/store': both must be PostgreSQL, or both MySQL or"),
        (POSTGRESQL, "sqlite:///copy.db", "is no replica of"),
        ("sqlite:///store.db", "sqlite:///copy.db", "is no replica of"),
        ("sqlite:///store.db", POSTGRESQL, "is no replica of"),
        (POSTGRESQL, "redis://user:secret@127.0.0.1/store", "read-database-url 'redis://127.0.0.1/store' is not supp"),
        (POSTGRESQL, "store", "read-database-url 'store' is not supported"),
        (POSTGRESQL, "postgresql://host/store?nonsense=secret", "read-database-url is not a PostgreSQL URL"),
        (MYSQL, "mysql://host/store?nonsense=secret", "read-database-url has an unknown option 'nonsense'"),
        (MYSQL, "mysql://host", "read-database-url is not a MySQL URL"),
    ],
)
def test_a_url_that_cannot_be_one_of_a_replica_is_refused_before_anything_is_opened(
    url: str, read_url: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InvalidArgument) as refused:
        asyncio.run(open_store(url, read_urls=(read_url,)))

    assert message in refused.value.message
    assert "secret" not in refused.value.message
    assert list(tmp_path.iterdir()) == []


def test_serve_says_why_it_refuses_a_replica(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "artifactd",
        "serve",
        "--port",
        "0",
        "--database-url",
        f"sqlite:///{tmp_path}/s.db",
    ]

    ended = subprocess.run([*command, "--read-database-url", MYSQL], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: read-database-url 'mysql://127.0.0.1:1/store' is no replica of")
