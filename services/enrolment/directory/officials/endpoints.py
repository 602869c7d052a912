"""HTTP of single officials, and of names by code."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.fields import CODE_PATTERN, Day
from services.enrolment.directory.officials import repository, use_cases
from services.enrolment.directory.officials.birth_dates import is_birth_date
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
from services.enrolment.directory.officials.official import (
    Official,
    shown_version,
    stored_view,
    view,
)
from services.enrolment.directory.officials.rows import OfficialRow
from services.enrolment.directory.officials.same_person import same_name
from services.enrolment.directory.officials.schemas import (
    LookupAnswer,
    LookupBody,
    LookupItem,
    OfficialBody,
    OfficialStored,
    OfficialView,
)
from services.enrolment.directory.officials.submission import submission
from services.enrolment.directory.officials.visibility import confined, in_scope, own_part
from shared.contracts.problem import (
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    Problem,
    StaleVersion,
    TooManyRequests,
    preferred_language,
)
from shared.imports.issues import Issue
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.identity_numbers import country_fault, identity_from, number_fault
from shared.security.person_key import PersonIdentity, PersonKeys
from shared.security.principal import Principal
from shared.web.conditional import etag, match_required, require_match
from shared.web.edge import EdgeRoute, PersonalAnswerRoute, Work
from shared.web.problems import problem_responses
from shared.web.shares import hold_share

router = APIRouter(tags=["officials"], route_class=EdgeRoute)
lookup_router = APIRouter(tags=["officials"], route_class=PersonalAnswerRoute)

OfficialCode = Annotated[
    str,
    Path(
        pattern=CODE_PATTERN,
        description="Mã cán bộ / The official's code",
        examples=["TH-000123"],
    ),
]
FEW_NAMES: Final = 1000
"""Codes of one look-up; one of more is as heavy as a file, and has its share."""

REFUSALS: dict[str, type[Problem]] = {
    kind.code: kind
    for kind in (
        CitizenAlreadyRegistered,
        OfficialCodeInUse,
        AgencyUnknown,
        PrimaryConflict,
        IdentityRequired,
        IdentityReasonRequired,
        JoiningContested,
        AssignmentsRequired,
    )
}


def refusal(issues: list[Issue]) -> Problem:
    """The problem that the issues of one submitted official amount to."""
    first = issues[0]
    errors = [FieldError(i.pointer, i.code, i.message_vi, i.message_en) for i in issues]
    kind = REFUSALS.get(first.code, InvalidRequest)
    return kind(first.message_vi, first.message_en, errors=errors)


def require_writer(principal: Principal) -> None:
    if not sees_directory(principal) and principal.role != "official":
        raise NotFound
    if not principal.may("directory:write"):
        raise Forbidden(
            "Vai trò này không thay đổi hồ sơ cán bộ", "This role does not change officials"
        )


def keys_of(request: Request) -> PersonKeys:
    keys: PersonKeys = request.app.state.person_keys
    return keys


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
    made = submission(row, keys_of(request))
    if made.problems:
        raise refusal(made.problems)
    before = await _seen(work, official_code)
    asks = before is None or made.identity_reason is not None or work.principal.bloc is not None
    if asks:
        await work.questions.left()  # before anybody's row is locked
    held = await _seen(work, official_code, lock=True)
    require_match(request, None if held is None else shown_version(held, work.principal))
    outcome = (await use_cases.register(work, [made], keys_of(request), replace=True, asks=asks))[0]
    if outcome.result == "refused":
        if outcome.issues[0].code == TooManyRequests.code:
            raise work.questions.spent()
        raise refusal(outcome.issues)
    if held is None and outcome.result == "updated" and not outcome.joined:
        raise match_required()  # somebody registered this code since we looked
    stored = (await repository.officials(work.connection, [official_code]))[official_code]
    belongings = await use_cases.belongings_of(work, [stored])
    if outcome.result == "created":
        response.status_code = 201
    language = preferred_language(request.headers.get("accept-language"))
    today = work.clock.today()
    known = held is not None or in_scope(work.principal, stored, belongings, today)
    part = confined if known else own_part
    shown = view(part(work.principal, stored, belongings), work.principal, today)
    response.headers["ETag"] = etag(shown.version)
    return stored_view(shown, outcome.warnings, outcome.facts_kept, language)


async def _seen(work: UnitOfWork, code: str, *, lock: bool = False) -> Official | None:
    """As the caller may know them; null, whether or not there is one, outside the caller's scope."""
    held = (await repository.officials(work.connection, [code], lock=lock)).get(code)
    if held is None:
        return None
    belongings = await use_cases.belongings_of(work, [held])
    if not in_scope(work.principal, held, belongings, work.clock.today()):
        return None
    return confined(work.principal, held, belongings)


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
    official = await use_cases.find(work, official_code)
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
        return await _lookup_by_number(body, request, work)
    if len(body.official_codes) > FEW_NAMES:
        hold_share(request, "export")
    wanted = list(dict.fromkeys(body.official_codes))
    found = await repository.officials(work.connection, wanted)
    belongings = await use_cases.belongings_of(work, found.values())
    today = work.clock.today()
    seen = [
        confined(caller, each, belongings)
        for code in wanted
        if (each := found.get(code)) is not None and in_scope(caller, each, belongings, today)
    ]
    others = [each.official_code for each in seen if each.official_code != caller.official_code]
    if others:
        work.audit("officials.looked_up", f"{len(others)} officials", {"officials": others})
    items = [_lookup_item(each, caller, today) for each in seen]
    known = {item.official_code for item in items}
    return LookupAnswer(items=items, missing=[code for code in wanted if code not in known])


async def _lookup_by_number(body: LookupBody, request: Request, work: UnitOfWork) -> LookupAnswer:
    if not work.principal.may("directory:write"):
        raise Forbidden(
            "Chỉ cơ quan tiếp nhận được tra theo số định danh",
            "Only a receiving body may look up by number",
        )
    whole = body.birth_date is not None and len(body.birth_date) == 10
    if (body.birth_date is not None and not is_birth_date(body.birth_date)) or not (
        whole or body.full_name
    ):
        vi, en = (
            "Cần đủ ngày, tháng, năm sinh hoặc họ tên",
            "The whole birth date or the name is needed",
        )
        raise InvalidRequest(
            vi, en, errors=[FieldError("/birth_date", "birth_date_malformed", vi, en)]
        )
    key = bytes.fromhex(keys_of(request).person_key(_number(body)))
    await work.questions.require()
    work.questions.count()
    owner = (await repository.owners_of(work.connection, [key])).get(key)
    found = await repository.officials(work.connection, [owner] if owner else [])
    official = found.get(owner) if owner else None
    work.audit("official.looked_up_by_number", owner or "unknown")
    if owner:
        detail = {"code": "lookup", "by_agency": work.principal.agency}
        work.audit("official.asked_about", owner, detail)
    if (
        official is None
        or (whole and official.birth_date != body.birth_date)
        or (body.full_name is not None and not same_name(official.full_name, body.full_name))
    ):
        return LookupAnswer(items=[], missing=[])
    belongings = await use_cases.belongings_of(work, [official])
    today = work.clock.today()
    item = _lookup_item(confined(work.principal, official, belongings), work.principal, today)
    if not in_scope(work.principal, official, belongings, today):
        item.agency_code = None
    return LookupAnswer(items=[item], missing=[])


def _number(body: LookupBody) -> PersonIdentity:
    if body.identity is not None:
        part = body.identity
        identity = identity_from(part.type, part.country, part.number)
        pointer = "/identity/number"
        if (fault := country_fault(identity)) is not None:
            pointer = "/identity/country"
    else:
        identity = identity_from("citizen_id", "VN", body.citizen_id or "")
        pointer, fault = "/citizen_id", None
    fault = fault or number_fault(identity)
    if fault is not None:
        raise InvalidRequest(
            fault.vi, fault.en, errors=[FieldError(pointer, fault.code, fault.vi, fault.en)]
        )
    return identity


def _lookup_item(official: Official, reader: Principal, today: dt.date) -> LookupItem:
    return LookupItem(
        official_code=official.official_code,
        full_name=reader.shown(official.full_name),
        agency_code=official.agency_on(today),
    )
