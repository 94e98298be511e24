"""What a part of the benchmark found, kept raw: the page is made from the newest of each part."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, NamedTuple


class Result(NamedTuple):
    """What a part found.

    Attributes:
        part: its name.
        settings: sentences on how it was asked for.
        facts: sentences that follow the tables.
        versions: of what took part.
        machine: that it ran on.
        raw: what was measured, as JSON.
        voids: why figures count for nothing; empty for a good run.
    """

    part: str
    settings: str
    facts: list[str]
    versions: dict[str, str]
    machine: dict[str, str]
    raw: Any
    voids: list[str]


def keep(result: Result, directory: Path) -> Path:
    """Writes a result to a file of its own."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{result.part}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    path.write_text(json.dumps(result._asdict(), indent=1) + "\n", encoding="utf-8")
    return path


def newest(directory: Path) -> dict[str, Result]:
    """The newest result of each part."""
    found = {}
    for path in sorted(directory.glob("*-*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(kept, dict) and kept.keys() == set(Result._fields):
            found[kept["part"]] = Result(**kept)
    return found
