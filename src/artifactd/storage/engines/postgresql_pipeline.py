"""Statements on their way to PostgreSQL and their answers on their way back, on libpq's pipeline (docs/decisions/0016).

What nobody waits for travels with what somebody does. The server runs everything in the order in which it was sent, and
after an error nothing more until the next Sync, so a COMMIT behind a statement that failed is never run.
"""

from __future__ import annotations

import re
import select
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from artifactd.storage.engines.driver import NotAloneError
from artifactd.storage.statements import Row, Values

_PREPARED_MAX = 512
_TEXTS_MAX = 2_048
_SUCCEEDED = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY)
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")
_INSERT = re.compile(r"(INSERT INTO [^()]+\([^()]+\) VALUES )(\((?:(?! ON CONFLICT | RETURNING ).)+\))", re.DOTALL)
_ROWS_TOGETHER = 16
"""How many rows one insert takes. With any other number it would be another statement to prepare."""


class _Text(NamedTuple):
    """A statement as the protocol has it, and the names of its parameters in the order of their numbers."""

    sql: bytes
    names: tuple[str, ...]
    formats: list[PyFormat]


class _Prepared:
    """A statement that a connection has prepared, or is about to: `name` is the server's for it."""

    __slots__ = ("has_loaders", "key", "name", "transformer")

    def __init__(self, key: tuple[str, tuple[int, ...]], name: bytes, connection: psycopg.Connection[Any]) -> None:
        self.key = key
        self.name = name
        # Of its own, so that what makes values of a row's columns is looked up once.
        self.transformer = Transformer(connection)
        self.has_loaders = False

    def rows(self, result: PGresult) -> list[Row]:
        """The rows of an answer."""
        transformer = self.transformer
        transformer.set_pgresult(result, set_loaders=not self.has_loaders)
        self.has_loaders = True
        rows: list[Row] = transformer.load_rows(0, result.ntuples, tuple)
        transformer.set_pgresult(None, set_loaders=False)
        return rows


class _Preparing(NamedTuple):
    """Stands for the answer to a statement's preparation."""

    prepared: _Prepared


_RUN = "run"
"""Stands for the answer to a statement whose rows nobody wants."""
_SYNC = "sync"
"""Stands for the end of what is skipped after an error."""
_END = "end"
"""Stands for the answer to a COMMIT."""
_Expected = _Prepared | _Preparing | str


class Pipeline:
    """One connection's statements and answers.

    Between two Syncs the server runs everything in one transaction, whether or not that was begun by a statement. So
    reads need neither BEGIN nor COMMIT: the connection's transactions are as its settings have them.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._dumper = Transformer(connection)
        self._line = select.poll()
        self._line.register(self._pgconn.socket, select.POLLIN)
        self._expected: deque[_Expected] = deque()
        self._prepared: OrderedDict[tuple[str, tuple[int, ...]], _Prepared] = OrderedDict()
        self._numbers = count()
        self._begin: str | None = None
        self._ended = False
        self.may_be_alone = False
        """Whether the next statement may be the only one of its transaction."""
        self.sent = False
        """Whether a statement of the present transaction was sent."""
        self.answered = False
        """Whether a statement of the present transaction was answered, so that the line is known to be whole."""
        self.explicit = False
        """Whether the present transaction was begun by a statement, and so has to be ended by one."""
        self._pgconn.enter_pipeline_mode()

    def begin(self, statement: str | None, *, alone: bool = False) -> None:
        """Begins a transaction; the statement that does so travels with the first that is sent.

        Args:
            statement: None where the connection's settings say all.
            alone: whether the first statement may be run by `ask_alone`.

        Raises:
            psycopg.Error: what the server has said of the last transaction, or since: the connection is of no use.
        """
        self._take_all()
        while self._line.poll(0):
            # Nobody has asked for anything: this is the line's end, or what the server says before it.
            self._pgconn.consume_input()
        self._begin = statement
        self._ended = False
        self.may_be_alone = alone
        self.sent = False
        self.answered = False
        self.explicit = False

    def send(self, sql: str, values: Values) -> None:
        """Puts a statement on its way whose rows nobody wants."""
        self._send(sql, values)
        self._expected.append(_RUN)

    def send_many(self, sql: str, values: Sequence[Values]) -> None:
        """Puts a statement on its way once for each set of values; rows are inserted several at a time."""
        text = _text_of_rows(sql) if len(values) >= _ROWS_TOGETHER else None
        together = 0 if text is None else len(values) - len(values) % _ROWS_TOGETHER
        if text is not None:
            for first in range(0, together, _ROWS_TOGETHER):
                self._send_rows(sql, text, values[first : first + _ROWS_TOGETHER])
        for one in values[together:]:
            self.send(sql, one)

    def ask(self, sql: str, values: Values) -> list[Row]:
        """Sends a statement with all before it, and gives its rows. Raises psycopg.Error for the first that failed."""
        prepared = self._send(sql, values)
        self._expected.append(prepared)
        self._pgconn.send_flush_request()
        self._flush()
        result = self._take_all()
        assert result is not None
        self.answered = True
        return prepared.rows(result)

    def ask_alone(self, sql: str, values: Values) -> list[Row]:
        """As `ask`, and ends the transaction in the same breath: the server is woken once instead of twice."""
        prepared = self._send(sql, values)
        self._expected.append(prepared)
        self._sync()
        self._flush()
        while self._expected[0] is not prepared:
            self._take()
        rows = prepared.rows(self._take())
        self._ended = True
        return rows

    def settle(self) -> None:
        """Waits for the answers to all that was sent. Raises psycopg.Error for the first statement that failed."""
        if self._expected:
            self._pgconn.send_flush_request()
            self._flush()
            self._take_all()
            self.answered = True

    def end(self, statement: str) -> None:
        """Sends the end of the transaction, with all before it, and waits for nothing."""
        if self._ended:
            return
        if self.explicit:
            self._send(statement, {})
            self._expected.append(_END)
        self._sync()
        self._flush()

    def take_until_end(self) -> None:
        """Waits for the answers to all before the COMMIT that was sent. Raises as `settle`."""
        while self._expected and self._expected[0] is not _END:
            self._take()

    def take_end(self) -> None:
        """Waits for the COMMIT's own answer. Raises psycopg.Error where it failed."""
        self._take()

    def rollback(self) -> None:
        """Ends the transaction without keeping anything. Raises psycopg.Error where the line is broken."""
        if not self.sent:
            return
        self._sync()
        while self._expected and self._pgconn.status == ConnStatus.OK:
            self._flush()
            self._take(raises=False)
        if self.explicit:
            self._send("ROLLBACK", {})
            self._expected.append(_RUN)
            self._sync()
            self._flush()
            self._take_all()

    @contextmanager
    def plain(self) -> Iterator[psycopg.Connection[Any]]:
        """The connection for the driver's own ways, inside the present transaction."""
        if self._ended:
            raise NotAloneError
        if not self.explicit:
            self._begin = self._begin or "BEGIN"
        self._begin_now()
        self._sync()
        self._flush()
        self._take_all()
        self._pgconn.exit_pipeline_mode()
        try:
            yield self._connection
        finally:
            if self._pgconn.status == ConnStatus.OK:
                self._pgconn.enter_pipeline_mode()

    def _begin_now(self) -> None:
        self.sent = True
        self.may_be_alone = False
        statement, self._begin = self._begin, None
        if statement is not None:
            self.explicit = True
            self._send(statement, {})
            self._expected.append(_RUN)

    def _send(self, sql: str, values: Values) -> _Prepared:
        self._begin_if_new()
        text = _text(sql)
        params = types = formats = None
        if text.names:
            dumper = self._dumper
            params = dumper.dump_sequence([values[name] for name in text.names], text.formats)
            types, formats = dumper.types, dumper.formats
        prepared = self._prepared_for((sql, types or ()), text.sql)
        self._pgconn.send_query_prepared(prepared.name, params, formats)
        return prepared

    def _send_rows(self, sql: str, text: _Text, values: Sequence[Values]) -> None:
        self._begin_if_new()
        params = self._dumper.dump_sequence([one[name] for one in values for name in text.names], text.formats)
        # The columns say of what type these are. What the values happen to be, a null here and a small number there,
        # would be another statement to prepare for each mixture. With one row there always are types, so this key
        # is of nothing else.
        prepared = self._prepared_for((sql, ()), text.sql)
        self._pgconn.send_query_prepared(prepared.name, params)
        self._expected.append(_RUN)

    def _begin_if_new(self) -> None:
        if self._ended:
            raise NotAloneError
        if not self.sent or self._begin is not None:
            self._begin_now()

    def _prepared_for(self, key: tuple[str, tuple[int, ...]], sql: bytes) -> _Prepared:
        prepared = self._prepared.get(key)
        if prepared is None:
            return self._prepare(key, sql)
        if len(self._prepared) == _PREPARED_MAX:
            self._prepared.move_to_end(key)
        return prepared

    def _prepare(self, key: tuple[str, tuple[int, ...]], sql: bytes) -> _Prepared:
        prepared = _Prepared(key, b"s%d" % next(self._numbers), self._connection)
        if len(self._prepared) == _PREPARED_MAX:
            _, oldest = self._prepared.popitem(last=False)
            self._pgconn.send_query_params(b"DEALLOCATE " + oldest.name, None)
            self._expected.append(_RUN)
        self._prepared[key] = prepared
        self._pgconn.send_prepare(prepared.name, sql, key[1])
        self._expected.append(_Preparing(prepared))
        return prepared

    def _sync(self) -> None:
        self._pgconn.pipeline_sync()
        self._expected.append(_SYNC)

    def _flush(self) -> None:
        """Hands everything to the operating system, and takes in what arrives meanwhile: neither side gets stuck."""
        if not self._pgconn.flush():
            return
        self._line.modify(self._pgconn.socket, select.POLLIN | select.POLLOUT)
        try:
            while self._pgconn.flush():
                if any(events & ~select.POLLOUT for _, events in self._line.poll()):
                    self._pgconn.consume_input()
        finally:
            self._line.modify(self._pgconn.socket, select.POLLIN)

    def _take_all(self) -> PGresult | None:
        """Waits for all answers that are due, and gives the last. Raises psycopg.Error for the first failure."""
        result = None
        while self._expected:
            result = self._take()
        return result

    def _take(self, *, raises: bool = True) -> PGresult:
        """Waits for the next answer. Raises psycopg.Error where it is a failure, or where none will come."""
        result = self._next()
        expected = self._expected.popleft()
        if result is not None and expected is _SYNC:
            if result.status == ExecStatus.PIPELINE_SYNC:
                return result
            # Whatever went wrong before it, it is still to come.
            self._expected.appendleft(_SYNC)
        elif result is not None:
            # Behind each answer stands an empty one.
            self._next()
            if result.status in _SUCCEEDED:
                return result
        if isinstance(expected, _Preparing):
            self._prepared.pop(expected.prepared.key, None)
        if result is None or self._pgconn.status != ConnStatus.OK:
            # What libpq says of a broken line carries no SQLSTATE, and so would not be told from a fault of ours.
            raise _as_error(result, self._pgconn)
        if raises:
            raise psycopg.errors.error_from_result(result)
        return result

    def _next(self) -> PGresult | None:
        pgconn = self._pgconn
        while pgconn.is_busy():
            self._line.poll()
            pgconn.consume_input()
        return pgconn.get_result()


def _as_error(result: PGresult | None, pgconn: Any) -> psycopg.Error:
    if result is not None and result.error_field(_SQLSTATE):
        return psycopg.errors.error_from_result(result)
    return psycopg.OperationalError(pgconn.get_error_message())


_SQLSTATE = psycopg.pq.DiagnosticField.SQLSTATE


@lru_cache(_TEXTS_MAX)
def _text(sql: str) -> _Text:
    """Numbers a statement's parameters."""
    numbers: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found[1]
        return f"${numbers.setdefault(name, len(numbers) + 1)}" if name else "%"

    numbered_sql = _PARAMETER.sub(numbered, sql).encode()
    return _Text(numbered_sql, tuple(numbers), [PyFormat.AUTO] * len(numbers))


@lru_cache(_TEXTS_MAX)
def _text_of_rows(sql: str) -> _Text | None:
    """An insert of `_ROWS_TOGETHER` rows, with the names of one row's parameters; None for any other statement."""
    found = _INSERT.fullmatch(sql)
    if found is None:
        return None
    before, row = found.groups()
    names = tuple(dict.fromkeys(name for name in _PARAMETER.findall(row) if name))

    def numbered(first: int) -> str:
        return _PARAMETER.sub(lambda name: f"${first + names.index(name[1])}" if name[1] else "%", row)

    rows = ", ".join(numbered(1 + number * len(names)) for number in range(_ROWS_TOGETHER))
    return _Text(f"{before}{rows}".encode(), names, [PyFormat.TEXT] * (len(names) * _ROWS_TOGETHER))
