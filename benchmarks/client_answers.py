"""A server with one answer for each call that the clients are measured with, on the stack of `benchmarks/noop.py`.

Run it as `python -m benchmarks.client_answers`; it prints its address.
"""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import falcon.asgi
import uvloop
from falcon.asgi import Request, Response

from artifactd.rest.server import make_server
from artifactd.settings import Settings
from benchmarks.noop import ANSWER

_PAGE = b'{"artifacts":[%s],"total_size":20,"next_page_token":""}' % b",".join([ANSWER] * 20)
_METRIC = (
    b'{"task_id":"task-1","name":"train/loss","schema":"METRIC","value":0.5,"type":"METRIC_OUTPUT","step":"1",'
    b'"created_at":"2026-01-31T12:30:00.123456Z","namespace":"","run_id":"run-1"}'
)
_TASK = {
    "run_id": "run-1",
    "display_name": "train",
    "create_time": "2026-01-31T12:30:00.123456Z",
    "start_time": "2026-01-31T12:30:00.123456Z",
    "end_time": "2026-01-31T12:31:00.123456Z",
    "state": "SUCCEEDED",
}
_RUN = json.dumps(
    {
        "experiment_id": "",
        "run_id": "run-1",
        "display_name": "iris",
        "state": "SUCCEEDED",
        "created_at": "2026-01-31T12:30:00.123456Z",
        "finished_at": "2026-01-31T12:35:00.123456Z",
        "run_details": {"task_details": [{**_TASK, "task_id": f"task-{number}"} for number in range(5)]},
    }
).encode()
_PARTS = {"artifacts": ANSWER, "metrics": _METRIC, "runs": _RUN}


async def _respond(request: Request, response: Response) -> None:
    if request.method == "POST":
        async for _ in request.stream:
            pass
    part, _, found = request.path.removeprefix("/apis/v2beta1/").partition("/")
    response.content_type = "application/json"
    response.data = _PAGE if part == "artifacts" and not found else _PARTS[part]


class _AnyRoute:
    """Falcon's router, without any routing."""

    def __init__(self) -> None:
        self._found: Any = (self, {"GET": _respond, "POST": _respond}, {}, None)

    def find(self, *_: Any, **__: Any) -> Any:
        """The one route."""
        return self._found


async def _serve() -> None:
    router: Any = _AnyRoute()
    app = falcon.asgi.App(router=router)
    server = make_server(app, Settings(port=0), lambda address: print(f"ready at {address}", flush=True))
    gc.freeze()
    await server.serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
