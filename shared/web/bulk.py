"""Bulk bodies: rows are taken in chunks, each in a transaction of its own, and one report tells of all.

An endpoint of a bulk body is a plain ``APIRoute`` (not ``EdgeRoute``: nothing waits for the whole body)::

    @router.post("/v1/officials/import", operation_id="import_officials",
                 openapi_extra=bulk_body(row_schema, example), responses={200: bulk_answer(), **BULK_REFUSALS})
    async def import_officials(request: Request, encoding: TextEncoding = None, dry_run: DryRun = False) -> Response:
        return await answer_bulk(request, Roster(…), encoding=encoding, dry_run=dry_run)

With an ``Idempotency-Key`` the final report is stored under it. Rows are idempotent by their own keys, so an
upload that broke off is simply sent again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Annotated, Any

import asyncpg
import msgspec
from fastapi import Query, Request, Response
from starlette.requests import ClientDisconnect

from shared.contracts.problem import (
    BodyTooLarge,
    DependencyUnavailable,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InvalidRequest,
    UnsupportedMediaType,
    preferred_language,
)
from shared.idempotency.keys import checked_key, key_scope
from shared.idempotency.leases import Lease, leased
from shared.imports.errors import (
    BodyEncodingUnreadable,
    ColumnMissing,
    ColumnRepeated,
    CsvMalformed,
    FileTooDemanding,
    FileUnreadable,
    HeadingsNotFound,
    JsonArrayMalformed,
    LegacyTextHeld,
    OldSpreadsheetFormat,
    RehearsalTooLong,
    SpreadsheetMalformed,
    SpreadsheetOfAnotherFormat,
    SpreadsheetTooLarge,
)
from shared.imports.legacy_text import DeclaredEncoding
from shared.imports.limits import DEFAULT_LIMITS, Limits
from shared.imports.reading import rows, whole
from shared.imports.report import BulkReport, Vocabulary, is_refused
from shared.imports.rows import Row, RowProblem
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import asks_for_rehearsal, open_work, replayed
from shared.web.problems import problem_responses
from shared.web.shares import hold_share
from shared.web.uploads import BulkUpload, Taken

TextEncoding = Annotated[
    DeclaredEncoding | None,
    Query(
        description="Bảng mã của chữ trong tệp, không bao giờ tự đoán; unicode: đúng là Unicode dù trông giống"
        " bảng mã cũ / How text is coded, never guessed; unicode: it is, whatever it looks like"
    ),
]

_WAIT_SECONDS = 5.0
_ATTEMPTS = 4
_REHEARSAL_SECONDS = 60.0

DryRun = Annotated[
    bool,
    Query(
        description="Thử: báo cáo như thật, không ghi gì / A rehearsal: the same report, nothing is written"
    ),
]


async def answer_bulk(
    request: Request,
    upload: BulkUpload[Any],
    *,
    encoding: DeclaredEncoding | None = None,
    limits: Limits = DEFAULT_LIMITS,
    dry_run: bool = False,
) -> Response:
    """Reads, takes and reports. Refusals of the body as a whole are raised; chunks committed before them
    stand. With ``dry_run`` all is done and taken back."""
    hold_share(request, "upload")
    rehearsal = asks_for_rehearsal(request)
    assert rehearsal or not dry_run, "the edge would write what the endpoint only tries"
    key = None if rehearsal else checked_key(request.headers.get("idempotency-key"))
    content_type = request.headers.get("content-type", "")
    digest = hashlib.sha256()
    digest.update(request.url.query.encode() + b"\x00")
    digest.update(content_type.encode() + b"\x00")

    async def body() -> AsyncIterator[bytes]:
        async for piece in request.stream():
            digest.update(piece)
            yield piece

    headings: dict[str, str] = {}
    items = rows(
        whole(body()) if rehearsal else body(),
        content_type,
        shape=upload.shape,
        sheet=upload.sheet,
        encoding=encoding,
        limits=limits,
        headings=headings,
        apart=request.app.state.readers,
    )
    report = BulkReport(
        language=preferred_language(request.headers.get("accept-language")),
        vocabulary=upload.vocabulary,
        headings=headings,
    )
    try:
        if rehearsal:
            return _answer(await _rehearsed(request, items, report, upload))
        if key is None:
            await _taken(partial(_commit, request, upload.take), items, report, upload)
            return _answer(await _finished(request, report, upload))
        state = request.app.state
        scope = key_scope(request.state.principal, "POST", request.url.path, key)
        async with leased(state.database, state.clock, scope, _WAIT_SECONDS) as under:
            if not isinstance(under, Lease):
                async for _ in body():
                    pass
                return replayed(under, digest.digest())
            lease = under

            async def take_leased(work: UnitOfWork, chunk: list[Any]) -> Taken:
                await lease.confirm(work.connection)
                return await upload.take(work, chunk)

            await _taken(partial(_commit, request, take_leased), items, report, upload)
            answer = _answer(await _finished(request, report, upload))
            async with open_work(request) as work:
                await lease.finish(
                    work.connection,
                    digest.digest(),
                    "application/json",
                    bytes(answer.body).decode(),
                )
            return answer
    except ClientDisconnect:
        raise InvalidRequest("Nội dung bị cắt giữa chừng", "The body was cut off") from None


async def _rehearsed(
    request: Request, items: AsyncIterator[Any], report: BulkReport, upload: BulkUpload[Any]
) -> dict[str, Any]:
    """All chunks in one transaction that is taken back at the end: rows meet those before them as they
    would in earnest. It begins with the first chunk, when the whole body has been here for long."""
    until = asyncio.get_running_loop().time() + _REHEARSAL_SECONDS
    async with AsyncExitStack() as stack:
        opened: list[UnitOfWork] = []

        async def work_of_all() -> UnitOfWork:
            if not opened:
                opened.append(await stack.enter_async_context(open_work(request)))
            return opened[0]

        async def try_out(chunk: list[Any]) -> Taken:
            work = await work_of_all()
            if asyncio.get_running_loop().time() > until:
                raise RehearsalTooLong
            async with work.connection.transaction():
                return await upload.take(work, chunk)

        try:
            await _taken(try_out, items, report, upload)
            answer = report.as_json()
            work = await work_of_all()
            if upload.finishes:
                answer |= await upload.finish(work)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
            raise DependencyUnavailable(
                "Người khác đang ghi cùng dữ liệu; hãy thử lại sau ít phút",
                "Somebody else is writing the same data; please try again in a minute",
                headers={"Retry-After": "10"},
            ) from error
        work.audit("dry_run", request.url.path, {"received": report.received}, lasting=True)
        return {**answer, "dry_run": True}


async def _taken(
    commit: Callable[[list[Any]], Awaitable[Taken]],
    items: AsyncIterator[Any],
    report: BulkReport,
    upload: BulkUpload[Any],
) -> None:
    """One chunk is being committed while the next is read and prepared; never two at once."""
    running: asyncio.Future[Taken] | None = None
    chunk: list[Any] = []
    size = upload.size
    try:
        async for item in items:
            report.saw(item)
            if not isinstance(item, Row):
                if isinstance(item, RowProblem) and is_refused(item):
                    report.add(item, upload.unread(item))
                continue
            prepared = upload.prepare(item)
            full = len(chunk) >= size
            if full and not (len(chunk) < 2 * size and upload.together(chunk[-1], prepared)):
                if running is not None:
                    _note(report, await running)
                running = asyncio.ensure_future(commit(chunk))
                chunk = []
            chunk.append(prepared)
        if running is not None:
            _note(report, await running)
            running = None
        if chunk or upload.waits():
            _note(report, await commit(chunk))
    finally:
        if running is not None:  # the reader failed: what was begun is still completed
            await asyncio.wait([running])


async def _commit(
    request: Request, take: Callable[[UnitOfWork, list[Any]], Awaitable[Taken]], chunk: list[Any]
) -> Taken:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with open_work(request) as work:
                return await take(work, chunk)
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(0.02 * attempt)
    raise AssertionError("the last attempt returns or raises")


def _note(report: BulkReport, taken: Taken) -> None:
    for problem, faults in taken.further:
        report.add(problem, faults)
    report.count(created=taken.created, updated=taken.updated, unchanged=taken.unchanged)
    for row, faults in taken.rejected:
        report.reject(row, faults)
    for row, doubts in taken.warned:
        report.warn(row, doubts)


async def _finished(
    request: Request, report: BulkReport, upload: BulkUpload[Any]
) -> dict[str, Any]:
    answer = report.as_json()
    if upload.finishes:
        async with open_work(request) as work:
            answer |= await upload.finish(work)
    return answer


def _answer(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")


BULK_REFUSALS = problem_responses(
    IdempotencyInProgress,
    BodyTooLarge,
    SpreadsheetTooLarge,
    UnsupportedMediaType,
    InvalidRequest,
    IdempotencyKeyReused,
    JsonArrayMalformed,
    LegacyTextHeld,
    BodyEncodingUnreadable,
    CsvMalformed,
    SpreadsheetMalformed,
    SpreadsheetOfAnotherFormat,
    OldSpreadsheetFormat,
    HeadingsNotFound,
    FileTooDemanding,
    FileUnreadable,
    RehearsalTooLong,
    ColumnMissing,
    ColumnRepeated,
)
"""OpenAPI ``responses`` of the refusals that concern a bulk body as a whole."""

_COUNT = {"type": "integer", "minimum": 0}
_LINES = {"type": "array", "items": {"$ref": "#/components/schemas/ReportLine"}}


def _report_schema(*counts: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"received": _COUNT}
    properties |= dict.fromkeys(counts, _COUNT)
    properties |= {"rejected": _COUNT, "errors": _LINES, "warnings": _LINES}
    properties |= dict.fromkeys(("errors_total", "warnings_total"), _COUNT)
    properties |= {name: {"type": "boolean"} for name in ("errors_truncated", "warnings_truncated")}
    required = list(properties)
    properties["dry_run"] = {
        "type": "boolean",
        "description": "Of a rehearsal: nothing was written",
    }
    return {"type": "object", "required": required, "properties": properties}


REPORT_SCHEMAS: dict[str, Any] = {
    "DirectoryReport": _report_schema("created", "updated", "unchanged"),
    "ResultsReport": _report_schema("recorded", "duplicates"),
    "ReportLine": {
        "type": "object",
        "required": ["row", "pointer", "code", "message"],
        "properties": {
            "row": {"type": "integer", "minimum": 0, "description": "0: the file as a whole"},
            "pointer": {"type": "string"},
            "code": {"type": "string"},
            "message": {"type": "string"},
            "place": {"type": "integer", "description": "Row of the sheet, line of the text"},
            "sheet": {"type": "string", "description": "Where several sheets of a file are read"},
            "column": {
                "type": "string",
                "description": "Of a sheet: the heading of the column, as the file writes it",
            },
        },
    },
}
"""Components of the OpenAPI document."""


def bulk_answer(
    vocabulary: Vocabulary = "directory", extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """OpenAPI response 200 of a bulk endpoint; ``extra`` are members that ``finish`` adds."""
    name = "DirectoryReport" if vocabulary == "directory" else "ResultsReport"
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{name}"}
    if extra:
        whole = REPORT_SCHEMAS[name]
        schema = {**whole, "properties": {**whole["properties"], **extra}}
    return {
        "description": "Báo cáo từng dòng / The report, row by row",
        "content": {"application/json": {"schema": schema}},
    }


def bulk_body(
    row: dict[str, Any], example: dict[str, Any], *, sheets: bool = False
) -> dict[str, Any]:
    """``openapi_extra`` of a bulk endpoint: ``row`` is the JSON schema of one row."""
    content: dict[str, Any] = {
        "application/json": {"schema": {"type": "array", "items": row}, "example": [example]},
        "application/x-ndjson": {
            "schema": {
                "type": "string",
                "description": "One JSON row on each line: "
                + msgspec.json.encode(example).decode(),
            },
        },
    }
    if sheets:
        content["text/csv"] = {"schema": {"type": "string", "format": "binary"}}
        content["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] = {
            "schema": {"type": "string", "format": "binary"}
        }
    return {"requestBody": {"required": True, "content": content}}
