"""Rounds and results as the benchmark keeps them, made up."""

from __future__ import annotations

from typing import Any

from benchmarks.load import Load
from benchmarks.measuring import Round, as_raw
from benchmarks.results import Result


def load(requests: int = 1_000, p50_us: float = 100.0, p99_us: float = 300.0, **errors: int) -> Load:
    return Load(requests, 1_000_000, 1, p50_us, 200.0, p99_us, 400.0, errors, 0.1)


def a_round(subject: str, work: str, number: int, requests: int, clients: int = 1, **given: Any) -> Round:
    usual: dict[str, Any] = {
        "cpu_s": 0.5, "stored": float(requests), "disk_bytes": 4_096, "resident_bytes": 64 << 20, "fdatasync_us": 50.0,
        "void": "",
    }  # fmt: skip
    return Round(subject, work, clients, number, load(requests), **usual | given)


def result(part: str, raw: Any, **given: Any) -> Result:
    usual: dict[str, Any] = {
        "settings": f"How {part} was asked for.", "facts": [], "versions": {"artifactd": "1"},
        "machine": {"cores": "2"}, "voids": [],
    }  # fmt: skip
    return Result(part=part, raw=raw, **usual | given)


def peers_result(rounds: list[Round]) -> Result:
    return result("peers", as_raw(rounds))
