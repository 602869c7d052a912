"""HTTP of evidence."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.certification.directory.endpoints import CaughtUpRoute
from services.certification.evidence import decisions, reach, use_cases
from services.certification.evidence.bulk_rows import EvidenceFile
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
from shared.contracts.events import EvidenceKind
from shared.contracts.problem import (
    CursorUnknown,
    Forbidden,
    InvalidRequest,
    NotAcceptable,
    NotFound,
    Problem,
    preferred_language,
)
from shared.listing.files import PAGE as EXPORT_PAGE
from shared.listing.files import exported
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import PageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.bulk import BULK_REFUSALS, DryRun, TextEncoding, answer_bulk, bulk_answer, bulk_body
from shared.web.edge import Caller, EdgeRoute, Work
from shared.web.problems import problem_responses
from shared.web.templates import template_router

bulk_router = APIRouter(tags=["evidence"])
templates_router = template_router(
    EVIDENCE_SHEET, "/v1/evidence/import", "evidence_import", "evidence"
)


class _TreeRoute(CaughtUpRoute):
    """For whom a body may file, and what it may decide, follows from the tree of agencies."""

    def doubts(self, request: Request, problem: Problem) -> bool:
        return isinstance(problem, NotFound) and request.state.principal.role in reach.READERS

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
    reach.require(work.principal, "evidence:write")
    state = request.app.state
    answer, created = await use_cases.file_evidence(
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
    reach.require(work.principal, "evidence:decide")
    language = preferred_language(request.headers.get("accept-language"))
    report = await decisions.accept_list(work, request.app.state.rulebook, body, language)
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
    reach.require(principal, "evidence:write")
    state = request.app.state
    papers = EvidenceFile(
        state.person_keys,
        state.rulebook.languages,
        principal,
        state.clock.today(),
        confirmed=await state.institutions.catch_up(),
    )
    return await answer_bulk(
        request,
        sheet=EVIDENCE_SHEET,
        encoding=encoding,
        prepare=papers.prepare,
        take=papers.take,
        unread=papers.unread,
        waits=papers.waits,
        vocabulary="results",
        dry_run=dry_run,
    )


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
    reach.require(work.principal, "evidence:decide")
    answer, changed = await decisions.accept(work, request.app.state.rulebook, evidence_id, body)
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
    reach.require(work.principal, "evidence:decide")
    answer, changed = await decisions.withdraw(work, evidence_id, body)
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
    if work.principal.role not in reach.READERS:
        raise NotFound
    view, tag = await use_cases.view_evidence(work, request.app.state.rulebook, evidence_id)
    response.headers["ETag"] = tag
    return view


KindFilter = Annotated[EvidenceKind | None, Query(description="Loại minh chứng / Kind of evidence")]


@router.get(
    "/v1/evidence",
    operation_id="list_evidence",
    summary="Danh sách minh chứng / Evidence",
    response_model=EvidencePage,
    responses={
        200: {"content": FILES},
        **problem_responses(NotFound, CursorUnknown, NotAcceptable),
    },
)
async def list_evidence(
    request: Request,
    work: Work,
    limit: PageLimit = 100,
    cursor: PageCursor = None,
    kind: KindFilter = None,
) -> Any:
    """What the caller's body and those below it filed; to an authority also what waits for it and what it or
    those below it accepted. As CSV or XLSX by `Accept`, or at
    `/v1/evidence.csv` and `.xlsx`: the whole list."""
    if work.principal.role not in reach.READERS:
        raise NotFound
    form = form_asked_for(request, None)
    if form is not None:
        return _export(request, kind, form)
    key = decode_page_cursor(cursor, UUID)
    items, last = await use_cases.list_evidence(
        work,
        request.app.state.rulebook,
        kind=kind,
        after=None if key is None else key[0],
        limit=limit,
    )
    return EvidencePage(items=items, next=None if last is None else encode_page_cursor(last))


@router.get(
    "/v1/evidence.{form}",
    operation_id="export_evidence",
    summary="Xuất danh sách minh chứng / Evidence as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(NotFound)},
)
async def export_evidence(
    form: FormByName, request: Request, caller: Caller, kind: KindFilter = None
) -> Response:
    """One paper on each row."""
    if caller.role not in reach.READERS:
        raise NotFound
    return _export(request, kind, form)


def _export(request: Request, kind: EvidenceKind | None, form: Form) -> Response:
    async def page(
        work: UnitOfWork, after: UUID | None
    ) -> tuple[list[dict[str, Any]], UUID | None]:
        items, last = await use_cases.list_evidence(
            work, request.app.state.rulebook, kind=kind, after=after, limit=EXPORT_PAGE
        )
        return [item.model_dump(mode="json") for item in items], last

    return exported(request, EVIDENCE_LIST, "evidence", form, page)
