"""Small writes and reads for tests of the store itself."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from artifactd.listing import ARTIFACTS, ListQuery, Sort
from artifactd.operations.artifacts import create_artifact, list_artifacts
from artifactd.operations.context import Context
from artifactd.requests import NewArtifact
from artifactd.storage.statements import Statement, Transaction

_LONG = Statement(
    lambda dialect: text(
        "SELECT count(a.uses + b.uses + c.uses + d.uses) FROM locks a, locks b, locks c, locks d"
        if dialect == "mysql"
        else "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) "
        "SELECT count(*) FROM n"
    )
)


def new_artifact(name: str, metadata: str | None = None, namespace: str | None = None) -> NewArtifact:
    """An artifact to create."""
    return NewArtifact(name, None, None, None, None, metadata, namespace)


def writing(context: Context, name: str, metadata: str | None = None) -> Callable[[Transaction], str]:
    """A write that creates an artifact and gives its id."""
    return lambda transaction: create_artifact(context, transaction, new_artifact(name, metadata)).artifact_id


def names_of(context: Context) -> Callable[[Transaction], list[str]]:
    """A read that gives the names of all artifacts, up to 200, sorted."""
    query = ListQuery(ARTIFACTS, None, Sort("name"), (), 200)
    return lambda transaction: [artifact.name for artifact in list_artifacts(context, transaction, query).items]


def count_of(context: Context) -> Callable[[Transaction], int]:
    """A read that gives how many artifacts there are, by the kept count."""
    query = ListQuery(ARTIFACTS, None, Sort("name"), (), 1)
    return lambda transaction: list_artifacts(context, transaction, query).total_size


def endless(transaction: Transaction) -> object:
    """A read that takes longer than any time limit."""
    return transaction.rows(_LONG)
