"""The table of artifacts: sorted, narrowed and paged by the server, its state in the address, by the keyboard alone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from page.conftest import Open
from page.visits import Visit
from playwright.sync_api import Locator, expect
from support import Api, LiveServer


@pytest.fixture
def seen(visit: Open, recorded: LiveServer) -> Visit:
    """The table, as it is at first."""
    seen = visit(f"{recorded.url}/artifacts")
    expect(seen.page.get_by_role("grid")).to_be_visible()
    return seen


def type_picker(seen: Visit) -> Locator:
    return seen.page.get_by_role("combobox", name="Type")


def total(seen: Visit, text: str) -> None:
    expect(seen.page.get_by_role("navigation", name="Pages").get_by_role("status")).to_have_text(text)


def test_a_click_on_a_head_sorts_by_it(seen: Visit, api: Api) -> None:
    expected = [item["name"] for item in api.ok("GET", "/artifacts", query={"sort_by": "name"})["artifacts"]]

    seen.page.get_by_role("button", name="Name", exact=True).click()
    expect(seen.page.get_by_role("columnheader", name="Name", exact=True)).to_have_attribute("aria-sort", "ascending")
    seen.settled()

    assert seen.rows() == expected
    assert "sort=name" in seen.path


def test_a_type_narrows_the_table(seen: Visit) -> None:
    type_picker(seen).select_option("Markdown")

    total(seen, "1 artifact")
    assert seen.rows() == ["report"]


def test_a_part_of_a_name_narrows_the_table(seen: Visit) -> None:
    seen.page.get_by_label("Name holds").fill("hose")

    total(seen, "1 artifact")


def test_a_condition_on_metadata_narrows_the_table(seen: Visit) -> None:
    seen.page.get_by_label("Add a condition").fill("metadata.algorithm = logistic regression")
    seen.page.keyboard.press("Enter")

    expect(seen.page.locator("tbody tr").first).to_be_visible()
    seen.settled()
    assert set(seen.rows()) <= {"model", "chosen"}


def test_a_condition_on_a_metric_narrows_the_table(seen: Visit, api: Api) -> None:
    made = api.artifact(name="measured", request={"task_id": "measuring"})
    api.metric(task_id="measuring", name="quality", value=0.95)

    seen.page.get_by_label("Add a condition").fill("metric.quality > 0.9")
    seen.page.keyboard.press("Enter")

    total(seen, "1 artifact")
    seen.page.get_by_role("link", name="measured").click()
    assert made["artifact_id"] in seen.path


def test_a_condition_that_is_none_is_refused_with_what_would_be_right(seen: Visit) -> None:
    seen.page.get_by_label("Add a condition").fill("nonsense")
    seen.page.keyboard.press("Enter")

    expect(seen.page.get_by_role("alert")).to_contain_text("write a field, one of = != > >= < <= ~ in, and a value")


def test_the_address_holds_what_was_asked_for(seen: Visit) -> None:
    type_picker(seen).select_option("Model")
    seen.page.get_by_role("button", name="Name", exact=True).click()
    seen.settled()
    rows = seen.rows()

    seen.page.reload()
    seen.settled()

    assert seen.rows() == rows
    assert type_picker(seen).input_value() == "Model"


def test_going_back_shows_what_was_there(seen: Visit) -> None:
    type_picker(seen).select_option("Markdown")
    total(seen, "1 artifact")

    seen.page.go_back()

    expect(type_picker(seen)).to_have_value("")
    expect(seen.page.locator("tbody tr")).to_have_count(20)


def test_pages_follow_each_other_and_lead_back(seen: Visit) -> None:
    first = seen.rows()

    seen.page.get_by_role("button", name="Next").click()
    expect(seen.page.get_by_role("navigation", name="Pages").get_by_role("status")).to_contain_text("21\N{EN DASH}")
    seen.page.get_by_role("button", name="Previous").click()
    expect(seen.page.get_by_role("navigation", name="Pages").get_by_role("status")).to_contain_text("1\N{EN DASH}20")
    seen.settled()

    assert seen.rows() == first


def test_a_page_in_the_address_is_opened_as_it_was(seen: Visit) -> None:
    seen.page.get_by_role("button", name="Next").click()
    expect(seen.page.get_by_role("navigation", name="Pages").get_by_role("status")).to_contain_text("21\N{EN DASH}")
    seen.settled()
    rows = seen.rows()

    seen.page.reload()
    seen.settled()

    assert seen.rows() == rows


def test_columns_can_be_chosen_and_stay_in_the_address(seen: Visit) -> None:
    seen.page.get_by_text("Columns", exact=True).click()
    seen.page.get_by_label("URI").check()

    expect(seen.page.get_by_role("columnheader", name="URI")).to_be_visible()
    assert "uri" in parse_qs(urlsplit(seen.page.url).query)["columns"][0].split(",")


def test_the_keyboard_moves_ticks_and_opens(seen: Visit) -> None:
    wanted = seen.rows()[2]
    seen.page.locator("tbody tr").first.focus()
    for key in ("j", "ArrowDown", "j", "k"):
        seen.page.keyboard.press(key)

    seen.page.keyboard.press("x")
    expect(seen.page.get_by_text("1 ticked")).to_be_visible()
    seen.page.keyboard.press("Enter")

    expect(seen.page.get_by_role("heading", level=1)).to_have_text(wanted)


def test_two_that_are_ticked_are_compared(seen: Visit) -> None:
    boxes = seen.page.get_by_role("checkbox", name="Tick model")
    boxes.nth(0).check()
    boxes.nth(1).check()

    seen.page.get_by_role("button", name="Compare").click()

    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Compare")
    expect(seen.page.get_by_role("rowheader", name="artifact_id")).to_be_visible()
    expect(seen.page.get_by_role("rowheader", name="type", exact=True)).to_have_count(0)


def test_what_is_ticked_stays_ticked_when_the_address_is_opened_again(seen: Visit) -> None:
    seen.page.get_by_role("checkbox", name="Tick model").first.check()

    seen.page.reload()

    expect(seen.page.get_by_text("1 ticked")).to_be_visible()
