"""Reading agencies, each as far as the caller may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from services.enrolment.directory.agencies import repository
from services.enrolment.directory.agencies.schemas import AgencyHistory, AgencyView
from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_body,
    sees_directory,
)
from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import Segment, segment_on
from services.enrolment.directory.agencies.views import history_view, listed_view
from shared.contracts.problem import NotFound
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Found:
    """An agency as a caller sees it."""

    code: str
    version: int
    rows: list[AgencyRow]
    paths: list[Segment]

    def view(self, day: dt.date) -> AgencyHistory:
        return history_view(self.code, self.version, self.rows, self.paths, day)


async def find(work: UnitOfWork, code: str) -> Found:
    """Raises :class:`NotFound` for an agency that is unknown or out of the caller's scope today."""
    if not sees_directory(work.principal):
        raise NotFound
    rows = (await repository.histories(work.connection, [code])).get(code, [])
    paths = (await repository.paths_of(work.connection, [code])).get(code, [])
    here = segment_on(paths, work.clock.today())
    if here is None or not sees_body(work.principal, Belonging(here.path, here.bloc)):
        raise NotFound
    versions = await repository.versions_of(work.connection, [code])
    return Found(code, versions[code], rows, paths)


async def require_in_scope(work: UnitOfWork, code: str) -> Belonging:
    """Raises :class:`NotFound` unless the body is known and in the caller's scope today."""
    found = await repository.belongings(work.connection, [code], work.clock.today())
    belonging = found.get(code)
    if belonging is None or not sees_body(work.principal, belonging):
        raise NotFound
    return belonging


async def version_in_scope(work: UnitOfWork, code: str, *, lock: bool = False) -> int | None:
    """Null, whether or not there is one, outside the caller's scope. ``lock``: the tree stays as it is until the
    transaction ends."""
    if lock:
        await repository.lock_tree(work.connection)
    unseen, _ = await unseen_codes(work, [code])
    versions = await repository.versions_of(work.connection, [code])
    return None if code in unseen else versions[code]


async def unseen_codes(work: UnitOfWork, codes: Collection[str]) -> tuple[set[str], set[str]]:
    """Those of the codes that are no body in the caller's scope, and which of these are bodies elsewhere."""
    belongings = await repository.belongings(work.connection, codes, work.clock.today())
    unseen = {code for code in codes if not sees_body(work.principal, belongings.get(code))}
    return unseen, unseen & belongings.keys()


async def belongings(work: UnitOfWork, codes: Collection[str]) -> dict[str, Belonging]:
    """Where each known body belongs today."""
    return await repository.belongings(work.connection, codes, work.clock.today())


async def belongings_on(
    work: UnitOfWork, places: Collection[tuple[str, dt.date]]
) -> dict[tuple[str, dt.date], Belonging]:
    """Where each body belongs in the tree of its day. Nothing for one that is not in it then."""
    return await repository.belongings_on(work.connection, places)


async def begun_between(work: UnitOfWork, after: dt.date, through: dt.date) -> list[str]:
    """Bodies that stand elsewhere, or in another bloc, from one of these days on."""
    return await repository.begun_between(work.connection, after, through)


@dataclass(frozen=True, slots=True)
class AskedTree:
    """A list that may be read: the tree of one day, or what stands below one body on it."""

    as_of: dt.date
    under: str | None


async def asked_tree(work: UnitOfWork, as_of: dt.date | None, under: str | None) -> AskedTree:
    """Refuses whoever may not ask for this list."""
    if not sees_directory(work.principal):
        raise NotFound
    if under is not None:
        await require_in_scope(work, under)
    return AskedTree(as_of or work.clock.today(), under)


async def listed(
    work: UnitOfWork, asked: AskedTree, after: tuple[str] | None, limit: int
) -> tuple[list[AgencyView], tuple[str] | None]:
    """The agencies after a code, and the last one's if more follow."""
    caller = work.principal
    found = await repository.page(
        work.connection,
        as_of=asked.as_of,
        under=asked.under,
        scope=None if caller.is_nationwide else caller.agency,
        today=work.clock.today(),
        after=after[0] if after else None,
        limit=limit + 1,
    )
    items = [listed_view(each, asked.as_of) for each in found[:limit]]
    return items, (items[-1].code,) if len(found) > limit else None
