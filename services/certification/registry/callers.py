"""Who works with results and with the register."""

from __future__ import annotations

from shared.contracts.problem import Forbidden, NotFound
from shared.security.principal import Principal


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
