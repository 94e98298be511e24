"""Updates that set what has changed, and nothing else.

SQLite moves a row in the index of every column that an UPDATE sets, be the value what it was. A task has a dozen
indexes, and a new state concerns two of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Column, Update, bindparam, update

from artifactd.storage.statements import Transaction

_KEY = "b_key"


def update_changed(
    transaction: Transaction, key: Column[Any], value: object, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Sets the columns of a row that differ.

    Args:
        key: the column that tells the row from others, and whose table it is.
        value: the row's value of it.
        before: the row's values by the names of their columns, as they are.
        after: the same columns, as they are to be.
    """
    changed = {name: new for name, new in after.items() if _differ(new, before[name])}
    if changed:
        names = tuple(changed)
        statement = transaction.shapes.get(("update", key.table.name, names), partial(_update, key, names))
        transaction.run(statement, changed | {_KEY: value})


def _differ(new: object, old: object) -> bool:
    # Zeros are equal whatever their sign.
    return new != old or (new == 0 and str(new) != str(old))


def _update(key: Column[Any], names: tuple[str, ...]) -> Update:
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(key.table).where(key == bindparam(_KEY)).values(values)
