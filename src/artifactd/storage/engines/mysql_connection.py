"""A connection to MariaDB or MySQL on which what nobody waits for travels with what somebody does (decision 0016).

Several statements go in one packet. The server runs them in their order and stops at the first that fails, so a COMMIT
behind it is never run. Answers are read here rather than by the driver, which takes each column's description apart
anew for each answer: for a row or two, most of its time.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pymysql
from pymysql.connections import MAX_PACKET_LEN
from pymysql.constants import COMMAND, CR, FIELD_TYPE, SERVER_STATUS
from pymysql.err import raise_mysql_exception
from pymysql.protocol import FieldDescriptorPacket

from artifactd.storage.engines.driver import NotAloneError
from artifactd.storage.statements import Row, Values

_BYTES_AT_ONCE = 1 << 20
"""How much is put on its way at once. A server takes 16 MiB, unless it is told otherwise."""
_SHAPES_MAX = 1_024
_BINARY = 63
"""The character set of what is no text."""
_INTEGERS = {
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.YEAR,
}
_NUMBERS = {FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE}
_DECIMALS = {FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL}
_TEXTS = {
    FIELD_TYPE.VARCHAR,
    FIELD_TYPE.VAR_STRING,
    FIELD_TYPE.STRING,
    FIELD_TYPE.TINY_BLOB,
    FIELD_TYPE.BLOB,
    FIELD_TYPE.MEDIUM_BLOB,
    FIELD_TYPE.LONG_BLOB,
}
_Load = Callable[[bytes], Any]
_loads: dict[tuple[bytes, ...], tuple[_Load, ...]] = {}
"""What makes values of the columns of a row, by the columns' descriptions."""


class MysqlConnection(pymysql.Connection):
    """A connection that knows whether its server is a node of a Galera cluster, and else sends statements together.

    A node may give a transaction up between two statements, because another node's was first. Where both came in one
    packet, what stood behind could be run and kept without what stood before; so there each goes by itself.

    `heard_at_s` is when the server last answered a commit, by the monotonic clock.
    """

    in_cluster = False
    heard_at_s = 0.0
    _context: Any = None
    # The driver's own, which its stubs leave out.
    _sock: Any
    _secure: bool
    _next_seq_id: int
    _execute_command: Callable[[int, str], None]
    _read_bytes: Callable[[int], bytes]
    _force_close: Callable[[], None]

    def __init__(self, **options: Any) -> None:
        self._queue: list[str] = []
        self._queued_bytes = 0
        self._due = 0
        self._begin = ""
        self._ended = False
        self.may_be_alone = False
        """Whether the next statement may be the only one of its transaction."""
        self._inserted = 0
        self.sent = False
        """Whether a statement of the present transaction was sent or waits for that."""
        self.answered = False
        """Whether a statement of the present transaction was answered, so that the line is known to be whole."""
        self.succeeded = 0
        """How many of the statements that were sent last have succeeded."""
        self.delivered = True
        """Whether the last packet was sent as a whole: else nothing in it is ever run."""
        self.refused = False
        """Whether the last error is the server's answer to a statement, rather than that it gave none."""
        super().__init__(**options)
        self._line = select.poll()
        self._line.register(self._sock, select.POLLIN)

    def _create_ssl_ctx(self, sslp: Any) -> Any:
        # Where nothing is said of TLS it is used if the server has it; reading this machine's certificates for each
        # connection would take longer than the rest of it.
        made = super()._create_ssl_ctx  # type: ignore[misc]  # Not in the stubs.
        if sslp:
            return made(sslp)
        if MysqlConnection._context is None:
            MysqlConnection._context = made(sslp)
        return MysqlConnection._context

    @property
    def waiting(self) -> int:
        """How many statements will travel with the next that gives rows."""
        return len(self._queue)

    def begin_lazily(self, statement: str, *, alone: bool) -> None:
        """Begins a transaction, which the server does by itself with the first statement.

        Args:
            statement: begins one in a cluster.
            alone: whether the first statement may be run by `ask_alone`.

        Raises:
            pymysql.Error: what the server has said of the last transaction, or since: the connection is of no use.
        """
        self._take_due()
        # What is readable through TLS may be there for TLS alone.
        if not self._secure and self._line.poll(0):
            # Nobody has asked for anything: this is the line's end, or what the server says before it.
            self._force_close()
            raise pymysql.OperationalError(CR.CR_SERVER_LOST, "the line was closed while it was quiet")
        self.sent = False
        self.answered = False
        self._ended = False
        self.may_be_alone = alone and not self.in_cluster
        self._begin = statement if self.in_cluster else ""

    def start(self) -> None:
        """Has the transaction begun and all that was sent succeeded, for the driver's own ways. Raises as `settle`."""
        if self._ended:
            raise NotAloneError
        self._note_use()
        self.settle()

    def _note_use(self) -> None:
        if self._begin:
            self._queue.append(self._begin)
            self._begin = ""
        self.sent = True
        self.may_be_alone = False

    def bound(self, sql: str, values: Values) -> str:
        """A statement with its values in it."""
        escape = self.escape
        return sql % {
            name: str(value) if type(value) is int else "NULL" if value is None else escape(value)
            for name, value in values.items()
        }

    def send(self, sql: str) -> None:
        """Puts a statement on its way whose rows nobody wants."""
        if self._ended:
            raise NotAloneError
        if self._queued_bytes + len(sql) > _BYTES_AT_ONCE:
            self.settle()
        self._note_use()
        self._queue.append(sql)
        self._queued_bytes += len(sql)

    def send_rows(self, before: str, rows: list[str]) -> None:
        """Puts an insert of rows on its way, in as few statements as their length allows."""
        first, length = 0, 0
        for number, row in enumerate(rows):
            if length + len(row) > _BYTES_AT_ONCE and number > first:
                self.send(before + ",".join(rows[first:number]))
                first, length = number, 0
            length += len(row)
        if rows:
            self.send(before + ",".join(rows[first:]))

    def ask(self, sql: str) -> list[Row]:
        """Sends a statement with all before it, and gives its rows. Raises pymysql.Error for the first that failed."""
        self.send(sql)
        return self._answers()

    def ask_alone(self, sql: str) -> list[Row]:
        """As `ask`, and ends the transaction in the same packet: the server is woken once instead of twice."""
        self.send(sql)
        self._forget_queue()
        self._execute_command(COMMAND.COM_QUERY, f"{sql};COMMIT")
        rows, _ = self._answer()
        self._due = 1
        self._ended = True
        return rows

    def settle(self) -> None:
        """Waits for the answers to all that was sent. Raises pymysql.Error for the first statement that failed."""
        if self._queue:
            self._answers()

    def end_reading(self) -> None:
        """Sends the end of a transaction that has only read, and waits for nothing."""
        if self._ended:
            return
        self.settle()
        self._execute_command(COMMAND.COM_QUERY, "COMMIT")
        self._due = 1

    def undo(self) -> None:
        """Ends the transaction without keeping anything. Raises pymysql.Error where the line is broken."""
        self._forget_queue()
        self._take_due()
        self._execute_command(COMMAND.COM_QUERY, "ROLLBACK")
        self._answer()

    def insert_id(self) -> int:
        """The number of the row that was inserted last."""
        return self._inserted

    def _take_due(self) -> None:
        while self._due:
            self._due -= 1
            self._answer()

    def _forget_queue(self) -> None:
        self._queue = []
        self._queued_bytes = 0

    def _answers(self) -> list[Row]:
        """Sends what waits, and gives the last statement's rows."""
        packets = self._queue if self.in_cluster else [";".join(self._queue)]
        self._forget_queue()
        self.succeeded = 0
        rows: list[Row] = []
        for packet in packets:
            self.refused = self.delivered = False
            self._execute_command(COMMAND.COM_QUERY, packet)
            self.delivered = True
            more = True
            while more:
                rows, more = self._answer()
                self.succeeded += 1
        self.answered = True
        return rows

    def _answer(self) -> tuple[list[Row], bool]:
        """The rows of one statement, and whether the answer to another one follows."""
        self.refused = False
        first = self._payload()
        if first[0] == 0:
            _, place = _length(first, 1)
            inserted, place = _length(first, place)
            self._inserted = inserted
            return [], self._has_more(first, place)
        loads = self._loads(_length(first, 0)[0])
        rows: list[Row] = []
        while True:
            packet = self._payload()
            if packet[0] == 0xFE and len(packet) < 9:
                return rows, self._has_more(packet, 3)
            rows.append(_row(packet, loads))

    def _has_more(self, packet: bytes, place: int) -> bool:
        self.server_status = packet[place] | packet[place + 1] << 8
        return bool(self.server_status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS)

    def _loads(self, columns: int) -> tuple[_Load, ...]:
        shape = tuple([self._payload() for _ in range(columns)])
        # An empty packet stands behind them.
        self._payload()
        loads = _loads.get(shape)
        if loads is None:
            if len(_loads) >= _SHAPES_MAX:
                _loads.clear()
            loads = _loads[shape] = tuple(_load(FieldDescriptorPacket(each, self.encoding)) for each in shape)
        return loads

    def _payload(self) -> bytes:
        """The next packet's contents. Raises pymysql.Error where the server says that it failed, or says nothing."""
        parts: list[bytes] = []
        while True:
            header = self._read_bytes(4)
            length = header[0] | header[1] << 8 | header[2] << 16
            if header[3] != self._next_seq_id:
                self._force_close()
                raise pymysql.OperationalError(CR.CR_SERVER_LOST, "the server has begun to say something else")
            self._next_seq_id = (self._next_seq_id + 1) % 256
            parts.append(self._read_bytes(length))
            if length < MAX_PACKET_LEN:
                break
        packet = parts[0] if len(parts) == 1 else b"".join(parts)
        if packet[:1] == b"\xff":
            self.refused = True
            raise_mysql_exception(packet)
        return packet


def _length(packet: bytes, place: int) -> tuple[int, int]:
    """A number of one to nine bytes, and the place behind it."""
    first = packet[place]
    if first < 251:
        return first, place + 1
    width = {252: 2, 253: 3, 254: 8}[first]
    end = place + 1 + width
    return int.from_bytes(packet[place + 1 : end], "little"), end


def _row(packet: bytes, loads: tuple[_Load, ...]) -> Row:
    row: list[Any] = []
    place = 0
    for load in loads:
        length = packet[place]
        place += 1
        if length == 251:
            row.append(None)
            continue
        if length > 251:
            length, place = _length(packet, place - 1)
        end = place + length
        row.append(load(packet[place:end]))
        place = end
    return tuple(row)


def _load(column: Any) -> _Load:
    """What makes a value of a column's bytes."""
    kind = column.type_code
    if kind in _INTEGERS:
        return int
    if kind in _NUMBERS:
        return float
    if kind in _DECIMALS:
        return _decimal
    if kind == FIELD_TYPE.NULL or (kind in _TEXTS and column.charsetnr == _BINARY):
        return bytes
    if kind in _TEXTS:
        return bytes.decode
    raise pymysql.NotSupportedError(f"a column of type {kind}")


def _decimal(text: bytes) -> Decimal:
    return Decimal(text.decode())
