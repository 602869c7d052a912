"""A file that is read in a process of its own gives what it gives when read here, and its costs are bounded."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.problem import TooManyRequests
from shared.imports.apart import ReaderLimits, ReaderProcesses
from shared.imports.errors import (
    ColumnMissing,
    FileTooDemanding,
    SpreadsheetMalformed,
)
from shared.imports.limits import MIB, Limits
from shared.imports.reading import XLSX_MEDIA_TYPE, rows
from tests.making.bodies import csv_text, in_pieces

TABLE = [
    ["Mã CBCCVC", "Họ và tên", "Số CCCD", "Từ ngày", "Điểm", "Số con", "Chính", "Cột lạ"],
    ["CB1", "Nguyễn Văn An", "001080000001", "1/2/2020", 7.1, 2, "x", "?"],
    ["CB2", "Trần Thị Bình", "1080000002", "2/2020", "7,25", "hai", "", ""],
    ["", "Lê Văn Cường", "001080000003", "1/2/2020", 8, 1, "", ""],
    ["CB4", "Phạm Văn Dũng", "001080000004", "1/2/2020", 8, 1, "", ""],
]


def living() -> set[int]:
    """Processes of ours that read a file now."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                ours = f"PPid:\t{os.getpid()}\n" in (entry / "status").read_text()
                if ours and b"shared.imports.reader_process" in (entry / "cmdline").read_bytes():
                    found.add(int(entry.name))
            except OSError:
                continue
    return found


async def test_a_workbook_gives_the_same_apart(read: Any, roster: Any, workbook: Any) -> None:
    body = workbook(TABLE)
    here: dict[str, str] = {}
    apart: dict[str, str] = {}
    plain = await read(body, XLSX_MEDIA_TYPE, sheet=roster, headings=here)
    told = await read(body, XLSX_MEDIA_TYPE, sheet=roster, headings=apart, apart=ReaderProcesses())
    assert told == plain
    assert apart == here != {}
    assert {type(item).__name__ for item in told} == {"Row", "RowProblem", "Notice"}
    assert str(told[1].value["score"]) == "7.1"


async def test_a_csv_text_gives_the_same_apart(read: Any, roster: Any) -> None:
    body = "\n".join(";".join(str(cell) for cell in line) for line in TABLE).encode()
    plain = await read(body, "text/csv", sheet=roster)
    assert await read(body, "text/csv", sheet=roster, apart=ReaderProcesses()) == plain
    assert len(plain) >= 4


async def test_a_refusal_of_the_file_is_told_with_its_faults(read: Any, roster: Any) -> None:
    body = "Họ và tên;Số CCCD\nA;B\n".encode()
    with pytest.raises(ColumnMissing) as refused:
        await read(body, "text/csv", sheet=roster, apart=ReaderProcesses())
    assert [one.pointer for one in refused.value.errors] == ["/official_code"]
    with pytest.raises(SpreadsheetMalformed):
        await read(b"PK\x03\x04nothing", XLSX_MEDIA_TYPE, sheet=roster, apart=ReaderProcesses())


async def test_a_file_that_takes_more_time_than_it_may_is_told_so(read: Any, roster: Any) -> None:
    body = b"".join(csv_text(200_000))
    readers = ReaderProcesses(ReaderLimits(seconds=1, seconds_per_mib=0))
    with pytest.raises(FileTooDemanding, match="Rows taken before that stand"):
        await read(body, "text/csv", sheet=roster, apart=readers)
    assert not living()


async def test_a_file_that_takes_more_memory_than_it_may_is_told_so(read: Any, roster: Any) -> None:
    """With the limit of a row out of the way, which would bound it first."""
    body = b"\xef\xbb\xbfM\xc3\xa3 CBCCVC," + b"x," * (12 * MIB)
    with pytest.raises(FileTooDemanding):
        await read(
            body,
            "text/csv",
            sheet=roster,
            limits=Limits(max_row_bytes=200 * MIB, chunk_bytes=32 * MIB),
            apart=ReaderProcesses(ReaderLimits(memory=128 * MIB)),
        )


async def test_files_wait_for_a_free_process_and_are_told_when_too_many_wait(
    read: Any, roster: Any
) -> None:
    body = b"".join(csv_text(3_000))
    readers = ReaderProcesses(ReaderLimits(at_once=1, waiting=1))
    found = await asyncio.gather(
        *(read(body, "text/csv", sheet=roster, apart=readers) for _ in range(4)),
        return_exceptions=True,
    )
    read_whole = [each for each in found if isinstance(each, list)]
    refused = [each for each in found if isinstance(each, TooManyRequests)]
    assert (len(read_whole), len(refused)) == (2, 2)
    assert all(len(each) == 3_000 for each in read_whole)
    assert refused[0].headers["Retry-After"]
    assert len(await read(body, "text/csv", sheet=roster, apart=readers)) == 3_000


async def test_who_gives_up_ends_the_process(roster: Any) -> None:
    async def body() -> AsyncIterator[bytes]:
        for piece in csv_text(100_000):
            yield piece

    items = rows(body(), "text/csv", sheet=roster, apart=ReaderProcesses())
    async with aclosing(items):  # type: ignore[type-var]
        async for _ in items:
            assert living()
            break
    assert not living()


async def test_the_process_knows_no_secret_of_the_service(
    roster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAC_PERSON_KEY", "0" * 64)
    items = rows(
        in_pieces(b"".join(csv_text(100_000)), 65_536),
        "text/csv",
        sheet=roster,
        apart=ReaderProcesses(),
    )
    async with aclosing(items):  # type: ignore[type-var]
        async for _ in items:
            (reader,) = living()
            assert b"BAC_" not in Path(f"/proc/{reader}/environ").read_bytes()
            break


async def test_fifty_rows_are_read_within_a_second(read: Any, roster: Any, workbook: Any) -> None:
    body = workbook([TABLE[0], *[TABLE[1]] * 50])
    began = time.perf_counter()
    await read(body, XLSX_MEDIA_TYPE, sheet=roster, apart=ReaderProcesses())
    assert time.perf_counter() - began < 3  # a machine under test is slow; alone it is a fifth


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("BAC_READERS_AT_ONCE", "0/4"),
        ("BAC_READERS_AT_ONCE", "4"),
        ("BAC_READER_MIB", "16"),
        ("BAC_READER_SECONDS", "x"),
    ],
)
def test_settings_that_say_nothing_are_refused(setting: str, value: str) -> None:
    with pytest.raises(ValueError, match=setting):
        ReaderLimits.read({setting: value})


def test_settings_are_read() -> None:
    found = ReaderLimits.read(
        {"BAC_READERS_AT_ONCE": "2/5", "BAC_READER_MIB": "200", "BAC_READER_SECONDS": "7"}
    )
    assert (found.at_once, found.waiting, found.memory, found.seconds) == (2, 5, 200 * MIB, 7)
