"""Proxies in front that are trusted to say whom they speak for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache

from artifactd.errors import InvalidArgument, quoted

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """The addresses of proxies whose word is taken.

    Args:
        addresses: single ones, or networks such as 10.0.3.0/28. Each of them can say that it speaks for anybody.

    Raises:
        InvalidArgument: one is neither.
    """

    def __init__(self, addresses: Iterable[str]) -> None:
        self._networks = [_network(text) for text in addresses]
        self._is_one = lru_cache(1_024)(self._look)

    def trusts(self, address: str) -> bool:
        """Whether a request that comes from there comes from one of them."""
        return bool(self._networks) and self._is_one(address)

    def client_of(self, headers: Mapping[str, str], address: str) -> str:
        """Where a request that comes from `address` began: the last address on its way that is no trusted proxy.

        What stands further left in X-Forwarded-For anyone may have put there.
        """
        if not self.trusts(address):
            return address
        for hop in reversed(headers.get("x-forwarded-for", "").split(",")):
            text = hop.strip()
            if not _is_address(text):
                return address
            address = text
            if not self.trusts(address):
                break
        return address

    def _look(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self._networks)


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise InvalidArgument(
            f"--trusted-proxies {quoted(text)} is neither an address such as 10.0.3.7 nor a network such as 10.0.3.0/28"
        ) from None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
