"""First answers of writes that carried an `Idempotency-Key`, kept for a day in the write's own transaction."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from artifactd.storage.schema import idempotency_keys
from artifactd.storage.statements import Statement, Transaction

KEPT_US = 24 * 3_600 * 1_000_000
_FORGOTTEN_AT_ONCE = 256
_FORGETTING_EVERY = 16
"""One in so many answers forgets old ones, so that nearly all write nothing but themselves."""


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
# It changes nothing but that there is something to commit.
_WRITE_AGAIN = Statement(
    update(idempotency_keys).where(_table.scope == bindparam("which")).values(created_at_us=_table.created_at_us)
)
_SELECT_OLD = Statement(
    select(_table.scope)
    .where(_table.created_at_us <= bindparam("oldest_us"))
    .order_by(_table.created_at_us)
    .limit(_FORGOTTEN_AT_ONCE)
    # What another write forgets just now need not be waited for.
    .with_for_update(skip_locked=True)
)
_SCOPES = tuple(f"scope_{index}" for index in range(_FORGOTTEN_AT_ONCE))
# A statement of its own: for a DELETE by a subquery MariaDB looks at the whole table.
_FORGET_OLD = Statement(delete(idempotency_keys).where(_table.scope.in_([bindparam(name) for name in _SCOPES])))
_FORGET = Statement(delete(idempotency_keys).where(_table.scope == bindparam("scope")))


def select_first_answer(transaction: Transaction, scope: bytes, now_us: int) -> FirstAnswer | None:
    """The first answer under a scope within the last day, if there was one; one still on its way is waited for.

    It may be there although a standby of PostgreSQL never confirmed it, for which its caller got a 503. It is written
    again, so that giving it again waits for what it should have waited for then.

    Args:
        scope: 16 bytes of a digest over caller, method, path and key.
    """
    transaction.lock(f"answer {scope.hex()}")
    row = transaction.row(_SELECT, {"scope": scope, "oldest_us": now_us - KEPT_US})
    if row is None:
        return None
    transaction.run(_WRITE_AGAIN, {"which": scope})
    return FirstAnswer(*row)


def insert_first_answer(transaction: Transaction, scope: bytes, answer: FirstAnswer, now_us: int) -> None:
    """Keeps an answer, and forgets some that are older than a day."""
    if scope[0] % _FORGETTING_EVERY == 0:
        _forget_old(transaction, now_us - KEPT_US)
    transaction.run(_FORGET, {"scope": scope})
    transaction.run(_INSERT, answer._asdict() | {"scope": scope, "created_at_us": now_us})


def _forget_old(transaction: Transaction, oldest_us: int) -> None:
    old = [scope for (scope,) in transaction.rows(_SELECT_OLD, {"oldest_us": oldest_us})]
    if old:
        # The last one stands for the rest, so that there is one statement for any number.
        transaction.run(_FORGET_OLD, dict(zip(_SCOPES, old + old[-1:] * (len(_SCOPES) - len(old)), strict=True)))
