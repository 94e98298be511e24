"""The same requests get the same bytes from every engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from engines.databases import Databases
from support import API, DirectApi, filter_of

NAMES = [
    "loss", "loss ", " loss", "Loss", "LOSS", "łoss", "löss", "lo\u0308ss", "ß", "ss", "a", "b", "A", "_", "%",
    "\\", "'", '"', "😀", "\U0001f3f3\ufe0f\u200d\U0001f308", "שלום", "مرحبا", "e\u0301", "é", "ﬀ", "ff", "\ud7ff",
    "\ue000", "\uffff", "\U00010000", "日本", "-", "0", "00",
]  # fmt: skip
NUMBERS = [
    0.0, -0.0, 0.1, 1 / 3, 5e-324, -5e-324, 1.7976931348623157e308, -1e308, 1e15, 123456789.123456789, 2**53, -1.5,
]  # fmt: skip
HUGE = {"whole": 10**400, "minus": -(2**64) - 1, "nested": {"float": 1e-320, "list": [None, True, {"k": "v"}]}}
MANY = 40


def requests() -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """A fixed course of requests: method, target, message, headers."""
    for number, name in enumerate(NAMES):
        artifact: dict[str, Any] = {
            "name": name,
            "namespace": ["", "team", "Team"][number % 3],
            "type": ["Model", "Dataset"][number % 2],
            "metadata": {"name": name, "number": number, "deep": {name: HUGE}},
            "description": name * 3,
        }
        if number < len(NUMBERS):
            artifact["number_value"] = NUMBERS[number]
        yield "POST", "/artifacts", {"artifact": artifact, "task_id": f"t{number % 7}-{number % 3}"}, {}
    for number, value in enumerate([*NUMBERS, "NaN", "Infinity", "-Infinity"]):
        metric = {"task_id": f"t{number % 5}-{number % 3}", "name": NAMES[number], "value": value, "step": number - 3}
        yield "POST", "/metrics", {"metric": metric | {"created_at": f"2025-01-01T00:00:00.{number:06}Z"}}, {}
        yield "POST", "/metrics", {"metric": metric | {"value": 7}}, {"Idempotency-Key": f"k{number}"}
        yield "POST", "/metrics", {"metric": metric | {"value": 7}}, {"Idempotency-Key": f"k{number}"}
    task = {"task_id": "t0-0", "run_id": "run", "state": "RUNNING", "display_name": "😀", "labels": {"ß": "ss"}}
    yield "POST", "/tasks", task, {}
    yield "PATCH", "/tasks/t0-0", {"state": "FAILED", "error": {"code": 3, "message": "ö"}}, {}
    yield "POST", "/artifacts", {"artifact": {"name": "x", "namespace": "other"}, "task_id": "t0-0"}, {}
    yield from reads()


def reads() -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """Lists in every order and by many filters, and what is gone through by their tokens."""
    sorts = {
        "/artifacts": ("artifact_id", "name", "type", "created_at", "updated_at", "number_value"),
        "/metrics": ("task_id", "name", "run_id", "schema", "value", "created_at"),
        "/artifact_tasks": ("id", "artifact_id", "task_id", "run_id", "created_at"),
        "/tasks": ("task_id", "run_id", "display_name", "state", "create_time"),
        "/runs": ("run_id", "created_at", "state"),
    }
    for path, fields in sorts.items():
        order = "order_by" if path == "/tasks" else "sort_by"
        for field in fields:
            for direction in ("asc", "desc"):
                yield "WALK", f"{path}?{order}={field}%20{direction}&page_size=7", None, {}
    for predicate in predicates():
        yield "WALK", "/artifacts", {"filter": filter_of(predicate)}, {}
    yield "GET", "/lineage?task_id=t0-0", None, {}
    yield "GET", "/lineage?run_id=run&max_nodes=3", None, {}
    yield "GET", "/runs/run", None, {}


def predicates() -> Iterator[dict[str, Any]]:
    """Comparisons of texts and numbers, in fields and in metadata."""
    for name in NAMES:
        for operation in ("EQUALS", "NOT_EQUALS", "LESS_THAN", "GREATER_THAN_EQUALS", "IS_SUBSTRING"):
            for key in ("name", "metadata.name"):
                yield {"operation": operation, "key": key, "string_value": name}
    for number in (0, 5, 2**53):
        for operation in ("EQUALS", "GREATER_THAN", "LESS_THAN_EQUALS"):
            yield {"operation": operation, "key": "metadata.number", "long_value": number}
            yield {"operation": operation, "key": "number_value", "double_value": float(number)}


def answers(url: str) -> list[tuple[str, int, bytes]]:
    """What each request is answered."""
    api = DirectApi(url)
    found: list[tuple[str, int, bytes]] = []
    for method, target, message, headers in requests():
        if method != "WALK":
            body = None if message is None else json.dumps(message).encode()
            reply = api.raw(method, API + target, body, headers)
            found.append((f"{method} {target} {message}", reply.status, reply.body))
            continue
        query, token = dict(message or {}), ""
        for _ in range(MANY):
            reply = api.request("GET", target, query=query | ({"page_token": token} if token else {}))
            found.append((f"{target} {message}", reply.status, reply.body))
            token = reply.json.get("next_page_token", "")
            if not token:
                break
    api.close()
    return found


@pytest.fixture(scope="module")
def expected(databases: Databases) -> list[tuple[str, int, bytes]]:
    """SQLite's answers."""
    with databases.empty_store("sqlite") as url:
        return answers(url)


@pytest.mark.engines("postgresql", "mariadb")
def test_every_engine_answers_the_same_bytes(database_url: str, expected: list[tuple[str, int, bytes]]) -> None:
    found = answers(database_url)

    assert len(found) > 600
    assert [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]][:3] == []
