"""The usual stack doing nothing: uvicorn and Falcon, with an answer that is always the same.

It reads a body where there is one, as every server must, and answers as many bytes as a small artifact has. Run it as
`python -m benchmarks.noop` in an environment of `requirements/bench-noop.txt`; it prints its address.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import falcon.asgi
import uvicorn
import uvloop
from falcon.asgi import Request, Response

from benchmarks.answer import ANSWER

_BACKLOG = 2_048
Respond = Callable[[Request, Response], Awaitable[None]]


async def _respond(request: Request, response: Response) -> None:
    if request.method == "POST":
        async for _ in request.stream:
            pass
    response.content_type = "application/json"
    response.data = ANSWER


class _OneRoute:
    """Falcon's router, without any routing: the cheapest that there can be."""

    def __init__(self, respond: Respond) -> None:
        self._found: Any = (self, {"GET": respond, "POST": respond}, {}, None)

    def find(self, *_: Any, **__: Any) -> Any:
        """The one route."""
        return self._found


class _Server(uvicorn.Server):
    """Prints its address when it listens."""

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """See `uvicorn.Server`."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        print(f"ready at http://{host}:{port}", flush=True)


def serve(respond: Respond) -> None:
    """Serves until a signal ends it."""
    router: Any = _OneRoute(respond)
    config = uvicorn.Config(
        falcon.asgi.App(router=router), host="127.0.0.1", port=0, http="httptools", ws="none", lifespan="off",
        log_config=None, access_log=False, proxy_headers=False, server_header=False, date_header=True,
        backlog=_BACKLOG,
    )  # fmt: skip
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_Server(config).serve())


if __name__ == "__main__":
    serve(_respond)
