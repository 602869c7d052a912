"""Posting one sheet: a plain ASGI application, because this path has to keep up with the database."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from services.certification.directory.use_cases.catching_up import Institutions
from services.certification.exams.batch_writer import Answer, BatchWriter, Posting
from services.certification.exams.errors import RESULT_REFUSALS
from services.certification.exams.refusals import institution_unknown, not_told_yet
from services.certification.exams.schemas import (
    EXAMPLE_ANSWER,
    EXAMPLE_RESULT,
    ResultAnswer,
    ResultBody,
    schema_of,
)
from services.certification.exams.sheets import Judge, judge_language
from services.certification.registry.callers import require_register
from services.certification.registry.errors import REGISTER_REFUSALS
from shared.clock import Clock
from shared.contracts.problem import (
    MEDIA_TYPE,
    DependencyUnavailable,
    FieldError,
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
from shared.imports.decoding import RowDecoder, RowError
from shared.imports.issues import Issue
from shared.security.principal import Principal
from shared.web.edge import (
    idempotency_key,
    open_work,
    replayed,
)
from shared.web.media_types import is_json
from shared.web.parameters import refuse_unknown
from shared.web.problems import problem_body, problem_responses

RESULTS: Final = "/v1/results"


class Desk:
    """What posting a sheet needs; stands in the application's state while it runs."""

    def __init__(self, judge: Judge, writer: BatchWriter, clock: Clock) -> None:
        self.judge = judge
        self.writer = writer
        self.clock = clock
        self.decoder: RowDecoder[ResultBody] = RowDecoder(ResultBody)

    def decode(self, raw: bytes) -> ResultBody:
        try:
            return self.decoder.decode(raw)
        except RowError as error:
            parts = self.judge.refusals_of_parts(self.decoder.loosely(raw), self.clock.today())
            raise refused_body(error.issues, parts) from None


def refused_body(faults: Sequence[Issue], further: Sequence[FieldError] = ()) -> InvalidRequest:
    """A body of its own is no row of a file. ``further``: what the rules say about the rest of it."""
    found = faults[0]
    if found.code in ("row_malformed", "row_not_utf8"):
        vi, en = (
            "Nội dung không phải JSON đúng (UTF-8).",
            "The body is not well-formed JSON (UTF-8).",
        )
        return InvalidRequest(vi, en, errors=[FieldError("", "json_invalid", vi, en)])
    return InvalidRequest(
        found.message_vi,
        found.message_en,
        errors=[
            FieldError(each.pointer, each.code, each.message_vi, each.message_en) for each in faults
        ]
        + not_told_yet(faults, further),
    )


async def _post_result(scope: Scope, receive: Receive, send: Send) -> None:
    """Plain ASGI: this is the path that has to keep up with the database."""
    desk: Desk = scope["app"].state.results
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
        body = desk.decode(raw)
        if not principal.reaches_institution(body.institution_code):
            raise institution_unknown()
        sheet = desk.judge(body, desk.clock.today())
        await institutions.check(body.institution_code, sheet.exam)
        judge_language(sheet)
    except Problem as problem:
        answer = await _refusal(request, key, problem)
    else:
        answer = await desk.writer.submit(
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
