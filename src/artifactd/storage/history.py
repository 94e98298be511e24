"""State histories, as the JSON text in which tasks and runs keep them: `[[microseconds, state, error or null], …]`."""

from __future__ import annotations

import json

from artifactd.model import StateChange

STATE_CHANGES_MAX = 1_000
"""How many changes are kept; of more, the oldest go."""


def to_text(history: tuple[StateChange, ...]) -> str | None:
    """The text to keep; None for no history."""
    return json.dumps(history[-STATE_CHANGES_MAX:], ensure_ascii=False) if history else None


def from_text(text: str | None) -> tuple[StateChange, ...]:
    """The history that a text keeps."""
    return tuple(StateChange(*change) for change in json.loads(text)) if text else ()
