"""Which bodies are in the caller's scope, by the tree of today and the caller's bloc."""

from __future__ import annotations

from collections.abc import Iterable

from services.certification.directory import repository
from services.certification.directory.tree import bloc_of
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


def sees_all(principal: Principal) -> bool:
    return principal.is_nationwide and principal.bloc is None


async def visible_bodies(work: UnitOfWork, bodies: Iterable[str | None]) -> set[str | None]:
    """Those that are the caller's own, or stand below it. Null is in the scope of the whole nation only."""
    principal = work.principal
    asked = set(bodies)
    if sees_all(principal):
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
        and (principal.bloc is None or principal.bloc == bloc_of(chain))
    }


async def known_visible_bodies(work: UnitOfWork, bodies: Iterable[str | None]) -> set[str | None]:
    """Those in the caller's scope that enrolment has told of. The caller's own body needs no telling."""
    visible = await visible_bodies(work, bodies)
    own = work.principal.agency
    named = {code for code in visible if code is not None and code != own}
    chains = await repository.chains_of(work.connection, named, work.clock.today())
    return {code for code in visible if code not in named} | {
        code for code in named if chains[code]
    }


async def bodies_of_own_bloc(
    work: UnitOfWork, subtree: set[str] | None, bodies: Iterable[str]
) -> list[str]:
    """Those of the bodies that are in the subtree (null: any) and of the caller's bloc, sorted."""
    found = [code for code in bodies if subtree is None or code in subtree]
    bloc = work.principal.bloc
    if bloc is None:
        return sorted(found)
    chains = await repository.chains_of(work.connection, found, work.clock.today())
    return [code for code in sorted(found) if bloc_of(chains[code]) == bloc]
