"""Fixtures of tests of the store itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from storage.faulty_disk import FaultyDisk

_numbers = itertools.count(1)


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    """A disk that fails when it is told to."""
    disk = FaultyDisk(f"faulty-{next(_numbers)}")
    yield disk
    disk.goes_on.set()
    disk.unregister()


@pytest.fixture(autouse=True)
def log() -> Iterator[list[Any]]:
    """What is logged, which would flood the output of tests of failures."""
    with structlog.testing.capture_logs() as lines:
        yield lines
