"""Reading officials, each as far as the caller may know them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import Belonging, sees_directory
from services.enrolment.directory.agencies.use_cases.reading import require_in_scope
from services.enrolment.directory.fields import is_storable
from services.enrolment.directory.officials import reports, repository
from services.enrolment.directory.officials.filters import Filters
from services.enrolment.directory.officials.official import Official, view
from services.enrolment.directory.officials.posts import Post
from services.enrolment.directory.officials.schemas import OfficialView
from services.enrolment.directory.officials.visibility import confined, in_scope
from shared.contracts.problem import FieldError, InvalidRequest, NotFound
from shared.persistence.unit_of_work import UnitOfWork


async def find(work: UnitOfWork, code: str) -> Official:
    """As far as the caller may know them. Raises :class:`NotFound` for an official who is unknown or out of the
    caller's scope today."""
    _require_reader(work)
    official = await known(work, code)
    if official is None:
        raise NotFound
    return official


async def known(work: UnitOfWork, code: str, *, lock: bool = False) -> Official | None:
    """As the caller may know them. Null outside the caller's scope, whether or not there is one."""
    official = (await repository.officials(work.connection, [code], lock=lock)).get(code)
    if official is None:
        return None
    belongings = await belongings_of(work, [official])
    if not in_scope(work.principal, official, belongings, work.clock.today()):
        return None
    return confined(work.principal, official, belongings)


async def belongings_of(work: UnitOfWork, officials: Iterable[Official]) -> dict[str, Belonging]:
    """Where the bodies of all their assignments belong today."""
    bodies = {post.given.agency_code for each in officials for post in each.posts}
    return await agencies.belongings(work.connection, bodies, work.clock.today())


async def officials_of(work: UnitOfWork, codes: Collection[str]) -> dict[str, Official]:
    """Officials by code, whole: for what the service itself follows up, not for a reader."""
    return await repository.officials(work.connection, codes)


async def assignments_of(work: UnitOfWork, codes: Collection[str]) -> dict[str, list[Post]]:
    """All assignments by official, for what the service itself follows up."""
    return await repository.assignments(work.connection, codes)


async def codes_in_scope(work: UnitOfWork, codes: Collection[str]) -> set[str]:
    """Those of the officials whom the caller sees today."""
    found = await repository.officials(work.connection, codes)
    belongings = await belongings_of(work, found.values())
    today = work.clock.today()
    return {
        code for code, each in found.items() if in_scope(work.principal, each, belongings, today)
    }


async def require_list(work: UnitOfWork, filters: Filters) -> None:
    """Refuses whoever may not ask for this list."""
    caller = work.principal
    _require_reader(work)
    if caller.role == "official":
        await find(work, caller.official_code or "")
    if filters.name is not None and not is_storable(filters.name):
        vi, en = "ký tự không hợp lệ", "an invalid character"
        raise InvalidRequest(vi, en, errors=[FieldError("/name", "control_character", vi, en)])
    if filters.agency is not None:
        await require_in_scope(work, filters.agency)


async def listed(
    work: UnitOfWork, filters: Filters, after: str | None, limit: int
) -> tuple[list[OfficialView], str | None]:
    """Those after a code, and the last one's if more follow. The trail says whom the caller read."""
    caller, today = work.principal, work.clock.today()
    if caller.role == "official":
        own = await find(work, caller.official_code or "")
        return ([view(own, caller, today)] if after is None else []), None
    codes = await reports.page(
        work.connection, caller, filters, today=today, after=after, limit=limit + 1
    )
    more = codes[limit - 1] if len(codes) > limit else None
    codes = codes[:limit]
    found = await repository.officials(work.connection, codes)
    if codes:
        work.audit("officials.listed", f"{len(codes)} officials", {"officials": codes})
    belongings = await belongings_of(work, found.values()) if caller.bloc else {}
    day = filters.as_of or today
    items = [
        view(confined(caller, found[code], belongings), caller, day)
        for code in codes
        if code in found
    ]
    return items, more


async def not_listed(
    work: UnitOfWork, agency: str, as_of: dt.date, listed: Collection[str]
) -> list[str]:
    """Officials of the subtree whom a roster that claims to be complete does not name."""
    return await reports.not_listed(
        work.connection,
        agency,
        as_of,
        listed,
        bloc=work.principal.bloc,
        today=work.clock.today(),
    )


def _require_reader(work: UnitOfWork) -> None:
    if not sees_directory(work.principal) and work.principal.role != "official":
        raise NotFound
