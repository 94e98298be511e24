"""Identifiers that come out the same each time, so that recording something twice changes nothing."""

from __future__ import annotations

import uuid

_KFP_LOCAL = uuid.uuid5(uuid.NAMESPACE_URL, "urn:artifactd:interop:kfp-local")


def run_id_of(*, pipeline_name: str, run_name: str, namespace: str) -> str:
    """The run id of an imported run: the same for the same run and namespace, whoever imports it.

    Args:
        pipeline_name: from the compiled pipeline.
        run_name: the name of the run's folder, in which `kfp.local` puts the moment of its start.
        namespace: where the run is recorded, "" for the server's default. It counts because a run id exists
            once in
            the whole service: two namespaces cannot hold the same run under one id.
    """
    return str(uuid.uuid5(_KFP_LOCAL, f"run\n{namespace}\n{pipeline_name}\n{run_name}"))


def task_id_of(run_id: str, task_path: str) -> str:
    """The id of the task of that path in that run."""
    return str(uuid.uuid5(_KFP_LOCAL, f"task\n{run_id}\n{task_path}"))
