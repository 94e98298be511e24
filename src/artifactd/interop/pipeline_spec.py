"""Reads a compiled KFP pipeline: PipelineSpec, the YAML or JSON that KFP's compiler writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from artifactd.errors import InvalidArgument
from artifactd.interop.compiled import CompiledPipeline, as_declared
from artifactd.interop.flattening import flatten, integers_among

SPEC_BYTES_MAX: Final = 1024 * 1024


def load_pipeline(path: Path) -> CompiledPipeline:
    """The compiled pipeline in a file.

    Args:
        path: what `kfp.compiler.Compiler().compile(pipeline, path)` wrote.

    Raises:
        InvalidArgument: it cannot be read, or is not a compiled KFP v2 pipeline.
    """
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidArgument(
            f"--pipeline {str(path)!r} cannot be read: {error.strerror}. Give the file that "
            "`kfp.compiler.Compiler().compile(pipeline, 'compiled.yaml')` writes."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise not_compiled(path, f"it is neither YAML nor JSON ({_first_line(error)})") from error
    # The compiler appends a second document, with Kubernetes' settings, where a pipeline has any.
    specs = [each for each in documents if isinstance(each, dict) and "pipelineInfo" in each]
    if len(specs) != 1:
        raise not_compiled(path, "it has no `pipelineInfo`")
    return parse_pipeline(specs[0], origin=path)


def parse_pipeline(spec: Mapping[str, Any], *, origin: Path) -> CompiledPipeline:
    """The compiled pipeline in a document.

    Args:
        spec: a PipelineSpec in its JSON form.
        origin: where it comes from, for messages.

    Raises:
        InvalidArgument: it is not a compiled KFP v2 pipeline.
    """
    try:
        parameters = spec["root"].get("inputDefinitions", {}).get("parameters", {})
        integers = integers_among(parameters)
        defaults = {name: each["defaultValue"] for name, each in parameters.items() if "defaultValue" in each}
        return CompiledPipeline(
            name=str(spec["pipelineInfo"]["name"]),
            tasks=tuple(flatten(spec)),
            parameter_defaults={name: as_declared(name, value, integers) for name, value in defaults.items()},
            integers=integers,
            spec=spec,
        )
    except KeyError as error:
        raise not_compiled(origin, f"{error.args[0]!r} is missing or refers to nothing in it") from error
    except (AttributeError, TypeError, RecursionError) as error:
        raise not_compiled(origin, "its structure is another one") from error


def recordable(spec: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The document, or `None` if it is larger than what the service takes with a run."""
    return spec if len(json.dumps(spec, ensure_ascii=False).encode()) <= SPEC_BYTES_MAX else None


def not_compiled(path: Path, reason: str) -> InvalidArgument:
    """The error for a file that is something else than a compiled pipeline."""
    return InvalidArgument(
        f"--pipeline {str(path)!r} is not a compiled KFP v2 pipeline: {reason}. Give the file that "
        "`kfp.compiler.Compiler().compile(pipeline, 'compiled.yaml')` writes for the pipeline that was run."
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
