"""`GET /v1/plans/{plan}/progress` and the lists behind its figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.targets.asking.endpoints import QUESTION_REFUSALS, Question
from services.targets.asking.parameters import QUESTION_PARAMETERS
from services.targets.asking.question import Asked
from services.targets.plans.errors import IndicatorUnknown
from services.targets.progress.answers import figure_answer, figure_row, file_heading
from services.targets.progress.errors import FigureMoved, ProjectionRebuilding
from services.targets.progress.figures import FigureBook
from services.targets.progress.layout import FIGURE_LIST, NAME_LEFT_OUT, file_name, member_list
from services.targets.progress.members import State
from services.targets.progress.schemas import Members, Progress
from services.targets.progress.use_cases import members
from services.targets.progress.use_cases.figures import progress, progress_with_excluded
from services.targets.progress.use_cases.members import (
    AskedMembers,
    Listed,
    first_page,
    whole_list,
)
from shared.clients.directory import Directory
from shared.contracts.problem import CursorUnknown, NotAcceptable, preferred_language
from shared.listing.files import file_of
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.web.edge import Caller, open_work
from shared.web.problems import problem_responses
from shared.web.shares import hold_share

_COUNTED_AT: Final = "counted_at."
_SOURCES: Final = ("enrolment", "certification")
_COUNTED_AT_PARAMETERS: Final[list[dict[str, Any]]] = [
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

progress_router = APIRouter(tags=["progress"])


@progress_router.get(
    "/v1/plans/{plan}/progress",
    operation_id="read_progress",
    summary="Tiến độ các chỉ tiêu / Progress of a plan's indicators",
    responses={
        200: {"model": Progress, "content": FILES},
        **problem_responses(*QUESTION_REFUSALS, ProjectionRebuilding, NotAcceptable),
    },
    openapi_extra={"parameters": QUESTION_PARAMETERS},
)
async def read_progress(request: Request, asked: Question, caller: Caller) -> Response:
    """Every indicator of the plan for one body, its subtree included, as of one day, under readings that
    the answer names whole. As CSV or XLSX by `Accept`, or at `progress.csv` and `progress.xlsx`."""
    form = form_asked_for(request, None)
    if form is not None:
        return await _figures_file(request, asked, form)
    state = request.app.state
    answered = await progress(state.database, state.figures, caller, asked, state.clock.today())
    return _json(
        {
            **asked.heading(),
            **answered.basis.members(),
            "indicators": [figure_answer(each) for each in answered.figures],
        }
    )


@progress_router.get(
    "/v1/plans/{plan}/progress.{form}",
    operation_id="export_progress",
    summary="Xuất tiến độ các chỉ tiêu / Progress of a plan's indicators as a file",
    response_class=Response,
    responses={
        200: {"content": NAMED_FILES},
        **problem_responses(*QUESTION_REFUSALS, ProjectionRebuilding),
    },
    openapi_extra={"parameters": QUESTION_PARAMETERS},
)
async def export_progress(request: Request, asked: Question, form: FormByName) -> Response:
    """One row per indicator, with how many people are excluded, and what each figure was counted from."""
    return await _figures_file(request, asked, form)


async def _figures_file(request: Request, asked: Asked, form: Form) -> Response:
    book: FigureBook = request.app.state.figures
    hold_share(request, "export")
    async with open_work(request) as work:
        answered, excluded = await progress_with_excluded(work, book, asked)
    language = preferred_language(request.headers.get("accept-language"))

    async def rows() -> AsyncIterator[dict[str, Any]]:
        for each in answered.figures:
            yield figure_row(asked, answered.basis, each, excluded[each.indicator.id], language)

    name = file_name(asked.plan, "progress", asked.agency, asked.as_of, asked.readings)
    return file_of(request, FIGURE_LIST, name, form, rows())


_MEMBERS_PARAMETERS: Final = [*QUESTION_PARAMETERS, *_COUNTED_AT_PARAMETERS]
_MEMBERS_REFUSALS: Final = (
    *QUESTION_REFUSALS,
    IndicatorUnknown,
    FigureMoved,
    CursorUnknown,
    ProjectionRebuilding,
)


async def _asked_members(
    request: Request,
    asked: Question,
    indicator: Annotated[
        str, Path(description="Mã chỉ tiêu / The indicator's id", examples=["I2-2025"])
    ],
    state: Annotated[
        State, Query(description="Đạt, còn thiếu, hoặc không thuộc diện / Who is asked for")
    ],
) -> AskedMembers:
    counted = asked.plan.indicator(indicator)
    if counted is None:
        raise IndicatorUnknown
    counted_at = {
        source: request.query_params[_COUNTED_AT + source]
        for source in _SOURCES
        if _COUNTED_AT + source in request.query_params
    }
    return AskedMembers(asked, counted, state, counted_at)


MembersQuestion = Annotated[AskedMembers, Depends(_asked_members)]


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
    which: MembersQuestion,
    limit: PageLimit = 100,
    cursor: AnyPageCursor = None,
) -> Response:
    """Who is in, who is out and by which clause. Names are asked of the directory as the caller may see them;
    when it does not answer, `names` says `left_out`. Given `counted_at`, the list belongs to that figure or
    is refused with 409. As CSV or XLSX by `Accept`, or at `members.csv` and `members.xlsx`: the whole list."""
    form = form_asked_for(request, None)
    if form is not None:
        return await _members_file(request, which, form)
    after = decode_page_cursor(cursor, str)
    async with open_work(request) as work:
        rows, more, basis = await first_page(
            work, request.app.state.figures, which, after[0] if after else "", limit
        )
    names = await _names(request, rows)
    return _json(
        {
            **which.asked.heading(),
            "indicator": which.indicator.id,
            **basis.members(),
            "state": which.state,
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
async def export_members(request: Request, which: MembersQuestion, form: FormByName) -> Response:
    """The whole list, of one figure from its first row to its last; reasons are in words."""
    return await _members_file(request, which, form)


async def _members_file(request: Request, which: AskedMembers, form: Form) -> Response:
    """Every refusal comes before the file begins to leave, and the trail names everybody in the file by then."""
    hold_share(request, "export")
    state = request.app.state
    async with open_work(request) as work:
        listed, basis = await whole_list(work, state.figures, which, state.turns)
    language = preferred_language(request.headers.get("accept-language"))
    asked = which.asked
    heading = {**file_heading(asked, basis), "indicator": which.indicator.id}

    async def rows() -> AsyncIterator[dict[str, Any]]:
        names: Mapping[str, str] | None = {}
        for first in range(0, len(listed), members.FILE_PAGE):
            page = listed[first : first + members.FILE_PAGE]
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


def _json(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
