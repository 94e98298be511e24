"""The demo, run for real: its own environment, KFP's local runner, scikit-learn, and a real server."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import LiveServer

from artifactd.interop.rest_client import RestClient

API = "/apis/v2beta1"
REPOSITORY = Path(__file__).parents[2]
DEMO_PYTHON = os.environ.get("ARTIFACTD_DEMO_PYTHON", "")
# Three times what a slow machine needs.
TIMEOUT_S = 300

pytestmark = [
    pytest.mark.demo,
    pytest.mark.skipif(
        not DEMO_PYTHON,
        reason="ARTIFACTD_DEMO_PYTHON names no Python of the demo's environment; `make demo-env` makes one",
    ),
]


def run_demo(server: str, pipeline_root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `record.py` as `make demo` does."""
    script = REPOSITORY / "examples" / "breast_cancer" / "record.py"
    return subprocess.run(
        [DEMO_PYTHON, str(script), "--server", server, "--pipeline-root", str(pipeline_root), *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def listed(url: str, noun: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = RestClient(url).get(f"{API}/{noun}", {"page_size": "200", **query})[noun]
    return found


def test_the_demo_records_a_whole_run_and_shows_where_its_model_comes_from(
    live_server: LiveServer, tmp_path: Path
) -> None:
    demo = run_demo(live_server.url, tmp_path)

    assert demo.returncode == 0, demo.stderr
    (run,) = listed(live_server.url, "runs")
    assert (run["state"], run["pipeline_name"]) == ("SUCCEEDED", "breast-cancer")
    tasks = listed(live_server.url, "tasks")
    assert {task["state"] for task in tasks} == {"SUCCEEDED"}
    assert all(task["start_time"] < task["end_time"] for task in tasks)
    assert [entry["state"] for entry in tasks[0]["state_history"]] == ["RUNNING", "SUCCEEDED"]
    assert len(tasks) == 8
    types = sorted(each["type"] for each in listed(live_server.url, "artifacts"))
    assert types == ["Artifact"] * 6 + ["Dataset"] * 3 + ["Markdown"] + ["Model"] * 3
    curves = [each for each in listed(live_server.url, "metrics") if each["name"] == "roc_curve"]
    assert [each["value"]["confidenceMetrics"][0]["confidenceThreshold"] for each in curves] == ["Infinity"] * 2
    assert re.search(
        r"^Model chosen  …[0-9a-f]{8}\n└── task pick-better  SUCCEEDED  \d+\.\d s$", demo.stdout, re.MULTILINE
    )
    assert re.search(r"^roc_curve +ROC curve of \d+ points, area 0\.\d{4}$", demo.stdout, re.MULTILINE)
    assert f"{live_server.url}{API}/runs/{run['run_id']}" in demo.stdout


def test_a_demo_whose_component_fails_is_recorded_as_failed_and_says_so(
    live_server: LiveServer, tmp_path: Path
) -> None:
    demo = run_demo(live_server.url, tmp_path, "--parameter", "regularization=0")

    assert demo.returncode == 1
    assert "ValueError: regularization is 0.0; it must be above 0" in demo.stderr
    (run,) = listed(live_server.url, "runs")
    assert run["state"] == "FAILED"
    (failed,) = (task for task in listed(live_server.url, "tasks") if task["state"] == "FAILED")
    assert failed["name"] == "train-logistic-regression"
    assert failed["error"]["message"].startswith("ValueError: regularization is 0.0; it must be above 0")


def test_a_demo_without_a_server_says_what_to_do(tmp_path: Path) -> None:
    demo = run_demo("http://127.0.0.1:1", tmp_path)

    assert demo.returncode == 1
    assert "no artifactd server answers at http://127.0.0.1:1" in demo.stderr
    assert "Traceback" not in demo.stderr
