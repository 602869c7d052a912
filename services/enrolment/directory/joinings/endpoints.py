"""HTTP of officials taken over from another body."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.enrolment.directory.joinings import use_cases
from services.enrolment.directory.joinings.errors import JoiningDecided
from services.enrolment.directory.joinings.schemas import (
    AllowedMove,
    ContestBody,
    DecisionBody,
    JoiningPage,
    JoiningView,
)
from services.enrolment.directory.joinings.use_cases import Seen
from services.enrolment.directory.officials.endpoints import require_writer
from services.enrolment.directory.officials.errors import PrimaryConflict
from shared.contracts.problem import CursorUnknown, Forbidden, InvalidRequest, NotFound
from shared.listing.pages import PageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.web.conditional import etag
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["joinings"], route_class=EdgeRoute)

JoiningId = Annotated[UUID, Path(description="Mã việc tiếp nhận / The joining's id")]
_MOVES: Final = {"upholding": "decision", "dismissal": "decision"}


def _view(seen: Seen, today: dt.date) -> JoiningView:
    joining = seen.joining
    return JoiningView(
        joining_id=joining.joining_id,
        official_code=joining.official_code,
        from_agency=seen.from_agency,
        to_agency=seen.to_agency,
        effective_on=joining.effective_on,
        recorded_on=joining.recorded_on,
        contested_until=joining.contested_until,
        state=joining.state(today),
        version=joining.version,
        reason=joining.reason,
        decision_number=joining.decision_number,
        decided_on=joining.decided_on,
        allowed_moves=[
            AllowedMove(move=move)
            for move in dict.fromkeys(_MOVES.get(act, act) for act in seen.acts)
        ],
    )


def _answer(seen: Seen, work: Work, response: Response) -> JoiningView:
    response.headers["ETag"] = etag(seen.joining.version)
    return _view(seen, work.clock.today())


@router.get(
    "/v1/joinings",
    operation_id="list_joinings",
    summary="Việc tiếp nhận từ cơ quan khác / Officials taken over",
    response_model=JoiningPage,
    responses=problem_responses(NotFound, CursorUnknown, InvalidRequest),
)
async def list_joinings(
    work: Work, cursor: PageCursor = None, limit: PageLimit = 100
) -> JoiningPage:
    """From and to bodies of the caller's scope, the latest first. The body before confirms or, until
    `contested_until`, contests."""
    key = decode_page_cursor(cursor, UUID)
    found = await use_cases.listed(work, None if key is None else key[0], limit + 1)
    more = len(found) > limit
    return JoiningPage(
        items=[_view(each, work.clock.today()) for each in found[:limit]],
        next=encode_page_cursor(found[limit - 1].joining.joining_id) if more else None,
    )


@router.get(
    "/v1/joinings/{joining_id}",
    operation_id="get_joining",
    summary="Một việc tiếp nhận / One official taken over",
    response_model=JoiningView,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_joining(joining_id: JoiningId, work: Work, response: Response) -> JoiningView:
    """Seen by both bodies and those above them."""
    return _answer(await use_cases.find(work, joining_id), work, response)


_REFUSALS = problem_responses(Forbidden, NotFound, JoiningDecided, PrimaryConflict, InvalidRequest)


@router.post(
    "/v1/joinings/{joining_id}/confirmation",
    operation_id="confirm_joining",
    summary="Cơ quan cũ xác nhận / The body before confirms",
    response_model=JoiningView,
    responses=_REFUSALS,
)
async def confirm_joining(joining_id: JoiningId, work: Work, response: Response) -> JoiningView:
    """From then on the receiving body answers for the facts of the person."""
    require_writer(work.principal)
    return _answer(await use_cases.act(work, joining_id, "confirmation"), work, response)


@router.post(
    "/v1/joinings/{joining_id}/contest",
    operation_id="contest_joining",
    summary="Cơ quan cũ phản đối / The body before contests",
    response_model=JoiningView,
    responses=_REFUSALS,
)
async def contest_joining(
    joining_id: JoiningId, body: ContestBody, work: Work, response: Response
) -> JoiningView:
    """Within 30 days: its assignment is restored, the arriving one falls away, and an authority above both bodies
    decides."""
    require_writer(work.principal)
    seen = await use_cases.act(work, joining_id, "contest", reason=body.reason)
    return _answer(seen, work, response)


@router.post(
    "/v1/joinings/{joining_id}/decision",
    operation_id="decide_joining",
    summary="Cơ quan quản lý chung quyết định / The common authority decides",
    response_model=JoiningView,
    responses=_REFUSALS,
)
async def decide_joining(
    joining_id: JoiningId, body: DecisionBody, work: Work, response: Response
) -> JoiningView:
    """Of a contested one. `upheld` sets the arriving assignment up again."""
    require_writer(work.principal)
    seen = await use_cases.act(
        work,
        joining_id,
        "upholding" if body.outcome == "upheld" else "dismissal",
        decision_number=body.decision_number,
        decided_on=body.decided_on,
    )
    return _answer(seen, work, response)
