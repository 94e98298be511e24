"""How each engine runs a statement, in common words, and how many rows it looks at for it.

PostgreSQL and MariaDB run the statement to tell. SQLite only tells its plan, which no row count changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from artifactd.storage import schema
from artifactd.storage.engines.mysql import DIALECT as MYSQL
from artifactd.storage.engines.postgresql import DIALECT as POSTGRESQL
from artifactd.storage.engines.sqlite_connection import DIALECT as SQLITE
from artifactd.storage.statements import Insert, Key, Row, Statement, StatementCache, Transaction, Values

DIALECTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL, "mariadb": MYSQL}


class Step(NamedTuple):
    """One step of a plan.

    `table` is empty for a step that only sorts; `through` names the index, and is empty where the table itself is read.
    `entered_by` are the columns by which the index is entered, in its order: none means that all of it may be read.
    `sorted_rows` says how many rows a step sorts; None where the engine does not tell.
    """

    table: str = ""
    through: str = ""
    entered_by: tuple[str, ...] = ()
    sorts: bool = False
    sorted_rows: int | None = None

    @property
    def whole(self) -> bool:
        """Whether a table or an index is read from its beginning."""
        return bool(self.table) and not self.entered_by


class Plan(NamedTuple):
    """A statement's plan, and how many rows were looked at (None where the engine does not tell)."""

    sql: str
    steps: list[Step]
    rows: int | None

    def on(self, table: str) -> list[Step]:
        """The steps on one table."""
        return [step for step in self.steps if step.table == table]


class Noted(NamedTuple):
    """A statement and the values that it was run with."""

    statement: Statement
    values: Values


class Noting:
    """A transaction that notes what it runs."""

    def __init__(self, inner: Transaction) -> None:
        self._inner = inner
        self.noted: list[Noted] = []

    @property
    def shapes(self) -> StatementCache:
        """The inner transaction's."""
        return self._inner.shapes

    @property
    def stripe(self) -> int:
        """The inner transaction's."""
        return self._inner.stripe

    @property
    def known_namespaces(self) -> set[str]:
        """The inner transaction's."""
        return self._inner.known_namespaces

    def rows(self, statement: Statement, values: Values | None = None) -> list[Row]:
        """Runs and notes a statement."""
        self.noted.append(Noted(statement, values or {}))
        return self._inner.rows(statement, values or {})

    def row(self, statement: Statement, values: Values | None = None) -> Row | None:
        """Runs and notes a statement."""
        self.noted.append(Noted(statement, values or {}))
        return self._inner.row(statement, values or {})

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """Runs and notes a statement."""
        self.noted.append(Noted(statement, values))
        return self._inner.stream(statement, values)

    def run(self, statement: Statement, values: Values) -> None:
        """Runs and notes a statement, unless it is an insert, which reads nothing."""
        if not statement.sql(SQLITE).startswith("INSERT"):
            self.noted.append(Noted(statement, values))
        self._inner.run(statement, values)

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs a statement for each set of values; the first stands for all."""
        for one in values[:1]:
            self.run(statement, one)
        self._inner.run_many(statement, values[1:])

    def add_up(self, statement: Statement, key: Key, added: int) -> None:
        """Adds in the inner transaction."""
        self._inner.add_up(statement, key, added)

    def insert(self, statement: Insert, values: Values) -> int:
        """Runs a statement, which reads nothing."""
        return self._inner.insert(statement, values)

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Locks in the inner transaction."""
        return self._inner.lock(name, shared=shared)


class _Reader(Protocol):
    """What tells how an engine runs a statement."""

    def __call__(self, transaction: Any, sql: str, values: Values) -> Plan: ...


def plan(engine: str, transaction: Any, noted: Noted) -> Plan:
    """How an engine runs a statement. On servers it is run for that, so the transaction should not be kept."""
    return _READERS[engine](transaction, noted.statement.sql(DIALECTS[engine]), noted.values)


_SQLITE_STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?(INDEX \w+|INTEGER PRIMARY KEY|PRIMARY KEY))?")
_SQLITE_ENTRY = re.compile(r"(\w+)[=<>]")


def _sqlite_plan(transaction: Any, sql: str, values: Values) -> Plan:
    steps: list[Step] = []
    for *_, text in transaction._connection.execute(f"EXPLAIN QUERY PLAN {sql}", dict(values)):
        found = _SQLITE_STEP.match(text)
        if found and found[2] in schema.metadata.tables:
            entry = text[text.find("(") :] if found[1] == "SEARCH" else ""
            columns = dict.fromkeys(_SQLITE_ENTRY.findall(entry))
            if "(" in entry and (row := re.search(r"\(([\w,]+)\)[<>]", entry[1:])):
                columns |= dict.fromkeys(row[1].split(","))
            steps.append(Step(found[2], (found[3] or "").removeprefix("INDEX "), tuple(columns)))
        elif "TEMP B-TREE" in text:
            steps.append(Step(sorts=True))
    return Plan(sql, steps, None)


def _postgresql_plan(transaction: Any, sql: str, values: Values) -> Plan:
    with transaction.plain() as connection:
        cursor = connection.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values, prepare=False)
        ((((root,),),)) = cursor.fetchall()
    return postgresql_plan(sql, root["Plan"])


def generic_plan(transaction: Any, noted: Noted) -> Plan:
    """How PostgreSQL runs a prepared statement once it makes no plan of its own for each set of values."""
    import psycopg

    sql = noted.statement.sql(POSTGRESQL)
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    values = [noted.values[name] for name in names]
    prepared = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", sql)
    types = ", ".join(_TYPES[type(value)] for value in values)
    marks = ", ".join(["%s"] * len(values))
    with transaction.plain() as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE pinned ({types}) AS {prepared}")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE pinned ({marks})", values)
        ((((root,),),)) = cursor.fetchall()
        cursor.execute("DEALLOCATE pinned")
    return postgresql_plan(sql, root["Plan"])


_TYPES = {type(None): "unknown", int: "bigint", str: "unknown", bytes: "bytea", float: "float8", bool: "boolean"}


def postgresql_plan(sql: str, root: dict[str, Any]) -> Plan:
    """A plan as PostgreSQL tells it in JSON."""
    steps: list[Step] = []
    rows = 0
    for node in _nodes(root):
        kind = node["Node Type"]
        seen = node["Actual Rows"] + sum(node.get(name, 0) for name in _REMOVED)
        if "Sort" in kind:
            steps.append(Step(sorts=True, sorted_rows=node["Plans"][0]["Actual Rows"]))
        elif kind == "Bitmap Heap Scan":
            continue
        elif kind.endswith("Scan") and kind not in {"Subquery Scan", "CTE Scan", "Function Scan"}:
            index = node.get("Index Name", "")
            step = Step(_table_of(node, index), index, _named(node.get("Index Cond", ""), index))
            steps.append(step)
            # A table of a few rows is read whole, rather than by its index.
            rows += round(seen * node["Actual Loops"]) if step.table != "namespaces" else 0
    return Plan(sql, steps, rows)


_REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node["Actual Loops"]:
        yield node
        for child in node.get("Plans", ()):
            yield from _nodes(child)


def _table_of(node: dict[str, Any], index: str) -> str:
    return str(node["Relation Name"]) if "Relation Name" in node else _INDEXES[index][0]


def _named(condition: str, index: str) -> tuple[str, ...]:
    """The columns of an index that a condition names."""
    words = set(re.findall(r"\w+", re.sub(r"'(?:[^']|'')*'", "", condition)))
    return tuple(column for column in _INDEXES[index][1] if column in words) if index else ()


def _indexes() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The table and the columns of each index, by its name on PostgreSQL."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for table in schema.metadata.tables.values():
        found[f"{table.name}_pkey"] = (table.name, tuple(column.name for column in table.primary_key.columns))
        for index in table.indexes:
            found[str(index.name)] = (table.name, tuple(column.name for column in index.columns))
        for constraint in table.constraints:
            if str(constraint.name).endswith("_identity"):
                found[str(constraint.name)] = (table.name, tuple(column.name for column in constraint.columns))  # type: ignore[attr-defined]
    found["namespaces_namespace_key"] = ("namespaces", ("namespace",))
    return found


_INDEXES = _indexes()


def _mariadb_plan(transaction: Any, sql: str, values: Values) -> Plan:
    transaction.settle()
    cursor = transaction.connection.cursor()
    before = _handler_reads(cursor)
    if sql.startswith(("SELECT", "(SELECT")):
        cursor.execute(sql, values)
        cursor.fetchall()
    rows = _handler_reads(cursor) - before - _READS_OF_STATUS if before else 0
    cursor.execute(f"ANALYZE FORMAT=JSON {sql}", values)
    ((text,),) = cursor.fetchall()
    steps: list[Step] = []
    # A backslash in a condition is printed as it is, which is no JSON.
    _collect(json.loads(re.sub(r'\\(?!["\\/bfnrtu])', r"\\\\", text)), steps, "")
    return Plan(sql, steps, rows)


_READS_OF_STATUS = 0


def _handler_reads(cursor: Any) -> int:
    cursor.execute(
        "SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%' OR Variable_name = 'Handler_icp_attempts'"
    )
    return sum(int(value) for name, value in cursor.fetchall() if name != "Handler_read_rnd_deleted")


def _collect(found: Any, steps: list[Step], name: str) -> None:
    """The steps below a part of what MariaDB tells."""
    if isinstance(found, list):
        for part in found:
            _collect(part, steps, name)
        return
    if not isinstance(found, dict):
        return
    if name in ("filesort", "read_sorted_file") and found.get("r_loops", 1):
        rows = found.get("r_output_rows")
        steps.append(Step(sorts=True, sorted_rows=None if rows is None else round(rows)))
    if name == "table" and not found.get("table_name", "<").startswith("<") and found.get("r_loops", 1):
        entered = found.get("used_key_parts", ()) if found.get("access_type") not in ("ALL", "index") else ()
        steps.append(Step(found["table_name"], found.get("key", ""), tuple(entered)))
    for key, part in found.items():
        _collect(part, steps, key)


_READERS: dict[str, _Reader] = {
    "sqlite": _sqlite_plan,
    "postgresql": _postgresql_plan,
    "mariadb": _mariadb_plan,
}
