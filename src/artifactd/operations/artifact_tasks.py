"""Links between artifacts and tasks: create and list (contract, Companions and list_artifact_tasks)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from artifactd.access import Verb
from artifactd.errors import AlreadyExists, NotFound, quoted
from artifactd.listing import ListQuery, Page
from artifactd.model import BATCH_ITEMS_MAX, Artifact, ArtifactTask, ArtifactTaskType, LinkIdentity, Producer
from artifactd.operations.context import Context, listed_namespaces, same_namespace
from artifactd.operations.owners import Named, Owner, Owners, lock_for_batch, owner_of_task
from artifactd.requests import NewArtifactTask
from artifactd.storage import artifact_tasks, artifacts, pages, tasks
from artifactd.storage.statements import Transaction

_LINKS_READ_MAX = 4 * BATCH_ITEMS_MAX
"""How many links of a task are read at once: one in a loop of many iterations may have any number with an artifact."""


def artifact_not_found(artifact_id: str) -> NotFound:
    """The answer for an unknown artifact, and for one that the caller may not know of."""
    return NotFound(f"there is no artifact {quoted(artifact_id, 128)}")


def create_artifact_task(context: Context, transaction: Transaction, new: NewArtifactTask) -> ArtifactTask:
    """Links a task to an artifact; the same link again returns the one that exists.

    Raises:
        NotFound: no such artifact, or a task or artifact of a namespace that the caller cannot write.
        AlreadyExists: the link exists with another producer or run.
        InvalidArgument: the task and the artifact are of two namespaces, or the run is not the task's.
    """
    assert new.artifact_id is not None
    artifact = artifacts.select_artifact(transaction, new.artifact_id)
    wanted = _new_link(context, new)
    return _create(
        context,
        transaction,
        new,
        artifact=artifact,
        owners={},
        select_same=lambda: artifact_tasks.select_same_artifact_task(transaction, wanted),
        at="artifact_task.",
    )


def _create(
    context: Context,
    transaction: Transaction,
    new: NewArtifactTask,
    *,
    artifact: Artifact | None,
    owners: Owners,
    select_same: Callable[[], ArtifactTask | None],
    at: str,
) -> ArtifactTask:
    assert new.task_id is not None
    artifact = _usable(context, artifact, new)
    of = (new.task_id, None, new.run_id)
    owner = owners.get(of)
    # The task is read before its links: one that is then not there was not there either when the task was looked at.
    known = None if owner is not None else tasks.select_fixed_owner(transaction, new.task_id, for_link=True)
    existing = select_same()
    if existing is not None:
        return _asked_for(existing, new)
    if owner is None:
        owner = owners[of] = owner_of_task(
            context,
            transaction,
            new.task_id,
            known=known,
            named=Named(None, new.run_id),
            at=at,
            namespace_of_other=artifact.namespace,
        )
    return link_anew(context, transaction, artifact, owner, new, at)


def _usable(context: Context, artifact: Artifact | None, new: NewArtifactTask) -> Artifact:
    """An artifact that was looked for, if the caller may link it."""
    if artifact is None or not context.caller.may(Verb.CREATE, artifact.namespace):
        raise artifact_not_found(new.artifact_id or "")
    return artifact


def _artifacts_of(transaction: Transaction, batch: list[NewArtifactTask]) -> dict[str, Artifact]:
    """The artifacts of links to make, by their ids."""
    ids = dict.fromkeys(new.artifact_id for new in batch if new.artifact_id is not None)
    return {artifact.artifact_id: artifact for artifact in artifacts.select_artifacts(transaction, ids)}


def link(
    context: Context, transaction: Transaction, artifact: Artifact, owner: Owner, new: NewArtifactTask, at: str
) -> ArtifactTask:
    """Links a task whose owner is known to an artifact that is known. Raises as `create_artifact_task` does."""
    existing = artifact_tasks.select_same_artifact_task(transaction, _new_link(context, new))
    if existing is not None:
        return _asked_for(existing, new)
    return link_anew(context, transaction, artifact, owner, new, at)


def link_all(
    context: Context, transaction: Transaction, owner: Owner, wanted: dict[str, list[NewArtifactTask]]
) -> None:
    """Links a task whose owner is known to artifacts. Raises as `create_artifact_task` does.

    Args:
        wanted: the links by their paths in the request, each ending in a dot.
    """
    batch = [new for several in wanted.values() for new in several]
    found = _artifacts_of(transaction, batch)
    links = _Links(transaction, batch)
    for at, several in wanted.items():
        for new in several:
            artifact = _usable(context, found.get(new.artifact_id or ""), new)
            existing = links.same_as(_new_link(context, new))
            if existing is not None:
                _asked_for(existing, new)
            else:
                links.add(link_anew(context, transaction, artifact, owner, new, at))


def link_anew(
    context: Context, transaction: Transaction, artifact: Artifact, owner: Owner, new: NewArtifactTask, at: str
) -> ArtifactTask:
    """As `link`, where no such link exists yet."""
    same_namespace(f"{at}artifact_id", f"the artifact {artifact.artifact_id}", artifact.namespace, owner.namespace)
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


def _asked_for(existing: ArtifactTask, new: NewArtifactTask) -> ArtifactTask:
    """The link that there is with that identity, if it is what is asked for; what is left unsaid may be anything."""
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
    """Makes links in their order, all or none: each artifact and each task is looked up once, with its links.

    Raises as `create_artifact_task` does.
    """
    lock_for_batch(transaction, (new.task_id for new in batch))
    found = _artifacts_of(transaction, batch)
    owners: Owners = {}
    links = _Links(transaction, batch)
    made = []
    for index, new in enumerate(batch):
        artifact = found.get(new.artifact_id or "")
        wanted = _new_link(context, new)
        link = _create(
            context,
            transaction,
            new,
            artifact=artifact,
            owners=owners,
            select_same=partial(links.same_as, wanted),
            at=f"artifact_tasks[{index}].",
        )
        links.add(link)
        made.append(link)
    return made


class _Links:
    """The links that there are between the tasks of a batch and what it names with each; a task's are read once."""

    def __init__(self, transaction: Transaction, batch: list[NewArtifactTask]) -> None:
        self._transaction = transaction
        self._artifact_ids: dict[str | None, dict[str | None, None]] = {}
        for new in batch:
            self._artifact_ids.setdefault(new.task_id, {})[new.artifact_id] = None
        self._of_task: dict[str, dict[LinkIdentity, ArtifactTask] | None] = {}

    def same_as(self, wanted: ArtifactTask) -> ArtifactTask | None:
        """The link with that identity, if there is one."""
        if wanted.task_id not in self._of_task:
            self._of_task[wanted.task_id] = self._read(wanted.task_id)
        links = self._of_task[wanted.task_id]
        if links is None:
            return artifact_tasks.select_same_artifact_task(self._transaction, wanted)
        return links.get(wanted.identity)

    def add(self, link: ArtifactTask) -> None:
        """Notes one that was made."""
        links = self._of_task[link.task_id]
        if links is not None:
            links[link.identity] = link

    def _read(self, task_id: str) -> dict[LinkIdentity, ArtifactTask] | None:
        """The task's links by their identity; None where there are too many, so that each has to be asked for."""
        ids = [artifact_id for artifact_id in self._artifact_ids[task_id] if artifact_id is not None]
        found = artifact_tasks.select_artifact_tasks_of_task(self._transaction, task_id, ids, _LINKS_READ_MAX)
        return None if found is None else {link.identity: link for link in found}


def list_artifact_tasks(context: Context, transaction: Transaction, query: ListQuery) -> Page[ArtifactTask]:
    """A page of links. Raises Unavailable if the filter takes too long."""
    return pages.select_page(transaction, artifact_tasks.LISTING, query, listed_namespaces(context, query))
