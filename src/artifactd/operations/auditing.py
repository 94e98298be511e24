"""Notes of who wrote what: kept with the write itself, so that there is no write without one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from artifactd.model import AUDITED_CHARS_MAX, AuditEntry
from artifactd.operations.context import Context
from artifactd.storage import audit
from artifactd.storage.statements import Transaction

_DAY_US = 24 * 3_600 * 1_000_000


class Audit(NamedTuple):
    """What a note of a write says besides the caller and the time.

    `days` is how long notes are kept; 0 is for ever.
    """

    operation: str
    address: str
    request_id: str
    days: int


def note_write(
    context: Context,
    transaction: Transaction,
    noted: Audit,
    namespaces: Iterable[str],
    resources: Iterable[str],
    status: int = 200,
) -> None:
    """Keeps a note of a write.

    Args:
        namespaces: those that it wrote to.
        resources: what it wrote, or was refused to.
        status: the HTTP status that it was answered.
    """
    entry = AuditEntry(
        at_us=context.now_us,
        caller=context.caller.name,
        address=noted.address,
        operation=noted.operation,
        namespaces=tuple(sorted(set(namespaces))),
        resources=_bounded(resources),
        status=status,
        request_id=noted.request_id,
    )
    audit.insert_entry(transaction, entry, context.now_us - noted.days * _DAY_US if noted.days else None)


def _bounded(resources: Iterable[str]) -> tuple[str, ...]:
    """The resources, each once, as far as a note holds them; the last one says how many it leaves out."""
    names = list(dict.fromkeys(resources))
    left = AUDITED_CHARS_MAX
    for place, name in enumerate(names):
        left -= len(name)
        if left < 0:
            return (*names[:place], f"and {len(names) - place} more")
    return tuple(names)
