"""Takes the pictures of the page that the documentation shows, over the run of the demo that the tests have recorded.

Run it as `make pictures`. It needs Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from artifactd_client import ApiClient, ArtifactServiceApi, Configuration
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
FIXTURES = ROOT / "tests" / "interop" / "fixtures"
PIPELINE = "breast-cancer"
ARTIFACTD = (sys.executable, "-m", "artifactd")


def main() -> None:
    """Records the run into a server of its own, and takes every picture."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no Chromium: install it, or name it in CHROMIUM")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/artifactd.db"
        server = subprocess.Popen(
            [*ARTIFACTD, "serve", "--port", "0", "--no-access-log", "--database-url", url],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found is not None
            record(found[0])
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1_280, "height": 860}, color_scheme="light")
                take_all(page, found[0])
                browser.close()
        finally:
            server.terminate()
            server.wait()


def record(url: str) -> None:
    """Records the demo's run."""
    compiled = str(FIXTURES / f"{PIPELINE}.yaml")
    command = ["import", "kfp-local", str(FIXTURES / "pipeline_root"), "--pipeline", compiled, "--server", url]
    subprocess.run([*ARTIFACTD, *command], check=True, capture_output=True)


def take_all(page: Page, url: str) -> None:
    """The chosen model with its lineage, and the two models compared."""
    with ApiClient(Configuration(host=url)) as client:
        artifacts = ArtifactServiceApi(client).list_artifacts(page_size=100).artifacts
    chosen = next(artifact.artifact_id for artifact in artifacts if artifact.name == "chosen")
    models = [artifact.artifact_id for artifact in artifacts if artifact.name == "model"]
    take(page, f"{url}/artifacts/{chosen}", "page")
    take(page, f"{url}/compare?" + "&".join(f"artifact={model}" for model in models), "compare", whole=True)


def take(page: Page, address: str, name: str, *, whole: bool = False) -> None:
    """One picture, of the window or of the whole page."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.locator("main h1").wait_for()
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()
