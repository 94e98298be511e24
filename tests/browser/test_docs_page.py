"""The page /docs in a real browser: it shows the whole document, and asks nobody but its own server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page
from support import LiveServer

from artifactd.rest.openapi import openapi_document

BUNDLE = files("artifactd.rest") / "static" / "docs" / "swagger-ui-bundle.js"


class Visit:
    """A page that has been opened, with what it asked for and what it complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.requested: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.response = page.goto(f"{url}/docs", wait_until="networkidle")
        page.wait_for_selector(".opblock")

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    """The page's assets are built by `make setup`, which needs npm."""
    if not BUNDLE.is_file():
        reason = "the page's assets are not built: npm --prefix ui ci && npm --prefix ui run build"
        if os.environ.get("ARTIFACTD_TEST_REQUIRE") == "all":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """A visit to /docs."""
    page = browser.new_page(viewport={"width": 1_280, "height": 1_600})
    yield Visit(page, live_server.url)
    page.close()


def test_the_page_shows_every_operation(visit: Visit) -> None:
    document = openapi_document()
    told = {
        (method.upper(), path.replace("{", "").replace("}", ""))
        for path, methods in document["paths"].items()
        for method in methods
    }

    blocks = visit.page.query_selector_all(".opblock-summary")
    shown = set()
    for block in blocks:
        method, path = (block.query_selector(name) for name in (".opblock-summary-method", ".opblock-summary-path"))
        assert method
        assert path
        plain = "".join(character for character in path.inner_text() if character not in "{}\u200b")
        shown.add((method.inner_text(), plain))

    assert shown == told


def test_the_page_shows_the_fields_of_an_opened_operation(visit: Visit) -> None:
    visit.page.click("#operations-ArtifactService-create_artifact .opblock-summary-control")
    visit.page.wait_for_selector("#operations-ArtifactService-create_artifact .opblock-body")

    assert "iris-model" in visit.page.inner_text("#operations-ArtifactService-create_artifact .opblock-body")


def test_the_page_sends_a_request_that_its_reader_tries_out(visit: Visit) -> None:
    block = "#operations-ArtifactService-list_artifacts"
    visit.page.click(f"{block} .opblock-summary-control")
    visit.page.click(f"{block} button.execute")
    visit.page.wait_for_selector(f"{block} .live-responses-table .response .response-col_status")

    assert "200" in visit.page.inner_text(f"{block} .live-responses-table .response .response-col_status")


def test_the_page_has_nothing_to_complain_of(visit: Visit) -> None:
    assert visit.complaints == []


def test_the_page_asks_nobody_but_its_own_server(visit: Visit, live_server: LiveServer) -> None:
    assert visit.requested
    assert [url for url in visit.requested if not url.startswith((live_server.url, "data:"))] == []


def test_the_page_forbids_everything_but_its_own_scripts(visit: Visit) -> None:
    assert visit.response is not None
    policy = visit.response.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy


def test_the_page_runs_no_script_that_was_put_into_it(visit: Visit) -> None:
    visit.page.evaluate(
        "() => { const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s); }"
    )

    assert visit.page.evaluate("() => window.ran") is None


@pytest.mark.engines("sqlite")
def test_where_authentication_is_on_the_page_takes_a_key_for_what_it_sends(browser: Browser, database_url: str) -> None:
    wanted = ("--name", "ci", "--namespace", "team-a", "--role", "reader", "--database-url", database_url)
    command = [sys.executable, "-m", "artifactd", "key", "create", *wanted]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    server = LiveServer(database_url, "--auth", "keys")
    page = browser.new_page(viewport={"width": 1_280, "height": 1_600})
    try:
        page.goto(f"{server.url}/docs", wait_until="networkidle")
        block = "#operations-ArtifactService-list_artifacts"
        answer = f"{block} .live-responses-table .response .response-col_status"
        page.wait_for_selector(block)
        page.click(f"{block} .opblock-summary-control")
        page.click(f"{block} button.execute")
        page.wait_for_selector(answer)
        before = page.inner_text(answer)

        page.click("button.authorize")
        page.fill(".modal-ux input[type=text]", made.stdout.strip())
        page.click(".modal-ux button.authorize")
        page.click(".modal-ux button.btn-done")
        page.click(f"{block} button.execute")
        page.wait_for_selector(f"{answer}:has-text('200')")

        assert "401" in before
    finally:
        page.close()
        server.kill()
