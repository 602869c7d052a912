"""HTTP of single officials, and of names by code."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response

from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.fields import Day
from services.enrolment.directory.officials.errors import (
    AgencyUnknown,
    AssignmentsRequired,
    CitizenAlreadyRegistered,
    IdentityReasonRequired,
    IdentityRequired,
    JoiningContested,
    OfficialCodeInUse,
    PrimaryConflict,
)
from services.enrolment.directory.officials.official import stored_view, view
from services.enrolment.directory.officials.rows import OfficialRow
from services.enrolment.directory.officials.schemas import (
    LookupAnswer,
    LookupBody,
    OfficialBody,
    OfficialStored,
    OfficialView,
)
from services.enrolment.directory.officials.use_cases.looking_up import (
    code_by_number,
    names_by_code,
)
from services.enrolment.directory.officials.use_cases.putting import put
from services.enrolment.directory.officials.use_cases.reading import find
from services.enrolment.directory.officials.visibility import require_writer
from services.enrolment.parameters import OfficialCode, keys_of
from shared.contracts.problem import (
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    StaleVersion,
    TooManyRequests,
    preferred_language,
)
from shared.web.conditional import etag, require_match
from shared.web.edge import EdgeRoute, PersonalAnswerRoute, Work
from shared.web.problems import problem_responses
from shared.web.shares import hold_share

router = APIRouter(tags=["officials"], route_class=EdgeRoute)
lookup_router = APIRouter(tags=["officials"], route_class=PersonalAnswerRoute)

FEW_NAMES: Final = 1000
"""Codes of one look-up; one of more is as heavy as a file, and has its share."""


@router.put(
    "/v1/officials/{official_code}",
    operation_id="put_official",
    summary="Đăng ký hoặc sửa một cán bộ / Register or change an official",
    response_model=OfficialStored,
    responses={
        201: {"model": OfficialStored, "description": "Người mới / A new official"},
        **problem_responses(
            Forbidden,
            NotFound,
            CitizenAlreadyRegistered,
            OfficialCodeInUse,
            AgencyUnknown,
            PrimaryConflict,
            StaleVersion,
            InvalidRequest,
            IdentityRequired,
            IdentityReasonRequired,
            JoiningContested,
            AssignmentsRequired,
            PreconditionRequired,
            TooManyRequests,
        ),
    },
)
async def put_official(
    official_code: OfficialCode,
    body: OfficialBody,
    request: Request,
    response: Response,
    work: Work,
) -> OfficialStored:
    """The assignments replace those in bodies of the caller's scope; others stand. Whoever knows the identity
    number and the whole birth date may let an official of another body join, which adds assignments and
    changes nothing else: a later primary one closes the open one the day before. `facts_kept` names what
    was not taken. Changing an official in one's scope needs `If-Match`. What GET showed may be sent back as
    it is: a masked number stands for the stored one."""
    require_writer(work.principal)
    if body.official_code not in ("", official_code):
        vi, en = "Khác mã trong địa chỉ", "Differs from the code in the address"
        raise InvalidRequest(vi, en, errors=[FieldError("/official_code", "code_differs", vi, en)])
    row = msgspec.convert(body, OfficialRow, from_attributes=True)
    row = msgspec.structs.replace(row, official_code=official_code)
    stored = await put(work, row, keys_of(request), partial(require_match, request))
    if stored.created:
        response.status_code = 201
    language = preferred_language(request.headers.get("accept-language"))
    shown = view(stored.official, work.principal, work.clock.today())
    response.headers["ETag"] = etag(shown.version)
    return stored_view(shown, stored.warnings, stored.facts_kept, language)


@router.get(
    "/v1/officials/{official_code}",
    operation_id="get_official",
    summary="Một cán bộ / One official",
    response_model=OfficialView,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_official(
    official_code: OfficialCode,
    response: Response,
    work: Work,
    as_of: Annotated[
        Day | None,
        Query(
            description="Ngày xét vị trí chính; mặc định: hôm nay / Day of `agency_code`; default: today"
        ),
    ] = None,
) -> OfficialView:
    """All dated assignments, of whoever is confined to a bloc those in its bodies; `agency_code` is the
    body of the primary one on `as_of` (today)."""
    official = await find(work, official_code)
    if work.principal.official_code != official_code:
        work.audit("official.read", official_code)
    shown = view(official, work.principal, as_of or work.clock.today())
    response.headers["ETag"] = etag(shown.version)
    return shown


@lookup_router.post(
    "/v1/officials/lookup",
    operation_id="lookup_officials",
    summary="Tra tên theo mã, hoặc mã theo số định danh / Names by code, or a code by number",
    response_model=LookupAnswer,
    responses=problem_responses(Forbidden, NotFound, InvalidRequest, TooManyRequests),
)
async def lookup_officials(body: LookupBody, request: Request, work: Work) -> LookupAnswer:
    """By `official_codes`: names of those in the caller's scope. By `citizen_id` or `identity` with the whole
    `birth_date` or the `full_name`: the code of that person anywhere in the country, for a body about to take
    them over; a few a day (`BAC_QUESTIONS_PER_DAY`)."""
    caller = work.principal
    if not sees_directory(caller) and caller.role != "official":
        raise NotFound
    asked = [
        body.official_codes is not None,
        body.citizen_id is not None,
        body.identity is not None,
    ]
    if sum(asked) != 1:
        raise InvalidRequest(
            "Chỉ nêu một trong official_codes, citizen_id, identity",
            "Give exactly one of official_codes, citizen_id, identity",
        )
    if body.official_codes is None:
        return await code_by_number(work, body, keys_of(request))
    if len(body.official_codes) > FEW_NAMES:
        hold_share(request, "export")
    return await names_by_code(work, body.official_codes)
