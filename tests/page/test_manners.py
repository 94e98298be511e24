"""What holds for every view: nothing that keeps people out, nothing too wide, nothing asked of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from page.conftest import Open
from page.visits import Visit
from playwright.sync_api import Browser, BrowserContext, expect
from support import Api, LiveServer

VIEWS = (
    "home", "artifacts", "artifact", "runs", "run", "task of run", "graph of run", "tasks", "task", "metrics",
    "every metric", "plot", "curves", "lineage", "lineage as a list", "compare", "edit",
)  # fmt: skip


@pytest.fixture
def paths(api: Api) -> dict[str, str]:
    """The address of each view."""
    artifacts = api.ok("GET", "/artifacts", query={"page_size": 2})["artifacts"]
    run = api.ok("GET", "/runs")["runs"][0]["run_id"]
    task = api.ok("GET", "/tasks", query={"run_id": run})["tasks"][0]["task_id"]
    measured = [metric["task_id"] for metric in api.walk("/metrics", "metrics") if metric["name"] == "roc_curve"]
    one, other = (f"artifact={item['artifact_id']}" for item in artifacts)
    artifact = f"/artifacts/{artifacts[0]['artifact_id']}"
    return {
        "home": "/",
        "artifacts": "/artifacts",
        "artifact": artifact,
        "runs": "/runs",
        "run": f"/runs/{run}",
        "task of run": f"/runs/{run}?task={task}",
        "graph of run": f"/runs/{run}?tab=graph",
        "tasks": "/tasks",
        "task": f"/tasks/{task}",
        "metrics": "/run-metrics?picked=accuracy",
        "every metric": "/run-metrics?tab=every",
        "plot": f"/plot?of={measured[0]}/accuracy&of={measured[1]}/accuracy",
        "curves": f"/plot?of={measured[0]}/roc_curve&of={measured[0]}/confusion_matrix",
        "lineage": f"/lineage?run={run}&selected=task:{task}",
        "lineage as a list": f"/lineage?{one}&as=list",
        "compare": f"/compare?{one}&{other}",
        "edit": artifact,
    }


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A narrow browser, in the colours that a test asks for."""
    size: Any = {"width": 390, "height": 844}
    colours: Any = getattr(request, "param", "light")
    context = browser.new_context(viewport=size, color_scheme=colours, reduced_motion="reduce")
    yield context
    context.close()


def opened(visit: Open, server: LiveServer, paths: dict[str, str], view: str) -> Visit:
    seen = visit(server.url + paths[view])
    seen.settled()
    if view == "edit":
        seen.page.get_by_role("button", name="Edit", exact=True).click()
        expect(seen.page.get_by_role("dialog")).to_be_visible()
    return seen


@pytest.mark.parametrize("context", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_serious_keeps_people_out(visit: Open, recorded: LiveServer, paths: dict[str, str], view: str) -> None:
    seen = opened(visit, recorded, paths, view)

    assert seen.serious_findings() == []
    seen.page.set_viewport_size({"width": 1_280, "height": 800})
    assert seen.serious_findings() == []


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_is_wider_than_a_phone(visit: Open, recorded: LiveServer, paths: dict[str, str], view: str) -> None:
    page = opened(visit, recorded, paths, view).page

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_empty_store_keeps_nobody_out(visit: Open, empty: LiveServer) -> None:
    seen = visit(empty.url)
    seen.settled()

    assert seen.serious_findings() == []


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_asks_anybody_but_its_own_server(
    visit: Open, recorded: LiveServer, paths: dict[str, str], view: str
) -> None:
    seen = opened(visit, recorded, paths, view)

    assert [url for url in seen.requested if not url.startswith(recorded.url)] == []


def test_the_page_runs_no_script_that_was_put_into_it(visit: Open, recorded: LiveServer) -> None:
    seen = visit(recorded.url)
    seen.page.evaluate(
        "() => { const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s); }"
    )

    assert seen.page.evaluate("() => window.ran") is None
    # The browser notes what the policy refused.
    seen.complaints.clear()


def test_the_choice_of_colours_is_kept(visit: Open, recorded: LiveServer) -> None:
    seen = visit(recorded.url)
    seen.page.get_by_role("button", name="Colours").click()
    chosen = seen.page.evaluate("document.documentElement.dataset.theme")

    seen.page.reload()

    assert chosen == "light"
    assert seen.page.evaluate("document.documentElement.dataset.theme") == chosen


def test_an_address_at_which_there_is_nothing_says_so(visit: Open, recorded: LiveServer) -> None:
    seen = visit(f"{recorded.url}/nowhere/at/all")

    expect(seen.page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    # The browser itself notes each answer of 404.
    seen.complaints.clear()


def test_leaving_a_view_ends_what_it_asked_for(visit: Open, recorded: LiveServer) -> None:
    seen = visit(recorded.url)
    ended: list[str] = []
    seen.page.on("requestfailed", lambda request: ended.append(request.url))
    # Answers that never come, until somebody ends the question.
    seen.page.route("**/apis/v2beta1/artifacts?*", lambda _: None)
    seen.page.get_by_role("link", name="Artifacts", exact=True).click()
    expect(seen.page.get_by_role("heading", name="Artifacts")).to_be_visible()
    seen.page.get_by_role("link", name="Runs", exact=True).click()
    expect(seen.page.get_by_role("heading", name="Runs")).to_be_visible()

    assert any("/artifacts?" in url for url in ended)


def test_a_keyboard_alone_goes_from_the_start_to_an_edit_and_back(visit: Open, recorded: LiveServer) -> None:
    page = visit(recorded.url).page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()

    page.keyboard.press("/")
    page.keyboard.type("chosen")
    expect(page.get_by_role("option").first).to_contain_text("chosen")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("chosen")

    page.get_by_role("button", name="Edit", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_focused()


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_a_title_of_its_own(visit: Open, recorded: LiveServer, paths: dict[str, str], view: str) -> None:
    seen = opened(visit, recorded, paths, view)

    heading = seen.page.get_by_role("heading", level=1).inner_text()
    assert seen.page.title() == f"{heading} · artifactd"
