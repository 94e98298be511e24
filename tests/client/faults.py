"""What tests of failures share: a call of each verb, and the exception that an answer becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from artifactd_client import ApiException, ArtifactServiceApi, RunServiceApi
from client.conftest import NewClient
from client.sockets import WAIT_S, Answer, raw_server

BODY = {"artifact": {"name": "model"}}
ARTIFACT = {"artifact_id": "1", "name": "model"}
VERBS: dict[str, Callable[[ArtifactServiceApi], Any]] = {
    "GET": lambda service: service.get_artifact("1"),
    "PUT": lambda service: service.update_artifact("1", {"name": "model"}),
    "POST": lambda service: service.create_artifact(BODY),
    "PATCH": lambda service: RunServiceApi(service.api_client).update_task("1", {}),
}
every_verb = pytest.mark.parametrize("verb", VERBS)


def service_of(new_client: NewClient, url: str, **attributes: Any) -> ArtifactServiceApi:
    """A service that would sooner fail than wait longer than the test."""
    return ArtifactServiceApi(new_client(url, **{"request_timeout": WAIT_S, **attributes}))


def failure(new_client: NewClient, answer: Answer, verb: str = "GET", **attributes: Any) -> ApiException:
    """The exception that a server's answer, always the same, becomes."""
    with raw_server(answer) as server, pytest.raises(ApiException) as caught:
        VERBS[verb](service_of(new_client, server.url, **attributes))
    return caught.value
