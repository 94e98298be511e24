"""A program that serves with several workers as told in JSON: over any store, with any kind of worker, in any haste.

`artifactd serve` itself refuses what is not safe for a store that is kept. A throw-away SQLite file stands it, and
shows that the processes work together before a shared database comes into it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from artifactd.cli.serve import serve_with_workers
from artifactd.cli.workers import Patience, supervise
from artifactd.errors import ServiceError
from artifactd.rest.monitoring import configure_logging
from artifactd.settings import Settings


def main() -> None:
    """Serves until it is stopped."""
    told: dict[str, Any] = json.loads(sys.argv[1])
    settings = Settings(**told["settings"])
    try:
        if told["worker"]:
            configure_logging("info", "json", worker=0)
            asyncio.run(_serve_with(settings, told["worker"], Patience(**told["patience"])))
        else:
            asyncio.run(serve_with_workers(settings, hints=told["hints"]))
    except ServiceError as error:
        sys.exit(error.message)


async def _serve_with(settings: Settings, worker: list[str], patience: Patience) -> None:
    def say(address: str) -> None:
        print(f"artifactd is ready at {address}", flush=True)

    await supervise(settings, say, command=lambda number: [sys.executable, *worker, str(number)], patience=patience)


if __name__ == "__main__":
    main()
