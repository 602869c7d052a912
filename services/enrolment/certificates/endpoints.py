"""HTTP of what certification told about officials."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from services.enrolment.certificates import repository
from services.enrolment.certificates.schemas import (
    CertificateList,
    CertificateView,
    MismatchPage,
    MismatchView,
)
from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.officials import repository as officials
from services.enrolment.directory.officials import use_cases
from services.enrolment.directory.officials.endpoints import OfficialCode
from services.enrolment.directory.officials.visibility import in_scope
from shared.contracts.problem import InvalidRequest, NotFound
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["officials"], route_class=EdgeRoute)

_QUEUE_PORTION: Final = 501


@router.get(
    "/v1/officials/{official_code}/certificates",
    operation_id="list_certificates_of_official",
    summary="Chứng chỉ, minh chứng của một cán bộ / Certificates of an official",
    response_model=CertificateList,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def list_certificates_of_official(official_code: OfficialCode, work: Work) -> CertificateList:
    """Certificates and accepted evidence whose identity and birth date agree with the official's, newest
    first, as far as certification's feed was read; those that stopped standing are marked."""
    await use_cases.find(work, official_code)
    if work.principal.official_code != official_code:
        work.audit("official.certificates_read", official_code)
    found = await repository.attached(work.connection, official_code)
    return CertificateList(
        items=[
            CertificateView(
                reference=each.reference,
                kind=each.kind,
                language=each.language,
                level=each.level,
                specialised=each.specialised,
                issued_on=each.issued_on,
                valid_until=each.valid_until,
                standing=not each.ended,
                ended_on=each.ended_on,
                ended_cause=each.ended_cause,
                ended_effect=each.ended_effect,
            )
            for each in found
        ]
    )


@router.get(
    "/v1/identity-mismatches",
    operation_id="list_identity_mismatches",
    summary="Chứng chỉ chờ đối chiếu ngày sinh / Certificates whose birth date differs",
    response_model=MismatchPage,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def list_identity_mismatches(
    work: Work, after: AnyPageCursor = None, limit: PageLimit = 100
) -> MismatchPage:
    """They count for nothing until roster and certificate agree: correct the one that is wrong."""
    if not sees_directory(work.principal):
        raise NotFound
    key = decode_page_cursor(after, str, str)
    items, more = await _mismatches(work, (key[0], key[1]) if key else None, limit)
    if items:
        codes = [item.official_code for item in items]
        work.audit("identity_mismatches.listed", f"{len(codes)} officials", {"officials": codes})
    last = encode_page_cursor(items[-1].official_code, items[-1].reference) if more else None
    return MismatchPage(items=items, next=last)


async def _mismatches(
    work: UnitOfWork, after: tuple[str, str] | None, limit: int
) -> tuple[list[MismatchView], bool]:
    """The queue as far as the caller may see, and whether it goes on: neither a cursor nor a short page
    tells of officials elsewhere."""
    items: list[MismatchView] = []
    today = work.clock.today()
    while True:
        found = await repository.mismatched(work.connection, after, _QUEUE_PORTION)
        holders = await officials.officials(
            work.connection, {each.mismatched_with for each in found if each.mismatched_with}
        )
        belongings = await use_cases.belongings_of(work, holders.values())
        items += [
            MismatchView(
                reference=each.reference,
                kind=each.kind,
                official_code=holder.official_code,
                language=each.language,
                level=each.level,
                issued_on=each.issued_on,
            )
            for each in found
            if (holder := holders.get(each.mismatched_with or "")) is not None
            and in_scope(work.principal, holder, belongings, today)
        ]
        if len(items) > limit or len(found) < _QUEUE_PORTION:
            return items[:limit], len(items) > limit
        after = (found[-1].mismatched_with or "", found[-1].reference)
