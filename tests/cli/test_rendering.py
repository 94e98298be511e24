"""Lineages as trees and metrics as tables, for people."""

from __future__ import annotations

import math
from typing import Any

import pytest

from artifactd.cli.rendering import lineage_tree, metrics_table, printable, summary


def artifact(artifact_id: str, **fields: Any) -> dict[str, Any]:
    return {"artifact_id": artifact_id, "name": artifact_id, "type": "Dataset", **fields}


def task(task_id: str, **fields: Any) -> dict[str, Any]:
    return {"task_id": task_id, "name": task_id, **fields}


def link(artifact_id: str, task_id: str, link_type: str, key: str = "") -> dict[str, Any]:
    return {"artifact_id": artifact_id, "task_id": task_id, "type": link_type, "key": key}


def lineage(*links: dict[str, Any], truncated: bool = False, **nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """A lineage of these links; its nodes are made from them unless they are given."""
    artifact_ids = dict.fromkeys(each["artifact_id"] for each in links)
    task_ids = dict.fromkeys(each["task_id"] for each in links)
    return {
        "artifacts": nodes.get("artifacts", [artifact(each) for each in artifact_ids]),
        "tasks": nodes.get("tasks", [task(each) for each in task_ids]),
        "artifact_tasks": list(links),
        "truncated": truncated,
    }


CHAIN = (link("model", "train", "OUTPUT"), link("rows", "train", "INPUT"), link("rows", "load", "OUTPUT"))


def test_upstream_leads_from_what_was_made_to_what_it_was_made_from() -> None:
    assert lineage_tree(lineage(*CHAIN), "model").splitlines() == [
        "Dataset model  model",
        "└── task train",
        "    └── Dataset rows  rows",
        "        └── task load",
    ]


def test_downstream_leads_from_what_was_read_to_what_was_made_of_it() -> None:
    assert lineage_tree(lineage(*CHAIN[:2]), "rows").splitlines() == [
        "Dataset rows  rows",
        "└── task train",
        "    └── Dataset model  model",
    ]


def test_a_lineage_both_ways_has_a_branch_for_each() -> None:
    assert lineage_tree(lineage(*CHAIN), "rows").splitlines() == [
        "Dataset rows  rows",
        "├── upstream",
        "│   └── task load",
        "└── downstream",
        "    └── task train",
        "        └── Dataset model  model",
    ]


def test_several_branches_are_told_apart() -> None:
    links = (
        link("model", "train", "OUTPUT"),
        link("rows", "train", "INPUT"),
        link("tests", "train", "INPUT"),
    )

    assert lineage_tree(lineage(*links), "model").splitlines()[2:] == [
        "    ├── Dataset rows  rows",
        "    └── Dataset tests  tests",
    ]


def test_what_is_reached_twice_is_shown_once_and_then_referred_to() -> None:
    links = (
        link("model", "pick", "OUTPUT"),
        link("first", "pick", "INPUT"),
        link("second", "pick", "INPUT"),
        link("first", "train", "OUTPUT"),
        link("second", "train", "OUTPUT"),
        link("rows", "train", "INPUT"),
    )

    assert lineage_tree(lineage(*links), "model").splitlines()[2:] == [
        "    ├── Dataset first  first",
        "    │   └── task train",
        "    │       └── Dataset rows  rows",
        "    └── Dataset second  second",
        "        └── task train  (shown above)",
    ]


def test_an_artifact_that_a_task_both_reads_and_writes_ends_the_branch() -> None:
    links = (link("rows", "clean", "OUTPUT"), link("rows", "clean", "INPUT"))

    tree = lineage_tree(lineage(*links), "rows")

    assert tree.count("Dataset rows  rows  (shown above)") == 2


def test_a_lineage_deeper_than_pythons_stack_is_shown() -> None:
    depth = 3_000
    links = [
        each
        for level in range(depth)
        for each in (link(f"a{level}", f"t{level}", "OUTPUT"), link(f"a{level + 1}", f"t{level}", "INPUT"))
    ]

    assert len(lineage_tree(lineage(*links), "a0").splitlines()) == 2 * depth + 1


def test_the_key_is_shown_where_it_says_more_than_the_name() -> None:
    links = (
        link("model", "train", "OUTPUT", key="model"),
        link("rows", "train", "INPUT", key="training_rows"),
    )

    assert lineage_tree(lineage(*links), "model").splitlines()[2] == "    └── Dataset rows as training_rows  rows"


def test_a_task_is_shown_by_its_display_name_with_its_state_and_duration() -> None:
    trained = task(
        "train",
        display_name="fit it",
        state="SUCCEEDED",
        start_time="2026-01-02T03:04:05Z",
        end_time="2026-01-02T03:04:06.500000Z",
    )

    tree = lineage_tree(lineage(*CHAIN[:2], tasks=[trained]), "model")

    assert tree.splitlines()[1] == "└── task fit it  SUCCEEDED  1.5 s"


def test_a_long_id_is_shown_by_its_end() -> None:
    model = artifact("0f8fad5b-d9cb-469f-a165-70867728950e", name="model", type="Model")

    assert lineage_tree(lineage(artifacts=[model]), model["artifact_id"]) == "Model model  …7728950e"


def test_a_finer_kind_of_output_counts_as_an_output() -> None:
    links = (link("model", "train", "ONE_OF_OUTPUT"), link("rows", "train", "TASK_OUTPUT_INPUT"))

    assert len(lineage_tree(lineage(*links), "model").splitlines()) == 3


def test_a_cut_lineage_says_how_to_see_more() -> None:
    tree = lineage_tree(lineage(*CHAIN, truncated=True), "model")

    assert tree.splitlines()[-1] == "… cut here by a limit: ask with a larger max_depth or max_nodes to see more"


def test_a_link_to_a_node_that_was_cut_shows_its_id() -> None:
    tree = lineage_tree(lineage(*CHAIN[:2], tasks=[], truncated=True), "model")

    assert tree.splitlines()[1] == "└── task train"


def test_an_artifact_outside_of_the_lineage_is_refused() -> None:
    with pytest.raises(ValueError, match="artifact 'elsewhere' is not in this lineage"):
        lineage_tree(lineage(*CHAIN), "elsewhere")


def test_names_cannot_drive_the_terminal() -> None:
    evil = artifact("model", name="\x1b[2Jmodel\nforged\u202e")

    assert lineage_tree(lineage(artifacts=[evil]), "model") == "Dataset \\x1b[2Jmodel\\nforged\\u202e  model"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("größe 数据 🙂", "größe 数据 🙂"),
        ("a\tb", "a\\tb"),
        ("\x9b1m", "\\x9b1m"),
        ("\ud800", "\\ud800"),
    ],
)
def test_only_what_a_terminal_would_act_on_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_metrics_are_a_table_in_their_order() -> None:
    metrics = [
        {"task_id": "t", "name": "loss", "value": 0.25},
        {"task_id": "t", "name": "accuracy", "value": 1},
    ]

    assert metrics_table(metrics).splitlines() == [
        "metric    value",
        "────────  ─────",
        "loss      0.25",
        "accuracy  1",
    ]


def test_steps_and_tasks_are_shown_where_there_are_several() -> None:
    metrics = [
        {"task_id": "train", "name": "loss", "value": 0.5, "step": 3},
        {"task_id": "test", "name": "loss", "value": 0.75},
    ]

    assert metrics_table(metrics).splitlines() == [
        "metric  task   step  value",
        "──────  ─────  ────  ─────",
        "loss    train  3     0.5",
        "loss    test         0.75",
    ]


def test_wide_characters_keep_the_columns_straight() -> None:
    metrics = [{"task_id": "t", "name": "精度", "value": 1}, {"task_id": "t", "name": "loss", "value": 2}]

    assert metrics_table(metrics).splitlines()[2:] == ["精度    1", "loss    2"]


def test_a_metrics_name_cannot_drive_the_terminal() -> None:
    assert "\x1b" not in metrics_table([{"task_id": "t", "name": "\x1b[31m", "value": 1}])


def test_no_metrics_are_said_so() -> None:
    assert metrics_table([]) == "no metrics"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.97660818, "0.976608"),
        (3, "3"),
        (math.inf, "inf"),
        ("NaN", "NaN"),
        (
            {
                "confidenceMetrics": [
                    {"confidenceThreshold": "Infinity", "recall": 0.0, "falsePositiveRate": 0.0},
                    {"confidenceThreshold": 0.5, "recall": 1.0, "falsePositiveRate": 0.5},
                    {"confidenceThreshold": 0.1, "recall": 1.0, "falsePositiveRate": 1.0},
                ]
            },
            "ROC curve of 3 points, area 0.7500",
        ),
        (
            {
                "confusionMatrix": {
                    "annotationSpecs": [{"displayName": "no"}, {"displayName": "yes"}],
                    "rows": [{"row": [3, 1]}, {"row": [0, 4]}],
                }
            },
            "7 of 8 right (no: 3 1; yes: 0 4)",
        ),
        (
            {
                "confusionMatrix": {
                    "annotationSpecs": [{"displayName": str(place)} for place in range(4)],
                    "rows": [{"row": [1, 0, 0, 0]}] * 4,
                }
            },
            "1 of 4 right, 4 classes",
        ),
        ({"evaluationSlices": [{"slice": "a"}, {"slice": "b"}]}, "2 slices: a, b"),
        ({"evaluationSlices": [{"slice": "x" * 100}]}, "1 slice"),
        ({"confusionMatrix": "none"}, '{"confusionMatrix": "none"}'),
        ([1, 2], "[1, 2]"),
        ({"text": "x" * 100}, '{"text": "' + "x" * 49 + "…"),
    ],
)
def test_a_value_is_put_into_one_line(value: Any, shown: str) -> None:
    assert summary(value) == shown
