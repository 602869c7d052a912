"""What a caller sees of evidence, by the tree of today and the caller's bloc."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

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
    CallerRights,
    acceptances_of,
)
from services.certification.evidence.callers import AUTHORITIES
from services.certification.evidence.rows import EvidenceRow, Scope
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


async def scope_of(work: UnitOfWork) -> Scope | None:
    """What the caller sees of all that was filed; null: everything."""
    principal = work.principal
    if sees_all(principal):
        return None
    below = None
    if principal.agency is not None:
        below = await directory.subtree_of(work.connection, principal.agency, work.clock.today())
    filers = await bodies_of_own_bloc(work, below, await repository.known_filers(work.connection))
    if principal.role not in AUTHORITIES:
        return Scope(filers)
    waited_for = await repository.bodies_waited_for(work.connection)
    return Scope(
        filers,
        waiting=await bodies_of_own_bloc(work, below, waited_for),
        accepting=None if below is None else sorted(below),
        bloc=principal.bloc,
    )


@dataclass(frozen=True, slots=True)
class VisiblePaper:
    """A paper that the caller sees, with its acceptances and the caller's rights about them."""

    row: EvidenceRow
    acceptances: Sequence[Acceptance]
    """All of them."""
    rights: CallerRights

    @property
    def shown(self) -> list[Acceptance]:
        return [each for each in self.acceptances if self.rights.may_see(each)]

    @property
    def decisions(self) -> int:
        return sum(1 if each.in_force else 2 for each in self.acceptances)


async def visible_papers(
    work: UnitOfWork, rows: Collection[EvidenceRow]
) -> dict[UUID, VisiblePaper]:
    """Those of the papers that the caller sees: filed by its body or one below; to an authority also what
    waits for it, and what it or one below it has accepted."""
    ids = [row.evidence_id for row in rows]
    decisions = await repository.decisions_of(work.connection, ids)
    acceptances = {each: acceptances_of(decisions.get(each, ())) for each in ids}
    rights = await _rights(work, [each for some in acceptances.values() for each in some])
    filers = await visible_bodies(work, {row.filed_by for row in rows})
    visible = {row.evidence_id for row in rows if row.filed_by in filers}
    if work.principal.role in AUTHORITIES and len(visible) < len(ids):
        waiting = await repository.referred_to(work.connection, set(ids) - visible)
        bodies = await visible_bodies(work, set(waiting.values()))
        visible |= {each for each, body in waiting.items() if body in bodies}
        visible |= {
            each
            for each, some in acceptances.items()
            if any(one.authority is not None and rights.may_withdraw(one) for one in some)
        }
    return {
        row.evidence_id: VisiblePaper(row, acceptances[row.evidence_id], rights)
        for row in rows
        if row.evidence_id in visible
    }


async def _rights(work: UnitOfWork, acceptances: Iterable[Acceptance]) -> CallerRights:
    caller = authority_of(work.principal)
    authorities = [each.authority for each in acceptances if each.authority is not None]
    codes = {each.agency for each in authorities if each.agency is not None}
    if not codes:
        return CallerRights(caller, (), {})
    if caller.agency is not None:
        codes.add(caller.agency)
    chains = {
        code: codes_from(code, chain)
        for code, chain in (
            await directory.chains_of(work.connection, codes, work.clock.today())
        ).items()
    }
    above = chains[caller.agency] if caller.agency is not None else ()
    return CallerRights(caller, above, chains)


def authority_of(principal: Principal) -> Authority:
    """In whose name the caller decides."""
    return Authority(None if principal.is_nationwide else principal.agency, principal.bloc)
