"""Portable column types: what each engine keeps a text, some bytes or a double in, so that all compare alike.

Texts are compared by code point, case and trailing blanks included. SQLite does so by itself; PostgreSQL does with the
collation `C`; MySQL and MariaDB need a binary collation that does not pad, which `engines.mysql` puts on each table,
and a bound on every text that an index holds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import Double, TypeDecorator, TypeEngine

ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the engine gives each new row: SQLite does so only in a column of type INTEGER."""

_C_TEXT = Text(collation="C")
LONG_TEXT: TypeEngine[str] = Text().with_variant(_C_TEXT, "postgresql").with_variant(mysql.LONGTEXT(), "mysql")
"""A text of any length, in no index."""
BYTES: TypeEngine[bytes] = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")
"""Bytes of any length, in no index."""
DIGEST: TypeEngine[bytes] = LargeBinary(16).with_variant(mysql.VARBINARY(16), "mysql")
"""Sixteen bytes: a UUID or a digest."""


class Binary64(TypeDecorator[float]):
    """A double that comes back to the last bit: SQLite drops the sign of -0.0 in a column of type REAL."""

    impl = Double
    cache_ok = True

    @property
    def python_type(self) -> type[float]:
        """What its values are in Python."""
        return float

    def load_dialect_impl(self, dialect: Any) -> Any:
        """The type of the column on each engine."""
        return LargeBinary() if dialect.name == "sqlite" else Double()


def text(characters_max: int) -> TypeEngine[str]:
    """A text of at most so many characters, which an index may hold."""
    return Text().with_variant(_C_TEXT, "postgresql").with_variant(mysql.VARCHAR(characters_max), "mysql")
