"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

Rows = list[tuple[str, ...]]


def middle(values: Iterable[float], form: str) -> str:
    """The median; nothing of nothing."""
    found = list(values)
    return f"{median(found):{form}}" if found else ""


def spread(values: Sequence[float], form: str) -> str:
    """The least to the greatest; nothing of nothing."""
    return f"{min(values):{form}} to {max(values):{form}}" if values else ""


def with_spread(values: Sequence[float], form: str) -> str:
    """The median, with the least and the greatest; nothing of nothing."""
    return f"{middle(values, form)} ({spread(values, form)})" if values else ""


def markdown(cells: Rows, columns: tuple[str, ...], words: int = 1) -> str:
    """The table, aligned so that it also reads well as text.

    Args:
        columns: its head.
        words: how many of the first columns are words, not figures.
    """
    widths = [max(len(row[column]) for row in (columns, *cells)) for column in range(len(columns))]
    left: Callable[[int], bool] = lambda column: column < words  # noqa: E731

    def line(row: tuple[str, ...]) -> str:
        padded = (
            text.ljust(width) if left(column) else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = "|".join("-" * (w + 2) if left(c) else "-" * (w + 1) + ":" for c, w in enumerate(widths))
    return "\n".join([line(columns), f"|{rule}|", *map(line, cells)])
