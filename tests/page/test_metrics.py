"""Metrics: runs side by side with the best marked, and whatever was measured, drawn."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from page.conftest import Open
from page.visits import Visit, opened
from playwright.sync_api import Locator, Page, expect
from support import Api, LiveServer

POINTS = 1_000
SWEEP = {f"sweep-{number}": 0.9 + number / 100 for number in range(4)}


@pytest.fixture(scope="module", autouse=True)
def _filled(recorded: LiveServer) -> Iterator[None]:
    """Runs with scalar metrics, and a history that has gone wrong in places."""
    api = Api(recorded.url)
    for run, accuracy in SWEEP.items():
        api.task(task_id=f"train-{run}", run_id=run, name="train", state="SUCCEEDED")
        values = {"sweep/accuracy": accuracy, "sweep/loss": 1 - accuracy, "<b>bold</b>": accuracy}
        metrics = [{"task_id": f"train-{run}", "name": name, "value": value} for name, value in values.items()]
        api.ok("POST", "/metrics:batchLog", {"metrics": metrics})
    odd = {500: "NaN", 700: "Infinity", 710: "-Infinity", 800: -1.0}
    points = [
        {"task_id": "long", "name": "loss", "step": step, "value": odd.get(step, 1 / (step + 1))}
        for step in range(POINTS)
    ]
    for first in range(0, POINTS, 500):
        api.ok("POST", "/metrics:batchLog", {"metrics": points[first : first + 500]})
    yield
    api.close()


def plot(visit: Open, server: LiveServer, *refs: str, **more: str) -> Page:
    return opened(visit, server, "/plot?" + urlencode([("of", ref) for ref in refs] + list(more.items()))).page


def evaluations(api: Api) -> list[str]:
    """The tasks of the recorded pipeline that evaluated a model."""
    tasks: set[str] = {
        metric["task_id"] for metric in api.walk("/metrics", "metrics", page_size=200) if metric["name"] == "roc_curve"
    }
    assert len(tasks) == 2
    return sorted(tasks)


def figure(page: Page, name: str) -> Locator:
    return page.get_by_role("figure", name=name)


def table_of(chart: Locator, folder: Path) -> list[dict[str, str]]:
    with chart.page.expect_download() as download:
        chart.get_by_role("button", name="CSV").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode())))


def picture_of(chart: Locator, folder: Path) -> bytes:
    with chart.page.expect_download() as download:
        chart.get_by_role("button", name="PNG").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_bytes()


def cell(page: Page, run: str, column: str) -> Locator:
    expect(page.locator("table.pivot")).to_contain_text(column)
    heads = page.locator("table.pivot thead th").all_inner_texts()
    at = next(index for index, head in enumerate(heads) if column in head)
    return page.locator("table.pivot tbody tr").filter(has_text=run).locator("th, td").nth(at)


def shown(visit: Open, server: LiveServer, *names: str, **more: str) -> Visit:
    pairs = [("names", name) for name in names] + list(more.items())
    return opened(visit, server, "/run-metrics?" + urlencode(pairs))


def test_runs_stand_side_by_side_with_the_best_marked(visit: Open, recorded: LiveServer) -> None:
    page = shown(visit, recorded, "sweep/accuracy", "sweep/loss").page

    expect(cell(page, "sweep-3", "sweep/accuracy")).to_have_text("0.93 best")
    expect(cell(page, "sweep-3", "sweep/loss")).to_have_text("0.07 best")
    expect(cell(page, "sweep-2", "sweep/accuracy")).to_have_text("0.92")


def test_what_is_better_can_be_turned(visit: Open, recorded: LiveServer) -> None:
    seen = shown(visit, recorded, "sweep/accuracy")

    seen.page.get_by_role("button", name="sweep/accuracy: higher is better; turn that").click()

    expect(cell(seen.page, "sweep-0", "sweep/accuracy")).to_have_text("0.9 best")
    seen.page.reload()
    expect(cell(seen.page, "sweep-0", "sweep/accuracy")).to_have_text("0.9 best")


def test_a_cell_takes_the_best_of_a_runs_tasks(visit: Open, recorded: LiveServer) -> None:
    page = shown(visit, recorded, "accuracy").page

    expect(cell(page, "breast-cancer", "accuracy")).to_contain_text("0.976608 of 2")


def test_the_metrics_that_are_shown_can_be_chosen(visit: Open, recorded: LiveServer) -> None:
    page = shown(visit, recorded, "sweep/accuracy").page

    page.locator("summary", has_text="Metrics (").click()
    page.get_by_role("checkbox", name="sweep/loss").check()

    expect(page.get_by_role("columnheader", name="sweep/loss")).to_be_visible()


def test_a_picked_metric_is_drawn_as_bars_across_runs(visit: Open, recorded: LiveServer, tmp_path: Path) -> None:
    page = shown(visit, recorded, "sweep/accuracy").page

    page.get_by_role("button", name="sweep/accuracy", exact=True).click()

    bars = figure(page, "sweep/accuracy across runs")
    expect(bars).to_contain_text("the best 0.93 by sweep-3")
    rows = table_of(bars, tmp_path)
    assert {row["run"]: float(row["sweep/accuracy"]) for row in rows} == SWEEP


def test_two_metrics_are_drawn_against_each_other(visit: Open, recorded: LiveServer, tmp_path: Path) -> None:
    page = shown(visit, recorded, "sweep/accuracy", "sweep/loss").page
    for name in ("sweep/accuracy", "sweep/loss"):
        page.get_by_role("button", name=name, exact=True).click()

    page.get_by_role("button", name="Two against each other").click()

    rows = table_of(figure(page, "sweep/loss by sweep/accuracy"), tmp_path)
    assert {row["run"] for row in rows} == set(SWEEP)


def test_picked_metrics_of_ticked_runs_lead_to_their_history(visit: Open, recorded: LiveServer) -> None:
    page = shown(visit, recorded, "sweep/accuracy").page
    page.get_by_role("button", name="sweep/accuracy", exact=True).click()
    for run in ("sweep-1", "sweep-2"):
        page.get_by_role("checkbox", name=f"Tick {run}").check()

    page.get_by_role("button", name="History").click()

    expect(page.get_by_role("list", name="What is drawn").get_by_role("listitem")).to_have_count(2)


def test_ticked_runs_are_compared(visit: Open, recorded: LiveServer) -> None:
    seen = shown(visit, recorded, "sweep/accuracy")
    for run in ("sweep-1", "sweep-2"):
        seen.page.get_by_role("checkbox", name=f"Tick {run}").check()

    seen.page.get_by_role("button", name="Compare runs").click()

    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Compare")
    assert seen.path == "/compare?run=sweep-1&run=sweep-2"


def test_every_metric_is_listed_too(visit: Open, recorded: LiveServer) -> None:
    page = opened(visit, recorded, "/run-metrics").page

    page.get_by_role("tab", name="Every metric").click()
    page.get_by_role("link", name="sweep/loss").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("sweep/loss")


def test_a_history_loses_no_point(visit: Open, recorded: LiveServer, tmp_path: Path) -> None:
    chart = figure(plot(visit, recorded, "long/loss"), "loss")
    expect(chart).to_contain_text("1000 points")
    expect(chart).to_contain_text("3 not finite")

    rows = table_of(chart, tmp_path)

    assert [int(row["step"]) for row in rows] == list(range(POINTS))
    assert math.isnan(float(rows[500]["value"]))
    assert [float(rows[at]["value"]) for at in (700, 710, 3)] == [math.inf, -math.inf, 0.25]


def test_a_logarithmic_axis_says_what_it_cannot_show(visit: Open, recorded: LiveServer) -> None:
    page = plot(visit, recorded, "long/loss")

    page.get_by_role("checkbox", name="Logarithmic").check()

    expect(figure(page, "loss").get_by_role("note")).to_contain_text("cannot show 1 of the points")


def test_how_a_history_is_drawn_is_in_the_address(visit: Open, recorded: LiveServer) -> None:
    page = plot(visit, recorded, "long/loss")
    page.get_by_label("Along").select_option("time")
    page.get_by_label("Smoothing").fill("60")

    page.reload()

    expect(page.get_by_label("Along")).to_have_value("time")
    expect(page.get_by_label("Smoothing")).to_have_value("60")


def test_a_chart_is_saved_as_a_picture(visit: Open, recorded: LiveServer, tmp_path: Path) -> None:
    chart = figure(plot(visit, recorded, "long/loss"), "loss")
    expect(chart.locator("canvas")).to_be_visible()

    assert picture_of(chart, tmp_path).startswith(b"\x89PNG\r\n\x1a\n")


def test_a_chart_is_a_table_too(visit: Open, recorded: LiveServer) -> None:
    chart = figure(plot(visit, recorded, "train-sweep-1/" + quote("sweep/accuracy", safe="")), "sweep/accuracy")

    chart.get_by_role("button", name="As a table").click()

    expect(chart.get_by_role("table").get_by_role("row").nth(1)).to_contain_text("0.91")


def test_new_points_appear_while_they_come(visit: Open, recorded: LiveServer, api: Api) -> None:
    api.metric(task_id="live", name="loss", value=1.0, step=1)
    chart = figure(plot(visit, recorded, "live/loss"), "loss")
    expect(chart).to_contain_text("1 point,")

    api.metric(task_id="live", name="loss", value=0.5, step=2)

    expect(chart).to_contain_text("2 points, last 0.5", timeout=30_000)


def test_roc_curves_lie_over_each_other_with_their_areas(
    visit: Open, recorded: LiveServer, api: Api, tmp_path: Path
) -> None:
    tasks = evaluations(api)
    page = plot(visit, recorded, *(f"{task}/roc_curve" for task in tasks))

    roc = figure(page, "ROC curve")

    logged = [api.get(f"/metrics/{task}/roc_auc")["value"] for task in tasks]
    for area in logged:
        expect(roc).to_contain_text(f"AUC {area:.4f}")
    assert len({row["curve"] for row in table_of(roc, tmp_path)}) == 2


def test_every_threshold_of_a_curve_is_kept(visit: Open, recorded: LiveServer, api: Api, tmp_path: Path) -> None:
    task = evaluations(api)[0]
    page = plot(visit, recorded, f"{task}/roc_curve")

    rows = table_of(figure(page, "ROC curve"), tmp_path)

    points = api.get(f"/metrics/{task}/roc_curve")["value"]["confidenceMetrics"]
    told = {(float(row["threshold"]), float(row["true_positive_rate"])) for row in rows}
    assert told == {(float(point["confidenceThreshold"]), point["recall"]) for point in points}


def test_a_point_of_a_curve_tells_more_under_the_pointer(visit: Open, recorded: LiveServer, api: Api) -> None:
    page = plot(visit, recorded, f"{evaluations(api)[0]}/roc_curve")
    canvas = figure(page, "ROC curve").locator("canvas")
    painted = "canvas => canvas.toDataURL()"
    before = canvas.evaluate(painted)
    box = canvas.bounding_box()
    assert box is not None

    # Every curve begins at the origin, which is so far from the edges.
    canvas.hover(position={"x": 64, "y": box["height"] - 48})

    page.wait_for_function("([canvas, before]) => canvas.toDataURL() !== before", arg=[canvas.element_handle(), before])


def test_precision_is_computed_where_the_classes_are_known(visit: Open, recorded: LiveServer, api: Api) -> None:
    task = evaluations(api)[0]

    page = plot(visit, recorded, f"{task}/roc_curve", f"{task}/confusion_matrix")

    chart = figure(page, "Precision and recall")
    expect(chart).to_contain_text("average precision 0.99")
    expect(chart.get_by_role("note")).to_contain_text("computed")


def test_precision_that_nobody_knows_is_not_made_up(visit: Open, recorded: LiveServer, api: Api) -> None:
    page = plot(visit, recorded, f"{evaluations(api)[0]}/roc_curve")

    expect(page.get_by_text("Precision is not logged")).to_be_visible()
    expect(figure(page, "Precision and recall")).to_have_count(0)


def test_confusion_matrices_stand_side_by_side_in_counts_and_shares(
    visit: Open, recorded: LiveServer, api: Api, tmp_path: Path
) -> None:
    page = plot(visit, recorded, *(f"{task}/confusion_matrix" for task in evaluations(api)))
    matrix = page.get_by_role("figure", name="Confusion matrix").filter(has_text="167 of 171")
    expect(page.get_by_role("figure", name="Confusion matrix")).to_have_count(2)
    expect(matrix.get_by_role("cell", name="104")).to_be_visible()

    matrix.get_by_role("button", name="Shares of rows").click()

    expect(matrix.get_by_role("cell", name="97.2%")).to_be_visible()
    assert picture_of(matrix, tmp_path).startswith(b"\x89PNG\r\n\x1a\n")
    assert [row["count"] for row in table_of(matrix, tmp_path)] == ["63", "1", "3", "104"]


def test_sliced_metrics_are_shown_by_slice(visit: Open, recorded: LiveServer, api: Api) -> None:
    matrix = {
        "annotationSpecs": [{"displayName": "no"}, {"displayName": "yes"}],
        "rows": [{"row": [3, 1]}, {"row": [0, 4]}],
    }
    slices = [{"slice": name, "sliceClassificationMetrics": {"confusionMatrix": matrix}} for name in ("young", "old")]
    value: Any = {"evaluationSlices": slices}
    api.metric(task_id="sliced", name="slices", schema="SlicedClassificationMetric", value=value)
    page = plot(visit, recorded, "sliced/slices")
    expect(page.get_by_role("figure", name="Confusion matrix")).to_have_count(2)

    page.get_by_label("Slice", exact=True).select_option("old")

    expect(page.get_by_role("figure", name="Confusion matrix of old")).to_be_visible()
    expect(page.get_by_role("figure", name="Confusion matrix")).to_have_count(1)


def test_an_artifact_shows_the_curves_in_its_metadata(visit: Open, recorded: LiveServer, api: Api) -> None:
    artifact = api.get("/search", query="roc_curve")["artifacts"][0]["artifact_id"]

    page = opened(visit, recorded, f"/artifacts/{artifact}").page

    expect(figure(page, "ROC curve")).to_contain_text("AUC 0.99")


def test_a_hostile_name_of_a_metric_is_a_text(visit: Open, recorded: LiveServer) -> None:
    page = shown(visit, recorded, "<b>bold</b>", picked="<b>bold</b>").page

    expect(figure(page, "<b>bold</b> across runs")).to_be_visible()
    expect(page.locator("b")).to_have_count(0)


def test_nothing_picked_says_where_to_pick(visit: Open, recorded: LiveServer) -> None:
    expect(opened(visit, recorded, "/plot").page.get_by_text("Nothing is picked yet")).to_be_visible()


def test_an_empty_store_has_no_runs_to_compare(visit: Open, empty: LiveServer) -> None:
    expect(opened(visit, empty, "/run-metrics").page.get_by_text("There is no run yet")).to_be_visible()
