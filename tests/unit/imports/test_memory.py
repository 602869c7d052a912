"""Memory does not grow with the file; ``tests/slow/imports`` shows it for 100 000 rows."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from shared.imports.layout import SheetLayout
from shared.imports.limits import MIB
from shared.imports.reading import rows
from tests.making.bodies import FORMS


async def peak(
    make: Callable[[int], Iterator[bytes]], media_type: str, layout: SheetLayout, count: int
) -> int:
    # The body itself is made beforehand, as a client's memory is none of ours.
    chunks = list(make(count))

    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    tracemalloc.start()
    try:
        seen = 0
        async for item in rows(stream(), media_type, sheet=layout):
            seen += hasattr(item, "value")
        assert seen == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("make", "media_type"), FORMS)
async def test_ten_times_the_rows_take_no_more_memory(
    roster: Any, make: Callable[[int], Iterator[bytes]], media_type: str
) -> None:
    small = await peak(make, media_type, roster, 400)
    large = await peak(make, media_type, roster, 4_000)
    # A file waits in memory up to one MiB, on disk beyond it: a small one takes less of that.
    assert large < small + 3 * MIB
    assert large < 4 * MIB
