"""What a caller sees of evidence, and for whom it may file: by the tree of today and the caller's bloc."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from services.certification.directory import repository as directory
from services.certification.directory.tree import codes_from
from services.certification.directory.use_cases.visibility import (
    bodies_of_own_bloc,
    sees_all,
    visible_bodies,
)
from services.certification.evidence import repository
from services.certification.evidence.authorities import (
    Acceptance,
    Authority,
    Sight,
    acceptances_of,
)
from shared.contracts.problem import Forbidden, NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal

READERS: Final = frozenset({"authority", "agency", "auditor", "admin"})
AUTHORITIES: Final = frozenset({"authority", "auditor", "admin"})
"""Who sees what waits for a body, or was accepted by one, in its scope."""


def require(principal: Principal, scope: str) -> None:
    """Evidence is the business of agencies and of those above them."""
    if principal.role not in READERS:
        raise NotFound
    if not principal.may(scope):
        raise Forbidden("Vai trò này không được làm việc này", "This role may not do this")


async def scope_of(work: UnitOfWork) -> repository.Scope | None:
    """What the caller sees of all that was filed; null: everything."""
    principal = work.principal
    if sees_all(principal):
        return None
    below = None
    if principal.agency is not None:
        below = await directory.subtree_of(work.connection, principal.agency, work.clock.today())
    filers = await bodies_of_own_bloc(work, below, await repository.known_filers(work.connection))
    if principal.role not in AUTHORITIES:
        return repository.Scope(filers)
    waited_for = await repository.bodies_waited_for(work.connection)
    return repository.Scope(
        filers,
        waiting=await bodies_of_own_bloc(work, below, waited_for),
        accepting=None if below is None else sorted(below),
        bloc=principal.bloc,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A paper before a caller: with its acceptances, and what the caller may know and undo of them."""

    row: asyncpg.Record
    acceptances: Sequence[Acceptance]
    """All of them."""
    sight: Sight

    @property
    def shown(self) -> list[Acceptance]:
        return [each for each in self.acceptances if self.sight.sees(each)]

    @property
    def decisions(self) -> int:
        return sum(1 if each.stands else 2 for each in self.acceptances)


async def seen_of(work: UnitOfWork, rows: Collection[asyncpg.Record]) -> dict[UUID, Seen]:
    """Those of the papers that the caller sees: filed by its body or one below; to an authority also what
    waits for it, and what it or one below it has accepted."""
    ids = [row["evidence_id"] for row in rows]
    decisions = await repository.decisions_of(work.connection, ids)
    acceptances = {each: acceptances_of(decisions.get(each, ())) for each in ids}
    sight = await _sight(work, [each for some in acceptances.values() for each in some])
    filers = await visible_bodies(work, {row["filed_by"] for row in rows})
    seen = {row["evidence_id"] for row in rows if row["filed_by"] in filers}
    if work.principal.role in AUTHORITIES and len(seen) < len(ids):
        waiting = await repository.referred_to(work.connection, set(ids) - seen)
        bodies = await visible_bodies(work, set(waiting.values()))
        seen |= {each for each, body in waiting.items() if body in bodies}
        seen |= {
            each
            for each, some in acceptances.items()
            if any(one.authority is not None and sight.may_withdraw(one) for one in some)
        }
    return {
        row["evidence_id"]: Seen(row, acceptances[row["evidence_id"]], sight)
        for row in rows
        if row["evidence_id"] in seen
    }


async def _sight(work: UnitOfWork, acceptances: Iterable[Acceptance]) -> Sight:
    caller = authority_of(work.principal)
    authorities = [each.authority for each in acceptances if each.authority is not None]
    codes = {each.agency for each in authorities if each.agency is not None}
    if not codes:
        return Sight(caller, (), {})
    if caller.agency is not None:
        codes.add(caller.agency)
    chains = {
        code: codes_from(code, chain)
        for code, chain in (
            await directory.chains_of(work.connection, codes, work.clock.today())
        ).items()
    }
    above = chains[caller.agency] if caller.agency is not None else ()
    return Sight(caller, above, chains)


def authority_of(principal: Principal) -> Authority:
    """In whose name the caller decides."""
    return Authority(None if principal.is_nationwide else principal.agency, principal.bloc)
