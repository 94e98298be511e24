"""The ids that the service makes."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from artifactd.operations.context import new_uuid


@pytest.fixture
def busy_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_ids_are_uuids_of_version_7_that_rise() -> None:
    ids = [new_uuid() for _ in range(10_000)]

    assert ids == sorted(set(ids))
    assert {uuid.UUID(each).version for each in ids} == {7}
    assert {uuid.UUID(each).variant for each in ids} == {uuid.RFC_4122}


@pytest.mark.usefixtures("busy_threads")
def test_no_two_threads_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = [each for made in threads.map(lambda _: [new_uuid() for _ in range(5_000)], range(8)) for each in made]

    assert len(set(ids)) == len(ids)
