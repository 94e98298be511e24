"""`artifactd metric …`, as a process against a real server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Cli
from cli.processes import answering, command, environment, http, run, run_at_terminal
from support import Api

MATRIX = {"confusionMatrix": {"annotationSpecs": [{"displayName": "a"}], "rows": [{"row": [3]}]}}


def value_of(server: Api, task: str, name: str) -> Any:
    return server.get(f"/metrics/{task}/{name}")["value"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0.97", 0.97),
        ("-0.5", -0.5),
        ("3", 3.0),
        ("1e-7", 1e-7),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("inf", "Infinity"),
    ],
)
def test_a_number_is_logged_as_it_is(cli: Cli, server: Api, given: str, kept: Any) -> None:
    done = cli("metric", "log", "numbers", "n", given)

    assert (done.code, done.out, done.err) == (0, "", "logged n of task numbers\n")
    assert server.get("/metric_history/numbers/n", page_size=200)["metrics"][-1]["value"] == kept


def test_everything_about_a_point_can_be_said(cli: Cli) -> None:
    line = ("metric", "log", "t1", "val/loss", "-1", "--step", "-3", "--at", "2026-01-31", "--type", "metric_output")

    done = cli(*line, "--run", "r1", "--namespace", "n1", "--json")

    assert json.loads(done.out) == {
        "task_id": "t1", "name": "val/loss", "value": -1.0, "schema": "Metric", "type": "METRIC_OUTPUT", "step": -3,
        "created_at": "2026-01-31T00:00:00Z", "namespace": "n1", "run_id": "r1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (MATRIX, "ClassificationMetric"),
        ({"evaluationSlices": []}, "SlicedClassificationMetric"),
        ([1], "ClassificationMetric"),
    ],
)
def test_the_schema_is_read_off_the_value(cli: Cli, value: Any, schema: str) -> None:
    done = cli("metric", "log", "t2", "m", json.dumps(value), "--json")

    assert (json.loads(done.out)["schema"], json.loads(done.out)["value"]) == (schema, value)


def test_a_value_comes_from_a_file_or_standard_input(cli: Cli, server: Api, tmp_path: Path) -> None:
    (tmp_path / "matrix.json").write_text(json.dumps(MATRIX))

    cli("metric", "log", "t3", "file", f"@{tmp_path}/matrix.json")
    cli("metric", "log", "t3", "piped", "-", stdin="0.25\n")

    assert (value_of(server, "t3", "file"), value_of(server, "t3", "piped")) == (MATRIX, 0.25)


def test_metrics_of_a_task_are_a_table(cli: Cli, server: Api) -> None:
    server.metric(task_id="t4", name="loss", value=0.25, step=3)
    server.metric(task_id="t4", name="matrix", value=MATRIX, schema="ClassificationMetric")

    done = cli("metric", "list", "--task", "t4", "--columns", "name,value,step")

    assert done.out.splitlines() == [
        "name    value                step",
        "loss    0.25                 3",
        "matrix  3 of 3 right (a: 3)",
    ]


def test_metrics_are_found_by_run_and_condition(cli: Cli, server: Api) -> None:
    for task, value in (("t5", 0.5), ("t6", 0.95)):
        server.metric(task_id=task, name="acc", value=value, run_id="r5")

    done = cli("metric", "list", "--run", "r5", "--where", "value>0.9", "-q")

    assert done.out == "t6\tacc\n"


def test_one_metric_is_a_card_or_its_value(cli: Cli, server: Api) -> None:
    server.metric(task_id="t7", name="val/acc", value=0.1 + 0.2, step=2)

    assert cli("metric", "get", "t7", "val/acc", "--value").out == "0.30000000000000004\n"
    assert "step        2\n" in cli("metric", "get", "t7", "val/acc").out
    assert json.loads(cli("metric", "get", "t7", "val/acc", "--json").out)["step"] == 2


def test_history_is_every_point_in_its_order(cli: Cli, server: Api) -> None:
    points = [{"task_id": "t8", "name": "loss", "value": 1 / number, "step": number} for number in range(1, 251)]
    server.ok("POST", "/metrics:batchLog", {"metrics": points})

    done = cli("metric", "history", "t8", "loss", "--all", "--format", "csv", "--columns", "step,value")

    assert done.out.splitlines()[:3] == ["step,value", "1,1.0", "2,0.5"]
    assert len(done.out.splitlines()) == 251
    assert cli("metric", "history", "t8", "loss").err.startswith("20 of 250 shown")


def points_file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "points.jsonl"
    path.write_text("\n".join(lines))
    return path


def point(number: int, task: str = "f1") -> str:
    return json.dumps({"task_id": task, "name": "loss", "value": number, "step": number})


def test_a_file_of_points_is_logged(cli: Cli, server: Api, tmp_path: Path) -> None:
    path = points_file(tmp_path, *(point(number) for number in range(2_500)), "")

    done = cli("metric", "log", "--file", path, "--run", "rf1")

    assert done == (0, "", "2,500 metrics logged\n")
    assert server.get("/metric_history/f1/loss")["total_size"] == 2_500
    assert server.get("/metrics/f1/loss")["run_id"] == "rf1"


def test_an_array_of_points_is_logged(cli: Cli, server: Api, tmp_path: Path) -> None:
    path = points_file(tmp_path, "[", point(1, "f2") + ",", point(2, "f2"), "]")

    assert cli("metric", "log", "--file", path).err == "2 metrics logged\n"
    assert server.get("/metric_history/f2/loss")["total_size"] == 2


def test_points_come_from_standard_input_too(cli: Cli, server: Api) -> None:
    done = cli(
        "metric", "log", "--file", "-", stdin=f'{point(1, "f3")}\n\n{{"task_id": "f3", "name": "x", "value": NaN}}\n'
    )

    assert done.err == "2 metrics logged\n"
    assert value_of(server, "f3", "x") == "NaN"


def test_batches_stay_below_what_a_server_takes(cli: Cli, server: Api, tmp_path: Path) -> None:
    big = {"task_id": "f4", "schema": "ClassificationMetric", "value": ["x" * 1_000_000]}
    path = points_file(tmp_path, *(json.dumps(big | {"name": str(number)}) for number in range(9)))

    assert cli("metric", "log", "--file", path).err == "9 metrics logged\n"
    assert server.get("/metrics", task_ids="f4", page_size=1)["total_size"] == 9


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 2 is not JSON"),
        ("3", "line 2 is no JSON object"),
        ('{"task_id": "f5", "name": "n"}', "line 2 has no value"),
        ('{"value": 1}', "line 2 has no task_id and no name"),
        ('{"task_id": "f5", "name": "n", "value": 1, "stepp": 1}', "line 2 has a field 'stepp' (did you mean 'step'?)"),
        ('{"task_id": "f5", "name": "n", "value": [1]}', "line 2 has a value that is no number"),
    ],
)
def test_bad_lines_of_a_file_are_named_before_anything_is_logged(
    cli: Cli, server: Api, tmp_path: Path, line: str, problem: str
) -> None:
    path = points_file(tmp_path, point(1, "f5"), line, "nonsense")

    done = cli("metric", "log", "--file", path)

    assert done.code == 2
    assert f"nothing was logged: {problem}" in done.err
    assert "line 3 is not JSON." in done.err
    assert server.get("/metrics", task_ids="f5")["total_size"] == 0


def test_a_line_that_is_not_utf_8_is_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    path.write_bytes(point(1).encode() + b'\n{"name": "\xff"}\n')

    assert "line 2 is not UTF-8" in cli("metric", "log", "--file", path).err


@pytest.mark.parametrize(("path", "said"), [("/nowhere", "No such file"), ("/tmp", "Is a directory")])
def test_a_file_that_cannot_be_read_is_said(cli: Cli, path: str, said: str) -> None:
    done = cli("metric", "log", "--file", path)

    assert done.code == 2
    assert f"{path} cannot be read: {said}" in done.err


def test_an_empty_file_is_said(cli: Cli, tmp_path: Path) -> None:
    assert "holds no metrics" in cli("metric", "log", "--file", points_file(tmp_path)).err


def test_a_bad_line_of_standard_input_says_how_many_were_logged(cli: Cli, server: Api) -> None:
    done = cli("metric", "log", "--file", "-", stdin=f"{point(1, 'f6')}\n{{\n")

    assert done.code == 2
    assert "line 2 is not JSON; 1 metrics before it were logged." in done.err
    assert server.get("/metrics", task_ids="f6")["total_size"] == 1


def test_what_the_server_refuses_is_told_by_its_line(cli: Cli, tmp_path: Path) -> None:
    bad = json.dumps({"task_id": "no blanks", "name": "n", "value": 1})
    path = points_file(tmp_path, *(point(number, "f7") for number in range(1_000)), point(1, "f7"), bad)

    done = cli("metric", "log", "--file", path)

    assert done.code == 2
    assert "line 1,002, task_id: 'no blanks' is not" in done.err
    assert done.err.endswith("1,000 metrics were logged; go on with line 1,001.\n")


def test_a_server_that_goes_away_halfway_says_where_to_go_on(tmp_path: Path) -> None:
    path = points_file(tmp_path, *(point(number) for number in range(1_500)))
    with answering(http("200 OK", b'{"metrics": []}'), b"") as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "metric", "log", "--file", path)

    assert done.code == 5
    assert done.err.endswith("1,000 metrics were logged; go on with line 1,001.\n")


def test_a_file_under_an_idempotency_key_is_logged_once(cli: Cli, server: Api, tmp_path: Path) -> None:
    path = points_file(tmp_path, *(point(number, "f8") for number in range(1_500)))

    for _ in range(2):
        cli("metric", "log", "--file", path, "--idempotency-key", "nightly")

    assert server.get("/metric_history/f8/loss")["total_size"] == 1_500


def test_whoever_waits_sees_how_many_are_logged(env: dict[str, str], tmp_path: Path) -> None:
    path = points_file(tmp_path, *(point(number, "f9") for number in range(1_500)))

    done = run_at_terminal(env, "metric", "log", "--file", path)

    assert "1,000 of 1,500 metrics logged …" in done.err


def test_a_pipe_by_name_is_read_once(env: dict[str, str], server: Api) -> None:
    line = subprocess.list2cmdline(command("metric", "log", "--file"))
    script = f"{line} <(echo '{point(1, 'f10')}')"

    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=False)

    assert done.stderr == "1 metric logged\n"
    assert value_of(server, "f10", "loss") == 1.0
