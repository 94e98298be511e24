"""KFP's official client, and what its releases so far lack: the messages of artifacts and metrics.

These are written here as its generator writes messages, down to the configuration that each makes for itself; the
rest is the release's own code. Imported only in the process of `benchmarks.client_calls`.
"""

from __future__ import annotations

import importlib
from typing import Any

official: Any = importlib.import_module("kfp_server_api")


def _message(name: str, /, **types: str) -> Any:
    """A class of a message in the style of the generated ones, known to the client by its name."""

    def construct(self: Any, local_vars_configuration: Any = None, **given: Any) -> None:
        if local_vars_configuration is None:
            local_vars_configuration = official.Configuration()
        self.local_vars_configuration = local_vars_configuration
        for field in types:
            setattr(self, f"_{field}", None)
        self.discriminator = None
        for field, value in given.items():
            if value is not None:
                setattr(self, field, value)

    def one(field: str) -> property:
        return property(lambda self: getattr(self, f"_{field}"), lambda self, value: setattr(self, f"_{field}", value))

    members = {"openapi_types": types, "attribute_map": {field: field for field in types}, "__init__": construct}
    made = type(name, (), {**members, **{field: one(field) for field in types}})
    setattr(official.models, name, made)
    return made


_message(
    "V2beta1Artifact",
    artifact_id="str", name="str", type="str", uri="str", metadata="dict(str, object)", created_at="datetime",
    namespace="str", description="str", number_value="float",
)  # fmt: skip
_message("V2beta1ListArtifactResponse", artifacts="list[V2beta1Artifact]", total_size="int", next_page_token="str")
Metric = _message(
    "V2beta1Metric",
    task_id="str", name="str", schema="str", value="object", created_at="datetime", type="str", step="str",
)  # fmt: skip
LogMetricRequest = _message("V2beta1LogMetricRequest", metric="V2beta1Metric")


class ArtifactServiceApi:
    """The calls that are measured, as generated methods make them, but for their checks of arguments."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def get_artifact(self, artifact_id: str) -> Any:
        """As its name says."""
        return self._call("GET", "/artifacts/{artifact_id}", "V2beta1Artifact", {"artifact_id": artifact_id}, [])

    def list_artifacts(self, page_size: int) -> Any:
        """As its name says."""
        return self._call("GET", "/artifacts", "V2beta1ListArtifactResponse", {}, [("page_size", page_size)])

    def log_metric(self, body: Any) -> Any:
        """As its name says."""
        return self._call("POST", "/metrics", "V2beta1Metric", {}, [], body)

    def _call(
        self, method: str, path: str, response: str, in_path: dict[str, str], query: list[Any], body: Any = None
    ) -> Any:
        headers = {"Accept": self._client.select_header_accept(["application/json"])}
        if body is not None:
            headers["Content-Type"] = self._client.select_header_content_type(["application/json"])
        return self._client.call_api(
            f"/apis/v2beta1{path}", method, in_path, query, headers, body=body, post_params=[], files={},
            response_type=response, auth_settings=["Bearer"], _return_http_data_only=True, collection_formats={},
        )  # fmt: skip
