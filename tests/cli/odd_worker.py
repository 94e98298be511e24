"""A worker that misbehaves as its first argument says: `python odd_worker.py HOW FILE NUMBER`.

It begins and reports as a real one does, and answers HTTP where it gets that far. FILE counts its starts.
"""

from __future__ import annotations

import http.server
import os
import signal
import socket
import sys
from pathlib import Path

from artifactd.cli.worker import Abandonment, Orders, Report, ReportPipe, take_orders


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers every GET with this process' id."""

    def do_GET(self) -> None:
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


def serve(orders: Orders, pipe: ReportPipe) -> None:
    """Answers until it is ended."""
    server = http.server.HTTPServer(("", 0), Answer, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=orders.listener)
    pipe.send(Report())
    server.serve_forever()


def main() -> None:
    """Behaves."""
    how, file = sys.argv[1], Path(sys.argv[2])
    orders = take_orders()
    pipe = ReportPipe()
    Abandonment(0.1, Path(orders.directory))
    with file.open("a") as starts:
        starts.write(f"{orders.worker}\n")
    started = file.read_text().count(f"{orders.worker}\n")
    if how == "silent":
        sys.exit(7)
    if how == "refused" or (how == "refused-later" and started > 1):
        pipe.send(Report("the store is full of bees"))
    elif how == "unreachable-for-a-while" and 1 < started < 8:
        pipe.send(Report("the store is out of reach", retriable=True))
    elif how == "short-lived":
        pipe.send(Report())
    else:
        stop = signal.SIG_IGN if how == "stubborn" else lambda *_: os._exit(0)
        signal.signal(signal.SIGTERM, stop)
        serve(orders, pipe)


if __name__ == "__main__":
    main()
