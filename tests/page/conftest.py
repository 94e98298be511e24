"""The page in a real browser, over real servers: one with recorded runs, one that is empty, one that wants a key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from browser.conftest import browser
from page.visits import Visit
from playwright.sync_api import Browser, BrowserContext
from support import ROOT, Api, LiveServer

__all__ = ["browser"]
BUILT = files("artifactd.rest") / "static" / "page" / "index.html"
FIXTURES = ROOT / "tests" / "interop" / "fixtures"
Open = Callable[..., Visit]


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    """The page is built by `make setup`, which needs npm."""
    if not BUILT.is_file():
        reason = "the page is not built: npm --prefix ui ci && npm --prefix ui run build"
        if os.environ.get("ARTIFACTD_TEST_REQUIRE") == "all":
            pytest.fail(reason)
        pytest.skip(reason)


def record(url: str) -> None:
    """Records real runs of kfp.local, as they were left on disk."""
    for pipeline in ("breast-cancer", "nested"):
        compiled = str(FIXTURES / f"{pipeline}.yaml")
        command = ["import", "kfp-local", str(FIXTURES / "pipeline_root"), "--pipeline", compiled, "--server", url]
        subprocess.run([sys.executable, "-m", "artifactd", *command], check=True, capture_output=True)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with recorded runs; tests of one module share it."""
    yield from _serving(tmp_path_factory.mktemp("recorded"), record)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[LiveServer]:
    """A server over an empty store."""
    yield from _serving(tmp_path, lambda _: None)


def _serving(folder: Path, fill: Callable[[str], None]) -> Iterator[LiveServer]:
    server = LiveServer(f"sqlite:///{folder / 'artifactd.db'}")
    try:
        fill(server.url)
        yield server
    finally:
        server.kill()


@pytest.fixture
def api(recorded: LiveServer) -> Iterator[Api]:
    """A client of the server with recorded runs."""
    api = Api(recorded.url)
    yield api
    api.close()


@pytest.fixture
def empty_api(empty: LiveServer) -> Iterator[Api]:
    """A client of the server over an empty store."""
    api = Api(empty.url)
    yield api
    api.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser as one person has it."""
    context = browser.new_context(viewport={"width": 1_280, "height": 800}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def visit(context: BrowserContext) -> Iterator[Open]:
    """Opens an address; whatever is opened must have had nothing to complain of."""
    visits: list[Visit] = []

    def open_page(url: str) -> Visit:
        visits.append(Visit(context.new_page(), url))
        return visits[-1]

    yield open_page
    for each in visits:
        assert each.complaints == []
