"""Whose filings a caller sees, and for whom it may file: by the tree of today and the caller's bloc."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.certification.evidence import repository
from shared.contracts.problem import FieldError, Forbidden, NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal

READERS: Final = frozenset({"authority", "agency", "auditor", "admin"})


def require(principal: Principal, scope: str) -> None:
    """Evidence is the business of agencies and of those above them."""
    if principal.role not in READERS:
        raise NotFound
    if not principal.may(scope):
        raise Forbidden("Vai trò này không được làm việc này", "This role may not do this")


def _sees_all(principal: Principal) -> bool:
    return principal.is_nationwide and principal.bloc is None


async def visible_filers(work: UnitOfWork, filers: Iterable[str | None]) -> set[str | None]:
    """Those bodies whose filings the caller sees: its own and those below it, by the tree of today."""
    principal = work.principal
    asked = set(filers)
    if _sees_all(principal):
        return asked
    chains = await repository.chains_of(
        work.connection, {code for code in asked if code is not None}, work.clock.today()
    )
    return {
        code
        for code, chain in chains.items()
        if (
            principal.agency is None
            or principal.agency == code
            or any(link.agency_code == principal.agency for link in chain)
        )
        and (principal.bloc is None or principal.bloc == repository.bloc_of(chain))
    }


async def allowed_filers(work: UnitOfWork, filers: Iterable[str | None]) -> set[str | None]:
    """Those bodies the caller may file for: a body somebody knows, in the caller's scope."""
    visible = await visible_filers(work, filers)
    own = work.principal.agency
    named = {code for code in visible if code is not None and code != own}
    chains = await repository.chains_of(work.connection, named, work.clock.today())
    return {code for code in visible if code not in named} | {
        code for code in named if chains[code]
    }


async def filers_in_scope(work: UnitOfWork) -> list[str] | None:
    """Every body whose filings the caller sees; null: of all bodies."""
    principal = work.principal
    if _sees_all(principal):
        return None
    today = work.clock.today()
    if principal.agency is None:
        codes = set(await repository.known_filers(work.connection))
    else:
        codes = await repository.subtree_of(work.connection, principal.agency, today)
    if principal.bloc is None:
        return sorted(codes)
    filing = codes & set(await repository.known_filers(work.connection))
    chains = await repository.chains_of(work.connection, filing, today)
    return [code for code in sorted(filing) if repository.bloc_of(chains[code]) == principal.bloc]


def unknown_agency() -> NotFound:
    vi, en = "Không có cơ quan này", "There is no such agency"
    return NotFound(vi, en, errors=[FieldError("/agency_code", NotFound.code, vi, en)])
