"""Calls into the application in this process, on a small store and on a large one by turns.

So what else the machine does meets both alike, and the ratio of the two can be trusted more than either time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from random import Random
from statistics import quantiles
from typing import Any, NamedTuple
from urllib.parse import urlencode

from artifactd.operations.context import new_uuid, system_clock
from artifactd.rest import messages
from artifactd.rest.app import create_app
from artifactd.settings import Settings
from artifactd.storage.store import StoreOptions, open_store
from benchmarks.size_contents import Shape

_HEADERS = {"host": "localhost", "content-type": "application/json"}
_API = "/apis/v2beta1"
CALLS_MAX = 60
CALLS_MIN = 5
BUDGET_S = 0.6
"""How long the calls of one operation may take on both stores together, once each has had the least number of them."""


class Request(NamedTuple):
    """A request below `/apis/v2beta1`."""

    method: str
    path: str
    query: dict[str, Any] | None = None
    message: Any = None


class Answer(NamedTuple):
    """The JSON of an answer, the processor time that it took here and in the database's server, and the whole time."""

    json: Any
    cpu_s: float
    took_s: float


class Side:
    """The application over one store, and what is known to be in it."""

    def __init__(self, url: str, shape: Shape, server_cpu_s: Callable[[], float]) -> None:
        self.shape = shape
        self._server_cpu_s = server_cpu_s
        self.random = Random(11)
        self._runner = asyncio.Runner()
        # Waiting for the disk would take the same on any store, and hide what grows.
        options = StoreOptions(synchronous="OFF")
        self._store = self._runner.run(open_store(url, options))
        self._app = create_app(Settings(access_log=False), self._store, clock=system_clock, new_id=new_uuid)

    def call(self, request: Request) -> Answer:
        """Sends a request.

        Raises:
            RuntimeError: any answer but 200.
        """
        query = urlencode(request.query, doseq=True) if request.query else ""
        body = b"" if request.message is None else json.dumps(request.message).encode()
        status, text, cpu_s, took_s = self._runner.run(self._send(request.method, _API + request.path, query, body))
        if status != 200:
            raise RuntimeError(f"{request} gave {status}: {text[:500]!r}")
        return Answer(json.loads(text), cpu_s, took_s)

    async def _send(self, method: str, path: str, query: str, body: bytes) -> tuple[int, bytes, float, float]:
        target = f"{path}?{query}" if query else path
        request = messages.Request.whole(method, target, dict(_HEADERS), body)
        server_began, began, cpu_began = self._server_cpu_s(), time.perf_counter(), time.process_time()
        answer = self._app.answer(request)
        response = answer if isinstance(answer, messages.Response) else await answer
        cpu_s, took_s = time.process_time() - cpu_began, time.perf_counter() - began
        cpu_s += self._server_cpu_s() - server_began
        return response.status, response.body, cpu_s, took_s

    def close(self) -> None:
        """Closes the store."""
        self._runner.run(self._store.close())
        self._runner.close()


class Operation(NamedTuple):
    """What is measured: a request, another one each time.

    `group` is the row of the page's table that it belongs to; `empty` whether its answer may hold nothing.
    """

    group: str
    title: str
    request: Callable[[Side], Request]


class Figure(NamedTuple):
    """An operation as it was measured: seconds, and how much an answer held (items, and matches in all).

    Seconds of the processor, and `elapsed_s` by the clock, on the large store. They are first quartiles of the calls:
    what else the machine does only ever adds to some of them.
    """

    group: str
    title: str
    calls: int
    small_s: float
    large_s: float
    elapsed_s: float
    small_held: tuple[int, int]
    large_held: tuple[int, int]
    failed: str = ""

    @property
    def ratio(self) -> float:
        """How many times as long the large store took."""
        return self.large_s / self.small_s if self.small_s else float("nan")


def measure(operation: Operation, small: Side, large: Side) -> Figure:
    """Measures an operation on both stores by turns, after one call each that does not count."""
    took: dict[Side, list[float]] = {small: [], large: []}
    elapsed: list[float] = []
    held: dict[Side, tuple[int, int]] = {}
    for side in (small, large):
        # SQL of a new shape is compiled by the first call, which on a busy machine may be over the time limit.
        with contextlib.suppress(RuntimeError):
            side.call(operation.request(side))
    began = time.perf_counter()
    try:
        while len(took[large]) < CALLS_MAX:
            for side in (small, large):
                answer = side.call(operation.request(side))
                took[side].append(answer.cpu_s)
                if side is large:
                    elapsed.append(answer.took_s)
                held[side] = max(held.get(side, (0, 0)), _held(answer.json))
            if len(took[large]) >= CALLS_MIN and time.perf_counter() - began > BUDGET_S:
                break
    except RuntimeError as error:
        return Figure(operation.group, operation.title, 0, 0.0, 0.0, 0.0, (0, 0), (0, 0), str(error))
    return Figure(
        operation.group, operation.title, len(took[large]), _quartile(took[small]), _quartile(took[large]),
        _quartile(elapsed), held[small], held[large],
    )  # fmt: skip


def _quartile(values: list[float]) -> float:
    return quantiles(values, n=4, method="inclusive")[0]


def _held(message: Any) -> tuple[int, int]:
    """How many items an answer holds, and its `total_size`."""
    items = sum(len(value) for value in message.values() if isinstance(value, list))
    return items, int(message.get("total_size", 0))
