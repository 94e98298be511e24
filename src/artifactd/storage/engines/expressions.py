"""Expressions that each engine writes in its own way, under one name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, bindparam, or_, tuple_
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.functions import FunctionElement

_UUID_PIECES = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


class contains_text(FunctionElement[bool]):
    """Whether a text holds another, by code point: `contains_text(text, part)`; NULL where the text is."""

    inherit_cache = True
    name = "contains_text"


@compiles(contains_text, "sqlite")
@compiles(contains_text, "mysql")
def _instr(element: contains_text, compiler: Any, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(contains_text, "postgresql")
def _strpos(element: contains_text, compiler: Any, **kw: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **kw)}) > 0)"


class uuid_text(FunctionElement[str]):
    """The textual form of a UUID that is kept as 16 bytes: `uuid_text(column)`."""

    inherit_cache = True
    name = "uuid_text"
    type = Text()


@compiles(uuid_text, "sqlite")
def _sqlite_uuid_text(element: uuid_text, compiler: Any, **kw: Any) -> str:
    return "(" + " || '-' || ".join(_pieces(f"lower(hex({compiler.process(element.clauses, **kw)}))")) + ")"


@compiles(uuid_text, "postgresql")
def _postgresql_uuid_text(element: uuid_text, compiler: Any, **kw: Any) -> str:
    # A function's text would be ordered as the database's own locale has it.
    pieces = _pieces(f"encode({compiler.process(element.clauses, **kw)}, 'hex')")
    return "((" + " || '-' || ".join(pieces) + ') COLLATE "C")'


@compiles(uuid_text, "mysql")
def _mysql_uuid_text(element: uuid_text, compiler: Any, **kw: Any) -> str:
    pieces = _pieces(f"lower(hex({compiler.process(element.clauses, **kw)}))")
    return "concat(" + ", '-', ".join(pieces) + ")"


def _pieces(hexadecimal: str) -> list[str]:
    return [f"substr({hexadecimal}, {start}, {length})" for start, length in _UUID_PIECES]


class behind(FunctionElement[bool]):
    """Whether some columns stand behind some values in their common order, or `at` them: `behind(columns, values)`.

    Rows compare as a whole. MySQL and MariaDB enter an index by such a comparison only when it is spelled out.
    """

    inherit_cache = False
    name = "behind"

    def __init__(
        self,
        columns: Sequence[ColumnElement[Any]],
        values: Sequence[ColumnElement[Any]],
        *,
        descending: bool = False,
        at: bool = False,
    ) -> None:
        self.columns_, self.values_, self.descending, self.at = list(columns), list(values), descending, at
        super().__init__()

    def of_rows(self) -> ColumnElement[bool]:
        """The comparison of two rows."""
        here, there = tuple_(*self.columns_), tuple_(*self.values_)
        if self.at:
            return here <= there if self.descending else here >= there
        return here < there if self.descending else here > there

    def spelled_out(self) -> ColumnElement[bool]:
        """The same, column by column."""
        condition: ColumnElement[bool] | None = None
        for column, value in reversed(list(zip(self.columns_, self.values_, strict=True))):
            beyond = column < value if self.descending else column > value
            if condition is None:
                condition = or_(beyond, column == value) if self.at else beyond
            else:
                condition = or_(beyond, and_(column == value, condition))
        assert condition is not None
        return condition


@compiles(behind)
def _behind(element: behind, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.of_rows().self_group(), **kw))


@compiles(behind, "mysql")
def _mysql_behind(element: behind, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.spelled_out(), **kw)})"


class in_part(FunctionElement[bool]):
    """Whether a column has a value, said so that it still counts as a column of the order: `in_part(column, value)`.

    A column that is known to be the same throughout is left out of the order, and then an index that lacks it serves:
    all rows of other parts that come first in that one are looked at. MySQL and MariaDB besides read a part from its
    beginning, rather than from a position in it, as soon as the part alone can be told by equality.
    """

    inherit_cache = True
    name = "in_part"


@compiles(in_part)
def _in_part(element: in_part, compiler: Any, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = {value}"


@compiles(in_part, "postgresql")
def _postgresql_in_part(element: in_part, compiler: Any, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY (ARRAY[{value}])"


@compiles(in_part, "mysql")
def _mysql_in_part(element: in_part, compiler: Any, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({column} >= {value} AND {column} <= {value})"


class sorted_anew(FunctionElement[Any]):
    """A column to sort by that no index has in its order: `sorted_anew(column)`.

    Planners like to walk through an index in the order that is asked for until a LIMIT is reached, as if what matches
    were spread evenly. Where it all stands at the end they look at everything. This way they look at what matches.
    """

    inherit_cache = True
    name = "sorted_anew"


@compiles(sorted_anew)
def _sorted_anew(element: sorted_anew, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"coalesce({column}, {column})"


class is_unset(FunctionElement[bool]):
    """Whether a column is NULL, said so that it still counts as a column of the order: `is_unset(column)`.

    That a column is NULL throughout keeps MySQL and MariaDB from seeing that an index has an order with that column,
    and for an order without it they may read another index, whose rows are mostly not NULL. So they are told that it
    might lie between two neighbours, too, where nothing can.
    """

    inherit_cache = True
    name = "is_unset"


@compiles(is_unset)
def _is_unset(element: is_unset, compiler: Any, **kw: Any) -> str:
    return f"{compiler.process(element.clauses, **kw)} IS NULL"


@compiles(is_unset, "mysql")
def _mysql_is_unset(element: is_unset, compiler: Any, **kw: Any) -> str:
    (clause,) = element.clauses
    column = compiler.process(clause, **kw)
    below, above = _NEIGHBOURS[clause.type.python_type]
    return f"({column} IS NULL OR ({column} > {below} AND {column} < {above}))"


_NEIGHBOURS: dict[type, tuple[str, str]] = {
    str: ("''", r"'\0'"),
    int: ("0", "1"),
    float: ("1e0", "1.0000000000000002e0"),
}


def insert_or_replace(dialect: str, table: Table) -> ClauseElement:
    """An insert of a row that, where its key exists, replaces the other columns."""
    made = _INSERTS[dialect](table).values({column.name: bindparam(column.name) for column in table.c})
    key = list(table.primary_key.columns)
    others = [column.name for column in table.c if not column.primary_key]
    if dialect == "mysql":
        replaced: ClauseElement = made.on_duplicate_key_update({name: made.inserted[name] for name in others})
    else:
        replaced = made.on_conflict_do_update(index_elements=key, set_={name: made.excluded[name] for name in others})
    return replaced


_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert, "mysql": mysql.insert}


def insert_or_add(
    dialect: str, table: Table, total: str, values: Mapping[str, ColumnElement[Any]] | None = None
) -> ClauseElement:
    """An insert of a row that, where its key exists, adds to a column instead.

    Args:
        dialect: the engine's name.
        total: the column that is added to.
        values: of columns whose value is not simply a parameter of the same name.
    """
    parameters: dict[str, Any] = {column.name: bindparam(column.name) for column in table.c}
    # What nobody asks for must not be returned either.
    made = _INSERTS[dialect](table).inline().values(parameters | dict(values or {}))
    column = table.c[total]
    if dialect == "mysql":
        added: ClauseElement = made.on_duplicate_key_update({total: column + made.inserted[total]})
    else:
        added = made.on_conflict_do_update(
            index_elements=list(table.primary_key.columns), set_={total: column + made.excluded[total]}
        )
    return added
