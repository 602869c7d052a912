"""Writing a job position, and telling of it."""

from __future__ import annotations

from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.agencies.use_cases.reading import require_in_scope
from services.enrolment.directory.job_positions import repository
from services.enrolment.directory.job_positions.schemas import JobPositionBody, JobPositionView
from shared.contracts.events import JobPositionChanged
from shared.contracts.problem import Forbidden, NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.conditional import match_required


async def require_owner(
    work: UnitOfWork, body: JobPositionBody, stored: JobPositionView | None
) -> None:
    """The position is the caller's to write as it was and as it is to be."""
    owners = [body.agency_code, stored.agency_code if stored else body.agency_code]
    for owner in sorted(dict.fromkeys(owners), key=lambda each: (each is None, each)):
        if owner is not None:
            await require_in_scope(work, owner)
        elif not work.principal.is_nationwide:
            raise Forbidden(
                "Vị trí dùng chung do cấp toàn quốc ghi",
                "General positions are written by a nation-wide caller",
            )


async def put(
    work: UnitOfWork, code: str, body: JobPositionBody, stored: JobPositionView | None
) -> int:
    """The position's version afterwards."""
    if stored is not None and stored.model_dump(exclude={"code", "version"}) == body.model_dump():
        return stored.version
    version = await repository.save(
        work.connection, code, body, stored.version if stored is not None else None
    )
    if version is None:
        raise match_required()
    work.emit(
        JobPositionChanged(
            version=version,
            job_position_code=code,
            agency_code=body.agency_code,
            required_language_level=body.required_language_level,
            requires_language=body.requires_language,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
        ),
        subject=code,
    )
    work.audit("job_position.changed", code)
    return version


def require_reader(work: UnitOfWork) -> None:
    if not sees_directory(work.principal):
        raise NotFound


async def find(work: UnitOfWork, code: str, *, lock: bool = False) -> JobPositionView | None:
    """``lock`` keeps other writers out until the transaction ends."""
    return await repository.find(work.connection, code, lock=lock)


async def listed(
    work: UnitOfWork, _: None, after: tuple[str] | None, limit: int
) -> tuple[list[JobPositionView], tuple[str] | None]:
    """Those after a code, and the key of the last, if more follow."""
    items = await repository.page(work.connection, after[0] if after else None, limit + 1)
    return items[:limit], (items[limit - 1].code,) if len(items) > limit else None
