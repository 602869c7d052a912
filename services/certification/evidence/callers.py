"""Who works with evidence."""

from __future__ import annotations

from typing import Final

from shared.contracts.problem import Forbidden, NotFound
from shared.security.principal import Principal

READERS: Final = frozenset({"authority", "agency", "auditor", "admin"})
AUTHORITIES: Final = frozenset({"authority", "auditor", "admin"})
"""Who sees what waits for a body, or was accepted by one, in its scope."""


def require_reader(principal: Principal) -> None:
    """Evidence is the business of agencies and of those above them; it does not exist for others."""
    if principal.role not in READERS:
        raise NotFound


def require(principal: Principal, scope: str) -> None:
    require_reader(principal)
    if not principal.may(scope):
        raise Forbidden("Vai trò này không được làm việc này", "This role may not do this")
