"""One client may be shared by any number of threads: every answer belongs to its question."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from artifactd_client import (
    ApiClient,
    ApiException,
    ArtifactServiceApi,
    Configuration,
    RunServiceApi,
    V2beta1Artifact,
    V2beta1CreateArtifactRequest,
    V2beta1LogMetricRequest,
    V2beta1Metric,
)
from support import Api

THREADS = 16
TIMES = 12


def at_once(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """What the work gives in each thread; all begin at the same moment."""
    barrier = threading.Barrier(threads)

    def begin(number: int) -> Any:
        barrier.wait(30)
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))


def mixed_calls(artifacts: ArtifactServiceApi, runs: RunServiceApi, name: str) -> None:
    """Calls of many kinds, each of which checks that the answer is its own."""
    made = artifacts.create_artifact(V2beta1CreateArtifactRequest(artifact=V2beta1Artifact(name=name)))
    assert made.name == name
    assert made.artifact_id
    assert artifacts.get_artifact(made.artifact_id) == made
    with pytest.raises(ApiException) as missing:
        artifacts.get_artifact(f"no-{name}")
    assert f"no-{name}" in (missing.value.message or "")
    point = V2beta1Metric(task_id=name, name="loss", value=float(len(name)))
    assert artifacts.log_metric(V2beta1LogMetricRequest(metric=point)).task_id == name
    data, status, headers = artifacts.get_metric_with_http_info(name, "loss")
    assert (data.task_id, status, headers["Content-Type"]) == (name, 200, "application/json")
    page = artifacts.list_metrics(task_ids=[name])
    assert [each.task_id for each in page.metrics or []] == [name]
    assert runs.create_task({"task_id": f"task-{name}", "run_id": name}).task_id == f"task-{name}"
    assert runs.get_task(f"task-{name}").run_id == name


def test_every_answer_belongs_to_its_question(artifacts: ArtifactServiceApi, runs: RunServiceApi) -> None:
    def work(number: int) -> None:
        for time in range(TIMES):
            mixed_calls(artifacts, runs, f"{number}-{time}")

    at_once(work)

    assert artifacts.list_artifacts().total_size == THREADS * TIMES


def test_more_threads_than_kept_connections_are_served(api: Api, new_client: Callable[..., ApiClient]) -> None:
    client = new_client(api.url, connection_pool_maxsize=2)

    at_once(lambda number: mixed_calls(ArtifactServiceApi(client), RunServiceApi(client), f"{number}"))


def test_asynchronous_calls_run_at_the_same_time(api: Api) -> None:
    made = [api.artifact(name=f"model-{number}") for number in range(40)]

    with ApiClient(Configuration(host=api.url), pool_threads=8) as client:
        service = ArtifactServiceApi(client)
        waiting: list[Any] = [service.get_artifact(each["artifact_id"], async_req=True) for each in made]

        assert [each.get(30).name for each in waiting] == [each["name"] for each in made]


def test_an_asynchronous_call_raises_when_it_is_asked_for_its_result(artifacts: ArtifactServiceApi) -> None:
    waiting: Any = artifacts.get_artifact("no-such", async_req=True)

    with pytest.raises(ApiException) as caught:
        waiting.get(30)
    assert caught.value.status == 404


def test_threads_that_first_call_asynchronously_at_once_share_one_pool(new_client: Callable[..., ApiClient]) -> None:
    client = new_client("http://127.0.0.1:1")

    pools = at_once(lambda _: client.pool)

    assert len({id(each) for each in pools}) == 1


def test_closing_waits_for_asynchronous_calls(api: Api) -> None:
    made = api.artifact(name="iris")
    client = ApiClient(Configuration(host=api.url), pool_threads=2)
    waiting: list[Any] = [
        ArtifactServiceApi(client).get_artifact(made["artifact_id"], async_req=True) for _ in range(30)
    ]

    client.close()

    assert [each.ready() for each in waiting] == [True] * 30
    assert {each.get().name for each in waiting} == {"iris"}


def test_closing_disturbs_no_call_that_is_under_way(client: ApiClient, artifacts: ArtifactServiceApi) -> None:
    def work(number: int) -> None:
        for time in range(TIMES):
            name = f"{number}-{time}"
            assert artifacts.log_metric({"metric": {"task_id": name, "name": "loss", "value": 1}}).task_id == name
            client.close()

    at_once(work)

    assert artifacts.list_metrics().total_size == THREADS * TIMES


def test_a_closed_client_connects_again(client: ApiClient, artifacts: ArtifactServiceApi) -> None:
    client.close()

    assert artifacts.list_artifacts().artifacts == []
    waiting: Any = artifacts.list_artifacts(async_req=True)
    assert waiting.get(30).artifacts == []


def test_closing_twice_is_closing(client: ApiClient, artifacts: ArtifactServiceApi) -> None:
    artifacts.list_artifacts()

    client.close()
    client.close()


def test_no_field_is_lost_when_threads_meet_a_type_first_at_once() -> None:
    # In a process of its own, whose threads take turns as often as can be, and which forgets all types in between.
    script = """
import sys, threading
from artifactd_client import decoding
sys.setswitchinterval(1e-7)
task = {name: name for name in ("run_id", "task_id", "display_name", "pod_name", "name", "parent_task_id")}
more = {"labels": {"a": "b"}, "inputs": {"x": {"artifact_ids": ["i"]}}}
answer = {"run_id": "r", "run_details": {"task_details": [{**task, **more}] * 2}}
plain = {name: decode for name, decode in decoding._DECODERS.items()}
barrier, wrong = threading.Barrier(8), []
def work(number):
    for _ in range(60):
        if barrier.wait() == 0:
            decoding._DECODERS.clear()
            decoding._DECODERS.update(plain)
        barrier.wait()
        try:
            told = decoding.decode(answer, "V2beta1Run").to_dict()
            for each in told["run_details"]["task_details"]:
                assert {name: each[name] for name in task} == task
                assert {name: each[name] for name in more} == more
        except Exception as error:
            wrong.append(repr(error))
threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for each in threads: each.start()
for each in threads: each.join()
sys.exit(f"{len(wrong)} wrong: {wrong[:3]}" if wrong else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
