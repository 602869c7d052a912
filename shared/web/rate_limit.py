"""Limits for what the public may ask without a token."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from fastapi import Request
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from shared.contracts.problem import TooManyRequests

_WITH_PORT: Final = re.compile(r"\[([^\]]+)\](?::\d+)?|([0-9.]+):\d+")


class RateLimit:
    """Requests per client address, e.g. ``"60/minute"``, counted in this process.

    ``trusted_proxies`` is how many proxies in front append to ``X-Forwarded-For``; 0: the peer's address.
    """

    def __init__(self, rule: str, *, trusted_proxies: int = 0) -> None:
        self._rule: RateLimitItem = parse(rule)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._proxies = trusted_proxies

    def client_of(self, request: Request) -> str:
        """Whose requests are counted together."""
        peer = request.client.host if request.client else "unknown"
        return client_address(
            peer, request.headers.getlist("x-forwarded-for"), trusted_proxies=self._proxies
        )

    async def __call__(self, request: Request) -> None:
        """A FastAPI dependency; raises 429 with ``Retry-After``."""
        if not await self._limiter.hit(self._rule, self.client_of(request)):
            raise TooManyRequests(
                "Tra cứu quá nhanh, hãy chờ rồi thử lại",
                "Too many look-ups, please wait and try again",
                headers={"Retry-After": str(self._rule.get_expiry())},
            )


def client_address(peer: str, forwarded: list[str], *, trusted_proxies: int) -> str:
    """The address that the outermost of our proxies saw. ``forwarded`` are all lines of ``X-Forwarded-For``
    in their order: they are one list, to which each proxy adds at the right; what stands further left was
    written by the client and may be anything."""
    hops = [hop for line in forwarded for each in line.split(",") if (hop := each.strip())]
    if trusted_proxies and len(hops) >= trusted_proxies:
        return _network(hops[-trusted_proxies])
    return _network(peer)


def _network(address: str) -> str:
    """Without its port; of IPv6 the first half, because one subscriber has all addresses of the other."""
    port = _WITH_PORT.fullmatch(address)
    bare = (port[1] or port[2]) if port else address
    try:
        known = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return bare[:80]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
