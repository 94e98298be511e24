"""KFP's eight operations as facts, sent by its own generated `ApiClient`.

The release of kfp-server-api on PyPI has the generated core, but not its ArtifactServiceApi. What that adds to the core
is one row of a table for each operation, and a class of attributes for each message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from official_client import ApiClient, models


class Model:
    """A message in the style of the generated ones: attributes with their types and their names on the wire."""

    openapi_types: ClassVar[dict[str, Any]] = {}
    attribute_map: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        cls.attribute_map = {name: name for name in cls.openapi_types}

    def __init__(self, **given: Any) -> None:
        assert set(given) <= set(self.openapi_types)
        for name in self.openapi_types:
            setattr(self, name, given.get(name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Attributes are those of `openapi_types`."""

        def __setattr__(self, name: str, value: Any) -> None:
            """As above."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({vars(self)})"


class Artifact(Model):
    """An artifact of both generations."""

    openapi_types: ClassVar[dict[str, Any]] = {
        "artifact_id": "str",
        "name": "str",
        "description": "str",
        "type": "str",
        "uri": "str",
        "metadata": "dict(str, object)",
        "number_value": "float",
        "created_at": "datetime",
        "namespace": "str",
    }


class Metric(Model):
    """A metric."""

    openapi_types: ClassVar[dict[str, Any]] = {
        "task_id": "str",
        "name": "str",
        "schema": "str",
        "value": "object",
        "created_at": "datetime",
        "type": "str",
    }


class IOProducer(Model):
    """Who made what a link carries."""

    openapi_types: ClassVar[dict[str, Any]] = {"task_name": "str", "iteration": "str"}


class ArtifactTask(Model):
    """A link of both generations."""

    openapi_types: ClassVar[dict[str, Any]] = {
        "id": "str",
        "artifact_id": "str",
        "run_id": "str",
        "task_id": "str",
        "type": "str",
        "producer": IOProducer,
        "key": "str",
        "created_at": "datetime",
    }


class CreateArtifactRequest(Model):
    """An artifact to create, in the later generation with the task that made it."""

    openapi_types: ClassVar[dict[str, Any]] = {
        "artifact": Artifact,
        "run_id": "str",
        "task_id": "str",
        "producer_key": "str",
        "iteration_index": "str",
    }


class LogMetricRequest(Model):
    """A metric to log."""

    openapi_types: ClassVar[dict[str, Any]] = {"metric": Metric}


class ListArtifactResponse(Model):
    """A page of artifacts."""

    openapi_types: ClassVar[dict[str, Any]] = {
        "artifacts": "list[Artifact]",
        "total_size": "int",
        "next_page_token": "str",
    }


class ListMetricsResponse(Model):
    """A page of metrics."""

    openapi_types: ClassVar[dict[str, Any]] = {
        "metrics": "list[Metric]",
        "total_size": "int",
        "next_page_token": "str",
    }


class ListArtifactTasksResponse(Model):
    """A page of links."""

    openapi_types: ClassVar[dict[str, Any]] = {
        "artifact_tasks": "list[ArtifactTask]",
        "total_size": "int",
        "next_page_token": "str",
    }


for _model in (Artifact, Metric, ArtifactTask):
    # Lists name their items' class, which the client looks up among its own.
    setattr(models, _model.__name__, _model)


class Row(NamedTuple):
    """One operation: what goes where, and what comes back."""

    method: str
    path: str
    response: type[Model]
    in_path: tuple[str, ...] = ()
    in_query: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


_PAGED = ("page_token", "page_size", "sort_by", "filter")
OPERATIONS = {
    "create_artifact": Row("POST", "/apis/v2beta1/artifacts", Artifact),
    "get_artifact": Row("GET", "/apis/v2beta1/artifacts/{artifact_id}", Artifact, ("artifact_id",)),
    "list_artifacts": Row("GET", "/apis/v2beta1/artifacts", ListArtifactResponse, (), ("namespace", *_PAGED)),
    "update_artifact": Row(
        "PUT", "/apis/v2beta1/artifacts/{artifact.artifact_id}", Artifact, ("artifact.artifact_id",)
    ),
    "log_metric": Row("POST", "/apis/v2beta1/metrics", Metric),
    "get_metric": Row("GET", "/apis/v2beta1/metrics/{task_id}/{name}", Metric, ("task_id", "name")),
    "list_metrics": Row(
        "GET",
        "/apis/v2beta1/metrics",
        ListMetricsResponse,
        (),
        ("namespace", *_PAGED),
        ("task_ids", "run_ids"),
    ),
    "list_artifact_tasks": Row(
        "GET",
        "/apis/v2beta1/artifact_tasks",
        ListArtifactTasksResponse,
        (),
        ("type", *_PAGED),
        ("task_ids", "run_ids", "artifact_ids"),
    ),
}


class Service:
    """Sends the operations through the generated client, as generated methods do."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    def call(self, name: str, body: Any = None, /, **given: Any) -> Any:
        """The answer's message. A dot in a parameter's name is written as two underscores.

        Raises:
            ApiException: any other answer than a success.
        """
        return self.call_with_http_info(name, body, **given)[0]

    def call_with_http_info(self, name: str, body: Any = None, /, **given: Any) -> Any:
        """The answer's message, status and headers. Raises as `call` does."""
        row = OPERATIONS[name]
        values = {parameter.replace("__", "."): value for parameter, value in given.items()}
        assert set(values) <= {*row.in_path, *row.in_query, *row.repeated}
        accepted = {"Accept": self.client.select_header_accept(["application/json"])}
        if body is not None:
            accepted["Content-Type"] = self.client.select_header_content_type(["application/json"])
        return self.client.call_api(
            row.path,
            row.method,
            {parameter: values[parameter] for parameter in row.in_path},
            [
                (parameter, values[parameter])
                for parameter in (*row.repeated, *row.in_query)
                if values.get(parameter) is not None
            ],
            accepted,
            body=body,
            post_params=[],
            files={},
            response_type=row.response,
            auth_settings=["Bearer"],
            collection_formats=dict.fromkeys(row.repeated, "multi"),
        )
