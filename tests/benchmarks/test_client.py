"""The client's benchmark runs and fills its part of the page. How fast anything was is not looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from benchmarks import client
from benchmarks.client import Import, call_rows, import_rows
from benchmarks.client_calls import Round
from benchmarks.page import page, section_of

HEADING = "What the Python client costs"
PAGE = f"{page({})}\n## Engines\n\nkept\n"


@pytest.mark.slow
def test_a_tiny_run_puts_the_clients_part_into_the_page_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text(PAGE, encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks", "--only", "client", "--rounds", "1", "--calls", "20"]
    command += ["--write", str(path), "--directory", str(tmp_path / "data"), "--results", str(tmp_path / "results")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    assert section_of(text, "Engines") == "kept\n"
    assert section_of(text, HEADING).strip() in done.stdout
    table = [line.split("|")[1:3] for line in section_of(text, HEADING).splitlines() if line.startswith("| ")]
    clients = ["urllib3", "artifactd-client", *(["kfp-server-api"] if client.OFFICIAL.is_dir() else [])]
    assert [[cell.strip() for cell in row] for row in table[1 : 1 + 4 * len(clients)]] == [
        [title, through] for title in client.TITLES.values() for through in clients
    ]
    [kept] = (tmp_path / "results").iterdir()
    raw: Any = json.loads(kept.read_text(encoding="utf-8"))["raw"]
    assert len(raw["calls"]) == 4 * len(clients)
    assert str(tmp_path) not in text


def test_ratios_are_taken_within_each_round() -> None:
    rounds = [
        Round("get_artifact", "urllib3", 1, 100.0, 200.0),
        Round("get_artifact", "artifactd-client", 1, 120.0, 240.0),
        Round("get_artifact", "urllib3", 2, 300.0, 400.0),
        Round("get_artifact", "artifactd-client", 2, 330.0, 440.0),
    ]

    assert call_rows(rounds) == [
        ("get an artifact", "urllib3", "200", "100 to 300", "", "", "300"),
        ("get an artifact", "artifactd-client", "225", "120 to 330", "1.15", "1.10 to 1.20", "340"),
    ]


def test_an_imports_memory_is_what_it_takes_over_a_bare_python() -> None:
    found = [
        Import("time", 1, 0.0, 9_216),
        Import("urllib3", 1, 0.1, 19_456),
        Import("artifactd_client", 1, 0.12, 20_480),
    ]

    assert import_rows(found) == [
        ("urllib3", "100", "100 to 100", "", "10.0"),
        ("artifactd_client", "120", "120 to 120", "1.20", "11.0"),
    ]
