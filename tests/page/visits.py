"""A visit to the page: what was asked for, what the browser complained of, and what axe finds to keep people out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from support import ROOT, LiveServer

AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")


class Visit:
    """A page that has been opened."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.requested: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    @property
    def path(self) -> str:
        """Where the page is, with its query."""
        return "/" + self.page.url.split("/", 3)[3]

    def rows(self) -> list[str]:
        """The first words of each row of the view's table."""
        links = self.page.locator("table tbody tr td:not(.tick):first-of-type, table tbody tr td.tick + td")
        return [text.strip() for text in links.all_inner_texts()]

    def settled(self) -> None:
        """Waits until what the view shows has been loaded."""
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator(".loading")).to_have_count(0)

    def serious_findings(self) -> list[str]:
        """What axe finds serious, as the rule and the element."""
        self.page.evaluate(AXE.read_text())
        found: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            if violation["impact"] in SERIOUS
            for node in violation["nodes"]
        ]


def opened(visit: Callable[..., Visit], server: LiveServer, path: str) -> Visit:
    """A view of a server, with all that it loads."""
    seen = visit(server.url + path)
    seen.settled()
    return seen
