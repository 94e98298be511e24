"""The ceiling: the same HTTP server and framework, with an answer that is always the same.

It reads a body where there is one, as every server must, and answers as many bytes as a small artifact has. Run it as
`python -m benchmarks.noop`; it prints its address.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import falcon.asgi
import uvloop
from falcon.asgi import Request, Response

from artifactd.rest.server import make_server
from artifactd.settings import Settings

ANSWER = (
    b'{"artifact_id":"01936f00-0000-7000-8000-000000000000","name":"model-1","type":"Model",'
    b'"uri":"s3://models/iris/1/model.joblib","metadata":{"accuracy":0.97,"epochs":3,"framework":"sklearn"},'
    b'"created_at":"2026-01-31T12:30:00.123456Z","updated_at":"2026-01-31T12:30:00.123456Z","namespace":""}'
)


async def _respond(request: Request, response: Response) -> None:
    if request.method == "POST":
        async for _ in request.stream:
            pass
    response.content_type = "application/json"
    response.data = ANSWER


class _OneRoute:
    """Falcon's router, without any routing: the cheapest that there can be."""

    def __init__(self) -> None:
        self._found: Any = (self, {"GET": _respond, "POST": _respond}, {}, None)

    def find(self, *_: Any, **__: Any) -> Any:
        """The one route."""
        return self._found


async def _serve() -> None:
    router: Any = _OneRoute()
    app = falcon.asgi.App(router=router)
    server = make_server(app, Settings(port=0), lambda address: print(f"ready at {address}", flush=True))
    gc.freeze()
    await server.serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
