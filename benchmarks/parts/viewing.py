"""How long the page takes to show its views of a large store, in a browser that has seen none of it."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks import machine, servers
from benchmarks.results import Result
from benchmarks.size_contents import ARTIFACTS, RUNS, SCALE_MIN, TASKS, Shape
from benchmarks.size_engines import make_schema
from benchmarks.size_loading import SqliteLoader, load
from benchmarks.table import markdown, middle, spread

if TYPE_CHECKING:
    from playwright.sync_api import Page

Say = Callable[[str], None]
_AT_SCALE_1 = RUNS * TASKS * ARTIFACTS
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_SHOWN = "() => document.querySelector('h1') && !document.querySelector('.loading, [aria-busy=true]')"
"""Everything that the view asks for is there: its heading stands, and nothing says that it loads."""
_TOLD = """() => {
  const seen = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return {
    shown_ms: performance.now(), painted_ms: paint ? paint.startTime : null, requests: seen.length,
    bytes: seen.reduce((sum, each) => sum + each.transferSize, 0),
  };
}"""
_ROWS = "main table tbody tr, main g.node, main .lines li, main [role=tabpanel] button"


def measure(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Fills a store, and opens each view several times over, each time in a browser without a cache.

    Raises:
        RuntimeError: there is no Chromium.
    """
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise RuntimeError("there is no Chromium: install it, or name it in CHROMIUM")
    scale = max(SCALE_MIN, given.view_artifacts / _AT_SCALE_1)
    shape, database = Shape(scale), directory / "large.db"
    url, artifacts = f"sqlite:///{database}", shape.runs * TASKS * ARTIFACTS
    say(f"filling a store of {artifacts:,} artifacts: about a minute and a half a million")
    make_schema(url)
    load(SqliteLoader(database), shape, say)
    with servers.artifactd(url) as server:
        views = _visits(chromium, server.url, given.view_rounds, say)
    raw = {"artifacts": artifacts, "views": views}
    settings = (
        f"Every view {given.view_rounds} times, each time in a new browser context, which has nothing of the page; a "
        f"store of {artifacts:,} artifacts in SQLite, Chromium without a graphics card, 1,280 × 800."
    )
    return Result("view", settings, [], machine.versions(), machine.machine(directory), raw, _voids(views))


def _paths(url: str) -> dict[str, str]:
    """The views, by what a reader calls them."""
    artifact = _get(url, "/apis/v2beta1/artifacts?page_size=1&sort_by=created_at%20desc")["artifacts"][0]["artifact_id"]
    run = _get(url, "/apis/v2beta1/runs?page_size=1&sort_by=created_at%20desc")["runs"][0]["run_id"]
    return {
        "home": "/",
        "artifacts": "/artifacts",
        "artifacts by name": "/artifacts?sort=name",
        "one artifact, its lineage drawn": f"/artifacts/{artifact}",
        "runs": "/runs",
        "one run": f"/runs/{run}",
        "metrics by run": "/run-metrics",
    }


def _get(url: str, target: str) -> Any:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", target)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"GET {target} gave {answer.status}")
    return json.loads(text)


def _visits(chromium: str, url: str, rounds: int, say: Say) -> dict[str, list[dict[str, Any]]]:
    # Only this part needs a browser.
    from playwright.sync_api import sync_playwright

    paths = _paths(url)
    visits: dict[str, list[dict[str, Any]]] = {name: [] for name in paths}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        for number in range(rounds):
            for name, path in paths.items():
                context = browser.new_context(viewport={"width": 1_280, "height": 800})
                page = context.new_page()
                wrong: list[str] = []
                _listen(page, wrong)
                page.goto(url + path)
                page.wait_for_function(_SHOWN, polling="raf")
                seen: dict[str, Any] = page.evaluate(_TOLD)
                visits[name].append(seen | {"rows": page.locator(_ROWS).count(), "wrong": wrong})
                context.close()
            say(f"round {number + 1}: home after {visits['home'][-1]['shown_ms']:.0f} ms")
        browser.close()
    return visits


def _listen(page: Page, wrong: list[str]) -> None:
    """Notes what the browser complains of."""
    page.on("console", lambda message: wrong.append(message.text))


def _voids(views: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """Visits in which something went wrong, or that showed nothing."""
    return [
        f"{name}: {'; '.join(visit['wrong']) or 'it showed no row'}"
        for name, visits in views.items()
        for visit in visits
        if visit["wrong"] or not visit["rows"]
    ]


def section(result: Result) -> str:
    """The part of the page on views."""
    rows: list[tuple[str, ...]] = []
    for name, visits in result.raw["views"].items():
        shown = [visit["shown_ms"] for visit in visits]
        painted = [visit["painted_ms"] for visit in visits if visit["painted_ms"] is not None]
        kilobytes = [visit["bytes"] / 1_000 for visit in visits]
        rows.append(
            (
                name, middle(painted, ".0f") if painted else "", middle(shown, ".0f"), spread(shown, ".0f"),
                middle([visit["requests"] for visit in visits], ".0f"), middle(kilobytes, ".0f"),
            )
        )  # fmt: skip
    heads = ("view", "first paint ms", "all shown ms", "(least to most)", "requests", "kB")
    return f"{result.settings}\n\n{markdown(rows, heads)}\n"
