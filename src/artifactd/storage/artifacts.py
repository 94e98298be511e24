"""Artifacts to rows and back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from sqlalchemy import and_, bindparam, select

from artifactd import listing
from artifactd.model import Artifact
from artifactd.storage import counts, namespaces
from artifactd.storage.changes import update_changed
from artifactd.storage.columns import Listing, SqlField, uuid_bytes, uuid_from
from artifactd.storage.schema import artifact_tasks, artifacts, metrics
from artifactd.storage.statements import Row, Statement, Transaction, rows_of_ids


def _make(row: Row) -> Artifact:
    # Called for every row of a list, and half again as fast as `Artifact(...)`.
    artifact = Artifact._make((uuid_from(row[0]), *row[1:11]))
    return artifact._replace(number_value=-0.0) if row[11] else artifact


_table = artifacts.c
_NAMESPACE = namespaces.namespace_of(_table.namespace_id)
_SELECTED = (
    _table.artifact_id,
    _NAMESPACE,
    _table.name,
    _table.type,
    _table.uri,
    _table.description,
    _table.number_value,
    _table.metadata,
    _table.created_at_us,
    _table.updated_at_us,
    _table.version,
    _table.negative_zero,
)
LISTING = Listing(
    noun=listing.ARTIFACTS,
    table=artifacts,
    selected=_SELECTED,
    make=_make,
    fields={
        "artifact_id": SqlField(_table.artifact_id, is_uuid=True),
        "name": SqlField(_table.name),
        "type": SqlField(_table.type),
        "created_at": SqlField(_table.created_at_us),
        "updated_at": SqlField(_table.updated_at_us),
        "number_value": SqlField(_table.number_value, nullable=True),
        "uri": SqlField(_table.uri, nullable=True),
        "namespace": SqlField(_NAMESPACE),
        "description": SqlField(_table.description, nullable=True),
        "metadata": SqlField(_table.metadata, nullable=True),
    },
    identity=("artifact_id",),
    partition=(_table.namespace_id,),
    metrics_of=and_(artifact_tasks.c.artifact_id == _table.artifact_id, metrics.c.task_id == artifact_tasks.c.task_id),
)

_BY_ID = _table.artifact_id == bindparam("artifact_id")
_SELECT = Statement(select(*_SELECTED).where(_BY_ID), alone=True)
_SELECT_BY_CONTENTS = Statement(
    select(*_SELECTED)
    .where(_table.contents_digest == bindparam("contents_digest"))
    .order_by(_table.created_at_us, _table.artifact_id)
    .with_for_update(read=True)
)
_SELECT_FOR_UPDATE = Statement(select(*_SELECTED).where(_BY_ID).with_for_update())
_INSERT = namespaces.insert_into(artifacts)
_CHANGING = ("name", "type", "uri", "description", "number_value", "metadata", "updated_at_us", "version")


def contents_digest(artifact: Artifact) -> int:
    """64 bits of a digest over what `reuse_if_exists` compares (contract, create_artifact)."""
    contents = repr(_contents(artifact)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(contents, digest_size=8).digest(), "big", signed=True)


def _contents(artifact: Artifact) -> tuple[object, ...]:
    return (
        artifact.namespace,
        artifact.type,
        artifact.uri,
        artifact.name,
        artifact.description,
        artifact.metadata,
        artifact.number_value,
    )


def _negative_zero(artifact: Artifact) -> bool | None:
    return True if artifact.number_value == 0 and math.copysign(1, artifact.number_value) < 0 else None


def insert_artifact(transaction: Transaction, artifact: Artifact) -> None:
    """Keeps a new artifact and counts it."""
    namespaces.intern(transaction, artifact.namespace)
    values = artifact._asdict()
    values["artifact_id"] = uuid_bytes(artifact.artifact_id)
    values["contents_digest"] = contents_digest(artifact)
    values["negative_zero"] = _negative_zero(artifact)
    transaction.run(_INSERT, values)
    counts.add(transaction, "artifacts", artifact.namespace)


def update_artifact(transaction: Transaction, before: Artifact, artifact: Artifact) -> None:
    """Replaces the changeable fields of an artifact that exists."""
    artifact_id = uuid_bytes(artifact.artifact_id)
    update_changed(transaction, _table.artifact_id, artifact_id, _changing_values(before), _changing_values(artifact))


def _changing_values(artifact: Artifact) -> dict[str, Any]:
    values = {name: getattr(artifact, name) for name in _CHANGING}
    return values | {"contents_digest": contents_digest(artifact), "negative_zero": _negative_zero(artifact)}


def select_artifact(transaction: Transaction, artifact_id: str, *, for_update: bool = False) -> Artifact | None:
    """The artifact of that id, if there is one; `for_update` keeps others from changing it until this is done."""
    statement = _SELECT_FOR_UPDATE if for_update else _SELECT
    row = transaction.row(statement, {"artifact_id": uuid_bytes(artifact_id)})
    return _make(row) if row else None


def select_artifact_by_contents(transaction: Transaction, artifact: Artifact) -> Artifact | None:
    """The oldest artifact with the same contents, if there is one.

    Until this transaction is done nobody else looks for one, and nobody changes it: what is then done because of these
    contents, such as a link, happens while it has them.
    """
    digest = contents_digest(artifact)
    transaction.lock(_contents_name(digest))
    rows = transaction.rows(_SELECT_BY_CONTENTS, {"contents_digest": digest})
    return next((found for found in map(_make, rows) if _contents(found) == _contents(artifact)), None)


def lock_contents(transaction: Transaction, artifact: Artifact) -> bool:
    """Keeps others from looking for an artifact with such contents until this is done; see `Transaction.lock`."""
    return transaction.lock(_contents_name(contents_digest(artifact)))


def _contents_name(digest: int) -> str:
    return f"contents {digest}"


def select_artifacts(transaction: Transaction, artifact_ids: Iterable[str]) -> list[Artifact]:
    """The artifacts of those ids that exist, in no order."""
    ids = [uuid_bytes(artifact_id) for artifact_id in artifact_ids]
    rows = rows_of_ids(
        transaction, "artifacts by ids", lambda names: select(*_SELECTED).where(_table.artifact_id.in_(names)), ids
    )
    return list(map(_make, rows))
