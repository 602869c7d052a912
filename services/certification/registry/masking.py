"""How much of an identity number a caller is shown."""

from __future__ import annotations

from shared.security.principal import Principal


def masked(number: str, principal: Principal) -> str:
    """Identity numbers show their last three characters; whole only with ``pii:read``."""
    if principal.may("pii:read"):
        return number
    shown = number[-3:] if len(number) > 5 else ""
    return "•" * (len(number) - len(shown)) + shown
