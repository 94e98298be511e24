"""The message `V2beta1IOProducer`."""

from __future__ import annotations

from typing import Optional

from artifactd_client.models.model import Model


class V2beta1IOProducer(Model):
    """The task that made what a link carries, and its iteration in a loop."""

    task_name: Optional[str] = None
    iteration: Optional[str] = None
