"""Artifacts: create, get, list and update (contract, create_artifact and after)."""

from __future__ import annotations

from typing import Any

from artifactd.access import Verb, namespace_for_new, require_resource
from artifactd.errors import Aborted, invalid, quoted
from artifactd.listing import ListQuery, Page
from artifactd.model import Artifact, ArtifactTaskType, ArtifactType
from artifactd.operations.artifact_tasks import artifact_not_found, link, link_anew
from artifactd.operations.context import Context, listed_namespaces
from artifactd.operations.owners import Named, Owner, Owners, ensure_run, lock_for_batch, owner_of_task
from artifactd.requests import ArtifactChanges, NewArtifact, NewArtifactTask
from artifactd.storage import artifacts, pages, runs, tasks
from artifactd.storage.statements import Transaction


def create_artifact(context: Context, transaction: Transaction, new: NewArtifact) -> Artifact:
    """Creates an artifact, or returns one with the same contents if the request allows that.

    With a task named, an output link to it is made in the same transaction; an unknown task becomes a stub.

    Raises:
        NotFound: the task or run is in a namespace that the caller cannot write.
        PermissionDenied: the caller may not create in the namespace named.
        InvalidArgument: the namespace is left open and the caller has several, or it is not the task's.
    """
    return _create(context, transaction, new, _owner(context, transaction, new, ""), "")


def _create(context: Context, transaction: Transaction, new: NewArtifact, owner: Owner, at: str) -> Artifact:
    artifact = Artifact(
        artifact_id=context.new_id(),
        namespace=owner.namespace,
        name=new.name or "",
        type=new.type or str(ArtifactType.ARTIFACT),
        uri=new.uri or None,
        description=new.description or None,
        number_value=new.number_value,
        metadata=new.metadata,
        created_at_us=context.now_us,
        updated_at_us=context.now_us,
        version=1,
    )
    existing = artifacts.select_artifact_by_contents(transaction, artifact) if new.reuse_if_exists else None
    if existing is not None:
        if new.task_id:
            link(context, transaction, existing, owner, _output(new, existing), at)
        return existing
    artifacts.insert_artifact(transaction, artifact)
    if new.task_id:
        link_anew(context, transaction, artifact, owner, _output(new, artifact), at)
    return artifact


def _owner(context: Context, transaction: Transaction, new: NewArtifact, at: str) -> Owner:
    """The namespace that the artifact goes to, and the run of the task that made it."""
    named = new.namespace or None
    if new.task_id:
        return owner_of_task(
            context,
            transaction,
            new.task_id,
            known=tasks.select_fixed_owner(transaction, new.task_id, for_link=True),
            named=Named(named, new.run_id),
            at=at,
            namespace_field=f"{at}artifact.namespace",
        )
    of_run = runs.select_namespace(transaction, new.run_id) if new.run_id else None
    if named is None and of_run is not None and context.caller.may(Verb.CREATE, of_run):
        named = of_run
    namespace = namespace_for_new(context.caller, named, context.default_namespace, f"{at}artifact.namespace")
    if new.run_id:
        ensure_run(context, transaction, new.run_id, namespace, known=of_run, at=at)
    return Owner(namespace, new.run_id)


def _output(new: NewArtifact, artifact: Artifact) -> NewArtifactTask:
    return NewArtifactTask(
        artifact_id=artifact.artifact_id,
        task_id=new.task_id,
        type=new.link_type or str(ArtifactTaskType.OUTPUT),
        run_id=None,
        key=new.producer_key,
        producer_task_name=None,
        iteration=new.iteration_index,
    )


def batch_create_artifacts(context: Context, transaction: Transaction, batch: list[NewArtifact]) -> list[Artifact]:
    """Creates artifacts in their order, all or none: each task is looked up once. Raises as `create_artifact` does."""
    lock_for_batch(transaction, (new.task_id for new in batch))
    owners: Owners = {}
    made = []
    for index, new in enumerate(batch):
        at = f"artifacts[{index}]."
        of = (new.task_id, new.namespace, new.run_id)
        if of not in owners:
            owners[of] = _owner(context, transaction, new, at)
        made.append(_create(context, transaction, new, owners[of], at))
    return made


def get_artifact(context: Context, transaction: Transaction, artifact_id: str, *, for_update: bool = False) -> Artifact:
    """The artifact of that id.

    Args:
        for_update: keeps others from changing it until this transaction is done.

    Raises:
        NotFound: there is none, or the caller may not read it.
    """
    artifact = artifacts.select_artifact(transaction, artifact_id, for_update=for_update)
    if artifact is None or not context.caller.may(Verb.GET, artifact.namespace):
        raise artifact_not_found(artifact_id)
    return artifact


def list_artifacts(context: Context, transaction: Transaction, query: ListQuery) -> Page[Artifact]:
    """A page of artifacts.

    Raises:
        PermissionDenied: the caller may not list the namespace named.
        Unavailable: the filter takes too long.
    """
    return pages.select_page(transaction, artifacts.LISTING, query, listed_namespaces(context, query))


def update_artifact(context: Context, transaction: Transaction, changes: ArtifactChanges) -> Artifact:
    """Replaces the fields that are present; changing nothing leaves version and time as they are.

    Raises:
        NotFound: there is no such artifact, or the caller may not read it.
        PermissionDenied: the caller may read it, but not update it.
        Aborted: `If-Match` does not hold its version.
        InvalidArgument: it would change the namespace, or a URI that is set.
    """
    artifact = get_artifact(context, transaction, changes.artifact_id)
    changed = _changed(context, artifact, changes)
    if changed is None:
        return artifact
    # Before the row, as whoever looks for an artifact with such contents does.
    if artifacts.lock_contents(transaction, changed):
        artifact = get_artifact(context, transaction, changes.artifact_id, for_update=True)
        changed = _changed(context, artifact, changes)
        if changed is None:
            return artifact
        artifacts.lock_contents(transaction, changed)
    artifacts.update_artifact(transaction, artifact, changed)
    return changed


def _changed(context: Context, artifact: Artifact, changes: ArtifactChanges) -> Artifact | None:
    """The artifact as it will be, None if that is as it is. Raises as `update_artifact` does."""
    missing = artifact_not_found(changes.artifact_id)
    require_resource(context.caller, Verb.UPDATE, artifact.namespace, missing)
    if changes.if_match is not None and not {f'"{artifact.version}"', "*"} & set(changes.if_match):
        raise Aborted(f'If-Match does not hold "{artifact.version}", which is the current ETag: get it and try again')
    if changes.namespace is not None and changes.namespace != artifact.namespace:
        raise invalid("namespace", f"cannot change from {quoted(artifact.namespace)} to {quoted(changes.namespace)}")
    if artifact.uri and changes.uri is not None and changes.uri != artifact.uri:
        raise invalid("uri", f"cannot change from {quoted(artifact.uri)} once it is set")
    given: dict[str, Any] = {
        "name": changes.name,
        "type": changes.type,
        "uri": changes.uri,
        "description": changes.description,
        "number_value": changes.number_value,
        "metadata": None if changes.metadata == "{}" else changes.metadata,
    }
    present = {field: value for field, value in given.items() if getattr(changes, field) is not None}
    present |= {field: None for field in ("uri", "description") if present.get(field) == ""}
    changed = artifact._replace(**present)
    if changed == artifact:
        return None
    return changed._replace(version=artifact.version + 1, updated_at_us=max(context.now_us, artifact.updated_at_us))
