"""The page is made from what the parts kept, and says of each goal what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmark_rounds import a_round, load, peers_result, result

from benchmarks.beside import Beside
from benchmarks.goals import GOALS
from benchmarks.page import page, section_of
from benchmarks.parts import PARTS
from benchmarks.parts.mixed import CONDITIONS, WORKS, Mixed, as_raw
from benchmarks.parts.soaking import growth_bytes_per_min
from benchmarks.results import Result, keep, newest

OVERLOAD = {
    "taken": 2_000, "shed": 6_000, "wrong": 0, "broken": 0, "duration_us": 2_000_000, "p50_us": 1.0, "p99_us": 9.0,
    "before_per_s": 1_000.0, "after_per_s": 950.0,
}  # fmt: skip


def mixed_result(slow_us: float, **overload: int) -> Result:
    """Every work alike; beside a scan and an import, gets have a p99 of so much over a p50 of 100 µs."""
    rounds = [
        Mixed(
            work, condition, 1, load(p99_us=slow_us if (work, condition) == (WORKS[-1], CONDITIONS[-1]) else 300.0),
            {} if condition == CONDITIONS[0] else {"a scan": Beside(3, 7.0, 9.0)}, "",
        )
        for work in WORKS
        for condition in CONDITIONS
    ]  # fmt: skip
    return result("mixed", {"rounds": as_raw(rounds), "overload": OVERLOAD | overload})


def goal(text: str, work: str, wanted: str) -> tuple[str, str]:
    """What a page says was measured of a goal, and whether it is met."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section_of(text, "Goals").splitlines()]
    [(measured, met)] = [(line[2], line[3]) for line in lines if line[:2] == [work, wanted]]
    return measured, met


@pytest.mark.parametrize(("mlflow", "met"), [(5, "yes"), (6, "no")])
def test_a_goal_is_set_beside_what_was_measured(mlflow: int, met: str) -> None:
    rounds = [a_round("artifactd", "log_metric", 1, 500, 16), a_round("mlflow", "log_metric", 1, mlflow, 16)]

    text = page({"peers": peers_result(rounds)})

    measured = f"{500 / mlflow:.1f}"
    assert goal(text, "log one metric, 16 clients", "≥ 100 × MLflow") == (
        f"{measured} × ({measured} to {measured})", met,
    )  # fmt: skip


def test_a_goal_with_a_void_round_is_neither_met_nor_missed() -> None:
    rounds = [a_round("artifactd", "log_metric", 1, 500, 16), a_round("mlflow", "log_metric", 1, 0, 16, void="errors")]

    assert goal(page({"peers": peers_result(rounds)}), "log one metric, 16 clients", "≥ 100 × MLflow") == ("void", "")


def test_the_closest_ceiling_is_the_one_that_counts() -> None:
    rounds = [
        a_round("artifactd", "get_artifact", 1, 500, 16),
        a_round("noop-falcon", "noop_get", 1, 600, 16),
        a_round("noop-adapter", "noop_get", 1, 1_000, 16),
    ]

    _, met = goal(page({"peers": peers_result(rounds)}), "get one, 16 clients", "≥ 70 % of the ceiling")

    assert met == "no"


@pytest.mark.parametrize(("slow_us", "met"), [(1_000.0, "yes"), (1_001.0, "no")])
def test_the_worst_work_beside_a_scan_and_an_import_decides(slow_us: float, met: str) -> None:
    text = page({"mixed": mixed_result(slow_us)})

    measured, found = goal(text, "beside a scan and an import", "p99 ≤ 10 × p50")
    assert (found, measured.rpartition(": ")[2]) == (met, "get one")


@pytest.mark.parametrize("overload", [{"wrong": 1}, {"shed": 0}, {"after_per_s": 700}])
def test_an_overload_that_breaks_answers_or_lasts_misses_its_goal(overload: dict[str, int]) -> None:
    text = page({"mixed": mixed_result(300.0, **overload)})

    assert goal(text, "overload", "503 with `Retry-After`, and recovery")[1] == "no"


@pytest.mark.parametrize(
    ("artifacts", "ready_s", "met"), [(10_000_000, 0.9, "yes"), (1_000_000, 0.9, ""), (1_000_000, 1.1, "no")]
)
def test_a_goal_for_a_large_store_is_not_met_on_a_small_one(artifacts: int, ready_s: float, met: str) -> None:
    starts = [{"ready_s": ready_s, "listed_s": 1.0, "resident_bytes": 1}]
    text = page({"start": result("start", {"artifacts": artifacts, "store_bytes": 1, "starts": starts})})

    assert goal(text, "start to ready", "≤ 1 s, 10 million artifacts")[1] == met


def test_growth_is_that_of_the_second_half() -> None:
    samples = [(float(at_s), 50_000.0 + (1_000 * at_s if at_s < 60 else 60_000)) for at_s in range(120)]

    assert growth_bytes_per_min(samples) == 0
    assert growth_bytes_per_min([(at_s, at_s * 10) for at_s, _ in samples]) == pytest.approx(600)


def test_a_part_that_was_not_measured_again_keeps_its_section_and_its_goals() -> None:
    rounds = [a_round("artifactd", "log_metric", 1, 500, 16), a_round("mlflow", "log_metric", 1, 5, 16)]
    before = page({"peers": peers_result(rounds)})

    after = page({"mixed": mixed_result(300.0)}, before)

    heading = "Beside MLflow and ml-metadata"
    assert section_of(after, heading) == section_of(before, heading)
    assert goal(after, "log one metric, 16 clients", "≥ 100 × MLflow")[1] == "yes"
    assert goal(after, "beside a scan and an import", "p99 ≤ 10 × p50")[1] == "yes"


def test_a_page_made_from_the_same_results_is_the_same_page() -> None:
    results = {"mixed": mixed_result(300.0), "peers": peers_result([a_round("artifactd", "log_metric", 1, 500)])}
    before = page(results)

    assert page(results, before) == before
    assert page({}, before) == before


def test_every_goal_is_of_a_part_that_there_is() -> None:
    assert {each.part for each in GOALS} <= {part.name for part in PARTS}


def test_the_newest_result_of_each_part_is_taken(tmp_path: Path) -> None:
    keep(result("soak", {}), tmp_path).rename(tmp_path / "soak-20260101T000000Z.json")
    kept = result("soak", {"samples": []}, settings="Later.")
    keep(kept, tmp_path).rename(tmp_path / "soak-20260102T000000Z.json")
    (tmp_path / "size-sqlite-20260103T000000Z.json").write_text("{}", encoding="utf-8")

    assert newest(tmp_path) == {"soak": kept}


@pytest.mark.parametrize(
    ("artifacts", "shown_ms", "met"), [(1_000_000, 900.0, "yes"), (1_000_000, 1_200.0, "no"), (1_000, 900.0, "")]
)
def test_the_first_view_is_judged_on_a_large_store(artifacts: int, shown_ms: float, met: str) -> None:
    visit = {"shown_ms": shown_ms, "painted_ms": 100.0, "requests": 9, "bytes": 90_000, "rows": 20, "wrong": []}

    text = page({"view": result("view", {"artifacts": artifacts, "views": {"home": [visit, visit]}})})

    assert goal(text, "first view of the page", "≤ 1 s, 1 million artifacts")[1] == met
    assert f" {shown_ms:.0f} | " in section_of(text, "The page")
