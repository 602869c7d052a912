"""Damaged, odd and hostile files: always an answer, never a 500, and others are answered meanwhile."""

from __future__ import annotations

import asyncio
import io
import random
import re
import resource
import time
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import xlsxwriter

from shared.imports.limits import MIB
from shared.imports.reading import XLSX_MEDIA_TYPE
from tests.making.rosters import citizen, plant_tree
from tests.running import RunningService

PATH = "/v1/officials/import"
HEAD = [
    "Mã CBCCVC", "Họ và tên", "Số CCCD", "Ngày sinh", "Giới tính", "Mã cơ quan", "Đối tượng",
    "Chức vụ", "Từ ngày",
]  # fmt: skip
FILES = 200
SECONDS = 300.0
"""After which no further file is begun, so that a busy machine comes to an end."""
ANSWERED_WITHIN = 0.25
"""Seconds that another request may wait; a machine under test now and then stops by itself."""
LONGEST_READ = 90.0
"""Seconds: a rehearsal is given a minute, and its last chunk a little more."""

Draw = random.Random


def lines(count: int = 30) -> list[list[str]]:
    return [
        [
            f"F-{n}", "Nguyễn Văn Ví Dụ", citizen(n), "05/03/1985", "Nam", "X.A", "Công chức",
            "Chuyên viên", "01/09/2018",
        ]
        for n in range(count)
    ]  # fmt: skip


def workbook() -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("Danh sách")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for place, line in enumerate([["DANH SÁCH"], HEAD, *lines()]):
        sheet.write_row(place, 0, line)
    sheet.merge_range(0, 0, 0, 8, "DANH SÁCH")
    sheet.write_number(5, 3, 31_000, day)
    book.add_worksheet("Khác").write_row(0, 0, HEAD)
    book.close()
    return target.getvalue()


def csv_text() -> bytes:
    return "\r\n".join(";".join(line) for line in [HEAD, *lines()]).encode()


def parts_of(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def flipped(draw: Draw, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(draw.choice((1, 3, 20))):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def cut(draw: Draw, body: bytes) -> bytes:
    return body[: draw.randrange(len(body) + 1)]


def moved(draw: Draw, body: bytes) -> bytes:
    """A piece of it stands somewhere else, or twice, or ten thousand times."""
    start = draw.randrange(len(body) + 1)
    piece = body[start : start + draw.choice((1, 8, 60, 400))]
    at = draw.randrange(len(body) + 1)
    return body[:at] + piece * draw.choice((1, 2, 50, 10_000)) + body[at:]


def other_numbers(draw: Draw, body: bytes) -> bytes:
    odd = (b"0", b"-1", b"99999999999", b"1e308", b"4294967295", b"", b"NaN", b"7" * 5_000)
    return re.sub(
        rb'(?<=")\d+(?=")|(?<=>)\d+(?=<)',
        lambda match: draw.choice(odd) if draw.random() < 0.02 else match[0],
        body,
    )


def filled(draw: Draw, body: bytes) -> bytes:
    """A tag, a cell or a merged range without end where the rows stood."""
    tag = draw.choice(
        (
            b"<row>", b"<c>", b"<mergeCell ", b"<v>", b"<is><t>", b'<mergeCell ref="A1:ZZ99999"/>',
            b"<!--", b"<![CDATA[", b"<rPh>", b"<?a ", b'<row r="5" hidden="1">', b"&amp;", b"\xff\xfe",
            b'<c t="s"><v>3</v></c>', b"<f>A1</f>", b"<x:c>", b"<si><t>a</t></si>",
        )
    )  # fmt: skip
    at = draw.choice((body.find(b"<row"), body.find(b"<si"), len(body) // 2, len(body)))
    return body[:at] + tag * (draw.choice((1, 200, 400_000)) // max(1, len(tag) // 4)) + body[at:]


BYTES: tuple[Callable[[Draw, bytes], bytes], ...] = (flipped, cut, moved, other_numbers, filled)


def damaged_workbook(draw: Draw, good: bytes) -> bytes:
    if draw.random() < 0.2:
        return draw.choice((flipped, cut, moved))(draw, good)
    parts = parts_of(good)
    for _ in range(draw.choice((1, 1, 2))):
        name = draw.choice(
            [each for each in parts if re.search(r"sheet|strings|styles|workbook", each.lower())]
            or list(parts)
        )
        match draw.randrange(8):
            case 0:
                del parts[name]
            case 1:
                other = draw.choice(list(parts))
                parts[name], parts[other] = parts[other], parts[name]
            case _:
                parts[name] = draw.choice(BYTES)(draw, parts[name])
    return packed(parts)


def damaged_csv(draw: Draw, good: bytes) -> bytes:
    match draw.randrange(6):
        case 0:
            return good.decode().encode(draw.choice(("utf-16", "utf-32", "utf-8-sig", "utf-16-le")))
        case 1:
            mark = draw.choice(
                (b'"', b"\n", b"\r", b";", b"\x00", b",", b'""\n', b"(", b"\xe1\xbb")
            )
            at = draw.randrange(len(good))
            return good[:at] + mark * draw.choice((1, 7, 300_000)) + good[at:]
        case _:
            return draw.choice((flipped, cut, moved))(draw, good)


async def slowest_answer(client: httpx.AsyncClient, done: asyncio.Event) -> list[float]:
    """How long each of the requests waited that somebody else made meanwhile."""
    waited: list[float] = []
    while not done.is_set():
        began = time.perf_counter()
        answer = await client.get("/health/live")
        waited.append(time.perf_counter() - began)
        assert answer.status_code == 200
        await asyncio.sleep(0.01)
    return waited


@pytest.mark.parametrize(
    ("good", "damaged", "media_type"),
    [(workbook, damaged_workbook, XLSX_MEDIA_TYPE), (csv_text, damaged_csv, "text/csv")],
    ids=["xlsx", "csv"],
)
async def test_every_file_is_answered_and_nobody_waits_for_it(
    enrolment: RunningService,
    good: Callable[[], bytes],
    damaged: Callable[[Draw, bytes], bytes],
    media_type: str,
) -> None:
    admin = enrolment.client()
    await plant_tree(admin)
    original = good()
    headers = {"Content-Type": media_type}
    first = await admin.post(PATH, content=original, headers=headers)
    assert first.status_code == 200, first.text
    assert first.json()["created"] >= 28
    done = asyncio.Event()
    watcher = asyncio.create_task(slowest_answer(enrolment.client(None), done))
    statuses: dict[int, int] = {}
    until = time.perf_counter() + SECONDS
    for number in range(FILES):
        if number >= 25 and time.perf_counter() > until:
            break
        body = damaged(random.Random(number), original)
        began = time.perf_counter()
        answer: Any = await admin.post(
            PATH, content=body, headers=headers, params={"dry_run": "true"}
        )
        told = f"file {number} of {media_type}, {len(body)} bytes: {answer.text[:300]}"
        assert answer.status_code < 500, told
        assert answer.status_code in (200, 413, 415, 422), told
        assert time.perf_counter() - began < LONGEST_READ, told
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert "file_unreadable" not in answer.text, told
    done.set()
    waited = sorted(await watcher)
    assert waited[int(len(waited) * 0.99)] < ANSWERED_WITHIN, waited[-5:]
    assert len(statuses) > 1, statuses
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 700 * MIB
