"""The enumeration `V2beta1ArtifactTaskType`."""

from __future__ import annotations

from typing import Final

from artifactd_client.models.model import Enumeration


class V2beta1ArtifactTaskType(Enumeration):
    """Whether a task read or wrote an artifact, and how."""

    INPUT: Final = "INPUT"
    OUTPUT: Final = "OUTPUT"
    UNSPECIFIED: Final = "UNSPECIFIED"
    COMPONENT_DEFAULT_INPUT: Final = "COMPONENT_DEFAULT_INPUT"
    TASK_OUTPUT_INPUT: Final = "TASK_OUTPUT_INPUT"
    COMPONENT_INPUT: Final = "COMPONENT_INPUT"
    RUNTIME_VALUE_INPUT: Final = "RUNTIME_VALUE_INPUT"
    COLLECTED_INPUTS: Final = "COLLECTED_INPUTS"
    ITERATOR_INPUT: Final = "ITERATOR_INPUT"
    ITERATOR_INPUT_RAW: Final = "ITERATOR_INPUT_RAW"
    ITERATOR_OUTPUT: Final = "ITERATOR_OUTPUT"
    ONE_OF_OUTPUT: Final = "ONE_OF_OUTPUT"
    TASK_FINAL_STATUS_OUTPUT: Final = "TASK_FINAL_STATUS_OUTPUT"
