"""A limit on how many requests a caller may send, as a bucket that refills."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from math import ceil

from artifactd.access import ANYONE, Caller
from artifactd.auth import Authenticator
from artifactd.auth.proxies import TrustedProxies
from artifactd.errors import ResourceExhausted

_CALLERS_MAX = 10_000


class Rates:
    """Counts each caller's requests, in this process.

    Args:
        per_s: how many a caller may send a second in the long run; 0 is any number.
        burst: how many at once.
        now_s: seconds since any moment.
    """

    def __init__(self, per_s: float, burst: int, now_s: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._now_s = now_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, caller: str) -> None:
        """Counts a request.

        Raises:
            ResourceExhausted: it is one too many, saying when to come again.
        """
        if not self._per_s:
            return
        now_s = self._now_s()
        left, at_s = self._buckets.get(caller, (self._burst, now_s))
        left = min(self._burst, left + (now_s - at_s) * self._per_s)
        if left < 1:
            wait_s = ceil((1 - left) / self._per_s)
            raise ResourceExhausted(
                f"over {self._per_s:g} requests a second: try again in {wait_s} s", retry_after_s=wait_s
            )
        self._buckets[caller] = (left - 1, now_s)
        self._buckets.move_to_end(caller)
        if len(self._buckets) > _CALLERS_MAX:
            self._buckets.popitem(last=False)


class Limited:
    """An authenticator that lets nobody in too often: by caller, or by address where everybody is the same one."""

    def __init__(self, authenticator: Authenticator, rates: Rates, proxies: TrustedProxies) -> None:
        self._authenticator = authenticator
        self._rates = rates
        self._proxies = proxies

    def recognise(self, headers: Mapping[str, str], address: str) -> Caller | None:
        """See `Authenticator`."""
        caller = self._authenticator.recognise(headers, address)
        if caller is not None:
            self._count(caller, headers, address)
        return caller

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """See `Authenticator`."""
        caller = await self._authenticator.authenticate(headers, address)
        self._count(caller, headers, address)
        return caller

    def _count(self, caller: Caller, headers: Mapping[str, str], address: str) -> None:
        self._rates.check(self._proxies.client_of(headers, address) if caller is ANYONE else caller.name)
