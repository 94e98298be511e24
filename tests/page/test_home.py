"""The first page: what was made lately, the search, and how to fill an empty store."""

from __future__ import annotations

import re
import subprocess
import sys

from page.conftest import Open
from playwright.sync_api import expect
from support import ROOT, Api, LiveServer


def test_the_first_page_counts_what_there_is(visit: Open, recorded: LiveServer, api: Api) -> None:
    there = api.ok("GET", "/artifacts")["total_size"]

    page = visit(recorded.url).page

    expect(page.locator("a.total", has_text="Artifacts").locator("strong")).to_have_text(str(there))


def test_the_first_page_shows_the_newest_artifacts_and_runs(visit: Open, recorded: LiveServer, api: Api) -> None:
    newest = api.ok("GET", "/artifacts", query={"sort_by": "created_at desc"})["artifacts"][0]

    page = visit(recorded.url).page

    expect(page.get_by_role("region", name="Recent artifacts").get_by_role("link").nth(1)).to_have_text(newest["name"])
    expect(page.get_by_role("region", name="Recent runs").get_by_role("listitem")).to_have_count(3)


def test_an_empty_store_shows_six_lines_that_fill_it(visit: Open, empty: LiveServer) -> None:
    page = visit(empty.url).page

    lines = page.locator("pre").inner_text().splitlines()

    assert len(lines) == 6
    assert empty.url in page.locator("pre").inner_text()


def test_the_python_lines_of_an_empty_store_do_what_they_say(visit: Open, empty: LiveServer) -> None:
    page = visit(empty.url).page
    lines = page.locator("pre").inner_text()

    subprocess.run(
        [sys.executable, "-c", lines], check=True, env={"PYTHONPATH": str(ROOT / "clients" / "python" / "src")}
    )

    expect(page.get_by_role("region", name="Recent artifacts").get_by_role("listitem")).to_have_count(2, timeout=20_000)


def test_what_is_made_meanwhile_appears_without_a_reload(visit: Open, empty: LiveServer, empty_api: Api) -> None:
    empty_api.artifact(name="first")
    page = visit(empty.url).page
    expect(page.get_by_role("link", name="first")).to_be_visible()

    empty_api.artifact(name="second")

    expect(page.get_by_role("link", name="second")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("1 new artifact shown")).to_be_attached()


def test_the_search_finds_by_the_beginning_of_a_name_and_goes_there(visit: Open, recorded: LiveServer) -> None:
    page = visit(recorded.url).page
    page.keyboard.press("/")
    page.keyboard.type("chos")
    expect(page.get_by_role("option", name=re.compile("chosen"))).to_be_visible()

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("chosen")


def test_the_search_says_when_it_finds_nothing(visit: Open, recorded: LiveServer) -> None:
    page = visit(recorded.url).page

    page.get_by_role("combobox", name="Search").fill("nothing is called so")

    expect(page.get_by_text("Nothing begins with this")).to_be_visible()


def test_the_namespace_picker_narrows_the_page(visit: Open, empty: LiveServer, empty_api: Api) -> None:
    empty_api.artifact(name="ours", namespace="team-a")
    empty_api.artifact(name="theirs", namespace="team-b")
    seen = visit(empty.url)

    seen.page.get_by_label("Namespace").select_option("team-a")

    expect(seen.page.get_by_role("link", name="theirs")).to_have_count(0)
    expect(seen.page.get_by_role("link", name="ours")).to_be_visible()
    assert seen.path == "/?namespace=team-a"


def test_the_namespace_goes_along_to_other_views(visit: Open, empty: LiveServer, empty_api: Api) -> None:
    empty_api.artifact(name="ours", namespace="team-a")
    seen = visit(f"{empty.url}/?namespace=team-a")

    seen.page.get_by_role("link", name="All artifacts").click()

    assert seen.path == "/artifacts?namespace=team-a"
