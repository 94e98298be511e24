"""A line between a client and a database server that counts what goes over it."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import NamedTuple, Self
from urllib.parse import urlsplit

_QUERY = 3
"""MySQL's number of the command that runs statements."""
_UNTYPED = (80_877_103, 80_877_104)
"""PostgreSQL's requests for encryption, which stand before the first message of the usual kind."""


class Traffic(NamedTuple):
    """What a client has sent: statements, and how often it sent some and then took their answers.

    The end of a transaction that travels alone is left out: a read's is waited for by nobody, so that nobody can tell
    when it has been counted.
    """

    statements: int
    trips: int

    def since(self, earlier: Traffic) -> Traffic:
        """What came after an earlier look."""
        return Traffic(self.statements - earlier.statements, self.trips - earlier.trips)


class CountingLine:
    """Listens where a client may connect, and passes all on to a server, whose URL is given."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._server = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._counter = _Postgresql if parts.scheme == "postgresql" else _Mysql
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._one_at_a_time = threading.Lock()
        self._traffic = Traffic(0, 0)
        self._is_silent = False
        port = self._listener.getsockname()[1]
        self.url = url.replace(f":{parts.port}/", f":{port}/")
        """The URL of the server by this line."""

    def fall_silent(self) -> None:
        """From now on passes on what the client sends, and hangs up instead of passing on an answer."""
        self._is_silent = True

    @property
    def traffic(self) -> Traffic:
        """What was sent until now."""
        with self._one_at_a_time:
            return self._traffic

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone wakes nobody who waits for a client.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _start(self, function: object, *arguments: object) -> None:
        thread = threading.Thread(target=function, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for each in (client, server):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets += [client, server]
                self._start(self._pass_on, client, server, True)
                self._start(self._pass_on, server, client, False)

    def _pass_on(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        buffer, counter = bytearray(), self._counter()
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if is_counted:
                    buffer += data
                    traffic = counter.take(buffer)
                    with self._one_at_a_time:
                        self._traffic = Traffic(*map(sum, zip(self._traffic, traffic, strict=True)))
                elif self._is_silent:
                    break
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


class _Postgresql:
    """Counts messages. Execute and Query run statements; Query, Sync and Flush make the server send its answers."""

    def __init__(self) -> None:
        self._has_begun = False
        self._unanswered = 0

    def take(self, buffer: bytearray) -> Traffic:
        """Takes whole messages off a buffer, and gives what they come to."""
        statements = trips = 0
        while len(buffer) >= (5 if self._has_begun else 8):
            kind = chr(buffer[0]) if self._has_begun else ""
            length = int.from_bytes(buffer[len(kind) : len(kind) + 4], "big") + len(kind)
            if len(buffer) < length:
                break
            self._unanswered += kind in ("E", "Q")
            if kind in ("Q", "S", "H") and self._unanswered:
                statements += self._unanswered
                trips += 1
                self._unanswered = 0
            self._has_begun = self._has_begun or int.from_bytes(buffer[4:8], "big") not in _UNTYPED
            del buffer[:length]
        return Traffic(statements, trips)


class _Mysql:
    """Counts packets. Statements are told by the semicolons between them: the tests' values must have none."""

    def take(self, buffer: bytearray) -> Traffic:
        """Takes whole packets off a buffer, and gives what they come to."""
        statements = trips = 0
        while len(buffer) >= 5:
            length = int.from_bytes(buffer[:3], "little") + 4
            if len(buffer) < length:
                break
            if buffer[3] == 0 and buffer[4] == _QUERY and buffer[5:length] != b"COMMIT":
                statements += buffer[5:length].count(b";") + 1
                trips += 1
            del buffer[:length]
        return Traffic(statements, trips)
