"""The message `V2beta1PipelineTaskExecutorDetail`."""

from __future__ import annotations

from typing import List, Optional

from artifactd_client.models.model import Model


class V2beta1PipelineTaskExecutorDetail(Model):
    """The jobs that ran a task."""

    main_job: Optional[str] = None
    pre_caching_check_job: Optional[str] = None
    failed_main_jobs: Optional[List[str]] = None
    failed_pre_caching_check_jobs: Optional[List[str]] = None
