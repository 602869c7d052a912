"""HTTP of moves."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Request, Response

from services.enrolment.directory.moves.errors import (
    MoveAlreadyReversed,
    MoveBuiltUpon,
    MoveRefused,
    ReversalTooLate,
)
from services.enrolment.directory.moves.move import Move, MoveOrder
from services.enrolment.directory.moves.schemas import MoveBody, MoveList, MoveView, ReversalBody
from services.enrolment.directory.moves.use_cases import recording
from services.enrolment.directory.moves.use_cases.reading import listed
from services.enrolment.directory.moves.use_cases.undoing import reverse
from services.enrolment.directory.officials.checks import OF_ASSIGNMENT, failed
from services.enrolment.directory.officials.errors import (
    AgencyNotInForce,
    AgencyUnknown,
    JoiningContested,
    OfficialCodeInUse,
    refusal,
)
from services.enrolment.directory.officials.posts import GivenPost
from services.enrolment.directory.officials.rows import AssignmentPart
from services.enrolment.directory.officials.submission import given_post
from services.enrolment.directory.officials.visibility import require_writer
from services.enrolment.parameters import OfficialCode, keys_of
from shared.contracts.problem import Forbidden, InvalidRequest, NotFound, TooManyRequests
from shared.web.conditional import etag
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["moves"], route_class=EdgeRoute)


def _view(move: Move, version: int) -> MoveView:
    return MoveView(
        move_id=move.move_id,
        official_code=move.official_code,
        kind=move.kind,
        effective_on=move.effective_on,
        decision_number=move.decision_number,
        to_agency=move.to_agency,
        recorded_on=move.recorded_on,
        reverses=move.reverses,
        reversed=move.reversed,
        official_version=version,
    )


@router.post(
    "/v1/officials/{official_code}/moves",
    operation_id="record_move",
    summary="Ghi một biến động / Record a move",
    status_code=201,
    response_model=MoveView,
    responses=problem_responses(
        Forbidden,
        NotFound,
        AgencyUnknown,
        AgencyNotInForce,
        MoveRefused,
        OfficialCodeInUse,
        JoiningContested,
        InvalidRequest,
        TooManyRequests,
    ),
)
async def record_move(
    official_code: OfficialCode, body: MoveBody, request: Request, response: Response, work: Work
) -> MoveView:
    """A transfer, rotation or secondment is recorded by the receiving body; for an official of another
    body's scope it shows the identity number and the whole birth date. A departure ends every assignment the
    day before."""
    require_writer(work.principal)
    if wrong := body.contradictions():
        raise InvalidRequest(errors=wrong)
    order = MoveOrder(
        kind=body.kind,
        effective_on=body.effective_on,
        decision_number=body.decision_number,
        to_agency=body.arrives_at,
        given=_given(body),
    )
    number = body.number
    proof = None
    if number is not None:
        proof = recording.Proof(bytes.fromhex(keys_of(request).person_key(number)), body.birth_date)
    recorded, version = await recording.record(work, official_code, order, proof)
    response.headers["ETag"] = etag(version)
    return _view(recorded, version)


def _given(body: MoveBody) -> GivenPost | None:
    """The assignment under the same rules as in a roster."""
    if body.assignment is None:
        return None
    part = msgspec.convert(body.assignment, AssignmentPart, from_attributes=True)
    seconded = body.kind == "secondment"
    part = msgspec.structs.replace(
        part, primary=not seconded, posting="secondment" if seconded else "regular"
    )
    if wrong := failed(OF_ASSIGNMENT, part, "/assignment"):
        raise refusal(wrong)
    return given_post(part)


@router.get(
    "/v1/officials/{official_code}/moves",
    operation_id="list_moves",
    summary="Các biến động của một cán bộ / Moves of an official",
    response_model=MoveList,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def list_moves(official_code: OfficialCode, work: Work) -> MoveList:
    """In the order of their recording; a reversal names the move it undid. The receiving body sees a move
    to it before the official is in its scope."""
    version, found = await listed(work, official_code)
    if work.principal.official_code != official_code:
        work.audit("official.moves_read", official_code)
    return MoveList(items=[_view(each, version) for each in found])


@router.post(
    "/v1/officials/{official_code}/moves/{move_id}/reversal",
    operation_id="reverse_move",
    summary="Hủy một biến động trong 30 ngày / Undo a move within 30 days",
    status_code=201,
    response_model=MoveView,
    responses=problem_responses(
        Forbidden, NotFound, MoveAlreadyReversed, ReversalTooLate, MoveBuiltUpon, InvalidRequest
    ),
)
async def reverse_move(
    official_code: OfficialCode,
    move_id: Annotated[UUID, Path(description="Biến động cần hủy / The move to undo")],
    body: ReversalBody,
    response: Response,
    work: Work,
) -> MoveView:
    """The assignments are again what they were; refused once something was built upon the move. Until 30
    days after the recording, or after `effective_on` where that is later; by the receiving body too."""
    require_writer(work.principal)
    recorded, version = await reverse(work, official_code, move_id, body.decision_number)
    response.headers["ETag"] = etag(version)
    return _view(recorded, version)
