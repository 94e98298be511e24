"""First answers of writes that carried an `Idempotency-Key`, kept for a day in the write's own transaction."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from artifactd.storage.schema import idempotency_keys
from artifactd.storage.statements import Statement, Transaction

KEPT_US = 24 * 3_600 * 1_000_000
_FORGOTTEN_AT_ONCE = 100


class FirstAnswer(NamedTuple):
    """What the first request with a key was answered.

    `body_digest` is of that request's body; `namespaces` are those that it wrote to, as a JSON list.
    """

    body_digest: bytes
    answer: bytes
    etag: str | None
    namespaces: str


_table = idempotency_keys.c
_SELECT = Statement(
    select(_table.body_digest, _table.answer, _table.etag, _table.namespaces).where(
        _table.scope == bindparam("scope"), _table.created_at_us > bindparam("oldest_us")
    )
)
_INSERT = Statement(insert(idempotency_keys).values({c.name: bindparam(c.name) for c in idempotency_keys.c}))
_OLD = (
    select(_table.scope)
    .where(_table.created_at_us <= bindparam("oldest_us"))
    .order_by(_table.created_at_us)
    .limit(_FORGOTTEN_AT_ONCE)
)
_FORGET_OLD = Statement(delete(idempotency_keys).where(_table.scope.in_(_OLD)))
_FORGET = Statement(delete(idempotency_keys).where(_table.scope == bindparam("scope")))


def select_first_answer(transaction: Transaction, scope: bytes, now_us: int) -> FirstAnswer | None:
    """The first answer under a scope within the last day, if there was one.

    Args:
        scope: 16 bytes of a digest over caller, method, path and key.
    """
    row = transaction.row(_SELECT, {"scope": scope, "oldest_us": now_us - KEPT_US})
    return FirstAnswer(*row) if row else None


def insert_first_answer(transaction: Transaction, scope: bytes, answer: FirstAnswer, now_us: int) -> None:
    """Keeps an answer, and forgets some that are older than a day."""
    transaction.run(_FORGET_OLD, {"oldest_us": now_us - KEPT_US})
    transaction.run(_FORGET, {"scope": scope})
    transaction.run(_INSERT, answer._asdict() | {"scope": scope, "created_at_us": now_us})
