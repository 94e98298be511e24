"""What SQLite's planner is told of the tables: how many rows typically share a value.

Without it the planner takes every index to be equally good: a filter by type and name walked all artifacts of the
type, or the whole namespace in order. These figures are written once, with the tables, rather than gathered by
ANALYZE, so that every store has the same plans and no plan changes under a running server (docs/decisions/0005).
"""

from __future__ import annotations

import apsw

_ROWS = 1_000_000
_ROWS_ALIKE = {
    "namespace_id": _ROWS // 10,
    "type": _ROWS // 80,
    "schema": _ROWS // 20,
    "state": _ROWS // 80,
    "value_class": _ROWS // 10,
    "is_output": _ROWS // 2,
    "experiment_id": 10_000,
    "name": 1_000,
    "display_name": 1_000,
    "run_id": 200,
    "parent_task_id": 50,
    "task_id": 20,
    "value": 10,
    "number_value": 10,
    "artifact_id": 4,
    "contents_digest": 2,
}
"""In each table about this many rows have the same value of a column; of one that is not named here, one row."""


def write_statistics(connection: apsw.Connection) -> None:
    """Writes the statistics of every index. Connections that are opened later plan by them."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ANALYZE sqlite_schema")
    connection.execute("DELETE FROM sqlite_stat1")
    indexes = connection.execute(
        """SELECT t.name, i.name, i."unique" FROM sqlite_schema t, pragma_index_list(t.name) i
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY 1, 2"""
    ).fetchall()
    for table, index, unique in indexes:
        columns = connection.execute("SELECT name FROM pragma_index_info(?)", (index,)).fetchall()
        text = " ".join(map(str, _statistics([str(name) for (name,) in columns], unique=bool(unique))))
        connection.execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", (table, index, text))
    connection.execute("COMMIT")


def _statistics(columns: list[str], *, unique: bool) -> list[int]:
    """The rows of a table, then how many of them share the first column of an index, the first two, and so on."""
    alike = [_ROWS]
    for column in columns:
        alike.append(min(alike[-1], _ROWS_ALIKE.get(column, 1)))
    if unique:
        alike[-1] = 1
    return alike
