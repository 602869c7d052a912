"""100 000 rows of each form leave the process as small as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import psutil
import pytest

from shared.imports.layout import Code, Column, Date, SheetLayout
from shared.imports.limits import MIB
from shared.imports.reading import rows
from tests.making.bodies import FORMS

LAYOUT = SheetLayout(
    "Danh sách",
    "List",
    (
        Column("official_code", "Mã CBCCVC", "Official code", Code(), required=True),
        Column("full_name", "Họ và tên", "Full name", required=True),
        Column("citizen_id", "Số CCCD", "Citizen number", Code(12)),
        Column("assignments/0/valid_from", "Từ ngày", "From", Date()),
    ),
)


@pytest.mark.parametrize(("make", "media_type"), FORMS)
async def test_memory_is_flat(make: Callable[[int], Iterator[bytes]], media_type: str) -> None:
    chunks = list(make(100_000))

    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    process = psutil.Process()
    before = most = process.memory_info().rss
    seen = 0
    async for item in rows(stream(), media_type, sheet=LAYOUT):
        seen += hasattr(item, "value")
        if seen % 5_000 == 0:
            most = max(most, process.memory_info().rss)
    assert seen == 100_000
    assert most - before < 24 * MIB
