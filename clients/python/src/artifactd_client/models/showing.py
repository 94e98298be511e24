"""Messages as people read them: text for a prompt, HTML for a notebook."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple

if TYPE_CHECKING:
    from artifactd_client.models.model import Model

LINE_CHARS_MAX = 120
VALUE_CHARS_MAX = 300
UNBROKEN_CHARS_MAX = 40
ITEMS_MAX = 10
ROWS_MAX = 200


def model_text(model: Model) -> str:
    """The fields that are set, on one line if they fit.

    Long values are cut, and long lists are told by their first items and their number: `to_dict` has everything.
    """
    return _text(model, "")


def model_html(model: Model) -> str:
    """A page as a table of its items, any other message as a table of its fields. Everything in it is escaped.

    There are no colours and no rules: a notebook's own fit its theme.
    """
    page = items_of(model)
    if page is not None:
        name, items = page
        return _table_html(
            f"{min(len(items), ROWS_MAX)} of {getattr(model, 'total_size', None) or len(items)} {name}", items
        )
    rows = "".join(
        f"<tr>{_html('th', name)}{_html('td', value)}</tr>" for name, value in model.set_fields().items() if value != ""
    )
    caption = _html("caption", type(model).__name__)
    return f'<table style="margin-left:0">{caption}<tbody>{rows}</tbody></table>'


def _table_html(caption: str, items: List[Any]) -> str:
    """A row for each message, a column for each field that is set in any of them."""
    fields = [each.set_fields() for each in items[:ROWS_MAX]]
    columns = list(dict.fromkeys(name for row in fields for name, value in row.items() if value != ""))
    head = "".join(_html("th", name) for name in columns)
    rows = "".join(f"<tr>{''.join(_html('td', _flat(row.get(name))) for name in columns)}</tr>" for row in fields)
    above = _html("caption", caption) if caption else ""
    return f'<table style="margin-left:0">{above}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _html(tag: str, value: Any) -> str:
    """A cell: messages as tables of their own, all else as text, of which what is short stays on one line."""
    # Imported only now: a program without a notebook needs none of it.
    from html import escape

    if hasattr(value, "set_fields"):
        return f"<{tag}>{model_html(value)}</{tag}>"
    if _are_messages(value):
        caption = f"{ROWS_MAX} of {len(value)}" if len(value) > ROWS_MAX else ""
        return f"<{tag}>{_table_html(caption, value)}</{tag}>"
    text = _plain_text(value)
    width = "white-space:nowrap" if len(text) <= UNBROKEN_CHARS_MAX else "min-width:20em"
    return f'<{tag} style="text-align:left;vertical-align:top;{width}">{escape(text)}</{tag}>'


def _flat(value: Any) -> Any:
    """A value as a row tells it, without tables in it."""
    if _are_messages(value):
        return f"{len(value)} {type(value[0]).__name__}"
    return value.set_fields() if hasattr(value, "set_fields") else value


def _plain_text(value: Any) -> str:
    """Text as it is, times to the second, anything deeper as JSON; what is long is cut."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (dict, list)):
        return _cut(_shown(lambda each: json.dumps(each, ensure_ascii=False, default=_json), value))
    return _cut(_shown(str, value))


def _json(value: Any) -> Any:
    return value.set_fields() if hasattr(value, "set_fields") else str(value)


def _are_messages(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and hasattr(value[0], "set_fields")


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_CHARS_MAX else f"{text[: VALUE_CHARS_MAX - 1]}…"


def items_of(model: Model) -> Optional[Tuple[str, List[Any]]]:
    """The name and the items of a page's or a batch's list; `None` if the message is neither."""
    first = next(iter(model.openapi_types.items()), None)
    if first is None or not first[1].startswith("list[V2beta1") or set(model.openapi_types) - _OF_A_PAGE - {first[0]}:
        return None
    return first[0], getattr(model, first[0]) or []


_OF_A_PAGE = frozenset({"total_size", "next_page_token"})


def _text(value: Any, indent: str, beside: int = 0) -> str:
    """A value, whose further lines begin with the indent; `beside` counts characters that share its line."""
    if hasattr(value, "set_fields"):
        return _enclosed(f"{type(value).__name__}(", _named(value.set_fields(), indent), ")", indent, beside)
    if _are_messages(value):
        parts = [_text(each, indent + "    ", 1) for each in value[:ITEMS_MAX]]
        if len(value) > ITEMS_MAX:
            parts.append(f"… and {len(value) - ITEMS_MAX} more")
        return _enclosed("[", parts, "]", indent, beside)
    return _cut(_shown(str if isinstance(value, datetime) else repr, value))


def _shown(write: Callable[[Any], str], value: Any) -> str:
    """A value as text. To show something never fails, not even where Python refuses to write so long an integer."""
    try:
        return write(value)
    except (ValueError, RecursionError):
        return f"<a {type(value).__name__} too long to show>"


def _named(fields: Dict[str, Any], indent: str) -> List[str]:
    return [f"{name}={_text(value, indent + '    ', len(name) + 2)}" for name, value in fields.items() if value != ""]


def _enclosed(begin: str, parts: List[str], end: str, indent: str, beside: int) -> str:
    line = begin + ", ".join(parts) + end
    if len(indent) + beside + len(line) <= LINE_CHARS_MAX and "\n" not in line:
        return line
    deeper = "\n" + indent + "    "
    return begin + deeper + f",{deeper}".join(parts) + f",\n{indent}" + end
