"""Runs `artifactd` as a process, with pipes or at a terminal, and servers that misbehave."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import selectors
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from typing import NamedTuple

TIMEOUT_S = 60


class Done(NamedTuple):
    """How a process ended, and what it printed."""

    code: int
    out: str
    err: str


def command(*arguments: object) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "artifactd", *map(str, arguments)]


def environment(home: object, **more: str) -> dict[str, str]:
    """An environment in which nothing of the person who runs the tests is left."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "COVERAGE_PROCESS_START") if name in os.environ}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm", "PYTHONWARNINGS": "error", **more}


def run(env: dict[str, str], *arguments: object, stdin: str | bytes = "") -> Done:
    """Runs it with pipes, as a script does."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        command(*arguments), env=env, input=given, capture_output=True, timeout=TIMEOUT_S, check=False
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_at_terminal(
    env: dict[str, str], *arguments: object, columns: int = 80, out: bool = True, err: bool = True
) -> Done:
    """Runs it at a terminal of that width.

    Args:
        env: its environment.
        arguments: its command line.
        columns: the width.
        out: whether standard output is the terminal, and not a pipe.
        err: whether standard error is.
    """
    ends = [_terminal(columns) if wanted else os.pipe() for wanted in (out, err)]
    process = subprocess.Popen(
        command(*arguments), env=env, stdin=subprocess.DEVNULL, stdout=ends[0][1], stderr=ends[1][1]
    )
    for _, inner in ends:
        os.close(inner)
    texts = _read_all([outer for outer, _ in ends])
    for outer, _ in ends:
        os.close(outer)
    shown = [text.decode().replace("\r\n", "\n") for text in texts]
    return Done(process.wait(TIMEOUT_S), *shown)


def _terminal(columns: int) -> tuple[int, int]:
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    return outer, inner


def _read_all(outer: list[int]) -> list[bytes]:
    """What comes out of each until both are closed; a terminal's end is an error."""
    found = dict.fromkeys(outer, b"")
    with selectors.DefaultSelector() as selector:
        for each in outer:
            selector.register(each, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(TIMEOUT_S):
                try:
                    text = os.read(key.fd, 65_536)
                except OSError:
                    text = b""
                if not text:
                    selector.unregister(key.fd)
                found[key.fd] += text
    return [found[each] for each in outer]


@contextlib.contextmanager
def answering(*answers: bytes | None) -> Iterator[str]:
    """A server that gives each connection these bytes in turn, the last one for ever, and closes it.

    `None` is no answer at all: the connection stays open. Gives the server's URL.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        open_ones: list[socket.socket] = []
        left = list(answers)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                open_ones.append(connection)
                answer = left.pop(0) if len(left) > 1 else left[0]
                with contextlib.suppress(OSError):
                    connection.recv(65_536)
                    if answer is not None:
                        connection.sendall(answer)
                        connection.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(TIMEOUT_S)
            for each in open_ones:
                each.close()


def http(status: str, body: bytes, **headers: str) -> bytes:
    """An HTTP answer's bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
