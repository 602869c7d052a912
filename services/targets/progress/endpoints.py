"""`GET /v1/plans/{plan}/progress` and the lists behind its figures."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from services.targets.plans.endpoints import PlanId
from services.targets.plans.errors import IndicatorUnknown, PlanUnknown
from services.targets.plans.readings import (
    CATALOGUE,
    PREFIX,
    ReadingNotAvailable,
    ReadingRefused,
    available_options,
    parse_readings,
)
from services.targets.plans.schemas import Indicator, Plan
from services.targets.progress import use_cases
from services.targets.progress.counting import IndicatorFigure
from services.targets.progress.errors import (
    FigureMoved,
    ProjectionRebuilding,
    ReadingInvalid,
    ReadingOptionNotAvailable,
)
from services.targets.progress.figures import FigureBook
from services.targets.progress.layout import (
    FIGURE_LIST,
    NAME_LEFT_OUT,
    file_name,
    member_list,
    readings_in_words,
)
from services.targets.progress.members import State
from services.targets.progress.repository import one_snapshot
from services.targets.progress.schemas import Members, Progress
from services.targets.progress.use_cases import Asked, Basis, Listed
from shared.clients.directory import Directory
from shared.contracts.problem import (
    CursorUnknown,
    FieldError,
    InvalidRequest,
    NotAcceptable,
    NotFound,
    preferred_language,
)
from shared.listing.files import file_of
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.edge import Caller, open_work
from shared.web.problems import problem_responses
from shared.web.shares import hold_share
from shared.web.turns import Turns

_AGENCY = re.compile(r"[0-9A-Za-z._\-]{1,64}")
_EARLIEST, _LATEST = dt.date(1945, 9, 2), dt.date(2199, 12, 31)
_COUNTED_AT = "counted_at."
_SOURCES = ("enrolment", "certification")

READING_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": f"{PREFIX}{reading.key}",
        "in": "query",
        "required": False,
        "description": f"{reading.question} Bỏ trống: như kế hoạch định. / Absent: the plan's own default",
        # No `default` here: a generated client would send it and overrule the plan.
        "schema": {"type": "string", "enum": list(reading.options)},
    }
    for reading in CATALOGUE.values()
]
_AGENCY_PARAMETER: dict[str, Any] = {
    "name": "agency",
    "in": "query",
    "required": False,
    "description": "Mã cơ quan; bỏ trống: cơ quan của kế hoạch. / Any body; absent: the plan's own",
    "schema": {"type": "string", "pattern": f"^{_AGENCY.pattern}$"},
}
_AS_OF_PARAMETER: dict[str, Any] = {
    "name": "as_of",
    "in": "query",
    "required": False,
    "description": "Ngày tính, kể cả tương lai; bỏ trống: hôm nay. / Any day; absent: today",
    "schema": {"type": "string", "format": "date", "examples": ["2025-12-31"]},
}
_COUNTED_AT_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": f"{_COUNTED_AT}{source}",
        "in": "query",
        "required": False,
        "description": (
            "`counted_at` của con số mà danh sách phải khớp / of the figure this list must belong to"
        ),
        "schema": {"type": "string"},
    }
    for source in _SOURCES
]


_PROGRESS_PARAMETERS: list[dict[str, Any]] = [
    _AGENCY_PARAMETER,
    _AS_OF_PARAMETER,
    *READING_PARAMETERS,
]
_PROGRESS_REFUSALS = (
    PlanUnknown,
    NotFound,
    InvalidRequest,
    ReadingInvalid,
    ReadingOptionNotAvailable,
    ProjectionRebuilding,
)

progress_router = APIRouter(tags=["progress"])

_FILE_PAGE: Final = 500
"""Rows that are read, and whose names are asked for, at once."""


@progress_router.get(
    "/v1/plans/{plan}/progress",
    operation_id="read_progress",
    summary="Tiến độ các chỉ tiêu / Progress of a plan's indicators",
    responses={
        200: {"model": Progress, "content": FILES},
        **problem_responses(*_PROGRESS_REFUSALS, NotAcceptable),
    },
    openapi_extra={"parameters": _PROGRESS_PARAMETERS},
)
async def read_progress(request: Request, plan: PlanId, principal: Caller) -> Response:
    """Every indicator of the plan for one body, its subtree included, as of one day, under readings that
    the answer names whole. As CSV or XLSX by `Accept`, or at `progress.csv` and `progress.xlsx`."""
    form = form_asked_for(request, None)
    if form is not None:
        return await _figures_file(request, plan, principal, form)
    book: FigureBook = request.app.state.figures
    database: Database = request.app.state.database
    today = request.app.state.clock.today()
    asked = _asked(request, _plan(book, plan), today)
    async with database.pool.acquire() as connection:
        answered = await use_cases.progress(connection, book, principal, asked, today)
    return _json(
        {
            **_heading(asked),
            **_counted(answered.basis),
            "indicators": [_figure(each) for each in answered.figures],
        }
    )


@progress_router.get(
    "/v1/plans/{plan}/progress.{form}",
    operation_id="export_progress",
    summary="Xuất tiến độ các chỉ tiêu / Progress of a plan's indicators as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(*_PROGRESS_REFUSALS)},
    openapi_extra={"parameters": _PROGRESS_PARAMETERS},
)
async def export_progress(
    request: Request, plan: PlanId, form: FormByName, principal: Caller
) -> Response:
    """One row per indicator, with how many people are excluded, and what each figure was counted from."""
    return await _figures_file(request, plan, principal, form)


async def _figures_file(request: Request, plan: str, principal: Principal, form: Form) -> Response:
    book: FigureBook = request.app.state.figures
    today = request.app.state.clock.today()
    asked = _asked(request, _plan(book, plan), today)
    hold_share(request, "export")
    async with open_work(request) as work:
        await one_snapshot(work.connection)
        answered, excluded = await use_cases.progress_with_excluded(
            work.connection, book, principal, asked, today
        )
    language = preferred_language(request.headers.get("accept-language"))

    async def rows() -> AsyncIterator[dict[str, Any]]:
        for each in answered.figures:
            title = each.indicator.title
            yield {
                **_file_heading(asked, answered.basis),
                **_figure(each),
                "indicator": each.indicator.id,
                "title": title.vi if language == "vi" else title.en,
                "excluded": excluded[each.indicator.id],
            }

    name = file_name(asked.plan, "progress", asked.agency, asked.as_of, asked.readings)
    return file_of(request, FIGURE_LIST, name, form, rows())


_MEMBERS_PARAMETERS: list[dict[str, Any]] = [
    _AGENCY_PARAMETER,
    _AS_OF_PARAMETER,
    *READING_PARAMETERS,
    *_COUNTED_AT_PARAMETERS,
]
_MEMBERS_REFUSALS = (
    PlanUnknown,
    IndicatorUnknown,
    NotFound,
    InvalidRequest,
    ReadingInvalid,
    ReadingOptionNotAvailable,
    FigureMoved,
    CursorUnknown,
    ProjectionRebuilding,
)
IndicatorId = Annotated[
    str, Path(description="Mã chỉ tiêu / The indicator's id", examples=["I2-2025"])
]
MemberState = Annotated[
    State, Query(description="Đạt, còn thiếu, hoặc không thuộc diện / Who is asked for")
]


@progress_router.get(
    "/v1/plans/{plan}/indicators/{indicator}/members",
    operation_id="list_members",
    summary="Danh sách đứng sau một con số / The people behind a figure",
    responses={
        200: {"model": Members, "content": FILES},
        **problem_responses(*_MEMBERS_REFUSALS, NotAcceptable),
    },
    openapi_extra={"parameters": _MEMBERS_PARAMETERS},
)
async def list_members(
    request: Request,
    plan: PlanId,
    indicator: IndicatorId,
    state: MemberState,
    limit: PageLimit = 100,
    cursor: AnyPageCursor = None,
) -> Response:
    """Who is in, who is out and by which clause. Names are asked of the directory as the caller may see them;
    when it does not answer, `names` says `left_out`. Given `counted_at`, the list belongs to that figure or
    is refused with 409. As CSV or XLSX by `Accept`, or at `members.csv` and `members.xlsx`: the whole list."""
    which = _which(request, plan, indicator, state)
    form = form_asked_for(request, None)
    if form is not None:
        return await _file(request, which, form)
    after = decode_page_cursor(cursor, str)
    async with open_work(request) as work:
        await one_snapshot(work.connection)
        rows, more, basis = await _page(request, work, which, after[0] if after else "", limit)
    names = await _names(request, rows)
    return _json(
        {
            **_heading(which.asked),
            "indicator": which.indicator.id,
            **_counted(basis),
            "state": state,
            "names": "left_out" if names is None else "resolved",
            "items": [_named(row, names) for row in rows],
            "next": encode_page_cursor(rows[-1].official_code) if more else None,
        }
    )


@progress_router.get(
    "/v1/plans/{plan}/indicators/{indicator}/members.{form}",
    operation_id="export_members",
    summary="Xuất danh sách đứng sau một con số / The people behind a figure as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(*_MEMBERS_REFUSALS)},
    openapi_extra={"parameters": _MEMBERS_PARAMETERS},
)
async def export_members(
    request: Request, plan: PlanId, indicator: IndicatorId, form: FormByName, state: MemberState
) -> Response:
    """The whole list, of one figure from its first row to its last; reasons are in words."""
    return await _file(request, _which(request, plan, indicator, state), form)


class _Which(NamedTuple):
    """Whose list is asked for."""

    asked: Asked
    indicator: Indicator
    state: State


def _which(request: Request, plan: str, indicator: str, state: State) -> _Which:
    book: FigureBook = request.app.state.figures
    document = _plan(book, plan)
    asked = _asked(request, document, request.app.state.clock.today())
    counted = document.indicator(indicator)
    if counted is None:
        raise IndicatorUnknown
    return _Which(asked, counted, state)


async def _page(
    request: Request, work: UnitOfWork, which: _Which, after: str, limit: int
) -> tuple[list[Listed], bool, Basis]:
    """Rows after a code, whether more follow, and what they were counted from. Audited."""
    rows, basis = await use_cases.members(
        work.connection,
        request.app.state.figures,
        work.principal,
        which.asked,
        work.clock.today(),
        indicator=which.indicator,
        state=which.state,
        counted_at=_counted_at(request),
        after=after,
        limit=limit + 1,
    )
    work.audit(
        "members.read",
        f"{which.asked.plan.id}/{which.indicator.id}",
        {
            "agency": which.asked.agency,
            "as_of": which.asked.as_of,
            "state": which.state,
            "officials": [row.official_code for row in rows[:limit]],
        },
    )
    return rows[:limit], len(rows) > limit, basis


async def _file(request: Request, which: _Which, form: Form) -> Response:
    """What refuses does so before the file begins to leave; whoever is in it is in the trail by then."""
    hold_share(request, "export")
    listed, basis = await _whole(request, which)
    language = preferred_language(request.headers.get("accept-language"))
    asked = which.asked
    heading = {**_file_heading(asked, basis), "indicator": which.indicator.id}

    async def rows() -> AsyncIterator[dict[str, Any]]:
        names: Mapping[str, str] | None = {}
        for first in range(0, len(listed), _FILE_PAGE):
            page = listed[first : first + _FILE_PAGE]
            if names is not None:  # a directory that did not answer is not waited for again
                names = await _names(request, page)
            for row in page:
                named = _named(row, names)
                if names is None and row.agency_code is not None:
                    named["full_name"] = NAME_LEFT_OUT[language]
                yield {**heading, **named}

    what = f"{which.indicator.id}-{which.state}"
    name = file_name(asked.plan, what, asked.agency, asked.as_of, asked.readings)
    return file_of(request, member_list(asked.plan), name, form, rows())


async def _whole(request: Request, which: _Which) -> tuple[list[Listed], Basis]:
    """All from one snapshot, so that the file is one figure's."""
    turns: Turns = request.app.state.turns
    listed: list[Listed] = []
    async with open_work(request) as work:
        await one_snapshot(work.connection)
        more = True
        while more:
            after = listed[-1].official_code if listed else ""
            async with turns.piece():
                rows, more, basis = await _page(request, work, which, after, _FILE_PAGE)
            listed += rows
    return listed, basis


async def _names(request: Request, rows: Sequence[Listed]) -> dict[str, str] | None:
    """Names of those who are in the caller's scope; null: left out."""
    directory: Directory = request.app.state.directory
    return await directory.names(
        [row.official_code for row in rows if row.agency_code is not None],
        authorization=request.headers["authorization"],
        correlation_id=request.state.correlation_id,
    )


def _named(row: Listed, names: Mapping[str, str] | None) -> dict[str, Any]:
    name = names.get(row.official_code) if names else None
    return {"official_code": row.official_code, "full_name": name, **row._asdict()}


def _plan(book: FigureBook, plan_id: str) -> Plan:
    plan = book.plans.get(plan_id)
    if plan is None:
        raise PlanUnknown
    return plan


def _asked(request: Request, plan: Plan, today: dt.date) -> Asked:
    parameters = request.query_params
    agency = parameters.get("agency")
    if agency is not None and not _AGENCY.fullmatch(agency):
        raise InvalidRequest(
            errors=[
                FieldError("?agency", "invalid_code", "không phải mã cơ quan", "not an agency code")
            ]
        )
    return Asked(
        plan=plan,
        agency=agency or plan.body.agency_code,
        as_of=_date(parameters.get("as_of"), today),
        readings=_readings(plan, parameters.multi_items()),
    )


def _date(text: str | None, today: dt.date) -> dt.date:
    if text is None:
        return today
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day
    except ValueError:
        day = None
    if day is None or len(text) != 10 or not _EARLIEST <= day <= _LATEST:
        raise InvalidRequest(
            errors=[
                FieldError(
                    "?as_of",
                    "invalid_date",
                    f"phải là ngày dạng YYYY-MM-DD, từ {_EARLIEST:%d/%m/%Y} đến {_LATEST:%d/%m/%Y}",
                    f"must be a date YYYY-MM-DD from {_EARLIEST} to {_LATEST}",
                )
            ]
        )
    return day


def _readings(plan: Plan, parameters: list[tuple[str, str]]) -> dict[str, str]:
    try:
        return parse_readings(plan, parameters)
    except ReadingRefused as refused:
        kind = (
            ReadingOptionNotAvailable
            if isinstance(refused, ReadingNotAvailable)
            else ReadingInvalid
        )
        known = CATALOGUE.get(refused.key)
        offered = ", ".join(available_options(plan, known.key) if known else CATALOGUE)
        raise kind(
            errors=[
                FieldError(
                    f"?{PREFIX}{refused.key if known else '*'}",
                    refused.code,
                    f"phải là một trong: {offered}",
                    f"must be one of: {offered}",
                )
            ]
        ) from None


def _counted_at(request: Request) -> dict[str, str]:
    return {
        source: request.query_params[_COUNTED_AT + source]
        for source in _SOURCES
        if _COUNTED_AT + source in request.query_params
    }


def _heading(asked: Asked) -> dict[str, Any]:
    return {
        "plan": asked.plan.id,
        "plan_version": asked.plan.version,
        "agency": asked.agency,
        "as_of": asked.as_of,
        "readings": asked.readings,
    }


def _counted(basis: Basis) -> dict[str, Any]:
    return {
        "counted_at": basis.counted_at,
        "set_aside": [{"feed": feed, "position": position} for feed, position in basis.set_aside],
    }


def _file_heading(asked: Asked, basis: Basis) -> dict[str, Any]:
    return {
        **_heading(asked),
        "readings": readings_in_words(asked.readings),
        "counted_at": basis.counted_at,
        "set_aside": "; ".join(f"{feed} {position}" for feed, position in basis.set_aside) or None,
    }


def _figure(figure: IndicatorFigure) -> dict[str, Any]:
    indicator = figure.indicator
    return {
        "id": indicator.id,
        "title": {"vi": indicator.title.vi, "en": indicator.title.en},
        "source": {"section": indicator.source.section, "sentence": indicator.source.sentence},
        "milestone": indicator.milestone,
        "required_percent": indicator.required_percent,
        "required_level": indicator.required_level,
        "specialised": indicator.specialised,
        "eligible": figure.eligible,
        "achieved": figure.achieved,
        "percent": figure.percent,
        "shortfall": figure.shortfall,
        "status": figure.status,
        "focus": figure.focus._asdict() if figure.focus else None,
        "level_only": figure.level_only._asdict() if figure.level_only else None,
    }


def _json(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
