"""API keys: a few thousand at the most, each found by its id."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from artifactd.access import Role
from artifactd.model import ApiKey
from artifactd.storage.schema import api_keys
from artifactd.storage.statements import Statement, Transaction

_table = api_keys.c
_COLUMNS = [_table[name] for name in ApiKey._fields]
_SELECT = Statement(select(*_COLUMNS).where(_table.key_id == bindparam("key_id")))
_SELECT_ALL = Statement(select(*_COLUMNS).order_by(_table.created_at_us, _table.key_id))
_FORGET = Statement(
    delete(api_keys).where(
        or_(_table.revoked_at_us < bindparam("oldest_us"), _table.expires_at_us < bindparam("oldest_us"))
    )
)
_INSERT = Statement(insert(api_keys).values({column.name: bindparam(column.name) for column in api_keys.c}))
_REVOKE = Statement(
    update(api_keys)
    .where(_table.key_id == bindparam("which"), _table.revoked_at_us.is_(None))
    .values(revoked_at_us=bindparam("now_us"))
)


def select_key(transaction: Transaction, key_id: str) -> ApiKey | None:
    """The key of that id, if there is one."""
    row = transaction.row(_SELECT, {"key_id": key_id})
    return _make(row) if row else None


def select_keys(transaction: Transaction) -> list[ApiKey]:
    """Every key, oldest first."""
    return [_make(row) for row in transaction.rows(_SELECT_ALL, {})]


def forget_keys(transaction: Transaction, oldest_us: int) -> None:
    """Forgets keys that were revoked or expired before then."""
    transaction.run(_FORGET, {"oldest_us": oldest_us})


def insert_key(transaction: Transaction, key: ApiKey) -> None:
    """Keeps a new key."""
    values = key._asdict() | {"role": str(key.role), "namespaces": json.dumps(key.namespaces)}
    transaction.run(_INSERT, values)


def revoke_key(transaction: Transaction, key_id: str, now_us: int) -> None:
    """Notes that a key is no longer good; one that is revoked keeps its time."""
    transaction.run(_REVOKE, {"which": key_id, "now_us": now_us})


def _make(row: tuple[Any, ...]) -> ApiKey:
    key = ApiKey(*row)
    return key._replace(role=Role(key.role), namespaces=tuple(json.loads(row[3])), digest=bytes(key.digest))
