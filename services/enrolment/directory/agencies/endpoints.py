"""HTTP of agencies."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import asyncpg
import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from services.enrolment.directory.agencies import repository, use_cases
from services.enrolment.directory.agencies.errors import (
    AgencyCycle,
    BlocBorder,
    BlocReserved,
    ChildOutlivesParent,
    LevelReserved,
    ParentUnknown,
    ProvinceUnknown,
    TreeTooDeep,
)
from services.enrolment.directory.agencies.layout import AGENCY_LIST, AGENCY_SHEET, listed_row
from services.enrolment.directory.agencies.schemas import (
    EXAMPLE,
    AgencyBody,
    AgencyHistory,
    AgencyPage,
    AgencyVersionView,
    AgencyView,
)
from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.agencies.submissions import AgencyRow, doubts_about, problems_of
from services.enrolment.directory.agencies.tree import Segment
from services.enrolment.directory.agencies.versions import dated
from services.enrolment.directory.fields import CODE_PATTERN, Day
from shared.contracts.problem import (
    FieldError,
    Forbidden,
    InvalidRequest,
    NotAcceptable,
    NotFound,
    PreconditionRequired,
    Problem,
    StaleVersion,
    TooManyRequests,
)
from shared.imports.issues import Issue
from shared.imports.rows import Row
from shared.listing.files import PAGE as EXPORT_PAGE
from shared.listing.files import exported
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.bulk import (
    BULK_REFUSALS,
    DryRun,
    Taken,
    TextEncoding,
    answer_bulk,
    bulk_answer,
    bulk_body,
)
from shared.web.conditional import etag, require_match
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses
from shared.web.templates import template_router

router = APIRouter(tags=["agencies"], route_class=EdgeRoute)
bulk_router = APIRouter(tags=["agencies"])
templates_router = template_router(AGENCY_SHEET, "/v1/agencies/import", "agency_import", "agencies")

AgencyCode = Annotated[
    str,
    Path(
        pattern=CODE_PATTERN,
        description="Mã cơ quan, đơn vị / The agency's code",
        examples=["H56.09.TTYTHH"],
    ),
]
WHOLE_FILE = 500_000
"""A tree is judged as a whole: its rows are one chunk."""

_REFUSALS: dict[str, type[Problem]] = {
    "not_found": NotFound,
    "parent_required": Forbidden,
    "parent_unknown": ParentUnknown,
    "child_outlives_parent": ChildOutlivesParent,
    "agency_cycle": AgencyCycle,
    "tree_too_deep": TreeTooDeep,
    "bloc_reserved": BlocReserved,
    "level_reserved": LevelReserved,
    "bloc_border": BlocBorder,
}


def _field_errors(issues: list[Issue]) -> list[FieldError]:
    return [FieldError(i.pointer, i.code, i.message_vi, i.message_en) for i in issues]


def _require_writer(principal: Principal) -> None:
    if not sees_directory(principal):
        raise NotFound
    if not principal.may("agencies:write"):
        raise Forbidden(
            "Vai trò này không thay đổi cây cơ quan", "This role does not change the agency tree"
        )


@router.put(
    "/v1/agencies/{code}",
    operation_id="put_agency",
    summary="Lập hoặc thay một phiên bản của cơ quan / Set one version of an agency",
    response_model=AgencyHistory,
    responses={
        201: {"model": AgencyHistory, "description": "Cơ quan mới / A new agency"},
        **problem_responses(
            Forbidden,
            NotFound,
            ParentUnknown,
            ChildOutlivesParent,
            AgencyCycle,
            TreeTooDeep,
            BlocReserved,
            LevelReserved,
            BlocBorder,
            StaleVersion,
            InvalidRequest,
            ProvinceUnknown,
            PreconditionRequired,
            TooManyRequests,
        ),
    },
)
async def put_agency(
    code: AgencyCode, body: AgencyBody, request: Request, response: Response, work: Work
) -> AgencyHistory:
    """The body is the agency's version from `valid_from`; other versions stand. A version without
    `valid_to` ends the day before the next begins. Changing an agency that exists needs `If-Match`."""
    _require_writer(work.principal)
    row = use_cases.row_from(code, body.model_dump())
    wrong = problems_of(row)
    if wrong:
        kind = (
            ProvinceUnknown if [w.code for w in wrong] == ["province_unknown"] else InvalidRequest
        )
        raise kind(wrong[0].message_vi, wrong[0].message_en, errors=_field_errors(wrong))
    confined = await work.questions.left() is not None  # before the tree is locked
    await repository.lock_tree(work.connection)
    version = await use_cases.version_in_scope(work, code)
    if version is None and confined and "if-match" in request.headers:
        raise NotFound  # something is named that is not in the caller's scope
    require_match(request, version)
    stored = await use_cases.store_versions(work, [row])
    if refused := stored.refused.get(0):
        first = refused[0]
        if first.code == TooManyRequests.code:
            raise work.questions.spent()
        raise _REFUSALS[first.code](
            first.message_vi, first.message_en, errors=_field_errors(refused)
        )
    if version is None:
        response.status_code = 201
    found = await use_cases.find(work, code)
    response.headers["ETag"] = etag(found.version)
    return _history(found, work.clock.today())


@router.get(
    "/v1/agencies/{code}",
    operation_id="get_agency",
    summary="Một cơ quan, vào một ngày / One agency, as of a day",
    response_model=AgencyHistory,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_agency(
    code: AgencyCode,
    response: Response,
    work: Work,
    as_of: Annotated[
        Day | None,
        Query(description="Vào ngày này; mặc định: hôm nay / On this day; default: today"),
    ] = None,
) -> AgencyHistory:
    """The version in force on `as_of`; 404 on a day on which the agency is not in the tree. Without
    `as_of`: today's version, else the last one, marked `in_force: false`."""
    found = await use_cases.find(work, code)
    view = _history(found, as_of or work.clock.today())
    if as_of is not None and not view.in_force:
        raise NotFound(
            "Cơ quan không có trong cây vào ngày này", "The agency is not in the tree on that day"
        )
    response.headers["ETag"] = etag(found.version)
    return view


AsOfTree = Annotated[Day | None, Query(description="Mặc định: hôm nay / Default: today")]
Under = Annotated[
    str | None,
    Query(pattern=CODE_PATTERN, description="Cơ quan này và cấp dưới / This body and below"),
]


@router.get(
    "/v1/agencies",
    operation_id="list_agencies",
    summary="Cây cơ quan vào một ngày / The tree as of a day",
    response_model=AgencyPage,
    responses={
        200: {"content": FILES},
        **problem_responses(NotFound, NotAcceptable, InvalidRequest),
    },
)
async def list_agencies(
    request: Request,
    work: Work,
    as_of: AsOfTree = None,
    under: Under = None,
    after: AnyPageCursor = None,
    limit: PageLimit = 100,
) -> Any:
    """Agencies in force on `as_of`, in order of code, within the caller's scope of today. As CSV or XLSX by
    `Accept`, or at `/v1/agencies.csv` and `.xlsx`: the whole list, in the layout that imports take."""
    await _require_list(work, under)
    form = form_asked_for(request, None)
    if form is not None:
        return _export(request, as_of, under, form)
    key = decode_page_cursor(after, str)
    items, last = await _page(work, as_of, under, key[0] if key else None, limit)
    return AgencyPage(items=items, next=None if last is None else encode_page_cursor(last))


@router.get(
    "/v1/agencies.{form}",
    operation_id="export_agencies",
    summary="Xuất cây cơ quan vào một ngày / The tree as of a day as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(NotFound, InvalidRequest)},
)
async def export_agencies(
    form: FormByName, request: Request, work: Work, as_of: AsOfTree = None, under: Under = None
) -> Response:
    """The version in force on `as_of` on each row, in the layout that imports take."""
    await _require_list(work, under)
    return _export(request, as_of, under, form)


async def _require_list(work: UnitOfWork, under: str | None) -> None:
    if not sees_directory(work.principal):
        raise NotFound
    if under is not None:
        await use_cases.require_in_scope(work, under)


async def _page(
    work: UnitOfWork, as_of: dt.date | None, under: str | None, after: str | None, limit: int
) -> tuple[list[AgencyView], str | None]:
    """The agencies after a code, and the last one's if more follow."""
    principal = work.principal
    today = work.clock.today()
    day = as_of or today
    records = await repository.page(
        work.connection,
        as_of=day,
        under=under,
        scope=None if principal.is_nationwide else principal.agency,
        today=today,
        after=after,
        limit=limit + 1,
    )
    items = [_listed(record, day) for record in records[:limit]]
    return items, items[-1].code if len(records) > limit else None


def _export(request: Request, as_of: dt.date | None, under: str | None, form: Form) -> Response:
    async def page(work: UnitOfWork, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        items, last = await _page(work, as_of, under, after, EXPORT_PAGE)
        return [listed_row(item.model_dump(mode="json")) for item in items], last

    return exported(request, AGENCY_LIST, "agencies", form, page)


@bulk_router.post(
    "/v1/agencies/import",
    operation_id="import_agencies",
    summary="Nhập nhiều cơ quan / Import agencies",
    response_class=Response,
    responses={
        200: bulk_answer(),
        **BULK_REFUSALS,
        **problem_responses(Forbidden, NotFound),
    },
    openapi_extra=bulk_body(
        {
            "allOf": [
                {"$ref": "#/components/schemas/AgencyBody"},
                {
                    "type": "object",
                    "required": ["code"],
                    "properties": {"code": {"type": "string"}},
                },
            ]
        },
        {"code": "H56.09.TTYTHH", **EXAMPLE},
        sheets=True,
    ),
)
async def import_agencies(
    request: Request,
    encoding: TextEncoding = None,
    dry_run: DryRun = False,
) -> Response:
    """Each row is a version, in any order: the PUT body with its `code`. Rows that would break the tree
    are refused by name, the others stand. CSV and XLSX are headed in Vietnamese or English."""
    _require_writer(request.state.principal)
    return await answer_bulk(
        request,
        shape=AgencyRow,
        sheet=AGENCY_SHEET,
        encoding=encoding,
        prepare=_same_row,
        take=_take,
        size=WHOLE_FILE,
        dry_run=dry_run,
    )


def _same_row(row: Row[AgencyRow]) -> Row[AgencyRow]:
    return row


async def _take(work: UnitOfWork, rows: list[Row[AgencyRow]]) -> Taken:
    taken = Taken()
    good = []
    for row in rows:
        if wrong := problems_of(row.value):
            taken.rejected.append((row, wrong))
        else:
            good.append(row)
    stored = await use_cases.store_versions(work, [row.value for row in good])
    taken.created, taken.updated = len(stored.created), len(stored.updated)
    taken.unchanged = len(stored.unchanged)
    for index, refused in stored.refused.items():
        taken.rejected.append((good[index], refused))
    taken.warned = [
        (good[index], doubts)
        for index in sorted([*stored.created, *stored.updated])
        if (doubts := doubts_about(good[index].value))
    ]
    return taken


def _version_view(row: AgencyRow, last: dt.date | None) -> AgencyVersionView:
    values = msgspec.structs.asdict(row)
    del values["code"]
    values["predecessor_codes"] = list(values["predecessor_codes"])
    return AgencyVersionView(**values | {"valid_to": last})


def _history(found: use_cases.Found, day: dt.date) -> AgencyHistory:
    spans = dated(found.rows)
    at, last = next((s for s in reversed(spans) if s[0].valid_from <= day), spans[0])
    in_force = at.valid_from <= day and (last is None or day <= last)
    path = _path_on(found.paths, max(day, at.valid_from))
    return AgencyHistory(
        **_version_view(at, last).model_dump(),
        code=found.code,
        version=found.version,
        as_of=day,
        in_force=in_force,
        effective_bloc=path.bloc,
        path=list(path.path),
        versions=[_version_view(row, end) for row, end in spans],
    )


def _path_on(paths: list[Segment], day: dt.date) -> Segment:
    return next((p for p in reversed(paths) if p.first <= day), paths[0])


def _listed(record: asyncpg.Record, day: dt.date) -> AgencyView:
    values: dict[str, Any] = dict(record)
    values["code"] = values.pop("agency_code")
    following = values.pop("next_from")
    del values["path_to"]
    ends = [
        end
        for end in (values["valid_to"], following and following - dt.timedelta(days=1))
        if end is not None
    ]
    values["valid_to"] = min(ends, default=None)
    return AgencyView(**values, as_of=day, in_force=True)
