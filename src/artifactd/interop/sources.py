"""Where a task's inputs come from, as a compiled pipeline says it, and what they were worth in one run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_REFERENCE = re.compile(r"\{\{\$\.inputs\.parameters\['([^']+)'\]\}\}")
_PLACEHOLDER = "{{$"


@dataclass(frozen=True, slots=True)
class OutputOf:
    """One output, of parameters or of artifacts, of a task that runs code (never of a nested pipeline).

    `task_path` is the task's name, with the names of the nested pipelines around it before it:
    `evaluation/score`.
    """

    task_path: str
    key: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the compiled pipeline holds."""

    value: Any


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of the whole pipeline: whoever starts a run chooses its value."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text with references to other inputs in it, which is what KFP makes of a Python f-string."""

    text: str
    inputs: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class FirstKnown:
    """One of several sources, whichever branch of the pipeline ran (`dsl.OneOf`)."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Unknowable:
    """A source whose value no compiled pipeline or output tells, such as the item of a loop."""


Source = OutputOf | Constant | Argument | Template | FirstKnown | Unknowable


class Unknown:
    """The type of `UNKNOWN`, what nobody knows; `None` would be a value."""


UNKNOWN: Final = Unknown()


def evaluate(source: Source, *, outputs: Mapping[OutputOf, Any], arguments: Mapping[str, Any]) -> Any:
    """The value that an input had in a run, or `UNKNOWN`.

    Args:
        source: where the input comes from.
        outputs: the output parameters of the run's tasks, as far as they are known.
        arguments: the run's own parameters, as far as they are known.
    """
    match source:
        case Constant(value=value):
            return UNKNOWN if _PLACEHOLDER in json.dumps(value, default=str) else value
        case Argument(name=name):
            return arguments.get(name, UNKNOWN)
        case OutputOf():
            return outputs.get(source, UNKNOWN)
        case FirstKnown(sources=sources):
            values = (evaluate(each, outputs=outputs, arguments=arguments) for each in sources)
            return next((value for value in values if value is not UNKNOWN), UNKNOWN)
        case Template(text=text, inputs=inputs):
            return _fill(
                text,
                {name: evaluate(each, outputs=outputs, arguments=arguments) for name, each in inputs.items()},
            )
        case _:
            return UNKNOWN


def _fill(text: str, values: Mapping[str, Any]) -> Any:
    """The text with its references replaced; `UNKNOWN` if one of them is, or another placeholder is left."""
    if any(values.get(name, UNKNOWN) is UNKNOWN for name in _REFERENCE.findall(text)):
        return UNKNOWN
    filled = _REFERENCE.sub(lambda found: _as_text(values[found.group(1)]), text)
    return UNKNOWN if _PLACEHOLDER in _REFERENCE.sub("", text) else filled


def _as_text(value: Any) -> str:
    """A value as KFP writes it into a text: its numbers have been protobuf's doubles, so 3 becomes 3.0."""
    return value if isinstance(value, str) else json.dumps(_with_doubles(value))


def _with_doubles(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, list):
        return [_with_doubles(each) for each in value]
    if isinstance(value, dict):
        return {name: _with_doubles(each) for name, each in value.items()}
    return value
