"""Writes that count once however often they are sent: the setting `idempotent_writes`, and life without it."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager

import pytest
import urllib3
from artifactd_client import ArtifactServiceApi, RunServiceApi
from client.conftest import NewClient
from client.sockets import RawServer, Request, forwarded, raw_server
from support import Api

BODY = {"artifact": {"name": "model"}}


def losing(api: Api) -> AbstractContextManager[RawServer]:
    """A proxy before a server, which loses the first answer and passes all others on."""
    lost: list[bytes] = []

    def answer(connection: socket.socket, request: Request) -> None:
        content = forwarded(api.url, request)
        if lost:
            connection.sendall(content)
        lost.append(content)

    return raw_server(answer)


def keys_of(server: RawServer) -> list[str | None]:
    """The idempotency keys that came."""
    return [request.header("idempotency-key") for request in server.requests]


def test_after_a_lost_answer_an_idempotent_write_is_sent_again_and_counts_once(api: Api, new_client: NewClient) -> None:
    with losing(api) as proxy:
        service = ArtifactServiceApi(new_client(proxy.url, idempotent_writes=True))
        made = service.create_artifact(BODY)

    [first, second] = keys_of(proxy)
    assert first == second
    assert first
    assert [each["artifact_id"] for each in api.get("/artifacts")["artifacts"]] == [made.artifact_id]


def test_each_idempotent_write_has_a_key_of_its_own(recorder: RawServer, new_client: NewClient) -> None:
    service = ArtifactServiceApi(new_client(recorder.url, idempotent_writes=True))
    for _ in range(3):
        service.create_artifact(BODY)

    assert len(set(keys_of(recorder))) == 3
    assert None not in keys_of(recorder)


def test_reads_have_no_key_and_neither_have_writes_unasked(recorder: RawServer, new_client: NewClient) -> None:
    ArtifactServiceApi(new_client(recorder.url, idempotent_writes=True)).list_artifacts()
    service = ArtifactServiceApi(new_client(recorder.url))
    service.create_artifact({})
    service.update_artifact("1", {})

    assert keys_of(recorder) == [None, None, None]


def test_a_change_of_a_task_after_a_lost_answer_is_sent_again_and_counts_once(api: Api, new_client: NewClient) -> None:
    api.task(task_id="train", state="RUNNING")
    with losing(api) as proxy:
        RunServiceApi(new_client(proxy.url, idempotent_writes=True)).update_task("train", {"state": "SUCCEEDED"})

    assert len(proxy.requests) == 2
    assert [each["state"] for each in api.get("/tasks/train")["state_history"]] == ["RUNNING", "SUCCEEDED"]


def test_a_conditional_update_after_a_lost_answer_does_not_find_its_own_first(api: Api, new_client: NewClient) -> None:
    artifact_id = api.artifact()["artifact_id"]
    with losing(api) as proxy:
        client = new_client(proxy.url, idempotent_writes=True)
        client.set_default_header("If-Match", '"1"')
        changed = ArtifactServiceApi(client).update_artifact(artifact_id, {"name": "mine"})

    assert changed.name == "mine"
    assert len(proxy.requests) == 2


def test_a_key_of_the_callers_own_is_kept(recorder: RawServer, new_client: NewClient) -> None:
    client = new_client(recorder.url, idempotent_writes=True)
    client.set_default_header("Idempotency-Key", "mine")
    ArtifactServiceApi(client).create_artifact(BODY)

    assert keys_of(recorder) == ["mine"]


def test_without_keys_a_lost_answer_of_a_write_is_told_and_not_sent_again(api: Api, new_client: NewClient) -> None:
    with losing(api) as proxy, pytest.raises(urllib3.exceptions.HTTPError):
        ArtifactServiceApi(new_client(proxy.url)).create_artifact(BODY)

    assert len(proxy.requests) == 1
    assert api.get("/artifacts")["total_size"] == 1
