"""Rows under headings that fit a terminal: the widest columns give way first, then the last ones go."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from artifactd.cli.characters import cut_left, cut_right, padded, width_of
from artifactd.cli.moments import short_time
from artifactd.cli.terminal import Terminal

GAP: Final = 2
WIDTH_MIN: Final = 4


class Form(Enum):
    """How a column may become narrower; its value is the least that is worth showing."""

    TEXT = 6
    ID = 9
    TIME = 12
    VALUE = 13
    WHOLE = 4


# Who gives way first: long texts to a good width, then times, then ids, of which their ends will do, then all.
_YIELDING: Final = (
    ({Form.TEXT, Form.VALUE}, 24),
    ({Form.TIME}, 0),
    ({Form.ID}, 0),
    (set(Form), 0),
)


class Column(NamedTuple):
    """A column's heading and form."""

    title: str
    form: Form


class Layout(NamedTuple):
    """Which columns fit, how wide each is, and which ones had to go."""

    widths: tuple[int, ...]
    dropped: tuple[str, ...]


def lay_out(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> Layout:
    """Widths for the columns of a table, such that it is no wider than the terminal.

    Args:
        columns: of the table.
        rows: the cells to fit, by row.
        width: the terminal's; `None` for as wide as need be.
    """
    natural = [
        max([width_of(column.title), *(width_of(row[place]) for row in rows)]) for place, column in enumerate(columns)
    ]
    if width is None:
        return Layout(tuple(natural), ())
    widths = [min(each, width) for each in natural]
    least = [
        min(each, _least(column, rows, place)) for place, (each, column) in enumerate(zip(widths, columns, strict=True))
    ]
    count = len(columns)
    while count > 1 and _total(least[:count]) > width:
        count -= 1
    widths, least = widths[:count], least[:count]
    for forms, floor in _YIELDING:
        floors = [max(minimum, floor) for minimum in least]
        _shrink(widths, [place for place in range(count) if columns[place].form in forms], floors, width)
    return Layout((min(widths[0], width), *widths[1:]), tuple(column.title for column in columns[count:]))


def _least(column: Column, rows: Sequence[Sequence[str]], place: int) -> int:
    """What a column needs at least. Of a number nothing may be cut, of its heading something."""
    if column.form is Form.WHOLE:
        return max([WIDTH_MIN, *(width_of(row[place]) for row in rows)])
    return int(column.form.value)


def _shrink(widths: list[int], places: Sequence[int], floors: Sequence[int], width: int) -> None:
    """Takes from the widest of some columns until the table fits, or none of them can give more."""
    while _total(widths) > width:
        able = [place for place in places if widths[place] > floors[place]]
        if not able:
            return
        widths[max(able, key=lambda place: widths[place])] -= 1


def table_lines(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    layout: Layout,
    terminal: Terminal,
    *,
    heading: bool = True,
) -> list[str]:
    """A table's lines. Only on a terminal are cells cut; without one, a cell that is too wide pushes the others on."""
    lines = []
    if heading:
        titles = _line([column.title for column in columns], columns, layout, terminal, states=False)
        lines.append(terminal.heading(titles))
    return lines + [_line(row, columns, layout, terminal, states=True) for row in rows]


def _line(cells: Sequence[str], columns: Sequence[Column], layout: Layout, terminal: Terminal, *, states: bool) -> str:
    parts = []
    last = len(layout.widths) - 1
    for place, width in enumerate(layout.widths):
        cell = cells[place]
        if terminal.width is not None:
            cell = _cut(cell, columns[place].form if states else Form.TEXT, width)
        text = cell if place == last else padded(cell, width)
        parts.append(terminal.state(cells[place], text) if states and columns[place].title == "state" else text)
    return (" " * GAP).join(parts).rstrip()


def _cut(cell: str, form: Form, width: int) -> str:
    if width_of(cell) <= width:
        return cell
    if form is Form.ID:
        return cut_left(cell, width)
    if form is Form.TIME:
        # The short form ends in Z; the time that it is short for begins alike.
        cell = short_time(cell.replace(" ", "T"), width)
    return cut_right(cell, width)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)
