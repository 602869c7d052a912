"""A cell is read right or its row is refused; a column that holds data is never dropped without a word.

Files as they came from the ground, rebuilt with invented people. Each test says what is recorded, or why
nothing is.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter

from services.certification.evidence.layout import EVIDENCE_SHEET
from services.certification.sheets.layout import RESULT_SHEET
from services.enrolment.rosters.layout import ROSTER
from shared.imports.errors import (
    LegacyTextHeld,
    OldSpreadsheetFormat,
    SpreadsheetOfAnotherFormat,
)
from shared.imports.reading import XLSX_MEDIA_TYPE
from shared.imports.rows import Notice, Row, RowProblem
from tests.unit.imports.sheets_by_hand import DATE, by_hand, error, number, text

HEAD = [
    "Mã cán bộ", "Số CCCD", "Họ và tên", "Ngày sinh", "Giới tính", "Mã cơ quan", "Đối tượng",
    "Chức danh", "Từ ngày", "Đến ngày",
]  # fmt: skip
PLAIN = {
    "code": "LC1", "citizen": "038085000101", "name": "Nguyễn Văn An", "born": "05/03/1985", "sex": "Nam",
    "agency": "LAB.A", "status": "Công chức", "title": "Chuyên viên", "since": "01/09/2018", "until": None,
}  # fmt: skip
RESULT_HEAD = [
    "Mã đơn vị tổ chức thi", "Mã kỳ thi", "Ngày thi", "Định dạng đề thi", "Ngoại ngữ (mã)", "Số báo danh",
    "Số CCCD", "Họ và tên", "Ngày sinh", "Nghe", "Đọc", "Viết", "Nói",
]  # fmt: skip


def person(**changes: str | None) -> list[str | None]:
    return list((PLAIN | changes).values())


def result(
    session: str = "K1", candidate: str = "0001", listening: str = "6,5"
) -> list[str | None]:
    return [
        "VINH", session, "24/10/2026", "VSTEP.3-5", "en", candidate, "038085002001", "Nguyễn Văn An",
        "05/03/1985", listening, "7", "5,5", "6",
    ]  # fmt: skip


def roster_csv(*rows: list[str | None], separator: str = ",") -> bytes:
    return "".join(
        separator.join(cell or "" for cell in row) + "\n" for row in (HEAD, *rows)
    ).encode()


def roster_xlsx(*rows: list[str | None], **options: Any) -> bytes:
    return by_hand({"Danh sách": [HEAD, *rows]}, **options)


def codes_of(item: Any) -> list[str]:
    if isinstance(item, RowProblem):
        return [one.code for one in item.issues if one.severity == "error"]
    return []


async def only(read: Any, body: bytes, media_type: str = XLSX_MEDIA_TYPE, **options: Any) -> Any:
    """The one row of the file, good or refused."""
    items = await read(body, media_type, **{"sheet": ROSTER, **options})
    (item,) = [item for item in items if not isinstance(item, Notice)]
    return item


@pytest.mark.parametrize("written", ["38085000101.0", "38085000101,0", "38085000101.00"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_citizen_number_that_became_a_decimal_keeps_its_digits(
    read: Any, written: str, form: str
) -> None:
    row = person(citizen=written)
    if form == "csv":
        item = await only(read, roster_csv(row, separator=";"), "text/csv")
    else:
        item = await only(read, roster_xlsx(row))
    assert item.value["citizen_id"] == "038085000101"


@pytest.mark.parametrize("written", ["38085000101.5", "380850001.01", "1,085006403", "3.8085E10"])
async def test_a_decimal_that_is_no_citizen_number_is_refused(read: Any, written: str) -> None:
    item = await only(read, roster_xlsx(person(citizen=written)))
    assert codes_of(item)[0] in {"code_not_digits", "precision_lost"}


async def test_a_letter_typed_for_a_digit_is_named(read: Any) -> None:
    for written in ("O38085000417", "l38085000418", "03808500O418"):
        item = await only(read, roster_xlsx(person(citizen=written)))
        assert codes_of(item) == ["letter_for_digit"]


@pytest.mark.parametrize("written", ['="038085000101"', '"=""038085000101"""'])
async def test_a_number_kept_as_a_formula_of_text_is_unwrapped(read: Any, written: str) -> None:
    code = written.replace("038085000101", "LC02")
    item = await only(read, roster_csv(person(citizen=written, code=code)), "text/csv")
    assert (item.value["citizen_id"], item.value["official_code"]) == ("038085000101", "LC02")


@pytest.mark.parametrize(
    "serial",
    [
        "31110.708333333332",  # midnight of Hanoi in UTC
        "31110.99537037037",  # midnight less 400 seconds: the local mean time of 1900
        "31110.999502314815",
        "31111.9999",
        "31110.875",  # midnight of Tokyo, Seoul and of no zone in particular
        "31111.25",
        "31111.5",
    ],
)
@pytest.mark.parametrize("epoch", ["", '<workbookPr date1904="1"/>'])
async def test_a_date_with_a_time_of_day_is_refused(read: Any, serial: str, epoch: str) -> None:
    body = roster_xlsx(
        person(born=number(serial, DATE)), person(since=number(serial, DATE)), properties=epoch
    )
    items = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER)
    assert [codes_of(item) for item in items] == [["date_has_time"]] * 2


async def test_a_whole_day_that_a_float_missed_by_a_hair_is_that_day(read: Any) -> None:
    for serial in ("31111.0000000001", "31110.9999999999"):
        item = await only(read, roster_xlsx(person(born=number(serial, DATE))))
        assert item.value["birth_date"] == "1985-03-05"


@pytest.mark.parametrize("year", ["2018", "1985", "2200", "1900"])
async def test_a_bare_year_in_a_date_cell_is_refused(read: Any, year: str) -> None:
    body = roster_xlsx(
        person(born=number(year, DATE)),
        person(since=number(year, DATE)),
        person(since=number(year)),
    )
    items = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER)
    assert [codes_of(item) for item in items] == [["date_is_year"]] * 3


async def test_a_bare_year_of_birth_in_a_plain_cell_is_a_year(read: Any) -> None:
    item = await only(read, roster_xlsx(person(born=number("1985"))))
    assert item.value["birth_date"] == "1985"


@pytest.mark.parametrize("serial", ["-1", "0", "60", "999999", "1E+12", "1e400", "nan"])
async def test_serials_of_no_day_are_refused(read: Any, serial: str) -> None:
    item = await only(read, roster_xlsx(person(since=number(serial, DATE))))
    assert codes_of(item)[0] in {"date_out_of_range", "date_invalid", "not_number"}


@pytest.mark.parametrize(
    "formula",
    [
        "<c ><f>A1&amp;B1</f><v/></c>",
        "<c ><f>A1&amp;B1</f></c>",
        '<c t="str"><f>A1&amp;B1</f></c>',
        '<c ><f t="shared" si="0"/><v></v></c>',
        '<c ><f t="array" ref="C2:C2">A1:A2</f></c>',
    ],
)
@pytest.mark.parametrize("field", ["citizen", "name", "sex", "since", "until"])
async def test_a_formula_never_calculated_refuses_its_row(
    read: Any, formula: str, field: str
) -> None:
    item = await only(read, roster_xlsx(person(**{field: formula})))
    assert codes_of(item) == ["formula_not_calculated"]
    assert "Excel" in item.issues[0].message_vi


async def test_a_formula_that_comes_to_nothing_is_an_empty_cell(read: Any) -> None:
    empty = '<c t="str"><f>IF(A1="","",A1)</f><v></v></c>'
    item = await only(read, roster_xlsx(person(until=empty)))
    assert "valid_to" not in item.value["assignments"][0]


async def test_formulas_of_a_file_that_asks_to_be_calculated_are_not_believed(read: Any) -> None:
    formula = "<c ><f>DATE(2024,12,31)</f><v>0</v></c>"
    ask = '<calcPr fullCalcOnLoad="1"/>'
    item = await only(read, roster_xlsx(person(until=formula), calculation=ask))
    assert codes_of(item) == ["formula_not_calculated"]


async def test_all_cells_of_an_array_formula_never_calculated_are_refused(read: Any) -> None:
    first = '<c ><f t="array" ref="J2:J3">K1:K2</f></c>'
    body = roster_xlsx(person(until=first), person(until="<c />"))
    items = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER)
    assert [codes_of(item) for item in items] == [["formula_not_calculated"]] * 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("V? Th? M?", "characters_lost"),
        ("Nguy?n V?n An", "characters_lost"),
        ("L? Th? H?", "characters_lost"),
        ("#N/A", "cell_error"),
        ("#REF!", "cell_error"),
        ("-", "not_a_name"),
        ("1", "not_a_name"),
        ("...", "not_a_name"),
        ("<b>An</b>", "not_a_name"),
        ("Nguyễn Văn \U0001f600", "not_a_name"),
        ("Nguyễn Văn \u20ab", "not_a_name"),
        ("Nguyễn Văn \u0410n", "foreign_letter"),
        ("Nguy\u1ec5n V\u0103n \u0391n", "foreign_letter"),
        ("NguyÃ¡Â»â€¦n VÃ„Æ’n HÃƒÂ¹ng", "utf8_misread"),
        ("Nguyá»…n VÄƒn HÃ¹ng", "utf8_misread"),
        ("Ä\x90áº·ng Thá»‹ Thá»§y", "utf8_misread"),
        ("\u202aNguyễn Văn An\u202c", "invisible_character"),
        ("Nguyễn Văn\u200b An", "invisible_character"),
        ("Nguyễn Văn An\ufeff", "invisible_character"),
        ("Nguyễn Văn\u2066 An\u2069", "invisible_character"),
        ("Nguyễn Văn\ufe0f An", "invisible_character"),
        ("Nguyễn Văn An\u180e", "invisible_character"),
        ("Nguyễn Văn\u00ad An", "invisible_character"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_name_that_is_no_name_is_refused(
    read: Any, name: str, code: str, form: str
) -> None:
    row = person(name=name)
    body, media = (
        (roster_csv(row), "text/csv") if form == "csv" else (roster_xlsx(row), XLSX_MEDIA_TYPE)
    )
    if "\x90" in name and form == "xlsx":
        pytest.skip("XML holds no control characters")
    item = await only(read, body, media)
    assert codes_of(item) == [code]
    assert item.issues[0].pointer == "/full_name"


async def test_the_refusal_of_an_invisible_character_says_where_it_stands(read: Any) -> None:
    item = await only(read, roster_xlsx(person(name="Nguyễn\u200b An")))
    assert "thứ 7 (U+200B)" in item.issues[0].message_vi
    assert "Character 7 (U+200B)" in item.issues[0].message_en


async def test_the_refusal_of_text_read_in_a_wrong_page_does_not_advise_tcvn3(read: Any) -> None:
    item = await only(read, roster_csv(person(name="Nguyá»…n VÄƒn HÃ¹ng")), "text/csv")
    assert "tcvn3" not in (item.issues[0].message_vi + item.issues[0].message_en).lower()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Nguyễn\u00a0Văn  An", "Nguyễn Văn An"),
        ("Nguyễn Văn\u2028An", "Nguyễn Văn An"),
        ("\u0110a\u0323\u0306ng Thi\u0323 Thuy\u0309", "Đặng Thị Thuỷ"),
        ("\u00d0\u1eb7ng Văn \u00f0ức", "Đặng Văn đức"),
        ("\u0189\u1eb7ng Văn \u0256ức", "Đặng Văn đức"),
        ("Nguy&#7877;n V&#259;n &#272;&#7913;c", "Nguyễn Văn Đức"),
        ("H'Hen Niê", "H'Hen Niê"),
        ("Y Ngông Niê Kdăm", "Y Ngông Niê Kdăm"),
        ("Jean-François Müller", "Jean-François Müller"),
        ("XÃ\u00a0NAM", "XÃ NAM"),
    ],
)
async def test_a_name_is_kept_as_it_is_meant(read: Any, name: str, kept: str) -> None:
    for body, media in (
        (roster_xlsx(person(name=name)), XLSX_MEDIA_TYPE),
        (roster_csv(person(name=name)), "text/csv"),
    ):
        if media == "text/csv" and "\u2028" in name:
            continue
        item = await only(read, body, media)
        assert item.value["full_name"] == kept


async def test_invisible_characters_of_codes_numbers_and_dates_are_taken_out_and_told(
    read: Any,
) -> None:
    row = person(
        code="\u202aLC17\u202c", citizen="\u202a038085000401\u202c", agency="LAB.A\u200b",
        born="\u202a05/03/1985\u202c",
    )  # fmt: skip
    item = await only(read, roster_xlsx(row))
    assert (item.value["official_code"], item.value["citizen_id"]) == ("LC17", "038085000401")
    assert item.value["assignments"][0]["agency_code"] == "LAB.A"
    assert item.value["birth_date"] == "1985-03-05"
    assert [one.code for one in item.warnings] == ["invisible_removed"] * 4


@pytest.mark.parametrize("field", ["code", "agency"])
async def test_a_letter_of_another_script_in_a_code_is_named(read: Any, field: str) -> None:
    item = await only(read, roster_xlsx(person(**{field: "L\u0410B.A"})))
    assert codes_of(item) == ["foreign_letter"]
    assert "Kirin" in item.issues[0].message_vi


@pytest.mark.parametrize("written", ["nay", "đến nay", "-", "31/12/9999", "Hiện nay"])
async def test_a_last_day_that_is_open_gives_none(read: Any, written: str) -> None:
    item = await only(read, roster_csv(person(until=written)), "text/csv")
    assert isinstance(item, Row)
    assert "valid_to" not in item.value["assignments"][0]


async def test_an_open_word_is_no_first_day(read: Any) -> None:
    item = await only(read, roster_csv(person(since="nay")), "text/csv")
    assert codes_of(item) == ["date_invalid"]


@pytest.mark.parametrize("written", ["Không thời hạn", "Vô thời hạn", "31/12/9999"])
async def test_a_paper_without_end_has_no_last_day(read: Any, written: str) -> None:
    head = [
        "Số CCCD",
        "Họ và tên",
        "Ngày sinh",
        "Loại minh chứng",
        "Ngoại ngữ (mã)",
        "Ngày cấp",
        "Ngày hết hạn",
    ]
    row = [
        "038085009201",
        "Nguyễn Văn An",
        "05/03/1985",
        "Chứng chỉ VSTEP",
        "en",
        "10/02/2025",
        written,
    ]
    item = await only(read, by_hand({"A": [head, row]}), sheet=EVIDENCE_SHEET)
    assert "expires_on" not in item.value


@pytest.mark.parametrize(
    ("score", "code"),
    [
        (number("46148", DATE), "text_became_date"),
        ("06-Thg5", "text_became_date"),
        ("6-May", "text_became_date"),
        ("06/05/2026", "text_became_date"),
        ("6.5đ", "not_number"),
        ("6;5", "not_number"),
        ("6.500", "number_ambiguous"),
        ("1,990", "number_ambiguous"),
        ("Vắng", "not_number"),
        (error("#DIV/0!"), "cell_error"),
    ],
)
async def test_a_score_that_became_something_else_is_refused(
    read: Any, score: str, code: str
) -> None:
    body = by_hand({"A": [RESULT_HEAD, result(listening=score)]})
    item = await only(read, body, sheet=RESULT_SHEET)
    assert codes_of(item) == [code]
    assert (
        code != "text_became_date" or "Excel đã đổi ô này thành ngày" in item.issues[0].message_vi
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("written", ["25E001", "007E1", "12E3456", "2026E11"])
async def test_codes_with_an_e_among_digits_stay_codes(read: Any, form: str, written: str) -> None:
    row = result(session=written, candidate=written)
    body = by_hand({"A": [RESULT_HEAD, row]})
    if form == "csv":
        body = "\n".join(
            ";".join(cell or "" for cell in line) for line in (RESULT_HEAD, row)
        ).encode()
    media = "text/csv" if form == "csv" else XLSX_MEDIA_TYPE
    item = await only(read, body, media, sheet=RESULT_SHEET)
    assert (item.value["exam_session"]["code"], item.value["candidate"]["number"]) == (written,) * 2


@pytest.mark.parametrize("written", ["1,23E+11", "3.8085E+10", "1E+05", "1.2e+11"])
async def test_what_excel_writes_of_a_long_number_is_refused(read: Any, written: str) -> None:
    for cell in (result(candidate=written), result(session=written)):
        item = await only(read, by_hand({"A": [RESULT_HEAD, cell]}), sheet=RESULT_SHEET)
        assert codes_of(item) == ["precision_lost"]


@pytest.mark.parametrize("written", ["Oct-26", "Thg10-26", "01-Oct", "1-Thg2"])
async def test_a_session_that_became_a_month_is_refused(read: Any, written: str) -> None:
    for row in (result(session=written), result(candidate=written)):
        item = await only(read, by_hand({"A": [RESULT_HEAD, row]}), sheet=RESULT_SHEET)
        assert codes_of(item) == ["text_became_date"]


async def test_a_code_that_became_a_decimal_is_refused(read: Any) -> None:
    item = await only(
        read, by_hand({"A": [RESULT_HEAD, result(candidate="1.0")]}), sheet=RESULT_SHEET
    )
    assert codes_of(item) == ["code_became_decimal"]


def test_no_example_of_a_template_can_become_a_date_in_excel() -> None:
    session = next(each for each in RESULT_SHEET.columns if each.field == "exam_session/code")
    assert not session.example.replace("-", "").isdigit()


# --- headings over two columns

SPLIT_HEAD = ["STT", *HEAD[:3], None, *HEAD[3:9]]


def split_person(first: str, last: str | None) -> list[str | None]:
    row = person(name=first)[:9]
    return [number("1"), *row[:3], last, *row[3:]]


@pytest.mark.parametrize("merges", [["E1:F1"], ["D1:E1"], []])
async def test_a_name_under_one_heading_over_two_columns_is_read_whole(
    read: Any, merges: list[str]
) -> None:
    body = by_hand(
        {"A": [SPLIT_HEAD, split_person("Nguyễn Văn", "An"), split_person("Lê Thị Bình", None)]},
        merges=merges,
    )
    rows = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER)
    assert [row.value["full_name"] for row in rows] == ["Nguyễn Văn An", "Lê Thị Bình"]


async def test_a_name_beside_a_blank_heading_of_a_csv_is_read_whole(read: Any) -> None:
    row = split_person("Nguyễn Văn", "An")
    row[0] = "1"
    body = "\n".join(",".join(cell or "" for cell in line) for line in (SPLIT_HEAD, row)).encode()
    item = await only(read, body, "text/csv")
    assert item.value["full_name"] == "Nguyễn Văn An"


@pytest.mark.parametrize("beside", ["x", "Nữ", "05/03/1985", "2", "ghi chú: nghỉ hưu"])
async def test_what_stands_beside_a_name_and_is_none_refuses_the_row(
    read: Any, beside: str
) -> None:
    item = await only(read, by_hand({"A": [SPLIT_HEAD, split_person("Nguyễn Văn", beside)]}))
    assert codes_of(item) == ["cell_unheaded"]
    assert "cột E" in item.issues[0].message_vi


async def test_birth_dates_in_a_column_for_each_sex_are_refused_not_dropped(read: Any) -> None:
    head = [*HEAD[:4], None, *HEAD[5:9]]
    man = [*person()[:4], None, *person()[5:9]]
    woman = [*person()[:3], None, "05/03/1985", *person()[5:9]]
    body = by_hand({"A": [head, man, woman]}, merges=["D1:E1"])
    one, two = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER)
    assert one.value["birth_date"] == "1985-03-05"
    assert "cell_unheaded" in codes_of(two)


async def test_a_column_with_data_and_no_heading_is_told(read: Any) -> None:
    body = by_hand(
        {"A": [HEAD[:9], [*person()[:9], None, "quan trọng"], [*person()[:9], None, "x"]]}
    )
    items = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER)
    told = [item.issue for item in items if isinstance(item, Notice)]
    assert [(one.code, "K" in one.message_vi) for one in told] == [("column_unheaded", True)]


# --- columns of dates that a US Excel swapped


def swapped(*cells: str) -> bytes:
    return roster_xlsx(*[person(born=cell) for cell in cells])


async def test_a_column_whose_date_cells_are_early_and_texts_late_is_refused(read: Any) -> None:
    cells = [number("31170", DATE), "25/12/1985", number("31353", DATE), "30/04/1985"]
    items = await read(swapped(*cells), XLSX_MEDIA_TYPE, sheet=ROSTER)
    assert [codes_of(item) for item in items] == [["date_column_swapped"]] * 4
    assert "đảo ngày" in items[0].issues[0].message_vi


@pytest.mark.parametrize(
    "cells",
    [
        [number("31170", DATE), number("31406", DATE), "25/12/1985"],  # 25 December is a date cell
        [number("31170", DATE), "05/03/1985", "25/12/1985"],  # 5 March stayed text
        [number("31170", DATE), number("31353", DATE)],
        ["25/12/1985", "30/04/1985"],
    ],
)
async def test_columns_that_nothing_speaks_against_are_read(
    read: Any, cells: Sequence[str]
) -> None:
    items = await read(swapped(*cells), XLSX_MEDIA_TYPE, sheet=ROSTER)
    assert all(isinstance(item, Row) for item in items)


# --- files of fonts before Unicode

LEGACY_ROW = person(name="NguyÔn ThÞ Hång V©n")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_file_that_looks_like_a_legacy_font_is_held_whole(read: Any, form: str) -> None:
    rows = (LEGACY_ROW, person(name="An"))
    body, media = (
        (roster_csv(*rows), "text/csv") if form == "csv" else (roster_xlsx(*rows), XLSX_MEDIA_TYPE)
    )
    seen: list[Any] = []
    with pytest.raises(LegacyTextHeld) as held:
        seen += await read(body, media, sheet=ROSTER)
    assert not seen
    assert "encoding=tcvn3" in held.value.detail_vi
    assert "encoding=unicode" in held.value.detail_en


async def test_a_named_encoding_or_an_insisting_sender_frees_a_held_file(read: Any) -> None:
    body = roster_csv(LEGACY_ROW)
    named = await only(read, body, "text/csv", encoding="tcvn3")
    assert named.value["full_name"] == "Nguyễn Thị Hồng Vân"
    insisted = await only(
        read, roster_csv(person(name="NguyÔn An")), "text/csv", encoding="unicode"
    )
    assert insisted.value["full_name"] == "NguyÔn An"


async def test_one_legacy_row_among_unicode_ones_is_refused_alone(read: Any) -> None:
    rows = [person(name=name) for name in ("Nguyễn Văn Đức", "NguyÔn V¨n A", "Trần Thị Mỹ")]
    items = await read(roster_csv(*rows), "text/csv", sheet=ROSTER)
    assert [codes_of(item) for item in items] == [[], ["legacy_encoding_suspected"], []]


async def test_legacy_rows_after_the_first_ones_are_refused(read: Any) -> None:
    rows = [person(name="Nguyễn Văn Đức")] * 900 + [LEGACY_ROW] * 3
    items = await read(roster_csv(*rows), "text/csv", sheet=ROSTER)
    assert [codes_of(item) for item in items[900:]] == [["legacy_encoding_suspected"]] * 3


async def test_each_cell_is_read_by_its_font(read: Any) -> None:
    fonts = [".VnTime", "Times New Roman", ".VnTimeH"]
    body = roster_xlsx(
        person(name=text("NguyÔn V¨n Hïng", 2), title=text("Chuyên viên", 3)),
        person(name=text("Lê Nam", 3)),
        person(name=text("NGUYÔN V¡N HïNG", 4)),
        person(name=text("Trần Văn Đức", 2)),
        person(name=text("NguyÔn V¨n Hïng", 3)),
        fonts=fonts,
    )
    *good, bad = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER, encoding="tcvn3")
    names = ["Nguyễn Văn Hùng", "Lê Nam", "NGUYỄN VĂN HÙNG", "Trần Văn Đức"]
    assert [row.value["full_name"] for row in good] == names
    assert good[0].value["assignments"][0]["position_title"] == "Chuyên viên"
    assert codes_of(bad) == ["font_contradicts_text"]


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "inline"])
async def test_each_part_of_a_cell_is_read_by_its_font(
    read: Any, roster: Any, shared: bool
) -> None:
    """Half a name typed anew in Times New Roman."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": not shared})
    old, new = (book.add_format({"font_name": name}) for name in (".VnTime", "Times New Roman"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Mã CBCCVC", "Họ và tên"])
    for line, parts in enumerate(
        [
            (old, "NguyÔn V¨n ", new, "Hồng Vân", old),
            (new, "Lê Thị ", old, "Hïng", new),
            ("Lê ", old, "V¨n", new, " Nam", new),
        ],
        start=1,
    ):
        sheet.write_string(line, 0, str(line))
        assert sheet.write_rich_string(line, 1, *parts) == 0
    book.close()
    body = target.getvalue()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert (b"<is><r>" in archive.read("xl/worksheets/sheet1.xml")) is not shared
    items = await read(body, XLSX_MEDIA_TYPE, sheet=roster, encoding="tcvn3")
    assert [item.value["full_name"] for item in items] == [
        "Nguyễn Văn Hồng Vân",
        "Lê Thị Hùng",
        "Lê Văn Nam",
    ]


# --- files that are not quite what they are called


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("piece", [7, 65_536])
async def test_lines_end_as_in_any_system(read: Any, end: str, piece: int) -> None:
    body = roster_csv(person(), person(code="LC2")).replace(b"\n", end.encode())
    rows = await read(body, "text/csv", sheet=ROSTER, piece=piece)
    assert [(row.value["official_code"], row.place) for row in rows] == [("LC1", 2), ("LC2", 3)]


async def test_the_delimiter_is_that_of_the_headings(read: Any) -> None:
    title = "Phó Giám đốc, Bí thư, Chủ tịch, Trưởng ban, Ủy viên, Tổ trưởng, Tổ phó, Thư ký, Kế toán, Thủ quỹ, Khác"
    item = await only(read, roster_csv(person(title=title), separator=";"), "text/csv")
    assert item.value["assignments"][0]["position_title"] == title


@pytest.mark.parametrize(
    "media", ["text/plain", "text/csv", "text/tab-separated-values", "application/vnd.ms-excel"]
)
async def test_unicode_text_of_excel_is_read_whatever_it_is_called(read: Any, media: str) -> None:
    body = roster_csv(person(), separator="\t").decode().replace("\n", "\r\n").encode("utf-16")
    item = await only(read, body, media)
    assert item.value["full_name"] == "Nguyễn Văn An"


async def test_content_decides_between_csv_and_workbook(read: Any) -> None:
    for media in (
        "text/csv",
        "application/vnd.ms-excel",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
    ):
        assert isinstance(await only(read, roster_xlsx(person()), media), Row)
    assert isinstance(await only(read, roster_csv(person()), XLSX_MEDIA_TYPE), Row)


@pytest.mark.parametrize("separator", ["/", "\\"])
@pytest.mark.parametrize("main", ["xl/workbook.xml", "xl/workbook2.xml", "book/main.xml"])
async def test_a_workbook_of_another_writer_is_read(read: Any, main: str, separator: str) -> None:
    body = roster_xlsx(person(born=number("31111", DATE)), main=main, separator=separator)
    item = await only(read, body)
    assert item.value["birth_date"] == "1985-03-05"


def package(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            package(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
            "OpenDocument (.ods)",
        ),
        (package(**{"xl/workbook.bin": b"x"}), "Excel Binary (.xlsb)"),
        (package(**{"word/document.xml": b"x"}), "Word (.docx)"),
        (b"<!DOCTYPE html>\n<html><table>", "HTML"),
        (b"\xef\xbb\xbf <table><tr><td>", "HTML"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "Excel XML 2003",
        ),
        (b"%PDF-1.7", "PDF"),
    ],
)
@pytest.mark.parametrize("media", [XLSX_MEDIA_TYPE, "text/csv"])
async def test_another_format_is_named_with_the_way_out(
    read: Any, body: bytes, name: str, media: str
) -> None:
    with pytest.raises(SpreadsheetOfAnotherFormat) as refused:
        await read(body, media, sheet=ROSTER)
    assert name in refused.value.detail_vi
    assert "Lưu thành › Excel Workbook (.xlsx)" in refused.value.detail_vi


async def test_excel_of_the_nineties_is_named(read: Any) -> None:
    with pytest.raises(OldSpreadsheetFormat) as refused:
        await read(
            b"\x09\x08\x08\x00\x00\x05" + bytes(100), "application/vnd.ms-excel", sheet=ROSTER
        )
    assert "Lưu thành › Excel Workbook (.xlsx)" in refused.value.detail_vi


async def test_headings_as_real_rosters_have_them_are_known(read: Any) -> None:
    head = ["Mã NV", "Số CMND/CCCD", "Họ và tên / Full name", "Ngày sinh", "GT", "Mã cơ quan", "Đối tượng",
            "Chức danh", "Ngày bổ nhiệm"]  # fmt: skip
    item = await only(read, by_hand({"A": [head, person()[:9]]}))
    assert item.value["official_code"] == "LC1"
    assert item.value["full_name"] == "Nguyễn Văn An"
    assert item.value["assignments"][0]["valid_from"] == "2018-09-01"


async def test_a_heading_near_to_a_column_is_answered_with_that_column(read: Any) -> None:
    body = by_hand({"A": [[*HEAD[:9], "Đến ngầyy"], person(until="31/12/2030")]})
    items = await read(body, XLSX_MEDIA_TYPE, sheet=ROSTER)
    (near,) = [item.issue for item in items if isinstance(item, Notice)]
    assert near.code == "column_unknown_near"
    assert "“Đến ngày”" in near.message_vi
