"""A store with everything in it that engines are known to keep differently, and what its API shows."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from support import API, Clock, DirectApi

from artifactd.operations.context import new_uuid
from artifactd.storage.copying import bulk_store
from artifactd.storage.statements import Row, Statement

TEXTS = [
    "plain",
    "",
    " two  blanks ",
    "Loss",
    "loss",
    "loss ",
    "é",
    "e\u0301",
    "😀 emoji 👩‍👩‍👧",
    "שלום עולם",
    "\t\r\n'\"\\%_;--",
    "�ÿ",
]
NUMBERS: list[float] = [
    0.0,
    -0.0,
    5e-324,
    -1.7976931348623157e308,
    0.1 + 0.2,
    1e23,
    2.0**63,
    123456789012345680.0,
    -1e-7,
    3,
]
METRICS: list[float | str] = ["NaN", "Infinity", "-Infinity", *NUMBERS]
POINTS = 600
ONCE = {"Idempotency-Key": "once"}
_HUGE = 10**300 + 7


@contextlib.contextmanager
def api_of(url: str) -> Iterator[DirectApi]:
    """A client of the application over a store."""
    api = DirectApi(url, clock=Clock(), new_id=new_uuid)
    yield api
    api.close()


def fill(api: DirectApi) -> None:
    """Puts something difficult into every table."""
    for number, given in enumerate(TEXTS):
        fields: dict[str, Any] = {"namespace": f"team-{number % 3}", "name": given or "empty"}
        metadata = {given: [given, {"huge": _HUGE, "small": -_HUGE, "true": True, "null": None, "float": 1e-320}]}
        made = api.artifact(
            **fields, type="Model", uri=f"s3://{number}/{given}", description=given, metadata=metadata,
            request={"run_id": f"run-{number % 3}", "task_id": f"task-{number}", "producer_key": given[:63]},
        )  # fmt: skip
        task = {"task_id": f"reader-{number}", "run_id": f"run-{number % 3}", "display_name": given or "none"}
        inputs = {f"in{number}": {"artifact_ids": [made["artifact_id"]]}}
        parameters = {"text": given, "huge": _HUGE}
        api.task(**task, namespace=f"team-{number % 3}", state="SUCCEEDED", inputs=inputs, input_parameters=parameters)
    for value in NUMBERS:
        api.artifact(name="number", number_value=value, metadata={"number": value})
    api.artifact(name="large", metadata={"text": "ü" * 500_000})
    for place, logged in enumerate(METRICS):
        api.metric(task_id="numbers", name=f"metric {place}", value=logged, type="METRIC_OUTPUT")
    for name in TEXTS:
        api.metric(task_id="names", name=name or "empty", value=1)
    rows = {"confusionMatrix": {"annotationSpecs": [{"displayName": "😀"}], "rows": [{"row": [math.pi]}]}}
    api.metric(task_id="names", name="matrix", value=rows, schema="ClassificationMetric")
    points = [{"task_id": "long", "name": "loss", "value": step / 7, "step": step} for step in range(POINTS)]
    api.ok("POST", "/metrics:batchLog", {"metrics": points})
    api.ok("POST", "/artifacts", {"artifact": {"name": "kept"}}, headers=ONCE)


def shown(api: DirectApi) -> list[bytes]:
    """What the API answers to whoever asks for everything: byte for byte, signs of zeros included."""
    lists: list[tuple[str, list[str]]] = [
        ("/artifacts?", ["created_at", "name", "number_value desc", "type"]),
        ("/metrics?", ["", "value", "name desc", "created_at"]),
        ("/artifact_tasks?type=UNSPECIFIED&", ["created_at", "task_id desc"]),
        ("/tasks?", ["create_time"]),
        ("/runs?", ["created_at"]),
        ("/metric_history/long/loss?page_size=200", [""]),
        ("/metric_history/numbers/metric%204?", [""]),
        ("/lineage?run_id=run-1", [""]),
    ]
    bodies: list[bytes] = []
    for path, orders in lists:
        for order in orders:
            sort = (
                f"&{'order_by' if path.startswith('/tasks') else 'sort_by'}={order.replace(' ', '%20')}"
                if order
                else ""
            )
            token = ""
            while True:
                reply = api.raw("GET", f"{API}{path}{sort}{token and f'&page_token={token}'}")
                assert reply.status == 200, reply
                bodies.append(reply.body)
                token = json.loads(reply.body).get("next_page_token", "")
                if not token:
                    break
    return bodies


def run_sql(url: str, sql: str) -> list[Row]:
    """Runs a statement on a store; gives its rows, if it has some to give."""
    with bulk_store(url, make=True).changes() as transaction:
        statement = Statement(text(sql))
        if sql.startswith("SELECT"):
            return [tuple(row) for row in transaction.rows(statement, {})]
        transaction.run(statement, {})
        return []
