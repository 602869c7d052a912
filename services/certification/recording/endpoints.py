"""HTTP of posted sheets. One alone is a plain ASGI application: this path keeps up with the database."""

from __future__ import annotations

import codecs
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from services.certification.directory.use_cases.catching_up import Institutions
from services.certification.recording.use_cases import bulk_rows
from services.certification.recording.use_cases.batch_writer import (
    Answer,
    Posting,
)
from services.certification.recording.use_cases.posting import ResultsState
from services.certification.registry.callers import require_register
from services.certification.registry.errors import REGISTER_REFUSALS
from services.certification.sheets.errors import RESULT_REFUSALS
from services.certification.sheets.judging import (
    judge_language,
)
from services.certification.sheets.layout import RESULT_SHEET
from services.certification.sheets.refusals import (
    institution_unknown,
)
from services.certification.sheets.schemas import (
    EXAMPLE_ANSWER,
    EXAMPLE_RESULT,
    ResultAnswer,
    ResultBody,
    schema_of,
)
from shared.clock import Clock
from shared.contracts.problem import (
    MEDIA_TYPE,
    DependencyUnavailable,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    Problem,
    UnsupportedMediaType,
    preferred_language,
)
from shared.idempotency.answers import is_stored
from shared.idempotency.keys import IdempotencyKey
from shared.idempotency.repository import keep_refusal, stored_answers
from shared.security.principal import Principal
from shared.web.bulk import BULK_REFUSALS, DryRun, TextEncoding, answer_bulk, bulk_answer, bulk_body
from shared.web.edge import (
    idempotency_key,
    open_work,
    replayed,
)
from shared.web.media_types import is_json
from shared.web.parameters import refuse_unknown
from shared.web.problems import problem_body, problem_responses
from shared.web.templates import template_router

RESULTS: Final = "/v1/results"

bulk_router = APIRouter(tags=["results"])
templates_router = template_router(RESULT_SHEET, "/v1/results/batch", "results_batch", "results")


@bulk_router.post(
    "/v1/results/batch",
    operation_id="post_results_batch",
    summary="Ghi nhiều kết quả / Record many results",
    response_class=Response,
    openapi_extra=bulk_body(schema_of(ResultBody), EXAMPLE_RESULT, sheets=True),
    responses={
        200: bulk_answer("results"),
        **problem_responses(Forbidden, NotFound),
        **BULK_REFUSALS,
    },
)
async def post_results_batch(
    request: Request,
    encoding: TextEncoding = None,
    dry_run: DryRun = False,
) -> Response:
    """JSON array, NDJSON, CSV or XLSX; a row is the body of `POST /v1/results`. Good rows stand, bad rows
    never spoil them; the same file again changes nothing. Rows are registered in their order."""
    principal: Principal = request.state.principal
    require_register(principal, "results:write")
    state: ResultsState = request.app.state.results
    taker = bulk_rows.ResultFile(
        state.writer.recorder,
        state.judge,
        principal,
        state.clock.today(),
        confirmed=await request.app.state.institutions.catch_up(),
    )
    return await answer_bulk(request, taker, encoding=encoding, dry_run=dry_run)


async def _post_result(scope: Scope, receive: Receive, send: Send) -> None:
    state: ResultsState = scope["app"].state.results
    institutions: Institutions = scope["app"].state.institutions
    raw = await _whole_body(receive)
    request = Request(scope)
    key = idempotency_key(request, raw)
    principal: Principal = scope["state"]["principal"]
    try:
        if not is_json(request.headers.get("content-type", "")):
            raise UnsupportedMediaType("Cần application/json", "application/json is needed")
        if scope["query_string"]:
            refuse_unknown(request, frozenset())
        require_register(principal, "results:write")
        body = state.decode(raw)
        if not principal.reaches_institution(body.institution_code):
            raise institution_unknown()
        sheet = state.judge(body, state.clock.today())
        await institutions.check(body.institution_code, sheet.exam)
        judge_language(sheet)
    except Problem as problem:
        answer = await _refusal(request, key, problem)
    else:
        answer = await state.writer.submit(
            Posting(
                sheet,
                principal,
                scope["state"]["correlation_id"],
                preferred_language(request.headers.get("accept-language")),
                key,
            )
        )
    await _send(answer, send)


async def _whole_body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    return body.removeprefix(codecs.BOM_UTF8)


async def _refusal(request: Request, key: IdempotencyKey | None, problem: Problem) -> Answer:
    """The refusal of a sheet before it reaches the writer. An answer that stands under the key goes first."""
    if key is None:
        raise problem
    clock: Clock = request.app.state.clock
    async with open_work(request) as work:
        stored = await stored_answers(work.connection, [key.scope], clock.now())
    if key.scope in stored:
        replay = replayed(stored[key.scope], key.fingerprint)
        return Answer(
            replay.status_code, replay.media_type or "", bytes(replay.body), replayed=True
        )
    if is_stored(problem):
        body = problem_body(problem, request)
        async with open_work(request) as work:
            await keep_refusal(
                work.connection,
                key.scope,
                key.fingerprint,
                clock.now(),
                problem.status,
                MEDIA_TYPE,
                body.decode(),
            )
        return Answer(problem.status, MEDIA_TYPE, body)
    raise problem


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    if answer.status >= 400:
        headers.append((b"vary", b"Accept-Language"))
    if answer.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


class _PlainRoute(APIRoute):
    """Documented like any other endpoint, answered by a plain ASGI application."""

    def __init__(self, path: str, application: Any, **documentation: Any) -> None:
        async def documented() -> None:
            """The same sheet again is answered 200 with the same answer; a different one for the same
            candidate or person is refused. A session that nobody announced is opened by its first
            result. A level is earned by the scores alone; below every level there is a result and no
            certificate."""

        super().__init__(path, documented, **documentation)
        self.app = application


def post_result_route() -> APIRoute:
    answer = {"application/json": {"schema": schema_of(ResultAnswer), "example": EXAMPLE_ANSWER}}
    return _PlainRoute(
        RESULTS,
        _post_result,
        methods=["POST"],
        status_code=201,
        response_class=Response,
        operation_id="post_result",
        summary="Ghi kết quả thi, cấp chứng chỉ nếu đạt / Record a result and what it earns",
        tags=["results"],
        responses={
            201: {"description": "Đã ghi / Recorded", "content": answer},
            200: {"description": "Đã ghi từ trước / Recorded before", "content": answer},
            **problem_responses(
                *RESULT_REFUSALS,
                *REGISTER_REFUSALS,
                NotFound,
                Forbidden,
                InvalidRequest,
                UnsupportedMediaType,
                IdempotencyKeyReused,
                IdempotencyInProgress,
                DependencyUnavailable,
            ),
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": schema_of(ResultBody),
                        "example": EXAMPLE_RESULT,
                    }
                },
            }
        },
    )
