"""What a list is asked, as types of options: conditions, filters, orders and columns, with their completion."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import click
from click.shell_completion import CompletionItem

from artifactd.cli.conditions import parse_condition
from artifactd.cli.nouns import Listed
from artifactd.cli.suggestions import nearest
from artifactd.errors import InvalidArgument
from artifactd.listing import parse_sort_by


class WordType(click.Choice):  # type: ignore[type-arg]  # No older click's is generic.
    """One of an enum's words, in upper or lower case; completed as the API writes it."""

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__([str(word) for word in words], case_sensitive=False)

    def get_metavar(self, param: Any, ctx: Any = None) -> str:
        """The words as the API writes them."""
        del param, ctx
        return f"[{'|'.join(self.choices)}]"

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        """The words that begin so."""
        del ctx, param
        return [CompletionItem(word) for word in self.choices if word.lower().startswith(incomplete.lower())]


class ConditionType(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """A condition such as `value>0.9`, as the predicates that it means."""

    name = "condition"

    def __init__(self, listed: Listed) -> None:
        self._listed = listed

    def convert(self, value: Any, param: Any, ctx: Any) -> list[dict[str, Any]]:
        """The predicates."""
        if not isinstance(value, str):
            return list(value)
        try:
            return parse_condition(self._listed, value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        """The fields that begin so, and the words that one with choices can hold."""
        del ctx, param
        key, equals, begun = incomplete.partition("=")
        if equals:
            return _items((f"{key}={word}" for word in self._listed.choices.get(key, ())), f"{key}={begun}")
        names = [f"{field.name}=" for field in self._listed.noun.fields]
        return _items(
            [*names, *([f"{self._listed.noun.json_field}."] if self._listed.noun.json_field else [])], begun or key
        )


class FilterType(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """A filter in the API's JSON, as its predicates."""

    name = "JSON"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[dict[str, Any]]:
        """The predicates, which the server checks."""
        if not isinstance(value, str):
            return list(value)
        try:
            predicates = json.loads(value)["predicates"]
        except (ValueError, RecursionError, TypeError, KeyError):
            predicates = None
        if not isinstance(predicates, list):
            self.fail(
                'is not a filter, such as {"predicates": [{"operation": "EQUALS", "key": "name", '
                '"string_value": "x"}]}.',
                param,
                ctx,
            )
        return predicates


class SortType(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """An order as `name`, `-name`, `name desc` or `name:desc`, in the API's form."""

    name = "field"

    def __init__(self, listed: Listed) -> None:
        self._listed = listed

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The order."""
        text = str(value).strip().replace(":", " ")
        if text.startswith("-"):
            text = f"{text[1:]} desc"
        try:
            sort = parse_sort_by(self._listed.noun, text, "--sort")
        except InvalidArgument as error:
            names = [field.name for field in self._listed.noun.fields if field.sortable]
            near = nearest(text.split(" ", maxsplit=1)[0], names)
            self.fail(f"{error.violations[0].description}{near}.", param, ctx)
        return f"{sort.field} {'desc' if sort.descending else 'asc'}"

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        """The fields that an index serves."""
        del ctx, param
        return _items((field.name for field in self._listed.noun.fields if field.sortable), incomplete)


class ColumnsType(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """Names of fields behind commas."""

    name = "columns"

    def __init__(self, listed: Listed) -> None:
        self._listed = listed

    def convert(self, value: Any, param: Any, ctx: Any) -> list[str]:
        """The names."""
        if not isinstance(value, str):
            return list(value)
        names = [name.strip() for name in value.split(",") if name.strip()]
        known = self._listed.fields
        for place, name in enumerate(names):
            first = re.split(r"(?<!\\)\.", name)[0]
            field = self._listed.noun.field(first)
            if field is not None and first not in known:
                names[place] = field.name
            elif first not in known:
                self.fail(
                    f"{self._listed.items} have no field {first!r}{nearest(first, known)}. "
                    f"There are {', '.join(known)}.",
                    param,
                    ctx,
                )
        if not names:
            self.fail("names no field.", param, ctx)
        return names

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        """The fields that the last name may become."""
        del ctx, param
        before, comma, _ = incomplete.rpartition(",")
        return _items((before + comma + name for name in self._listed.fields), incomplete)


def _items(words: Iterable[str], begun: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(begun)]
