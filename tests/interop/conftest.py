"""The recorded runs of `fixtures/`, each test with a copy of its own."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artifactd.interop.compiled import CompiledPipeline
from artifactd.interop.pipeline_spec import load_pipeline

FIXTURES = Path(__file__).parent / "fixtures"
WRITTEN_AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture(scope="session")
def written_at() -> datetime:
    """When every file of `pipeline_root` was written."""
    return WRITTEN_AT


@pytest.fixture
def pipeline_root(tmp_path: Path) -> Path:
    """A PIPELINE_ROOT: a run of `breast-cancer` and two of `nested`, all files written at `written_at`."""
    root = tmp_path / "pipeline_root"
    shutil.copytree(FIXTURES / "pipeline_root", root)
    written_at_ns = (WRITTEN_AT - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000
    for file in root.rglob("*"):
        os.utime(file, ns=(written_at_ns, written_at_ns))
    return root


@pytest.fixture
def nested_run(pipeline_root: Path) -> Path:
    """The folder of the run of `nested` that succeeded."""
    return min(pipeline_root.glob("nested-*"))


@pytest.fixture
def failed_run(pipeline_root: Path) -> Path:
    """The folder of the run of `nested` whose last task failed."""
    return max(pipeline_root.glob("nested-*"))


@pytest.fixture
def breast_cancer_run(pipeline_root: Path) -> Path:
    """The folder of the run of `breast-cancer`."""
    return next(pipeline_root.glob("breast-cancer-*"))


@pytest.fixture(scope="session")
def nested_pipeline() -> CompiledPipeline:
    """The compiled pipeline `nested`."""
    return load_pipeline(FIXTURES / "nested.yaml")


@pytest.fixture(scope="session")
def branches_pipeline() -> CompiledPipeline:
    """The compiled pipeline `branches`."""
    return load_pipeline(FIXTURES / "branches.yaml")


@pytest.fixture(scope="session")
def breast_cancer_pipeline() -> CompiledPipeline:
    """The compiled pipeline `breast-cancer`."""
    return load_pipeline(FIXTURES / "breast-cancer.yaml")
