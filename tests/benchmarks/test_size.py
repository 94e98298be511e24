"""The size benchmark fills a store as the program would, and measures it. How fast anything was is not looked at."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from support import ROOT

from artifactd.storage import schema
from benchmarks.size_contents import HUB_NAMESPACE, HUBS, TASKS, Encoding, Shape, TableRows, uuid_text
from benchmarks.size_engines import make_schema
from benchmarks.size_loading import SqliteLoader, load
from benchmarks.size_measuring import Request, Side

SCALE = 0.001
ENCODING = Encoding(lambda value: value.to_bytes(16, "big"), None)


def rows_of(shape: Shape, name: str) -> TableRows:
    return next(each for each in shape.tables() if each.table.name == name)


def test_the_kept_counts_are_those_of_the_rows() -> None:
    shape = Shape(SCALE)
    counted: Counter[tuple[str, int, str]] = Counter()
    for each in shape.tables():
        if "namespace_id" in each.varying and each.table not in (schema.namespaces, schema.counts):
            namespace = each.varying.index("namespace_id")
            kind = each.varying.index("type") if each.table is schema.artifact_tasks else None
            for row in each.rows(ENCODING):
                counted[each.table.name, row[namespace], row[kind] if kind is not None else ""] += 1

    kept = {(noun, number, kind): total for noun, number, kind, total in rows_of(shape, "counts").rows(ENCODING)}

    assert {key: total for key, total in kept.items() if total} == counted


def test_each_hub_has_a_hundredth_of_a_namespaces_readers_or_more() -> None:
    shape = Shape(SCALE)
    tasks = len(shape.runs_of[HUB_NAMESPACE]) * TASKS

    read = Counter(artifact for task in range(shape.runs * TASKS) for artifact in shape.inputs(task))

    first = TASKS * 2 * shape.runs_of[HUB_NAMESPACE][0]
    assert all(read[first + hub] > tasks / 100 for hub in range(HUBS))


def test_a_filled_store_is_one_of_the_programs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    make_schema(url)
    shape = Shape(SCALE)

    loaded = load(SqliteLoader(tmp_path / "store.db"), shape, lambda _: None)

    side = Side(url, shape, lambda: 0.0)
    made = shape.artifact(7)
    fields = {name: getattr(made, name) for name in ("namespace", "name", "type", "uri", "number_value")}
    message = {"artifact": fields | {"metadata": side.call(_artifact(shape, 7)).json["metadata"]}}
    found = side.call(Request("POST", "/artifacts", None, message | {"reuse_if_exists": True})).json
    assert found == side.call(_artifact(shape, 7)).json
    listed = side.call(Request("GET", "/metrics", {"run_ids": "run-00000003"})).json
    assert (listed["total_size"], listed["metrics"][0]["task_id"]) == (60, "run-00000003-0")
    side.close()
    assert loaded.rows["artifacts"] == shape.runs * TASKS * 2


def _artifact(shape: Shape, number: int) -> Request:
    return Request("GET", f"/artifacts/{uuid_text(shape.artifact_uuid(number))}")


@pytest.mark.slow
def test_a_tiny_run_writes_its_section_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "size.md"
    page.write_text("# Old\n\n## PostgreSQL\n\nkept\n")
    command = [sys.executable, "-m", "benchmarks.size", "--scale", str(SCALE), "--small-scale", str(SCALE)]
    command += ["--only", "get: ", "--write", str(page), "--directory", str(tmp_path / "data")]
    command += ["--results", str(tmp_path / "results")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    text = page.read_text()
    assert "## SQLite" in text
    assert "## PostgreSQL\n\nkept" in text
    assert str(tmp_path) not in text
    assert list((tmp_path / "data").iterdir()) == []
