"""Who works with results and with the register."""

from __future__ import annotations

from typing import Final

from shared.contracts.problem import Forbidden, NotFound
from shared.security.principal import Principal

NO_INSTITUTION: Final = ""
"""The code of none."""


def require_register(principal: Principal, scope: str) -> None:
    """Certificates are the business of issuers and of those who watch over the whole nation. Whoever is
    confined to one bloc is not: the register does not know which bloc a holder serves."""
    if not principal.may(scope):
        raise Forbidden(
            "Vai trò này không làm việc với kết quả thi và sổ gốc",
            "This role has no business with results and the register",
        )
    confined = not principal.is_nationwide or principal.bloc is not None
    if principal.role != "institution" and confined:
        raise NotFound


def institution_asked_for(caller: Principal, asked: str | None) -> str | None:
    """Whose results and registers a caller may ask for (null: everybody's). An institution that asks for
    another's asks for nobody's."""
    if caller.role != "institution" or asked == caller.institution:
        return asked
    return caller.institution if asked is None else NO_INSTITUTION
