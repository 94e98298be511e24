"""`artifactd artifact …`, as a process against a real server."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Cli
from cli.processes import command, environment, run
from support import Api, running_app

from artifactd.cli.nouns import ARTIFACT, METRIC, NAMESPACE, POINT, RUN, TASK, Listed
from artifactd.wire.artifacts import Artifact
from artifactd.wire.metrics import Metric
from artifactd.wire.namespaces import NamespaceCounts
from artifactd.wire.runs import Run
from artifactd.wire.tasks import PipelineTaskDetail


@pytest.fixture(scope="module", autouse=True)
def artifacts(server: Api) -> dict[str, str]:
    """A few artifacts, by name."""
    made = [
        server.artifact(name="iris", type="Model", number_value=0.97, metadata={"framework": "sklearn", "epochs": 3}),
        server.artifact(name="digits", type="Model", number_value=0.5, metadata={"framework": "torch", "a.b": [1, 2]}),
        server.artifact(name='odd, "name"\n', type="Dataset", uri="s3://b/k", description="x"),
    ]
    server.ok("POST", "/artifacts:batchCreate", {"artifacts": [{"artifact": {"name": "many"}}] * 400})
    return {each["name"]: each["artifact_id"] for each in made}


def test_a_list_is_a_table_of_the_newest(cli: Cli) -> None:
    done = cli("artifact", "list", "--where", "name!=many")

    assert [line.split()[1] for line in done.out.splitlines()] == ["name", "odd,", "digits", "iris"]


def test_conditions_must_all_hold(cli: Cli, artifacts: dict[str, str]) -> None:
    conditions = ("type=Model", "metadata.framework=sklearn", "value>0.9")

    done = cli("artifact", "list", "-q", *(word for each in conditions for word in ("--where", each)))

    assert done.out == f"{artifacts['iris']}\n"


def test_a_raw_filter_holds_together_with_conditions(cli: Cli, artifacts: dict[str, str]) -> None:
    raw = json.dumps({"predicates": [{"operation": "EQUALS", "key": "type", "string_value": "Model"}]})

    done = cli("artifact", "list", "-q", "--filter", raw, "--where", "metadata.epochs>=3")

    assert done.out == f"{artifacts['iris']}\n"


def test_an_order_is_kept(cli: Cli) -> None:
    done = cli("artifact", "list", "--where", "type=Model", "--sort", "-value", "--columns", "name,metadata.epochs")

    assert done.out.splitlines() == ["name    metadata.epochs", "iris    3", "digits"]


def test_more_than_is_shown_is_said(cli: Cli) -> None:
    done = cli("artifact", "list")

    assert len(done.out.splitlines()) == 21
    assert done.err == "20 of 403 shown; --all shows everything, --limit 100 more\n"


def test_a_limit_over_a_page_is_kept(cli: Cli) -> None:
    assert len(cli("artifact", "list", "-q", "--limit", 250).out.splitlines()) == 250


def test_all_is_everything_once(cli: Cli) -> None:
    done = cli("artifact", "list", "-q", "--all")

    assert len(set(done.out.splitlines())) == 403
    assert done.err == ""


def test_json_is_what_the_api_answers(cli: Cli, server: Api) -> None:
    answer = json.loads(cli("artifact", "list", "--json", "--sort", "name").out)

    assert answer == server.get("/artifacts", sort_by="name asc")


def test_json_of_everything_is_one_document(cli: Cli, server: Api) -> None:
    answer = json.loads(cli("artifact", "list", "--json", "--all", "--sort", "name").out)

    assert answer["artifacts"] == server.walk("/artifacts", "artifacts", sort_by="name")
    assert (answer["total_size"], answer["next_page_token"]) == (403, "")


def test_a_page_token_goes_on_behind_what_was_shown(cli: Cli) -> None:
    first = json.loads(cli("artifact", "list", "--json", "--limit", 300).out)

    rest = json.loads(cli("artifact", "list", "--json", "--all", "--page-token", first["next_page_token"]).out)

    shown = [each["artifact_id"] for each in first["artifacts"] + rest["artifacts"]]
    assert (len(first["artifacts"]), len(set(shown)), len(shown)) == (300, 403, 403)


def test_json_lines_hold_an_object_each(cli: Cli) -> None:
    done = cli("artifact", "list", "--format", "jsonl", "--where", "type=Model")

    assert [json.loads(line)["name"] for line in done.out.splitlines()] == ["digits", "iris"]


def test_csv_holds_every_field_and_metadata_as_json(cli: Cli, artifacts: dict[str, str]) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("artifact", "list", "--format", "csv", "--where", "name!=many").out)))

    assert list(rows[0]) == list(ARTIFACT.fields)
    assert rows[0]["name"] == 'odd, "name"\n'
    assert json.loads(rows[2]["metadata"]) == {"framework": "sklearn", "epochs": 3}
    assert rows[2]["artifact_id"] == artifacts["iris"]


def test_csv_ends_its_lines_as_rfc_4180_says(cli: Cli) -> None:
    done = cli("artifact", "list", "--format", "csv", "--columns", "name,metadata.a\\.b", "--where", "name=digits")

    assert done.out == 'name,metadata.a\\.b\r\ndigits,"[1, 2]"\r\n'


@pytest.mark.parametrize(
    ("form", "out"),
    [
        ("table", ""),
        ("jsonl", ""),
        ("csv", "name\r\n"),
        ("json", '{"artifacts": [], "total_size": 0, "next_page_token": ""}\n'),
    ],
)
def test_an_empty_list_is_empty_in_its_format(cli: Cli, form: str, out: str) -> None:
    columns = ("--columns", "name") if form == "csv" else ()

    done = cli("artifact", "list", "--where", "name=none", "--format", form, *columns)

    assert done == (0, out, "no artifacts that match\n")


def test_a_namespace_narrows_a_list(cli: Cli, server: Api) -> None:
    server.artifact(name="elsewhere", namespace="research", type="HTML")

    done = cli("artifact", "list", "--namespace", "research")

    assert done.out.splitlines()[0].split() == ["artifact_id", "name", "type", "created_at", "namespace"]
    assert len(done.out.splitlines()) == 2


def test_a_card_shows_an_artifact_and_its_tasks(cli: Cli, server: Api) -> None:
    made = server.artifact(name="m", metadata={"params": {"depth": 3}}, request={"task_id": "train"})
    server.task(task_id="evaluate", display_name="look at it", state="RUNNING")
    server.link(artifact_id=made["artifact_id"], task_id="evaluate", type="INPUT")

    lines = cli("artifact", "get", made["artifact_id"]).out.splitlines()

    assert lines[0] == f"artifact_id  {made['artifact_id']}"
    assert lines[-7:] == [
        "metadata",
        "  params",
        "    depth  3",
        "made by",
        "  task train",
        "read by",
        "  task look at it  RUNNING  evaluate",
    ]


def test_an_artifact_as_json_is_what_the_api_answers(cli: Cli, server: Api, artifacts: dict[str, str]) -> None:
    done = cli("artifact", "get", artifacts["iris"], "--json")

    assert json.loads(done.out) == server.get(f"/artifacts/{artifacts['iris']}")


def test_what_is_created_is_all_there(cli: Cli, server: Api, tmp_path: Path) -> None:
    (tmp_path / "about.json").write_text('{"a": 1, "n": {"x": 1}}')
    settings = ("n.y=2.5", "text=plain", 'quoted="3"', "flag=true", "list=[1, 2]", "dotted\\.key=1", "loss=NaN")

    done = cli(
        *("artifact", "create", "--name", "made", "--type", "model", "--uri", "s3://b/made", "--number-value", "-0.5"),
        *("--description", "d", "--metadata", f"@{tmp_path}/about.json", "--task", "t9", "--key", "k", "--run", "r9"),
        *(word for each in settings for word in ("--set", each)),
    )

    made = server.get(f"/artifacts/{done.out.strip()}")
    assert (made["type"], made["uri"], made["number_value"], made["description"]) == ("Model", "s3://b/made", -0.5, "d")
    assert made["metadata"] == {
        "a": 1, "n": {"x": 1, "y": 2.5}, "text": "plain", "quoted": "3", "flag": True, "list": [1, 2],
        "dotted.key": 1, "loss": "NaN",
    }  # fmt: skip
    (link,) = server.get("/artifact_tasks", artifact_ids=made["artifact_id"], type="OUTPUT")["artifact_tasks"]
    assert (link["task_id"], link["key"], link["run_id"]) == ("t9", "k", "r9")


def test_metadata_comes_from_standard_input_too(cli: Cli, server: Api) -> None:
    done = cli("artifact", "create", "--name", "piped", "--metadata", "-", stdin='{"größe": 1}')

    assert server.get(f"/artifacts/{done.out.strip()}")["metadata"] == {"größe": 1}


def test_metadata_that_is_not_utf_8_is_said(cli: Cli) -> None:
    done = cli("artifact", "create", "--name", "piped", "--metadata", "-", stdin=b'{"a": "\xff"}')

    assert done.code == 2
    assert "- is not UTF-8: invalid start byte at byte 7" in done.err


def test_reuse_gives_the_same_artifact_again(cli: Cli) -> None:
    line = ("artifact", "create", "--name", "again", "--uri", "s3://b/again", "--reuse")

    assert cli(*line).out == cli(*line).out


def test_the_same_idempotency_key_makes_no_second_one(cli: Cli) -> None:
    line = ("artifact", "create", "--name", "once", "--idempotency-key", "job-7")

    assert cli(*line).out == cli(*line).out


def test_an_update_changes_what_is_named_and_leaves_the_rest(cli: Cli, server: Api) -> None:
    made = server.artifact(name="u", description="d", metadata={"stage": "new", "old": 1, "p": {"a": 1}})

    done = cli("artifact", "update", made["artifact_id"], "--set", "stage=live", "--set", "p.b=2", "--unset", "old")

    found = server.get(f"/artifacts/{made['artifact_id']}")
    assert done.out.strip() == made["artifact_id"]
    assert (found["description"], found["metadata"]) == ("d", {"stage": "live", "p": {"a": 1, "b": 2}})


def test_updates_at_the_same_time_lose_nothing(env: dict[str, str], server: Api) -> None:
    made = server.artifact(name="u", metadata={"a": 1})
    line = ("artifact", "update", made["artifact_id"], "--set")

    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(command(*line, f"k{number}={number}"), env=env, stdout=subprocess.DEVNULL)
            )
            for number in range(4)
        ]

    assert [process.returncode for process in started] == [0] * 4
    found = server.get(f"/artifacts/{made['artifact_id']}")
    assert found["metadata"] == {"a": 1, "k0": 0, "k1": 1, "k2": 2, "k3": 3}


def test_an_update_can_replace_all_metadata(cli: Cli, server: Api) -> None:
    made = server.artifact(name="u", metadata={"a": 1})

    done = cli("artifact", "update", made["artifact_id"], "--metadata", "{}", "--name", "v", "--json")

    changed: dict[str, Any] = json.loads(done.out)
    assert (changed["name"], changed.get("metadata", {})) == ("v", {})


def test_a_setting_through_a_value_is_refused(cli: Cli, server: Api) -> None:
    made = server.artifact(name="u", metadata={"a": 1})

    done = cli("artifact", "update", made["artifact_id"], "--set", "a.b=1")

    assert done.code == 2
    assert "'a.b' leads through 'a', which has a value and no keys" in done.err


def test_integers_of_any_size_come_back_as_they_went_in(tmp_path: Path) -> None:
    huge = "1" * 5_000
    with running_app(f"sqlite:///{tmp_path}/store.db") as (url, _):
        env = environment(tmp_path, ARTIFACTD_SERVER=url)
        made = run(env, "artifact", "create", "--name", "n", "--metadata", "-", stdin=f'{{"n": {huge}}}')
        shown = run(env, "artifact", "get", made.out.strip(), "--json")

    assert f'"n": {huge}' in shown.out


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (ARTIFACT, Artifact),
        (METRIC, Metric),
        (POINT, Metric),
        (TASK, PipelineTaskDetail),
        (RUN, Run),
        (NAMESPACE, NamespaceCounts),
    ],
)
def test_the_fields_of_a_noun_are_those_of_its_message(listed: Listed, message: Any) -> None:
    computed = {"duration"} & set(listed.fields)

    assert set(listed.fields) - computed == set(message.__struct_fields__)
    assert {name.removesuffix("?") for name in listed.columns} <= set(listed.fields)
