"""`artifactd lineage`: trees, drawings and JSON, whatever the names are."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cli.conftest import Cli
from cli.processes import run_at_terminal
from support import Api

from artifactd.cli.characters import width_of
from artifactd.cli.diagrams import dot, mermaid
from artifactd.cli.trees import lineage_forest, lineage_tree

HOSTILE = 'end "x" ]) --> a[b] \\N \\" &lt; #quot; `md` <script> 1. | %% {\n} \x1b'


@pytest.fixture(scope="module")
def ids(server: Api) -> dict[str, str]:
    """A run of load → rows → train → model, and a task of another run that reads the model."""
    made: dict[str, str] = {}
    server.task(task_id="load", run_id="r", display_name="load it", state="SUCCEEDED")
    made["rows"] = server.artifact(name="rows", type="Dataset", request={"task_id": "load"})["artifact_id"]
    server.task(task_id="train", run_id="r", state="FAILED", inputs={"data": {"artifact_ids": [made["rows"]]}})
    made["model"] = server.artifact(name=HOSTILE, type="Model", request={"task_id": "train"})["artifact_id"]
    server.task(task_id="serve", run_id="other", inputs={"model": {"artifact_ids": [made["model"]]}})
    return made


def test_a_tree_leads_both_ways_from_an_artifact(cli: Cli, ids: dict[str, str]) -> None:
    assert cli("lineage", ids["rows"]).out.splitlines() == [
        f"Dataset rows  {ids['rows']}",
        "├── upstream",
        "│   └── task load it  SUCCEEDED  load",
        "└── downstream",
        "    └── task train  FAILED",
        f"        └── Model {HOSTILE.encode('unicode_escape').decode().replace(chr(92) * 2, chr(92))}  {ids['model']}",
        "            └── task serve",
    ]


def test_a_tree_leads_both_ways_from_a_task(cli: Cli, ids: dict[str, str]) -> None:
    lines = cli("lineage", "--task", "train").out.splitlines()

    assert lines[:4] == [
        "task train  FAILED",
        "├── upstream",
        f"│   └── Dataset rows as data  {ids['rows']}",
        "│       └── task load it  SUCCEEDED  load",
    ]


def test_a_tree_of_a_run_goes_from_what_it_began_with(cli: Cli, ids: dict[str, str]) -> None:
    assert [line.split("  ")[0] for line in cli("lineage", "--run", "r").out.splitlines()][:2] == [
        "run r",
        "└── task load it",
    ]
    assert ids["model"] in cli("lineage", "--run", "r").out


@pytest.mark.usefixtures("ids")
def test_a_tree_of_a_run_can_go_back_from_what_it_made(cli: Cli) -> None:
    lines = cli("lineage", "--run", "r", "--direction", "upstream").out.splitlines()

    assert lines[1] == "└── task train  FAILED"
    assert lines[-1] == "        └── task load it  SUCCEEDED  load"


@pytest.mark.parametrize("arguments", [("--direction", "upstream"), ("--depth", "1", "--direction", "UPSTREAM")])
def test_a_direction_and_a_depth_are_kept(cli: Cli, ids: dict[str, str], arguments: tuple[str, ...]) -> None:
    assert len(cli("lineage", "--artifact", ids["rows"], *arguments).out.splitlines()) == 2


def test_what_a_limit_cut_is_said(cli: Cli, ids: dict[str, str]) -> None:
    done = cli("lineage", ids["rows"], "--max-nodes", 2)

    assert done.code == 0
    assert done.err == "cut at 2 nodes: --depth and --max-nodes (up to 10,000) show more\n"


def test_json_is_what_the_api_answers(cli: Cli, server: Api, ids: dict[str, str]) -> None:
    answer = json.loads(cli("lineage", ids["rows"], "--json").out)

    assert answer == server.get("/lineage", artifact_id=ids["rows"])


def test_ids_are_short_where_whole_ones_do_not_fit(env: dict[str, str], ids: dict[str, str]) -> None:
    done = run_at_terminal(env, "lineage", ids["rows"], columns=60)

    lines = done.out.splitlines()
    assert lines[0] == f"Dataset rows  …{ids['rows'][-8:]}"
    assert max(map(width_of, lines)) == 60


def lineage(*links: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """A lineage of links of artifact, task and type."""
    return {
        "artifacts": [
            {"artifact_id": each, "name": each, "type": "Model"} for each in dict.fromkeys(a for a, _, _ in links)
        ],
        "tasks": [{"task_id": each} for each in dict.fromkeys(t for _, t, _ in links)],
        "artifact_tasks": [{"artifact_id": a, "task_id": t, "type": kind, "key": "k"} for a, t, kind in links],
        **more,
    }


def test_a_cycle_without_a_beginning_is_shown() -> None:
    tree = lineage_forest(lineage(("a", "t", "INPUT"), ("a", "t", "OUTPUT")), "run r")

    assert tree.splitlines() == ["run r", "└── task t", "    └── Model a as k  a", "        └── task t  (shown above)"]


def test_a_run_of_nothing_is_a_title() -> None:
    assert lineage_forest(lineage(), "run r") == "run r"


def test_a_hub_is_shown_once(cli: Cli) -> None:
    del cli
    links = [("hub", f"t{number}", "INPUT") for number in range(1_000)]

    assert len(lineage_tree(lineage(*links), "hub").splitlines()) == 1_001


def test_a_node_that_only_a_link_names_is_drawn() -> None:
    cut = lineage(("a", "t", "OUTPUT"), artifacts=[])

    assert "task1 -> artifact2" in dot(cut)
    assert "task1 --> " in mermaid(cut)


HOSTILE_LINEAGE = lineage(
    ("a", "t", "OUTPUT"),
    artifacts=[{"artifact_id": "a", "name": HOSTILE, "type": "Model"}],
    tasks=[{"task_id": "t", "display_name": HOSTILE, "state": "FAILED"}],
    artifact_tasks=[{"artifact_id": "a", "task_id": "t", "type": "OUTPUT", "key": HOSTILE}],
)


def test_dot_is_one_string_a_label_whatever_the_names_are() -> None:
    lines = dot(HOSTILE_LINEAGE).splitlines()[4:-1]

    assert len(lines) == 3
    assert all(re.fullmatch(r'[^"]*"(?:[^"\\]|\\["\\n])*"\];', line) for line in lines)
    assert all("&lt;" not in line.replace("&amp;lt;", "") for line in lines)


def test_mermaid_is_one_string_a_label_whatever_the_names_are() -> None:
    lines = mermaid(HOSTILE_LINEAGE).splitlines()[1:]

    assert len(lines) == 3
    assert all(len(re.findall(r'"', line)) == 2 for line in lines)
    labels = [re.sub(r"#\d+;|<br/>", "", line.split('"')[1]) for line in lines]
    assert all(re.fullmatch(r"[A-Za-z0-9 ,.:…_-]*", label) for label in labels)


@pytest.mark.parametrize("form", ["dot", "mermaid"])
def test_a_drawing_has_every_node_and_link(cli: Cli, ids: dict[str, str], form: str) -> None:
    drawn = cli("lineage", ids["rows"], "--format", form).out

    assert len(re.findall(r"^  \w+ --?> ", drawn, re.MULTILINE)) == 4
    assert len(re.findall(r"^  (?:task|artifact)\d+(?=[( ]\[|\[)", drawn, re.MULTILINE)) == 5
