"""`artifactd search` and `artifactd namespace`, as processes against a real server."""

from __future__ import annotations

import json

import pytest
from cli.conftest import Cli
from support import Api


@pytest.fixture(scope="module", autouse=True)
def things(server: Api) -> None:
    """Artifacts in two namespaces, a run and a task, of which some begin alike."""
    server.task(task_id="iris-fit", run_id="iris-night", name="fit")
    server.artifact(name="iris")
    server.artifact(name="iris of a team", namespace="team")
    server.artifact(name="an iris")


def test_what_begins_with_a_text_is_shown_by_noun(cli: Cli) -> None:
    headings = ["artifacts", "runs", "tasks"]

    lines = cli("search", "iris").out.splitlines()

    assert [line for line in lines if line in headings] == headings
    assert [line.split("  ")[1] for line in lines[2 : lines.index("")]] == ["iris", "iris of a team"]
    assert "an iris" not in "".join(lines)


def test_nouns_of_which_nothing_is_found_are_left_out(cli: Cli) -> None:
    assert cli("search", "iris-n").out.splitlines()[0] == "runs"
    assert "tasks" not in cli("search", "iris-n").out


def test_a_search_can_be_held_to_a_namespace(cli: Cli) -> None:
    done = cli("search", "iris", "--namespace", "team")

    assert "iris of a team" in done.out
    assert "iris-night" not in done.out


def test_a_search_says_when_there_may_be_more(cli: Cli) -> None:
    done = cli("search", "iris", "--limit", "1")

    assert done.err == "there may be more artifacts, runs, tasks; --limit 5 shows more\n"


def test_a_search_that_shows_all_it_can_asks_for_more_of_the_name(cli: Cli, server: Api) -> None:
    server.ok("POST", "/artifacts:batchCreate", {"artifacts": [{"artifact": {"name": "many"}}] * 201})

    done = cli("search", "many", "--limit", "200")

    assert done.err == "there may be more artifacts; give more of the name\n"


def test_a_search_that_finds_nothing_says_so_and_prints_nothing(cli: Cli) -> None:
    done = cli("search", "Iris")

    assert (done.code, done.out) == (0, "")
    assert done.err == "no artifact, run or task has a name or an id that begins with 'Iris'\n"


def test_a_search_as_json_is_what_the_api_answers(cli: Cli, server: Api) -> None:
    assert json.loads(cli("search", "iris", "--json").out) == server.get("/search", query="iris", page_size=10)


def test_an_empty_text_is_refused_before_the_server_is_asked(cli: Cli) -> None:
    done = cli("search", "")

    assert done.code == 2
    assert "TEXT: is empty" in done.err


def test_namespaces_are_listed_with_what_they_hold(cli: Cli, server: Api) -> None:
    in_none = server.get("/artifacts", page_size=1)["total_size"] - 1

    done = cli("namespace", "list", "--format", "csv")

    assert done.out.splitlines() == ["namespace,artifacts,metrics,runs,tasks", f",{in_none},0,1,1", "team,1,0,0,0"]


def test_a_list_of_namespaces_says_how_many_it_does_not_show(cli: Cli) -> None:
    done = cli("namespace", "list", "--limit", "1")

    assert "1 of 2 shown" in done.err
