"""HTTP of evidence."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from services.certification.directory.endpoints import CaughtUpRoute
from services.certification.evidence.callers import READERS, require, require_reader
from services.certification.evidence.errors import (
    AcceptanceNotNamed,
    EquivalenceSilent,
    EquivalenceTableUnknown,
    EvidenceAlreadyDecided,
    EvidenceConflict,
    EvidenceDatesImpossible,
    EvidenceLevelRequired,
    EvidenceLevelUnexpected,
    EvidenceNotAccepted,
    LanguageUnknown,
)
from services.certification.evidence.layout import EVIDENCE_LIST, EVIDENCE_SHEET
from services.certification.evidence.schemas import (
    EXAMPLE_EVIDENCE,
    AcceptanceBody,
    AcceptancesBody,
    AcceptancesReport,
    EvidenceAnswer,
    EvidenceBody,
    EvidencePage,
    EvidenceView,
    FilingAnswer,
    WithdrawalBody,
)
from services.certification.evidence.use_cases import deciding, filing, reading
from services.certification.evidence.use_cases.bulk_rows import EvidenceFile
from shared.contracts.events import EvidenceKind
from shared.contracts.problem import (
    Forbidden,
    InvalidRequest,
    NotFound,
    Problem,
    preferred_language,
)
from shared.listing.declared import ListFile, Listing, add_list
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.bulk import BULK_REFUSALS, DryRun, TextEncoding, answer_bulk, bulk_answer, bulk_body
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses
from shared.web.templates import template_router

bulk_router = APIRouter(tags=["evidence"])
templates_router = template_router(
    EVIDENCE_SHEET, "/v1/evidence/import", "evidence_import", "evidence"
)


class _TreeRoute(CaughtUpRoute):
    """For whom a body may file, and what it may decide, follows from the tree of agencies."""

    def doubts(self, request: Request, problem: Problem) -> bool:
        return isinstance(problem, NotFound) and request.state.principal.role in READERS

    async def learns_more(self, request: Request, problem: Problem) -> bool:
        learned = await super().learns_more(request, problem)
        request.state.tree_is_new = learned
        return learned


router = APIRouter(tags=["evidence"], route_class=EdgeRoute)
filing_router = APIRouter(tags=["evidence"], route_class=_TreeRoute)

EvidenceId = Annotated[UUID, Path(description="Mã minh chứng / The evidence's id")]

_ANSWERED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": EvidenceAnswer, "description": "Đã ghi từ trước / Recorded before"}
}
_LEVELS = (
    EvidenceLevelRequired,
    EvidenceLevelUnexpected,
    EquivalenceTableUnknown,
    EquivalenceSilent,
)


@filing_router.post(
    "/v1/evidence",
    operation_id="file_evidence",
    summary="Nộp minh chứng trình độ ngoại ngữ / File evidence",
    response_model=FilingAnswer,
    status_code=201,
    responses={
        200: {"model": FilingAnswer, "description": "Đã ghi từ trước / Recorded before"},
        **problem_responses(
            NotFound,
            Forbidden,
            InvalidRequest,
            EvidenceConflict,
            EvidenceDatesImpossible,
            LanguageUnknown,
        ),
    },
    openapi_extra={"requestBody": {"content": {"application/json": {"example": EXAMPLE_EVIDENCE}}}},
)
async def file_evidence(
    body: EvidenceBody, request: Request, work: Work, response: Response
) -> FilingAnswer:
    """It counts for nothing until accepted; then from `dated`. The same paper of the same person filed
    again by the same body is answered 200."""
    require(work.principal, "evidence:write")
    state = request.app.state
    answer, created = await filing.file_evidence(
        work,
        state.person_keys,
        state.rulebook.languages,
        body,
        preferred_language(request.headers.get("accept-language")),
    )
    if not created:
        response.status_code = 200
    return answer


@filing_router.post(
    "/v1/evidence/acceptances",
    operation_id="accept_evidence_list",
    summary="Công nhận một danh sách bằng một quyết định / Accept a list by one decision",
    responses=problem_responses(NotFound, Forbidden, InvalidRequest),
)
async def accept_evidence_list(
    body: AcceptancesBody, request: Request, work: Work, dry_run: DryRun = False
) -> AcceptancesReport:
    """Good items stand, refused ones are named by their place in the list. With `dry_run` nothing is
    written."""
    del dry_run  # the edge takes back what was done
    require(work.principal, "evidence:decide")
    language = preferred_language(request.headers.get("accept-language"))
    report = await deciding.accept_list(work, request.app.state.rulebook, body, language)
    unknown = any(fault.code == NotFound.code for fault in report.errors)
    if unknown and not getattr(request.state, "tree_is_new", False):
        raise NotFound  # not the answer: the route learns more and tries again
    return report


@bulk_router.post(
    "/v1/evidence/import",
    operation_id="import_evidence",
    summary="Nộp nhiều minh chứng / File evidence in bulk",
    response_class=Response,
    openapi_extra=bulk_body(
        {"$ref": "#/components/schemas/EvidenceBody"}, EXAMPLE_EVIDENCE, sheets=True
    ),
    responses={
        200: bulk_answer("results"),
        **problem_responses(Forbidden, NotFound),
        **BULK_REFUSALS,
    },
)
async def import_evidence(
    request: Request,
    encoding: TextEncoding = None,
    dry_run: DryRun = False,
) -> Response:
    """JSON array, NDJSON, CSV or XLSX; a row is the body of `POST /v1/evidence`. Good rows stand, bad rows
    never spoil them; the same file again changes nothing."""
    principal: Principal = request.state.principal
    require(principal, "evidence:write")
    state = request.app.state
    papers = EvidenceFile(
        state.person_keys,
        state.rulebook.languages,
        principal,
        state.clock.today(),
        confirmed=await state.institutions.catch_up(),
    )
    return await answer_bulk(request, papers, encoding=encoding, dry_run=dry_run)


@filing_router.post(
    "/v1/evidence/{evidence_id}/acceptance",
    operation_id="accept_evidence",
    summary="Công nhận minh chứng / Accept evidence",
    response_model=EvidenceAnswer,
    status_code=201,
    responses={
        **_ANSWERED,
        **problem_responses(
            NotFound,
            Forbidden,
            InvalidRequest,
            EvidenceAlreadyDecided,
            EvidenceDatesImpossible,
            *_LEVELS,
        ),
    },
)
async def accept_evidence(
    evidence_id: EvidenceId, body: AcceptanceBody, request: Request, work: Work, response: Response
) -> EvidenceAnswer:
    """The decision states the level, or names the equivalence table that gives it: none is applied by
    itself, because none was issued for officials in general. It counts for persons whose body stands at or
    below the deciding authority's; another authority's acceptance of the same paper is one more."""
    require(work.principal, "evidence:decide")
    answer, changed = await deciding.accept(work, request.app.state.rulebook, evidence_id, body)
    if not changed:
        response.status_code = 200
    return answer


@filing_router.post(
    "/v1/evidence/{evidence_id}/withdrawal",
    operation_id="withdraw_evidence",
    summary="Rút công nhận minh chứng / Withdraw accepted evidence",
    response_model=EvidenceAnswer,
    status_code=201,
    responses={
        **_ANSWERED,
        **problem_responses(
            NotFound,
            Forbidden,
            InvalidRequest,
            EvidenceNotAccepted,
            EvidenceAlreadyDecided,
            AcceptanceNotNamed,
            EvidenceDatesImpossible,
        ),
    },
)
async def withdraw_evidence(
    evidence_id: EvidenceId, body: WithdrawalBody, work: Work, response: Response
) -> EvidenceAnswer:
    """It counts until the day before `decided_on`. An acceptance is withdrawn by the authority that decided
    it, or by one above."""
    require(work.principal, "evidence:decide")
    answer, changed = await deciding.withdraw(work, evidence_id, body)
    if not changed:
        response.status_code = 200
    return answer


@filing_router.get(
    "/v1/evidence/{evidence_id}",
    operation_id="get_evidence",
    summary="Một minh chứng / One piece of evidence",
    responses=problem_responses(NotFound),
)
async def get_evidence(
    evidence_id: EvidenceId, request: Request, work: Work, response: Response
) -> EvidenceView:
    require_reader(work.principal)
    view, tag = await reading.view_evidence(work, request.app.state.rulebook, evidence_id)
    response.headers["ETag"] = tag
    return view


class EvidenceFilters(BaseModel):
    kind: Annotated[
        EvidenceKind | None, Field(description="Loại minh chứng / Kind of evidence")
    ] = None


async def _asked_for(
    request: Request, work: UnitOfWork, filters: EvidenceFilters
) -> reading.AskedPapers:
    require_reader(work.principal)
    return reading.AskedPapers(request.app.state.rulebook, filters.kind)


EVIDENCE = Listing(
    path="/v1/evidence",
    name="evidence",
    summary="Danh sách minh chứng / Evidence",
    description=(
        "What the caller's body and those below it filed; to an authority also what waits for it and what it or "
        "those below it accepted. As CSV or XLSX by `Accept`, or at `/v1/evidence.csv` and `.xlsx`: the whole list."
    ),
    filters=EvidenceFilters,
    ask=_asked_for,
    read=reading.list_evidence,
    key=(UUID,),
    page=EvidencePage,
    file=ListFile(
        layout=EVIDENCE_LIST,
        summary="Xuất danh sách minh chứng / Evidence as a file",
        description="One paper on each row.",
    ),
    refusals=(NotFound,),
)
add_list(router, EVIDENCE)
