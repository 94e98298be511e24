"""The wheel carries the page built: who installs it needs no Node."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from support import ROOT


def test_a_wheel_carries_the_built_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = tmp_path.iterdir()

    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
        document = wheel.read("artifactd/rest/static/page/index.html").decode()

    assets = [name.removeprefix("artifactd/rest/static/page/") for name in names if "/page/assets/" in name]
    assert any(asset in document for asset in assets)
    assert "artifactd/rest/static/page/LICENSES.txt" in names
