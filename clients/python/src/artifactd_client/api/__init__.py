"""The services, each in a module of its own."""

from artifactd_client.api.artifact_service_api import ArtifactServiceApi
from artifactd_client.api.healthz_service_api import HealthzServiceApi
from artifactd_client.api.run_service_api import RunServiceApi
from artifactd_client.api.search_service_api import SearchServiceApi

__all__ = ["ArtifactServiceApi", "HealthzServiceApi", "RunServiceApi", "SearchServiceApi"]
