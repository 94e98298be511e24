"""What schemathesis makes up from the OpenAPI document: no 5xx, and no answer that the document does not tell of.

ARTIFACTD_TEST_EXAMPLES says how many requests to send in all (CI: 10000), ARTIFACTD_TEST_SEED which ones.
"""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyReplay, FlakyStrategyDefinition
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from support import Api, LiveServer

from artifactd.rest.routes import OPERATIONS

EXAMPLES = int(os.environ.get("ARTIFACTD_TEST_EXAMPLES", "500"))
SEED = int(os.environ.get("ARTIFACTD_TEST_SEED", "1"))
NAMES = [operation.name for operation in OPERATIONS]
WALK_SHARE = math.ceil(EXAMPLES * 0.3)
"""How many of the requests follow the document's links from answer to answer."""
OPERATION_SHARE = math.ceil((EXAMPLES - WALK_SHARE) / len(NAMES))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def schema(document: dict[str, Any]) -> Any:
    """The document as schemathesis knows it. U+0000 is left to the boundary values: it spoils every third request."""
    config = {"seed": SEED, "generation": {"allow-x00": False}}
    return schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(config))


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection for all requests."""
    with requests.Session() as session:
        yield session


def hypothesis_settings(**more: Any) -> settings:
    return settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), **more)


def requests_answered(server: LiveServer) -> int:
    """How many requests the server itself says that it has answered."""
    lines = requests.get(f"{server.url}/metrics", timeout=30).text.splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith("artifactd_requests_total{"))


@pytest.fixture(scope="module")
def known(document_server: LiveServer) -> dict[str, str]:
    """The ids of things that exist on the server: an artifact that a task of a run made, and a metric of the task."""
    api = Api(document_server.url)
    request = {"task_id": "train-1", "run_id": "run-1", "producer_key": "model"}
    artifact_id = api.artifact(name="iris", request=request)["artifact_id"]
    api.metric(task_id="train-1", name="loss")
    api.close()
    return {"artifact_id": artifact_id, "task_id": "train-1", "run_id": "run-1", "name": "loss", "key_id": "none"}


def aim(case: Any, known: dict[str, str]) -> None:
    """Turns a request towards what exists, which chance alone hardly ever hits."""
    case.path_parameters = {name: known[name] for name in case.path_parameters}
    for name in ("page_token", "filter", "sort_by", "order_by"):
        case.query.pop(name, None)
    if case.operation.definition.raw["operationId"] == "get_lineage":
        for name in ("task_id", "run_id"):
            case.query.pop(name, None)
        case.query["artifact_id"] = known["artifact_id"]
    links = case.body.get("artifact_tasks", [case.body.get("artifact_task")]) if isinstance(case.body, dict) else ()
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict):
            link["artifact_id"] = known["artifact_id"]


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_to_made_up_requests_is_one_that_the_document_tells_of(
    name: str, schema: Any, session: requests.Session, document_server: LiveServer, known: dict[str, str]
) -> None:
    operation = schema.find_operation_by_id(name)
    modes = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]
    before = requests_answered(document_server)

    @seed(SEED)
    @hypothesis_settings(max_examples=OPERATION_SHARE)
    @given(case=st.one_of(modes), aimed=st.booleans())
    def send(case: Any, *, aimed: bool) -> None:
        if aimed:
            aim(case, known)
        case.call_and_validate(base_url=document_server.url, session=session, checks=CHECKS)

    send()

    assert requests_answered(document_server) - before >= OPERATION_SHARE


def test_every_answer_on_walks_along_the_links_is_one_that_the_document_tells_of(
    schema: Any, session: requests.Session, document_server: LiveServer
) -> None:
    failures: list[str] = []

    class Walk(schema.as_state_machine()):  # type: ignore[misc]
        """Goes from answers to the requests that their links name."""

        def get_call_kwargs(self, _: Any) -> dict[str, Any]:
            return {"base_url": document_server.url, "session": session}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            try:
                case.validate_response(response, checks=CHECKS, transport_kwargs=kwargs)
            except FailureGroup as group:
                # Kept rather than raised: the server remembers, so that a walk hardly ever fails the same way twice.
                failures.append(str(group))

    before = requests_answered(document_server)
    walks_seed = SEED
    while requests_answered(document_server) - before < WALK_SHARE and not failures:
        seed(walks_seed)(Walk)
        # That it remembers also lets Hypothesis see other links open than on the same way before, and give up.
        with contextlib.suppress(FlakyStrategyDefinition, FlakyReplay):
            Walk.run(settings=hypothesis_settings(max_examples=max(10, WALK_SHARE // 10), stateful_step_count=10))
        walks_seed += 1_000

    assert failures == []
    assert requests_answered(document_server) - before >= WALK_SHARE


@pytest.mark.slow
def test_every_answer_to_examples_and_boundary_values_is_one_that_the_document_tells_of(
    document_server: LiveServer, tmp_path: Path
) -> None:
    before = requests_answered(document_server)
    names = ",".join(check.__name__ for check in CHECKS)
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{document_server.url}/openapi.json"]
    flags = ["--phases", "examples,coverage", "--checks", names, "--seed", str(SEED), "--continue-on-failure"]

    ended = subprocess.run(
        [*command, *flags, "--no-color"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert requests_answered(document_server) - before >= 1_000
