"""Bytes on a socket, for what an HTTP client would not send."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit


def answer_to(url: str, request: bytes) -> tuple[int, bytes]:
    """Sends bytes and reads until the server closes; gives the answer's status and body."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


def request_of(
    method: str, target: bytes, *headers: bytes, body: bytes = b"", host: bytes | None = b"localhost"
) -> bytes:
    """A request's bytes; the connection is closed after its answer."""
    hosts = [] if host is None else [b"Host: " + host]
    lines = [method.encode() + b" " + target + b" HTTP/1.1", *hosts, b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
