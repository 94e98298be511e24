"""Lists as text: a table for people; JSON, JSON lines, CSV and bare identifiers for machines. Each page as it comes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final, Protocol

import click

from artifactd.cli.cells import cell_of, json_text, raw, shown
from artifactd.cli.characters import printable
from artifactd.cli.graph import state_of
from artifactd.cli.nouns import Listed
from artifactd.cli.paging import Page
from artifactd.cli.tables import Column, Form, Layout, lay_out, table_lines
from artifactd.cli.terminal import Terminal, speak_utf8
from artifactd.listing import Kind

FORMATS: Final = ("table", "json", "jsonl", "csv")


class ListWriter(Protocol):
    """Writes a list to standard output, page by page."""

    dropped: tuple[str, ...]
    """Columns for which the terminal has no room."""

    def write(self, page: Page) -> None:
        """Writes a page, the first one's heading too."""
        ...

    def end(self, last: Page) -> None:
        """Writes what comes after the last page."""
        ...


class TableWriter:
    """A table; its columns get their widths from the first page."""

    def __init__(self, listed: Listed, columns: Sequence[str], terminal: Terminal) -> None:
        self.dropped: tuple[str, ...] = ()
        self._listed = listed
        self._wanted = columns
        self._terminal = terminal
        self._names: list[str] = []
        self._columns: list[Column] = []
        self._layout: Layout | None = None

    def write(self, page: Page) -> None:
        """Writes a page, the first one's heading too."""
        if not page.items:
            return
        is_first = self._layout is None
        if is_first:
            self._names = [name for each in self._wanted if (name := _present(each, page))]
            self._columns = [Column(name, _form(self._listed, name)) for name in self._names]
        rows = [self._row(item) for item in page.items]
        if self._layout is None:
            self._layout = lay_out(self._columns, rows, self._terminal.width)
            self.dropped = self._layout.dropped
        lines = table_lines(self._columns, rows, self._layout, self._terminal, heading=is_first)
        click.echo("\n".join(lines), color=True)

    def end(self, last: Page) -> None:
        """Nothing: a table has no end."""

    def _row(self, item: dict[str, Any]) -> list[str]:
        short = self._terminal.is_terminal
        return [shown(_value(item, name), name, self._listed.kind(name), short=short) for name in self._names]


class JsonWriter:
    """The API's own answer as one document, an item on each line."""

    dropped: tuple[str, ...] = ()

    def __init__(self, listed: Listed) -> None:
        self._items = listed.items
        self._before = f'{{"{self._items}": ['
        self._after = "]"

    def write(self, page: Page) -> None:
        """Writes a page's items."""
        if page.items:
            click.echo(f"{self._before}\n" + ",\n".join(map(json_text, page.items)), nl=False)
            self._before, self._after = ",", "\n]"

    def end(self, last: Page) -> None:
        """Writes what the API says beside the items."""
        total, token = json_text(last.total_size), json_text(last.next_page_token)
        beginning = self._before if self._after == "]" else ""
        click.echo(f'{beginning}{self._after}, "total_size": {total}, "next_page_token": {token}}}')


class JsonLinesWriter:
    """A JSON object on each line."""

    dropped: tuple[str, ...] = ()

    def write(self, page: Page) -> None:
        """Writes a page's items."""
        if page.items:
            click.echo("\n".join(map(json_text, page.items)))

    def end(self, last: Page) -> None:
        """Nothing: the last line was the last."""


class CsvWriter:
    """RFC 4180, with a header. What is no text and no number is JSON in its cell."""

    dropped: tuple[str, ...] = ()

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._begun = False

    def write(self, page: Page) -> None:
        """Writes a page, before the first one the header."""
        text = io.StringIO()
        writer = csv.writer(text)
        if not self._begun:
            writer.writerow(self._columns)
            self._begun = True
        writer.writerows([raw(cell_of(item, column)) for column in self._columns] for item in page.items)
        click.echo(text.getvalue(), nl=False, color=True)

    def end(self, last: Page) -> None:
        """Nothing: a file of rows has no end."""


class IdentifierWriter:
    """What names each item, and nothing else; a metric's task and name stand with a tab between them."""

    dropped: tuple[str, ...] = ()

    def __init__(self, listed: Listed) -> None:
        self._identity = listed.identity

    def write(self, page: Page) -> None:
        """Writes a page's identifiers."""
        rows = ["\t".join(printable(str(item.get(name, ""))) for name in self._identity) for item in page.items]
        if rows:
            click.echo("\n".join(rows))

    def end(self, last: Page) -> None:
        """Nothing: the last line was the last."""


def writer_of(
    form: str, listed: Listed, columns: Sequence[str] | None, terminal: Terminal, *, quiet: bool
) -> ListWriter:
    """What writes a list in a format.

    Args:
        form: one of FORMATS.
        listed: the noun.
        columns: those asked for; `None` for the ones that go with the format.
        terminal: what standard output leads to.
        quiet: whether only identifiers are wanted.
    """
    if quiet:
        return IdentifierWriter(listed)
    if form != "table":
        speak_utf8()
    if form == "json":
        return JsonWriter(listed)
    if form == "jsonl":
        return JsonLinesWriter()
    if form == "csv":
        return CsvWriter(columns or [name for name in listed.fields if name != "duration"])
    return TableWriter(listed, columns or listed.columns, terminal)


def _present(column: str, page: Page) -> str:
    """The column's name, or nothing for an optional one that is empty on this page, the whole list's only one."""
    name = column.removesuffix("?")
    needed = name == column or any(_value(item, name) not in (None, "") for item in page.items)
    return name if needed or page.more else ""


def _value(item: dict[str, Any], name: str) -> Any:
    """What a table shows in a column: no state while nobody has said, and a task's own name if it has no other."""
    if name == "state":
        return state_of(item)
    value = cell_of(item, name)
    return item.get("name") if name == "display_name" and not value else value


def _form(listed: Listed, name: str) -> Form:
    if name.endswith("_id") or name == "id":
        return Form.ID
    if name == "value":
        return Form.VALUE
    kind = listed.kind(name)
    if kind is Kind.TIME:
        return Form.TIME
    return Form.WHOLE if kind in (Kind.NUMBER, Kind.INTEGER) or name == "duration" else Form.TEXT
