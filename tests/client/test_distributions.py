"""What is published: the wheels of the client and of its second name, in environments of their own."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from official_client import FOLDER as OFFICIAL
from support import ROOT

CLIENT = ROOT / "clients" / "python"
SECOND_NAME = CLIENT / "kfp-server-api"


def build(project: Path, kind: str, into: Path) -> Path:
    """Builds a distribution, without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    [built] = into.iterdir()
    return built


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels, by the name of the distribution."""
    return {
        "artifactd-client": build(CLIENT, "wheel", tmp_path_factory.mktemp("client")),
        "artifactd-kfp-server-api": build(SECOND_NAME, "wheel", tmp_path_factory.mktemp("second")),
    }


class Environment:
    """A virtual environment with urllib3, and what a test installs."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.python = folder / "bin" / "python"
        [self.packages] = folder.glob("lib/python*/site-packages")
        self._copy("urllib3")

    def _copy(self, *modules: str) -> None:
        for name in modules:
            spec = importlib.util.find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            source = Path(spec.origin)
            if source.name == "__init__.py":
                shutil.copytree(source.parent, self.packages / name)
            else:
                shutil.copy(source, self.packages)

    def install(self, wheel: Path) -> None:
        """As pip does it."""
        self._pip("install", "--no-deps", "--no-index", "--quiet", str(wheel))

    def uninstall(self, name: str) -> None:
        """As above."""
        self._pip("uninstall", "--yes", "--quiet", name)

    def _pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(self.python)]
        subprocess.run([*command, *arguments], check=True, capture_output=True)

    def install_official(self) -> None:
        """KFP's client and what it needs, written over what is there, as pip writes."""
        self._copy("six", "dateutil", "certifi")
        shutil.copytree(OFFICIAL, self.packages, dirs_exist_ok=True)

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        """Runs a line of Python."""
        return subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment with urllib3 alone."""
    return Environment(tmp_path / "environment")


def test_the_client_imports_from_its_wheel(environment: Environment, wheels: dict[str, Path]) -> None:
    environment.install(wheels["artifactd-client"])

    done = environment.run("import artifactd_client; print(artifactd_client.V2beta1Artifact(name='iris'))")

    assert done.stdout == "V2beta1Artifact(name='iris')\n"
    assert done.stderr == ""


def test_the_client_alone_does_not_take_kfps_import_name(environment: Environment, wheels: dict[str, Path]) -> None:
    environment.install(wheels["artifactd-client"])

    assert "No module named 'kfp_server_api'" in environment.run("import kfp_server_api").stderr


def test_the_second_name_gives_the_same_classes(environment: Environment, wheels: dict[str, Path]) -> None:
    for wheel in wheels.values():
        environment.install(wheel)

    done = environment.run(
        "import kfp_server_api, artifactd_client\n"
        "from kfp_server_api.models.v2beta1_artifact import V2beta1Artifact\n"
        "from kfp_server_api.rest import ApiException\n"
        "print(V2beta1Artifact is artifactd_client.V2beta1Artifact is kfp_server_api.V2beta1Artifact,\n"
        "      ApiException is artifactd_client.ApiException, kfp_server_api.__version__)"
    )

    assert done.stdout == "True True 2.14.3\n", done.stderr


@pytest.mark.parametrize("official_comes", ["first", "last"])
def test_a_mixture_with_the_official_client_is_refused(
    environment: Environment, wheels: dict[str, Path], official_comes: str
) -> None:
    environment.install(wheels["artifactd-client"])
    if official_comes == "first":
        environment.install_official()
    environment.install(wheels["artifactd-kfp-server-api"])
    if official_comes == "last":
        environment.install_official()

    done = environment.run("import kfp_server_api")

    assert done.returncode == 1
    assert "ImportError: kfp-server-api 2.14.3 and artifactd-kfp-server-api 0.1.0 are both installed" in done.stderr
    assert "pip uninstall -y artifactd-kfp-server-api kfp-server-api && pip install kfp-server-api" in done.stderr


@pytest.mark.parametrize("module", ["kfp_server_api.rest", "kfp_server_api.models.v2beta1_run"])
def test_a_part_of_a_mixture_is_refused_too(environment: Environment, wheels: dict[str, Path], module: str) -> None:
    for wheel in wheels.values():
        environment.install(wheel)
    environment.install_official()

    assert "are both installed" in environment.run(f"import {module}").stderr


def test_the_client_works_beside_a_mixture(environment: Environment, wheels: dict[str, Path]) -> None:
    for wheel in wheels.values():
        environment.install(wheel)
    environment.install_official()

    assert environment.run("import artifactd_client").returncode == 0


def test_the_client_sits_beside_the_official_one(environment: Environment, wheels: dict[str, Path]) -> None:
    environment.install(wheels["artifactd-client"])
    environment.install_official()

    done = environment.run(
        "import artifactd_client, kfp_server_api\n"
        "print(hasattr(kfp_server_api, 'PipelineServiceApi'), kfp_server_api.ApiClient is artifactd_client.ApiClient)"
    )

    assert done.stdout == "True False\n", done.stderr


def test_nothing_of_the_second_name_stays_when_it_is_uninstalled(
    environment: Environment, wheels: dict[str, Path]
) -> None:
    environment.install(wheels["artifactd-client"])
    before = {path.name for path in environment.packages.iterdir()}
    environment.install(wheels["artifactd-kfp-server-api"])

    environment.uninstall("artifactd-kfp-server-api")

    assert {path.name for path in environment.packages.iterdir()} == before
    assert environment.run("print('started')").stderr == ""


def test_python_starts_without_importing_the_client(environment: Environment, wheels: dict[str, Path]) -> None:
    for wheel in wheels.values():
        environment.install(wheel)

    done = environment.run("import sys; print(sorted(name for name in sys.modules if 'artifactd' in name))")

    assert done.stdout == "['artifactd_kfp_server_api']\n"


@pytest.mark.parametrize("project", [CLIENT, SECOND_NAME], ids=["artifactd-client", "artifactd-kfp-server-api"])
def test_a_wheel_from_the_source_distribution_is_the_same(project: Path, tmp_path: Path) -> None:
    for name in ("direct", "source", "unpacked", "indirect"):
        (tmp_path / name).mkdir()
    direct = build(project, "wheel", tmp_path / "direct")
    with tarfile.open(build(project, "sdist", tmp_path / "source")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()

    indirect = build(unpacked, "wheel", tmp_path / "indirect")

    assert sorted(zipfile.ZipFile(indirect).namelist()) == sorted(zipfile.ZipFile(direct).namelist())


@pytest.mark.parametrize("project", [CLIENT, SECOND_NAME], ids=["artifactd-client", "artifactd-kfp-server-api"])
def test_a_wheel_carries_its_licence_and_says_that_it_is_typed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "wheel").mkdir()

    names = zipfile.ZipFile(build(project, "wheel", tmp_path / "wheel")).namelist()

    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("/py.typed") for name in names)


def test_both_distributions_have_the_version_of_the_server() -> None:
    from artifactd_client.version import __version__ as client

    from artifactd import __version__ as server

    assert client == server
    assert f'version = "{server}"' in (SECOND_NAME / "pyproject.toml").read_text()
