"""HTTP of papers that wait for the person's own authority."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import sees_directory, sees_persons_of
from services.enrolment.evidence import repository
from services.enrolment.evidence.schemas import WaitingPage, WaitingView
from shared.contracts.problem import Forbidden, InvalidRequest, NotFound
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["officials"], route_class=EdgeRoute)

_PORTION: Final = 501


@router.get(
    "/v1/evidence-waiting",
    operation_id="list_evidence_waiting",
    summary="Minh chứng chờ cơ quan có thẩm quyền công nhận / Evidence that waits for its authority",
    response_model=WaitingPage,
    responses=problem_responses(NotFound, Forbidden, InvalidRequest),
)
async def list_evidence_waiting(
    work: Work, after: AnyPageCursor = None, limit: PageLimit = 100
) -> WaitingPage:
    """Papers of officials in the caller's scope that no authority of theirs has accepted: filed by anybody,
    accepted by nobody or by another authority. Certification shows them to this authority, which accepts."""
    if not sees_directory(work.principal):
        raise NotFound
    if work.principal.role == "agency":
        raise Forbidden(
            "Hàng chờ này dành cho cơ quan có thẩm quyền công nhận",
            "This queue is that of the authority which accepts evidence",
        )
    key = decode_page_cursor(after, str, UUID)
    items, more = await _waiting(work, (key[0], key[1]) if key else None, limit)
    if items:
        codes = sorted({item.official_code for item in items})
        work.audit("evidence_waiting.listed", f"{len(codes)} officials", {"officials": codes})
    last = encode_page_cursor(items[-1].official_code, items[-1].evidence_id) if more else None
    return WaitingPage(items=items, next=last)


async def _waiting(
    work: UnitOfWork, after: tuple[str, UUID] | None, limit: int
) -> tuple[list[WaitingView], bool]:
    """The queue as far as the caller may see, and whether it goes on: neither a cursor nor a short page
    tells of officials elsewhere."""
    items: list[WaitingView] = []
    today = work.clock.today()
    while True:
        found = await repository.waiting(work.connection, after, _PORTION)
        belongings = await agencies.belongings(
            work.connection, {each.agency_code for each in found}, today
        )
        items += [
            WaitingView(**each._asdict())
            for each in found
            if sees_persons_of(work.principal, belongings.get(each.agency_code))
        ]
        if len(items) > limit or len(found) < _PORTION:
            return items[:limit], len(items) > limit
        after = (found[-1].official_code, found[-1].evidence_id)
