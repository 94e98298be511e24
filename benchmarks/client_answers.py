"""A server with one answer for each call that the clients are measured with, on our own HTTP server.

Run it as `python -m benchmarks.client_answers`; it prints its address.
"""

from __future__ import annotations

import asyncio
import gc
import json

import uvloop

from artifactd.rest.messages import Request, Response, response_head
from artifactd.rest.responses import BadEnvelope
from artifactd.rest.server import listen, make_server
from artifactd.settings import Settings
from benchmarks.answer import ANSWER

_HEAD = response_head(200, {"Content-Type": "application/json"})
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


class _Answers:
    """See `artifactd.rest.messages.Application`."""

    def answer(self, request: Request) -> Response:
        """The answer of that path."""
        part, _, found = request.raw_path.decode().removeprefix("/apis/v2beta1/").partition("/")
        return Response(200, _HEAD, _PAGE if part == "artifacts" and not found else _PARTS[part])

    def refuse(self, request: Request, error: BadEnvelope) -> Response:
        """Never happens."""
        raise AssertionError(request, error)

    def close(self) -> None:
        """Nothing is left."""


async def _serve() -> None:
    settings = Settings(port=0)
    server = make_server(_Answers(), settings, lambda address: print(f"ready at {address}", flush=True))
    gc.freeze()
    await server.serve([listen(settings.host, settings.port)])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
