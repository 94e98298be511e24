"""One artifact: what it is, who made it from what, and an edit that notices others'."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from page.conftest import Open
from page.visits import Visit
from playwright.sync_api import expect
from support import Api, LiveServer


@pytest.fixture
def chosen(api: Api) -> Any:
    """The model that the recorded pipeline picked."""
    found = api.ok("GET", "/search", query={"query": "chosen"})["artifacts"]
    assert len(found) == 1
    return found[0]


def opened(visit: Open, server: LiveServer, artifact: Any) -> Visit:
    seen = visit(f"{server.url}/artifacts/{artifact['artifact_id']}")
    seen.settled()
    return seen


def test_an_artifact_tells_who_made_it_and_from_what(visit: Open, recorded: LiveServer, chosen: Any) -> None:
    page = opened(visit, recorded, chosen).page

    made_by = page.get_by_role("region", name="Made by")
    expect(made_by.get_by_role("link", name="pick-better")).to_be_visible()
    expect(made_by.get_by_role("link", name="breast-cancer-")).to_be_visible()
    expect(page.get_by_role("region", name="Made from").get_by_role("link", name="model")).to_have_count(2)
    expect(page.get_by_role("region", name="Used by").get_by_role("link", name="write-report")).to_be_visible()


def test_an_artifact_shows_its_lineage_two_hops_each_way(visit: Open, recorded: LiveServer, chosen: Any) -> None:
    lineage = opened(visit, recorded, chosen).page.get_by_role("region", name="Lineage")

    for name in ("train, Dataset", "pick-better, Task", "report, Markdown"):
        expect(lineage.get_by_role("button", name=name)).to_be_attached()


def test_an_artifact_shows_its_metadata_as_a_tree(visit: Open, recorded: LiveServer, chosen: Any) -> None:
    tree = opened(visit, recorded, chosen).page.get_by_role("tree", name="Metadata")

    expect(tree.get_by_role("treeitem")).to_have_count(len(chosen["metadata"]))
    expect(tree.get_by_role("treeitem").first).to_contain_text("logistic regression")


def test_a_model_shows_the_metrics_of_the_task_that_evaluated_it(visit: Open, recorded: LiveServer, api: Api) -> None:
    model = api.artifact(name="net", type="Model", request={"task_id": "fit-net"})
    api.link(artifact_id=model["artifact_id"], task_id="evaluate-net")
    api.metric(task_id="evaluate-net", name="accuracy", value=0.9719)

    page = opened(visit, recorded, model).page

    expect(page.get_by_role("region", name="Key metrics")).to_contain_text("0.9719")


def test_an_infinite_metric_and_one_that_is_no_number_are_shown(visit: Open, recorded: LiveServer, api: Api) -> None:
    model = api.artifact(name="diverged", request={"task_id": "diverging"})
    api.metric(task_id="diverging", name="loss", value="NaN")
    api.metric(task_id="diverging", name="mae", value="Infinity")

    metrics = opened(visit, recorded, model).page.get_by_role("region", name="Key metrics")

    expect(metrics).to_contain_text("NaN")
    expect(metrics).to_contain_text("∞")


def test_a_tree_unfolds_by_the_keyboard(visit: Open, recorded: LiveServer, api: Api) -> None:
    made = api.artifact(name="deep", metadata={"a": {f"k{number}": number for number in range(100)}})
    page = opened(visit, recorded, made).page
    tree = page.get_by_role("tree", name="Metadata")
    expect(tree.get_by_role("treeitem")).to_have_count(1)

    tree.focus()
    page.keyboard.press("ArrowRight")

    expect(tree.get_by_role("treeitem", name="k0")).to_be_visible()
    assert tree.get_by_role("treeitem").count() < 60, "only what is seen is drawn"


def test_a_huge_integer_is_shown_digit_by_digit(visit: Open, recorded: LiveServer, api: Api) -> None:
    made = api.artifact(name="huge", metadata={"seed": 123456789012345678901234567890})

    tree = opened(visit, recorded, made).page.get_by_role("tree", name="Metadata")

    expect(tree).to_contain_text("123456789012345678901234567890")


def test_what_is_hostile_is_only_text(visit: Open, recorded: LiveServer, api: Api) -> None:
    attack = "<img src=x onerror='window.attacked=1'><script>window.attacked=1</script>"
    made = api.artifact(
        name=attack,
        description=attack,
        uri="javascript:window.attacked=1",
        metadata={attack: attack, "l": "javascript:1"},
    )

    page = opened(visit, recorded, made).page

    expect(page.get_by_role("heading", level=1)).to_have_text(attack)
    assert page.locator("main img, main script, main a[href^='javascript']").count() == 0
    assert page.evaluate("window.attacked") is None


@pytest.mark.parametrize("uri", ["https://example.org/a", "s3://bucket/a", "gs://bucket/a"])
def test_a_uri_that_may_be_opened_is_a_link(visit: Open, recorded: LiveServer, api: Api, uri: str) -> None:
    made = api.artifact(name="linked", uri=uri)

    link = opened(visit, recorded, made).page.get_by_role("link", name=uri)

    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_an_edit_is_saved(visit: Open, recorded: LiveServer, api: Api) -> None:
    made = api.artifact(name="edited", metadata={"stage": "staging"})
    page = opened(visit, recorded, made).page
    page.get_by_role("button", name="Edit", exact=True).click()

    page.get_by_label("Metadata").and_(page.locator("textarea")).fill(
        '{"stage": "production", "seed": 98765432109876543210}'
    )
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("tree", name="Metadata")).to_contain_text("production")
    assert api.ok("GET", f"/artifacts/{made['artifact_id']}")["metadata"]["seed"] == 98765432109876543210


def test_metadata_that_is_no_json_cannot_be_saved(visit: Open, recorded: LiveServer, api: Api) -> None:
    page = opened(visit, recorded, api.artifact(name="wrong")).page
    page.get_by_role("button", name="Edit", exact=True).click()

    page.locator("textarea").fill("{nonsense")

    expect(page.get_by_role("alert")).to_contain_text("This is no JSON")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


@pytest.fixture
def conflict(visit: Open, recorded: LiveServer, api: Api) -> tuple[Visit, str]:
    """An edit of the name that was begun before somebody else changed the description."""
    made = api.artifact(name="contested")
    path = f"/artifacts/{made['artifact_id']}"
    seen = opened(visit, recorded, made)
    seen.page.get_by_role("button", name="Edit", exact=True).click()
    seen.page.get_by_label("Name", exact=True).fill("mine")
    api.ok("PUT", path, {"description": "theirs"})
    seen.page.get_by_role("button", name="Save").click()
    expect(seen.page.get_by_role("alert")).to_contain_text("They changed description; you changed name")
    # The browser itself notes each answer of 409.
    seen.complaints.clear()
    return seen, path


def test_a_conflict_is_told_and_both_changes_can_be_kept(conflict: tuple[Visit, str], api: Api) -> None:
    seen, path = conflict
    seen.page.get_by_role("button", name="Save mine beside theirs").click()
    expect(seen.page.get_by_role("dialog")).to_have_count(0)

    now = api.ok("GET", path)

    assert (now["name"], now["description"]) == ("mine", "theirs")


def test_a_conflict_can_be_given_up(conflict: tuple[Visit, str], api: Api) -> None:
    seen, path = conflict
    seen.page.get_by_role("button", name="Drop mine, show theirs").click()

    expect(seen.page.get_by_label("Description")).to_have_value("theirs")
    assert api.ok("GET", path)["name"] == "contested"


def test_a_change_by_somebody_else_appears_without_a_reload(visit: Open, recorded: LiveServer, api: Api) -> None:
    made = api.artifact(name="watched")
    page = opened(visit, recorded, made).page

    api.ok("PUT", f"/artifacts/{made['artifact_id']}", {"description": "now told"})

    expect(page.get_by_text("now told")).to_be_visible(timeout=25_000)


def test_an_artifact_can_be_had_by_curl(visit: Open, recorded: LiveServer, chosen: Any) -> None:
    page = opened(visit, recorded, chosen).page
    page.get_by_role("button", name="Copy as").click()

    expect(page.locator("pre")).to_have_text(f"curl -s {recorded.url}/apis/v2beta1/artifacts/{chosen['artifact_id']}")


def test_versions_of_the_same_name_are_listed(visit: Open, recorded: LiveServer, api: Api) -> None:
    made = [api.artifact(name="versioned", type="Model") for _ in range(3)]

    versions = opened(visit, recorded, made[0]).page.get_by_role("region", name="Versions of the same name")

    expect(versions.get_by_role("listitem")).to_have_count(3)
    expect(versions).to_contain_text("this one")


def test_an_artifact_that_is_not_there_says_so(visit: Open, recorded: LiveServer) -> None:
    seen = visit_missing(visit, recorded)

    expect(seen.page.get_by_role("alert")).to_contain_text("There is no such thing")


def visit_missing(visit: Open, server: LiveServer) -> Visit:
    seen = visit(server.url)
    seen.page.evaluate(
        "history.pushState(null, '', '/artifacts/nothing'); dispatchEvent(new PopStateEvent('popstate'))"
    )
    expect(seen.page.get_by_role("alert")).to_be_visible()
    # The browser itself notes each answer of 404.
    seen.complaints.clear()
    return seen


@pytest.mark.parametrize(
    ("way", "command"),
    [
        ("curl", ["bash", "-c"]),
        ("Python", [sys.executable, "-c"]),
        ("Command line", ["bash", "-c"]),
    ],
)
def test_what_is_copied_does_what_it_says(
    visit: Open, recorded: LiveServer, chosen: Any, way: str, command: list[str]
) -> None:
    page = opened(visit, recorded, chosen).page
    page.get_by_role("button", name="Copy as").click()
    page.get_by_role("tab", name=way).click()
    copied = page.locator("pre").inner_text()

    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [*command, copied], capture_output=True, text=True, env=os.environ | {"PATH": path}, check=True
    )

    assert chosen["artifact_id"] in done.stdout
    assert "logistic regression" in done.stdout


def test_many_versions_lead_to_the_table_of_all_of_them(visit: Open, recorded: LiveServer, api: Api) -> None:
    made = [api.artifact(name="many = versions", type="Model") for _ in range(21)]
    page = opened(visit, recorded, made[0]).page

    page.get_by_role("link", name="All 21 of them").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Artifacts")
    expect(page.get_by_text("of 21 artifacts")).to_be_visible()
