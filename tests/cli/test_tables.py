"""Tables that fit the terminal, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifactd.cli.characters import cut_left, cut_right, printable, width_of
from artifactd.cli.moments import short_time
from artifactd.cli.tables import Column, Form, lay_out, table_lines
from artifactd.cli.terminal import Terminal

ID = "01a20aaa-ffec-74e7-9861-4203433bd7c1"
TIME = "2026-11-23 23:08:28Z"
COLUMNS = (Column("artifact_id", Form.ID), Column("name", Form.TEXT), Column("created_at", Form.TIME))


def table(width: int | None, *rows: tuple[str, ...], colour: bool = False) -> list[str]:
    terminal = Terminal(width is not None, width, colour)
    return table_lines(COLUMNS, rows, lay_out(COLUMNS, rows, width), terminal)


def test_a_table_with_room_shows_everything() -> None:
    assert table(80, (ID, "iris", TIME)) == [
        "artifact_id                           name  created_at",
        f"{ID}  iris  {TIME}",
    ]


def test_times_give_way_before_ids() -> None:
    assert table(56, (ID, "iris", TIME))[1] == f"{ID}  iris  11-23 23:08Z"


def test_ids_are_cut_from_the_left() -> None:
    assert table(34, (ID, "iris", TIME))[1] == "…-4203433bd7c1  iris  11-23 23:08Z"


def test_long_texts_give_way_first() -> None:
    assert table(84, (ID, "n" * 60, TIME))[1] == f"{ID}  {'n' * 23}…  {TIME}"


def test_columns_that_do_not_fit_at_all_go_from_the_right() -> None:
    rows = [(ID, "iris", TIME)]

    layout = lay_out(COLUMNS, rows, 20)

    assert (len(layout.widths), layout.dropped) == (2, ("created_at",))


def test_without_a_terminal_nothing_is_cut() -> None:
    assert table(None, (ID, "n" * 300, TIME))[1] == f"{ID}  {'n' * 300}  {TIME}"


def test_numbers_are_never_cut() -> None:
    columns = (Column("name", Form.TEXT), Column("number_value", Form.WHOLE))
    rows = [("n" * 30, "0.123456")]

    lines = table_lines(columns, rows, lay_out(columns, rows, 20), Terminal(True, 20, False))

    assert lines[1].endswith("…  0.123456")


_CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(printable)
_FORMS = st.sampled_from(list(Form))


@settings(deadline=None, database=None, derandomize=True)
@given(st.data(), st.integers(1, 200))
def test_no_line_is_wider_than_the_terminal(data: st.DataObject, width: int) -> None:
    columns = data.draw(
        st.lists(st.builds(Column, st.sampled_from(["name", "state", "number_value"]), _FORMS), min_size=1, max_size=8)
    )
    rows = data.draw(st.lists(st.lists(_CELLS, min_size=len(columns), max_size=len(columns)), max_size=5))

    lines = table_lines(columns, rows, lay_out(columns, rows, width), Terminal(True, width, False))

    assert all(width_of(line) <= width for line in lines)


@settings(deadline=None, database=None, derandomize=True)
@given(_CELLS, st.integers(0, 80))
def test_what_is_cut_is_no_wider_than_asked_for(text: str, width: int) -> None:
    assert width_of(cut_right(text, width)) <= width
    assert width_of(cut_left(text, width)) <= width


@pytest.mark.parametrize(
    ("text", "width"), [("iris", 4), ("数据", 4), ("e\u0301", 1), ("a\u20dd", 1), ("\uff46", 2), ("", 0)]
)
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, width: int) -> None:
    assert width_of(text) == width


def test_a_wide_character_is_not_cut_in_half() -> None:
    assert cut_right("数据集", 4) == "数…"


@pytest.mark.parametrize(
    ("width", "shown"),
    [(20, "2026-11-23 22:40:01Z"), (19, "2026-11-23 22:40Z"), (12, "11-23 22:40Z"), (None, "2026-11-23 22:40:01Z")],
)
def test_a_time_is_as_short_as_it_must_be(width: int | None, shown: str) -> None:
    assert short_time("2026-11-23T22:40:01.123456Z", width) == shown


def test_what_is_no_time_stays_as_it_is() -> None:
    assert short_time("yesterday", 4) == "yesterday"
