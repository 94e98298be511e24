"""Our own stack doing nothing: `server` answers with fixed bytes, `adapter` runs an operation that does nothing.

The adapter guards, finds the route, authenticates, decodes parameters and counts as for every request. What an
operation adds to that is its own: the store, its rules, and its answer's JSON. Run it as
`python -m benchmarks.noop_own KIND`; it prints its address.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Any

import msgspec
import uvloop

from artifactd.access import Verb
from artifactd.auth import NoAuthentication
from artifactd.operations.context import new_uuid, system_clock
from artifactd.rest.endpoint import Endpoint
from artifactd.rest.guards import Guards
from artifactd.rest.messages import Application, Request, Response, response_head
from artifactd.rest.monitoring import Monitoring, configure_logging
from artifactd.rest.operation import Operation
from artifactd.rest.responses import BadEnvelope
from artifactd.rest.routing import Router
from artifactd.rest.server import listen, make_server
from artifactd.settings import Settings
from artifactd.storage.statements import ReadFunction, Result
from artifactd.storage.store import Store, StoreState
from artifactd.wire.artifacts import Artifact
from benchmarks.answer import ANSWER

_ROOT = "/apis/v2beta1/artifacts"


class _FixedAnswers:
    """See `artifactd.rest.messages.Application`."""

    _response = Response(200, response_head(200, {"Content-Type": "application/json"}), ANSWER)

    def answer(self, request: Request) -> Response:
        """Always the same."""
        del request
        return self._response

    def refuse(self, request: Request, error: BadEnvelope) -> Response:
        """Never happens."""
        raise AssertionError(request, error)

    def close(self) -> None:
        """Nothing is left."""


class _NoStore(Store):
    """Runs functions without anything to run them on."""

    reads_here = True

    def read_here(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """See `Store`."""
        del scan
        return function(None)  # type: ignore[arg-type]  # Nothing is done with it.

    async def read(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """See `Store`."""
        return self.read_here(function, scan=scan)

    async def write(self, function: ReadFunction[Result], *, heavy: bool = False) -> Result:
        """See `Store`."""
        del heavy
        return function(None)  # type: ignore[arg-type]  # Nothing is done with it.

    async def check(self) -> None:
        """See `Store`."""

    def state(self) -> StoreState:
        """See `Store`."""
        return StoreState(0, 0, 0, 0, 0)

    async def close(self) -> None:
        """See `Store`."""


def _operation(name: str, method: str, path: str, *, writes: bool) -> Operation:
    answer: Any = msgspec.Raw(ANSWER)
    return Operation(
        name=name,
        method=method,
        path=path,
        verb=Verb.GET,
        tag="",
        summary="",
        response=Artifact,
        decode=lambda _: None,
        run=lambda _, __, ___: None,
        encode=lambda _, __: answer,
        writes=writes,
    )


def _adapter(settings: Settings) -> Application:
    store, router = _NoStore(), Router()
    get = _operation("get", "GET", f"{_ROOT}/{{artifact_id}}", writes=False)
    for operation in (get, _operation("create", "POST", _ROOT, writes=True)):
        router.add(operation.path, operation.method, operation)
    configure_logging(settings.log_level, settings.log_format)
    return Endpoint(
        settings,
        store,
        router,
        authenticator=NoAuthentication(),
        guards=Guards((), (), check_host=True),
        monitoring=Monitoring(store),
        clock=system_clock,
        new_id=new_uuid,
    )


async def _serve(kind: str) -> None:
    settings = Settings(port=0, access_log=False)
    application = _adapter(settings) if kind == "adapter" else _FixedAnswers()
    server = make_server(application, settings, lambda address: print(f"ready at {address}", flush=True))
    gc.freeze()
    await server.serve([listen(settings.host, settings.port)])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(sys.argv[1]))
