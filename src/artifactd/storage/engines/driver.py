"""What a database server's driver has to offer, and what its errors mean to a client."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Any, Protocol

from artifactd.errors import Internal, ServiceError, Unavailable
from artifactd.storage.statements import StatementCache, Sums, Transaction


class Purpose(StrEnum):
    """What a connection is for, and so how it is set up."""

    WRITE = "write"
    READ = "read"
    SCAN = "scan"


class Fault(Enum):
    """What a driver's error means."""

    CONFLICT = "another transaction was first; the same again may succeed"
    LOST = "the connection is of no more use"
    TIMEOUT = "a time limit stopped the statement"
    FULL = "the disk is full"
    CROWDED = "the server takes no more connections"
    OTHER = "a fault in this program"


class NotAloneError(Exception):
    """A statement that was run as the only one of its transaction is not: the function has to be run again."""


class OutcomeUnknownError(Exception):
    """A transaction may have been kept, or not: the line broke, or the server failed, while it was committed."""


class ServerTransaction(Transaction, Protocol):
    """A transaction whose statements may be on their way still when a function has run them."""

    sums: Sums
    """What has to be run before it is committed."""

    def settle(self) -> None:
        """Waits until all that was run has succeeded. Raises one of the driver's `errors`."""
        ...


class Driver(Protocol):
    """One engine's driver: connections, what stands around a transaction, and what errors mean."""

    errors: tuple[type[Exception], ...]

    def connect(self, purpose: Purpose) -> Any:
        """A connection, set up for what it is for. Raises one of `errors`."""
        ...

    def transaction(self, connection: Any, shapes: StatementCache, stripe: int, purpose: Purpose) -> ServerTransaction:
        """What functions run their statements on; a scan's refuses once it is over its time limit."""
        ...

    def begin(self, connection: Any, purpose: Purpose, *, alone: bool) -> None:
        """Begins a transaction: reads see one moment of the store, writes what is committed. Nothing is sent yet.

        Args:
            alone: whether the transaction may end with its first statement, if that is one that is mostly alone; what
                is run behind it then raises NotAloneError.

        Raises:
            Exception: one of `errors`: the connection is seen to be of no use.
        """
        ...

    def commit(self, connection: Any, purpose: Purpose) -> None:
        """Makes what was written durable; that a read has ended is only sent.

        Raises:
            OutcomeUnknownError: it may have been kept, or not.
            Exception: one of `errors`: nothing was kept.
        """
        ...

    def rollback(self, connection: Any) -> None:
        """Ends a transaction, if there is one, without keeping anything."""
        ...

    def close(self, connection: Any) -> None:
        """Lets go of a connection, whatever state it is in."""
        ...

    def interrupt(self, connection: Any) -> None:
        """Makes whoever waits for an answer on a connection wait no longer. May be called from another thread."""
        ...

    def fault(self, error: Exception) -> Fault:
        """What one of `errors` means."""
        ...


class OverTimeError(Exception):
    """A transaction is over its time limit between two statements."""


def as_service_error(fault: Fault, doing: str) -> ServiceError:
    """What a fault means for a client; the driver's text stays in the log as the error's cause."""
    if fault is Fault.TIMEOUT:
        return Unavailable(
            f"{doing} took longer than allowed and was stopped: narrow the filter, or ask for a namespace or for ids"
        )
    if fault is Fault.FULL:
        return Unavailable("the store's disk is full; nothing was changed", retry_after_s=30)
    if fault is Fault.CROWDED:
        return Unavailable("the database takes no more connections; nothing was changed", retry_after_s=1)
    if fault is Fault.LOST:
        return Unavailable("the database cannot be reached; nothing was changed", retry_after_s=1)
    if fault is Fault.CONFLICT:
        return Unavailable("too many writes change the same at once; nothing was changed", retry_after_s=1)
    return Internal(f"a fault in the server while {doing}; nothing was changed")


def outcome_unknown() -> ServiceError:
    """The answer where a transaction may have been kept."""
    return Unavailable(
        "the database was lost while the write was being kept, so it may have been: look, or send it again with the "
        "Idempotency-Key that it had",
        retry_after_s=1,
    )
