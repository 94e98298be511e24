"""The message `PipelineTaskDetailChildTask`."""

from __future__ import annotations

from typing import Optional

from artifactd_client.models.model import Model


class PipelineTaskDetailChildTask(Model):
    """A task that another one started."""

    task_id: Optional[str] = None
    pod_name: Optional[str] = None
