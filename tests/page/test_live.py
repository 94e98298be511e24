"""Live: what a running pipeline does appears without a reload, at a cost that is bounded."""

from __future__ import annotations

import pytest
from page.conftest import Open
from page.visits import Visit, opened
from playwright.sync_api import Page, expect
from support import Api, LiveServer

APPEARS_MS = 40_000


@pytest.fixture
def running(empty_api: Api) -> Api:
    """A run with one task, which is running."""
    empty_api.task(task_id="fit", run_id="live", name="fit", display_name="fit", state="RUNNING")
    empty_api.metric(task_id="fit", name="accuracy", value=0.5, step=1)
    return empty_api


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "live"),
        ("/runs", "0.75"),
        ("/run-metrics", "0.75"),
        ("/run-metrics?tab=every", "0.75"),
        ("/runs/live", "Failed"),
        ("/runs/live?tab=metrics", "0.75"),
        ("/tasks", "Failed"),
        ("/tasks/fit", "Failed"),
    ],
)
def test_new_metrics_and_states_appear(visit: Open, empty: LiveServer, running: Api, path: str, text: str) -> None:
    page = opened(visit, empty, path).page

    running.metric(task_id="fit", name="accuracy", value=0.75, step=2)
    running.ok("PATCH", "/tasks/fit", {"state": "FAILED"})

    expect(page.get_by_role("main").get_by_text(text).first).to_be_visible(timeout=APPEARS_MS)


def asked_in(seen: Visit, page: Page, seconds: int) -> int:
    """How many questions the page asks in so many of its own seconds."""
    before = len(seen.requested)
    page.clock.run_for(seconds * 1_000)
    page.wait_for_load_state("networkidle")
    return len(seen.requested) - before


@pytest.mark.parametrize("path", ["/", "/runs", "/run-metrics", "/runs/live", "/tasks/fit"])
@pytest.mark.usefixtures("running")
def test_a_view_asks_a_bounded_number_of_questions(visit: Open, empty: LiveServer, path: str) -> None:
    seen = opened(visit, empty, path)
    seen.page.clock.install()
    seen.page.reload()
    seen.settled()

    assert asked_in(seen, seen.page, 60) <= 80


@pytest.mark.usefixtures("running")
def test_a_tab_that_is_not_seen_asks_nothing(visit: Open, empty: LiveServer) -> None:
    seen = visit(empty.url)
    seen.page.clock.install()
    seen.page.goto(f"{empty.url}/runs")
    seen.settled()
    seen.page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    asked_in(seen, seen.page, 30)

    assert asked_in(seen, seen.page, 120) == 0


def test_a_server_that_is_away_is_told_and_what_was_shown_stays(visit: Open, empty: LiveServer, running: Api) -> None:
    seen = opened(visit, empty, "/runs")
    expect(seen.page.get_by_role("link", name="live")).to_be_visible()

    seen.page.context.set_offline(True)
    expect(seen.page.get_by_role("alert")).to_be_visible(timeout=APPEARS_MS)
    expect(seen.page.get_by_role("link", name="live")).to_be_visible()
    running.ok("PATCH", "/tasks/fit", {"state": "FAILED"})
    seen.page.context.set_offline(False)

    expect(seen.page.get_by_role("alert")).to_have_count(0, timeout=2 * APPEARS_MS)
    # The browser itself notes each request that failed.
    seen.complaints.clear()
