"""The message `V2beta1Metric`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Optional, Union

from artifactd_client.models.model import Model
from artifactd_client.models.v2beta1_metric_schema import V2beta1MetricSchema
from artifactd_client.models.v2beta1_metric_type import V2beta1MetricType

_NON_FINITE: Final = frozenset({"NaN", "Infinity", "-Infinity"})


class V2beta1Metric(Model):
    """One point of a metric of a task. (task_id, name) is its key; logging it again adds a point."""

    task_id: Optional[str] = None
    name: Optional[str] = None
    schema: Optional[Union[V2beta1MetricSchema, str]] = None
    value: Any = None
    created_at: Optional[datetime] = None
    type: Optional[Union[V2beta1MetricType, str]] = None
    step: Optional[int] = None
    namespace: Optional[str] = None
    run_id: Optional[str] = None

    def finish(self) -> None:
        """A number that JSON cannot write comes as its name; here it becomes the number."""
        if isinstance(self.value, str) and self.value in _NON_FINITE:
            self.value = float(self.value)
