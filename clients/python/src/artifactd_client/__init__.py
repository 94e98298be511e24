"""A small client of artifactd, with the surface of Kubeflow Pipelines' generated one.

Example:
    import artifactd_client

    with artifactd_client.ApiClient(artifactd_client.Configuration(host="http://127.0.0.1:8888")) as client:
        print(artifactd_client.ArtifactServiceApi(client).list_artifacts())
"""

from artifactd_client import models
from artifactd_client.api import ArtifactServiceApi, HealthzServiceApi, RunServiceApi, SearchServiceApi
from artifactd_client.api_client import ApiClient
from artifactd_client.configuration import Configuration
from artifactd_client.exceptions import ApiException, ApiKeyError, ApiTypeError, ApiValueError, OpenApiException
from artifactd_client.frames import artifacts_frame, metrics_frame
from artifactd_client.models import *  # noqa: F403 - its __all__ is every message and enumeration
from artifactd_client.paging import every
from artifactd_client.version import __version__

__all__ = [
    "ApiClient",
    "ApiException",
    "ApiKeyError",
    "ApiTypeError",
    "ApiValueError",
    "ArtifactServiceApi",
    "Configuration",
    "HealthzServiceApi",
    "OpenApiException",
    "RunServiceApi",
    "SearchServiceApi",
    "__version__",
    "artifacts_frame",
    "every",
    "metrics_frame",
]
__all__ += models.__all__
