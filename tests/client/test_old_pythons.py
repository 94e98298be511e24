"""The client on the oldest Python that it promises (3.9), with the oldest urllib3, and on every other Python found."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import ROOT, Api

SCRIPT = Path(__file__).parent / "oldest_python.py"
OLDEST = ROOT / ".oldest-urllib3"
CLIENT = ROOT / "clients" / "python" / "src"


def interpreters() -> dict[str, str]:
    """The program of each version from 3.9 on that is on the machine."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    names = [f"python3.{minor}" for minor in range(9, 20)] + ["pypy3"]
    programs = [str(path) for path in sorted(pyenv.glob("versions/*/bin/python"))]
    programs += [found for name in names if (found := shutil.which(name))]
    result: dict[str, str] = {}
    for program in programs:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        asked = subprocess.run([program, "-c", code], capture_output=True, text=True, check=False)
        major, _, minor = asked.stdout.strip().partition(".")
        if asked.returncode == 0 and major == "3" and int(minor) >= 9:
            result.setdefault(f"{major}.{minor}", program)
    return result


FOUND = interpreters()


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


WANTED: list[str] = sorted({"3.9", *FOUND}, key=_minor)


@pytest.mark.parametrize("version", WANTED)
def test_the_client_runs_on(api: Api, version: str) -> None:
    if version not in FOUND:
        pytest.skip(f"there is no Python {version} (nor a PyPy of it) on this machine")
    environment = {**os.environ, "PYTHONPATH": f"{CLIENT}{os.pathsep}{OLDEST}", "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        [FOUND[version], "-W", "error", "-W", "ignore::DeprecationWarning", str(SCRIPT), api.url],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"({version.replace('.', ', ')}) 1.26.20\n"
