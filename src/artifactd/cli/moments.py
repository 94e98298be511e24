"""Times as people write them: a moment, a whole day, or an age such as `2h`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

EXAMPLES: Final = "2026-01-31T12:30:00Z, 2026-01-31 for a whole day, or an age such as 30m, 2h or 7d"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UNIT_S = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


class Moment(NamedTuple):
    """A time, and for a whole day when that ends; both RFC 3339 in UTC."""

    begin: str
    end: str | None


def parse_moment(text: str, now: datetime) -> Moment:
    """The time that a text names. An age is taken back from now; a time without an offset is UTC.

    Raises:
        ValueError: saying what would be right.
    """
    try:
        if age := _AGE.fullmatch(text.strip()):
            return Moment(_rfc3339(now - timedelta(seconds=float(age[1]) * _UNIT_S[age[2]])), None)
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        is_day = _DAY.fullmatch(text.strip()) is not None
        return Moment(_rfc3339(moment), _rfc3339(moment + timedelta(days=1)) if is_day else None)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a time: give {EXAMPLES}") from None


def short_time(text: str, width: int | None = None) -> str:
    """An RFC 3339 time in UTC in fewer characters, the fewer the less room there is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text, re.ASCII):
        return text
    if width is None or width >= 20:
        return f"{text[:10]} {text[11:19]}Z"
    return f"{text[:10]} {text[11:16]}Z" if width >= 17 else f"{text[5:10]} {text[11:16]}Z"


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def us_of(text: str) -> int:
    """The microseconds since the epoch of an RFC 3339 time in UTC."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def moment_of_us(us: int) -> str:
    """Microseconds since the epoch as an RFC 3339 time in UTC."""
    return _rfc3339(_EPOCH + timedelta(microseconds=us))


def expiry_us(text: str, now: datetime) -> int:
    """When something ends: so long from now (`90d`), or at a time, at the end of a whole day. In microseconds.

    Raises:
        ValueError: it is neither, or it is past, saying what would be right.
    """
    if age := _AGE.fullmatch(text.strip()):
        try:
            return us_of(_rfc3339(now + timedelta(seconds=float(age[1]) * _UNIT_S[age[2]])))
        except OverflowError:
            raise ValueError(f"{text!r} is too long") from None
    moment = parse_moment(text, now)
    us = us_of(moment.end or moment.begin)
    if us <= us_of(_rfc3339(now)):
        raise ValueError(f"{text!r} is past")
    return us
