"""HTTP of officials taken over from another body."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from services.enrolment.directory.joinings.errors import JoiningDecided
from services.enrolment.directory.joinings.schemas import (
    AllowedMove,
    ContestBody,
    DecisionBody,
    JoiningPage,
    JoiningView,
)
from services.enrolment.directory.joinings.use_cases import deciding as use_cases
from services.enrolment.directory.joinings.use_cases.deciding import KnownJoining
from services.enrolment.directory.officials.errors import PrimaryConflict
from services.enrolment.directory.officials.visibility import require_writer
from shared.contracts.problem import Forbidden, InvalidRequest, NotFound
from shared.listing.declared import Listing, NoFilters, add_list
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.conditional import etag
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["joinings"], route_class=EdgeRoute)

JoiningId = Annotated[UUID, Path(description="Mã việc tiếp nhận / The joining's id")]
_MOVES: Final = {"upholding": "decision", "dismissal": "decision"}


def _view(known: KnownJoining, today: dt.date) -> JoiningView:
    joining = known.joining
    return JoiningView(
        joining_id=joining.joining_id,
        official_code=joining.official_code,
        from_agency=known.from_agency,
        to_agency=known.to_agency,
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
            for move in dict.fromkeys(_MOVES.get(act, act) for act in known.acts)
        ],
    )


def _answer(known: KnownJoining, work: Work, response: Response) -> JoiningView:
    response.headers["ETag"] = etag(known.joining.version)
    return _view(known, work.clock.today())


async def _asked(_: Request, work: UnitOfWork, __: NoFilters) -> None:
    use_cases.require_reader(work)


async def _page(
    work: UnitOfWork, asked: None, after: tuple[UUID] | None, limit: int
) -> tuple[list[JoiningView], tuple[UUID] | None]:
    found, last = await use_cases.listed(work, asked, after, limit)
    return [_view(each, work.clock.today()) for each in found], last


add_list(
    router,
    Listing(
        path="/v1/joinings",
        name="joinings",
        summary="Việc tiếp nhận từ cơ quan khác / Officials taken over",
        description=(
            "From and to bodies of the caller's scope, the latest first. The body before confirms or, until"
            " `contested_until`, contests."
        ),
        filters=NoFilters,
        ask=_asked,
        read=_page,
        key=(UUID,),
        page=JoiningPage,
        refusals=(NotFound,),
    ),
)


@router.get(
    "/v1/joinings/{joining_id}",
    operation_id="get_joining",
    summary="Một việc tiếp nhận / One official taken over",
    response_model=JoiningView,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_joining(joining_id: JoiningId, work: Work, response: Response) -> JoiningView:
    """Known to both bodies and to those above them."""
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
    known = await use_cases.act(work, joining_id, "contest", reason=body.reason)
    return _answer(known, work, response)


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
    known = await use_cases.act(
        work,
        joining_id,
        "upholding" if body.outcome == "upheld" else "dismissal",
        decision_number=body.decision_number,
        decided_on=body.decided_on,
    )
    return _answer(known, work, response)
