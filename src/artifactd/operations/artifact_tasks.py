"""Links between artifacts and tasks: create and list (contract, Companions and list_artifact_tasks)."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.errors import AlreadyExists, NotFound, quoted
from artifactd.listing import ListQuery, Page
from artifactd.model import Artifact, ArtifactTask, ArtifactTaskType, Producer
from artifactd.operations.context import Context, listed_namespaces, same_namespace
from artifactd.operations.owners import Named, Owner, lock_for_batch, owner_of_task
from artifactd.requests import NewArtifactTask
from artifactd.storage import artifact_tasks, artifacts, pages, tasks
from artifactd.storage.statements import Transaction


def artifact_not_found(artifact_id: str) -> NotFound:
    """The answer for an unknown artifact, and for one that the caller may not know of."""
    return NotFound(f"there is no artifact {quoted(artifact_id, 128)}")


def create_artifact_task(
    context: Context, transaction: Transaction, new: NewArtifactTask, at: str = "artifact_task."
) -> ArtifactTask:
    """Links a task to an artifact; the same link again returns the one that exists.

    Raises:
        NotFound: no such artifact, or a task or artifact of a namespace that the caller cannot write.
        AlreadyExists: the link exists with another producer or run.
        InvalidArgument: the task and the artifact are of two namespaces, or the run is not the task's.
    """
    assert new.artifact_id is not None
    assert new.task_id is not None
    artifact = artifacts.select_artifact(transaction, new.artifact_id)
    if artifact is None or not context.caller.may(Verb.CREATE, artifact.namespace):
        raise artifact_not_found(new.artifact_id)
    # The task is read before its links: one that is then not there was not there either when the task was looked at.
    known = tasks.select_fixed_owner(transaction, new.task_id, for_link=True)
    existing = _existing(context, transaction, new)
    if existing is not None:
        return existing
    owner = owner_of_task(
        context,
        transaction,
        new.task_id,
        known=known,
        named=Named(None, new.run_id),
        at=at,
        namespace_of_other=artifact.namespace,
    )
    return link(context, transaction, artifact, owner, new, at)


def link(
    context: Context, transaction: Transaction, artifact: Artifact, owner: Owner, new: NewArtifactTask, at: str
) -> ArtifactTask:
    """Links a task whose owner is known to an artifact that is known. Raises as `create_artifact_task` does."""
    same_namespace(f"{at}artifact_id", f"the artifact {artifact.artifact_id}", artifact.namespace, owner.namespace)
    existing = _existing(context, transaction, new)
    if existing is not None:
        return existing
    made = _new_link(context, new)._replace(
        id=context.new_id(), namespace=owner.namespace, run_id=owner.run_id, created_at_us=context.now_us
    )
    artifact_tasks.insert_artifact_task(transaction, made)
    return made


def _new_link(context: Context, new: NewArtifactTask) -> ArtifactTask:
    return ArtifactTask(
        id="",
        namespace="",
        artifact_id=new.artifact_id or "",
        task_id=new.task_id or "",
        type=new.type or str(ArtifactTaskType.INPUT),
        run_id=new.run_id,
        key=new.key,
        producer=Producer(new.producer_task_name, new.iteration),
        created_at_us=context.now_us,
    )


def _existing(context: Context, transaction: Transaction, new: NewArtifactTask) -> ArtifactTask | None:
    """The link with the same identity, if there is one; what the request leaves unsaid may be anything."""
    existing = artifact_tasks.select_same_artifact_task(transaction, _new_link(context, new))
    if existing is None:
        return None
    for field, theirs, ours in (
        ("producer.task_name", existing.producer.task_name, new.producer_task_name),
        ("run_id", existing.run_id, new.run_id),
    ):
        if ours is not None and ours != theirs:
            raise AlreadyExists(
                f"the link exists as {existing.id} with the {field} {quoted(theirs)}, not {quoted(ours)}"
            )
    return existing


def batch_create_artifact_tasks(
    context: Context, transaction: Transaction, batch: list[NewArtifactTask]
) -> list[ArtifactTask]:
    """Makes links in their order, all or none. Raises as `create_artifact_task` does."""
    lock_for_batch(transaction, (new.task_id for new in batch))
    return [
        create_artifact_task(context, transaction, new, f"artifact_tasks[{index}].") for index, new in enumerate(batch)
    ]


def list_artifact_tasks(context: Context, transaction: Transaction, query: ListQuery) -> Page[ArtifactTask]:
    """A page of links. Raises Unavailable if the filter takes too long."""
    return pages.select_page(transaction, artifact_tasks.LISTING, query, listed_namespaces(context, query))
