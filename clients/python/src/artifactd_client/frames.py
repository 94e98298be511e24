"""pandas frames of lists, for notebooks. pandas is imported when it is needed, and is no dependency."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Union

from artifactd_client.api.artifact_service_api import ArtifactServiceApi
from artifactd_client.exceptions import ApiTypeError, OpenApiException
from artifactd_client.models.model import Model
from artifactd_client.models.showing import items_of
from artifactd_client.paging import every

if TYPE_CHECKING:
    import pandas as pd

Source = Union[ArtifactServiceApi, Model, Iterable[Any]]

_METRIC_COLUMNS = ("run_id", "task_id", "name", "value", "step", "schema", "type", "created_at", "namespace")
_ARTIFACT_COLUMNS = (
    "artifact_id", "name", "type", "uri", "description", "number_value", "created_at", "updated_at", "namespace",
)  # fmt: skip


def metrics_frame(source: Source, **query: Any) -> pd.DataFrame:
    """Metrics as a frame, one row each.

    Values of the schema `Metric` are numbers, NaN and the infinities included; curves and matrices are the objects
    that they are. Times are in UTC.

    Args:
        source: a service, whose metrics are listed to the last page; or a page, or any iterable of metrics.
        query: for a service: as `list_metrics` takes it.

    Raises:
        ApiTypeError: it holds something else than metrics, or a query goes with what is no service.
        OpenApiException: pandas is not installed.
    """
    rows = [each.set_fields() for each in _items(source, "list_metrics", "V2beta1Metric", query)]
    return _frame(rows, _METRIC_COLUMNS)


def artifacts_frame(source: Source, **query: Any) -> pd.DataFrame:
    """Artifacts as a frame, one row each, with a column `metadata.<key>` for each key of their metadata.

    Args:
        source: a service, whose artifacts are listed to the last page; or a page, or any iterable of artifacts.
        query: for a service: as `list_artifacts` takes it.

    Raises:
        ApiTypeError: it holds something else than artifacts, or a query goes with what is no service.
        OpenApiException: pandas is not installed.
    """
    rows = []
    for each in _items(source, "list_artifacts", "V2beta1Artifact", query):
        fields = each.set_fields()
        metadata = fields.pop("metadata", {})
        rows.append({**fields, **{f"metadata.{key}": value for key, value in metadata.items()}})
    return _frame(rows, _ARTIFACT_COLUMNS)


def _items(source: Source, method: str, kind: str, query: Dict[str, Any]) -> List[Any]:
    if isinstance(source, ArtifactServiceApi):
        return list(every(getattr(source, method), **query))
    if query:
        raise ApiTypeError(f"{', '.join(query)}: a query goes with a service, as in frame(api, {next(iter(query))}=…)")
    found = items_of(source) if isinstance(source, Model) else None
    items = found[1] if found else [source] if isinstance(source, Model) else list(source)
    for each in items:
        if type(each).__name__ != kind:
            raise ApiTypeError(f"a frame of {kind} cannot hold a {type(each).__name__}")
    return items


def _frame(rows: List[Dict[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    try:
        import pandas as pd
    except ImportError as error:
        raise OpenApiException("frames need pandas: pip install pandas") from error
    names = dict.fromkeys((*columns, *(name for row in rows for name in row)))
    data: Dict[str, Any] = {name: [row.get(name) for row in rows] for name in names}
    # What a column is must not depend on what happens to be listed, nor a great step be rounded on its way.
    if "step" in data:
        data["step"] = pd.array(data["step"], dtype="Int64")
    for name in ("value", "number_value"):
        if all(isinstance(each, (int, float, type(None))) for each in data.get(name, ["none"])):
            data[name] = pd.array([math.nan if each is None else each for each in data[name]], dtype="float64")
    frame = pd.DataFrame(data, columns=list(names))
    for name in ("created_at", "updated_at"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame
