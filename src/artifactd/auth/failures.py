"""A limit on failed attempts by address: whoever guesses is sent away before anything is looked up."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from artifactd.errors import ResourceExhausted

_WINDOW_S = 60.0
_ADDRESSES_MAX = 10_000
_PROVEN_MAX = 10_000


@dataclass(slots=True)
class _Record:
    """What is known of an address: when it failed, and how many of its attempts are being judged now."""

    failed_s: list[float] = field(default_factory=list)
    judged: int = 0


class FailedAttempts:
    """Counts the failures of each address within a minute, in this process.

    An attempt counts from its begin, so that many at once are no more than one after the other. A credential that was
    good before is looked at all the same: nobody who shares an address with one who guesses is shut out with them.

    Args:
        most: how many an address may have in a minute; 0 is no limit.
        now_s: seconds since any moment.
    """

    def __init__(self, most: int, now_s: Callable[[], float]) -> None:
        self._most = most
        self._now_s = now_s
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._proven: OrderedDict[bytes, None] = OrderedDict()

    def begin(self, address: str, digest: bytes) -> None:
        """Begins an attempt, which `end` has to end.

        Args:
            digest: of the credential.

        Raises:
            ResourceExhausted: the address has failed too often, saying when to come again.
        """
        network = _network(address)
        record = self._records.setdefault(network, _Record())
        self._records.move_to_end(network)
        if self._most and digest not in self._proven:
            now_s = self._now_s()
            while record.failed_s and record.failed_s[0] <= now_s - _WINDOW_S:
                record.failed_s.pop(0)
            if len(record.failed_s) + record.judged >= self._most:
                # Those that are still being judged will have been in a moment.
                full = len(record.failed_s) >= self._most
                wait_s = max(1, ceil(record.failed_s[0] + _WINDOW_S - now_s)) if full else 1
                message = f"too many bad credentials came from this address: try again in {wait_s} s"
                raise ResourceExhausted(message, retry_after_s=wait_s)
        record.judged += 1
        if len(self._records) > _ADDRESSES_MAX:
            self._records.popitem(last=False)

    def end(self, address: str, digest: bytes, *, good: bool | None) -> None:
        """Ends an attempt; `good` is None where nobody could tell."""
        record = self._records.setdefault(_network(address), _Record())
        record.judged = max(0, record.judged - 1)
        if good:
            self._proven[digest] = None
            self._proven.move_to_end(digest)
            if len(self._proven) > _PROVEN_MAX:
                self._proven.popitem(last=False)
        elif good is False:
            self._proven.pop(digest, None)
            record.failed_s.append(self._now_s())
            del record.failed_s[: -self._most or None]


def _network(address: str) -> str:
    """What is counted as one address: of IPv6 the 64 bits that one subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # A version of IP.
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
