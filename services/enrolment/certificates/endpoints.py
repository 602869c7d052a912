"""HTTP of what certification told about officials."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.enrolment.certificates import use_cases
from services.enrolment.certificates.schemas import CertificateList, MismatchPage
from services.enrolment.parameters import OfficialCode
from shared.contracts.problem import InvalidRequest, NotFound
from shared.listing.declared import Listing, NoFilters, add_list
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["officials"], route_class=EdgeRoute)


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
    return CertificateList(items=await use_cases.of_official(work, official_code))


async def _asked(_: Request, work: UnitOfWork, __: NoFilters) -> None:
    use_cases.require_reader(work)


add_list(
    router,
    Listing(
        path="/v1/identity-mismatches",
        name="identity-mismatches",
        summary="Chứng chỉ chờ đối chiếu ngày sinh / Certificates whose birth date differs",
        description="They count for nothing until roster and certificate agree: correct the one that is wrong.",
        filters=NoFilters,
        ask=_asked,
        read=use_cases.mismatched,
        key=(str, str),
        page=MismatchPage,
        refusals=(NotFound,),
    ),
)
