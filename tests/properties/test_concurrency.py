"""Operations that go on at once, through every server of a store, answer as if they came one after the other.

Each round a few callers send a few requests each, about the same few ids, at the same time. There must be an order of
them in which the model of the contract gives every answer, and then everything that the store shows
(`properties.linearization`). `ARTIFACTD_TEST_EXAMPLES` and `ARTIFACTD_TEST_SEED` say how many rounds, and which.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from engines.databases import Databases
from properties.calls import Call
from properties.drawn_calls import Drawing, Request
from properties.linearization import NoOrder, in_some_order
from properties.model import Model
from properties.values import examples
from support import Api, LiveServer

ROUNDS = examples(40, cost=30).max_examples
SEED = os.environ.get("ARTIFACTD_TEST_SEED", "1")
CALLERS = 4
ROUNDS_OF_A_STORE = 250
"""A store that has seen so many rounds is left for a new one."""


class Recorder:
    """Sends requests through the servers of one store, and notes how they went."""

    def __init__(self, urls: list[str]) -> None:
        self._apis = [Api(urls[number % len(urls)]) for number in range(CALLERS)]
        self._numbers = itertools.count(1)
        self._threads = ThreadPoolExecutor(CALLERS)
        self.calls: dict[int, Call] = {}

    def close(self) -> None:
        """Closes the connections."""
        self._threads.shutdown()
        for api in self._apis:
            api.close()

    def send(self, request: Request, caller: int, name: str) -> Call:
        """Sends a request."""
        method, path, message, query, headers = request
        began_us, began = time.time_ns() // 1_000, time.monotonic_ns()
        reply = self._apis[caller].request(method, path, message, query=query, headers=headers)
        ended, ended_us = time.monotonic_ns(), time.time_ns() // 1_000
        assert reply.status in (200, 400, 404, 409), (request, reply)
        number = next(self._numbers)
        answer, etag = reply.json, reply.headers.get("etag")
        times = (began, ended, began_us, ended_us)
        call = Call(number, name, method, path, query, message, headers, *times, reply.status, answer, etag)
        self.calls[number] = call
        return call

    def in_turn(self, requests: list[Request], name: str) -> list[Call]:
        """Sends requests one after the other, each through the next server."""
        return [self.send(request, number % CALLERS, name) for number, request in enumerate(requests)]

    def at_once(self, programs: list[list[Request]]) -> list[Call]:
        """Sends the requests of each program one after the other, and the programs at the same time."""
        ready = threading.Barrier(len(programs))

        def run(caller: int) -> list[Call]:
            ready.wait(30)
            return [self.send(request, caller, f"caller {caller}") for request in programs[caller]]

        return [call for calls in self._threads.map(run, range(len(programs))) for call in calls]


def play(recorder: Recorder, drawing: Drawing, chance: random.Random, totals: dict[str, int]) -> dict[str, int]:
    """Plays a round and judges it; gives the totals after it. Raises NoOrder."""
    before = recorder.in_turn(drawing.before(), "before")
    drawing.artifact_ids += [call.answer["artifact_id"] for call in before if call.path == "/artifacts"]
    callers, length = chance.choice([(2, 6), (3, 4), (4, 3), (4, 4)])
    programs = [[drawing.request() for _ in range(length)] for _ in range(callers)]
    meanwhile = recorder.at_once(programs)
    metrics = sorted({key for call in [*before, *meanwhile] for key in metrics_of(call)})
    after = recorder.in_turn(drawing.after(metrics), "after")
    model = in_some_order(Model(recorder.calls, totals), [*before, *meanwhile, *after])
    held = (model.artifacts, model.points, model.tasks, model.runs, model.links)
    return {path: total + len(held[index]) for index, (path, total) in enumerate(totals.items())}


def metrics_of(call: Call) -> list[tuple[str, str]]:
    """The task and the name of each metric that a call logged."""
    if call.status != 200 or call.method != "POST" or not call.path.startswith("/metrics"):
        return []
    points = call.answer["metrics"] if call.path.endswith(":batchLog") else [call.answer]
    return [(point["task_id"], point["name"]) for point in points]


@contextlib.contextmanager
def recorder_over(engine: str, databases: Databases) -> Iterator[Recorder]:
    """A recorder over an empty store: with two servers, where several may share one."""
    with databases.empty_store(engine) as url:
        servers = [LiveServer(url) for _ in range(1 if engine == "sqlite" else 2)]
        try:
            with contextlib.closing(Recorder([server.url for server in servers])) as recorder:
                yield recorder
        finally:
            for server in servers:
                server.kill()


@pytest.mark.slow
def test_calls_at_once_answer_as_in_some_order_of_the_model(engine: str, databases: Databases) -> None:
    numbers = iter(range(ROUNDS))
    while of_one_store := list(itertools.islice(numbers, ROUNDS_OF_A_STORE)):
        with recorder_over(engine, databases) as recorder:
            totals = dict.fromkeys(("/artifacts", "/metrics", "/tasks", "/runs", "/artifact_tasks"), 0)
            for number in of_one_store:
                chance = random.Random(f"{SEED} {number}")
                try:
                    totals = play(recorder, Drawing(number, chance), chance, totals)
                except NoOrder as error:
                    text = f"round {number} with ARTIFACTD_TEST_SEED={SEED}: {error}"
                    raise pytest.fail.Exception(text, pytrace=False) from None
                recorder.calls.clear()
