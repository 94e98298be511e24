"""What runs beside a load: slow reads and imports, one after the other over a connection of their own."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

from benchmarks import contents
from benchmarks.seeding import API, Client, filter_text

IMPORT_METRICS = 1_000
_FIRST_STEP = 10**15
"""Beyond the steps of the wrk scripts."""
Send = Callable[[Client], Any]
_steps = itertools.count(_FIRST_STEP)


class Beside(NamedTuple):
    """What was done beside a load: how often, and how long one took, in milliseconds."""

    times: int
    p50_ms: float
    max_ms: float


def scan() -> Send:
    """A list whose filter no index serves and nothing matches: the whole namespace is read."""
    query = urlencode({"page_size": 20, "filter": filter_text({"metadata.framework": "none"})})
    return lambda client: client.send("GET", f"{API}/artifacts?{query}")


def lineage(targets: list[str]) -> Send:
    """One lineage after the other."""
    turn = itertools.cycle(targets)
    return lambda client: client.send("GET", next(turn))


def importing() -> Send:
    """Batches of a thousand metrics' points, all new."""
    return lambda client: client.send("POST", f"{API}/metrics:batchLog", {"metrics": _batch(next(_steps))})


def _batch(step: int) -> list[dict[str, Any]]:
    return [
        {
            "task_id": f"bench-task-{number % contents.TASKS}",
            "name": contents.metric_name(number // contents.TASKS % contents.NAMES),
            "value": number / IMPORT_METRICS,
            "step": step,
        }
        for number in range(IMPORT_METRICS)
    ]


@contextmanager
def running(url: str, sends: dict[str, Send]) -> Iterator[dict[str, Beside]]:
    """Does each of them again and again until the end, when what was done is in the dictionary that this gives.

    Raises:
        RuntimeError: at the end, if one was not answered with 200.
    """
    done: dict[str, Beside] = {}
    ended, failures = threading.Event(), []

    def repeat(name: str, send: Send) -> None:
        took_ms: list[float] = []
        client = Client(url)
        try:
            while not ended.is_set():
                began = time.perf_counter()
                send(client)
                took_ms.append((time.perf_counter() - began) * 1_000)
        except Exception as error:
            failures.append(f"{name}: {error}")
        done[name] = Beside(len(took_ms), median(took_ms or [0.0]), max(took_ms, default=0.0))

    threads = [threading.Thread(target=repeat, args=each) for each in sends.items()]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if failures:
        raise RuntimeError(f"beside the load, {'; '.join(failures)}")
