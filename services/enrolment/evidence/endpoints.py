"""HTTP of papers that wait for the person's own authority."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request

from services.enrolment.evidence import use_cases
from services.enrolment.evidence.schemas import WaitingPage
from shared.contracts.problem import Forbidden, NotFound
from shared.listing.declared import Listing, NoFilters, add_list
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import EdgeRoute

router = APIRouter(tags=["officials"], route_class=EdgeRoute)


async def _asked(_: Request, work: UnitOfWork, __: NoFilters) -> None:
    use_cases.require_authority(work)


add_list(
    router,
    Listing(
        path="/v1/evidence-waiting",
        name="evidence-waiting",
        summary="Minh chứng chờ cơ quan có thẩm quyền công nhận / Evidence that waits for its authority",
        description=(
            "Papers of officials in the caller's scope that no authority of theirs has accepted: filed by anybody,"
            " accepted by nobody or by another authority. Certification shows them to this authority, which accepts."
        ),
        filters=NoFilters,
        ask=_asked,
        read=use_cases.waiting,
        key=(str, UUID),
        page=WaitingPage,
        refusals=(NotFound, Forbidden),
    ),
)
