"""What an input was worth in a run, from what is known of the run."""

from __future__ import annotations

from typing import Any

import pytest

from artifactd.interop.sources import (
    UNKNOWN,
    Argument,
    Constant,
    FirstKnown,
    OutputOf,
    Source,
    Template,
    Unknowable,
    evaluate,
)

LOSS, MISSING = OutputOf("fit", "loss"), OutputOf("fit", "missing")


def value_of(source: Source) -> Any:
    return evaluate(source, outputs={LOSS: 0.5}, arguments={"label": "ab", "empty": None})


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (Constant(3), 3),
        (Constant(None), None),
        (Argument("label"), "ab"),
        (Argument("empty"), None),
        (LOSS, 0.5),
        (FirstKnown((MISSING, LOSS)), 0.5),
    ],
)
def test_a_source_that_is_known_gives_its_value(source: Source, value: object) -> None:
    assert value_of(source) == value


@pytest.mark.parametrize(
    "source",
    [
        Argument("other"),
        MISSING,
        Unknowable(),
        FirstKnown((MISSING, Unknowable())),
        Constant({"a": "{{$.inputs.parameters['x']}}"}),
        Template("{{$.inputs.parameters['x']}}", {"x": MISSING}),
        Template("{{$.inputs.parameters['x']}}", {}),
        Template("{{$.pipeline_job_name}}", {}),
    ],
)
def test_a_source_that_is_not_known_gives_unknown(source: Source) -> None:
    assert value_of(source) is UNKNOWN


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ab", "ab"),
        (3, "3.0"),
        (0.5, "0.5"),
        (True, "true"),
        ([1, "a", {"b": 2}], '[1.0, "a", {"b": 2.0}]'),
        ("{{$", "{{$"),
    ],
)
def test_a_text_is_filled_as_kfp_fills_it(value: object, text: str) -> None:
    source = Template("<{{$.inputs.parameters['x']}}>", {"x": Argument("label")})

    assert evaluate(source, outputs={}, arguments={"label": value}) == f"<{text}>"
