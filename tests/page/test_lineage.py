"""Lineage as a graph: from what a thing was made and what became of it, to be unfolded, searched and saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from page.conftest import Open
from page.visits import Visit, opened
from playwright.sync_api import Locator, Page, expect
from support import Api, LiveServer

READERS = 3_000
LAYERS = 20
WIDTH = 25


@pytest.fixture(scope="module")
def filled(recorded: LiveServer) -> Iterator[dict[str, Any]]:
    """A hub of thousands of readers, and a run of a thousand nodes."""
    api = Api(recorded.url)
    hub = api.artifact(name="features", type="Dataset")["artifact_id"]
    for first in range(0, READERS, 500):
        links = [{"artifact_id": hub, "task_id": f"reader-{n}"} for n in range(first, first + 500)]
        api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links})
    before: list[str] = []
    for layer in range(LAYERS):
        tasks = [f"grid-{layer}-{place}" for place in range(WIDTH)]
        for task in tasks:
            api.task(task_id=task, run_id="grid", name=task, state="SUCCEEDED")
        made = [{"artifact": {"name": f"made-by-{task}", "type": "Dataset"}, "task_id": task} for task in tasks]
        links = [{"artifact_id": each, "task_id": task} for each, task in zip(before, tasks, strict=False)]
        if links:
            api.ok("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links})
        answer = api.ok("POST", "/artifacts:batchCreate", {"artifacts": made})["artifacts"]
        before = [artifact["artifact_id"] for artifact in answer]
    yield {"hub": hub, "last": before[0]}
    api.close()


@pytest.fixture
def chosen(api: Api) -> str:
    """The model that the recorded pipeline picked."""
    found: str = api.ok("GET", "/search", query={"query": "chosen"})["artifacts"][0]["artifact_id"]
    return found


def drawn(visit: Open, server: LiveServer, query: str) -> Visit:
    return opened(visit, server, f"/lineage?{query}")


def node(page: Page, name: str) -> Locator:
    return page.locator("g.node").and_(page.get_by_role("button", name=name))


def saved(page: Page, kind: str, folder: Path) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=kind, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_text()


def place(page: Page, name: str) -> float:
    box = node(page, name).first.bounding_box()
    assert box is not None
    return box["x"]


def test_time_goes_from_left_to_right(visit: Open, recorded: LiveServer, chosen: str) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page

    order = [
        place(page, name) for name in ("metrics, Artifact", "pick-better", "chosen", "write-report", "report, Mark")
    ]

    assert order == sorted(order)


@pytest.mark.parametrize(
    ("direction", "shown", "left_out"),
    [("Upstream only", "pick-better", "write-report"), ("Downstream only", "write-report", "pick-better")],
)
def test_one_direction_is_shown_alone(
    visit: Open, recorded: LiveServer, chosen: str, direction: str, shown: str, left_out: str
) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page

    page.get_by_label("Direction").select_option(direction)

    expect(node(page, left_out)).to_have_count(0)
    expect(node(page, shown)).to_have_count(1)


def test_more_hops_show_what_lies_further_off(visit: Open, recorded: LiveServer, chosen: str) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page
    expect(node(page, "split-data")).to_have_count(0)

    page.get_by_role("button", name="A hop more").click()

    expect(node(page, "split-data")).to_have_count(1)


def test_a_node_is_unfolded_and_folded(visit: Open, recorded: LiveServer, chosen: str) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}&depth=1&direction=upstream").page
    panel = page.get_by_role("complementary", name="The selected node")
    expect(node(page, "train-")).to_have_count(0)

    node(page, "model, Model").first.click()
    panel.get_by_role("button", name="Unfold").click()
    expect(node(page, "train-")).to_have_count(1)

    node(page, "pick-better").click()
    panel.get_by_role("button", name="Fold", exact=True).click()
    expect(node(page, "train-")).to_have_count(0)
    expect(node(page, "pick-better, Task · Succeeded, folded")).to_have_count(1)

    panel.get_by_role("button", name="Unfold").click()
    expect(node(page, "train-")).to_have_count(1)


def test_what_is_unfolded_and_selected_is_in_the_address(visit: Open, recorded: LiveServer, chosen: str) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}&depth=1").page
    node(page, "model, Model").first.click()
    page.get_by_role("button", name="Unfold").click()
    expect(node(page, "train-")).to_have_count(1)

    page.reload()

    expect(node(page, "train-")).to_have_count(1)
    expect(page.get_by_role("complementary", name="The selected node").get_by_role("heading")).to_have_text("model")


def test_the_selected_node_tells_what_it_is_and_leads_on(visit: Open, recorded: LiveServer, chosen: str) -> None:
    seen = drawn(visit, recorded, f"artifact={chosen}")
    panel = seen.page.get_by_role("complementary", name="The selected node")

    node(seen.page, "write-report").click()
    expect(panel).to_contain_text("Succeeded")
    panel.get_by_role("link", name="Centre here").click()

    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Lineage of write-report")
    assert seen.path.startswith("/lineage?task=")


def test_the_readers_of_a_hub_are_one_bundle_that_opens(
    visit: Open, recorded: LiveServer, filled: dict[str, Any]
) -> None:
    page = drawn(visit, recorded, f"artifact={filled['hub']}").page
    expect(page.locator("g.node")).to_have_count(2)

    node(page, f"{READERS:,} tasks").click()
    page.get_by_role("button", name="Show 10 more").click()

    expect(page.locator("g.node")).to_have_count(12)
    expect(node(page, f"{READERS - 10:,} tasks")).to_have_count(1)

    page.get_by_role("button", name="Fold", exact=True).click()
    expect(page.locator("g.node")).to_have_count(2)


@pytest.mark.usefixtures("filled")
def test_a_lineage_that_is_cut_says_so_and_shows_more(visit: Open, recorded: LiveServer) -> None:
    page = drawn(visit, recorded, "run=grid&depth=1").page
    expect(page.get_by_role("status").filter(has_text="Cut here, at 300 nodes")).to_be_visible()

    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("status").filter(has_text="Cut here, at 900 nodes")).to_be_visible()
    page.get_by_role("button", name="Show more").click()

    expect(page.locator("g.node")).to_have_count(2 * LAYERS * WIDTH)
    expect(page.get_by_text("Cut here")).to_have_count(0)


@pytest.mark.usefixtures("filled")
def test_a_search_goes_from_match_to_match(visit: Open, recorded: LiveServer) -> None:
    page = drawn(visit, recorded, "run=grid&most=2000").page
    find = page.get_by_role("searchbox", name="Find in the lineage")

    find.fill("grid-19-24")
    expect(page.get_by_role("form", name="Find").get_by_role("status")).to_have_text("2")
    find.press("Enter")

    expect(page.get_by_role("form", name="Find").get_by_role("status")).to_have_text("1 of 2")
    expect(node(page, "grid-19-24, Task")).to_be_in_viewport()
    find.press("Enter")
    expect(page.get_by_role("complementary").get_by_role("heading")).to_have_text("made-by-grid-19-24")


def test_the_drawing_is_saved_as_svg(visit: Open, recorded: LiveServer, chosen: str, tmp_path: Path) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page

    drawing = ET.fromstring(saved(page, "SVG", tmp_path))

    texts = {element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"chosen", "pick-better", "write-report", "report"} <= texts


def test_what_is_shown_is_saved_as_json(
    visit: Open, recorded: LiveServer, chosen: str, api: Api, tmp_path: Path
) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page

    data = json.loads(saved(page, "JSON", tmp_path))

    told = api.get("/lineage", artifact_id=chosen, max_depth=4)
    assert {each["task"]["task_id"] for each in data["nodes"] if each["kind"] == "task"} == {
        task["task_id"] for task in told["tasks"]
    }
    assert len(data["edges"]) == len(told["artifact_tasks"])


def test_the_keyboard_goes_along_the_edges(visit: Open, recorded: LiveServer, chosen: str) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page
    node(page, "chosen").focus()

    page.keyboard.press("ArrowRight")
    expect(node(page, "write-report")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_role("complementary").get_by_role("heading")).to_have_text("report")


def test_the_nodes_are_a_list_too(visit: Open, recorded: LiveServer, chosen: str) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page

    page.get_by_role("button", name="As a list").click()
    page.get_by_role("group", name="Nodes of the lineage").get_by_role("button", name="pick-better").click()

    expect(page.get_by_role("complementary").get_by_role("heading")).to_have_text("pick-better")


def test_dragging_moves_the_drawing_and_selects_nothing(visit: Open, recorded: LiveServer, chosen: str) -> None:
    page = drawn(visit, recorded, f"artifact={chosen}").page
    before = node(page, "chosen").bounding_box()
    assert before is not None
    x, y = before["x"] + 20, before["y"] + 10

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=4)
    page.mouse.up()

    after = node(page, "chosen").bounding_box()
    assert after is not None
    assert (round(after["x"] - before["x"]), round(after["y"] - before["y"])) == (60, 40)
    expect(page.get_by_role("complementary")).to_have_count(0)


def test_what_is_made_meanwhile_appears(visit: Open, recorded: LiveServer, api: Api) -> None:
    made = api.artifact(name="net", type="Model", request={"task_id": "fit-live"})["artifact_id"]
    page = visit(f"{recorded.url}/lineage?artifact={made}").page
    expect(node(page, "net")).to_be_visible()

    api.link(artifact_id=made, task_id="serve-live")

    expect(node(page, "serve-live")).to_be_visible(timeout=30_000)


def test_a_hostile_name_is_a_text(visit: Open, recorded: LiveServer, api: Api) -> None:
    name = '<img src=x onerror="window.hurt=1">'
    made = api.artifact(name=name, type="Model")["artifact_id"]

    page = drawn(visit, recorded, f"artifact={quote(made)}&selected=artifact:{made}").page

    expect(page.get_by_role("complementary").get_by_role("heading")).to_have_text(name)
    assert page.evaluate("window.hurt") is None
    assert page.locator("img").count() == 0


def test_nothing_to_begin_at_says_where_to_go(visit: Open, recorded: LiveServer) -> None:
    page = drawn(visit, recorded, "").page

    expect(page.get_by_text("Lineage of what?")).to_be_visible()


def test_a_lineage_of_nothing_that_is_there_says_so(visit: Open, recorded: LiveServer) -> None:
    seen = visit(f"{recorded.url}/lineage?artifact=01a2184c-0000-7000-8000-000000000000")

    expect(seen.page.get_by_role("alert").first).to_be_visible()
    # The browser itself notes each answer of 404.
    seen.complaints.clear()


def test_a_run_is_a_graph_of_its_tasks(visit: Open, recorded: LiveServer, api: Api) -> None:
    run = next(run for run in api.get("/runs")["runs"] if run.get("pipeline_name") == "breast-cancer")["run_id"]
    page = visit(f"{recorded.url}/runs/{run}").page

    page.get_by_role("tab", name="Graph").click()

    graph = page.get_by_role("region", name="Graph of the run")
    expect(graph.locator("g.node.task")).to_have_count(api.get("/tasks", run_id=run)["total_size"])
    expect(node(page, "pick-better, Task · Succeeded")).to_be_attached()
