"""Lists as files: the whole list, CSV or XLSX by `Accept` or by the name in the address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from shared.contracts.problem import preferred_language
from shared.imports.exports import BATCH, csv_export, xlsx_export
from shared.imports.layout import SheetLayout
from shared.listing.forms import Form, file_headers
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import open_work
from shared.web.shares import hold_share
from shared.web.turns import Turns

PAGE = BATCH
"""Rows of one transaction."""

ReadPage = Callable[[UnitOfWork, Any], Awaitable[tuple[Sequence[Mapping[str, Any]], Any]]]
"""The rows after a key (null: from the beginning) in their JSON form, and the key of the last of them; null
at the end. Whatever may refuse is asked before: a file that has begun to leave cannot be refused."""


def exported(
    request: Request, layout: SheetLayout, name: str, form: Form, read_page: ReadPage
) -> StreamingResponse:
    """``name`` is that of the file, without its ending. Raises 429 when too many files are being made."""
    hold_share(request, "export")
    return file_of(request, layout, name, form, _rows(request, read_page))


def file_of(
    request: Request,
    layout: SheetLayout,
    name: str,
    form: Form,
    rows: AsyncIterator[Mapping[str, Any]],
) -> StreamingResponse:
    """The rows as a file, streamed. Whoever calls it holds a share of the exports already."""
    language = preferred_language(request.headers.get("accept-language"))
    make = csv_export if form == "csv" else xlsx_export
    turns: Turns = request.app.state.turns
    return StreamingResponse(
        make(layout, rows, language, turns.piece), headers=file_headers(request, name, form)
    )


async def _rows(request: Request, read_page: ReadPage) -> AsyncIterator[Mapping[str, Any]]:
    after: Any = None
    turns: Turns = request.app.state.turns
    while True:
        async with turns.piece(), open_work(request) as work:
            rows, after = await read_page(work, after)
        for row in rows:
            yield row
        if after is None:
            return
