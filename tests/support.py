"""What tests share: a clock that they move, ids that they can foresee, and servers."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from artifactd.auth import Authenticator
from artifactd.rest.app import create_app
from artifactd.rest.messages import Request, Response
from artifactd.rest.server import listen, make_server
from artifactd.settings import Settings
from artifactd.storage.store import Store, StoreOptions, open_store

ROOT = Path(__file__).parent.parent
API = "/apis/v2beta1"
START_US = 1_760_000_000_000_000
"""2025-10-09T08:53:20Z, where test clocks begin."""


class Clock:
    """A clock that moves one microsecond at each look, and further when told to."""

    def __init__(self, now_us: int = START_US) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        """The time in microseconds since the epoch."""
        self.now_us += 1
        return self.now_us

    def advance(self, seconds: float) -> None:
        """Moves the clock on."""
        self.now_us += round(seconds * 1_000_000)


def counted_ids() -> Callable[[], str]:
    """UUIDs that count up."""
    numbers = itertools.count(1)
    return lambda: f"00000000-0000-7000-8000-{next(numbers):012x}"


class Reply(NamedTuple):
    """An answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Api:
    """A small HTTP client that sends exactly what it is told."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = url
        self.clock = clock
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def raw(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
        """Sends a request whose target goes out byte for byte."""
        self._connection.putrequest(method, target, skip_accept_encoding=True)
        given = {"Content-Type": "application/json"} if body is not None else {}
        given |= headers or {}
        if body is not None:
            given.setdefault("Content-Length", str(len(body)))
        for name, value in given.items():
            self._connection.putheader(name, value)
        self._connection.endheaders(body)
        response = self._connection.getresponse()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    def request(
        self,
        method: str,
        path: str,
        message: Any = None,
        *,
        query: dict[str, Any] | list[tuple[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Sends a JSON message to a path below `/apis/v2beta1`; lists in the query are repeated."""
        target = API + path + ("?" + urlencode(query, doseq=True) if query else "")
        body = None if message is None else json.dumps(message).encode()
        return self.raw(method, target, body, headers)

    def ok(self, method: str, path: str, message: Any = None, **more: Any) -> Any:
        """As `request`, but insists on success and gives the JSON."""
        reply = self.request(method, path, message, **more)
        assert reply.status == 200, reply
        return reply.json

    def get(self, path: str, **query: Any) -> Any:
        """A successful GET's JSON."""
        return self.ok("GET", path, query=query)

    def artifact(self, **fields: Any) -> Any:
        """Creates an artifact; fields of the request itself go under `request`."""
        request = fields.pop("request", {})
        return self.ok("POST", "/artifacts", {"artifact": {"name": "model", **fields}, **request})

    def metric(self, **fields: Any) -> Any:
        """Logs a point."""
        return self.ok("POST", "/metrics", {"metric": {"task_id": "t", "name": "loss", "value": 1.0, **fields}})

    def task(self, **fields: Any) -> Any:
        """Creates a task."""
        return self.ok("POST", "/tasks", fields)

    def link(self, **fields: Any) -> Any:
        """Links an artifact to a task."""
        return self.ok("POST", "/artifact_tasks", {"artifact_task": fields})

    def walk(self, path: str, field: str, **query: Any) -> list[Any]:
        """Every item of a list, page by page."""
        items: list[Any] = []
        while True:
            page = self.get(path, **query)
            items += page[field]
            if not page["next_page_token"]:
                return items
            query["page_token"] = page["next_page_token"]

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


def filter_of(*predicates: dict[str, Any]) -> str:
    """A filter parameter's value (not yet percent-encoded)."""
    return json.dumps({"predicates": list(predicates)})


def quoted(name: str) -> str:
    """A path parameter as KFP's client quotes it."""
    return quote(name, safe="")


def error_of(reply: Reply) -> Any:
    """The `google.rpc.Status` of an error answer, checked for its shape."""
    status = reply.json
    assert set(status) == {"code", "message", "details"}
    assert isinstance(status["code"], int)
    assert isinstance(status["message"], str)
    assert status["message"]
    for detail in status["details"]:
        assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
        assert all(set(item) == {"field", "description"} for item in detail["field_violations"])
    return status


def fields_of(reply: Reply) -> list[str]:
    """The fields that an error answer names."""
    return [item["field"] for detail in error_of(reply)["details"] for item in detail["field_violations"]]


@contextlib.contextmanager
def running_app(
    url: str,
    settings: Settings | None = None,
    options: StoreOptions | None = None,
    authenticator: Authenticator | None = None,
    clock: Clock | None = None,
    new_id: Callable[[], str] | None = None,
    now_s: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[str, Store]]:
    """The real application on a real server, on a thread of this process, with a clock that tests move.

    Args:
        url: the store's URL.

    Yields:
        The server's base URL, and its store (which belongs to the server's event loop).
    """
    ready = threading.Event()
    found: dict[str, Any] = {}

    async def serve() -> None:
        store = await open_store(url, options)
        try:
            app_settings = settings or Settings(port=0, access_log=False)
            app = create_app(
                app_settings,
                store,
                authenticator=authenticator,
                clock=clock or Clock(),
                new_id=new_id or counted_ids(),
                now_s=now_s,
            )

            def on_ready(address: str) -> None:
                found["address"] = address
                ready.set()

            server = make_server(app, app_settings, on_ready, handles_signals=False)
            found["server"], found["store"] = server, store
            await server.serve([listen(app_settings.host, app_settings.port)])
        finally:
            await store.close()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            found["error"] = error
        finally:
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(30)
    if "error" in found:
        raise found["error"]
    try:
        yield found["address"], found["store"]
    finally:
        found["server"].stop()
        thread.join(30)
        if "error" in found:
            raise found["error"]


class LiveServer:
    """`artifactd serve` as a process of its own."""

    def __init__(self, database_url: str, *flags: str) -> None:
        self.database_url = database_url
        self._flags = flags
        self.start()

    def start(self) -> None:
        """Starts the process and waits until it says that it is ready."""
        command = [sys.executable, "-m", "artifactd", "serve", "--port", "0", "--database-url", self.database_url]
        self.process = subprocess.Popen(
            [*command, "--no-access-log", *self._flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, errors = self.process.communicate()
            raise AssertionError(f"the server did not start: {errors}")
        self.url = line.split()[-1]

    def stop(self) -> int:
        """Stops the process as an operator would; gives its exit code."""
        self.process.terminate()
        self.output, self.errors = self.process.communicate(timeout=30)
        return self.process.returncode

    def kill(self) -> None:
        """Ends the process at once, as a crash would."""
        self.process.kill()
        self.process.communicate()


class DirectApi(Api):
    """A client of the real application in this very thread, without a socket: for thousands of requests."""

    def __init__(
        self,
        database_url: str,
        options: StoreOptions | None = None,
        clock: Callable[[], int] | None = None,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        super().__init__("http://localhost")
        self._runner = asyncio.Runner()
        self.store = self._runner.run(open_store(database_url, options))
        self._app = create_app(
            Settings(access_log=False), self.store, clock=clock or Clock(), new_id=new_id or counted_ids()
        )

    def raw(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
        """Sends a request whose target goes out byte for byte."""
        given = {"host": "localhost"} | ({"content-type": "application/json"} if body is not None else {})
        given |= {name.lower(): value for name, value in (headers or {}).items()}
        request = Request.whole(method, target, given, body or b"")

        async def answered() -> Response:
            answer = self._app.answer(request)
            return answer if isinstance(answer, Response) else await answer

        response = self._runner.run(answered())
        _, *lines = response.head.decode("latin-1").splitlines()
        names = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return Reply(response.status, names, response.body)

    def close(self) -> None:
        """Closes the store."""
        super().close()
        self._runner.run(self.store.close())
        self._runner.close()
