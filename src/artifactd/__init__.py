"""artifactd: the artifact, lineage and metric service for Kubeflow Pipelines."""

__version__ = "0.1.0"
