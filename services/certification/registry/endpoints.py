"""HTTP of the register."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.certification.registry import use_cases
from services.certification.registry.callers import institution_asked_for, require_register
from services.certification.registry.errors import (
    BookInUse,
    CertificateNotInForce,
    DecisionDateImpossible,
    SerialAmbiguous,
)
from services.certification.registry.layout import REGISTER_LIST
from services.certification.registry.rows import BookKey
from services.certification.registry.schemas import (
    EXAMPLE_REVOCATION,
    BookPage,
    BookView,
    CertificatePage,
    CertificateView,
    CollisionList,
    NumberingBody,
    RevocationBody,
)
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE
from shared.contracts.problem import (
    Forbidden,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    StaleVersion,
)
from shared.listing.declared import ListFile, Listing, add_list
from shared.listing.pages import RowNumber
from shared.security.principal import Principal
from shared.web.conditional import etag, require_match
from shared.web.edge import EdgeRoute, PersonalAnswerRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["certificates"], route_class=EdgeRoute)
decisions_router = APIRouter(tags=["certificates"], route_class=PersonalAnswerRoute)

Serial = Annotated[str, Path(min_length=1, max_length=80, description="Số hiệu / Serial")]
WhichOfSeveral = Annotated[
    UUID | None,
    Query(
        description="Khi nhiều dòng cũ cùng số hiệu / Which of old lines that have this serial alike"
    ),
]
Institution = Annotated[
    str | None, Query(max_length=80, description="Đơn vị cấp / Issuing institution")
]


def _plain(text: str) -> str:
    """What can be in no register is not asked of the database."""
    if "\x00" in text:
        raise NotFound
    return text


@decisions_router.post(
    "/v1/certificates/{serial:path}/revocation",
    operation_id="revoke_certificate",
    summary="Thu hồi hoặc hủy bỏ chứng chỉ / Revoke or annul a certificate",
    response_model=CertificateView,
    status_code=201,
    responses={
        200: {"model": CertificateView, "description": "Đã ghi từ trước / Recorded before"},
        **problem_responses(
            *(NotFound, Forbidden, InvalidRequest, CertificateNotInForce, DecisionDateImpossible),
            SerialAmbiguous,
        ),
    },
    openapi_extra={
        "requestBody": {"content": {"application/json": {"example": EXAMPLE_REVOCATION}}}
    },
)
async def revoke_certificate(
    serial: Serial,
    body: RevocationBody,
    work: Work,
    response: Response,
    certificate_id: WhichOfSeveral = None,
) -> CertificateView:
    """A line of the annex of the register; the register's own line stays as it is."""
    require_register(work.principal, "certificates:revoke")
    view, changed = await use_cases.revoke(work, _plain(serial), body, certificate_id)
    if not changed:
        response.status_code = 200
    return view


@router.get(
    "/v1/certificates/{serial:path}",
    operation_id="get_certificate",
    summary="Một chứng chỉ trong sổ gốc / One certificate",
    responses=problem_responses(NotFound, Forbidden, SerialAmbiguous),
)
async def get_certificate(
    serial: Serial, work: Work, response: Response, certificate_id: WhichOfSeveral = None
) -> CertificateView:
    require_register(work.principal, "results:read")
    view = await use_cases.view_certificate(work, _plain(serial), certificate_id)
    response.headers["ETag"] = etag(len(view.annex) + 1)
    return view


class BookFilters(BaseModel):
    institution: Institution = None


class CertificateFilters(BookFilters):
    year: Annotated[
        int | None, Field(ge=1990, le=2200, description="Năm của sổ gốc / Year of the book")
    ] = None


async def _asked_for(_: Request, work: Work, filters: BookFilters) -> str | None:
    return _whose(work.principal, filters.institution)


async def _lines_asked_for(
    _: Request, work: Work, filters: CertificateFilters
) -> use_cases.AskedLines:
    return use_cases.AskedLines(_whose(work.principal, filters.institution), filters.year)


def _whose(caller: Principal, institution: str | None) -> str | None:
    """Whose registers are asked for."""
    require_register(caller, "results:read")
    asked = institution_asked_for(caller, institution)
    return None if asked is None else _plain(asked)


CERTIFICATES = Listing(
    path="/v1/certificates",
    name="certificates",
    summary="Sổ gốc cấp chứng chỉ / Certificates by book and line",
    description=(
        "An institution sees its own, an authority or auditor of the whole nation all. One confined to a "
        "subtree or a bloc has no register: it reads its people's certificates from enrolment. As CSV or XLSX "
        "by `Accept`, or at `/v1/certificates.csv` and `.xlsx`: the whole register."
    ),
    filters=CertificateFilters,
    ask=_lines_asked_for,
    read=use_cases.list_certificates,
    key=(RowNumber, RowNumber),
    page=CertificatePage,
    file=ListFile(
        layout=REGISTER_LIST,
        summary="Xuất sổ gốc cấp chứng chỉ / The register as a file",
        description="One certificate on each row, by book and line.",
    ),
    refusals=(Forbidden, NotFound),
)
BOOKS = Listing(
    path="/v1/register-books",
    name="register-books",
    summary="Các sổ gốc / Register books",
    description="Without their gaps, which each book tells by itself.",
    filters=BookFilters,
    ask=_asked_for,
    read=use_cases.list_books,
    key=(RowNumber,),
    page=BookPage,
    refusals=(Forbidden, NotFound),
)
add_list(router, CERTIFICATES)
add_list(router, BOOKS)


@router.get(
    "/v1/register-collisions",
    operation_id="list_register_collisions",
    summary="Các dòng cũ trùng nhau / Old lines whose keys are alike",
    responses=problem_responses(Forbidden, NotFound),
)
async def list_register_collisions(work: Work, institution: Institution = None) -> CollisionList:
    """Serials, own register numbers, codes of sessions and candidate numbers that were told apart by case or
    spaces only. The lines stay; a serial that several have names nobody in public verification."""
    return await use_cases.list_collisions(work, _whose(work.principal, institution))


BookInstitution = Annotated[
    str, Path(min_length=1, max_length=80, description="Đơn vị giữ sổ gốc / Whose book it is")
]
BookKind = Annotated[
    str, Path(description="Loại sổ gốc / Kind of book", examples=[FRAMEWORK_CERTIFICATE])
]
BookYear = Annotated[
    int, Path(ge=1990, le=2200, description="Năm cấp / Year of issue", examples=[2026])
]


@router.get(
    "/v1/register-books/{institution}/{kind}/{year}",
    operation_id="get_register_book",
    summary="Một sổ gốc, với các số bị khuyết / One book, with its gaps",
    responses=problem_responses(NotFound, Forbidden),
)
async def get_register_book(
    institution: BookInstitution, kind: BookKind, year: BookYear, work: Work, response: Response
) -> BookView:
    require_register(work.principal, "results:read")
    key = BookKey(_plain(institution), _plain(kind), year)
    view = await use_cases.view_book(work, key)
    response.headers["ETag"] = etag(await use_cases.book_version(work, key) or 0)
    return view


@router.put(
    "/v1/register-books/{institution}/{kind}/{year}",
    operation_id="put_register_book",
    summary="Chọn cách đánh số của sổ gốc / Choose who numbers a book",
    response_model=BookView,
    responses={
        201: {"model": BookView, "description": "Sổ mới / A new book"},
        **problem_responses(
            NotFound, Forbidden, InvalidRequest, BookInUse, PreconditionRequired, StaleVersion
        ),
    },
)
async def put_register_book(
    institution: BookInstitution,
    kind: BookKind,
    year: BookYear,
    body: NumberingBody,
    work: Work,
    request: Request,
    response: Response,
) -> BookView:
    """Before the first line. A book that nobody chose for is numbered by the system, unless its first
    certificate comes with its own serial and register number."""
    principal = work.principal
    require_register(principal, "results:write")
    if kind != FRAMEWORK_CERTIFICATE or (
        principal.role == "institution" and principal.institution != institution
    ):
        raise NotFound
    key = BookKey(_plain(institution), kind, year)
    version = await use_cases.book_version(work, key)
    require_match(request, version)
    view, created = await use_cases.put_book(work, key, body.numbering)
    if created:
        response.status_code = 201
    response.headers["ETag"] = etag(await use_cases.book_version(work, key) or 0)
    return view
