"""The page over a store that no page of it can hold: everything is the server's work, and little is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from page.conftest import Open
from page.visits import opened
from playwright.sync_api import expect
from support import Api, LiveServer

from benchmarks.size_contents import SCALE_MIN, Shape
from benchmarks.size_engines import make_schema
from benchmarks.size_loading import SqliteLoader, load

SCALE = max(SCALE_MIN, 0.002)
ROWS_MAX = 200


def _fill(url: str, database: Path) -> None:
    make_schema(url)
    load(SqliteLoader(database), Shape(SCALE), lambda _: None)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server over a generated store of tens of thousands of artifacts and their metrics."""
    database = tmp_path_factory.mktemp("large") / "large.db"
    url = f"sqlite:///{database}"
    # The browser's event loop is this thread's own.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(_fill, url, database).result()
    server = LiveServer(url)
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def large_api(large: LiveServer) -> Iterator[Api]:
    """A client of that server."""
    api = Api(large.url)
    yield api
    api.close()


def test_the_first_page_tells_how_much_there_is(visit: Open, large: LiveServer, large_api: Api) -> None:
    total = large_api.get("/artifacts", page_size=1)["total_size"]

    page = opened(visit, large, "/").page

    assert total >= 10_000
    expect(page.get_by_role("main")).to_contain_text(f"{total:,}")


def test_pages_follow_each_other_and_come_back(visit: Open, large: LiveServer) -> None:
    seen = opened(visit, large, "/artifacts")
    first = seen.rows()

    seen.page.get_by_role("button", name="Next").click()
    expect(seen.page.get_by_text(re.compile("^21.40 of"))).to_be_visible()
    second = seen.rows()
    seen.page.get_by_role("button", name="Previous").click()
    expect(seen.page.get_by_text(re.compile("^1.20 of"))).to_be_visible()

    assert len(first) == len(second) == 20
    assert seen.rows() == first


@pytest.mark.parametrize("column", ["Name", "Type", "Made"])
def test_the_server_sorts_by_each_head(visit: Open, large: LiveServer, large_api: Api, column: str) -> None:
    seen = opened(visit, large, "/artifacts")

    seen.page.get_by_role("columnheader", name=column).get_by_role("button").click()
    seen.settled()

    field = {"Name": "name", "Type": "type", "Made": "created_at"}[column]
    assert "sort=" in seen.path
    order = seen.path.split("sort=")[1].split("&")[0].replace("+", " ").replace("%20", " ")
    assert order.split()[0] == field
    told = large_api.get("/artifacts", page_size=20, sort_by=order)["artifacts"]
    assert seen.rows() == [artifact["name"] for artifact in told]


def test_a_condition_on_a_metric_narrows_the_list(visit: Open, large: LiveServer, large_api: Api) -> None:
    metric: Any = large_api.get("/metrics", page_size=1)["metrics"][0]
    seen = opened(visit, large, f"/artifacts?where=metric.{metric['name']}+%3E+1e9")

    expect(seen.page.get_by_text("No artifact meets all of this")).to_be_visible()


def test_no_view_draws_more_rows_than_it_shows(visit: Open, large: LiveServer, large_api: Api) -> None:
    links = large_api.get("/artifact_tasks", type="INPUT", page_size=200)["artifact_tasks"]
    hub = max(
        {link["artifact_id"] for link in links}, key=lambda one: sum(link["artifact_id"] == one for link in links)
    )
    for path in ("/artifacts?size=200", "/runs", "/run-metrics", f"/artifacts/{hub}"):
        seen = opened(visit, large, path)

        assert seen.page.locator("main tr, main li, main [role=row], main g.node").count() <= ROWS_MAX + 60, path


def test_the_search_box_finds_by_the_beginning(visit: Open, large: LiveServer, large_api: Api) -> None:
    artifact = large_api.get("/artifacts", page_size=1)["artifacts"][0]
    page = opened(visit, large, "/").page

    page.get_by_role("combobox", name="Search").fill(artifact["artifact_id"])

    expect(page.get_by_role("option").first).to_contain_text(artifact["name"])
