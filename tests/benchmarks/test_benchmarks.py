"""The benchmark runs, fills its table and checks what it stored. How fast anything was is not looked at."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from benchmarks.load import Load
from benchmarks.measuring import Round, why_void
from benchmarks.report import COLUMNS, markdown, rows

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk, the load generator, is not installed")


def load(requests: int = 1_000, **errors: int) -> Load:
    return Load(requests, 1_000_000, 1, 100.0, 200.0, 300.0, 400.0, errors, 0.1)


def a_round(operation: str, number: int, requests: int, void: str = "") -> Round:
    return Round(operation, 1, number, load(requests), 0.5, float(requests), 4_096, 200.0, void)


@needs_wrk
def test_a_tiny_run_fills_the_table_without_a_void_figure(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    command = [sys.executable, "-m", "benchmarks", "--rounds", "1", "--seconds", "1", "--clients", "2"]
    command += ["--operations", "log_metric,get_artifact", "--store-size", "200", "--write", str(page)]
    command += ["--directory", str(tmp_path / "data"), "--results", str(tmp_path / "results")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    table = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert [cell.strip() for cell in table[0].strip("|").split("|")] == list(COLUMNS)
    titles = [line.split("|")[1].strip() for line in table[2:]]
    assert titles == ["no-op, GET", "no-op, POST", "log one metric", "get an artifact"]
    assert "void" not in done.stdout
    assert "\n".join(table) in page.read_text(encoding="utf-8")
    [kept] = (tmp_path / "results").iterdir()
    raw: Any = json.loads(kept.read_text(encoding="utf-8"))
    assert [one["operation"] for one in raw["rounds"]] == ["noop_get", "noop_post", "log_metric", "get_artifact"]
    assert str(tmp_path) not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("seen", "stored", "reason"),
    [
        (load(), None, ""),
        (load(), 1_000.0, ""),
        (load(), 1_002.0, ""),
        (load(), 1_003.0, "1000 requests were acknowledged, and 1003 are in the store"),
        (load(), 999.0, "1000 requests were acknowledged, and 999 are in the store"),
        (load(status=3), None, "errors: 3 status"),
        (load(0), None, "no answers"),
    ],
)
def test_a_round_counts_only_without_errors_and_with_all_that_was_acknowledged(
    seen: Load, stored: float | None, reason: str
) -> None:
    assert why_void(seen, 2, stored) == reason


def test_ratios_are_taken_within_each_round_and_a_void_round_voids_its_figure() -> None:
    rounds = [
        a_round("noop_get", 1, 1_000),
        a_round("get_artifact", 1, 500),
        a_round("get_metric", 1, 500),
        a_round("noop_get", 2, 4_000),
        a_round("get_artifact", 2, 1_000),
        a_round("get_metric", 2, 0, "no answers"),
    ]
    cells = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows(rounds, "FULL")}

    assert cells["get an artifact"]["of the ceiling"] == "38%"
    assert cells["get a metric"]["requests/s"] == "void: no answers"
    assert cells["get a metric"]["of the ceiling"] == ""
    assert markdown(rows(rounds, "FULL")).count("\n") == 4
