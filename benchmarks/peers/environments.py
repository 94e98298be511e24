"""Environments of their own for what is not the program: each from its pinned requirements, made when first needed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.servers import ROOT

PLACE = ROOT / ".bench"


class Environment(NamedTuple):
    """A virtual environment in `.bench`.

    Attributes:
        name: of its folder, and behind `bench-` of its file in `requirements`.
        pythons: the versions that its packages have wheels for, the best one first.
    """

    name: str
    pythons: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return PLACE / self.name / "bin" / "python"

    @property
    def requirements(self) -> Path:
        """Its pinned packages."""
        return ROOT / "requirements" / f"bench-{self.name}.txt"

    def make(self, say: Callable[[str], None]) -> Path:
        """Makes it, unless it is there with those very requirements.

        Returns:
            Its interpreter.

        Raises:
            RuntimeError: there is no Python of its versions, or a package cannot be installed.
        """
        wanted, stamp = self.requirements.read_text(encoding="utf-8"), PLACE / self.name / "installed.txt"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return self.python
        say(f"making an environment for {self.name}: a minute or two, the first time")
        shutil.rmtree(PLACE / self.name, ignore_errors=True)
        _run(str(find_python(self.pythons)), "-m", "venv", str(PLACE / self.name))
        pip = (str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(*pip, "--requirement", str(self.requirements))
        stamp.write_text(wanted, encoding="utf-8")
        return self.python

    def version(self, package: str) -> str:
        """The pinned version of a package."""
        found = re.search(rf"^{re.escape(package)}==(\S+)", self.requirements.read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else "unknown"


NOOP = Environment("noop", ("3.11", "3.12", "3.13", "3.14"))
MLFLOW = Environment("mlflow", ("3.11", "3.12", "3.10", "3.13"))
ML_METADATA = Environment("ml-metadata", ("3.11", "3.10", "3.9"))


def find_python(versions: tuple[str, ...]) -> Path:
    """An interpreter of one of these versions, the first ones first: this one, one in the PATH, or one of pyenv's.

    Raises:
        RuntimeError: there is none.
    """
    for version in versions:
        for candidate in _candidates(version):
            said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
            if said.returncode == 0 and said.stdout.split()[-1].startswith(f"{version}."):
                return candidate
    raise RuntimeError(f"none of Python {', '.join(versions)} is here: install one, such as python{versions[0]}")


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    yield from sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))


def main() -> None:
    """Makes the environments that the command line names."""
    known = {each.name: each for each in (NOOP, MLFLOW, ML_METADATA)}
    for name in sys.argv[1:]:
        known[name].make(print)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()[-1_000:]}")


if __name__ == "__main__":
    main()
