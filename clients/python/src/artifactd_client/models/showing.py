"""Messages as people read them: text for a prompt, HTML for a notebook."""

from __future__ import annotations

import json
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

if TYPE_CHECKING:
    from artifactd_client.models.model import Model

LINE_CHARS_MAX = 120
VALUE_CHARS_MAX = 300
ITEMS_MAX = 10
ROWS_MAX = 200


def model_text(model: Model) -> str:
    """The fields that are set, on one line if they fit.

    Long values are cut, and long lists are told by their first items and their number: `to_dict` has everything.
    """
    return _text(model, "")


def model_html(model: Model) -> str:
    """A page as a table of its items, any other message as a table of its fields. Everything in it is escaped."""
    page = items_of(model)
    if page is None:
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th><td style="text-align:left">{_cell(value)}</td></tr>'
            for name, value in model.set_fields().items()
        )
        return f"<table><caption>{escape(type(model).__name__)}</caption><tbody>{rows}</tbody></table>"
    name, items = page
    fields = [each.set_fields() for each in items[:ROWS_MAX]]
    columns = list(dict.fromkeys(column for row in fields for column in row))
    head = "".join(f'<th style="text-align:left">{escape(column)}</th>' for column in columns)
    rows = "".join(f"<tr>{''.join(_table_cell(row.get(column)) for column in columns)}</tr>" for row in fields)
    caption = f"{len(fields)} of {getattr(model, 'total_size', None) or len(items)} {name}"
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def items_of(model: Model) -> Optional[Tuple[str, List[Any]]]:
    """The name and the items of a page's or a batch's list; `None` if the message is neither."""
    first = next(iter(model.openapi_types.items()), None)
    if first is None or not first[1].startswith("list[V2beta1") or set(model.openapi_types) - _OF_A_PAGE - {first[0]}:
        return None
    return first[0], getattr(model, first[0]) or []


_OF_A_PAGE = frozenset({"total_size", "next_page_token"})


def _text(value: Any, indent: str) -> str:
    if hasattr(value, "set_fields"):
        return _enclosed(f"{type(value).__name__}(", _named(value.set_fields(), indent), ")", indent)
    if isinstance(value, list) and value and hasattr(value[0], "set_fields"):
        parts = [_text(each, indent + "    ") for each in value[:ITEMS_MAX]]
        if len(value) > ITEMS_MAX:
            parts.append(f"… and {len(value) - ITEMS_MAX} more")
        return _enclosed("[", parts, "]", indent)
    text = str(value) if isinstance(value, datetime) else repr(value)
    return text if len(text) <= VALUE_CHARS_MAX else f"{text[: VALUE_CHARS_MAX - 1]}…"


def _named(fields: Dict[str, Any], indent: str) -> List[str]:
    return [f"{name}={_text(value, indent + '    ')}" for name, value in fields.items() if value != ""]


def _enclosed(begin: str, parts: List[str], end: str, indent: str) -> str:
    line = begin + ", ".join(parts) + end
    if len(indent) + len(line) <= LINE_CHARS_MAX and "\n" not in line:
        return line
    deeper = "\n" + indent + "    "
    return begin + deeper + f",{deeper}".join(parts) + f",\n{indent}" + end


def _table_cell(value: Any) -> str:
    return f'<td style="text-align:left">{_cell(value)}</td>'


def _cell(value: Any) -> str:
    """A value for a cell: text as it is, times to the second, anything deeper as JSON."""
    if value is None:
        return ""
    if hasattr(value, "set_fields"):
        return model_html(value)
    if isinstance(value, datetime):
        return escape(value.isoformat(sep=" ", timespec="seconds"))
    if isinstance(value, list) and value and hasattr(value[0], "set_fields"):
        return escape(f"{len(value)} {type(value[0]).__name__}")
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    text = str(value)
    return escape(text if len(text) <= VALUE_CHARS_MAX else f"{text[: VALUE_CHARS_MAX - 1]}…")
