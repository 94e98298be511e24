"""The enumeration `ArtifactArtifactType`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class ArtifactArtifactType(Enumeration):
    """What an artifact is."""

    TYPE_UNSPECIFIED: Final = "TYPE_UNSPECIFIED"
    ARTIFACT: Final = "Artifact"
    MODEL: Final = "Model"
    DATASET: Final = "Dataset"
    HTML: Final = "HTML"
    MARKDOWN: Final = "Markdown"
    METRIC: Final = "Metric"
    CLASSIFICATIONMETRIC: Final = "ClassificationMetric"
    SLICEDCLASSIFICATIONMETRIC: Final = "SlicedClassificationMetric"
