"""The benchmark runs, fills its tables and checks what it stored. How fast anything was is not looked at."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmark_rounds import a_round, load
from support import ROOT

from benchmarks import report
from benchmarks.ceilings import CEILINGS
from benchmarks.load import Load
from benchmarks.measuring import Round, as_raw, from_raw, why_void
from benchmarks.peers.environments import NOOP

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk, the load generator, is not installed")
needs_noop = pytest.mark.skipif(not NOOP.python.exists(), reason="make .bench/noop/installed.txt makes what it needs")


@needs_wrk
@needs_noop
@pytest.mark.slow
def test_a_tiny_run_fills_the_tables_without_a_void_figure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "server", "--rounds", "1", "--seconds", "1"]
    command += ["--clients", "2", "--works", "log_metric,get_artifact", "--store-size", "200"]
    command += ["--directory", str(tmp_path / "data"), "--results", str(tmp_path / "results")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    tables = [line for line in done.stdout.splitlines() if line.startswith("|")]
    first_cells = [[cell.strip() for cell in line.strip("|").split("|")][:3] for line in tables]
    assert [cells for cells in first_cells if cells[1] == "artifactd"] == [
        ["log one metric", "artifactd", "2"],
        ["get one", "artifactd", "2"],
    ]
    assert {cells[1] for cells in first_cells if cells[0] == "no-op, GET"} == {each.title for each in CEILINGS}
    assert "void" not in done.stdout
    [kept] = (tmp_path / "results").iterdir()
    raw: Any = json.loads(kept.read_text(encoding="utf-8"))
    ours = [one["work"] for one in raw["raw"] if one["subject"] == "artifactd"]
    assert ours == ["log_metric", "get_artifact"]
    assert str(tmp_path) not in kept.read_text(encoding="utf-8")
    assert list((tmp_path / "data").iterdir()) == []


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


def test_rounds_come_back_as_they_were_kept() -> None:
    rounds = [a_round("artifactd", "log_metric", 1, 500), a_round("mlflow", "get_artifact", 2, 5, void="no answers")]

    assert from_raw(json.loads(json.dumps(as_raw(rounds)))) == rounds


def drifting(work: str = "get_artifact") -> list[Round]:
    """Two rounds in which the machine became four times faster, and artifactd kept up with MLflow only half."""
    return [
        a_round("artifactd", work, 1, 500),
        a_round("mlflow", work, 1, 10),
        a_round("noop-falcon", "noop_get", 1, 1_000),
        a_round("artifactd", work, 2, 1_000),
        a_round("mlflow", work, 2, 40),
        a_round("noop-falcon", "noop_get", 2, 4_000),
    ]


def test_ratios_are_taken_within_each_round() -> None:
    assert report.ratios(drifting(), "get_artifact", 1, "mlflow") == [50.0, 25.0]


def test_a_read_is_compared_with_what_each_ceiling_does_instead() -> None:
    assert report.ratios(drifting(), "get_artifact", 1, "noop-falcon") == [0.5, 0.25]


def test_a_write_is_not_compared_with_a_ceilings_get() -> None:
    assert report.ratios(drifting("log_metric"), "log_metric", 1, "noop-falcon") == []


@pytest.mark.parametrize("subject", ["artifactd", "mlflow"])
def test_a_void_round_of_either_voids_their_ratio(subject: str) -> None:
    rounds = [*drifting(), a_round(subject, "get_artifact", 3, 0, void="no answers")]

    assert report.ratios(rounds, "get_artifact", 1, "mlflow") == []


def test_a_library_is_compared_by_what_its_one_caller_gets() -> None:
    rounds = [a_round("artifactd", "log_metric", 1, 800, clients=16), a_round("ml-metadata", "log_metric", 1, 400)]

    assert report.ratios(rounds, "log_metric", 16, "ml-metadata") == [2.0]


def test_a_service_is_not_compared_at_another_number_of_clients() -> None:
    rounds = [a_round("artifactd", "log_metric", 1, 800, clients=16), a_round("mlflow", "log_metric", 1, 400)]

    assert report.ratios(rounds, "log_metric", 16, "mlflow") == []


def test_a_void_round_voids_its_figure_and_says_why() -> None:
    rounds = [a_round("mlflow", "get_artifact", 1, 10), a_round("mlflow", "get_artifact", 2, 0, void="no answers")]

    [row] = report.rows(rounds)

    cells = dict(zip(report.COLUMNS, row, strict=True))
    assert (cells["by"], cells["requests/s"], cells["p99 ms"]) == ("MLflow", "void: no answers", "")


def test_the_ratios_table_has_a_column_for_each_peer_and_each_ceiling_that_took_part() -> None:
    head, cells = report.ratio_table(drifting())

    found = dict(zip(head, cells[0], strict=True))
    assert (found["× MLflow"], found["of uvicorn + Falcon"]) == ("37.5 (25.0 to 50.0)", "38% (25% to 50%)")
    assert "× ml-metadata" not in head


def test_bytes_of_an_item_are_those_of_all_rounds_that_add_such() -> None:
    rounds = [
        a_round("artifactd", "log_metric", 1, 100, disk_bytes=8_192),
        a_round("artifactd", "batch_log_metrics", 1, 1, stored=1.0, disk_bytes=0),
        a_round("artifactd", "create_artifact", 1, 1, disk_bytes=4_096),
    ]

    assert report.bytes_per_item(rounds, "artifactd", "metrics") == 8_192 / 200
