"""Timestamps: RFC 3339 on the wire, microseconds since the epoch in UTC inside (contract, JSON)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from artifactd.errors import invalid, quoted

_TIMES_MAX = 1_024
"""How many times are remembered as they go into answers: what was written together has one."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATTERN = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(?:([Zz])|([+-])(\d\d):(\d\d))?)?",
    re.ASCII,
)
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{3}|\.\d{6})?(?:Z|\+00:00)", re.ASCII)
"""What clients mostly send, in which the standard library and we see the same."""
_MICROSECOND = timedelta(microseconds=1)


def parse_time(field: str, text: str | None) -> int | None:
    """Microseconds since the epoch; None for an absent time.

    A time without an offset, and a bare date, are UTC. Digits beyond microseconds are dropped.

    Raises:
        InvalidArgument: it is no RFC 3339 time between the years 1 and 9999.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if _USUAL.fullmatch(text) else _moment_of(field, text)
    except (ValueError, OverflowError):
        raise _bad(field, text) from None
    return (moment - _EPOCH) // _MICROSECOND


def _moment_of(field: str, text: str) -> datetime:
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise _bad(field, text)
    year, month, day, hour, minute, second, fraction, _, sign, offset_hours, offset_minutes = match.groups(default="0")
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    moment += timedelta(microseconds=int(fraction.ljust(6, "0")[:6]) if match[7] else 0)
    if not match[9]:
        return moment
    if int(offset_hours) > 23 or int(offset_minutes) > 59:
        raise _bad(field, text)
    offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
    return moment - offset if sign == "+" else moment + offset


def _bad(field: str, text: str) -> Exception:
    return invalid(field, f"{quoted(text)} is not a time: give RFC 3339, such as 2026-01-31T12:30:00.123456Z")


@lru_cache(_TIMES_MAX)
def time_of(microseconds: int | None) -> datetime | None:
    """The time to put into an answer; None for an unset one."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
