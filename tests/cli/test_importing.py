"""`artifactd import kfp-local`, against a real server."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support import LiveServer

from artifactd.cli.main import main
from artifactd.interop.rest_client import RestClient
from artifactd.interop.run_folder import write_recorded_as

API = "/apis/v2beta1"
RECORDED = Path(__file__).parents[1] / "interop" / "fixtures"
NESTED, BREAST_CANCER = RECORDED / "nested.yaml", RECORDED / "breast-cancer.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A PIPELINE_ROOT with a run of `breast-cancer` and two of `nested`."""
    shutil.copytree(RECORDED / "pipeline_root", tmp_path / "root")
    return tmp_path / "root"


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person who runs the tests counts."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def run_import(*arguments: object, **environment: str | None) -> Result:
    return CliRunner().invoke(main, ["import", "kfp-local", *map(str, arguments)], env=environment)


def run_ids(result: Result) -> list[str]:
    return re.findall(r"^run (\S+):", result.stdout, re.MULTILINE)


def listed(url: str, noun: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = RestClient(url).get(f"{API}/{noun}", {"page_size": "200", **query})[noun]
    return found


def test_a_run_is_imported_and_counted(live_server: LiveServer, root: Path) -> None:
    result = run_import(root, "--pipeline", BREAST_CANCER, "--server", live_server.url)

    assert (result.exit_code, len(run_ids(result))) == (0, 1)
    assert result.stdout.endswith(": 8 tasks, 13 artifacts, 29 links, 16 metrics\n")


def test_only_the_result_is_on_standard_output(live_server: LiveServer, root: Path) -> None:
    result = run_import(root, "--pipeline", BREAST_CANCER, "--server", live_server.url)

    assert len(result.stdout.splitlines()) == 1
    assert "sending 8 tasks of pipeline 'breast-cancer'" in result.stderr


def test_every_run_of_the_pipeline_in_the_root_is_imported(live_server: LiveServer, root: Path) -> None:
    result = run_import(root, "--pipeline", NESTED, "--server", live_server.url)

    assert run_ids(result) == [each["run_id"] for each in listed(live_server.url, "runs")]
    assert len(run_ids(result)) == 2


def test_importing_twice_changes_nothing(live_server: LiveServer, root: Path) -> None:
    nouns = ("runs", "tasks", "artifacts", "metrics")
    first = run_import(root, "--pipeline", NESTED, "--server", live_server.url)
    before = [listed(live_server.url, noun) for noun in nouns]

    again = run_import(root, "--pipeline", NESTED, "--server", live_server.url)

    assert again.stdout == first.stdout
    assert [listed(live_server.url, noun) for noun in nouns] == before


def test_tasks_whose_state_nobody_knows_are_told(live_server: LiveServer, root: Path) -> None:
    result = run_import(max(root.glob("nested-*")), "--pipeline", NESTED, "--server", live_server.url)

    assert "state unknown, so left unset, of fit" in result.stderr


def test_what_could_not_be_read_is_told(live_server: LiveServer, root: Path) -> None:
    (next(root.glob("breast-cancer-*")) / "evaluate" / "executor_output.json").write_text("{")

    result = run_import(root, "--pipeline", BREAST_CANCER, "--server", live_server.url)

    assert result.exit_code == 0
    assert re.search(r"^warning: .*executor_output.json cannot be read", result.stderr, re.MULTILINE)


def test_the_server_comes_from_the_environment(live_server: LiveServer, root: Path) -> None:
    result = run_import(root, "--pipeline", BREAST_CANCER, ARTIFACTD_SERVER=live_server.url)

    assert result.exit_code == 0


def test_a_single_run_can_be_given_an_id_and_a_name(live_server: LiveServer, root: Path) -> None:
    options = ("--run-id", "my-run", "--run-name", "My run", "--server", live_server.url)

    run_import(root, "--pipeline", BREAST_CANCER, *options)

    (run,) = listed(live_server.url, "runs")
    assert (run["run_id"], run["display_name"]) == ("my-run", "My run")


@pytest.mark.parametrize("option", ["--run-id", "--run-name"])
def test_several_runs_cannot_share_an_id_or_a_name(live_server: LiveServer, root: Path, option: str) -> None:
    result = run_import(root, "--pipeline", NESTED, option, "mine", "--server", live_server.url)

    assert result.exit_code == 2
    assert f"{option} is for a single run, and PIPELINE_ROOT holds 2 of them" in result.stderr


def test_a_run_goes_into_the_namespace_asked_for(live_server: LiveServer, root: Path) -> None:
    run_import(root, "--pipeline", BREAST_CANCER, "--namespace", "research", "--server", live_server.url)

    assert {each["namespace"] for each in listed(live_server.url, "artifacts")} == {"research"}


def test_a_run_can_be_imported_into_two_namespaces(live_server: LiveServer, root: Path) -> None:
    for namespace in ("research", "production"):
        result = run_import(root, "--pipeline", BREAST_CANCER, "--namespace", namespace, "--server", live_server.url)
        assert result.exit_code == 0

    assert {each["namespace"] for each in listed(live_server.url, "runs")} == {"research", "production"}


def test_a_run_that_was_recorded_while_it_ran_is_passed_over(live_server: LiveServer, root: Path) -> None:
    RestClient(live_server.url).patch(f"{API}/runs/live", {"display_name": "recorded live"})
    write_recorded_as(next(root.glob("breast-cancer-*")), "live")

    result = run_import(root, "--pipeline", BREAST_CANCER, "--server", live_server.url)

    assert (result.exit_code, result.stdout) == (0, "run live: recorded before\n")
    assert listed(live_server.url, "tasks") == []


def test_a_run_that_was_recorded_in_another_server_is_imported(live_server: LiveServer, root: Path) -> None:
    write_recorded_as(next(root.glob("breast-cancer-*")), "live")

    result = run_import(root, "--pipeline", BREAST_CANCER, "--server", live_server.url)

    assert (result.exit_code, len(listed(live_server.url, "tasks"))) == (0, 8)


def test_a_server_that_cannot_be_reached_is_said_with_what_to_do(root: Path) -> None:
    result = run_import(root, "--pipeline", BREAST_CANCER, "--server", "http://127.0.0.1:1")

    assert result.exit_code == 5
    assert "Error: no artifactd server answers at http://127.0.0.1:1" in result.stderr
    assert "Start one with `artifactd serve`" in result.stderr


def test_a_root_that_is_not_there_is_said_with_what_to_give(tmp_path: Path) -> None:
    result = run_import(tmp_path / "nowhere", "--pipeline", BREAST_CANCER)

    assert result.exit_code == 2
    assert "is not a folder. Give the folder that was passed to kfp.local.init" in result.stderr


def test_a_file_that_is_no_compiled_pipeline_is_said_with_what_to_give(root: Path) -> None:
    result = run_import(root, "--pipeline", RECORDED / "README.md")

    assert result.exit_code == 2
    assert "is not a compiled KFP v2 pipeline" in result.stderr


def test_the_compiled_pipeline_is_required(root: Path) -> None:
    result = run_import(root)

    assert result.exit_code == 2
    assert "Missing option '--pipeline'" in result.stderr


def test_the_help_has_an_example_and_the_exit_codes() -> None:
    result = run_import("--help")

    assert "artifactd import kfp-local ./local_outputs --pipeline compiled.yaml" in result.stdout
    assert "Exit codes are those of `artifactd --help`" in result.stdout
