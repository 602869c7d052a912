"""Every import has a template to download, and what is typed into it is taken."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from services.certification.directory import repository
from services.certification.directory.rows import InstitutionRow
from tests.making.certification import authorisation, nothing_new
from tests.running import RunningService

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IMPORTS = {
    "/v1/agencies/import": ("enrolment", "Mã cơ quan", "H56.09.VIDU"),
    "/v1/officials/import": ("enrolment", "Mã cán bộ", "TH-000124"),
    "/v1/results/batch": ("certification", "Số báo danh", "0002"),
    "/v1/evidence/import": ("certification", "Số hiệu", "25VN000002"),
}


def _workbook(rows: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row)
    book.close()
    return target.getvalue()


def _csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


async def _allow_vinh(certification: RunningService) -> None:
    given = (authorisation(), authorisation(activity="certifying"))
    async with certification.database.pool.acquire() as connection:
        await repository.put_institution(
            connection,
            InstitutionRow(
                institution_code="VINH",
                version=1,
                kind="university",
                authorisations=msgspec.json.encode(given).decode(),
                name=None,
            ),
        )
    certification.catch_up = nothing_new


@pytest.fixture(params=sorted(IMPORTS))
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(request: pytest.FixtureRequest, path: str) -> RunningService:
    running: RunningService = request.getfixturevalue(IMPORTS[path][0])
    return running


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_a_template_filled_in_is_accepted_and_its_example_is_left_out(
    service: RunningService, path: str, form: str
) -> None:
    name, changed, value = IMPORTS[path]
    if name == "certification":
        await _allow_vinh(service)
    elif path == "/v1/officials/import":
        await _the_example_agency(service)
    client = service.client()
    named = await client.get(f"{path}/template.{form}")
    media = XLSX if form == "xlsx" else "text/csv"
    accepted = await client.get(f"{path}/template", headers={"Accept": media})
    for answer in (named, accepted):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media)
        assert f'-template.{form}"' in answer.headers["content-disposition"]
    if form == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(named.content))
        rows = book.get_sheet_by_index(0).to_python()
    else:
        rows = list(csv.reader(io.StringIO(named.content.decode("utf-8-sig")), delimiter=";"))
    as_it_is = await client.post(path, content=named.content, headers={"Content-Type": media})
    report = as_it_is.json()
    assert (report["received"], report["rejected"]) == (0, 0), as_it_is.text
    assert [line["code"] for line in report["warnings"]] == ["example_row_skipped"]
    rows[1][rows[0].index(changed)] = value
    body = _workbook(rows) if form == "xlsx" else _csv(rows)
    answer = await client.post(path, content=body, headers={"Content-Type": media})
    report = answer.json()
    done = report.get("created", 0) + report.get("recorded", 0)
    assert (report["received"], done, report["errors"]) == (1, 1, []), answer.text


async def _the_example_agency(enrolment: RunningService) -> None:
    body = {
        "name": "Trung tâm Y tế Hoằng Hóa",
        "parent_code": None,
        "level": "province",
        "system": "public_service",
        "province_code": "38",
        "valid_from": "2010-01-01",
        "valid_to": None,
    }
    client = enrolment.client()
    known = await client.get("/v1/agencies/H56.09.TTYTHH")
    if known.status_code == 404:
        assert (await client.put("/v1/agencies/H56.09.TTYTHH", json=body)).is_success


async def test_a_template_in_no_such_form_is_refused(enrolment: RunningService) -> None:
    client = enrolment.client()
    answer = await client.get("/v1/officials/import/template", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert (await client.get("/v1/officials/import/template.pdf")).status_code == 422


@pytest.mark.parametrize(
    ("address", "begins"),
    [
        ("/v1/officials/import/template", b"PK"),
        ("/v1/officials/import/template.xlsx", b"PK"),
        ("/v1/officials/import/template.csv", b"\xef\xbb\xbf"),
        ("/v1/agencies.csv", b"\xef\xbb\xbf"),
    ],
)
async def test_who_asks_for_bytes_gets_the_file_as_bytes(
    enrolment: RunningService, address: str, begins: bytes
) -> None:
    """As a generated client does that takes the first form of the answer for its type."""
    client = enrolment.client()
    answer = await client.get(address, headers={"Accept": "application/octet-stream, text/csv"})
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.content.startswith(begins)
    assert answer.content == (await client.get(address)).content or begins == b"PK"
    listed = await client.get("/v1/agencies", headers={"Accept": "application/octet-stream"})
    assert (listed.status_code, listed.json()["code"]) == (406, "not_acceptable")
