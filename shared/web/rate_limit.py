"""Limits for what the public may ask without a token."""

from __future__ import annotations

from fastapi import Request
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from shared.contracts.problem import TooManyRequests


class RateLimit:
    """Requests per client address, e.g. ``"60/minute"``, counted in this process.

    ``trusted_proxies`` is how many proxies in front append to ``X-Forwarded-For``; 0: the peer's address.
    """

    def __init__(self, rule: str, *, trusted_proxies: int = 0) -> None:
        self._rule: RateLimitItem = parse(rule)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._proxies = trusted_proxies

    async def __call__(self, request: Request) -> None:
        """A FastAPI dependency; raises 429 with ``Retry-After``."""
        address = request.client.host if request.client else "unknown"
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
        if self._proxies and len(hops) >= self._proxies:
            address = hops[-self._proxies] or address
        if not await self._limiter.hit(self._rule, address):
            raise TooManyRequests(
                "Tra cứu quá nhanh, hãy chờ rồi thử lại",
                "Too many look-ups, please wait and try again",
                headers={"Retry-After": str(self._rule.get_expiry())},
            )
