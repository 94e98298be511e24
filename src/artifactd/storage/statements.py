"""SQL written once with SQLAlchemy Core, compiled once for each engine, then run on the driver directly.

Executing through SQLAlchemy, or compiling for each request, costs more than the queries themselves
(docs/decisions/0002).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from sqlalchemy import BindParameter, CompoundSelect, Select, Table, bindparam, insert, union_all
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.expression import ClauseElement

Row = tuple[Any, ...]
Values = Mapping[str, Any]
Key = tuple[tuple[str, str | int], ...]
"""Names and values of what tells one row from others."""

_SHAPES_MAX = 512
_IDS_AT_ONCE = 256


class ConstantsInText:
    """Mixed into an engine's compiler: constants stand in the text, so that only named parameters are bound."""

    def visit_bindparam(self, bindparam: BindParameter[Any], **options: Any) -> Any:
        """Writes a parameter, or the constant that it stands for."""
        if not bindparam.required and bindparam.value is not None:
            options["literal_binds"] = True
        return super().visit_bindparam(bindparam, **options)  # type: ignore[misc]  # The engine's compiler has it.


class Statement:
    """One SQL statement with named parameters, compiled when an engine first runs it.

    Args:
        clause: the statement, or what makes it for the dialect of that name.
        alone: whether a read that begins with it mostly runs nothing else, so that it is worth while to end the read
            with it. Where that is wrong, the read is run again.
    """

    __slots__ = ("_clause", "_sql", "alone")

    def __init__(self, clause: ClauseElement | Callable[[str], ClauseElement], *, alone: bool = False) -> None:
        self._clause = clause
        self.alone = alone
        self._sql: dict[str, str] = {}

    def sql(self, dialect: Dialect) -> str:
        """The statement's text for that engine."""
        text = self._sql.get(dialect.name)
        if text is None:
            text = self._sql[dialect.name] = str(self._for(dialect).compile(dialect=dialect))
        return text

    def _for(self, dialect: Dialect) -> ClauseElement:
        return self._clause if isinstance(self._clause, ClauseElement) else self._clause(dialect.name)


class Insert(Statement):
    """Inserts a row of a table whose rows the engine numbers, with a value for every other column."""

    def __init__(self, table: Table) -> None:
        number = table.autoincrement_column
        assert number is not None
        whole = insert(table).values({c.name: bindparam(c.name) for c in table.c if c is not number})
        # The others tell the number of the last row without being asked in the statement.
        super().__init__(lambda dialect: whole.returning(number) if dialect == "postgresql" else whole)


class StatementCache:
    """Statements whose shape depends on the request, by what decides the shape; those longest unused are forgotten."""

    def __init__(self) -> None:
        self._statements: OrderedDict[Hashable, Statement] = OrderedDict()

    def get(self, shape: Hashable, build: Callable[[], ClauseElement]) -> Statement:
        """The statement of that shape, built now if it is new."""
        statement = self._statements.get(shape)
        if statement is None:
            statement = self._statements[shape] = Statement(build())
            if len(self._statements) > _SHAPES_MAX:
                self._statements.popitem(last=False)
        else:
            # Another thread may just have forgotten it.
            with suppress(KeyError):
                self._statements.move_to_end(shape)
        return statement


class Sums:
    """What a transaction adds to numbers that are kept: one statement for each number, run at its end.

    Writes that share a transaction so share these too, and a row that many transactions add to is held but briefly.
    """

    __slots__ = ("_added", "changes")

    def __init__(self) -> None:
        self._added: dict[tuple[Statement, Key], int] = {}
        self.changes = 0
        """How often something has been added: tells whether a function has."""

    def add(self, statement: Statement, key: Key, added: int) -> None:
        """Adds to what is to be added."""
        which = (statement, key)
        self._added[which] = self._added.get(which, 0) + added
        self.changes += 1

    def forget(self) -> None:
        """Adds nothing of what was to be added."""
        self._added.clear()

    def run_on(self, transaction: Transaction) -> None:
        """Runs the statements, in an order that keeps two transactions from waiting for each other."""
        if not self._added:
            return
        added = sorted(((key, statement, total) for (statement, key), total in self._added.items()), key=itemgetter(0))
        self._added.clear()
        for key, statement, total in added:
            transaction.run(statement, {**dict(key), "total": total})


class Transaction(Protocol):
    """What storage functions run their statements on. Nothing of it is kept unless the whole `write` succeeds."""

    @property
    def shapes(self) -> StatementCache:
        """The engine's cache of statements that depend on the request."""
        ...

    @property
    def stripe(self) -> int:
        """The number of the counters that this transaction counts in: no other one does so now (`storage.counts`)."""
        ...

    @property
    def known_namespaces(self) -> set[str]:
        """The namespaces that are in the store for all that this transaction does (`storage.namespaces`)."""
        ...

    def rows(self, statement: Statement, values: Values = ...) -> list[Row]:
        """Runs a statement and gives all its rows.

        Raises:
            Unavailable: the store is out of reach, full, or over a time limit.
        """
        ...

    def row(self, statement: Statement, values: Values = ...) -> Row | None:
        """Runs a statement and gives its first row, if any. Raises as `rows` does."""
        ...

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """Runs a statement and gives its rows one after the other, however many. Raises as `rows` does.

        Nothing else may be run before the last row has been taken.
        """
        ...

    def run(self, statement: Statement, values: Values) -> None:
        """Runs a statement that gives no rows. Raises as `rows` does."""
        ...

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs a statement that gives no rows once for each set of values, in their order. Raises as `rows` does."""
        ...

    def add_up(self, statement: Statement, key: Key, added: int) -> None:
        """Adds to a number that is kept, at the end of the transaction: no statement before then sees it.

        Args:
            statement: adds its parameter `total` to the number that its other parameters name.
            key: those others.
            added: how much.
        """
        ...

    def insert(self, statement: Insert, values: Values) -> int:
        """Inserts a row and gives its number. Raises as `rows` does."""
        ...

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Waits until no other transaction holds a name, then holds it to the end of this one.

        Args:
            shared: whether others may hold it at the same time, if they share it too.

        Returns:
            Whether another transaction may have changed something since this one began, so that what was read before
            has to be read again. Where writes run one after the other it never has.
        """
        ...


Result = TypeVar("Result")
ReadFunction = Callable[[Transaction], Result]
"""What a store runs: a plain function of a transaction."""


def rows_of_ids(
    transaction: Transaction,
    name: str,
    build: Callable[[list[BindParameter[Any]]], ClauseElement],
    ids: list[Any],
    values: Values | None = None,
    at_once: int = _IDS_AT_ONCE,
    padding: Any = None,
) -> Iterator[Row]:
    """The rows of a statement for any number of ids, some of them at a time.

    A list's length is rounded up, so that few shapes of SQL exist; rounding up further would cost more than the query.

    Args:
        name: the statement's own, in the cache.
        build: makes the statement from the parameters that stand for the ids.
        values: of its further parameters.
        at_once: how many ids to give a statement; a power of two.
        padding: what lists are rounded up with, which must be nothing's id; None for the last id again, where to name
            it twice gives nothing twice.
    """
    for start in range(0, len(ids), at_once):
        chunk = ids[start : start + at_once]
        rounded = 1 << (len(chunk) - 1).bit_length()
        names = [f"id_{index}" for index in range(rounded)]
        statement = transaction.shapes.get((name, rounded), partial(_build, build, names))
        chunk += [chunk[-1] if padding is None else padding] * (rounded - len(chunk))
        yield from transaction.rows(statement, dict(zip(names, chunk, strict=True)) | dict(values or {}))


def one_after_the_other(selects: Iterable[Select[Any]]) -> CompoundSelect[Any]:
    """The rows of several selects, in no order, each found by its own way through an index.

    `IN` says the same where they differ in one value, but a planner that guesses may then read all that they share.
    Selects that are the same give their rows twice (`padding` of `rows_of_ids`).
    """
    return union_all(*selects)


def _build(build: Callable[[list[BindParameter[Any]]], ClauseElement], names: list[str]) -> ClauseElement:
    return build([bindparam(name) for name in names])
