"""A roster layout and a way to read a whole body, for every test of bulk bodies."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
import xlsxwriter

from shared.imports.layout import (
    Boolean,
    Choice,
    Code,
    Column,
    Date,
    Integer,
    Number,
    Option,
    SheetLayout,
    YearOrDate,
)
from shared.imports.reading import rows
from shared.imports.rows import Notice, Row, RowProblem
from tests.making.bodies import in_pieces

Read = Callable[..., Awaitable[list[Any]]]

STATUSES = Choice(
    (
        Option("cadre", "Cán bộ", "Cadre"),
        Option("civil_servant", "Công chức", "Civil servant", ("CC",)),
        Option("public_employee", "Viên chức", "Public employee", ("VC",)),
    )
)


@pytest.fixture(scope="session")
def roster() -> SheetLayout:
    return SheetLayout(
        "Danh sách CBCCVC",
        "Officials",
        (
            Column("official_code", "Mã CBCCVC", "Official code", Code(), required=True, example="VD001"),
            Column(
                "citizen_id", "Số CCCD", "Citizen number", Code(12),
                also=("Số định danh cá nhân",), example="001080000001",
            ),
            Column("full_name", "Họ và tên", "Full name", required=True, example="Nguyễn Văn A"),
            Column("birth_date", "Ngày sinh", "Birth date", YearOrDate(), also=("Ngày, tháng, năm sinh",)),
            Column("assignments/0/agency_code", "Mã cơ quan", "Agency code", Code()),
            Column("assignments/0/status", "Đối tượng", "Status", STATUSES),
            Column("assignments/0/primary", "Chính", "Primary", Boolean()),
            Column("assignments/0/valid_from", "Từ ngày", "From", Date(), also=("Thời gian | Từ ngày",)),
            Column("assignments/0/valid_to", "Đến ngày", "To", Date()),
            Column("children", "Số con", "Children", Integer()),
            Column("score", "Điểm", "Score", Number()),
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def read() -> Read:
    """Everything that a body gives, in order."""

    async def run(
        body: bytes, media_type: str, *, piece: int = 65_536, **options: Any
    ) -> list[Any]:
        return [item async for item in rows(in_pieces(body, piece), media_type, **options)]

    return run


@pytest.fixture(scope="session")
def workbook() -> Callable[..., bytes]:
    """An XLSX of plain rows; ``None`` cells stay empty, ``change`` may touch book and sheet."""

    def make(
        table: Sequence[Sequence[Any]],
        change: Callable[[Any, Any], None] | None = None,
        **options: Any,
    ) -> bytes:
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
        sheet = book.add_worksheet("Trang 1")
        for line, cells in enumerate(table):
            for position, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(line, position, cell)
        if change is not None:
            change(book, sheet)
        book.close()
        return target.getvalue()

    return make


@pytest.fixture(scope="session")
def parted() -> Callable[[list[Any]], tuple[list[Any], list[Any], list[Any]]]:
    """Rows, problems and remarks apart."""

    def split(items: list[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        return (
            [item for item in items if isinstance(item, Row)],
            [item for item in items if isinstance(item, RowProblem)],
            [item for item in items if isinstance(item, Notice)],
        )

    return split
