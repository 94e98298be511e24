"""Fixtures for what the OpenAPI document says, and for a server that is held to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import LiveServer

from artifactd.rest.openapi import openapi_document


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return openapi_document()


@pytest.fixture(scope="module")
def document_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`artifactd serve` over one store for all tests of a module."""
    folder: Path = tmp_path_factory.mktemp("document")
    server = LiveServer(f"sqlite:///{folder}/store.db", "--sqlite-synchronous", "NORMAL", "--log-level", "error")
    yield server
    server.kill()
